// Between a decoder's state and its answer: what was read from the source, the mix, the likeliest words; and above the
// drawing the attention itself, as ribbons between the two sentences and as a table. One moment for all of them.

const ANSWER_GAP = 44;

// A decoder's column has one lane and, beside the scores, names and bars; an encoder's has no answer.
function answerWidth(run, t, both, lead) {
  const bars = CELL.w + 40 + 62;
  return t >= run.attention.target[0] ? lead + bars : both;
}

function answerHeight(plan) {
  return plan.y - plan.answer;
}

// The rows of a backward encoder stand empty where the decoder is: the answer may come down into them.
function spare(reader, view, gap) {
  const tall = (id) => view.units(id).length * (CELL.h + CELL.gap) - CELL.gap + (view.units(id).length < reader.size(id) ? 14 : 0);
  return reader.run.lanes
    .filter((lane) => lane.direction === "backward")
    .reduce((sum, lane) => sum + ("c" in lane.init ? 2 * tall(`${lane.id}.h`) + 14 : tall(`${lane.id}.h`)) + gap, 0);
}

// Rows above the lanes, from the top: scores, mix, what was read.
function planAnswer(reader, view, plan, gap) {
  const { attention } = reader.run;
  const tall = (count) => count * (CELL.h + CELL.gap) - CELL.gap;
  plan.answer = plan.y;
  plan.y += tall(attention.ranked[0].length) + gap;
  plan.mix = plan.y;
  plan.y += tall(view.units("h̃").length) + 14 + ANSWER_GAP;
  if (!attention.looks) return;
  plan.read = plan.y;
  plan.y += tall(view.units("r").length) + 14 + ANSWER_GAP;
}

function drawAnswer(group, reader, view, plan, column, x) {
  const { attention } = reader.run;
  const { t } = column;
  const scores = stack(group, reader, "y", t, x, plan.answer, view);
  const mix = stack(group, reader, "h̃", t, x, plan.mix, view);
  Object.assign(column.boxes, { y: scores, "h̃": mix });
  drawBars(group, reader, view, scores, attention.chosen?.[t - attention.target[0]]);
  tagStack(group, mix, "h̃", t);
  arrow(group, line(mix.cx, mix.y - 3, scores.cx, scores.bottom + 4), "E_y", "y", [mix.cx + 8, mix.y - 14]);
  const lane = column.boxes[attention.decoder];
  if (!attention.looks) {
    arrow(group, line(mix.cx, lane.y - 2, mix.cx, mix.bottom + 18), "W_h", "h̃", [mix.cx + 8, mix.bottom + 38]);
    return;
  }
  const read = stack(group, reader, "r", t, x, plan.read, view);
  column.boxes.r = read;
  tagStack(group, read, "r", t);
  arrow(group, line(read.cx, read.y - 3, mix.cx, mix.bottom + 18), "W_r", "h̃", [mix.cx + 8, mix.bottom + 34]);
  const side = read.right + 16;
  arrow(group, `M${side} ${lane.y - 2}L${side} ${mix.cy + 10}Q${side} ${mix.cy} ${side - 8} ${mix.cy}L${mix.right + 3} ${mix.cy}`, "W_h", "h̃", [side + 5, read.cy]);
}

// The hand-over of the backward encoder: its last state stands at the first word, far from the decoder.
function drawHandover(wires, reader, columns, plan) {
  const lane = reader.lanes[reader.run.attention.decoder];
  const end = columns.find((column) => column.t === lane.from);
  for (const from of lane.init_from.map((id) => reader.lanes[id])) {
    const start = columns.find((column) => column.t === reader.lastStep(from));
    if (from.direction === "forward" || !start || !end) continue;
    const [a, b] = [start.boxes[from.id], end.boxes[lane.id]];
    const high = plan.lanes[from.id].y - 26;
    const x = b.x - 32; // where it joins the forward encoder's lines
    const joins = ["c", "h"].map((name) => end.boxes[`${lane.id}.${name}`]).filter(Boolean);
    const path = `M${a.cx} ${a.y - 2}L${a.cx} ${high + 8}Q${a.cx} ${high} ${a.cx + 8} ${high}L${x - 8} ${high}Q${x} ${high} ${x} ${high + 8}L${x} ${joins.at(-1).cy}`;
    const made = svg("g", { class: "arrow handover", "data-t": lane.from }, wires);
    svg("path", { d: path }, made);
    for (const { cy } of joins) svg("circle", { cx: x, cy, r: 4 }, made);
  }
}

const RIBBON = { height: 132, top: 22, size: 17, gap: 16, most: 44, least: 0.04 };

class Attention {
  // `act`: { go(t), open(number) }
  constructor(root, act) {
    this.root = root;
    this.act = act;
    this.watch = new ResizeObserver(() => this.reader?.run.attention?.looks && this.draw());
    this.watch.observe(root);
  }

  build(reader, strings, t) {
    this.reader = reader;
    this.strings = strings;
    this.t = t;
    const looks = reader.run.attention?.looks;
    this.root.hidden = !looks;
    this.root.replaceChildren();
    if (!looks) return;
    this.box = html("div", { class: "ribbon-box" }, this.root);
    this.table = html("div", { class: "look-box" }, this.root);
    html("p", { class: "notes" }, this.root, strings.attention_note);
    this.drawTable();
    this.draw();
    this.listen();
  }

  weight(k, s) {
    const { attention } = this.reader.run;
    return this.reader.at("a", attention.target[0] + k, s);
  }

  // Where the words of a line stand, centred; `scale` is what makes the longer line fit.
  places(words, pen, scale, width) {
    const wide = words.map((word) => pen.measureText(word).width * scale);
    const bare = wide.reduce((sum, w) => sum + w, 0);
    const gap = clamp((width - bare) / words.length, RIBBON.gap * scale, RIBBON.most);
    let x = (width - bare - gap * (words.length - 1)) / 2;
    return wide.map((w) => {
      const middle = x + w / 2;
      x += w + gap;
      return middle;
    });
  }

  draw() {
    const { attention } = this.reader.run;
    const room = Math.max(220, this.root.clientWidth - 40);
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `500 ${RIBBON.size}px ${getComputedStyle(this.root).fontFamily}`;
    const length = (words) => words.reduce((sum, word) => sum + pen.measureText(word).width + RIBBON.gap, 0);
    const longest = Math.max(length(attention.words), length(attention.said));
    const scale = clamp(room / longest, 0.72, 1); // smaller than this nobody reads: then it scrolls
    const width = Math.max(room, longest * scale);
    this.box.replaceChildren();
    const plot = svg("svg", { class: "ribbons", role: "img", "aria-label": this.strings.attention_label, width, height: RIBBON.height, viewBox: `0 0 ${width} ${RIBBON.height}` }, this.box);
    const above = this.places(attention.words, pen, scale, width);
    const below = this.places(attention.said, pen, scale, width);
    const [y1, y2] = [RIBBON.top + 8, RIBBON.height - 26];
    const middle = (y1 + y2) / 2;
    this.ribbons = [];
    below.forEach((x2, k) =>
      above.forEach((x1, s) => {
        const a = this.weight(k, s);
        if (a < RIBBON.least) return;
        const path = svg("path", { class: "ribbon", d: `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`, "stroke-width": (14 * a).toFixed(2) }, plot);
        this.ribbons.push({ path, k, s });
      }),
    );
    const word = (text, x, y, t) => {
      const made = svg("text", { class: "ribbon-word", x, y, "text-anchor": "middle", "font-size": RIBBON.size * scale, "data-moment": t }, plot, text);
      return [made, t];
    };
    this.said = [
      ...attention.words.map((text, s) => word(text, above[s], RIBBON.top, attention.source[0] + s)),
      ...attention.said.map((text, k) => word(text, below[k], RIBBON.height - 10, attention.target[0] + k)),
    ];
    this.show(this.t, this.open);
  }

  // Rows are the words said, columns the source words; every weight is a number that opens.
  drawTable() {
    const { attention } = this.reader.run;
    const table = html("table", { class: "looks" }, this.table);
    html("caption", { class: "unseen" }, table, this.strings.attention_label);
    const head = html("tr", {}, html("thead", {}, table));
    html("td", {}, head);
    this.heads = attention.words.map((word, s) => html("th", { scope: "col", "data-moment": attention.source[0] + s }, head, word));
    const body = html("tbody", {}, table);
    this.rows = attention.said.map((word, k) => {
      const row = html("tr", { "data-moment": attention.target[0] + k }, body);
      const hand = this.reader.isHeld("a", attention.target[0] + k, 0);
      html("th", { scope: "row" }, row, hand ? `✎ ${word}` : word);
      attention.words.forEach((_, s) => {
        const a = this.weight(k, s);
        const cell = html("td", {}, row);
        const button = html("button", { type: "button", class: "look scale-gate", "data-look": `${attention.target[0] + k}:${s}`, tabindex: k || s ? -1 : 0 }, cell, a < 0.005 ? "" : formatted(a, "gate").replace("0.", "."));
        button.setAttribute("aria-label", `${word} → ${attention.words[s]}: ${formatted(a, "gate")}`);
        paint(button, a, "gate");
      });
      return row;
    });
  }

  listen() {
    const momentAt = (event) => event.target.closest("[data-moment]")?.dataset.moment;
    const over = (event) => event.pointerType === "mouse" && momentAt(event) !== undefined && this.act.go(Number(momentAt(event)));
    const number = (button) => {
      const [t, s] = button.dataset.look.split(":").map(Number);
      return { id: "a", t, unit: s };
    };
    this.box.addEventListener("pointerover", over);
    this.table.addEventListener("pointerover", over);
    this.root.addEventListener("click", (event) => {
      const button = event.target.closest("[data-look]");
      if (button) this.act.open(number(button));
      else if (momentAt(event) !== undefined) this.act.go(Number(momentAt(event)));
    });
    // one stop for Tab, arrows inside, as in any grid
    this.table.addEventListener("keydown", (event) => {
      const button = event.target.closest("[data-look]");
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (!button || !step) return;
      const { t, unit } = number(button);
      const next = this.table.querySelector(`[data-look="${t + step[0]}:${unit + step[1]}"]`);
      event.preventDefault();
      event.stopPropagation();
      if (!next) return;
      button.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  }

  show(t, open) {
    const { attention } = this.reader.run;
    if (!attention?.looks) return;
    this.t = t;
    this.open = open;
    const [k, s] = [t - attention.target[0], t - attention.source[0]];
    for (const { path, k: row, s: column } of this.ribbons ?? []) path.classList.toggle("now", k >= 0 ? row === k : column === s);
    for (const [word, moment] of this.said ?? []) word.classList.toggle("now", moment === t);
    this.rows.forEach((row, j) => row.classList.toggle("now", j === k));
    this.heads.forEach((cell, j) => cell.classList.toggle("now", k < 0 && j === s));
    for (const button of this.table.querySelectorAll(".look.open")) button.classList.remove("open");
    if (open?.id === "a" || open?.id === "e") this.table.querySelector(`[data-look="${open.t}:${open.unit}"]`)?.classList.add("open");
  }
}
