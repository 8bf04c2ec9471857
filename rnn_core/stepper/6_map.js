// The map: every unit of a lane over time on one canvas, the text above it coloured by one unit.
// One moment for all: pointing at the map or the text moves the drawing too, and the other way round.

const MAP_ROW = { least: 1, most: 14, height: 260 };

class UnitMap {
  // `act`: { go(t), pick(unit), show(name) }
  constructor(root, act) {
    this.root = root;
    this.act = act;
  }

  build(reader, strings, state) {
    this.reader = reader;
    const { root } = this;
    const { map } = reader.run;
    root.replaceChildren();
    root.hidden = !map;
    if (!map) return;
    this.strings = strings;
    this.lane = reader.lanes[map.lane];
    this.text = html("p", { class: "map-text", lang: map.lang ?? "" }, root);
    this.spans = reader.run.columns.map((column, t) => {
      const span = html("span", { "data-t": t, class: "map-char" }, this.text, map.text?.[t] ?? column);
      if (column === "\u21B5") html("br", {}, this.text);
      return span;
    });
    this.guess = html("p", { class: "map-guess" }, root);
    this.guess.hidden = !map.guesses;
    const head = html("div", { class: "map-head" }, root);
    const names = html("span", { class: "switch", role: "group", "aria-label": strings.map_value }, head);
    this.buttons = map.names.map((name) => {
      const button = html("button", { type: "button", "data-map": name }, names);
      symbol(button, `${name}_t`);
      button.addEventListener("click", () => this.act.show(name));
      return button;
    });
    const units = html("span", { class: "pager" }, head);
    const move = (by) => {
      const { order } = map;
      this.act.pick(order[(order.indexOf(this.state.unit) + by + order.length) % order.length]);
    };
    html("button", { type: "button", "aria-label": strings.map_back }, units, "▲").addEventListener("click", () => move(-1));
    this.said = html("span", { class: "map-said" }, units);
    html("button", { type: "button", "aria-label": strings.map_next }, units, "▼").addEventListener("click", () => move(1));
    const box = html("div", { class: "map-box" }, root);
    this.canvas = html("canvas", { role: "img", "aria-label": strings.map_label }, box);
    this.row = html("div", { class: "map-row" }, box);
    this.column = html("div", { class: "map-column" }, box);
    html("p", { class: "notes" }, root, strings.map_note.replace("{units}", map.order.length));
    this.listen(box);
    this.paint(state);
  }

  listen(box) {
    const place = (event) => {
      const edge = this.canvas.getBoundingClientRect();
      const T = this.reader.steps;
      const { order } = this.reader.run.map;
      const t = clamp(Math.floor(((event.clientX - edge.left) / edge.width) * T), 0, T - 1);
      const k = clamp(Math.floor(((event.clientY - edge.top) / edge.height) * order.length), 0, order.length - 1);
      return { t, unit: order[k] };
    };
    let waiting = null;
    const later = (t) => {
      if (waiting === null) window.requestAnimationFrame(() => {
        const wanted = waiting;
        waiting = null;
        this.act.go(wanted);
      });
      waiting = t;
    };
    box.addEventListener("pointermove", (event) => event.pointerType === "mouse" && later(place(event).t));
    box.addEventListener("click", (event) => {
      const { t, unit } = place(event);
      this.act.go(t);
      this.act.pick(unit);
    });
    const charAt = (event) => event.target.closest(".map-char")?.dataset.t;
    this.text.addEventListener("pointerover", (event) => event.pointerType === "mouse" && charAt(event) && later(Number(charAt(event))));
    this.text.addEventListener("click", (event) => charAt(event) && this.act.go(Number(charAt(event))));
  }

  // Colours of canvas and text: only when value or unit change.
  paint(state) {
    const { map } = this.reader.run;
    if (!map) return;
    this.state = state;
    const id = `${map.lane}.${state.value}`;
    const { scale } = this.reader.nodes[id];
    const T = this.reader.steps;
    const H = map.order.length;
    if (this.painted !== `${state.value}`) {
      const [zero, positive, negative, gate] = ["zero", "positive", "negative", "gate"].map((name) => rgb(this.root, name));
      this.canvas.width = T;
      this.canvas.height = H;
      const tall = clamp(MAP_ROW.height / H, MAP_ROW.least, MAP_ROW.most) * H;
      this.canvas.style.height = `${tall}px`;
      const pen = this.canvas.getContext("2d");
      const image = pen.createImageData(T, H);
      map.order.forEach((unit, k) => {
        for (let t = 0; t < T; t++) {
          const [hue, strength] = tint(this.reader.at(id, t, unit), scale, 1);
          const ink = { positive, negative, gate }[hue];
          for (let c = 0; c < 3; c++) image.data[4 * (k * T + t) + c] = zero[c] + (ink[c] - zero[c]) * strength;
          image.data[4 * (k * T + t) + 3] = 255;
        }
      });
      pen.putImageData(image, 0, 0);
      this.painted = `${state.value}`;
    }
    this.spans.forEach((span, t) => paint(span, this.reader.at(id, t, state.unit), scale));
    this.buttons.forEach((button, k) => button.setAttribute("aria-pressed", String(map.names[k] === state.value)));
    this.show(state);
  }

  // The moment: lines over the map, the character in the text, the numbers in words.
  show(state) {
    const { map } = this.reader.run;
    if (!map) return;
    this.state = state;
    const { t, unit, value } = state;
    const T = this.reader.steps;
    const H = map.order.length;
    const k = map.order.indexOf(unit);
    this.column.style.left = `${(100 * t) / T}%`;
    this.column.style.width = `${100 / T}%`;
    this.row.style.top = `${(100 * k) / H}%`;
    this.row.style.height = `${100 / H}%`;
    this.spans.forEach((span, s) => {
      span.classList.toggle("now", s === t);
      span.classList.toggle("future", s > t);
    });
    const id = `${map.lane}.${value}`;
    this.said.replaceChildren();
    this.said.append(`${this.strings.map_unit} ${unit}${map.notes?.[unit] ? ` (${map.notes[unit]})` : ""} · `);
    symbol(this.said, `${value}_{${t + 1}}`);
    this.said.append(` = ${formatted(this.reader.at(id, t, unit), this.reader.nodes[id].scale)}`);
    this.guess.replaceChildren();
    const guesses = map.guesses?.[t];
    if (!guesses) return;
    this.guess.append(`${this.strings.map_guess} `);
    guesses.top.forEach(([symbol_, p]) => {
      const chip = html("span", { class: `map-next${symbol_ === guesses.next ? " right" : ""}` }, this.guess);
      html("b", {}, chip, symbol_);
      chip.append(` ${chance(p)}`);
    });
    if (guesses.next !== null)
      this.guess.append(` ${this.strings.map_actual.replace("{symbol}", guesses.next).replace("{p}", chance(guesses.p)).replace("{rank}", guesses.rank)}`);
  }
}

// Among many characters a small probability counts, too.
function chance(p) {
  return p >= 0.095 || p === 0 ? percent(p) : p >= 0.00095 ? `${(100 * p).toFixed(1)}%` : "<0.1%";
}

// A colour of the theme as three numbers.
function rgb(root, name) {
  const probe = html("span", { style: `color: var(--u-${name})` }, root);
  const plain = plainColour(getComputedStyle(probe).color);
  probe.remove();
  return plain.match(/[\d.]+/g).slice(0, 3).map(Number);
}
