// The scene Python sends, read once into indexed form. Nothing here knows how it will look.

const INTRINSIC_WORDS = {
  fold: "Fold", unroll: "Unroll", pause: "Pause", play: "Play", folded: "Folded", unrolled: "Unrolled",
  back: "One step back", forward: "One step forward", length: "Length T", time: "Time step", order: "Order",
  generations: "by generation", weights: "Shared weights", noOrder: "none", allWeights: "All weights", fewerWeights: "Fewer weights",
};

const BLANKS = { " ": "␣", "\n": "↵", "\t": "⇥" }; // tokens that could not be seen

const SYMBOL_SIZE = 15; // the least in an open cell
const TWO_DIGITS = "20"; // the longest step for which nodes have room
const WORD = { size: 14, most: 100, margin: { gate: 13, loss: 24, state: 9, output: 9 } }; // a longer word is cut in the picture, not in what is said

// Of weights that share a colour; the first has none. Long enough for the head of an arrow.
const DASHES = [null, "9 3", "3 3", "9 3 3 3", "14 4", "1 4", "9 3 1 3", "14 3 3 3 3 3", "3 3 3 8"];

class Scene {
  constructor(data) {
    this.data = data;
    this.title = data.title ?? "Recurrent network";
    this.words = { ...INTRINSIC_WORDS, ...(data.words ?? {}) };
    const index = new Map(data.layers.map((layer, i) => [layer.name, i]));
    this.wordFont = `${WORD.size}px ${data.palette?.light?.fonts?.text ?? "sans-serif"}`;
    this.layers = data.layers.map((layer, i) => readLayer(layer, i, this.wordFont));
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
    this.isEditable = this.controls.has("edit");
    this.trouble = data.trouble ?? null;
    this.drafted = data.drafted ?? null;
    this.drawable = data.drawable ?? null;
    this.limits = data.limits ?? [1, 200];
    this.tokens = (data.tokens ?? []).map((token) => BLANKS[token] ?? token);
    this.cell = data.cell;
    this.tracks = (data.tracks ?? []).map(readTrack);
    this.uniform = this.layers.every(({ first, last, every }) => first === 1 && last === null && every === 1);
    this.past = Math.max(0, ...this.connections.map((connection) => connection.delay));
    this.future = Math.max(0, ...this.connections.map((connection) => -connection.delay));
    for (const layer of this.layers) layer.operator = operatorOf(layer, this.connections);
    this.reach = reachability(this.layers.length, this.connections);
    this.cyclic = this.layers.map((_, i) => this.reach[i][i]);
    this.wave = data.wave ?? 1; // 1: computed from left to right, -1: from right to left
    this.ahead = layersKnownAhead(this);
    this.cuts = data.cuts ?? [];
    this.film = data.film ? new Film(this, data.film) : null;
    this.quantity = this.film ?? quantityOf(this, data);
    this.hasFlows = Boolean(data.flows);
    this.order = data.order ? data.order.map(([layer, t], i) => ({ layer, t, generation: data.generations?.[i] ?? i })) : null;
  }

  // Two scenes of the same shape can share their drawn elements.
  get signature() {
    const { layers, connections, weights, cell, palette } = this.data;
    return JSON.stringify([layers, connections, weights, cell, palette]);
  }

  // How a connection joins units.
  kind({ weight }) {
    if (weight === null) return "identity";
    return this.weights.get(weight)?.shape?.length === 1 ? "diagonal" : "matrix";
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

  // Has the wave reached this copy, when it stands at the cursor?
  known(layer, t, cursor) {
    return this.film !== null || (cursor - t) * this.wave >= 0 || this.ahead[layer];
  }

  // Does the copy of this connection that arrives at step t lead across a cut?
  isCut({ delay }, t) {
    const [low, high] = [Math.min(t, t - delay), Math.max(t, t - delay)];
    return this.cuts.some((boundary) => low <= boundary && boundary < high);
  }

  // The step of the open node: with a time cursor it is the cursor's, unless the initial state (0) is open.
  openAt({ selected, cursor }) {
    return this.controls.has("time") && selected.t !== 0 ? cursor : selected.t;
  }

  colour(weight, theme) {
    const found = this.weights.get(weight);
    return found ? found[theme] : null;
  }

  // Beyond the palette its colours come again, with a dash.
  dash(weight) {
    return DASHES[(this.weights.get(weight)?.round ?? 0) % DASHES.length];
  }

  // The parts of h₃: the letter, the step with the layer's own subscript, and what stands above.
  symbol(layer, t = null) {
    const { base, sub, sup, isWord } = this.layers[layer];
    const step = t === null || isWord ? "" : String(t).replace("-", "−");
    return [base, [sub, step].filter(Boolean).join(","), sup];
  }

  weightLabel(name) {
    return this.weights.get(name)?.label ?? [name];
  }

  describe(steps) {
    const loops = this.delayed.map((connection) => {
      const [from, to] = [this.layers[connection.source].said, this.layers[connection.target].said];
      return `${from} to ${to}, ${delayPhrase(connection.delay)}`;
    });
    const cycles = this.layers.filter((layer, i) => this.cyclic[i]).map((layer) => layer.said);
    return [
      `${this.title}.`,
      `${this.layers.length} layers: ${this.layers.map((layer) => layer.text ?? layer.said).join("; ")}.`,
      loops.length ? `Delayed connections: ${loops.join("; ")}.` : "No delayed connection.",
      cycles.length ? `Folded, the graph has cycles through ${cycles.join(", ")}; unrolled, it has none.` : "The graph has no cycle.",
      `Unrolled over ${steps} ${steps === 1 ? "step" : "steps"}.`,
      this.quantity?.describe?.(steps) ?? "",
    ].join(" ").trim();
  }
}

function readLayer(layer, index, wordFont) {
  const [first, last, every] = layer.presence ?? [1, null, 1];
  const [base, sub = "", sup = ""] = layer.label ?? [layer.name];
  const longest = symbolWidth([base, sub ? `${sub},${TWO_DIGITS}` : TWO_DIGITS, sup], SYMBOL_SIZE);
  const shown = isWord(base) ? ellipsise(base, WORD.most, wordFont) : base;
  const halfWord = isWord(base) ? textWidth(shown, wordFont) / 2 + (WORD.margin[layer.role] ?? 4) : 0;
  return { said: layer.name, ...layer, index, base, sub, sup, first, last, every, longest, isWord: isWord(base), shown, halfWord };
}

function readTrack(track) {
  return { ...track, data: readFloats(track.data), before: track.before ? readFloats(track.before) : null };
}

// A symbol is one or two letters; anything longer is a word, set upright in a wider shape.
const isWord = (base) => graphemes(base).length > 2;

// A symbol in plain text, for a screen reader or a line of prose: as Python writes it.
const spoken = ([base, sub, sup]) => `${base}${sub ? `_${sub}` : ""}${sup ? ` (${sup})` : ""}`;

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

// Layers on a cycle that runs against the time in which the wave runs, and everything such a cycle depends on: they are
// known before the wave sets out. So are the errors, where gradients begin.
function layersKnownAhead({ layers, connections, wave, reach }) {
  const against = connections
    .filter(({ source, target, delay }) => delay < 0 && (source === target || reach[target][source]))
    .map(({ source }) => source);
  const needs = (layer, other) => (wave > 0 ? reach[other][layer] : reach[layer][other]);
  return layers.map(({ role }, i) => (wave < 0 && role === "loss") || against.some((layer) => layer === i || needs(layer, i)));
}
