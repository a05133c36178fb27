// The diagram: its state, what can be done to it, and what is reported to Python.

const THROTTLE = 170; // milliseconds between reports while something runs or is dragged
const OPENED_BY_HAND = 3;

// Python's answers come back late. A value that was sent from here is an echo, not news.
class Reporter {
  constructor(component) {
    this.component = component;
    this.sent = {};
    this.received = {};
    this.waiting = {};
    this.last = {};
  }

  now(name, value) {
    clearTimeout(this.waiting[name]);
    delete this.waiting[name];
    const queue = (this.sent[name] ??= []);
    if (sameValue(this.last[name], value)) return;
    this.last[name] = value;
    queue.push(value);
    this.component.setStateValue(name, value);
  }

  soon(name, value) {
    this.next = { ...this.next, [name]: value };
    this.waiting[name] ??= setTimeout(() => {
      delete this.waiting[name];
      this.now(name, this.next[name]);
    }, THROTTLE);
  }

  isNews(name, value) {
    const first = !(name in this.received);
    const unchanged = !first && sameValue(this.received[name], value);
    this.received[name] = value;
    if (unchanged) return false;
    const queue = this.sent[name] ?? [];
    const at = queue.findIndex((sent) => sameValue(sent, value));
    this.sent[name] = at < 0 ? [] : queue.slice(at + 1);
    if (at < 0) this.last[name] = value;
    return at < 0;
  }

  stop() {
    for (const timer of Object.values(this.waiting)) clearTimeout(timer);
  }
}

const sameValue = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

class Diagram {
  constructor(component) {
    this.reporter = new Reporter(component);
    this.host = component.parentElement.host ?? component.parentElement;
    this.root = html("div", { class: "unroll-diagram" }, component.parentElement);
    this.head = html("div", { class: "head" }, this.root);
    this.picture = html("div", { class: "picture-box" }, this.root);
    this.voice = new Voice(this, this.picture, this.root);
    this.scroller = html("div", {
      class: "scroller", tabindex: 0, role: "application", "aria-roledescription": "network diagram",
      "aria-describedby": this.voice.summary.id,
    }, this.picture);
    this.foot = html("div", { class: "foot" }, this.root);
    this.clock = new Clock(() => this.#paint());
    this.openness = new Openness();
    this.state = {
      steps: 1, front: 0, cursor: 1, opened: this.openness.now, openedByHand: [], selected: null, active: null,
      lit: null, kin: null, hover: null, order: 0, byGeneration: false, direction: 1, tokensKey: "",
    };
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
    this.#adopt(scene, look);
    this.#follow(data);
    this.clock.request();
  }

  #adopt(scene, look) {
    const rebuild = !this.scene || scene.signature !== this.scene.signature;
    const repaint = !this.look || look.theme !== this.look.theme;
    const rename = rebuild || !sameValue(scene.data.words, this.scene.data.words) || !sameValue(scene.data.controls, this.scene.data.controls);
    [this.scene, this.look] = [scene, look];
    if (repaint || rebuild) dress(this.root, look);
    put(this.scroller, "aria-label", scene.title);
    if (rebuild) this.#build();
    else {
      this.stage.adopt(scene);
      if (repaint) this.stage.recolour(look);
    }
    if (rename) this.#buildControls();
    this.state.tokensKey = scene.tokens.join("\u0001");
  }

  #build() {
    this.stage?.content.remove();
    this.stage = new Stage(this.scene, this.look, this.scroller);
    this.pulse = new Pulse(this.stage);
    this.#measure();
    Object.assign(this.state, { active: null, lit: null, kin: null, hover: null, order: 0, openedByHand: [] });
  }

  #buildControls() {
    this.legend?.bar.remove();
    this.legend = new Legend(this, this.head);
    this.head.prepend(this.legend.bar);
    this.foot.replaceChildren();
    this.controls = Object.entries(CONTROLS)
      .filter(([name]) => this.scene.controls.has(name))
      .map(([, Control]) => new Control(this, this.foot));
  }

  #follow(data) {
    const { state, reporter } = this;
    if (reporter.isNews("length", data.steps) && !this.draggingLength) this.#setSteps(data.steps);
    if (reporter.isNews("cursor", data.cursor ?? 1)) this.#moveCursor(data.cursor ?? 1);
    if (reporter.isNews("selected", data.selected)) state.selected = data.selected ?? null;
    if (state.order > (this.orderEntries?.length ?? 0)) state.order = 0;
    this.voice.describe();
  }

  #begin() {
    const { state, scene } = this;
    this.#open(true);
    if (!scene.data.intro || calm.matches) {
      this.change({ front: state.steps });
      this.voice.sayFold();
      return;
    }
    this.voice.sayFold();
    this.clock.start("fold", (seconds) => {
      if (seconds < 0.9) return true;
      this.playFold();
      return true;
    });
  }

  // ---- fold and unroll --------------------------------------------------------------------------------------

  playFold() {
    const { state, clock } = this;
    if (clock.stop("fold") && state.front > 0) return this.change({});
    const direction = state.front >= state.steps ? -1 : state.front <= 0 ? 1 : state.direction;
    return this.#runFold(direction > 0 ? state.steps : 0);
  }

  #runFold(goal) {
    const { state } = this;
    const timeline = new Timeline(state.steps);
    const [from, to] = [timeline.shareFor(state.front), goal > state.front ? 1 : 0];
    state.direction = to > from ? 1 : -1;
    if (calm.matches) return this.#arriveFold(goal);
    this.voice.sayFolding(state.direction);
    this.clock.start("fold", (seconds) => {
      const share = from + (state.direction * seconds) / timeline.duration;
      state.front = to === 1 ? (share >= 1 ? state.steps : timeline.at(share)) : share <= 0 ? 0 : timeline.at(share);
      this.#followFront();
      if (state.front !== goal) return true;
      this.voice.sayFold();
      return false;
    });
    return undefined;
  }

  #arriveFold(goal) {
    this.clock.stop("fold");
    this.change({ front: goal });
    this.voice.sayFold();
  }

  stepFold(by) {
    const { state } = this;
    const goal = clamp(by > 0 ? Math.floor(state.front + 1e-6) + 1 : Math.ceil(state.front - 1e-6) - 1, 0, state.steps);
    const from = state.front;
    state.direction = by;
    if (calm.matches) return this.#arriveFold(goal);
    this.clock.start("fold", (seconds) => {
      const share = clamp(seconds / (goal === 0 || from === 0 ? 0.6 : Timeline.SLICE), 0, 1);
      state.front = lerp(from, goal, smooth(share));
      this.#followFront();
      if (share < 1) return true;
      this.voice.sayFold();
      return false;
    });
    return undefined;
  }

  scrubFold(front) {
    const { state } = this;
    this.clock.stop("fold");
    const direction = Math.sign(front - state.front) || state.direction;
    const nearEnd = front > state.steps - state.steps / 800 ? state.steps : front;
    this.change({ front: nearEnd, direction });
    this.#followFront();
    this.voice.sayFold();
  }

  #followFront() {
    const front = this.stage.motion?.front;
    if (front) this.#reveal(front.left, front.left + front.width);
    else if (this.state.front <= 0.5) this.scroller.scrollLeft = 0;
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
    this.#setSteps(clamp(steps, least, most));
    this.reporter.now("length", this.state.steps);
    this.voice.describe();
    this.change({});
  }

  #setSteps(steps) {
    const { state } = this;
    if (this.clock.runs("fold") && state.front > 0) this.clock.stop("fold");
    const unrolled = state.front >= state.steps;
    state.front = unrolled ? steps : (state.front * steps) / state.steps;
    state.steps = steps;
    state.order = 0;
    state.openedByHand = state.openedByHand.filter((t) => t <= steps);
    state.cursor = clamp(state.cursor, 1, steps);
    this.#open(true);
  }

  // ---- time -------------------------------------------------------------------------------------------------

  setCursor(t) {
    this.#moveCursor(t);
    this.reporter.now("cursor", this.state.cursor);
    this.voice.sayStep();
  }

  scrubTime(t) {
    this.#moveCursor(t);
    this.reporter.soon("cursor", this.state.cursor);
    this.voice.sayStep();
  }

  stepTime(by) {
    this.clock.stop("time");
    this.#unrollFirst();
    if (this.#takeStep(by, 1)) this.setCursor(this.state.cursor);
  }

  // The arrow keys: slice by slice until the network is unrolled, then step by step.
  stepAlong(by) {
    const { state, scene } = this;
    if (state.front < state.steps && !scene.controls.has("time")) this.stepFold(by);
    else this.stepTime(by);
  }

  #takeStep(by, seconds) {
    const { state } = this;
    const t = clamp(state.cursor + by, 1, state.steps);
    if (t === state.cursor) return false;
    this.#moveCursor(t);
    if (by > 0 && this.scene.values) this.pulseAt = { t, seconds };
    return true;
  }

  #moveCursor(t) {
    const { state } = this;
    const cursor = clamp(Math.round(t), 1, state.steps);
    const active = state.active && state.active.t !== null ? { ...state.active, t: cursor } : state.active;
    this.change({ cursor, active });
    this.#open(false);
    this.revealCursor = true;
  }

  playTime() {
    const { state, clock } = this;
    if (clock.stop("time")) return this.setCursor(state.cursor);
    this.#unrollFirst();
    if (state.cursor >= state.steps) this.#moveCursor(1);
    const pace = clamp(14 / state.steps, 0.09, 0.8);
    let taken = 0;
    clock.start("time", (seconds) => {
      if (seconds < (taken + 1) * pace) return true;
      taken = Math.floor(seconds / pace);
      const moved = this.#takeStep(1, pace);
      this.reporter.soon("cursor", state.cursor);
      this.voice.sayStep();
      if (moved && state.cursor < state.steps) return true;
      this.reporter.now("cursor", state.cursor);
      return false;
    });
    return undefined;
  }

  #unrollFirst() {
    const { state } = this;
    if (state.front < state.steps) this.#runFold(state.steps);
  }

  playMain() {
    if (this.scene.controls.has("time")) this.playTime();
    else this.playFold();
  }

  // ---- slices, nodes, weights -------------------------------------------------------------------------------

  #open(jump) {
    const { state } = this;
    this.openness.want([...new Set([state.cursor, ...state.openedByHand])], jump || calm.matches);
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
    this.change({ selected: { layer: name, t } });
    this.reporter.now("selected", this.state.selected);
    this.voice.sayNode(layer, t);
  }

  selectActive() {
    const { active } = this.state;
    if (active && active.t !== null) this.select(active.layer, active.t);
  }

  clear() {
    this.change({ selected: null, active: null, lit: null, order: 0 });
    this.reporter.now("selected", null);
    this.voice.hideTip();
  }

  // Up and down through the layers of the cursor's slice, from input to output.
  stepLayer(by) {
    const { state, scene } = this;
    const t = state.front <= 0 ? null : state.cursor;
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
    if (weight !== null) this.voice.sayWeight(weight);
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

  // ---- order ------------------------------------------------------------------------------------------------

  // Python's order holds for the length Python knows.
  get orderEntries() {
    return this.scene.data.steps === this.state.steps ? this.scene.order : null;
  }

  setOrder(order) {
    this.#unrollFirst();
    this.change({ order: clamp(order, 0, this.orderEntries?.length ?? 0) });
    this.voice.sayOrder();
  }

  stepOrder(by) {
    this.clock.stop("order");
    this.setOrder(this.#nextOrder(by));
  }

  // By generation, one step goes to the last node of the next generation.
  #nextOrder(by) {
    const { order, byGeneration } = this.state;
    const entries = this.orderEntries ?? [];
    if (!byGeneration) return order + by;
    const now = order > 0 ? entries[order - 1].generation : -1;
    const goal = now + by;
    if (goal < 0) return 0;
    const last = entries.findLastIndex(({ generation }) => generation === goal);
    return last < 0 ? entries.length : last + 1;
  }

  setByGeneration(byGeneration) {
    this.change({ byGeneration });
    this.voice.sayOrder();
  }

  playOrder() {
    const { clock, state } = this;
    const count = this.orderEntries?.length ?? 0;
    if (clock.stop("order") || count === 0) return this.change({});
    if (state.order >= count) state.order = 0;
    const beats = state.byGeneration ? new Set(this.orderEntries.map(({ generation }) => generation)).size : count;
    const pace = clamp(12 / beats, 0.03, 0.5);
    let taken = 0;
    clock.start("order", (seconds) => {
      for (; taken < Math.floor(seconds / pace) && state.order < count; taken += 1) this.setOrder(this.#nextOrder(1));
      return state.order < count;
    });
    return this.change({});
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
    if (this.revealCursor) this.#revealCursor();
    if (this.pulseAt) {
      this.pulse.run(this.pulseAt.t, this.pulseAt.seconds);
      this.pulseAt = null;
    }
    for (const control of this.controls) control.sync(state);
    this.legend.sync(state);
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
    root.classList.toggle("has-lit", state.lit !== null);
    root.classList.toggle("ordering", state.order > 0);
  }

  #revealCursor() {
    this.revealCursor = false;
    const { layout, motion } = this.stage;
    const { cursor } = this.state;
    if (motion.deposited >= cursor) this.#reveal(layout.left(cursor), layout.left(cursor) + layout.width(cursor));
  }

  #reveal(left, right) {
    const { scroller } = this;
    const edge = Math.min(60, scroller.clientWidth / 6);
    if (left - edge < scroller.scrollLeft) scroller.scrollLeft = left - edge;
    else if (right + edge > scroller.scrollLeft + scroller.clientWidth) scroller.scrollLeft = right + edge - scroller.clientWidth;
  }

  remove() {
    this.clock.halt();
    this.reporter.stop();
    this.sizes.disconnect();
    dark.removeEventListener("change", this.onScheme);
    this.root.remove();
  }
}
