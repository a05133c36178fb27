// The two forms of a slice: an open cell with symbols and arrows, and a closed column of small marks.
// Both are made once and bound to another step when the picture moves on.

class EdgeView {
  constructor(connection, parent) {
    this.connection = connection;
    this.group = svg("g", { class: "edge" }, parent);
    if (connection.weight !== null) put(this.group, "data-weight", connection.weight);
    this.line = svg("path", { class: "line" }, this.group);
    if (connection.weight !== null) this.hit = svg("path", { class: "hit" }, this.group);
  }

  // gap 0…1: how far the arrow is cut open in its middle, while it reaches for the next slice.
  draw(curve, gap = 0) {
    show(this.group, curve !== null);
    this.curve = curve;
    if (!curve) return;
    put(this.line, "d", arrow(curve));
    if (this.hit) put(this.hit, "d", curve.d);
    put(this.line, "pathLength", gap > 0.005 ? 1 : null);
    put(this.line, "stroke-dasharray", gap > 0.005 ? `${(0.47 - gap / 2).toFixed(3)} ${gap.toFixed(3)} 1` : null);
  }

  colour(look, scene) {
    put(this.line, "stroke", scene.colour(this.connection.weight, look.theme) ?? look.palette.line);
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

  bind(t, steps) {
    if (this.t === t && this.steps === steps) return;
    [this.t, this.steps] = [t, steps];
    this.shape = null;
    this.nodes.forEach((node, i) => node.bind(t, t === null || this.scene.present(i, t, steps)));
  }

  place(left, width, openness) {
    this.left = left;
    put(this.frame, "transform", `translate(${round(left)} 0)`);
    put(this.inner, "transform", `translate(${round(left)} 0)`);
    const shape = `${round(width)}|${openness.toFixed(3)}`;
    if (this.shape === shape) return;
    this.shape = shape;
    this.frame.classList.toggle("narrow", openness <= 0.6);
    const places = this.scene.layers.map((_, i) => this.cell.place(i, width, openness));
    this.nodes.forEach((node, i) => node.place(places[i]));
    for (const edge of this.direct) this.#drawDirect(edge, places, width, openness);
  }

  #drawDirect(edge, places, width, openness) {
    const { source, target, index } = edge.connection;
    const absent = this.t !== null && !this.scene.origin(edge.connection, this.t, this.steps);
    const bow = this.cell.routes[index].bow.map((share) => share * width * openness);
    edge.draw(absent ? null : directCurve(places[source], places[target], bow));
  }

  drawDelayed(drawing) {
    this.delayed.forEach((copies, i) => copies.forEach((edge, copy) => {
      const drawn = drawing(this.scene.delayed[i], copy);
      edge.draw(drawn?.curve ?? null, drawn?.gap ?? 0);
      edge.group.classList.toggle("waiting", drawn?.waiting ?? false);
    }));
  }

  colour(look) {
    for (const edge of this.allEdges) edge.colour(look, this.scene);
  }

  mark(marks) {
    if (!marks.changed(this)) return;
    for (const node of this.nodes) {
      const { layer } = node;
      node.mark(marks.of(layer.index, this.t).names);
      node.colour(marks.vector(layer.index, this.t), marks.look, this.scene.scale);
    }
  }

  light(weight) {
    for (const edge of this.allEdges) edge.group.classList.toggle("lit", weight !== null && edge.connection.weight === weight);
  }

  show(visible) {
    show(this.edges, visible);
    show(this.frame, visible);
  }
}

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

  // paths: Map from weight (null = identity) to one path for all its connections in this slice.
  drawStrands(key, paths) {
    if (this.key === key) return;
    this.key = key;
    for (const [weight, strand] of this.strands) if (!paths.has(weight)) show(strand, false);
    for (const [weight, d] of paths) {
      let strand = this.strands.get(weight);
      if (!strand) {
        strand = svg("path", { class: "strand" }, this.edges);
        this.strands.set(weight, strand);
        if (weight !== null) put(strand, "data-weight", weight);
        this.look = null;
      }
      show(strand, true);
      put(strand, "d", d);
    }
  }

  colour(look) {
    if (this.look === look) return;
    this.look = look;
    for (const [weight, strand] of this.strands) put(strand, "stroke", this.scene.colour(weight, look.theme) ?? look.palette.line);
  }

  mark(marks) {
    if (!marks.changed(this)) return;
    this.marks.forEach((mark, i) => {
      const { pending, names } = marks.of(i, this.t);
      put(mark, "class", `mark role-${this.scene.layers[i].role}${names}`);
      const vector = pending || this.scene.layers[i].role === "loss" ? null : marks.vector(i, this.t);
      const share = vector && shareOrNull(mean(vector), this.scene.scale);
      put(mark, "style", share === null ? null : `fill:${marks.look.diverging.at(share)}`);
    });
  }

  show(visible) {
    show(this.edges, visible);
    show(this.frame, visible);
  }
}
