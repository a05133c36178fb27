// The two forms of a slice: an open cell with symbols and arrows, and a closed column of small marks.
// Both are made once and bound to another step when the picture moves on.

function paintLine(line, reading, weight, look, scene) {
  put(line, "stroke", reading?.colour ?? scene.colour(weight, look.theme) ?? look.palette.line);
  const dash = reading?.state ? null : scene.dash(weight);
  put(line, "style", reading?.width ? `stroke-width:${reading.width}` : dash && `stroke-dasharray:${dash}`);
}

class EdgeView {
  constructor(connection, parent) {
    this.connection = connection;
    this.group = svg("g", { class: "edge" }, parent);
    if (connection.weight !== null) put(this.group, "data-weight", connection.weight);
    this.line = svg("path", { class: "line" }, this.group);
    if (connection.weight !== null) this.hit = svg("path", { class: "hit" }, this.group);
  }

  // gap 0…1: how far the arrow is cut open in its middle, while it reaches for the next slice.
  // What is on its way is not aimed at: the broad line that takes the pointer follows when it stands.
  draw(curve, gap = 0, stands = true) {
    show(this.group, curve !== null);
    [this.curve, this.gap] = [curve, gap];
    if (!curve) return;
    this.#trace();
    if (this.hit && stands) put(this.hit, "d", curve.d);
  }

  #trace() {
    const { curve, reading } = this;
    const { gap } = this;
    const drawn = reading?.state === "cut" ? cutOpen(curve, reading.width ?? 1.7) : curve;
    put(this.line, "d", arrow(drawn, 4.2 + 1.3 * (reading?.width ?? 1)));
    put(this.line, "pathLength", gap > 0.005 ? 1 : null);
    put(this.line, "stroke-dasharray", gap > 0.005 ? `${(0.47 - gap / 2).toFixed(3)} ${gap.toFixed(3)} 1` : null);
  }

  // reading: what flows along this copy; null: the connection itself, in its weight's colour.
  paint(reading, look, scene) {
    const traced = reading?.width !== this.reading?.width || reading?.state !== this.reading?.state;
    this.reading = reading;
    if (traced && this.curve) this.#trace();
    const lit = this.group.classList.contains("lit");
    paintLine(this.line, lit ? null : reading, this.connection.weight, look, scene);
    put(this.group, "class", `edge${lit ? " lit" : ""}${reading?.waiting ? " waiting" : ""}${reading?.colour ? " flow" : ""}${reading?.state ? ` ${reading.state}` : ""}`);
  }
}

class CellView {
  // copies(connection): how many arrows of a delayed connection this cell must be able to draw at once.
  constructor(cell, edgeLayer, nodeLayer, copies = () => 1) {
    this.cell = cell;
    this.scene = cell.scene;
    this.edges = svg("g", { class: "cell-edges" }, edgeLayer);
    this.inner = svg("g", {}, this.edges);
    this.direct = this.scene.direct.map((connection) => new EdgeView(connection, this.inner));
    this.delayed = this.scene.delayed.map((connection) =>
      Array.from({ length: copies(connection) }, () => new EdgeView(connection, this.edges)));
    this.frame = svg("g", { class: "cell" }, nodeLayer);
    this.nodes = this.scene.layers.map((layer) => new NodeView(cell, layer, this.frame));
  }

  get allEdges() {
    return [...this.direct, ...this.delayed.flat()];
  }

  // Every arrow can be pointed at, also one without a weight.
  takeHand() {
    for (const edge of this.allEdges) {
      edge.hit ??= svg("path", { class: "hit" }, edge.group);
      put(edge.group, "data-connection", edge.connection.index);
    }
    this.frame.classList.add("editable");
    this.edges.classList.add("editable");
  }

  bind(t, steps) {
    if (this.t === t && this.steps === steps) return;
    [this.t, this.steps] = [t, steps];
    this.shape = null;
    this.nodes.forEach((node, i) => node.bind(t, t === null || this.scene.present(i, t, steps)));
  }

  // slide: how far each layer still is from its place.
  place(left, width, openness, slide = null) {
    [this.left, this.stands] = [left, openness === 1];
    put(this.frame, "transform", `translate(${round(left)} 0)`);
    put(this.inner, "transform", `translate(${round(left)} 0)`);
    const shape = `${round(width)}|${openness.toFixed(3)}|${this.scene.quantity?.widths}|${slide?.left ?? 0}`;
    if (this.shape === shape) return;
    this.shape = shape;
    this.frame.classList.toggle("narrow", openness <= 0.6);
    const places = this.scene.layers.map((_, i) => this.cell.place(i, width, openness));
    if (slide) places.forEach((place, i) => ([place.x, place.y] = [place.x + slide.at(i).x, place.y + slide.at(i).y]));
    const amounts = this.scene.hasFlows ? this.cell.amounts.at(width, this.scene.quantity.widths) : [];
    this.nodes.forEach((node, i) => node.place(places[i], amounts[i]));
    for (const edge of this.direct) this.#drawDirect(edge, places, width, openness);
  }

  #drawDirect(edge, places, width, openness) {
    const { source, target, index } = edge.connection;
    const absent = this.t !== null && !this.scene.origin(edge.connection, this.t, this.steps);
    const bow = this.cell.routes[index].bow.map((share) => share * width * openness);
    edge.draw(absent ? null : directCurve(places[source], places[target], bow), 0, this.stands);
  }

  drawDelayed(drawing) {
    this.delayed.forEach((copies, i) => copies.forEach((edge, copy) => {
      const drawn = drawing(this.scene.delayed[i], copy);
      edge.draw(drawn?.curve ?? null, drawn?.gap ?? 0, this.stands);
      edge.line.classList.toggle("folded", drawn?.folded ?? false);
    }));
  }

  mark(marks) {
    const { lit } = marks.state;
    if (!marks.changed(this, lit)) return;
    for (const node of this.nodes) {
      const { names, reading } = marks.of(node.layer.index, this.t);
      node.mark(names);
      node.paint(reading, this.scene.quantity, marks.look);
    }
    for (const edge of this.allEdges) {
      edge.group.classList.toggle("lit", lit !== null && edge.connection.weight === lit);
      const reading = marks.link(edge.connection, this.t);
      edge.paint(reading && thinner(reading, this.cell.radius / ROOMY), marks.look, this.scene);
    }
  }

  show(visible) {
    show(this.edges, visible);
    show(this.frame, visible);
  }
}

// Small cells have less room between arrows than one with nodes of this radius, columns still less.
const ROOMY = 20;
const AMONG_COLUMNS = 0.45;
const thinner = (reading, share) => ({ ...reading, width: reading.width && round(Math.max(0.8, reading.width * share)) });

const strongest = (readings) => readings.reduce((most, reading) => ((reading?.width ?? 0) > (most?.width ?? 0) ? reading : most));

const SLIVER = 9; // below this width a column's marks are plain cells, and of its connections only the delayed are hinted at

class ColumnView {
  constructor(cell, edgeLayer, nodeLayer) {
    this.cell = cell;
    this.scene = cell.scene;
    this.edges = svg("g", { class: "strands" }, edgeLayer);
    this.frame = svg("g", { class: "column" }, nodeLayer);
    this.marks = this.scene.layers.map((layer) =>
      svg("path", { class: `mark role-${layer.role}`, "data-layer": layer.name, "data-role": layer.role }, this.frame));
    this.strands = new Map();
  }

  bind(t, steps) {
    if (this.t === t && this.steps === steps) return;
    [this.t, this.steps] = [t, steps];
    this.marks.forEach((mark, i) => {
      put(mark, "data-t", t);
      show(mark, this.scene.present(i, t, steps));
    });
    this.key = null;
  }

  // A sliver is scaled as a whole, so that dragging the length moves groups, not thousands of marks.
  place(left, width) {
    const sliver = width < SLIVER;
    put(this.edges, "transform", `translate(${round(left)} 0)`);
    put(this.frame, "transform", sliver ? `translate(${left.toFixed(2)} 0)scale(${width.toFixed(2)} 1)` : `translate(${round(left)} 0)`);
    const form = sliver ? "sliver" : round(width);
    if (this.form === form) return;
    this.form = form;
    put(this.frame, "class", sliver ? "column sliver" : "column");
    put(this.edges, "class", sliver ? "strands thin" : "strands");
    if (sliver) this.#drawSliver();
    else this.#drawMarks(width);
  }

  #drawSliver() {
    const half = round(Math.min(6, (this.cell.height / this.marks.length) * 0.36));
    this.marks.forEach((mark, i) => {
      put(mark, "transform", null);
      put(mark, "d", `M.1 ${round(this.cell.columnY[i] - half)}h.8v${2 * half}h-.8Z`);
    });
  }

  #drawMarks(width) {
    this.marks.forEach((mark, i) => {
      const { x, y, rx, ry } = this.cell.place(i, width, 0);
      put(mark, "d", shapeOf(this.scene.layers[i], rx, ry));
      put(mark, "transform", `translate(${round(x)} ${round(y)})`);
    });
  }

  // strands: Map from a key to {d, weight, connections}: one path for all connections that look alike in this slice.
  drawStrands(key, strands) {
    if (this.key === key) return;
    this.key = key;
    for (const [name, { path }] of this.strands) if (!strands.has(name)) show(path, false);
    for (const [name, { d, weight, connections }] of strands) {
      let strand = this.strands.get(name);
      if (!strand) {
        strand = { weight, path: svg("path", { class: "strand" }, this.edges) };
        this.strands.set(name, strand);
        if (weight !== null) put(strand.path, "data-weight", weight);
        this.marked = null; // it has no colour yet
      }
      strand.connections = connections;
      show(strand.path, true);
      put(strand.path, "d", d);
    }
  }

  mark(marks) {
    if (!marks.changed(this)) return;
    this.marks.forEach((mark, i) => {
      const { names, reading } = marks.of(i, this.t);
      put(mark, "class", `mark role-${this.scene.layers[i].role}${names}`);
      put(mark, "style", reading?.colour ? `fill:${reading.colour}` : null);
    });
    for (const { path, weight, connections } of this.strands.values()) {
      const reading = strongest(connections.map((connection) => marks.link(connection, this.t)));
      paintLine(path, reading && thinner(reading, AMONG_COLUMNS), weight, marks.look, this.scene);
      put(path, "class", `strand${reading?.colour ? " flow" : ""}${reading?.state ? ` ${reading.state}` : ""}`);
    }
  }

  show(visible) {
    show(this.edges, visible);
    show(this.frame, visible);
  }
}
