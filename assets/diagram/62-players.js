// What can be played, paused, stepped, scrubbed and reversed: the fold, the time cursor, the topological order.
// Each holds no state of its own; it moves the diagram's.

class FoldPlayer {
  static PAUSE = 0.9; // seconds for which the folded cell is seen before it unrolls by itself
  static ASIDE = 0.6; // seconds of the first step, in which the folded cell also moves aside

  constructor(diagram) {
    this.diagram = diagram;
  }

  // Once, when the diagram first appears.
  introduce() {
    this.diagram.clock.start("fold", (seconds) => {
      if (seconds >= FoldPlayer.PAUSE) this.play();
      return true;
    });
  }

  play() {
    const { diagram } = this;
    const { state, clock } = diagram;
    if (clock.stop("fold") && state.front > 0) {
      diagram.change({});
      diagram.keepFront();
      return;
    }
    this.run(this.direction > 0 ? state.steps : 0);
  }

  // Which way playing goes: on from where it was left, back from the ends.
  get direction() {
    const { front, steps, direction } = this.diagram.state;
    return front >= steps ? -1 : front <= 0 ? 1 : direction;
  }

  run(goal) {
    const { state } = this.diagram;
    const timeline = new Timeline(state.steps);
    state.direction = goal > state.front ? 1 : -1;
    const from = timeline.shareFor(state.front);
    this.plays = true;
    this.#move(goal, (seconds) => {
      const share = from + (state.direction * seconds) / timeline.duration;
      return share >= 1 || share <= 0 ? goal : timeline.at(share);
    });
  }

  // To the next whole slice, in either direction; while a step is under way the next one starts from its goal.
  step(by) {
    const { state, clock } = this.diagram;
    const under = clock.runs("fold") && !this.plays && state.front > 0;
    const from = under ? this.goal : by > 0 ? Math.floor(state.front + 1e-6) : Math.ceil(state.front - 1e-6);
    this.glide(clamp(from + by, 0, state.steps), under);
  }

  // Let go of the slider: to the nearest whole slice.
  release() {
    this.glide(Math.round(this.diagram.state.front), true);
  }

  glide(goal, moving) {
    const { state } = this.diagram;
    const from = state.front;
    const pace = goal === 0 || from === 0 ? FoldPlayer.ASIDE : Timeline.SLICE;
    const duration = pace * clamp(Math.sqrt(Math.abs(goal - from)), moving ? 0.3 : 1, 3);
    const ease = moving ? (share) => 1 - (1 - share) ** 2 : smooth;
    [this.goal, this.plays] = [goal, false];
    state.direction = Math.sign(goal - from) || state.direction;
    this.#move(goal, (seconds) => (seconds >= duration ? goal : lerp(from, goal, ease(seconds / duration))));
  }

  // frontAt: how far unrolled after so many seconds.
  #move(goal, frontAt) {
    const { diagram } = this;
    const { state, clock } = diagram;
    clock.stop("fold");
    if (calm.matches) {
      diagram.change({ front: goal });
      diagram.keepFront();
      return;
    }
    clock.start("fold", (seconds) => {
      state.front = frontAt(seconds);
      diagram.sight.followFront();
      if (state.front !== goal) return true;
      diagram.keepFront();
      return false;
    });
  }

  scrub(front) {
    const { state, clock } = this.diagram;
    clock.stop("fold");
    const direction = Math.sign(front - state.front) || state.direction;
    const nearEnd = front > state.steps - state.steps / 800 ? state.steps : front;
    this.diagram.change({ front: nearEnd, direction });
    this.diagram.sight.followFront();
  }

  // Time and order can be followed in the unrolled network only.
  unrollFirst() {
    const { state, clock } = this.diagram;
    if (state.front < state.steps && !(clock.runs("fold") && state.direction > 0 && state.front > 0)) this.run(state.steps);
  }
}

class TimePlayer {
  constructor(diagram) {
    this.diagram = diagram;
  }

  // The cursor has been put somewhere for good: Python is told at once.
  set(t) {
    const { diagram } = this;
    diagram.moveCursor(t);
    diagram.reporter.now("cursor", diagram.state.cursor);
    diagram.voice.sayStep();
  }

  scrub(t) {
    const { diagram } = this;
    diagram.moveCursor(t);
    diagram.reporter.soon("cursor", diagram.state.cursor);
    diagram.voice.sayStep();
  }

  step(by) {
    const { diagram } = this;
    diagram.clock.stop("time");
    diagram.fold.unrollFirst();
    if (this.#advance(by, 1)) this.set(diagram.state.cursor);
  }

  #advance(by, seconds) {
    const { diagram } = this;
    const t = clamp(diagram.state.cursor + by, 1, diagram.state.steps);
    if (t === diagram.state.cursor) return false;
    diagram.moveCursor(t);
    if (by === diagram.scene.wave && diagram.scene.quantity) diagram.pulseAt = { t, seconds };
    return true;
  }

  play() {
    const { diagram } = this;
    const { state, clock, reporter, voice } = diagram;
    if (clock.stop("time")) {
      this.set(state.cursor);
      return;
    }
    diagram.fold.unrollFirst();
    const { wave } = diagram.scene;
    const [start, end] = wave > 0 ? [1, state.steps] : [state.steps, 1];
    if (state.cursor === end) diagram.moveCursor(start);
    const pace = clamp(14 / state.steps, 0.09, 0.8);
    let taken = 0;
    clock.start("time", (seconds) => {
      if (seconds < (taken + 1) * pace) return true;
      taken = Math.floor(seconds / pace);
      const moved = this.#advance(wave, pace);
      reporter.soon("cursor", state.cursor);
      voice.sayStep();
      if (moved && state.cursor !== end) return true;
      reporter.now("cursor", state.cursor);
      return false;
    });
  }
}

class OrderPlayer {
  constructor(diagram) {
    this.diagram = diagram;
  }

  // Python's order holds for the length Python knows.
  get entries() {
    const { scene, state } = this.diagram;
    return scene.order && scene.data.steps === state.steps ? scene.order : [];
  }

  set(order) {
    this.diagram.fold.unrollFirst();
    this.diagram.change({ order: clamp(order, 0, this.entries.length) });
    this.diagram.voice.sayOrder();
  }

  step(by) {
    this.diagram.clock.stop("order");
    this.set(this.#next(by));
  }

  // By generation, one step goes to the last node of the next generation.
  #next(by) {
    const { order, byGeneration } = this.diagram.state;
    if (!byGeneration) return order + by;
    const now = order > 0 ? this.entries[order - 1].generation : -1;
    if (now + by < 0) return 0;
    const last = this.entries.findLastIndex(({ generation }) => generation === now + by);
    return last < 0 ? this.entries.length : last + 1;
  }

  group(byGeneration) {
    this.diagram.change({ byGeneration });
    this.diagram.voice.sayOrder();
  }

  play() {
    const { diagram, entries } = this;
    const { state, clock } = diagram;
    if (clock.stop("order") || entries.length === 0) {
      diagram.change({});
      return;
    }
    if (this.#finished) state.order = 0;
    const beats = state.byGeneration ? new Set(entries.map(({ generation }) => generation)).size : entries.length;
    const pace = clamp(12 / beats, 0.03, 0.5);
    let taken = 0;
    clock.start("order", (seconds) => {
      for (; taken < Math.floor(seconds / pace) && !this.#finished; taken += 1) this.set(this.#next(1));
      return !this.#finished;
    });
  }

  // An order by time may visit the last generation before its last node.
  get #finished() {
    const { order, byGeneration } = this.diagram.state;
    if (order >= this.entries.length) return true;
    return byGeneration && order > 0 && this.entries[order - 1].generation === Math.max(...this.entries.map(({ generation }) => generation));
  }
}
