// A series drawn by hand: one whole number from 0 to 99 per step. The server hears of it when the reader lets go.

const boards = new WeakMap();
const NS = "http://www.w3.org/2000/svg";

export default function (component) {
  const { parentElement } = component;
  const [data] = JSON.parse(new TextDecoder().decode(component.data));
  let board = boards.get(parentElement);
  if (!board) {
    board = new Board(parentElement.querySelector("[data-part=board]"));
    boards.set(parentElement, board);
  }
  board.update(data, component.setStateValue);
}

class Board {
  constructor(svg) {
    this.svg = svg;
    this.at = 0;
    svg.addEventListener("pointerdown", (event) => this.draw(event));
    svg.addEventListener("keydown", (event) => this.key(event));
  }

  update(data, send) {
    this.send = send;
    const source = JSON.stringify(data);
    if (source === this.source || this.drawing) return;
    this.source = source;
    this.values = [...data.values];
    this.label = data.label;
    this.show();
  }

  // Values between the last point and this one lie on a straight line, so that a quick stroke leaves no gap.
  draw(event) {
    event.preventDefault();
    this.svg.focus({ preventScroll: true });
    this.drawing = true;
    let last = null;
    const paint = (move) => {
      const box = this.svg.getBoundingClientRect();
      const n = this.values.length;
      const t = clamp(Math.floor(((move.clientX - box.left) / box.width) * n), n - 1);
      const v = clamp(Math.round((1 - (move.clientY - box.top) / box.height) * 99), 99);
      const [t0, v0] = last ?? [t, v];
      const steps = Math.max(1, Math.abs(t - t0));
      for (let k = 0; k <= steps; k++) this.values[Math.round(t0 + ((t - t0) * k) / steps)] = Math.round(v0 + ((v - v0) * k) / steps);
      last = [t, v];
      this.at = t;
      this.show();
    };
    const stop = () => {
      window.removeEventListener("pointermove", paint);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
      this.drawing = false;
      this.tell();
    };
    window.addEventListener("pointermove", paint);
    window.addEventListener("pointerup", stop);
    window.addEventListener("pointercancel", stop);
    paint(event);
  }

  key(event) {
    const along = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 5, ArrowDown: -5, PageUp: 25, PageDown: -25 }[event.key];
    if (along === undefined && up === undefined) return;
    event.preventDefault();
    this.at = clamp(this.at + (along ?? 0), this.values.length - 1);
    if (up !== undefined) {
      this.values[this.at] = clamp(this.values[this.at] + up, 99);
      this.tell();
    }
    this.show();
  }

  tell() {
    this.send("values", [...this.values]);
  }

  show() {
    const { svg, values, at } = this;
    const n = values.length;
    svg.setAttribute("viewBox", `0 0 ${n} 100`);
    svg.setAttribute("aria-label", this.label);
    svg.setAttribute("aria-valuemin", 0);
    svg.setAttribute("aria-valuemax", 99);
    svg.setAttribute("aria-valuenow", values[at]);
    svg.setAttribute("aria-valuetext", `t=${at + 1}: ${values[at]}`);
    const points = values.map((v, t) => `${t + 0.5},${99.5 - v}`).join(" ");
    svg.replaceChildren(
      make("line", { class: "zero", x1: 0, x2: n, y1: 50, y2: 50 }),
      make("polyline", { class: "line", points }),
      make("line", { class: "at", x1: at + 0.5, x2: at + 0.5, y1: 0, y2: 100 }),
    );
  }
}

function clamp(value, most) {
  return Math.min(most, Math.max(0, value));
}

function make(tag, attributes) {
  const node = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}
