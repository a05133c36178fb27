// The scene Python sends, read once into indexed form. Nothing here knows how it will look.

const INTRINSIC_WORDS = {
  fold: "Fold", unroll: "Unroll", pause: "Pause", play: "Play", folded: "Folded", unrolled: "Unrolled",
  back: "One step back", forward: "One step forward", length: "Length T", time: "Time step", order: "Order",
  generations: "by generation", weights: "Shared weights", noOrder: "none",
};

class Scene {
  constructor(data) {
    this.data = data;
    this.title = data.title ?? "Recurrent network";
    this.words = { ...INTRINSIC_WORDS, ...(data.words ?? {}) };
    const index = new Map(data.layers.map((layer, i) => [layer.name, i]));
    this.layers = data.layers.map((layer, i) => readLayer(layer, i));
    this.connections = data.connections.map((connection, i) => ({
      index: i,
      source: index.get(connection.source),
      target: index.get(connection.target),
      weight: connection.weight ?? null,
      delay: connection.delay,
    }));
    this.delayed = this.connections.filter((connection) => connection.delay !== 0);
    this.direct = this.connections.filter((connection) => connection.delay === 0);
    this.weights = new Map(data.weights.map((weight) => [weight.name, weight]));
    this.controls = new Set(data.controls ?? []);
    this.limits = data.limits ?? [1, 200];
    this.tokens = data.tokens ?? [];
    this.cell = data.cell;
    this.tracks = (data.tracks ?? []).map(readTrack);
    this.scale = data.scale || 1;
    this.values = data.values ? this.layers.map((layer) => (layer.name in data.values ? readFloats(data.values[layer.name]) : null)) : null;
    this.uniform = this.layers.every(({ first, last, every }) => first === 1 && last === null && every === 1);
    this.past = Math.max(0, ...this.connections.map((connection) => connection.delay));
    this.future = Math.max(0, ...this.connections.map((connection) => -connection.delay));
    for (const layer of this.layers) layer.operator = operatorOf(layer, this.connections);
    this.cyclic = cyclicLayers(this.layers.length, this.connections);
    this.ahead = layersReadAhead(this);
    this.order = data.order ? data.order.map(([layer, t], i) => ({ layer, t, generation: data.generations?.[i] ?? i })) : null;
  }

  // Two scenes of the same shape can share their drawn elements.
  get signature() {
    const { layers, connections, weights, cell, palette } = this.data;
    return JSON.stringify([layers, connections, weights, cell, palette]);
  }

  present(layer, t, steps) {
    const { first, last, every } = this.layers[layer];
    const from = first < 0 ? Math.max(1, steps + 1 + first) : first;
    const to = last === null ? steps : last < 0 ? steps + 1 + last : last;
    return t >= from && t <= Math.min(to, steps) && (t - from) % every === 0;
  }

  // Does the copy of this connection that arrives at step t exist, and where does it start?
  // "initial" means before step 1 or after step T.
  origin(connection, t, steps) {
    if (!this.present(connection.target, t, steps)) return null;
    const from = t - connection.delay;
    if (from < 1 || from > steps) return "initial";
    return this.present(connection.source, from, steps) ? "copy" : null;
  }

  uses(weight, steps) {
    let count = 0;
    for (const connection of this.connections) {
      if (connection.weight !== weight) continue;
      for (let t = 1; t <= steps; t += 1) if (this.origin(connection, t, steps)) count += 1;
    }
    return count;
  }

  // The values of one copy, or null where Python has sent none.
  vector(layer, t) {
    const all = this.values?.[layer];
    const { size } = this.layers[layer];
    if (!all || t < 1 || t * size > all.length) return null;
    return all.subarray((t - 1) * size, t * size);
  }

  // At cursor t a layer that reads the future has already been computed everywhere.
  known(layer, t, cursor) {
    return t <= cursor || this.ahead[layer];
  }

  // The step of the open node: with a time cursor it is always the cursor's.
  openAt({ selected, cursor }) {
    return this.controls.has("time") ? cursor : selected.t;
  }

  colour(weight, theme) {
    const found = this.weights.get(weight);
    return found ? found[theme] : null;
  }

  // The parts of h₃: the letter, the step with the layer's own subscript, and what stands above.
  symbol(layer, t = null) {
    const { base, sub, sup } = this.layers[layer];
    const step = t === null || isWord(base) ? "" : String(t).replace("-", "−");
    return [base, [sub, step].filter(Boolean).join(","), sup];
  }

  weightLabel(name) {
    return this.weights.get(name)?.label ?? [name];
  }

  describe(steps) {
    const loops = this.delayed.map((connection) => {
      const [from, to] = [this.layers[connection.source].name, this.layers[connection.target].name];
      return `${from} to ${to}, ${delayPhrase(connection.delay)}`;
    });
    const cycles = this.layers.filter((layer, i) => this.cyclic[i]).map((layer) => layer.name);
    return [
      `${this.title}.`,
      `${this.layers.length} layers: ${this.layers.map((layer) => layer.text ?? layer.name).join("; ")}.`,
      loops.length ? `Delayed connections: ${loops.join("; ")}.` : "No delayed connection.",
      cycles.length ? `Folded, the graph has cycles through ${cycles.join(", ")}; unrolled, it has none.` : "The graph has no cycle.",
      `Unrolled over ${steps} ${steps === 1 ? "step" : "steps"}.`,
    ].join(" ");
  }
}

function readLayer(layer, index) {
  const [first, last, every] = layer.presence ?? [1, null, 1];
  const [base, sub = "", sup = ""] = layer.label ?? [layer.name];
  return { ...layer, index, base, sub, sup, first, last, every };
}

function readTrack(track) {
  return { ...track, data: readFloats(track.data) };
}

// A symbol is one or two letters; anything longer is a word, set upright in a wider shape.
const isWord = (base) => graphemes(base).length > 2;

// A symbol in plain text, for a screen reader or a line of prose.
const spoken = ([base, sub, sup]) => `${base}${sup ? `^${sup}` : ""}${sub ? `_${sub}` : ""}`;

const delayLabel = (delay) => (delay > 0 ? `−${delay}` : `+${-delay}`);
const stepsPhrase = (count) => (count === 1 ? "one step" : `${count} steps`);
const delayPhrase = (delay) => `${stepsPhrase(Math.abs(delay))} ${delay > 0 ? "back" : "ahead"}`;

// A product node shows ⊙. A plain sum of unweighted inputs shows ⊕.
function operatorOf(layer, connections) {
  if (layer.combine === "product") return "product";
  const incoming = connections.filter((connection) => connection.target === layer.index);
  const plain = !layer.activation || layer.activation === "identity";
  return plain && incoming.length > 1 && incoming.every((connection) => connection.weight === null) ? "sum" : null;
}

// reach[u][v]: there is a path of connections from u to v.
function reachability(count, connections) {
  const reach = Array.from({ length: count }, () => new Array(count).fill(false));
  for (const { source, target } of connections) reach[source][target] = true;
  for (let via = 0; via < count; via += 1) {
    for (let from = 0; from < count; from += 1) {
      if (!reach[from][via]) continue;
      for (let to = 0; to < count; to += 1) reach[from][to] ||= reach[via][to];
    }
  }
  return reach;
}

const cyclicLayers = (count, connections) => reachability(count, connections).map((row, i) => row[i]);

// Layers on a cycle that runs backward in time, and everything such a cycle reads.
function layersReadAhead({ layers, connections }) {
  const reach = reachability(layers.length, connections);
  const backward = connections
    .filter(({ source, target, delay }) => delay < 0 && (source === target || reach[target][source]))
    .map(({ source }) => source);
  return layers.map((_, i) => backward.some((layer) => layer === i || reach[i][layer]));
}
