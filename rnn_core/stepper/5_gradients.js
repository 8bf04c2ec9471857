// The weights' gradients, growing as the way back goes on: one matrix at a time, and how much each step adds.

const GRADIENTS = ["W_xh", "W_hh", "W_hy"];

// `shown` is { weight, t, back } ; `actions` are { weight(name), open(row, col), step(t) }.
function drawGradients(box, reader, view, shown, open, actions) {
  box.replaceChildren();
  const S = view.strings;
  const head = html("div", { class: "grads-head" }, box);
  html("span", { class: "grads-title" }, head, S.gradients_of);
  const choice = html("span", { class: "switch", role: "group", "aria-label": S.gradients_of }, head);
  for (const weight of GRADIENTS) {
    const button = html("button", { type: "button", "data-act": `grad:${weight}`, "aria-pressed": String(weight === shown.weight) }, choice);
    symbol(button, weight);
    button.addEventListener("click", () => actions.weight(weight));
  }
  const said = html("p", { class: "notes" }, box);
  said.textContent = shown.back ? S.gathered.replaceAll("{t}", shown.t + 1).replace("{last}", reader.steps) : S.not_yet;
  const both = html("div", { class: "grads-both" }, box);
  drawMatrix(both, reader, view, shown, open, actions);
  drawShares(both, reader, view, shown, actions);
}

function drawMatrix(parent, reader, view, shown, open, actions) {
  const { weight, t, back } = shown;
  const [rows, cols] = reader.shapeOf(weight);
  const all = (from) => [...Array(rows).keys()].map((i) => [...Array(cols).keys()].map((j) => reader.gathered(weight, from, i, j)));
  const full = Math.max(...all(0).flat().map(Math.abs), 1e-300);
  const frame = html("div", { class: "grads-matrix" }, parent);
  const table = html("table", {}, frame);
  const caption = html("caption", {}, table, "∂E/∂");
  symbol(caption, weight);
  const names = (part) => (part.id ? reader.unitName(part.id, part.unit) : String(part.unit));
  const header = html("tr", {}, html("thead", {}, table));
  html("td", {}, header);
  for (let j = 0; j < cols; j++) html("th", { scope: "col" }, header, names(reader.factors(weight, reader.steps - 1, 0, j)[1]));
  const body = html("tbody", {}, table);
  for (let i = 0; i < rows; i++) {
    const row = html("tr", {}, body);
    html("th", { scope: "row" }, row, names(reader.factors(weight, 0, i, 0)[0]));
    for (let j = 0; j < cols; j++) {
      const cell = html("td", {}, row);
      const value = back ? reader.gathered(weight, t, i, j) : 0;
      const button = chip(cell, value, "gradient", back ? "button" : "span", full);
      button.dataset.grad = `${i},${j}`;
      if (!back) continue;
      const step = reader.added(weight, t, i, j);
      if (step !== 0) html("small", {}, cell, formatted(step, "gradient"));
      if (open?.id === `grad.${weight}` && open.unit === i && open.col === j) button.classList.add("open");
      button.title = view.strings.open_number;
      button.addEventListener("click", () => actions.open(i, j));
    }
  }
}

// One bar per step: ‖δ_t v_tᵀ‖. Steps that the way back has not reached are outlines.
function drawShares(parent, reader, view, shown, actions) {
  const { weight, t, back } = shown;
  const frame = html("div", { class: "grads-shares" }, parent);
  const title = html("p", { class: "notes" }, frame);
  title.textContent = view.strings.shares;
  const shares = [...Array(reader.steps).keys()].map((s) => reader.share(weight, s));
  const most = Math.max(...shares, 1e-300);
  const bars = html("div", { class: "bars" }, frame);
  shares.forEach((share, s) => {
    const known = back && s >= t;
    const column = html("button", { type: "button", class: `share${known ? "" : " unknown"}${back && s === t ? " now" : ""}`, "data-share": s }, bars);
    html("span", { class: "amount" }, column, known ? share.toPrecision(2).replace(/e-/, `e${MINUS}`) : "");
    const bar = html("span", { class: "column" }, column);
    const fill = html("span", { class: "fill" }, bar);
    fill.style.height = known ? `${(100 * share) / most}%` : "0";
    html("span", { class: "step" }, column, `t=${s + 1}`);
    column.addEventListener("click", () => actions.step(s));
  });
}
