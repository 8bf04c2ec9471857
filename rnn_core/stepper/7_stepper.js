// The component: time bar, canvas and arithmetic, one state object, everything stepped in the browser.
// The server hears of a step never; of an edited weight or a question it alone can answer, once.

const instances = new WeakMap();
const DRAWINGS = ["unrolled", "folded", "box", "lstm_style", "cut"];
const SPEEDS = [0.5, 1, 2, 4];
const WINDOW = 40;

export default function (component) {
  const { parentElement } = component;
  let stepper = instances.get(parentElement);
  if (!stepper) {
    stepper = new Stepper(parentElement, component);
    instances.set(parentElement, stepper);
  }
  stepper.update(component);
  return () => {
    stepper.destroy();
    instances.delete(parentElement);
  };
}

class Stepper {
  constructor(parent, component) {
    this.root = parent.querySelector(".stepper");
    this.part = Object.fromEntries(
      [...this.root.querySelectorAll("[data-part]")].map((node) => [node.dataset.part, node]),
    );
    this.state = { t: null, m: null, grad: "W_hh", drawing: null, depth: "sequence", lane: null, open: null, trail: [], page: {}, speed: 1, playing: false, allTerms: false, touched: false };
    this.map = new UnitMap(this.part.map, {
      go: (t) => (this.pause(), this.go(t)),
      pick: (unit) => this.pickUnit(unit),
      show: (name) => {
        this.state.value = name;
        this.map.paint(this.mapState());
        this.remember();
      },
    });
    this.meter = new Meter(this.part.meter, (t) => (this.pause(), this.go(t)));
    this.attention = new Attention(this.part.attention, {
      go: (t) => (this.pause(), this.go(t)),
      open: (number) => this.openNumber(number),
    });
    this.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    this.listen();
  }

  update(component) {
    this.component = component;
    const source = new TextDecoder().decode(component.data);
    if (source === this.source) {
      this.remember();
      return;
    }
    this.source = source;
    const [data, run] = JSON.parse(source);
    data.run = run;
    const first = this.data === undefined;
    const other = !first && String(data.run.columns) !== String(this.data.run.columns);
    this.data = data;
    this.reader = new RunReader(data.run, data.rows);
    this.strings = data.strings;
    this.root.lang = data.lang;
    this.root.classList.toggle("compact", Boolean(data.options.compact));
    if (first) this.restore();
    else this.keepUnit();
    if (other && data.run.meter) this.state.m = data.options.start ?? 0; // another text: its own verdict
    this.place(clamp(this.state.m, 0, this.reader.moments - 1));
    if (this.state.open && !this.exists(this.state.open)) this.state.open = null;
    this.hideVeiled();
    if (this.state.depth === "cell" && !this.reader.lanes[this.state.lane]) this.state.depth = "sequence";
    this.build();
    if (data.options.autoplay && first && !this.calm.matches) this.play(true);
  }

  // A moment is a step on the time bar: forward, and behind that, where there is one, the way back.
  place(m) {
    this.state.m = m;
    this.state.t = this.reader.stepOf(m);
  }

  get isBack() {
    return this.state.m >= this.reader.steps;
  }

  // Whether a number is there and, for a gradient, whether the way back has come to it.
  exists({ id, t, unit, col }) {
    if (id.startsWith("grad.")) {
      if (!this.reader.back || !GRADIENTS.includes(id.slice(5)) || !this.showsGradients) return false;
      const [rows, cols] = this.reader.shapeOf(id.slice(5));
      return this.isBack && t >= 0 && t < this.reader.steps && unit >= 0 && unit < rows && col >= 0 && col < cols;
    }
    if (!this.reader.has(id, t) || !(unit >= 0 && unit < this.reader.size(id))) return false;
    return !this.reader.isDelta(id) || (this.isBack && t >= this.state.t);
  }

  get showsGradients() {
    return Boolean(this.reader.back) && !this.data.options.veil?.nodes?.includes("gradients");
  }

  // What the reader is still asked to predict must not stand open.
  hideVeiled() {
    const { veil } = this.data.options;
    const hidden = (number) => veil?.nodes.includes(number.id) && number.t >= veil.from;
    if (this.state.open && hidden(this.state.open)) this.state.open = null;
    this.state.trail = this.state.trail.filter((number) => !hidden(number));
  }

  destroy() {
    this.pause();
    window.removeEventListener("popstate", this.onPop);
    window.navigation?.removeEventListener("currententrychange", this.onEntry);
    this.resize?.disconnect();
    this.meter.watch.disconnect();
    this.attention.watch.disconnect();
  }

  // --- what the reader sees is in the URL ---------------------------------------------------------

  restore() {
    const { url, options } = this.data;
    const query = new URLSearchParams(url ? window.location.search : "");
    const t = Number(query.get(url?.t));
    this.place(clamp(Number.isInteger(t) && t >= 1 ? t - 1 : (options.start ?? 0), 0, this.reader.moments - 1));
    const drawing = query.get(url?.draw);
    this.state.drawing = this.drawings.includes(drawing) && !this.reader.back ? drawing : options.drawing;
    const grad = query.get(url?.grad);
    this.state.grad = GRADIENTS.includes(grad) ? grad : "W_hh";
    const { map } = this.data.run;
    const unit = Number(query.get(url?.unit) ?? NaN);
    this.sorted = map?.sorted;
    this.state.unit = map ? (map.order.includes(unit) ? unit : map.order[0]) : null;
    this.state.value = map ? (map.names.includes(query.get(url?.value)) ? query.get(url.value) : map.names[0]) : null;
    const [cell, number] = (query.get(url?.open) ?? "").split("/");
    const lane = this.reader.lanes[cell];
    this.state.depth = lane && this.state.t >= lane.from && this.state.t < lane.to ? "cell" : "sequence";
    this.state.lane = lane ? cell : null;
    this.state.open = null;
    const open = (number ?? "").split("~");
    if (open.length >= 3 && (open[0] in this.reader.nodes || open[0].startsWith("grad."))) {
      const wanted = { id: open[0], t: Number(open[1]) - 1, unit: Number(open[2]), ...(open.length > 3 && { col: Number(open[3]) }) };
      if (this.exists(wanted)) this.state.open = wanted;
    }
  }

  remember() {
    const { url, options } = this.data;
    if (!url) return;
    const here = new URL(window.location.href);
    const { m, drawing, depth, lane, open } = this.state;
    const put = (key, value) => (value === null ? here.searchParams.delete(key) : here.searchParams.set(key, value));
    put(url.t, m === (options.start ?? 0) ? null : m + 1);
    put(url.draw, drawing === options.drawing ? null : drawing);
    const where = depth === "cell" ? lane : "";
    const number = open ? `${open.id}~${open.t + 1}~${open.unit}${open.col === undefined ? "" : `~${open.col}`}` : "";
    const { map } = this.data.run;
    if (map && url.unit) put(url.unit, this.state.unit === map.order[0] ? null : this.state.unit);
    if (map && url.value) put(url.value, this.state.value === map.names[0] ? null : this.state.value);
    if (url.grad) put(url.grad, this.state.grad === "W_hh" ? null : this.state.grad);
    put(url.open, where || number ? `${where}/${number}` : null);
    if (here.href !== window.location.href) window.history.replaceState(window.history.state, "", here);
  }

  // --- building -----------------------------------------------------------------------------------

  build() {
    this.part.download.textContent = this.strings.download;
    this.part.scroll.setAttribute("aria-label", this.strings.canvas);
    this.buildBar();
    this.buildTools();
    this.draw();
    this.map.painted = null;
    this.map.build(this.reader, this.strings, this.mapState());
    this.meter.build(this.reader, this.strings, this.state.t);
    this.attention.build(this.reader, this.strings, this.state.t);
  }

  // Another run, or the same one sorted otherwise: what was chosen stays if it is still there.
  keepUnit() {
    const { map } = this.data.run;
    if (!map) return;
    if (!map.order.includes(this.state.unit) || map.sorted !== this.sorted) {
      this.state.unit = map.order[0];
      this.state.page.units = 0;
    }
    if (!map.names.includes(this.state.value)) this.state.value = map.names[0];
    this.sorted = map.sorted;
  }

  mapState() {
    const { t, unit, value } = this.state;
    return { t, unit, value };
  }

  // The unit that colours the text; the drawing turns to the page where it stands.
  pickUnit(unit) {
    this.state.unit = unit;
    const { map } = this.data.run;
    const [first, last] = this.current.window(`${map.lane}.h`);
    const k = map.order.indexOf(unit);
    if (k < first || k >= last) {
      this.state.page.units = Math.floor(k / (last - first));
      this.draw();
    }
    this.map.paint(this.mapState());
    this.remember();
  }

  buildBar() {
    const { chips } = this.part;
    chips.replaceChildren();
    chips.setAttribute("aria-label", this.strings.time_bar);
    const { columns, phases, backward } = this.data.run;
    this.chips = [...Array(this.reader.moments).keys()].map((m) => {
      const t = this.reader.stepOf(m);
      const phase = m < columns.length && phases.find((p) => t >= p.from && t < p.to);
      if (phase && phase.from === t) html("span", { class: "phase" }, chips, phase.name);
      if (backward && m === 0) html("span", { class: "phase" }, chips, `${this.strings.forward} →`);
      if (m === columns.length) html("span", { class: "phase back" }, chips, `${this.strings.backward} ←`);
      const chip = html("button", { type: "button", class: `chip-t${m < columns.length ? "" : " back"}`, "data-t": m, tabindex: -1 }, chips);
      html("small", {}, chip, `t=${t + 1}`);
      html("bdi", {}, chip, columns[t]);
      return chip;
    });
  }

  buildTools() {
    const S = this.strings;
    const { tools } = this.part;
    tools.replaceChildren();
    if (this.data.options.compact) return;
    const keys = html("span", { class: "keys" }, tools);
    const button = (parent, act, text, label) => {
      const made = html("button", { type: "button", "data-act": act, "aria-label": label, title: label }, parent, text);
      made.addEventListener("click", () => this.act(act));
      return made;
    };
    button(keys, "back", "←", S.back);
    button(keys, "next", "→", S.next);
    this.playButton = button(keys, "play", S.play, S.play_label);
    this.speedButton = button(keys, "speed", `×${this.state.speed}`, S.speed);
    this.pagers = null;
    this.drawingButtons = [];
    if (this.reader.back) return void (this.pagers = html("span", { class: "pagers" }, tools));
    const switcher = html("span", { class: "switch", role: "group", "aria-label": S.drawing }, tools);
    this.drawingButtons = this.drawings.map((name) => {
      const made = button(switcher, `draw:${name}`, null, S[`draw_${name}`]);
      symbol(made, S[`draw_${name}`]);
      return [name, made];
    });
    this.pagers = html("span", { class: "pagers" }, tools);
  }

  // Between an encoder and a decoder with all its stages there is no room for a box in front of the state.
  get drawings() {
    const { attention, lanes } = this.data.run;
    return attention ? DRAWINGS.slice(0, 2) : DRAWINGS.filter((name) => name !== "cut" || lanes.some((lane) => lane.cut));
  }

  view() {
    const narrow = this.root.clientWidth > 0 && this.root.clientWidth < 560;
    const { options } = this.data;
    const lanes = this.data.run.lanes.length;
    const maxUnits = this.state.depth === "cell" ? 6 : this.data.run.attention ? 3 : options.compact ? 4 : lanes > 1 ? 4 : 8;
    const maxSymbols = 8;
    const veil = options.veil ?? {};
    return {
      strings: this.strings,
      maxSymbols,
      narrow,
      room: this.part.scroll.clientWidth,
      barWidth: 0,
      editable: Boolean(options.editable),
      before: options.before,
      allTerms: this.state.allTerms,
      cutLabel: (shown, n) => this.strings.cut.replace("{shown}", shown).replace("{all}", n),
      veiled: (id, t) => veil.nodes?.includes(id) && t >= veil.from,
      units: (id, t) => {
        const { attention } = this.data.run;
        if (attention && (id === "y" || id === "p")) return attention.ranked[(t ?? attention.target[0]) - attention.target[0]];
        const [first, last] = this.current.window(id);
        const { map } = this.data.run;
        const all = map && this.reader.nodes[id].lane === map.lane ? map.order : null;
        return [...Array(last - first).keys()].map((k) => all?.[first + k] ?? first + k);
      },
      window: (id) => {
        const n = this.reader.size(id);
        const group = this.reader.nodes[id].units ? "symbols" : "units";
        const size = Math.min(n, group === "symbols" ? (n <= 12 ? 12 : maxSymbols) : maxUnits);
        const first = clamp((this.state.page[group] ?? 0) * size, 0, n - size);
        return [first, first + size];
      },
    };
  }

  draw() {
    const { canvas, scroll } = this.part;
    const { state } = this;
    canvas.replaceChildren();
    const defs = svg("defs", {}, canvas);
    const head = svg("marker", { id: "u-head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" }, defs);
    svg("path", { d: "M0 0L10 5L0 10z" }, head);
    this.current = this.view();
    this.reader.cut = state.drawing === "cut";
    if (state.depth === "cell") {
      drawCell(canvas, this.reader, this.current, this.reader.lanes[state.lane], state.t);
      this.fit(canvas);
      this.layout = null;
    } else {
      const shown = this.shownColumns();
      this.layout = drawSequence(canvas, this.reader, this.current, state.drawing, shown);
      this.layout.shown = shown;
      this.fit(canvas, 0.86);
    }
    scroll.dataset.depth = state.depth === "cell" ? "cell" : state.drawing;
    this.part.crumbs.hidden = state.depth !== "cell";
    if (state.depth === "cell") {
      this.part.crumbs.textContent = `← ${this.strings.whole_sequence}`;
    }
    this.buildPagers();
    this.buildTable();
    this.show(false);
    this.fade();
  }

  // What is a little too wide is shrunk rather than cut off; what is much too wide scrolls (an opened cell does both).
  fit(canvas, least = null) {
    const [, , width, height] = canvas.getAttribute("viewBox").split(" ").map(Number);
    const room = (this.part.scroll.clientWidth - (least ? 0 : 24)) / width;
    const scale = least === null ? clamp(room, 0.78, 1) : room >= least ? Math.min(room, 1) : 1;
    canvas.style.width = `${width * scale}px`;
    canvas.style.height = `${height * scale}px`;
  }

  shownColumns() {
    const n = this.reader.steps;
    if (this.state.drawing === "folded") return [this.state.t];
    if (n <= WINDOW) return [...Array(n).keys()];
    const first = clamp(this.state.t - WINDOW / 2, 0, n - WINDOW);
    return [...Array(WINDOW).keys()].map((k) => k + first);
  }

  buildPagers() {
    if (!this.pagers) return;
    this.pagers.replaceChildren();
    const groups = new Map();
    for (const [id, node] of Object.entries(this.reader.nodes)) {
      const group = node.units ? "symbols" : "units";
      const n = this.reader.size(id);
      if (node.scale === "onehot" && n > this.current.maxSymbols) continue;
      const [first, last] = this.current.window(id);
      if (last - first < n) groups.set(group, [first, last, Math.max(n, groups.get(group)?.[2] ?? 0)]);
    }
    for (const [group, [first, last, n]] of groups) {
      const box = html("span", { class: "pager" }, this.pagers);
      const move = (by) => {
        const pages = Math.ceil(n / (last - first));
        this.state.page[group] = ((this.state.page[group] ?? 0) + by + pages) % pages;
        this.draw();
      };
      html("button", { type: "button", "aria-label": this.strings.page_back }, box, "▲").addEventListener("click", () => move(-1));
      const { map } = this.data.run;
      const listed = map && group === "units" ? map.order.slice(first, last).join(", ") : `${first}–${last - 1} / ${n}`;
      html("span", {}, box, `${map && group === "units" ? this.strings.units_drawn : this.strings[group]} ${listed}`);
      html("button", { type: "button", "aria-label": this.strings.page_next }, box, "▼").addEventListener("click", () => move(1));
    }
  }

  // --- one step: classes, band, panel; nothing is rebuilt that need not be --------------------------

  show(announce = true) {
    const { state, part } = this;
    const { t, m } = state;
    this.chips.forEach((chip, k) => {
      chip.classList.toggle("now", k === m);
      chip.classList.toggle("past", k < m);
      chip.tabIndex = k === m ? 0 : -1;
      if (k === m) chip.setAttribute("aria-current", "step");
      else chip.removeAttribute("aria-current");
    });
    this.keepInView(this.chips[m], part.chips, "x");
    if (this.layout) {
      this.layout.columns.forEach((column, k) => {
        const phase = column.t === t ? "now" : column.t < t || this.isBack ? "past" : "future";
        const reached = this.isBack && column.t >= t;
        column.group.setAttribute("class", `col ${phase}${this.reader.back && !reached ? " no-delta" : ""}`);
        if (phase === "now") {
          const [left, width] = [this.layout.lefts[k], this.layout.widths[k]];
          const band = part.canvas.querySelector(".band");
          band.setAttribute("transform", `translate(${left - 4} 0)`);
          band.setAttribute("width", width - 8);
          this.scrollTo(left, width);
        }
      });
      for (const wire of part.canvas.querySelectorAll(".wires > .arrow")) {
        if (wire.dataset.delta !== undefined) {
          wire.classList.toggle("now", this.isBack && Number(wire.dataset.delta) === t);
          wire.classList.toggle("hidden", !this.isBack || Number(wire.dataset.delta) < t);
          continue;
        }
        const on = wire.dataset.back ? t - Number(wire.dataset.t) : Number(wire.dataset.t) - t;
        wire.classList.toggle("now", on === 0 || on === 1);
        wire.classList.toggle("future", on > 1);
      }
    }
    for (const [name, button] of this.drawingButtons ?? []) {
      const on = state.depth === "sequence" && state.drawing === name;
      button.setAttribute("aria-pressed", String(on));
    }
    if (this.playButton) this.playButton.textContent = state.playing ? this.strings.pause : this.strings.play;
    this.showGradients();
    this.showPanel();
    if (this.map.reader === this.reader) this.map.show(this.mapState());
    if (this.meter.reader === this.reader) this.meter.show(this.state.t);
    if (this.attention.reader === this.reader) this.attention.show(this.state.t, this.state.open);
    if (announce) this.announce();
    this.remember();
  }

  showGradients() {
    const { grads } = this.part;
    grads.hidden = !this.showsGradients || this.state.depth === "cell";
    if (grads.hidden) return void grads.replaceChildren();
    const { grad, t, open } = this.state;
    const focused = grads.getRootNode().activeElement;
    const kept = grads.contains(focused) ? (focused.dataset.act ?? focused.dataset.grad ?? focused.dataset.share) : null;
    drawGradients(grads, this.reader, this.current, { weight: grad, t, back: this.isBack }, open, {
      weight: (name) => {
        this.pause();
        this.state.grad = name;
        if (this.state.open?.id.startsWith("grad.")) this.state.open = null;
        this.show(false);
      },
      open: (row, col) => this.openNumber({ id: `grad.${grad}`, t, unit: row, col }),
      step: (s) => {
        this.pause();
        this.go(2 * this.reader.steps - 1 - s);
      },
    });
    if (kept !== null && kept !== undefined) grads.querySelector(`[data-act="${kept}"], [data-grad="${kept}"], [data-share="${kept}"]`)?.focus({ preventScroll: true });
  }

  showPanel() {
    const { panel, canvas } = this.part;
    const { open } = this.state;
    for (const node of canvas.querySelectorAll(".num.open")) node.classList.remove("open");
    if (!open) {
      panel.hidden = true;
      panel.replaceChildren();
      return;
    }
    panel.hidden = false;
    if (open.col === undefined) canvas.querySelector(`[data-cell="${open.id}:${open.t}:${open.unit}"]`)?.classList.add("open");
    this.current.allTerms = this.state.allTerms;
    drawArithmetic(panel, this.reader, this.current, open, {
      open: (source) => this.openNumber(source, true),
      all: () => {
        this.state.allTerms = true;
        this.showPanel();
      },
      edit: (owner, weight, value) => this.component.setTriggerValue("edit", { owner, weight: weight.name, row: weight.row, col: weight.col ?? null, value }),
      ask: () => this.component.setTriggerValue("ask", { lane: this.reader.nodes[open.id].lane ?? open.id, unit: open.unit }),
      up: () => this.up(),
    });
  }

  announce() {
    const { t } = this.state;
    const { readout } = this.data.run;
    let text = (this.isBack ? this.strings.back_at_step : this.strings.at_step).replace("{t}", t + 1).replace("{symbol}", this.data.run.columns[t]);
    if (readout && !this.isBack && this.reader.has("p", t) && !this.current.veiled("p", t)) {
      const row = this.reader.nodes.p.values[t - this.reader.nodes.p.from];
      const best = row.indexOf(Math.max(...row));
      text += " " + (this.data.run.meter ? this.strings.judges : this.strings.predicts).replace("{symbol}", this.reader.unitName("p", best)).replace("{percent}", formatted(row[best], "prob"));
    }
    const { open } = this.state;
    if (open) text += ` ${this.part.panel.querySelector("h3").textContent} ${this.part.panel.querySelector(".value")?.textContent ?? ""}`;
    this.part.live.textContent = text;
  }

  // A fading edge says that there is more to the right.
  fade() {
    const { scroll } = this.part;
    scroll.classList.toggle("more", scroll.scrollLeft + scroll.clientWidth < scroll.scrollWidth - 4);
  }

  scrollTo(x, width) {
    const { scroll } = this.part;
    if (scroll.scrollWidth <= scroll.clientWidth) return;
    if (x < scroll.scrollLeft + 10 || x + width > scroll.scrollLeft + scroll.clientWidth - 10)
      scroll.scrollTo({ left: x - (scroll.clientWidth - width) / 2, behavior: this.calm.matches || this.state.playing ? "auto" : "smooth" });
  }

  keepInView(node, box) {
    const left = node.offsetLeft - box.offsetLeft;
    if (left < box.scrollLeft || left + node.offsetWidth > box.scrollLeft + box.clientWidth)
      box.scrollLeft = left - box.clientWidth / 2;
  }

  // --- acting ---------------------------------------------------------------------------------------

  go(m) {
    const moment = clamp(m, 0, this.reader.moments - 1);
    if (moment === this.state.m) return;
    const { open } = this.state;
    this.place(moment);
    const next = this.state.t;
    if (open && this.exists({ ...open, t: next })) open.t = next;
    else this.state.open = null;
    const lane = this.reader.lanes[this.state.lane];
    if (this.state.depth === "cell" && (next < lane.from || next >= lane.to)) {
      this.state.depth = "sequence";
      return void (this.draw(), this.announce());
    }
    const rebuilt = this.state.depth === "cell" || this.state.drawing === "folded" || !this.layout?.shown.includes(next);
    if (rebuilt) {
      this.draw();
      this.announce();
    } else this.show();
  }

  // `loop`: round and round until touched.
  play(loop = false) {
    if (this.state.playing) return;
    this.state.playing = true;
    this.loop = loop;
    if (this.state.m === this.reader.moments - 1) this.go(0);
    let delay = this.calm.matches ? 1600 : 1500;
    const tick = () => {
      if (this.state.m === this.reader.moments - 1) {
        if (!this.loop) return this.pause();
        this.go(0);
      } else this.go(this.state.m + 1);
      delay = Math.max(delay * 0.75, 750);
      this.timer = window.setTimeout(tick, (this.loop ? 1300 : delay) / this.state.speed);
    };
    this.timer = window.setTimeout(tick, delay / this.state.speed);
    this.show(false);
  }

  pause() {
    window.clearTimeout(this.timer);
    if (!this.state.playing) return;
    this.state.playing = false;
    this.show(false);
  }

  act(name) {
    if (name !== "play") this.pause();
    if (name === "back") this.go(this.state.m - 1);
    else if (name === "next") this.go(this.state.m + 1);
    else if (name === "first") this.go(0);
    else if (name === "last") this.go(this.reader.moments - 1);
    else if (name === "play") this.state.playing ? this.pause() : this.play();
    else if (name === "speed") {
      this.state.speed = SPEEDS[(SPEEDS.indexOf(this.state.speed) + 1) % SPEEDS.length];
      this.speedButton.textContent = `×${this.state.speed}`;
    } else if (name.startsWith("draw:")) {
      this.state.drawing = name.slice(5);
      this.state.depth = "sequence";
      this.draw();
    }
  }

  openNumber(source, drill = false) {
    this.pause();
    if (this.current.veiled(source.id, source.t)) return;
    if (this.reader.isDelta(source.id) && !(this.isBack && source.t >= this.state.t)) return;
    if (drill && this.state.open) this.state.trail.push({ ...this.state.open });
    else if (!drill) this.state.trail = [];
    this.state.open = { id: source.id, t: source.t, unit: source.unit, ...(source.col !== undefined && { col: source.col }) };
    this.state.allTerms = false;
    const inPanel = this.part.panel.contains(this.part.panel.getRootNode().activeElement);
    if (source.t !== this.state.t) {
      // on the way back a number stays open to what is known at this moment: only a delta moves the moment
      if (!this.isBack) this.place(source.t);
      else if (this.reader.isDelta(source.id)) this.place(2 * this.reader.steps - 1 - source.t);
      if (this.state.depth === "cell" || this.state.drawing === "folded") this.draw();
    }
    this.show();
    const below = part => part.getBoundingClientRect().top > window.innerHeight - 60;
    if (below(this.part.panel)) this.part.panel.scrollIntoView({ block: "nearest", behavior: this.calm.matches ? "auto" : "smooth" });
    // the chip that was pressed is gone; keys must go on working
    if (inPanel) this.part.panel.querySelector("[data-act=up]")?.focus({ preventScroll: true });
  }

  openCell(lane, t = this.state.t) {
    this.pause();
    if (t !== this.state.t) this.go(this.isBack ? 2 * this.reader.steps - 1 - t : t);
    this.state.depth = "cell";
    this.state.lane = lane;
    this.draw();
  }

  // One level up: from a number to the one it explained, to the drawing, to the whole sequence.
  up() {
    this.pause();
    const { state } = this;
    if (state.open) {
      const inPanel = this.part.panel.contains(this.part.panel.getRootNode().activeElement);
      state.open = state.trail.pop() ?? null;
      if (state.open && state.open.t !== state.t && !this.isBack) this.go(state.open.t);
      else this.show();
      if (inPanel) (this.part.panel.querySelector("[data-act=up]") ?? this.part.scroll).focus({ preventScroll: true });
      return;
    }
    if (state.depth === "cell") {
      state.depth = "sequence";
      this.draw();
    }
  }

  // Up and down walk through the numbers of the current column.
  walk(by) {
    const place = (node) => node.getBBox();
    const numbers = [...this.part.canvas.querySelectorAll(".col.now .num[data-cell]")]
      .map((node) => [node, place(node)])
      .sort(([, a], [, b]) => a.y - b.y || a.x - b.x)
      .map(([node]) => node)
      .filter((node) => !this.current.veiled(parseCell(node).id, parseCell(node).t) && this.exists(parseCell(node)));
    if (!numbers.length) return;
    const open = this.state.open && `${this.state.open.id}:${this.state.open.t}:${this.state.open.unit}`;
    const at = numbers.findIndex((node) => node.dataset.cell === open);
    this.openNumber(parseCell(numbers[at < 0 ? (by > 0 ? 0 : numbers.length - 1) : (at + by + numbers.length) % numbers.length]));
  }

  listen() {
    const { root, part } = this;
    root.addEventListener("keydown", (event) => {
      if (event.target.closest("input") || event.altKey || event.ctrlKey || event.metaKey) return;
      const onButton = event.target.closest("button") && !event.target.closest(".chip-t");
      const act = { ArrowLeft: "back", ArrowRight: "next", Home: "first", End: "last" }[event.key];
      if (act) this.act(act);
      else if (event.key === " " && !onButton) this.act("play");
      else if (event.key === "ArrowDown" || event.key === "ArrowUp") this.walk(event.key === "ArrowDown" ? 1 : -1);
      else if (event.key === "Enter" && !onButton) this.state.open ? this.openCell(this.reader.nodes[this.state.open.id]?.lane ?? this.data.run.lanes[0].id) : this.walk(1);
      else if (event.key === "Escape") this.up();
      else return;
      event.preventDefault();
      if (act) this.chips[this.state.m].focus({ preventScroll: true });
    });
    let dragging = false;
    const chipAt = (event) => document.elementFromPoint && part.chips.getRootNode().elementFromPoint(event.clientX, event.clientY)?.closest?.(".chip-t");
    part.chips.addEventListener("pointerdown", (event) => {
      const chip = event.target.closest(".chip-t");
      if (!chip) return;
      this.pause();
      dragging = event.pointerType !== "touch";
      this.go(Number(chip.dataset.t));
    });
    part.chips.addEventListener("pointermove", (event) => {
      if (!dragging) return;
      const chip = chipAt(event);
      if (chip) this.go(Number(chip.dataset.t));
    });
    for (const name of ["pointerup", "pointerleave", "pointercancel"]) part.chips.addEventListener(name, () => (dragging = false));
    part.scroll.addEventListener("click", (event) => {
      const number = event.target.closest(".num[data-cell]");
      const cell = event.target.closest("[data-lane]");
      this.pause();
      if (number && getComputedStyle(number).visibility !== "hidden") this.openNumber(parseCell(number));
      else if (cell && this.state.depth === "sequence" && !this.data.options.compact) this.openCell(cell.dataset.lane, Number(cell.closest(".col").dataset.t));
      else this.up();
    });
    part.scroll.addEventListener("scroll", () => this.fade(), { passive: true });
    part.crumbs.addEventListener("click", () => {
      this.state.open = null;
      this.up();
    });
    for (const name of ["pointerover", "pointerout", "focusin", "focusout"])
      root.addEventListener(name, (event) => this.link(event, name === "pointerover" || name === "focusin"));
    part.table.addEventListener("toggle", () => this.buildTable());
    part.download.addEventListener("click", () => downloadFigure(part.canvas, this.root));
    this.onPop = () => this.data && (this.restore(), this.draw());
    this.onEntry = () => this.data && window.queueMicrotask(() => this.remember());
    window.addEventListener("popstate", this.onPop);
    window.navigation?.addEventListener("currententrychange", this.onEntry);
    let width = 0;
    this.resize = new ResizeObserver(([entry]) => {
      const now = Math.round(entry.contentRect.width);
      if (width && now && now !== width && this.data) this.draw();
      width = now || width;
    });
    this.resize.observe(root);
  }

  // Hover: a term, its number, its weight's arrow and its place in the code light up together.
  link(event, on) {
    const node = event.target.closest("[data-term], .num[data-cell], .arrow[data-weight]");
    for (const lit of this.root.querySelectorAll(".linked")) lit.classList.remove("linked");
    if (!on || !node) return;
    const light = (selector) => this.root.querySelectorAll(selector).forEach((found) => found.classList.add("linked"));
    const cards = node.matches(".term")
      ? [node]
      : node.dataset.term !== undefined
        ? [...this.root.querySelectorAll(`.term[data-term="${node.dataset.term}"]`)]
        : [...this.root.querySelectorAll(".term")].filter(
            (card) => (node.dataset.cell && card.dataset.cell === node.dataset.cell) || (node.dataset.weight && card.dataset.weight === node.dataset.weight),
          );
    for (const card of cards) {
      card.classList.add("linked");
      light(`span[data-term="${card.dataset.term}"]`);
      if (card.dataset.cell) light(`.num[data-cell="${card.dataset.cell}"]`);
      if (card.dataset.weight)
        for (const wire of this.root.querySelectorAll(".col.now .arrow, .wires .arrow.now, .circuit .arrow"))
          if ((wire.dataset.weight === card.dataset.weight || wire.dataset.also?.split(" ").includes(card.dataset.weight)) && (wire.dataset.t ?? String(this.state.open.t)) === String(this.state.open.t)) wire.classList.add("linked");
    }
  }

  // The same numbers as a table: for screen readers, and for anyone who would rather read.
  buildTable() {
    const { table } = this.part;
    table.querySelector("summary").textContent = this.strings.table;
    const box = table.querySelector("div");
    box.replaceChildren();
    if (!table.open) return;
    for (const [id, node] of Object.entries(this.reader.nodes)) {
      if (node.name === "s" && !this.reader.cut) continue;
      const made = html("table", {}, box);
      const caption = html("caption", {}, made);
      if (node.name === "target") caption.textContent = this.strings.target;
      else symbol(caption, `${node.name.length === 1 || node.scale === "gradient" ? node.name : "x"}_t`);
      if (node.lane && this.data.run.lanes.length > 1) caption.appendChild(document.createTextNode(` (${this.reader.lanes[node.lane].title || node.lane})`));
      const head = html("tr", {}, html("thead", {}, made));
      html("th", { scope: "col" }, head, this.strings.unit);
      const steps = node.values.map((_, k) => k + node.from).filter((t) => this.reader.steps <= WINDOW || Math.abs(t - this.state.t) < 10);
      for (const t of steps) html("th", { scope: "col" }, head, `t=${t + 1} ${this.data.run.columns[t]}`);
      const body = html("tbody", {}, made);
      for (const unit of this.current.units(id)) {
        const row = html("tr", {}, body);
        html("th", { scope: "row" }, row, this.reader.unitName(id, unit));
        for (const t of steps) html("td", {}, row, this.current.veiled(id, t) || (this.reader.isDelta(id) && !this.exists({ id, t, unit })) ? "?" : formatted(this.reader.at(id, t, unit), node.scale));
      }
    }
  }
}

function parseCell(node) {
  const parts = node.dataset.cell.split(":");
  return { id: parts[0], t: Number(parts[1]), unit: Number(parts[2]) };
}

// The figure as a file of its own: the drawing with its computed colours and fonts written in.
function downloadFigure(canvas, root) {
  const copy = canvas.cloneNode(true);
  const from = canvas.querySelectorAll("*");
  copy.querySelectorAll("*").forEach((node, k) => {
    const style = getComputedStyle(from[k]);
    node.removeAttribute("style");
    for (const name of ["fill", "stroke"]) node.setAttribute(name, plainColour(style.getPropertyValue(name)));
    for (const name of ["stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight", "font-style", "text-anchor"])
      node.setAttribute(name, style.getPropertyValue(name));
  });
  const probe = html("span", { style: "color: var(--u-paper)" }, root);
  const [, , width, height] = canvas.getAttribute("viewBox").split(" ");
  const ground = svg("rect", { width, height, fill: plainColour(getComputedStyle(probe).color) });
  probe.remove();
  copy.prepend(ground);
  copy.setAttribute("xmlns", SVG);
  copy.removeAttribute("style");
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
  const link = html("a", { href: url, download: "unrolled.svg" });
  link.click();
  URL.revokeObjectURL(url);
}

// Any CSS colour as rgba(): other programs do not read color-mix or oklab.
const colours = new Map();
const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function plainColour(text) {
  if (text === "none") return text;
  if (!colours.has(text)) {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = text;
    pen.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
    colours.set(text, `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`);
  }
  return colours.get(text);
}
