// The diagram: its state, and what Python and the hand can do to it. Everything that plays is in the players.

const OPENED_BY_HAND = 3; // as many closed slices stay open beside the cursor's

class Diagram {
  constructor(component) {
    this.reporter = new Reporter(component);
    this.host = component.parentElement.host ?? component.parentElement;
    this.root = html("div", { class: "unroll-diagram" }, component.parentElement);
    this.bar = html("div", { class: "bar" }, this.root); // above the picture: in one place whatever its height
    this.head = html("div", { class: "head" }, this.root);
    this.picture = html("div", { class: "picture-box" }, this.root);
    this.voice = new Voice(this, this.picture, this.root);
    this.scroller = html("div", {
      class: "scroller", tabindex: 0, role: "application", "aria-roledescription": "network diagram",
      "aria-describedby": this.voice.summary.id,
    }, this.picture);
    this.clock = new Clock(() => this.#paint());
    this.openness = new Openness();
    this.state = {
      steps: 1, front: 0, cursor: 1, opened: this.openness.now, openedByHand: [], selected: null, active: null,
      lit: null, kin: null, hover: null, order: 0, byGeneration: false, direction: 1, tokensKey: "",
    };
    this.fold = new FoldPlayer(this);
    this.time = new TimePlayer(this);
    this.order = new OrderPlayer(this);
    this.film = new FilmPlayer(this);
    this.sight = new Sight(this);
    this.editing = new Editing(this);
    new Hand(this);
    this.scroller.addEventListener("scroll", () => this.clock.request(), { passive: true });
    this.sizes = new ResizeObserver(() => this.#measure());
    this.sizes.observe(this.scroller);
    this.onScheme = () => this.update(this.component);
    dark.addEventListener("change", this.onScheme);
    this.update(component);
    this.#begin();
  }

  // ---- what Python says -------------------------------------------------------------------------------------

  update(component) {
    this.component = this.reporter.component = component;
    const { data } = component;
    const scene = new Scene(data);
    const look = readLook(this.host, data.palette);
    const turned = this.look && look.theme !== this.look.theme;
    this.#adopt(scene, look);
    this.#follow(data);
    if (turned) this.reporter.now("theme", look.theme); // Python's charts follow
    this.clock.request();
  }

  #adopt(scene, look) {
    const rebuild = !this.scene || scene.signature !== this.scene.signature;
    const repaint = !this.look || look.theme !== this.look.theme;
    const rename = !this.scene || ["words", "controls", "limits"].some((part) => !sameValue(scene.data[part], this.scene.data[part]));
    const before = this.scene;
    [this.scene, this.look] = [scene, look];
    if (repaint || rebuild) dress(this.root, look);
    put(this.scroller, "aria-label", scene.title);
    if (rebuild) this.#build(before);
    else {
      this.stage.adopt(scene);
      if (repaint) this.stage.recolour(look);
    }
    if (rename) this.#buildControls();
    if (rename || rebuild) this.#buildLegend();
    this.editing.follow(before);
    this.state.tokensKey = scene.tokens.join("\u0001");
  }

  #build(before) {
    const [stood, { active }] = [before && this.editing.gliding.places(), this.state];
    this.stage?.content.remove();
    this.stage = new Stage(this.scene, this.look, this.scroller);
    this.pulse = new Pulse(this.stage);
    this.#measure();
    const layer = active && this.scene.layers.findIndex(({ name }) => name === before.layers[active.layer].name);
    Object.assign(this.state, { lit: null, kin: null, hover: null, order: 0, openedByHand: [] });
    this.state.active = active && layer >= 0 ? { ...active, layer } : null; // focus stays on the layer, by its name
    if (stood) this.editing.gliding.from(stood);
  }

  #buildLegend() {
    this.legend?.remove();
    this.legend = new Legend(this, this.head);
  }

  #buildControls() {
    this.bar.replaceChildren();
    this.controls = Object.entries(CONTROLS)
      .filter(([name]) => this.scene.controls.has(name))
      .map(([, Control]) => new Control(this, this.bar));
  }

  #follow(data) {
    const { state, reporter } = this;
    if (reporter.isNews("length", data.steps) && !this.draggingLength) {
      this.#keepingCursorKnown(() => this.#setSteps(data.steps));
      if (this.begun) this.keepFront();
    }
    if (reporter.isNews("cursor", data.cursor ?? 1)) this.moveCursor(data.cursor ?? 1);
    if (reporter.isNews("selected", data.selected)) state.selected = data.selected ?? null;
    reporter.link.address = data.address ?? {};
    reporter.link.write();
    if (state.order > this.order.entries.length) state.order = 0;
    this.film.follow();
    this.voice.describe();
  }

  #begin() {
    const { state, scene } = this;
    this.#open(true);
    const introduce = scene.data.intro && !calm.matches;
    if (!introduce) state.front = clamp(scene.data.front ?? state.steps, 0, state.steps);
    this.begun = true;
    if (introduce) this.fold.introduce();
    this.#paint(); // at once: the page around it should not move when the first frame comes
    this.clock.request();
  }

  // How far it is unrolled, at rest, is kept in the link where it is not all the way.
  keepFront() {
    const { state, reporter } = this;
    const front = Math.round(state.front);
    reporter.link.keep("front", front >= state.steps ? null : front);
  }

  // ---- length -----------------------------------------------------------------------------------------------

  dragLength(steps) {
    this.draggingLength = true;
    this.#setSteps(steps);
    this.change({});
  }

  setLength(steps) {
    this.draggingLength = false;
    const [least, most] = this.scene.limits;
    this.#keepingCursorKnown(() => this.#setSteps(clamp(steps, least, most)));
    this.reporter.now("length", this.state.steps);
    this.keepFront();
    this.voice.describe();
    this.change({});
  }

  // A shorter sequence may push the cursor: Python and the link have to hear of it.
  #keepingCursorKnown(act) {
    const { cursor } = this.state;
    act();
    if (this.state.cursor !== cursor) this.reporter.now("cursor", this.state.cursor);
  }

  // A part of another length would be another picture: what is partly unrolled goes to the nearer end.
  #setSteps(steps) {
    const { state } = this;
    const interrupted = state.front > 0 && this.clock.stop("fold");
    const unrolled = interrupted ? state.direction > 0 : state.front * 2 >= state.steps;
    state.front = unrolled ? steps : 0;
    state.steps = steps;
    state.order = 0;
    state.openedByHand = state.openedByHand.filter((t) => t <= steps);
    state.cursor = clamp(state.cursor, 1, steps);
    this.#open(true);
  }

  // ---- slices, nodes, weights -------------------------------------------------------------------------------

  moveCursor(t) {
    const { state } = this;
    const cursor = clamp(Math.round(t), 1, state.steps);
    const active = state.active && state.active.t !== null ? { ...state.active, t: cursor } : state.active;
    this.#leaveInitialState(cursor);
    this.change({ cursor, active });
    this.#open(false);
    this.revealCursor = true;
  }

  // Where a cursor is, it leads the open node; only an initial state stands outside its steps.
  #leaveInitialState(cursor) {
    const { state, reporter } = this;
    if (state.selected?.t !== 0 || cursor === state.cursor || !this.begun) return;
    state.selected = { ...state.selected, t: cursor };
    reporter.soon("selected", state.selected);
  }

  #open(jump) {
    const { state } = this;
    const cursor = this.scene.film ? [] : [state.cursor]; // a film goes to and fro: its slices stay as wide as they are
    this.openness.want([...new Set([...cursor, ...state.openedByHand])], jump || calm.matches);
    state.opened = this.openness.now;
    if (this.openness.settled) return;
    let before = 0;
    this.clock.start("open", (seconds) => {
      const moving = this.openness.advance(seconds - before);
      before = seconds;
      this.revealCursor = true;
      return moving;
    });
  }

  toggleOpen(t) {
    const { state } = this;
    const others = state.openedByHand.filter((other) => other !== t);
    state.openedByHand = others.length < state.openedByHand.length ? others : [...others, t].slice(-OPENED_BY_HAND);
    this.#open(false);
    this.change({});
  }

  select(layer, t) {
    const { name } = this.scene.layers[layer];
    const initial = !this.stage.isStep(t);
    this.change({ selected: { layer: name, t: initial ? 0 : t } });
    if (!initial && this.scene.controls.has("time") && t !== this.state.cursor) this.time.set(t);
    this.reporter.now("selected", this.state.selected);
    this.voice.sayNode(layer, t);
  }

  selectActive() {
    const { active } = this.state;
    if (active && this.scene.isEditable && active.t === null) this.editing.choose(active.layer);
    else if (active && active.t !== null) this.select(active.layer, active.t);
  }

  clear() {
    this.editing.letGo();
    this.change({ selected: null, active: null, lit: null, order: 0 });
    this.reporter.now("selected", null);
    this.voice.hideTip();
  }

  // Up and down through the layers of the cursor's slice, from input to output.
  stepLayer(by) {
    const { state, scene } = this;
    const t = state.front <= 0 || scene.isEditable ? null : state.cursor;
    const present = scene.layers.filter((layer) => t === null || scene.present(layer.index, t, state.steps));
    const rising = present.sort((a, b) => a.y - b.y || a.x - b.x).map(({ index }) => index);
    const at = rising.indexOf(state.active?.layer);
    const layer = at < 0 ? rising[by > 0 ? 0 : rising.length - 1] : rising[clamp(at + by, 0, rising.length - 1)];
    this.change({ active: { layer, t } });
    this.voice.sayNode(layer, t);
  }

  light(weight) {
    if (weight === this.state.lit) return;
    this.change({ lit: weight });
  }

  // aim: what the pointer is over, or null when it has left.
  point(aim) {
    const { state } = this;
    const hover = aim?.onTemplate ? { template: true, t: null } : aim && aim.t !== null ? { template: false, t: aim.t } : null;
    const kin = aim?.layer ?? null;
    const same = sameValue(hover, state.hover) && kin === state.kin;
    if (!same) this.change({ hover, kin });
    if (aim?.weight) this.light(aim.weight);
    else if (this.pointedWeight) this.light(null);
    this.pointedWeight = aim?.weight ?? null;
  }

  // ---- painting ---------------------------------------------------------------------------------------------

  change(changes) {
    Object.assign(this.state, changes);
    this.clock.request();
  }

  #measure() {
    const width = this.scroller.clientWidth;
    if (!width || width === this.stage?.viewWidth) return;
    this.stage.resize(width);
    this.clock.request();
  }

  #paint() {
    const { state, stage } = this;
    if (!stage.viewWidth) return;
    stage.scrollLeft = this.scroller.scrollLeft;
    stage.render(state);
    this.editing.draw();
    if (this.revealCursor) this.sight.revealCursor();
    this.revealCursor = false;
    if (this.pulseAt) {
      this.pulse.run(this.pulseAt.t, this.pulseAt.seconds);
      this.pulseAt = null;
    }
    for (const control of this.controls) control.sync(state);
    this.legend.sync(state);
    this.voice.speak();
    this.#publish();
  }

  #publish() {
    const { state, root } = this;
    const between = state.direction > 0 ? "unfolding" : "folding";
    put(root, "data-state", state.front <= 0 ? "folded" : state.front >= state.steps ? "unrolled" : between);
    put(root, "data-progress", (state.front / state.steps).toFixed(3));
    put(root, "data-steps", state.steps);
    put(root, "data-cursor", state.cursor);
    put(root, "data-order", state.order);
    put(root, "data-moment", this.scene.film?.moment ?? null);
    root.classList.toggle("has-lit", state.lit !== null);
    root.classList.toggle("ordering", state.order > 0 && state.front > 0);
  }

  remove() {
    this.clock.halt();
    this.reporter.stop();
    this.editing.stop();
    this.sizes.disconnect();
    dark.removeEventListener("change", this.onScheme);
    this.root.remove();
  }
}
