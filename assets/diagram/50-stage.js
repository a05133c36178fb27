// The drawn picture. It is told a state (how far unrolled, which step, what is lit) and makes the drawing agree with it;
// it remembers what it has drawn, so that a frame of the animation touches only what moves.

const LABEL_HEIGHT = 52; // a row of words and the step numbers under the slices
const PICTURE_FOOT = 6;

class Stage {
  constructor(scene, look, parent) {
    this.scene = scene;
    this.look = look;
    this.cell = new Cell(scene);
    this.content = html("div", { class: "content" }, parent);
    this.svg = svg("svg", { class: "picture", "aria-hidden": "true" }, this.content);
    this.shifted = svg("g", {}, this.svg);
    this.layer = Object.fromEntries(["back", "edges", "nodes", "card", "labels", "over"].map((name) => [name, svg("g", { class: name }, this.shifted)]));
    this.backdrop = new Backdrop(this);
    this.template = new CellView(this.cell, this.layer.edges, this.layer.nodes);
    this.template.bind(null, 0);
    for (const part of [this.template.edges, this.template.frame]) part.classList.add("template");
    if (scene.isEditable) this.template.takeHand();
    this.initials = new InitialStates(this);
    this.slices = new SlicePool(this);
    this.card = new Card(this);
    this.front = new CellView(this.cell, this.layer.card, this.layer.card, ({ delay }) => Math.abs(delay) + 1);
    this.labels = new Labels(this);
    this.wordRows = new WordRows();
    this.cuts = new Cuts(this);
    this.overlay = new Overlay(this);
    this.tracks = new Tracks(this, scene.tracks, this.content);
    this.recolour(look);
  }

  get bottom() {
    return this.cell.height;
  }

  // Room above the cells: for the loops of the folded one, wherever it can be seen.
  get head() {
    return this.layout.besideFolded || this.scene.controls.has("fold") ? this.cell.head : this.cell.unrolledHead;
  }

  get labelTop() {
    return this.head + this.cell.height + 10;
  }

  get labelHeight() {
    return LABEL_HEIGHT + WORD_ROW * (this.wordPlan.count - 1);
  }

  // Of the step numbers.
  get numbersBase() {
    return this.bottom + this.labelHeight - 4;
  }

  get tracksTop() {
    return this.labelTop + this.labelHeight;
  }

  // New numbers for the same network: nothing drawn is thrown away.
  adopt(scene) {
    this.scene = scene;
    this.cell.scene = scene;
    for (const view of this.views()) view.scene = scene;
    this.initials.scene = scene;
    this.tracks.adopt(scene.tracks);
    this.marked = null;
    this.layoutKey = null;
  }

  recolour(look) {
    this.look = look;
    this.tracks.stale = true;
    this.marked = null;
  }

  *views() {
    yield this.template;
    yield this.front;
    yield* this.slices.all();
  }

  resize(width) {
    this.viewWidth = width;
    this.layoutKey = null;
  }

  render(state) {
    this.state = state;
    this.#layOut();
    this.motion = new Fold(this.layout, this.cell, state.front, this.#foldedLeft());
    this.#drawTemplate();
    this.slices.reconcile(this.motion.deposited, this.#visible());
    this.initials.draw(this.motion);
    this.#drawFront();
    this.#mark();
    this.backdrop.draw();
    this.labels.draw();
    this.cuts.draw();
    this.overlay.draw();
    this.tracks.draw(state, this.layout, this.motion);
  }

  #layOut() {
    const { steps, opened } = this.state;
    const key = `${steps}|${this.viewWidth}|${[...opened].join()}`;
    if (key === this.layoutKey) return;
    this.layoutKey = key;
    this.layout = new Layout(this.cell, steps, this.viewWidth, opened);
    this.wordPlan = this.wordRows.at(this.scene.tokens, steps, this.layout.columnWidth, this.labels.font);
    this.slices.stale();
    this.tracks.fit(this.layout, this.viewWidth);
    put(this.shifted, "transform", `translate(0 ${this.head})`);
    const height = this.tracksTop + this.tracks.height + PICTURE_FOOT;
    put(this.svg, "width", round(this.layout.total));
    put(this.svg, "height", height);
    this.content.style.width = `${round(this.layout.total)}px`;
    this.content.style.height = `${height}px`;
  }

  #foldedLeft() {
    return Math.max(MARGIN, (this.viewWidth - this.cell.openWidth) / 2);
  }

  #visible() {
    const from = this.scrollLeft ?? 0;
    const [first, last] = [this.layout.stepAt(from - 60), this.layout.stepAt(from + this.viewWidth + 60)];
    return [Math.max(1, first - 1), Math.min(this.layout.steps, last + 1)];
  }

  #drawTemplate() {
    const { left, width } = this.motion.template;
    const key = `${round(left)}|${round(width)}|${this.slide?.left ?? 0}`;
    const { hover, active } = this.state;
    for (const part of [this.template.edges, this.template.frame]) {
      part.classList.toggle("pale", this.motion.pale > 0.5 && !this.scene.isEditable);
      part.classList.toggle("lit", Boolean(hover || active)); // pointing at a slice lights the folded cell
    }
    if (key === this.templateKey) return;
    this.templateKey = key;
    this.template.place(left, width, 1, this.slide);
    const end = this.templateEnd.bind(this);
    this.template.drawDelayed((connection) => ({
      curve: delayedCurve(this.cell.routes[connection.index], end(connection.source), end(connection.target), 0, this.cell.radius),
    }));
  }

  // The slice on its way, carrying every later slice stacked under it.
  #drawFront() {
    const front = this.motion.front;
    this.front.show(Boolean(front));
    this.card.draw(front);
    if (!front) return;
    if (this.front.t !== front.t) this.marked = null;
    this.front.bind(front.t, this.layout.steps);
    this.front.place(front.left, front.width, front.openness);
    this.front.drawDelayed((connection, copy) => this.#stretched(connection, copy, front));
  }

  // Arrow number `copy` between the stack and the slices already standing; the last copy is the loop still folded.
  #stretched(connection, copy, front) {
    const { delay } = connection;
    const far = Math.abs(delay);
    const standing = front.t - 1 - copy; // the slice at the standing end
    const target = delay > 0 ? standing + far : standing;
    const loop = copy === far;
    const lastStanding = loop ? front.t : standing;
    if (loop ? front.t + far > this.layout.steps : (target > this.layout.steps || !this.scene.origin(connection, target, this.layout.steps))) return null;
    if (!loop && delay < 0 && standing < 1) return null;
    const reach = loop ? 0 : clamp((this.motion.travel - lastStanding) / far, 0, 1);
    const moving = (layer) => this.frontEnd(layer);
    const still = (layer) => (loop ? moving(layer) : this.#leaving(standing, layer));
    const [from, to] = delay > 0 ? [still(connection.source), moving(connection.target)] : [moving(connection.source), still(connection.target)];
    const gap = 0.16 * Math.sin(Math.PI * span(reach, 0, 0.8));
    return { curve: delayedCurve(this.cell.routes[connection.index], from, to, reach, this.cell.radius), gap, folded: loop };
  }

  // Where the standing end of a stretching arrow is: it slides from the moving cell onto the slice left behind.
  #leaving(t, layer) {
    const there = this.end(t, layer);
    if (t >= 1 && this.layout.allOpen) return there;
    const here = this.frontEnd(layer);
    const share = smooth(span(this.motion.travel - t, 0, t < 1 ? 1 : 0.5));
    const mixed = (key) => lerp(here.node[key], there.node[key], share);
    return {
      t,
      node: { x: mixed("x"), y: mixed("y"), rx: mixed("rx"), ry: mixed("ry") },
      left: lerp(here.left, there.left, share),
      right: lerp(here.right, there.right, share),
    };
  }

  templateEnd(layer) {
    const { left, width } = this.motion.template;
    const end = this.#endIn(null, layer, left, width, 1);
    const by = this.slide?.at(layer);
    if (by) [end.node.x, end.node.y] = [end.node.x + by.x, end.node.y + by.y];
    return end;
  }

  stackEnd(layer) {
    const { left, width } = this.motion.stack;
    return this.#endIn(null, layer, left, width, 1);
  }

  frontEnd(layer) {
    const { t, left, width, openness } = this.motion.front;
    return this.#endIn(t, layer, left, width, openness);
  }

  // One end of an arrow at a slice that has arrived, or at an initial state beside the first or last slice.
  end(t, layer) {
    if (t < 1 || t > this.layout.steps) return this.initials.end(t, layer);
    return this.#endIn(t, layer, this.layout.left(t), this.layout.width(t), smooth(this.layout.openness(t)));
  }

  #endIn(t, layer, left, width, openness) {
    const node = this.cell.place(layer, width, openness);
    node.x += left;
    return { t, node, left, right: left + width };
  }

  // The place of any copy as it is drawn now; used by rings, tooltips and the keyboard.
  placeOf(layer, t) {
    if (t === null) return this.templateEnd(layer).node;
    if (this.motion.front?.t === t) return this.frontEnd(layer).node;
    return t <= this.motion.deposited ? this.end(t, layer).node : null;
  }

  #mark() {
    const { cursor, order, lit, kin, selected } = this.state;
    const key = `${cursor}|${order}|${this.state.byGeneration}|${kin}|${selected?.t}|${lit}|${this.scene.film?.moment}`;
    const fresh = this.slices.takeFresh();
    if (key === this.marked && fresh.length === 0) return;
    const marks = new Marks(this.scene, this.state, this.look);
    for (const view of key === this.marked ? fresh : this.views()) view.mark(marks);
    this.initials.mark(marks);
    this.marked = key;
  }

  // Steps outside are those of the initial states.
  isStep(t) {
    return t >= 1 && t <= this.layout.steps;
  }

  showsUnits(layer, t) {
    return this.layout.openness(t) > 0.5 && this.front.nodes[layer].showsUnits;
  }

  stepAt(x) {
    const front = this.motion.front;
    if (front && x >= front.left) return x <= front.left + front.width ? front.t : null;
    if (!this.layout.contains(x)) return null;
    const t = this.layout.stepAt(x);
    return t <= this.motion.deposited ? t : null;
  }
}

// What a state says about every copy: is it computed yet, has the order reached it, is its layer pointed at?
class Marks {
  constructor(scene, state, look) {
    Object.assign(this, { scene, state, look });
    this.done = orderReached(scene, state);
  }

  of(layer, t) {
    const { scene, state, look } = this;
    const { quantity } = scene;
    const copy = t !== null;
    const pending = copy && quantity !== null && !scene.known(layer, t, state.cursor);
    const reading = copy && quantity && !pending ? quantity.node(layer, t, look) : null;
    const reached = copy ? this.done?.get(copyKey(layer, t)) : undefined;
    const names = [pending ? "pending" : "", reading?.state, reached, state.kin === layer ? "kin" : ""].filter(Boolean);
    return { reading, names: names.map((name) => ` ${name}`).join("") };
  }

  // An initial state is known when the wave has come to the end of the sequence where it stands.
  initial(layer, t) {
    const { scene, state, look } = this;
    const known = scene.quantity && scene.known(layer, clamp(t, 1, state.steps), state.cursor);
    return known ? scene.quantity.node(layer, 0, look) : null;
  }

  link(connection, t) {
    return t === null ? null : (this.scene.quantity?.link(connection, t, this.state, this.look) ?? null);
  }

  // Most slices look the same after a step as before it; only those that a connection joins to the wave are touched.
  changed(view, lit = null) {
    const { scene, state, look, done } = this;
    const reach = 1 + Math.max(scene.past, scene.future);
    const distance = view.t === null ? 0 : clamp(state.cursor - view.t, -reach, reach);
    const key = done || scene.film ? null : `${view.t}|${distance}|${state.kin}|${lit}`;
    if (key !== null && view.marked?.key === key && view.marked.scene === scene && view.marked.look === look) return false;
    view.marked = { key, scene, look };
    return true;
  }
}

const copyKey = (layer, t) => layer * 4096 + t;

// The copies the topological order has passed ("done") and the current one, or its whole generation ("now").
function orderReached(scene, { order, byGeneration }) {
  if (!scene.order || order === 0) return null;
  const now = scene.order[order - 1];
  const reached = byGeneration ? scene.order.filter(({ generation }) => generation <= now.generation) : scene.order.slice(0, order);
  const isNow = (entry) => (byGeneration ? entry.generation === now.generation : entry === now);
  return new Map(reached.map((entry) => [copyKey(entry.layer, entry.t), isNow(entry) ? "now" : "done"]));
}
