// Arithmetic depth: one number opened to the terms it is the sum of, with the formula and the code beside it.

const SHOWN_TERMS = 8;

// "h_2[1]": a value with its step and unit, for reading aloud and for the eye.
function valueLabel(parent, reader, source) {
  if (source.initial) {
    symbol(parent, `${source.name}_{0}`);
    parent.appendChild(document.createTextNode(`[${source.unit}]`));
    return;
  }
  const name = reader.nodes[source.id].name;
  if (name === "target") {
    parent.append(`target[${reader.unitName(source.id, source.unit)}]`);
    return;
  }
  if (source.fn === "tanh") parent.appendChild(document.createTextNode("tanh "));
  if (source.fn === "one_minus") parent.appendChild(document.createTextNode("1 − "));
  symbol(parent, `${name}_{${source.t + 1}}`);
  parent.appendChild(document.createTextNode(`[${reader.unitName(source.id, source.unit)}]`));
  const lane = reader.lanes[reader.nodes[source.id].lane];
  if (lane?.title && reader.run.lanes.length > 1) html("small", {}, parent, ` ${lane.title}`);
}

function weightLabel(parent, weight, columnName, rowName) {
  symbol(parent, weight.name);
  if (weight.turned) return void parent.append(`[${columnName},${rowName}]`);
  const column = weight.col === undefined ? "" : `,${columnName}`;
  parent.appendChild(document.createTextNode(`[${rowName}${column}]`));
}

function chip(parent, value, scale, kind, full = 1) {
  const node = html(kind === "button" ? "button" : "span", { class: `chip scale-${scale}` }, parent, formatted(value, scale));
  if (kind === "button") node.type = "button";
  paint(node, value, scale, full);
  return node;
}

// `open` is { id, t, unit }. `actions` are { open(source), edit(owner, weight, value), ask(), up() }.
function drawArithmetic(panel, reader, view, open, actions) {
  panel.replaceChildren();
  const { id, t, unit } = open;
  const S = view.strings;
  const weight = id.startsWith("grad.") ? id.slice(5) : null;
  const node = weight ? { name: weight, scale: "gradient" } : reader.nodes[id];
  const owner = weight ? { equations: { [weight]: reader.back.lines[weight] } } : reader.owner(id);
  const value = weight ? reader.gathered(weight, t, unit, open.col) : reader.at(id, t, unit);
  const head = html("div", { class: "head" }, panel);
  const title = html("h3", {}, head);
  const before = S.how.split("{value}");
  title.appendChild(document.createTextNode(before[0]));
  if (weight) gradientLabel(title, reader, weight, unit, open.col);
  else valueLabel(title, reader, { id, t, unit });
  title.appendChild(document.createTextNode(before[1] ?? ""));
  const close = html("button", { type: "button", class: "quiet", "data-act": "up", "aria-label": S.close }, head, "✕ ");
  html("span", { class: "long" }, close, `${S.close} (Esc)`);
  close.addEventListener("click", actions.up);

  if (!owner) {
    const text = node.scale === "onehot" ? S.is_one_hot : S.is_input;
    const read = node.scale === "onehot" ? reader.unitName(id, node.values[t - node.from].indexOf(1)) : "";
    html("p", { class: "plain" }, panel, text.replace("{symbol}", reader.unitName(id, unit)).replace("{read}", read).replace("{value}", formatted(value, node.scale)));
    return;
  }
  if (reader.isHeld(id, t, unit)) {
    html("p", { class: "plain" }, panel, S.is_held.replace("{value}", fine(value)));
    const was = reader.before(id, t, unit);
    if (was !== undefined) html("p", { class: "notes was" }, panel, S.before_edit.replace("{value}", signed(was, 3)));
    return;
  }
  if (reader.isRest(id, unit)) {
    html("p", { class: "plain" }, panel, S.is_rest.replace("{value}", fine(value)));
    return;
  }
  const equation = reader.equation(owner, node.name);
  const math = html("p", { class: "formula", lang: "en" }, panel);
  for (const [text, term] of equation.math) {
    const piece = html("span", term === null ? {} : { "data-term": term }, math);
    symbol(piece, text);
  }
  const why = weight ? reader.explainWeight(weight, t, unit, open.col) : reader.explain(id, t, unit);
  if (id === "dy" && !why.items.length) {
    html("p", { class: "plain" }, panel, S.no_loss);
    return;
  }
  if (weight) html("p", { class: "notes" }, panel, S.gathered.replaceAll("{t}", t + 1).replace("{last}", reader.steps));
  if (!why) {
    html("p", { class: "plain" }, panel, S.asking);
    actions.ask();
    return;
  }
  drawTerms(panel, reader, view, owner, why, open, actions);
  drawSum(panel, reader, view, why, value, open, node.scale);
  drawCode(panel, equation);
}

// "∂E/∂W_hh[1,2]", rows and columns by their names.
function gradientLabel(parent, reader, weight, row, col) {
  parent.append("∂E/∂");
  symbol(parent, weight);
  const [a, b] = reader.factors(weight, reader.steps - 1, row, col);
  const name = (part) => (part.id ? reader.unitName(part.id, part.unit) : part.unit);
  parent.append(`[${name(a)},${name(b)}]`);
}

function drawTerms(panel, reader, view, owner, why, open, actions) {
  const S = view.strings;
  const ownerId = owner === reader.run.readout ? "readout" : (owner.id ?? null);
  const grid = html("div", { class: "terms" }, panel);
  const live = why.items.filter((item) => item.product !== 0 || item.parts || (item.weight && item.weight.col === undefined) || (item.source && !isOneHot(reader, item.source)));
  const zeros = why.items.length - live.length;
  const ordered = view.allTerms || live.length <= SHOWN_TERMS + 1 ? live : [...live].sort((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, SHOWN_TERMS);
  const largest = Math.max(...why.items.map((item) => Math.abs(item.product)), 1e-9);
  for (const item of ordered) drawTerm(grid, reader, view, ownerId, item, largest, why.fn, open, actions);
  const rest = live.length - ordered.length;
  const notes = html("p", { class: "notes" }, panel);
  if (rest > 0) {
    const sum = live.filter((item) => !ordered.includes(item)).reduce((total, item) => total + item.product, 0);
    const more = html("button", { type: "button", class: "quiet" }, notes, S.rest.replace("{count}", rest).replace("{sum}", signed(sum, 3)));
    more.addEventListener("click", actions.all);
  }
  if (zeros > 0) html("span", {}, notes, S.zeros.replace("{count}", zeros));
  if (live.length) html("span", {}, notes, S.rounded);
}

function isOneHot(reader, source) {
  return source.id !== undefined && reader.nodes[source.id].scale === "onehot";
}

function drawTerm(grid, reader, view, ownerId, item, largest, fn, open, actions) {
  const card = html("div", { class: "term", "data-term": item.term }, grid);
  const rowName = open.id.startsWith("grad.") ? "" : reader.unitName(open.id, open.unit);
  const backward = ownerId === null; // a term of the way back: its weights belong to others and stay as they are
  const top = html("div", { class: "labels" }, card);
  const factors = html("div", { class: "factors" }, card);
  const parts = item.parts ?? [item.weight && { weight: item.weight }, item.source && { source: item.source }].filter(Boolean);
  parts.forEach((part, k) => {
    if (k) html("span", { class: "times" }, factors, "×");
    const label = html("span", { class: "label" }, k ? html("div", { class: "labels" }, card) : top);
    if (part.weight) {
      const column = item.source ? (item.source.id ? reader.unitName(item.source.id, item.source.unit) : item.source.unit) : "";
      weightLabel(label, part.weight, column, rowName);
      card.dataset.weight = backward ? `${part.weight.name === "W_hy" ? "readout" : reader.back.lane}:${part.weight.name}ᵀ` : `${ownerId}:${part.weight.name}`;
      const editable = view.editable && !backward;
      const made = chip(factors, part.weight.value, "logit", editable ? "button" : "span");
      made.classList.add("weight-chip");
      made.dataset.weightName = part.weight.name;
      made.setAttribute("aria-label", `${label.textContent} = ${formatted(part.weight.value, "logit")}`);
      if (editable) {
        made.title = view.strings.edit_weight;
        made.addEventListener("click", () => editInPlace(made, part.weight, view.strings, (value) => actions.edit(ownerId, part.weight, value)));
      }
    } else {
      valueLabel(label, reader, part.source);
      const scale = part.source.id ? reader.nodes[part.source.id].scale : "state";
      const linked = part.source.id !== undefined;
      const made = chip(factors, part.source.value, fn === "softmax" ? "logit" : scale === "prob" ? "gate" : scale, linked ? "button" : "span", reader.back?.largest);
      if (linked) {
        card.dataset.cell = `${part.source.id}:${part.source.t}:${part.source.unit}`;
        made.title = view.strings.open_number;
        made.setAttribute("aria-label", `${label.textContent} = ${made.textContent}`);
        made.addEventListener("click", () => actions.open(part.source));
      }
    }
  });
  const bar = html("div", { class: "bar" }, card);
  const fill = html("div", { class: item.product < 0 ? "negative" : "positive" }, bar);
  fill.style.width = `${(100 * Math.abs(item.product)) / largest}%`;
  const product = html("div", { class: "product" }, card);
  if (fn === "softmax") {
    // not "e" with a raised number: in an attention e is the score
    html("span", { class: "fn" }, product, `exp(${formatted(item.source.value, "logit")})`);
    product.append(" = ");
    html("span", { class: "number" }, product, item.product.toFixed(3));
  } else html("span", { class: "number" }, product, fine(item.product));
}

// Three decimals, or the power of ten when they would all be 0.
function fine(value) {
  return value !== 0 && Math.abs(value) < 0.0005 ? small(value) : signed(value, 3);
}

function editInPlace(button, weight, strings, commit) {
  const input = html("input", { type: "number", step: "0.1", min: "-10", max: "10", class: "edit", "aria-label": weight.name });
  input.value = weight.value.toFixed(3);
  button.replaceWith(input);
  input.focus();
  input.select();
  const first = input.value;
  let done = false;
  const finishEdit = (keep) => {
    if (done) return;
    const value = Number(input.value);
    if (keep && (input.value.trim() === "" || !Number.isFinite(value) || Math.abs(value) > 10)) {
      input.setCustomValidity(strings.edit_range);
      input.reportValidity();
      return;
    }
    done = true;
    const changed = keep && input.value !== first;
    input.replaceWith(button);
    button.focus();
    if (changed) commit(value);
  };
  input.addEventListener("input", () => input.setCustomValidity(""));
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter") finishEdit(true);
    if (event.key === "Escape") finishEdit(false);
  });
  input.addEventListener("blur", () => finishEdit(input.value !== first && Math.abs(Number(input.value)) <= 10 && input.value.trim() !== ""));
}

function drawSum(panel, reader, view, why, value, open, scale) {
  const S = view.strings;
  const line = html("p", { class: "sum" }, panel);
  html("span", {}, line, `${S.sum} `);
  const total = html("b", { class: "total" }, line, why.fn === "softmax" ? why.total.toFixed(3) : fine(why.total));
  const digits = scale === "gate" ? value.toFixed(3) : scale === "prob" ? `${(100 * value).toFixed(1)}%` : fine(value);
  const names = { tanh: "tanh", sigmoid: "σ", relu: "max(0, ·)", identity: "" };
  if (why.fn === "identity") total.classList.add("value"); // the sum is the value
  else if (why.fn === "slope") {
    const fn = html("span", { class: "fn" }, line, " × ");
    symbol(fn, { tanh: "(1 − h_t²)", sigmoid: "h_t (1 − h_t)", relu: "[h_t > 0]", identity: "1" }[reader.back.fn].replace("_t", `_{${open.t + 1}}`).replace("h_t)", `h_{${open.t + 1}})`));
    html("b", { class: "slope" }, line, ` = × ${why.slope.toFixed(3)} → `);
    html("b", { class: "value" }, line, digits);
  } else if (why.fn === "temper") {
    const fn = html("span", { class: "fn" }, line, " / ");
    symbol(fn, `τ_{${open.t + 1}}`);
    html("b", { class: "tau" }, line, ` = / ${why.tau.toFixed(3)} → `);
    html("b", { class: "value" }, line, digits);
  } else {
    const shown = why.fn === "softmax" ? null : names[why.fn];
    const fn = html("span", { class: "fn" }, line, shown === null ? " → exp " : ` → ${shown} → `);
    if (shown === null) {
      symbol(fn, reader.nodes[why.items[0].source.id].name);
      fn.append(` / ${S.sum} → `);
    }
    html("b", { class: "value" }, line, digits);
  }
  const was = open.id.startsWith("grad.") ? undefined : reader.before(open.id, open.t, open.unit);
  if (was !== undefined) html("span", { class: "was" }, line, ` ${(view.before === "edit" ? S.before_edit : S.before_training).replace("{value}", scale === "prob" ? formatted(was, "prob") : signed(was, 3))}`);
}

function drawCode(panel, equation) {
  const both = html("div", { class: "code" }, panel);
  for (const [name, fragments] of [["NumPy", equation.numpy], ["PyTorch", equation.torch]]) {
    const block = html("pre", { lang: "en" }, both);
    html("span", { class: "comment" }, block, `# ${name}\n`);
    for (const [text, term] of fragments) html("span", term === null ? {} : { "data-term": term }, block, text);
  }
}
