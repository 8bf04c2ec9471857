// Reading the run: values by name, and the terms that a value is the sum of.
// The terms follow rnn_core.cells.equations, as Trace.explain does in Python.

const MINUS = "\u2212";

function signed(value, digits) {
  const shown = Math.abs(value).toFixed(digits);
  const zero = Number(shown) === 0;
  return (value < 0 && !zero ? MINUS : zero ? "" : "+") + shown;
}

function formatted(value, scale) {
  if (value === undefined || value === null) return "";
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : MINUS + "∞";
  if (scale === "onehot") return String(value);
  if (scale === "prob") return percent(value);
  if (scale === "gate") return value.toFixed(2);
  if (scale === "gradient" && value !== 0 && Math.abs(value) < 0.005) return small(value);
  if (Math.abs(value) >= 100) return signed(value, 0);
  if (Math.abs(value) >= 10) return signed(value, 1);
  return signed(value, 2);
}

// As `percent` in ui/blocks.py: rounded once, from the digits that were sent; nearly all is not all.
function percent(value) {
  const p = Number(value.toPrecision(6));
  if (p > 0 && p < 0.005) return "<1%";
  return p >= 0.995 && p < 1 ? ">99%" : `${Math.floor(100 * p + 0.5)}%`;
}

// "+3e−4": gradients get small, and a small one is not 0.
function small(value) {
  const [digit, power] = Math.abs(value).toExponential(0).split("e-");
  return `${value < 0 ? MINUS : "+"}${digit}e${MINUS}${power}`;
}

const ACTIVATIONS = {
  identity: (a) => a,
  tanh: Math.tanh,
  sigmoid: (a) => 1 / (1 + Math.exp(-a)),
  relu: (a) => Math.max(0, a),
};

// A table of numbers that came as base64 of float32, row by row.
function unpacked({ f32, shape: [rows, cols] }) {
  const bytes = Uint8Array.from(atob(f32), (char) => char.charCodeAt(0));
  const all = new Float32Array(bytes.buffer);
  return [...Array(rows).keys()].map((k) => all.subarray(k * cols, (k + 1) * cols));
}

class RunReader {
  constructor(run, rows = null) {
    this.run = run;
    this.cut = false; // drawn cut after W_hh: then a lane's equations are those with s in them
    this.rows = rows; // weights of one unit, asked from the server: { lane, unit, weights }
    for (const tables of [run.nodes, run.before ?? {}])
      for (const [id, node] of Object.entries(tables))
        if (node.f32) tables[id] = unpacked(node);
        else if (node.values?.f32) node.values = unpacked(node.values);
    for (const { weights } of [...run.lanes, ...Object.values(run.stages), run.readout ?? {}])
      for (const [name, weight] of Object.entries(weights ?? {})) if (weight.f32) weights[name] = unpacked(weight);
    this.nodes = run.nodes;
    this.lanes = Object.fromEntries(run.lanes.map((lane) => [lane.id, lane]));
    this.stages = Object.fromEntries(Object.entries(run.stages).map(([id, stage]) => [id, { id, ...stage, equations: { [id]: stage } }]));
  }

  get steps() {
    return this.run.columns.length;
  }

  size(id) {
    return this.nodes[id].values[0].length;
  }

  // --- the way back -------------------------------------------------------------------------------

  get back() {
    return this.run.backward;
  }

  // The time bar of a run with a way back is twice as long: moment m is a step, forward or backward.
  get moments() {
    return this.back ? 2 * this.steps : this.steps;
  }

  stepOf(m) {
    return m < this.steps ? m : 2 * this.steps - 1 - m;
  }

  isDelta(id) {
    return this.nodes[id]?.scale === "gradient";
  }

  // Row `row`, column `col` of ∂E/∂weight: what step t adds, and what has come together from the end back to t.
  factors(weight, t, row, col) {
    const { delta } = this.back;
    const lane = this.lanes[this.back.lane];
    if (weight === "W_hy") {
      const d = { id: "dy", t, unit: row, value: this.at("dy", t, row) };
      return [d, { id: `${lane.id}.h`, t, unit: col, value: this.at(`${lane.id}.h`, t, col) }];
    }
    const d = { id: delta, t, unit: row, value: this.at(delta, t, row) };
    return [d, weight === "W_xh" ? this.source(lane, t, col) : this.previous(lane, "h", t, col)];
  }

  added(weight, t, row, col) {
    const [a, b] = this.factors(weight, t, row, col);
    return a.value * b.value;
  }

  gathered(weight, t, row, col) {
    let sum = 0;
    for (let s = t; s < this.steps; s++) sum += this.added(weight, s, row, col);
    return sum;
  }

  shapeOf(weight) {
    const lane = this.lanes[this.back.lane];
    const rows = weight === "W_hy" ? this.size("dy") : this.size(this.back.delta);
    const cols = weight === "W_xh" ? lane.sources.reduce((n, id) => n + this.size(id), 0) : this.size(this.back.delta);
    return [rows, cols];
  }

  // How much step t adds to a weight's gradient: the Frobenius norm of δ_t v_tᵀ.
  share(weight, t) {
    const [rows, cols] = this.shapeOf(weight);
    let sum = 0;
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) sum += this.added(weight, t, i, j) ** 2;
    return Math.sqrt(sum);
  }

  explainDelta(t, unit) {
    const lane = this.lanes[this.back.lane];
    const items = [];
    const part = (name, owner, id, s, term) => {
      for (let j = 0; j < this.size(id); j++) {
        const value = owner.weights[name][j][unit];
        const source = { id, t: s, unit: j, value: this.at(id, s, j) };
        items.push({ term, weight: { name, row: j, col: unit, value, turned: true }, source, product: value * source.value });
      }
    };
    if (t + 1 < this.steps && !this.back.cuts.includes(t + 1)) part("W_hh", lane, this.back.delta, t + 1, 0);
    part("W_hy", this.run.readout, "dy", t, 1);
    const total = items.reduce((sum, item) => sum + item.product, 0);
    const h = this.at(`${lane.id}.h`, t, unit);
    const slope = { tanh: 1 - h * h, sigmoid: h * (1 - h), relu: h > 0 ? 1 : 0, identity: 1 }[this.back.fn];
    return { fn: "slope", total, slope, value: total * slope, items };
  }

  explainOut(t, unit) {
    if (!this.back.loss_steps.includes(t)) return { fn: "identity", total: 0, value: 0, items: [] };
    const guess = this.back.output === "softmax" ? "p" : "y";
    const items = [
      { term: 0, source: { id: guess, t, unit, value: this.at(guess, t, unit) }, product: this.at(guess, t, unit) },
      { term: 1, source: { id: "target", t, unit, value: this.at("target", t, unit) }, product: -this.at("target", t, unit) },
    ];
    const total = items[0].product + items[1].product;
    return { fn: "identity", total, value: total, items };
  }

  // ∂E/∂weight[row, col] as far as the way back has come: one product per step.
  explainWeight(weight, t, row, col) {
    const items = [];
    for (let s = this.steps - 1; s >= t; s--) {
      const [a, b] = this.factors(weight, s, row, col);
      items.push({ term: 0, parts: [{ source: a }, { source: b }], product: a.value * b.value });
    }
    const total = items.reduce((sum, item) => sum + item.product, 0);
    return { fn: "identity", total, value: total, items };
  }

  at(id, t, unit) {
    const node = this.nodes[id];
    const value = node.values[t - node.from]?.[unit];
    return typeof value === "string" ? Number(value) : value; // "NaN" and "Infinity" travel as words
  }

  // Whether a number was set by hand instead of by its equation.
  isHeld(id, t, unit) {
    return Boolean(this.nodes[id]?.held?.some((clamp) => t >= clamp.from && t < clamp.to && (clamp.units === null || clamp.units.includes(unit))));
  }

  has(id, t) {
    const node = this.nodes[id];
    return node !== undefined && t >= node.from && t < node.from + node.values.length;
  }

  before(id, t, unit) {
    const values = this.run.before?.[id];
    return values?.[t - this.nodes[id].from]?.[unit];
  }

  // The lane or the readout that computes a node; undefined for an input.
  owner(id) {
    const node = this.nodes[id];
    if (node.scale === "gradient") return { equations: { [node.name]: this.back.lines[id === "dy" ? "o" : "d"] } };
    if (this.stages[id]) return this.stages[id];
    if (node.lane) return this.lanes[node.lane];
    return node.name === "y" || node.name === "p" ? this.run.readout : undefined;
  }

  // How a node's own numbers come about, in the drawing that is shown.
  equation(owner, name) {
    return owner.cut && (this.cut || !owner.equations[name]) ? owner.cut[name] : owner.equations[name];
  }

  unitName(id, unit) {
    return this.nodes[id].units?.[unit] ?? String(unit);
  }

  // Entry j of the vectors that a lane reads, concatenated.
  source(owner, t, j) {
    for (const id of owner.sources) {
      const n = this.size(id);
      if (j < n) return { id, t, unit: j, value: this.at(id, t, j) };
      j -= n;
    }
    return undefined;
  }

  // Entry j of the largest values up to step t: where and when unit j was highest.
  peak(owner, t, j) {
    for (const id of owner.peaks) {
      const n = this.size(id);
      if (j >= n) {
        j -= n;
        continue;
      }
      let best = this.nodes[id].from;
      for (let s = best; s <= t; s++) if (this.at(id, s, j) > this.at(id, best, j)) best = s;
      return { id, t: best, unit: j, value: this.at(id, best, j) };
    }
    return undefined;
  }

  // The state before step t in the lane's own direction, or its initial value.
  previous(lane, name, t, unit) {
    const before = lane.direction === "forward" ? t - 1 : t + 1;
    const id = `${lane.id}.${name}`;
    if (before >= lane.from && before < lane.to)
      return { id, t: before, unit, value: this.at(id, before, unit) };
    const value = lane.init[name][unit];
    let j = unit;
    for (const from of lane.init_from) {
      const encoder = this.lanes[from];
      const n = encoder.init[name].length;
      if (j < n) return { id: `${from}.${name}`, t: this.lastStep(encoder), unit: j, value };
      j -= n;
    }
    return { initial: true, name, unit, value };
  }

  // Where a lane ends: its last step in its own direction.
  lastStep(lane) {
    return lane.direction === "forward" ? lane.to - 1 : lane.from;
  }

  // Entry j of several vectors at step t, one after the other.
  entry(nodes, t, j) {
    for (const id of nodes) {
      const n = this.size(id);
      if (j < n) return { id, t, unit: j, value: this.at(id, t, j) };
      j -= n;
    }
    return undefined;
  }

  // The last "word" of an answer stands for all that are not named: it has no row of weights of its own.
  isRest(id, unit) {
    return Boolean(this.stages[id]) && id === "y" && unit === this.size("y") - 1;
  }

  explainStage(stage, t, unit) {
    const items = [];
    const named = (id, at, j) => ({ id, t: at, unit: j, value: this.at(id, at, j) });
    for (const [k, term] of stage.terms.entries()) {
      if (term.weight) {
        const row = this.weight(stage, term.weight, unit);
        if (row === undefined) return null;
        if (term.kind === "bias") items.push({ term: k, weight: { name: term.weight, row: unit, value: row }, product: row });
        else
          row.forEach((value, j) => {
            const source = this.entry(term.nodes, t, j);
            items.push({ term: k, weight: { name: term.weight, row: unit, col: j, value }, source, product: value * source.value });
          });
      } else if (term.kind === "softmax") {
        for (let j = 0; j < this.size(term.node); j++) {
          const source = named(term.node, t, j);
          items.push({ term: k, source, product: Math.exp(source.value) });
        }
      } else {
        const n = this.size(term.by);
        for (let j = 0; j < n; j++) {
          // "dot": key of source word `unit` times the state now; "read": weight of source word j times its state
          const a = term.kind === "dot" ? named(term.by, unit, j) : named(term.by, t, j);
          const b = term.kind === "dot" ? named(term.node, t, j) : this.entry(term.nodes, j, unit);
          items.push({ term: k, parts: [{ source: a }, { source: b }], product: a.value * b.value });
        }
      }
    }
    const total = items.reduce((sum, item) => sum + item.product, 0);
    const value = stage.fn === "softmax" ? items[unit].product / total : ACTIVATIONS[stage.fn](total);
    return { fn: stage.fn, total, value, items };
  }

  // Row `unit` of a weight matrix (or entry of a bias); undefined when it has not been shipped.
  weight(owner, name, unit) {
    if (owner.weights) return owner.weights[name][unit];
    return this.rows?.lane === owner.id && this.rows.unit === unit ? this.rows.weights[name] : undefined;
  }

  // Why is this number what it is: { fn, total, value, items: [{ term, weight, source, product }] }.
  explain(id, t, unit) {
    if (this.isDelta(id)) return id === "dy" ? this.explainOut(t, unit) : this.explainDelta(t, unit);
    const owner = this.owner(id);
    if (!owner) return null;
    if (this.stages[id]) return this.explainStage(owner, t, unit);
    const equation = this.equation(owner, this.nodes[id].name);
    const needed = equation.terms.filter((term) => term.weight).map((term) => term.weight);
    if (needed.some((name) => this.weight(owner, name, unit) === undefined)) return null;
    const items = [];
    if (equation.fn === "softmax") {
      for (let j = 0; j < this.size("y"); j++) {
        const value = this.at("y", t, j);
        items.push({ term: 0, source: { id: "y", t, unit: j, value }, product: Math.exp(value) });
      }
      const total = items.reduce((sum, item) => sum + item.product, 0);
      return { fn: "softmax", total, value: items[unit].product / total, items };
    }
    equation.terms.forEach((term, k) => {
      if (term.kind === "bias") {
        const value = this.weight(owner, term.weight, unit);
        items.push({ term: k, weight: { name: term.weight, row: unit, value }, product: value });
      } else if (term.kind === "matvec") {
        this.weight(owner, term.weight, unit).forEach((value, j) => {
          const fromStates = term.source === "x" || owner === this.run.readout;
          const source =
            term.source === "m" && owner.peaks?.length
              ? this.peak(owner, t, j)
              : fromStates
                ? this.source(owner, t, j)
                : term.shift === 0
                  ? { id: `${owner.id}.${term.source}`, t, unit: j, value: this.at(`${owner.id}.${term.source}`, t, j) }
                  : this.previous(owner, term.source, t, j);
          items.push({
            term: k,
            weight: { name: term.weight, row: unit, col: j, value },
            source,
            product: value * source.value,
          });
        });
      } else {
        const parts = term.factors.map((factor) => {
          if (factor.is_weight)
            return { weight: { name: factor.name, row: unit, value: this.weight(owner, factor.name, unit) } };
          const raw =
            factor.shift === -1
              ? this.previous(owner, factor.name, t, unit)
              : { id: `${owner.id}.${factor.name}`, t, unit, value: this.at(`${owner.id}.${factor.name}`, t, unit) };
          const value =
            factor.fn === "tanh" ? Math.tanh(raw.value) : factor.fn === "one_minus" ? 1 - raw.value : raw.value;
          return { source: { ...raw, raw: raw.value, value, fn: factor.fn } };
        });
        const value = (part) => (part.weight ?? part.source).value;
        items.push({ term: k, parts, product: parts.reduce((product, part) => product * value(part), 1) });
      }
    });
    const total = items.reduce((sum, item) => sum + item.product, 0);
    if (equation.fn === "temper") {
      const tau = owner.temperatures[t - owner.from];
      return { fn: "temper", total, tau, value: total / tau, items };
    }
    return { fn: equation.fn, total, value: ACTIVATIONS[equation.fn](total), items };
  }
}
