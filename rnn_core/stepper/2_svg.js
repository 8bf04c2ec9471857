// Small drawing tools. Text always goes in as textContent, never as markup: symbols come from visitors.

const SVG = "http://www.w3.org/2000/svg";
const CELL = { w: 56, h: 28, gap: 3 };

function svg(tag, attributes = {}, parent = null, text = null) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}

function html(tag, attributes = {}, parent = null, text = null) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") node.className = value;
    else node.setAttribute(name, value);
  }
  if (text !== null) node.textContent = text;
  if (parent) parent.appendChild(node);
  return node;
}

// "W_xh h_{t−1}" and "δ^{out}_t" → text with indices, into an HTML or SVG text node.
function symbol(parent, text) {
  const inSvg = parent.namespaceURI === SVG;
  for (const piece of text.split(/([A-Za-zδτ][\u0300-\u036f]?(?:\^\{[^}]*\})?_(?:\{[^}]*\}|[A-Za-z0-9]+))/)) {
    const match = /^([A-Za-zδτ][\u0300-\u036f]?)(?:\^\{([^}]*)\})?_(?:\{([^}]*)\}|([A-Za-z0-9]+))$/.exec(piece);
    if (!match) {
      if (piece) parent.appendChild(document.createTextNode(piece));
      continue;
    }
    const index = match[3] ?? match[4];
    const above = match[2];
    if (inSvg) {
      svg("tspan", { class: "var" }, parent, match[1]);
      if (above) {
        svg("tspan", { class: "sub", dy: -5 }, parent, above);
        svg("tspan", { dy: 5 }, parent, "\u200b");
      }
      svg("tspan", { class: "sub", dy: 3.5 }, parent, index);
      svg("tspan", { dy: -3.5 }, parent, "\u200b");
    } else {
      html("i", {}, parent, match[1]);
      if (above) html("sup", {}, parent, above);
      html("sub", {}, parent, index);
    }
  }
}

// How strongly a value is coloured, 0 … 1, and with which hue.
function tint(value, scale, full) {
  if (scale === "gradient") return ["gradient", Math.min(1, Math.abs(value) / full)];
  if (scale === "gate" || scale === "prob") return ["gate", Math.min(1, Math.max(0, value))];
  if (scale === "onehot") return ["ink", value ? 1 : 0];
  const end = scale === "logit" ? 4 : 1;
  return [value < 0 ? "negative" : "positive", Math.min(1, Math.abs(value) / end)];
}

// `full` is the size at which a gradient has its full colour: the largest of the run.
function paint(node, value, scale, full = 1) {
  const [hue, strength] = tint(value, scale, full);
  node.style.setProperty("--hue", `var(--u-${hue})`);
  node.style.setProperty("--strength", (Number.isFinite(strength) ? strength * 100 : 0).toFixed(1) + "%");
}

// A vertical stack of number cells for one vector at one step; returns its box.
function stack(parent, reader, id, t, x, y, view) {
  const node = reader.nodes[id];
  const box = { x, y, w: CELL.w, id, t };
  const group = svg("g", { class: `stack role-${node.role}` }, parent);
  const n = reader.size(id);
  if (node.scale === "onehot" && n > view.maxSymbols) {
    const hot = node.values[t - node.from].indexOf(1);
    cell(group, reader, id, t, hot, x, y, view, `${reader.unitName(id, hot)}=1`);
    box.h = CELL.h;
    return finish(box);
  }
  const units = view.units(id, t);
  units.forEach((unit, k) => cell(group, reader, id, t, unit, x, y + k * (CELL.h + CELL.gap), view));
  box.h = units.length * (CELL.h + CELL.gap) - CELL.gap;
  svg("rect", { class: "accent", x: x - 5, y, width: 2.5, height: box.h, rx: 1 }, group);
  if (units.length < n)
    svg("text", { class: "cut", x: x + CELL.w / 2, y: y + box.h + 12 }, group, view.cutLabel(units.length, n));
  return finish(box);
}

function cell(parent, reader, id, t, unit, x, y, view, label = null) {
  const node = reader.nodes[id];
  const value = reader.at(id, t, unit);
  const veiled = view.veiled(id, t);
  const held = reader.isHeld(id, t, unit) ? " held" : "";
  const group = svg("g", { class: `num scale-${node.scale}${held}`, "data-cell": `${id}:${t}:${unit}` }, parent);
  svg("rect", { x, y, width: CELL.w, height: CELL.h, rx: 5 }, group);
  if (!veiled) paint(group, value, node.scale, reader.back?.largest);
  svg(
    "text",
    { x: x + CELL.w / 2, y: y + CELL.h / 2 + 5 },
    group,
    veiled ? "?" : (label ?? formatted(value, node.scale)),
  );
  return group;
}

function finish(box) {
  box.cx = box.x + box.w / 2;
  box.cy = box.y + box.h / 2;
  box.right = box.x + box.w;
  box.bottom = box.y + box.h;
  return box;
}

// An arrow along a path, with the weight it carries as a label and as the name hover finds it by.
function arrow(parent, path, weight = null, owner = null, label = null, also = null) {
  const group = svg("g", { class: "arrow" }, parent);
  if (weight) group.dataset.weight = `${owner}:${weight}`;
  if (owner && also) group.dataset.also = also.map((name) => `${owner}:${name}`).join(" ");
  svg("path", { d: path, "marker-end": "url(#u-head)" }, group);
  if (weight && label) {
    const text = svg("text", { class: "weight", x: label[0], y: label[1], "text-anchor": label[2] ?? "start" }, group);
    symbol(text, weight);
  }
  return group;
}

function line(x1, y1, x2, y2) {
  return `M${x1} ${y1}L${x2} ${y2}`;
}

// From (x1, y1) up to (x2, y2): straight when it can be, else a calm S.
function rise(x1, y1, x2, y2) {
  if (Math.abs(x1 - x2) < 1) return line(x1, y1, x2, y2);
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}

function op(parent, x, y, text, r = 13) {
  const group = svg("g", { class: "op" }, parent);
  svg("circle", { cx: x, cy: y, r }, group);
  svg("text", { x, y: y + 4.5 }, group, text);
}
