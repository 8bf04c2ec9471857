// Five frames of one drawing. Each part says in which frames it is there; what is new in a frame is drawn in the colour of "now".

const SVG = "http://www.w3.org/2000/svg";
const drawings = new WeakMap();

export default function ({ parentElement, data: bytes, setStateValue }) {
  const [data] = JSON.parse(new TextDecoder().decode(bytes));
  let drawing = drawings.get(parentElement);
  if (!drawing) {
    drawing = new Drawing(parentElement.querySelector(".rewire"));
    drawings.set(parentElement, drawing);
  }
  drawing.update(data, setStateValue);
  return () => window.clearTimeout(drawing.timer);
}

function node(tag, attributes, parent, text = null) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== null) made.textContent = text;
  parent.appendChild(made);
  return made;
}

const ALL = [1, 2, 3, 4, 5];

class Drawing {
  constructor(root) {
    this.root = root;
    this.svg = root.querySelector("svg");
    this.parts = [];
    this.draw();
    for (const button of root.querySelectorAll("button"))
      button.addEventListener("click", () => {
        const act = button.dataset.act;
        if (act === "play") return void this.play();
        this.stop();
        this.go(this.frame + (act === "next" ? 1 : -1));
      });
  }

  update(data, send) {
    this.send = send;
    this.frames = data.frames;
    this.strings = data.strings;
    const [back, next, play] = this.root.querySelectorAll("button");
    back.setAttribute("aria-label", data.strings.back);
    next.setAttribute("aria-label", data.strings.next);
    play.textContent = data.strings.play;
    this.svg.setAttribute("aria-label", data.strings.label);
    // the server's answer to an earlier press must not take the reader back
    if (this.pending === data.frame) this.pending = undefined;
    else if (this.pending === undefined && !this.timer && data.frame !== this.frame) this.show(data.frame);
  }

  go(frame) {
    const wanted = Math.min(this.frames, Math.max(1, frame));
    if (wanted === this.frame) return;
    this.show(wanted);
    this.pending = wanted;
    this.send("frame", wanted);
  }

  play() {
    this.stop();
    this.go(1);
    const tick = () => {
      if (this.frame === this.frames) return void this.stop();
      this.go(this.frame + 1);
      this.timer = window.setTimeout(tick, 2600);
    };
    this.timer = window.setTimeout(tick, 1600);
  }

  stop() {
    window.clearTimeout(this.timer);
    this.timer = null;
  }

  show(frame) {
    this.frame = frame;
    for (const { group, frames } of this.parts) {
      const here = frames.includes(frame);
      group.classList.toggle("gone", !here);
      group.classList.toggle("new", here && frame > 1 && !frames.includes(frame - 1));
      group.setAttribute("aria-hidden", String(!here));
    }
    this.root.querySelector(".where").textContent = `${frame} / ${this.frames}`;
  }

  part(frames, role = "") {
    const group = node("g", { class: role ? `role-${role}` : "" }, this.svg);
    this.parts.push({ group, frames });
    return group;
  }

  gate(frames, role, name, x, y) {
    const group = this.part(frames, role);
    node("rect", { class: "box", x: x - 26, y: y - 20, width: 52, height: 40, rx: 9 }, group);
    node("text", { x, y: y + 6 }, group, name);
  }

  op(frames, x, y, sign) {
    const group = this.part(frames);
    node("circle", { class: "op", cx: x, cy: y, r: sign.length > 1 ? 22 : 15 }, group);
    node("text", { class: "plain", x, y: y + 6 }, group, sign);
  }

  wire(frames, path, role = "", line = false, head = true) {
    node("path", { class: line ? "wire line" : "wire", d: path, ...(head && { "marker-end": "url(#r-head)" }) }, this.part(frames, role));
  }

  label(frames, x, y, text, role = "") {
    node("text", { x, y }, this.part(frames, role), text);
  }

  draw() {
    const defs = node("defs", {}, this.svg);
    const head = node("marker", { id: "r-head", viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 6, markerHeight: 6, orient: "auto-start-reverse" }, defs);
    node("path", { d: "M0 0L10 5L0 10z", fill: "context-stroke" }, head);
    const lstm = [1, 2, 3];
    // the cell's line along the top
    this.wire([1], "M60 60H178", "c", true);
    this.wire([2, 3, 4, 5], "M60 60H178", "h", true);
    this.wire([1], "M214 60H383", "c", true);
    this.wire([2, 3, 4, 5], "M214 60H383", "h", true);
    this.wire([1], "M417 60H735", "c", true);
    this.wire([2, 3, 4, 5], "M417 60H735", "h", true);
    this.label([1], 34, 66, "c\u209c\u208b\u2081", "c");
    this.label([2, 3, 4, 5], 34, 66, "h\u209c\u208b\u2081", "h");
    this.label([1], 758, 66, "c\u209c", "c");
    this.label([2, 3, 4, 5], 758, 66, "h\u209c", "h");
    this.op(ALL, 196, 60, "×");
    this.op(ALL, 400, 60, "+");
    // forget or update gate
    this.gate(lstm, "f", "f", 196, 170);
    this.gate([4, 5], "z", "z", 196, 170);
    this.wire(ALL, "M196 150V78");
    // what is written
    this.op(ALL, 400, 118, "×");
    this.wire(ALL, "M400 103V78");
    this.gate([1, 2], "i", "i", 340, 170);
    this.wire([1, 2], "M340 150C340 125 360 118 383 118");
    this.wire([3, 4, 5], "M222 170C290 170 300 118 383 118");
    this.label([3, 4, 5], 272, 128, "1 −");
    this.gate(lstm, "g", "g", 460, 170);
    this.gate([4, 5], "g", "n", 460, 170);
    this.wire(ALL, "M460 150C460 125 440 118 418 118");
    // output
    this.op([1], 600, 110, "tanh");
    this.wire([1], "M560 60C600 60 600 70 600 86");
    this.op([1], 600, 170, "×");
    this.wire([1], "M600 133V153");
    this.gate([1], "o", "o", 540, 225);
    this.wire([1], "M540 205C540 180 560 170 583 170");
    this.wire([1], "M617 170H735", "h", true);
    this.label([1], 758, 176, "h\u209c", "h");
    // what the gates read
    this.wire([1], "M60 270H540", "h", true, false);
    this.wire([2, 3, 4, 5], "M90 60C90 200 90 270 120 270H460", "h", false, false);
    this.label([1], 34, 276, "h\u209c\u208b\u2081", "h");
    for (const x of [196, 460]) this.wire([1, 2, 3], `M${x} 270V192`);
    this.wire([4, 5], "M196 270V192");
    this.wire([1, 2], "M340 270V192");
    this.wire([1], "M540 270V247");
    // reset gate, between the state and the candidate
    this.gate([4, 5], "r", "r", 330, 225);
    this.wire([4, 5], "M330 270V247");
    this.op([4, 5], 460, 232, "×");
    this.wire([4, 5], "M356 225C400 225 420 232 443 232");
    this.wire([4, 5], "M460 270V249");
    this.wire([4, 5], "M460 217V192");
    this.wire([1, 2, 3], "M120 318V276");
    // r multiplies the state alone: from here on x goes to the gates by itself
    this.wire([4, 5], "M120 318V298H545C565 298 565 170 490 170");
    this.wire([4, 5], "M208 298V192");
    this.wire([4, 5], "M342 298V247");
    this.label(ALL, 140, 314, "x\u209c");
  }
}
