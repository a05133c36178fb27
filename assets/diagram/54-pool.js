// Drawn slices: only those in sight exist, and those that leave are bound to another step.

class SlicePool {
  constructor(stage) {
    this.stage = stage;
    this.shown = new Map();
    this.spare = { cell: [], column: [] };
    this.fresh = [];
    this.strandCache = new Map();
  }

  *all() {
    yield* this.shown.values();
    yield* this.spare.cell;
    yield* this.spare.column;
  }

  // The slices that were bound since last asked and still need their colours.
  takeFresh() {
    const fresh = this.fresh.filter((view) => this.shown.get(view.t) === view);
    this.fresh = [];
    return fresh;
  }

  stale() {
    for (const view of this.shown.values()) view.version = null;
    this.strandCache.clear();
  }

  reconcile(deposited, [first, last]) {
    const { layout } = this.stage;
    const until = Math.min(last, deposited);
    for (const [t, view] of this.shown) {
      if (t < first || t > until || view.closed !== layout.closed(t)) this.#release(t, view);
    }
    for (let t = first; t <= until; t += 1) {
      const view = this.shown.get(t) ?? this.#bind(t, layout.closed(t));
      // An arrow from a later slice appears once that slice has arrived.
      const version = Math.min(deposited, t + this.stage.scene.future);
      if (view.version === version) continue;
      view.version = version;
      if (view.closed) this.#placeColumn(view, t, deposited);
      else this.#placeCell(view, t, deposited);
    }
  }

  #release(t, view) {
    view.show(false);
    this.shown.delete(t);
    (view.closed ? this.spare.column : this.spare.cell).push(view);
  }

  #bind(t, closed) {
    const { cell, layer, layout } = this.stage;
    const Form = closed ? ColumnView : CellView;
    const view = (closed ? this.spare.column : this.spare.cell).pop() ?? new Form(cell, layer.edges, layer.nodes);
    view.scene = this.stage.scene;
    view.closed = closed;
    view.version = null;
    view.bind(t, layout.steps);
    view.show(true);
    this.shown.set(t, view);
    this.fresh.push(view);
    return view;
  }

  #sourceStep(connection, t, deposited) {
    const { scene, layout } = this.stage;
    const origin = scene.origin(connection, t, layout.steps);
    const from = t - connection.delay;
    if (origin === null || (from > deposited && deposited < layout.steps)) return null;
    return from;
  }

  #placeCell(view, t, deposited) {
    const { stage } = this;
    const { layout, cell } = stage;
    view.bind(t, layout.steps);
    view.place(layout.left(t), layout.width(t), smooth(layout.openness(t)));
    view.drawDelayed((connection) => {
      const from = this.#sourceStep(connection, t, deposited);
      if (from === null) return null;
      const ends = [stage.end(from, connection.source), stage.end(t, connection.target)];
      return { curve: delayedCurve(cell.routes[connection.index], ...ends, 1, cell.radius) };
    });
  }

  #placeColumn(view, t, deposited) {
    const { layout } = this.stage;
    view.bind(t, layout.steps);
    view.place(layout.left(t), layout.width(t));
    const key = this.#strandKey(t, deposited);
    let paths = this.strandCache.get(key);
    if (!paths) this.strandCache.set(key, (paths = this.#strands(t, deposited)));
    view.drawStrands(key, paths);
    if (!view.marked) this.fresh.push(view);
  }

  // Columns whose neighbours stand alike have the same strands.
  #strandKey(t, deposited) {
    const { layout, scene } = this.stage;
    if (this.#amongColumns(t, deposited)) return `among ${round(layout.width(t))} ${scene.hasFlows}`;
    let key = `${round(layout.width(t))} ${scene.hasFlows}`;
    for (const connection of scene.connections) {
      const from = connection.delay === 0 ? (scene.origin(connection, t, layout.steps) ? t : null) : this.#sourceStep(connection, t, deposited);
      key += from === null ? "|-" : `|${round(layout.left(t) - layout.left(from))},${round(layout.width(from))},${from < 1 || from > layout.steps ? "i" : layout.closed(from)}`;
    }
    return key;
  }

  #amongColumns(t, deposited) {
    const { layout, scene } = this.stage;
    if (!scene.uniform || deposited < layout.steps) return false;
    for (let near = t - scene.past; near <= t + scene.future; near += 1) {
      if (near < 1 || near > layout.steps || !layout.closed(near)) return false;
    }
    return true;
  }

  #strands(t, deposited) {
    const { stage } = this;
    const { layout, scene } = stage;
    const thin = layout.width(t) < SLIVER;
    const strands = new Map();
    for (const connection of scene.connections) {
      if (thin && connection.delay === 0) continue;
      const from = connection.delay === 0 ? (scene.origin(connection, t, layout.steps) ? t : null) : this.#sourceStep(connection, t, deposited);
      if (from === null) continue;
      const weight = thin ? null : connection.weight;
      const key = scene.hasFlows && connection.delay !== 0 ? this.#flowKey(connection, thin) : weight;
      const strand = strands.get(key) ?? { d: "", weight, connections: [] };
      strand.d += this.strand(connection, from, t, layout.left(t));
      strand.connections.push(connection);
      strands.set(key, strand);
    }
    return strands;
  }

  // Where gradients flow a delayed connection has a thickness of its own; in a sliver, all that leave one layer together.
  #flowKey({ index, source }, thin) {
    return thin ? `from ${source}` : index;
  }

  // One connection into a closed slice, relative to `left`.
  strand(connection, from, t, left = 0) {
    const ends = [this.stage.end(from, connection.source).node, this.stage.end(t, connection.target).node];
    for (const end of ends) end.x -= left;
    if (connection.delay !== 0) return strandCurve(...ends, connection.delay).d;
    return directCurve(...ends, this.#columnBow(connection, t)).d;
  }

  // In a column all layers stand above one another: a connection past a neighbour bows around it.
  #columnBow({ source, target }, t) {
    const { cell, layout, scene } = this.stage;
    const [low, high] = [cell.columnY[source], cell.columnY[target]].sort((a, b) => a - b);
    const passes = cell.columnY.some((y, i) => y > low + 1 && y < high - 1 && scene.present(i, t, layout.steps));
    const lean = passes ? Math.min(layout.width(t) * 0.5, 18) : 0;
    return [lean, lean];
  }
}

// What reaches back before step 1 (or ahead of step T) starts from an initial state: small, outlined, h₀.
const ROOM_FOR_NAME = 37;
const INITIAL_GAP = 24; // from one circle to the next below it

// Rising numbers, moved as little as keeps them so far apart between 0 and `most`.
function keptApart(places, wanted, most) {
  const gap = Math.min(wanted, most / places.length);
  const kept = [...places];
  for (let i = 1; i < kept.length; i += 1) kept[i] = Math.max(kept[i], kept[i - 1] + gap);
  for (let i = kept.length - 1; i >= 0; i -= 1) kept[i] = Math.min(kept[i], i + 1 < kept.length ? kept[i + 1] - gap : Math.max(most, places[i]));
  return kept;
}

class InitialStates {
  constructor(stage) {
    this.stage = stage;
    this.scene = stage.scene;
    this.views = new Map();
  }

  #wanted() {
    const { scene } = this;
    const { steps } = this.stage.layout;
    const wanted = new Map();
    for (const connection of scene.delayed) {
      const edge = Math.abs(connection.delay);
      for (let i = 0; i < edge; i += 1) {
        const t = connection.delay > 0 ? 1 + i : steps - i;
        if (t < 1 || t > steps || scene.origin(connection, t, steps) !== "initial") continue;
        wanted.set(copyKey(connection.source, t - connection.delay + 64), [connection.source, t - connection.delay]);
      }
    }
    return wanted;
  }

  end(t, layer) {
    const { layout, cell, motion } = this.stage;
    const beside = t < 1 ? 1 : layout.steps;
    const y = this.#heights(smooth(layout.openness(beside))).get(layer) ?? cell.openY(layer);
    let x = layout.middle(t);
    if (t < 1) x = lerp(this.stage.stackEnd(layer).node.x, x, motion.travel < 1 ? motion.travel : 1);
    return { t, node: { x, y, rx: 10, ry: 10 }, left: x - INITIAL_WIDTH / 2, right: x + INITIAL_WIDTH / 2 };
  }

  // As high as the layer in the slice beside it, and as far apart as circles need.
  #heights(open) {
    const { cell, layout } = this.stage;
    const key = `${open}|${layout.steps}`;
    if (key === this.heightsKey) return this.heightsNow;
    this.heightsKey = key;
    const layers = [...new Set([...this.#wanted().values()].map(([layer]) => layer))];
    const ranked = layers.map((layer) => ({ layer, y: lerp(cell.columnY[layer], cell.openY(layer), open) })).sort((a, b) => a.y - b.y);
    const heights = keptApart(ranked.map(({ y }) => y), INITIAL_GAP, cell.height);
    this.heightsNow = new Map(ranked.map(({ layer }, i) => [layer, heights[i]]));
    return this.heightsNow;
  }

  draw(motion) {
    const wanted = this.#wanted();
    const beside = this.#areCrowded(wanted);
    for (const [key, view] of this.views) if (!wanted.has(key)) show(view.group, false);
    for (const [key, [layer, t]] of wanted) {
      const view = this.views.get(key) ?? this.#make(key, layer);
      view.t = t;
      put(view.group, "data-t", t);
      const shown = t < 1 ? motion.pale > 0.02 : motion.deposited === this.stage.layout.steps;
      show(view.group, shown);
      if (!shown) continue;
      const { x, y } = this.end(t, layer).node;
      put(view.group, "transform", `translate(${round(x)} ${round(y)})`);
      put(view.group, "opacity", t < 1 && motion.pale < 1 ? motion.pale.toFixed(2) : null);
      this.#name(view, beside);
    }
  }

  // Names stand above their circles, or beside them where the next circle is.
  #areCrowded(wanted) {
    const places = [...wanted.values()].map(([layer, t]) => ({ t, y: this.end(t, layer).node.y }));
    return [...pairs(places)].some(([a, b]) => a.t === b.t && Math.abs(a.y - b.y) < ROOM_FOR_NAME);
  }

  #name({ layer, t, symbol }, beside) {
    const [, ...indices] = this.scene.symbol(layer, t);
    const { base, isWord } = this.scene.layers[layer];
    setSymbol(symbol, [isWord ? ellipsise(base, INITIAL_WIDTH - (beside ? 16 : 0), this.scene.wordFont) : base, ...indices], 15);
    const [side, x] = t < 1 ? [" before", -13] : [" after", 13];
    put(symbol, "class", `symbol small${isWord ? " word" : ""}${beside ? side : ""}`);
    put(symbol, "x", beside ? x : null);
    put(symbol, "y", beside ? 5 : -15);
  }

  // Where the initial state of a layer is drawn, or null.
  stepOf(layer) {
    return [...this.#wanted().values()].find(([other]) => other === layer)?.[1] ?? null;
  }

  mark(marks) {
    for (const view of this.views.values()) {
      const reading = marks.initial(view.layer, view.t);
      put(view.group, "class", `initial${reading?.state ? ` ${reading.state}` : ""}`);
      put(view.circle, "style", reading?.colour ? `fill:${reading.colour}` : null);
      write(view.amount, reading?.text ?? "");
    }
  }

  #make(key, layer) {
    const group = svg("g", { class: "initial", "data-layer": this.scene.layers[layer].name }, this.stage.layer.nodes);
    const circle = svg("circle", { r: 10 }, group);
    const amount = svg("text", { class: "amount", y: 25, "text-anchor": "middle" }, group);
    const view = { layer, group, circle, amount, symbol: svg("text", {}, group) };
    this.views.set(key, view);
    return view;
  }
}
