// The meter: what the network would say if the text ended here. A bar of shares for this step, a curve over all steps.

// left and right are also in stepper.css: curve and map share one time axis.
const METER = { height: 120, top: 8, bottom: 22, left: 44, right: 12 };

class Meter {
  // `go(t)` moves the time bar.
  constructor(root, go) {
    this.root = root;
    this.go = go;
    this.watch = new ResizeObserver(() => this.reader?.run.meter && this.drawCurve());
    this.watch.observe(root);
  }

  build(reader, strings, t) {
    this.reader = reader;
    this.strings = strings;
    const { meter } = reader.run;
    this.root.replaceChildren();
    this.root.hidden = !meter;
    if (!meter) return;
    this.bar = html("div", { class: "meter-bar", role: "img" }, this.root);
    this.parts = meter.names.map((name, k) => {
      const place = k === 0 ? "bad" : k === meter.names.length - 1 ? "good" : "neither";
      return html("div", { class: `meter-share ${place}`, title: name }, this.bar);
    });
    const names = html("p", { class: "meter-names" }, this.root); // under the bar: a small share has no room for its name
    meter.names.forEach((name, k) => {
      const item = html("span", { class: this.parts[k].className }, names);
      html("b", {}, item, name);
      item.append(" ");
      html("span", { "data-share": k }, item);
    });
    if (meter.curves.length === 1) {
      const own = html("span", { class: `meter-key curve-${meter.curves[0].kind}` }, names, `${strings.meter_own} `);
      html("output", { "data-curve": 0 }, own);
    } else {
      const legend = html("p", { class: "meter-legend" }, this.root);
      meter.curves.forEach(({ name }, k) => {
        const key = html("span", { class: `meter-key curve-${meter.curves[k].kind}` }, legend, `${name} `);
        html("output", { "data-curve": k }, key);
      });
    }
    this.plot = svg("svg", { class: "meter-plot", role: "img", "aria-label": strings.meter_label }, this.root);
    this.plot.addEventListener("click", (event) => this.go(this.stepAt(event)));
    this.plot.addEventListener("pointermove", (event) => event.buttons === 1 && this.go(this.stepAt(event)));
    html("p", { class: "notes" }, this.root, strings.meter_note);
    this.t = t;
    this.drawCurve();
    this.show(t);
  }

  stepAt(event) {
    const box = this.plot.getBoundingClientRect();
    const share = (event.clientX - box.left - METER.left) / (box.width - METER.left - METER.right);
    return clamp(Math.floor(share * this.reader.steps), 0, this.reader.steps - 1);
  }

  x(t) {
    return METER.left + ((t + 0.5) / this.reader.steps) * (this.width - METER.left - METER.right);
  }

  y(p) {
    return METER.top + (1 - p) * (METER.height - METER.top - METER.bottom);
  }

  drawCurve() {
    const { meter, columns } = this.reader.run;
    this.width = Math.max(240, this.root.clientWidth - 40);
    const { plot, width } = this;
    plot.replaceChildren();
    plot.setAttribute("viewBox", `0 0 ${width} ${METER.height}`);
    plot.setAttribute("width", width);
    plot.setAttribute("height", METER.height);
    for (const p of [0, 0.5, 1]) {
      svg("path", { class: p === 0.5 ? "meter-line half" : "meter-line", d: line(METER.left, this.y(p), width - METER.right, this.y(p)) }, plot);
      svg("text", { class: "meter-tick", x: METER.left - 6, y: this.y(p) + 4, "text-anchor": "end" }, plot, `${100 * p}%`);
    }
    [...meter.curves.entries()].reverse().forEach(([k, { values, kind }]) => {
      const d = values.map((p, t) => `${t ? "L" : "M"}${this.x(t).toFixed(1)} ${this.y(p).toFixed(1)}`).join("");
      svg("path", { class: `meter-curve curve-${kind}${k ? "" : " own"}`, d }, plot);
    });
    this.cursor = svg("path", { class: "meter-cursor" }, plot);
    this.dots = meter.curves.map(({ kind }, k) => svg("circle", { class: `meter-dot curve-${kind}`, r: k ? 3.5 : 5 }, plot));
    this.word = svg("text", { class: "meter-word", y: METER.height - 5 }, plot);
    this.columns = columns;
    this.show(this.t);
  }

  show(t) {
    const { meter } = this.reader?.run ?? {};
    if (!meter || !this.cursor) return;
    this.t = t;
    const shares = meter.shares[t];
    shares.forEach((p, k) => {
      this.parts[k].style.flexGrow = String(Math.max(p, 0.0001));
      this.root.querySelector(`[data-share="${k}"]`).textContent = percent(p);
    });
    this.bar.setAttribute("aria-label", meter.names.map((name, k) => `${name} ${percent(shares[k])}`).join(", "));
    const x = this.x(t);
    this.cursor.setAttribute("d", line(x, METER.top, x, METER.height - METER.bottom));
    meter.curves.forEach(({ values }, k) => {
      this.dots[k].setAttribute("cx", x);
      this.dots[k].setAttribute("cy", this.y(values[t]));
    });
    for (const output of this.root.querySelectorAll("output"))
      output.textContent = percent(meter.curves[output.dataset.curve].values[t]);
    this.word.textContent = this.columns[t];
    this.word.setAttribute("x", clamp(x, METER.left + 20, this.width - 30));
  }
}
