// The drawings of one equation: folded, unrolled, function box, LSTM style, cut after W_hh; and the opened cell.

const ROW_GAP = 58;
const HANDED = 66; // from h to s = W_hh h, where the net is cut behind W_hh
const ROW_GAP_LANES = 78; // with room for the lanes' names

// Sequence depth. `shown` are the columns to draw; "folded" draws the current one alone, with its loop.
function drawSequence(root, reader, view, drawing, shown) {
  const { run } = reader;
  const folded = drawing === "folded";
  const inner = folded || ["unrolled", "cut"].includes(drawing) ? 0 : drawing === "box" ? 72 : run.lanes.some((lane) => lane.kind !== "rnn") ? 180 : 104;
  const plan = planRows(reader, view, inner);
  const lead = inner ? 34 : run.backward ? 38 : 46;
  const margin = folded ? (view.narrow ? 46 : 100) : 8;
  const bare = lead + plan.width + (plan.two ? 10 : 0);
  const behind = run.backward ? CELL.w : 0; // δᵒᵘᵗ stands where the bars would
  if (run.attention) view.barWidth = 40;
  if (run.readout) // bars take what room there is, so that few columns fit the page
    view.barWidth = run.backward ? (reader.nodes.p ? 0 : CELL.w - 22) : clamp((view.room - 2 * margin) / shown.length - bare - 58, view.narrow ? 30 : 36, 110);
  const one = bare + (run.readout ? view.barWidth + 60 + behind : 34);
  const widths = shown.map((t) => (run.attention ? answerWidth(run, t, one, lead) : one));
  const lefts = widths.map((_, k) => margin + widths.slice(0, k).reduce((sum, w) => sum + w, 0));
  const width = 2 * margin + widths.reduce((sum, w) => sum + w, 0);
  const height = plan.height + 16;
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.style.width = `${width}px`;
  root.style.height = `${height}px`;
  svg("rect", { class: "band", x: 0, y: 2, width: one - 8, height: height - 4, rx: 14 }, root);
  const wires = svg("g", { class: "wires" }, root);
  const columns = shown.map((t, k) =>
    drawColumn(root, reader, view, plan, drawing, t, lefts[k] + lead, inner),
  );
  if (run.lanes.length > 1)
    for (const lane of run.lanes)
      if (lane.title && shown.includes(lane.from))
        svg("text", { class: "lane-title", x: lefts[shown.indexOf(lane.from)] + 4, y: plan.lanes[lane.id].y - 15 }, root, lane.title);
  if (run.attention) drawHandover(wires, reader, columns, plan);
  columns.forEach((column, k) => {
    if (folded) drawLoops(column.group, reader, column);
    else if (k + 1 < columns.length) drawBetween(wires, reader, column, columns[k + 1]);
  });
  return { columns, lefts, widths };
}

// Where the rows lie, from the top: readout, lanes (last layer first), input.
function planRows(reader, view, inner) {
  const { run } = reader;
  const rowsOf = (id) => {
    return view.units(id).length * (CELL.h + CELL.gap) - CELL.gap;
  };
  const named = run.lanes.length > 1;
  const gap = named ? ROW_GAP_LANES : ROW_GAP;
  const plan = { lanes: {}, y: named && !run.readout ? 36 : 14 };
  if (run.readout) {
    plan.readout = plan.y;
    plan.y += rowsOf("y") + gap;
  }
  if (run.attention) planAnswer(reader, view, plan, gap);
  // a decoder's lanes lie in the rows of its encoder's: same layer, same direction
  const keyOf = (lane) => `${String(lane.layer).padStart(3, "0")}${lane.direction}`;
  const order = (lane) => 2 * lane.layer + (lane.direction === "backward" ? 1 : 0);
  const rows = [...new Map(run.lanes.map((lane) => [keyOf(lane), lane])).values()];
  if (run.attention) plan.y -= Math.min(answerHeight(plan), spare(reader, view, gap));
  for (const lane of rows.sort((a, b) => order(b) - order(a))) {
    const id = `${lane.id}.h`;
    const states = "c" in lane.init ? ["c", "h"] : ["h"];
    if (run.backward?.lane === lane.id) states.push("d");
    const each = rowsOf(id) + (view.units(id).length < reader.size(id) ? 14 : 0);
    const tall = states.length * each + (states.length - 1) * 14;
    const dx = lane.direction === "backward" ? CELL.w + 40 : 0;
    for (const member of run.lanes.filter((other) => keyOf(other) === keyOf(lane)))
      plan.lanes[member.id] = { y: plan.y, tall, each, states, dx };
    plan.y += tall + gap;
  }
  plan.input = plan.y;
  plan.inputs = Object.keys(reader.nodes).filter((id) => !reader.nodes[id].lane && !reader.stages[id] && !["y", "p", "dy", "target"].includes(id));
  const tallest = plan.inputs.map((id) => {
    if (reader.nodes[id].scale === "onehot" && reader.size(id) > view.maxSymbols) return CELL.h;
    return rowsOf(id) + (view.units(id).length < reader.size(id) ? 14 : 0);
  });
  plan.height = plan.y + Math.max(...tallest) + 4;
  const two = run.lanes.some((lane) => lane.direction === "backward");
  plan.two = two;
  plan.width = CELL.w + inner + (two ? CELL.w + 40 : 0) + (inner ? 34 : 0) + (reader.cut ? HANDED + 12 : 0);
  return plan;
}

function drawColumn(root, reader, view, plan, drawing, t, x, inner) {
  const { run } = reader;
  const col = svg("g", { class: "col", "data-t": t }, root);
  const group = svg("g", { class: "part" }, col);
  const backward = svg("g", { class: "part back" }, col);
  // in a function box all weights are inside: nothing is written on the arrows
  const column = { group: col, t, boxes: {}, glyphs: {}, sealed: drawing === "box" };
  const shift = inner ? inner + 34 : 0;
  for (const id of plan.inputs)
    if (reader.has(id, t)) {
      column.boxes[id] = stack(group, reader, id, t, x + (inner ? inner / 2 - CELL.w / 2 : 0), plan.input, view);
      labelUnits(group, reader, id, column.boxes[id], view, x - 8 + (inner ? inner / 2 - CELL.w / 2 : 0));
      tagStack(group, column.boxes[id], reader.nodes[id].name, t, false, reader.nodes[id].units && reader.size(id) <= view.maxSymbols ? 16 : 0);
    }
  for (const lane of run.lanes) {
    if (t < lane.from || t >= lane.to) continue;
    const row = plan.lanes[lane.id];
    const back = lane.direction === "backward";
    const part = back ? backward : group;
    const left = x + row.dx + (back ? 0 : shift);
    const outer = { x: left - 12, y: row.y - 9, w: CELL.w + 24, h: row.tall + 18 };
    const handed = reader.cut && lane.cut ? HANDED + CELL.w : 0;
    const frame = svg(
      "rect",
      { class: "cell", "data-lane": lane.id, x: outer.x, y: outer.y, width: outer.w + handed, height: outer.h, rx: 12 },
      part,
    );
    svg("title", {}, frame, view.strings.open_cell);
    row.states.forEach((name, k) => {
      const id = `${lane.id}.${name}`;
      const where = name === "d" ? svg("g", { class: "delta" }, part) : part;
      column.boxes[id] = stack(where, reader, id, t, left, row.y + k * (row.each + 14), view);
      tagStack(where, column.boxes[id], name, t, drawing === "folded" || inner > 0, 0, reader.nodes[id].name);
    });
    column.boxes[lane.id] = finish(outer);
    if (handed) {
      const [h, id] = [column.boxes[`${lane.id}.h`], `${lane.id}.s`];
      const s = stack(part, reader, id, t, h.right + HANDED, row.y, view);
      column.boxes[id] = s;
      tagStack(part, s, "s", t, true);
      arrow(part, line(h.right + 5, h.cy, s.x - 8, s.cy), "W_hh", lane.id, [(h.right + s.x) / 2, h.cy - 9, "middle"]);
    }
    if (inner) {
      const glyphX = back ? left + CELL.w + 34 : x + row.dx;
      const states = row.states.map((name) => column.boxes[`${lane.id}.${name}`]);
      const glyph = drawGlyph(part, lane, drawing, { x: glyphX, w: inner, frame: outer, states }, view);
      column.glyphs[lane.id] = glyph;
      for (const state of states)
        arrow(part, back ? line(glyph.x, state.cy, outer.x + outer.w + 2, state.cy) : line(glyph.right, state.cy, outer.x - 3, state.cy));
    }
  }
  for (const lane of run.lanes) if (column.boxes[lane.id]) drawInputs(lane.direction === "backward" ? backward : group, reader, plan, column, lane);
  if (run.readout && t >= run.readout.from && t < run.readout.to)
    drawReadout(group, reader, view, plan, column, x + shift);
  if (run.attention && t >= run.attention.target[0]) drawAnswer(group, reader, view, plan, column, x + shift);
  return column;
}

// "h_2" beside the top of a stack, clear of the arrow that comes in half-way down.
function tagStack(group, box, name, t, right = false, aside = 0, letter = name) {
  const place = right
    ? { x: box.right + 16, y: box.y + 6 }
    : { x: box.x - 16 - aside, y: box.h > 60 ? box.y + 12 : box.y - 4, "text-anchor": "end" };
  const tag = svg("text", { class: `tag role-${name}`, ...place }, group);
  symbol(tag, `${letter}_{${t + 1}}`);
}

// Arrows from the vectors a lane reads, up into its cell.
function drawInputs(group, reader, plan, column, lane) {
  const target = column.glyphs[lane.id] ?? column.boxes[lane.id];
  const weight = column.sealed ? null : lane.kind === "rnn" ? "W_xh" : "W_x";
  drawUp(group, reader, column, lane.sources, target, weight, lane.id, weightsFrom(lane, "x"));
}

// The names of a lane's weight matrices that carry x (or h).
function weightsFrom(lane, source) {
  return Object.values(lane.equations).flatMap((equation) =>
    equation.terms.filter((term) => term.kind === "matvec" && term.source === source).map((term) => term.weight),
  );
}

// From one vector straight up (or round the corner); from several through a bar that joins them.
function drawUp(group, reader, column, sources, target, weight, owner, also = null) {
  const boxes = sources.map((id) => [column.boxes[id], reader.nodes[id].lane]).filter(([box]) => box);
  if (!boxes.length) return;
  const label = [target.cx + 8, target.bottom + 26];
  const topOf = ([box, lane]) => (lane ? column.boxes[lane].y : box.y);
  if (boxes.length === 1) {
    const [box] = boxes[0];
    const top = topOf(boxes[0]) - 2;
    const corner = target.cx - box.cx > CELL.w / 2;
    const beneath = boxes[0][1] && box.y - topOf(boxes[0]) > CELL.h; // h stands below c: out at its side, not through c
    const side = box.right + 7;
    const path = beneath
      ? `M${box.right + 1} ${box.cy}L${side - 4} ${box.cy}Q${side} ${box.cy} ${side} ${box.cy - 4}L${side} ${top - 14}C${side} ${top - 26} ${target.cx} ${top - 20} ${target.cx} ${Math.max(target.bottom + 3, top - 34)}L${target.cx} ${target.bottom + 3}`
      : corner
        ? `M${box.right + 4} ${box.cy}Q${target.cx} ${box.cy} ${target.cx} ${box.cy - 40}L${target.cx} ${target.bottom + 3}`
        : rise(box.cx, top, target.cx, target.bottom + 3);
    arrow(group, path, weight, owner, beneath ? [side + 6, top - 10] : label, also);
    return;
  }
  const bar = Math.min(...boxes.map(topOf)) - 30;
  const ends = [...boxes.map(([box]) => box.cx), target.cx];
  for (const pair of boxes) svg("path", { class: "bus", d: line(pair[0].cx, topOf(pair) - 1, pair[0].cx, bar) }, group);
  svg("path", { class: "bus join", d: line(Math.min(...ends), bar, Math.max(...ends), bar) }, group);
  arrow(group, line(target.cx, bar, target.cx, target.bottom + 3), weight, owner, label, also);
}

function drawReadout(group, reader, view, plan, column, x) {
  const { readout } = reader.run;
  const t = column.t;
  const box = stack(group, reader, "y", t, x, plan.readout, view);
  column.boxes.y = box;
  if (reader.back) drawOutDelta(group, reader, view, column, box);
  if (reader.nodes.p) drawBars(group, reader, view, box, readout.target?.[t - readout.from]);
  const glyph = column.glyphs[reader.nodes[readout.sources[0]].lane];
  if (column.sealed && readout.sources.length === 1 && glyph)
    arrow(group, rise(glyph.cx, glyph.y - 2, box.cx, box.bottom + 5));
  else drawUp(group, reader, column, readout.sources, box, "W_hy", "readout");
}

// Names to the left of the scores in `box`, bars of their probabilities to the right; `chosen` is marked.
function drawBars(group, reader, view, box, chosen) {
  const { t, x } = box;
  const veiled = view.veiled("p", t);
  const target = veiled ? null : chosen;
  for (const [k, unit] of view.units("y", t).entries()) {
    const y = box.y + k * (CELL.h + CELL.gap);
    const right = unit === target;
    const row = svg("g", { class: `bar num${right ? " right" : ""}`, "data-cell": `p:${t}:${unit}` }, group);
    svg("text", { class: "unit", x: x - 11, y: y + 17.5, "text-anchor": "end" }, row, reader.unitName("y", unit));
    const left = box.right + 8;
    svg("rect", { class: "hit", x: left - 2, y, width: view.barWidth + 48, height: CELL.h }, row);
    if (veiled) {
      svg("text", { class: "percent", x: left, y: y + 17 }, row, "?");
      continue;
    }
    const p = reader.at("p", t, unit);
    const was = reader.before("p", t, unit);
    if (view.barWidth)
      svg("rect", { class: "fill", x: left, y: y + 6, width: Math.max(1.5, p * view.barWidth), height: CELL.h - 12, rx: 3 }, row);
    if (was !== undefined)
      svg("rect", { class: "was", x: left, y: y + 3, width: Math.max(1.5, was * view.barWidth), height: CELL.h - 6, rx: 3 }, row);
    const end = left + Math.max(p, was ?? 0) * view.barWidth + 6;
    svg("text", { class: "percent", x: end, y: y + 17 }, row, formatted(p, "prob"));
  }
}

// δᵒᵘᵗ beside the answer, and its way down into δ. An answer without probabilities has its target beside it.
function drawOutDelta(group, reader, view, column, box) {
  const { t } = column;
  const right = box.right + view.barWidth + 46;
  if (!reader.nodes.p) {
    const target = stack(group, reader, "target", t, box.right + 10, box.y, view);
    svg("text", { class: "tiny", x: target.cx, y: target.y - 5, "text-anchor": "middle" }, group, view.strings.target);
  }
  const part = svg("g", { class: "delta" }, group);
  const out = stack(part, reader, "dy", t, right, box.y, view);
  column.boxes.dy = out;
  symbol(svg("text", { class: "tag role-d", x: out.cx, y: out.bottom + 16, "text-anchor": "middle" }, part), `δ^{out}_{${t + 1}}`);
  const lane = reader.run.backward.lane;
  const [delta, frame] = [column.boxes[`${lane}.d`], column.boxes[lane]];
  const y = delta.y + Math.min(10, delta.h / 3);
  const path = `M${out.cx} ${out.bottom + 24}C${out.cx} ${y} ${out.cx} ${y} ${frame.right + 3} ${y}`;
  arrow(part, path, "W_hyᵀ", "readout", [out.cx + 6, out.bottom + 46]).classList.add("gradient");
}

function labelUnits(group, reader, id, box, view, x) {
  const node = reader.nodes[id];
  if (!node.units || (node.scale === "onehot" && reader.size(id) > view.maxSymbols)) return;
  view.units(id).forEach((unit, k) =>
    svg("text", { class: "unit faint", x: x - 3, y: box.y + k * (CELL.h + CELL.gap) + 17.5, "text-anchor": "end" }, group, node.units[unit]),
  );
}

// Which units the rows are, where not all of them are shown.
function numberRows(group, reader, view, id, box) {
  const shown = view.units(id);
  if (reader.nodes[id].units || shown.length === reader.size(id)) return;
  shown.forEach((unit, k) => svg("text", { class: "unit faint", x: box.x - 5, y: box.y + k * (CELL.h + CELL.gap) + 17.5, "text-anchor": "end" }, group, unit));
}

// The processing drawn in front of the state: a plain box f, or the parts of the cell.
// States come in at the height of their stacks and leave on the other side; a backward lane is mirrored.
function drawGlyph(group, lane, drawing, place, view) {
  const { x, w, frame, states } = place;
  const tall = Math.max(frame.h, lane.kind === "gru" && drawing !== "box" ? 150 : 0);
  const box = finish({ x, y: frame.y + (frame.h - tall) / 2, w, h: tall });
  const glyph = svg("g", { class: "glyph", "data-lane": lane.id }, group);
  svg("rect", { x, y: box.y, width: w, height: box.h, rx: 12 }, glyph);
  svg("title", {}, glyph, view.strings.open_cell);
  if (drawing === "box") {
    const name = { rnn: "f_W", gru: "GRU" }[lane.kind] ?? "LSTM"; // f is a gate in these
    symbol(svg("text", { class: lane.kind === "rnn" ? "function" : "function named", x: box.cx, y: box.cy + 7 }, glyph), name);
    return box;
  }
  const back = lane.direction === "backward";
  const at = (along) => (back ? box.right - along : box.x + along);
  const wire = (points, dashed = false) =>
    svg("path", { class: dashed ? "bus dashed" : "bus", d: "M" + points.map(([px, py]) => `${at(px)} ${py}`).join("L") }, glyph);
  const part = (text, px, y) => {
    const width = text.length > 1 ? 34 : 22;
    svg("rect", { class: "part", x: at(px) - width / 2, y: y - 11, width, height: 22, rx: 5 }, glyph);
    svg("text", { class: "part", x: at(px), y: y + 4 }, glyph, text);
  };
  const dot = (text, px, y) => op(glyph, at(px), y, text, 8);
  const h = states.at(-1).cy;
  const low = box.bottom - 10;
  const inlet = back ? w - (box.cx - box.x) : box.cx - box.x; // x comes in at the middle of the lower edge
  const nameGate = (name, along) => svg("text", { class: "tiny gate-name", x: at(along) + 5, y: low - 4 }, glyph, name);
  if (lane.kind === "rnn") {
    wire([[0, h], [w, h]]);
    wire([[inlet, box.bottom], [inlet, low - 4], [20, low - 4], [20, h]]);
    dot("+", 20, h);
    part(lane.equations.h.fn, w - 36, h);
    return box;
  }
  if (lane.kind === "gru") {
    const high = box.y + 16;
    const gate = low - 34;
    const [r, reset, n, z, keep, sum, fresh] = [18, 50, 84, 128, 128, 158, 106];
    const middle = (high + gate) / 2 + 2;
    wire([[0, h], [5, h], [5, high], [w - 6, high], [w - 6, h], [w, h]]);
    wire([[5, h], [5, low], [z, low]]);
    wire([[inlet, box.bottom], [inlet, low]]);
    for (const gx of [r, n, z]) wire([[gx, low], [gx, gate]]);
    wire([[reset, low], [reset, gate]]);
    wire([[r, gate], [n, gate]]); // r ⊙ m into the candidate
    wire([[n, gate], [fresh, middle], [sum, high]]);
    wire([[z, gate], [fresh, middle]]);
    wire([[z, gate], [keep, high]]);
    part("σ", r, gate);
    dot("×", reset, gate);
    part("tanh", n, gate);
    part("σ", z, gate);
    for (const [name, gx] of [["r", r], ["n", n], ["z", z]]) nameGate(name, gx);
    dot("×", fresh, middle);
    // torch: 1 − z lets the new in; with z the other way round, 1 − z keeps
    const minus = lane.chung ? [z + 13, (high + middle) / 2 + 4] : [fresh + 2, (gate + middle) / 2 + 8];
    svg("text", { class: "tiny", x: at(minus[0]), y: minus[1], "text-anchor": "middle" }, glyph, "1−");
    dot("×", keep, high);
    dot("+", sum, high);
    return box;
  }
  const c = states[0].cy;
  const [f, i, g, o, out] = [20, 58, 92, 130, 160];
  const gate = (c + h) / 2 + 16;
  const write = (i + g) / 2;
  const between = (c + gate) / 2 + 3;
  wire([[0, c], [w, c]]);
  wire([[0, h], [5, h], [5, low], [o, low]]);
  wire([[inlet, box.bottom], [inlet, low]]);
  for (const gx of [f, i, g, o]) wire([[gx, low], [gx, gate]]);
  wire([[f, gate], [f, c]]);
  wire([[i, gate], [write, between], [g, gate]]);
  wire([[write, between], [write, c]]);
  wire([[out, c], [out, h], [w, h]]);
  wire([[o, gate], [out, h]]);
  if (lane.kind === "peephole") {
    wire([[6, c], [f, gate - 11]], true);
    wire([[6, c], [i - 4, gate - 11]], true);
    wire([[out - 12, c], [o, gate - 11]], true);
  }
  for (const [text, gx, name] of [["σ", f, "f"], ["σ", i, "i"], ["tanh", g, "g"], ["σ", o, "o"]]) {
    part(text, gx, gate);
    nameGate(name, gx);
  }
  dot("×", f, c);
  dot("×", write, between);
  dot("+", write, c);
  part("tanh", out, c + 30);
  dot("×", out, h);
  return box;
}

// The state's way from one column to the next (or back), and the hand-over from encoder to decoder.
function drawBetween(wires, reader, left, right) {
  if (reader.back) drawGradientBetween(wires, reader, left, right);
  for (const lane of reader.run.lanes) {
    const back = lane.direction === "backward";
    const [from, to] = back ? [right, left] : [left, right];
    const states = "c" in lane.init ? ["h", "c"] : ["h"];
    states.forEach((name) => {
      const id = `${lane.id}.${name}`;
      const handed = from.boxes[`${lane.id}.s`]; // W_hh has been at work before the cut
      let start = handed ?? from.boxes[id];
      let handover = false;
      if (!start && to.boxes[id] && to.t === lane.from) {
        start = lane.init_from.map((other) => from.boxes[`${other}.${name}`]).find((box) => box && reader.lastStep(reader.lanes[box.id.slice(0, -name.length - 1)]) === from.t);
        handover = true;
      }
      const end = to.boxes[id];
      if (!start || !end) return;
      const goal = to.glyphs[lane.id] ?? to.boxes[lane.id];
      const x1 = back ? start.x - 14 : start.right + 12;
      const x2 = back ? goal.right + 3 : goal.x - 3;
      const path = line(x1, start.cy, x2, end.cy);
      const weight = name === "h" && !to.sealed && !handed ? (lane.kind === "rnn" ? "W_hh" : "W_h") : null;
      const made = arrow(wires, path, weight, lane.id, [reader.back ? x1 + 22 : (x1 + x2) / 2, start.cy - 9, "middle"], name === "h" ? weightsFrom(lane, "h") : null);
      if (back) made.dataset.back = "1";
      made.classList.add(`state-${name}`);
      made.dataset.t = to.t;
      if (handover) made.classList.add("handover");
    });
  }
}

// The gradient's way from one step to the step before; where the truncation cuts it, a stump is left.
function drawGradientBetween(wires, reader, left, right) {
  const { lane, delta, cuts } = reader.back;
  const [from, to] = [right.boxes[lane], left.boxes[lane]];
  const y = right.boxes[delta].cy;
  const cut = cuts.includes(right.t);
  const middle = (from.x + to.right) / 2;
  const path = cut ? line(from.x - 2, y, middle + 12, y) : line(from.x - 2, y, to.right + 3, y);
  const made = arrow(wires, path, cut ? null : "W_hhᵀ", lane, [middle, y - 9, "middle"]);
  made.classList.add("gradient");
  made.dataset.delta = left.t;
  if (!cut) return;
  made.classList.add("cut-off");
  svg("text", { class: "scissors", x: middle, y: y + 6, "text-anchor": "middle" }, made, "✂");
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

// Folded: the arrow that leaves the state and comes back to the same cell, one for each state.
function drawLoops(group, reader, column) {
  for (const lane of reader.run.lanes) {
    const box = column.boxes[lane.id];
    if (!box) continue;
    const back = lane.direction === "backward";
    for (const name of "c" in lane.init ? ["c", "h"] : ["h"]) {
      const state = column.boxes[`${lane.id}.${name}`];
      const far = back ? box.right + 50 : box.x - 50;
      const [out, edge] = back ? [box.right + 2, box.right + 3] : [box.x - 2, box.x - 3];
      const [y1, y2] = [state.y + 14, state.bottom - 14];
      const path = `M${out} ${y1}C${far} ${y1 - 26} ${far} ${y2 + 26} ${edge} ${y2}`;
      const weight = name === "c" ? null : lane.kind === "rnn" ? "W_hh" : "W_h";
      arrow(group, path, weight, lane.id, [far + (back ? -4 : 4), state.cy + 5, back ? "start" : "end"], weight && weightsFrom(lane, "h"));
    }
  }
}

// Cell depth: every vector inside one cell at one step, where the equations put it.
// Rows: a (states), b (gates), c (what comes in); U is the height of a stack of units.
const CIRCUITS = {
  rnn: (U, narrow) => {
    const at = narrow ? [30, 112, 190, 262] : [60, 330, 470, 610];
    const middle = 64 + U / 2;
    return {
      size: [at[3] + 90, middle + 150],
      stacks: { h_prev: [at[0] - 14, 64], x: [at[1], middle + 92], h: [at[3], 64] },
      ops: [["sum", at[1] + 28, middle, "+"], ["tanh", at[2] + 28, middle, "fn"]],
      wires: [["h_prev", "sum", "W_hh"], ["x", "sum", "W_xh"], ["sum", "tanh", null], ["tanh", "h", null]],
      bias: "b_h",
    };
  },
  lstm: (U) => {
    const a = 50;
    const b = a + U + 140;
    const middle = a + U / 2;
    return {
      size: [900, b + U + 90],
      stacks: { c_prev: [40, a], h_prev: [40, b + U + 92], x: [130, b + U + 92], f: [240, b], i: [360, b], g: [470, b], o: [600, b], c: [800, a], h: [800, b] },
      ops: [["keep", 268, middle, "×"], ["write", 443, b - 76, "×"], ["sum", 443, middle, "+"], ["tanh", 828, b - 92, "tanh"], ["show", 828, b - 36, "×"]],
      wires: [
        ["c_prev", "keep", null], ["f", "keep", null], ["keep", "sum", null], ["i", "write", null], ["g", "write", null],
        ["write", "sum", null], ["sum", "c", null], ["c", "tanh", null], ["tanh", "show", null], ["o", "show", null], ["show", "h", null],
      ],
      bus: { y: b + U + 48, gates: ["f", "i", "g", "o"] },
    };
  },
  gru: (U) => {
    const a = 50;
    const b = a + U + 110;
    const middle = a + U / 2;
    return {
      size: [900, b + U + 90],
      stacks: { h_prev: [40, a], x: [130, b + U + 92], r: [230, b], m: [340, b], n: [490, b], z: [620, b], h: [800, a] },
      ops: [["reset", 313, b - 66, "×"], ["fresh", 583, b - 66, "×"], ["keep", 648, middle, "×"], ["sum", 740, middle, "+"]],
      wires: [
        ["r", "reset", null], ["m", "reset", null], ["reset", "n", null], ["n", "fresh", null], ["z", "fresh", "1−z"],
        ["z", "keep", null], ["h_prev", "keep", null], ["keep", "sum", null], ["fresh", "sum", null], ["sum", "h", null],
      ],
      bus: { y: b + U + 48, gates: ["r", "m", "n", "z"] },
    };
  },
};

function drawCell(root, reader, view, lane, t) {
  const rows = (id) => view.units(id).length;
  const tallest = rows(`${lane.id}.h`) * (CELL.h + CELL.gap);
  const circuit = CIRCUITS[lane.kind === "peephole" ? "lstm" : lane.kind](tallest, view.narrow);
  // z the other way round: 1 − z keeps, z takes the new
  if (lane.chung) circuit.wires = circuit.wires.map(([from, to, label]) => (from === "z" ? [from, to, label ? null : "1−z"] : [from, to, label]));
  const wide = reader.nodes[lane.sources[0]].scale === "onehot" && reader.size(lane.sources[0]) > view.maxSymbols;
  const inputs = Math.max(...lane.sources.map((id) => (wide ? 1 : rows(id)))) * (CELL.h + CELL.gap);
  const width = circuit.size[0];
  const height = Math.max(circuit.size[1], Math.max(...Object.entries(circuit.stacks).map(([name, [, y]]) => y + (name === "x" ? inputs : tallest)))) + 24;
  root.setAttribute("viewBox", `0 0 ${width} ${height}`);
  root.style.width = `${width}px`;
  root.style.height = `${height}px`;
  const group = svg("g", { class: "col now circuit", "data-t": t }, root);
  const wires = svg("g", {}, group);
  const spots = {};
  for (const [name, [x, y]] of Object.entries(circuit.stacks)) {
    spots[name] = name.endsWith("_prev")
      ? previousStack(group, reader, view, lane, name[0], t, x, y)
      : name === "x"
        ? inputStack(group, reader, view, lane, t, x, y)
        : stack(group, reader, `${lane.id}.${name}`, t, x, y, view);
    if (name.endsWith("_prev") || name === "x") numberRows(group, reader, view, name === "x" ? lane.sources[0] : `${lane.id}.${name[0]}`, spots[name]);
    const aside = name === "h" && lane.kind !== "rnn" ? { x: x - 14, y: y + 14, "text-anchor": "end" } : { x: spots[name].cx, y: y - 10, "text-anchor": "middle" };
    const title = svg("text", { class: `tag big role-${name[0]}`, ...aside }, group);
    const before = lane.direction === "forward" ? "t−1" : "t+1";
    symbol(title, name.endsWith("_prev") ? `${name[0]}_{${before}}` : `${name}_t`);
    const fn = { sigmoid: "σ", tanh: "tanh", relu: "max(0,·)" }[lane.equations[name]?.fn];
    if (fn && lane.kind !== "rnn") svg("tspan", { class: "fnmark", dx: 3 }, title, `= ${fn}(·)`);
  }
  for (const [name, x, y, text] of circuit.ops) {
    const label = text === "fn" ? lane.equations.h.fn : text;
    op(group, x, y, label, label.length > 1 ? 22 : 14);
    const r = label.length > 1 ? 22 : 14;
    spots[name] = finish({ x: x - r, y: y - r, w: 2 * r, h: 2 * r });
  }
  for (const [from, to, weight] of circuit.wires) {
    const named = weight && weight.startsWith("W_") ? weight : null;
    const upward = spots[from].y > spots[to].bottom;
    const middle = (spots[from].right + spots[to].x) / 2;
    const label = upward ? [spots[to].cx + 10, spots[to].bottom + 32] : [middle, spots[to].cy - 9, "middle"];
    const made = arrow(wires, connect(spots[from], spots[to]), named, lane.id, named && label);
    if (weight && !named)
      svg("text", { class: "weight", x: (spots[from].cx + spots[to].cx) / 2, y: spots[from].y - 34, "text-anchor": "middle" }, made, weight);
  }
  if (circuit.bias) {
    const made = arrow(wires, line(spots.sum.cx, spots.sum.y - 34, spots.sum.cx, spots.sum.y - 3), circuit.bias, lane.id, [spots.sum.cx, spots.sum.y - 40, "middle"]);
    made.classList.add("bias");
  }
  if (circuit.bus) drawBus(wires, circuit.bus, spots, lane);
  if (lane.kind === "peephole")
    for (const gate of ["f", "i", "o"]) {
      const to = spots[gate];
      const y = to.y + 16;
      const path =
        gate === "o"
          ? `M${spots.c.x - 8} ${spots.c.bottom - 12}C${to.right + 60} ${spots.c.bottom} ${to.right + 60} ${y} ${to.right + 6} ${y}`
          : `M${spots.c_prev.right + 6} ${spots.c_prev.bottom - 12}C${to.x - 60} ${spots.c_prev.bottom} ${to.x - 50} ${y} ${to.x - 10} ${y}`;
      const label = gate === "o" ? [to.right + 12, y - 8] : [to.x - 14, y - 8, "end"];
      arrow(wires, path, `w_c${gate}`, lane.id, label).classList.add("peephole");
    }
}

// x_t and h_{t−1} reach every gate; each gate has weights of its own.
function drawBus(wires, bus, spots, lane) {
  const h = spots.h_prev;
  const below = h.y > bus.y;
  svg("path", { class: "bus", d: line(h.cx, bus.y, spots[bus.gates.at(-1)].cx, bus.y) }, wires);
  svg("path", { class: "bus", d: line(spots.x.cx, spots.x.y - 26, spots.x.cx, bus.y) }, wires);
  svg("path", { class: "bus", d: below ? line(h.cx, h.y - 26, h.cx, bus.y) : line(h.cx, h.bottom + 6, h.cx, bus.y) }, wires);
  for (const gate of bus.gates) {
    const spot = spots[gate];
    const terms = lane.equations[gate].terms.filter((term) => term.weight).map((term) => term.weight);
    const made = arrow(wires, line(spot.cx, bus.y, spot.cx, spot.bottom + 18), terms[0], lane.id, null);
    made.dataset.also = terms.map((name) => `${lane.id}:${name}`).join(" ");
    symbol(svg("text", { class: "weight", x: spot.cx + 6, y: bus.y + 18 }, made), terms.join(" "));
  }
}

// From stack to operation to stack: upward when the goal lies above, else sideways.
function connect(a, b) {
  const fromStack = a.w > 45;
  const above = b.bottom < a.y - 8;
  if (above && fromStack) {
    const reach = Math.abs(a.cx - b.cx) > 90;
    return reach
      ? `M${a.cx} ${a.y - 26}C${a.cx} ${b.cy} ${a.cx} ${b.cy} ${b.cx > a.cx ? b.x - 4 : b.right + 4} ${b.cy}`
      : rise(a.cx, a.y - 26, b.cx, b.bottom + 3);
  }
  if (Math.abs(a.cx - b.cx) < 24) return b.cy < a.cy ? line(a.cx, a.y - 2, b.cx, b.bottom + 3) : line(a.cx, a.bottom + 4, b.cx, b.y - 3);
  if (!fromStack && b.w < 45 && above) return `M${a.right + 2} ${a.cy}C${b.cx} ${a.cy} ${b.cx} ${a.cy} ${b.cx} ${b.bottom + 3}`;
  const right = b.cx > a.cx;
  const x1 = right ? a.right + 4 : a.x - 4;
  const x2 = right ? b.x - 8 : b.right + 4;
  const y1 = a.h > 60 ? clamp(b.cy, a.y + 10, a.bottom - 10) : a.cy;
  const y2 = b.h > 60 ? clamp(a.cy, b.y + 14, b.bottom - 10) : b.cy;
  return Math.abs(y1 - y2) < 1 ? line(x1, y1, x2, y2) : `M${x1} ${y1}C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`;
}

function previousStack(group, reader, view, lane, name, t, x, y) {
  const source = reader.previous(lane, name, t, 0);
  if (source.id) return stack(group, reader, source.id, source.t, x, y, view);
  const values = lane.init[name];
  const units = view.units(`${lane.id}.${name}`);
  for (const [k, unit] of units.entries()) {
    const top = y + k * (CELL.h + CELL.gap);
    const cellGroup = svg("g", { class: "num initial" }, group);
    svg("rect", { x, y: top, width: CELL.w, height: CELL.h, rx: 5 }, cellGroup);
    paint(cellGroup, values[unit], "state");
    svg("text", { x: x + CELL.w / 2, y: top + CELL.h / 2 + 4.5 }, cellGroup, formatted(values[unit], "state"));
  }
  return finish({ x, y, w: CELL.w, h: units.length * (CELL.h + CELL.gap) - CELL.gap });
}

function inputStack(group, reader, view, lane, t, x, y) {
  const boxes = lane.sources.map((id, k) => {
    const box = stack(group, reader, id, t, x + k * (CELL.w + 14), y, view);
    labelUnits(group, reader, id, box, view, x + k * (CELL.w + 14) - 6);
    return box;
  });
  return boxes[0];
}
