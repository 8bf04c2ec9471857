// One unit, gates by hand. The browser runs the cell while the reader drags; the server hears of it when they let go.

const TOLERANCE = 0.02;
const boards = new WeakMap();

export default function (component) {
  const { parentElement } = component;
  const [data] = JSON.parse(new TextDecoder().decode(component.data));
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement.querySelector(".sandbox"));
    boards.set(parentElement, board);
  }
  board.update(data, component.setStateValue);
}

function make(tag, attributes, parent, text = null) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  parent.appendChild(node);
  return node;
}

function signed(value) {
  const text = Math.abs(value).toFixed(2);
  return Number(text) === 0 ? text : (value < 0 ? "\u2212" : "+") + text;
}

// c_t = f c_{t-1} + i x_t, h_t = o tanh(c_t): as rnn_core.labs.hand computes it.
function run({ x, c0 }, gates) {
  let c = c0;
  const out = { c: [], h: [] };
  x.forEach((value, t) => {
    c = gates.f[t] * c + gates.i[t] * value;
    out.c.push(c);
    out.h.push(gates.o[t] * Math.tanh(c));
  });
  return out;
}

class Board {
  constructor(root) {
    this.root = root;
    this.grid = root.querySelector("[data-part=grid]");
    this.live = root.querySelector("[data-part=live]");
    this.source = null;
  }

  update(data, send) {
    this.send = send;
    const source = JSON.stringify(data);
    const gates = JSON.stringify(data.gates);
    if (this.pending === gates) this.pending = undefined;
    if (source === this.source) return;
    // the server's answer to an earlier drag must not undo the one that goes on
    if (this.pending !== undefined && JSON.stringify({ ...data, gates: 0 }) === JSON.stringify({ ...this.data, gates: 0 })) return;
    this.pending = undefined;
    this.source = source;
    this.data = data;
    this.gates = structuredClone(data.gates);
    this.build();
    this.show();
  }

  build() {
    const { grid, data } = this;
    const S = data.strings;
    const focused = grid.getRootNode().activeElement?.dataset?.bar;
    grid.replaceChildren();
    grid.style.gridTemplateColumns = `auto repeat(${data.x.length}, minmax(44px, 1fr))`;
    make("span", {}, grid);
    data.x.forEach((_, t) => make("span", { class: "step" }, grid, `t=${t + 1}`));
    this.row("x", S.x);
    data.x.forEach((value) => this.cell("state", value));
    this.bars = {};
    for (const name of ["f", "i", "o"]) {
      this.row(name, S[name]);
      this.bars[name] = data.x.map((_, t) => this.bar(name, t));
    }
    this.cells = {};
    for (const name of ["c", "h"]) {
      this.row(name, data.wanted[name].some((goal) => goal !== null) ? `${S[name]} (${S.goal})` : S[name]);
      this.cells[name] = data.x.map((_, t) => this.cell(data.wanted[name][t] === null ? "" : "goals", null));
    }
    if (focused) grid.querySelector(`[data-bar="${focused}"]`)?.focus();
  }

  row(name, text) {
    const label = make("span", { class: `name role-${name}` }, this.grid, `${name}\u209c`);
    make("small", {}, label, text);
  }

  cell(kind, value) {
    const node = make("span", { class: `cell ${kind}` }, this.grid);
    if (value !== null) this.write(node, value);
    return node;
  }

  write(node, value) {
    node.textContent = signed(value);
    node.style.setProperty("--hue", `var(--u-${value < 0 ? "negative" : "positive"})`);
    node.style.setProperty("--strength", `${Math.min(100, Math.abs(value) * 100).toFixed(1)}%`);
  }

  bar(name, t) {
    const node = make("div", {
      class: "bar", role: "slider", tabindex: 0, "data-bar": `${name}${t}`, "aria-valuemin": 0, "aria-valuemax": 1,
      "aria-label": `${this.data.strings[name]}, t=${t + 1}`,
    }, this.grid);
    make("div", { class: "fill" }, node);
    make("b", {}, node);
    node.addEventListener("keydown", (event) => {
      const by = { ArrowUp: 0.1, ArrowDown: -0.1, PageUp: 0.5, PageDown: -0.5, Home: -1, End: 1 }[event.key];
      if (by === undefined) return;
      event.preventDefault();
      this.set(name, t, this.gates[name][t] + by);
      this.tell();
    });
    // dragging across the row paints a curve, one step after the other
    node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      node.focus({ preventScroll: true });
      const paint = (move) => {
        const at = this.bars[name].findIndex((bar) => {
          const edge = bar.getBoundingClientRect();
          return move.clientX >= edge.left - 3 && move.clientX <= edge.right + 3;
        });
        const edge = (this.bars[name][at] ?? node).getBoundingClientRect();
        this.set(name, at < 0 ? t : at, 1 - (move.clientY - edge.top) / edge.height);
      };
      const stop = () => {
        window.removeEventListener("pointermove", paint);
        window.removeEventListener("pointerup", stop);
        window.removeEventListener("pointercancel", stop);
        this.tell();
      };
      window.addEventListener("pointermove", paint);
      window.addEventListener("pointerup", stop);
      window.addEventListener("pointercancel", stop);
      paint(event);
    });
    return node;
  }

  // Steps of 0.05, and the ends are easy to reach.
  set(name, t, value) {
    const near = value > 0.93 ? 1 : value < 0.07 ? 0 : value;
    this.gates[name][t] = Math.round(Math.min(1, Math.max(0, near)) * 20) / 20;
    this.show();
  }

  tell() {
    const { gates } = this;
    this.source = JSON.stringify({ ...this.data, gates });
    this.pending = JSON.stringify(gates);
    this.send("gates", structuredClone(gates));
  }

  show() {
    const { data, gates } = this;
    for (const [name, bars] of Object.entries(this.bars))
      bars.forEach((bar, t) => {
        const value = gates[name][t];
        bar.querySelector(".fill").style.height = `${value * 100}%`;
        bar.querySelector("b").textContent = value.toFixed(2);
        bar.classList.toggle("high", value >= 0.5); // the number keeps clear of the edge of the fill
        bar.setAttribute("aria-valuenow", value.toFixed(2));
      });
    const out = run(data, gates);
    for (const name of ["c", "h"])
      out[name].forEach((value, t) => {
        const node = this.cells[name][t];
        this.write(node, value);
        const goal = data.wanted[name][t];
        node.classList.toggle("hit", goal !== null && Math.abs(goal - value) <= TOLERANCE);
        node.classList.toggle("miss", goal !== null && Math.abs(goal - value) > TOLERANCE);
        if (goal !== null) make("small", {}, node, signed(goal));
      });
  }
}
