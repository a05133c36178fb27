// What drawing on the folded cell looks like: layers on their way to new places, the arrow that is chosen or being drawn.

// How far the layers of the folded cell still are from where they belong, after an edit has moved them.
class Slide {
  static SECONDS = 0.28;

  constructor(by) {
    [this.by, this.left] = [by, 1];
  }

  at(layer) {
    const { x, y } = this.by[layer];
    return { x: x * this.left, y: y * this.left };
  }

  // True while it goes on.
  after(seconds) {
    this.left = round3(1 - smooth(clamp(seconds / Slide.SECONDS, 0, 1)));
    return this.left > 0;
  }
}

const round3 = (value) => Math.round(value * 1000) / 1000;

// Layers that stay when the network changes go to their new places instead of being there.
class Gliding {
  constructor(diagram) {
    this.diagram = diagram;
  }

  // Where the layers stand, by name, in pixels of the picture; null before anything is drawn.
  places() {
    const { stage } = this.diagram;
    if (!stage?.motion || !stage.scene.isEditable) return null;
    return new Map(stage.scene.layers.map(({ name }, i) => [name, this.#place(i)]));
  }

  #place(layer) {
    const { stage } = this.diagram;
    const { x, y } = stage.templateEnd(layer).node;
    return { x, y: y + stage.head };
  }

  from(places) {
    this.before = calm.matches ? null : places;
  }

  // Once the new cell is laid out it is known how far each layer has to go.
  draw() {
    if (!this.before) return;
    const { stage, state, clock } = this.diagram;
    const by = stage.scene.layers.map(({ name }, i) => {
      const [from, to] = [this.before.get(name), this.#place(i)];
      return from ? { x: from.x - to.x, y: from.y - to.y } : { x: 0, y: 0 };
    });
    this.before = null;
    if (by.every(({ x, y }) => Math.hypot(x, y) < 1)) return;
    stage.slide = new Slide(by);
    stage.render(state);
    clock.start("slide", (seconds) => {
      const moving = stage.slide.after(seconds);
      if (!moving) stage.slide = null;
      return moving;
    });
  }
}

// What is drawn over the folded cell: the chosen arrow, arrows that stand in the way, and the one on its way.
class EditDrawing {
  constructor(editing, stage) {
    [this.editing, this.stage] = [editing, stage];
    this.marked = svg("g", { class: "editing" }, stage.layer.edges); // under the delays
    this.chosen = svg("path", { class: "chosen-arrow" }, this.marked);
    this.drawn = svg("path", { class: "drawn-arrow" }, stage.layer.over);
    this.target = svg("path", { class: "ring target" }, stage.layer.over);
    this.troubles = [];
  }

  draw() {
    const { connection } = this.editing;
    this.#trace(this.chosen, connection?.index ?? null);
    const wrong = (this.editing.diagram.scene.trouble?.connections ?? []).filter((index) => index in this.stage.scene.connections);
    while (this.troubles.length < wrong.length) this.troubles.push(svg("path", { class: "trouble-arrow" }, this.marked));
    this.troubles.forEach((path, i) => this.#trace(path, wrong[i] ?? null));
    this.#drawOnItsWay();
  }

  #trace(path, index) {
    const { template } = this.stage;
    const edge = index === null ? null : template.allEdges.find(({ connection }) => connection.index === index);
    const curve = edge?.curve;
    show(path, Boolean(curve));
    if (!curve) return;
    const isInner = edge.group.parentNode === template.inner;
    put(path, "d", arrow(curve, 9));
    put(path, "transform", isInner ? `translate(${round(template.left)} 0)` : null);
  }

  #drawOnItsWay() {
    const { editing, stage } = this;
    const source = editing.pressed?.at ? editing.pressed.layer : editing.from;
    const to = editing.pressed?.at ?? editing.pointer;
    const shown = source !== null && source !== undefined;
    show(this.drawn, shown && Boolean(to));
    show(this.target, shown);
    if (!shown) return;
    const { node } = stage.templateEnd(source);
    const aimed = to && editing.layerAt(to);
    const ring = typeof aimed === "number" ? stage.templateEnd(aimed).node : node;
    put(this.target, "transform", `translate(${round(ring.x)} ${round(ring.y)})`);
    put(this.target, "d", roundedBox(ring.rx + 6, ring.ry + 6, 9));
    if (!to) return;
    const [x, y] = [to.x, to.y - stage.head];
    const length = Math.hypot(x - node.x, y - node.y) || 1;
    const start = { x: node.x + ((x - node.x) / length) * node.rx, y: node.y + ((y - node.y) / length) * node.ry };
    put(this.drawn, "d", arrow(cubic(start, start, { x, y }, { x, y }), 9));
    if (length < node.rx) show(this.drawn, false);
  }
}
