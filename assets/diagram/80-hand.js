// The hand on the picture: pointing, clicking, dragging the step labels, and the keyboard.

class Hand {
  constructor(diagram) {
    this.diagram = diagram;
    const { scroller } = diagram;
    const on = (type, act) => scroller.addEventListener(type, (event) => act.call(this, event));
    on("pointermove", this.#point);
    on("pointerleave", this.#leave);
    on("pointerdown", this.#press);
    on("pointerup", this.#release);
    on("pointercancel", this.#drop);
    on("click", this.#click);
    on("keydown", this.#key);
    on("blur", this.#blur);
    scroller.addEventListener("touchmove", (event) => this.#hold(event), { passive: false });
  }

  // Where on the stage, and what is there.
  #aim(event) {
    const { stage, scroller } = this.diagram;
    const box = scroller.getBoundingClientRect();
    const x = event.clientX - box.left + scroller.scrollLeft;
    const y = event.clientY - box.top;
    const element = event.target.closest?.("[data-layer]");
    const layer = element ? stage.scene.layers.findIndex(({ name }) => name === element.getAttribute("data-layer")) : null;
    const copy = element?.hasAttribute("data-t") ? Number(element.getAttribute("data-t")) : null;
    const weight = event.target.closest?.("[data-weight]")?.getAttribute("data-weight") ?? null;
    const connection = event.target.closest?.("[data-connection]")?.getAttribute("data-connection") ?? null;
    const { left, width } = stage.motion.template;
    const onTemplate = x >= left && x <= left + width && y < stage.labelTop + stage.labelHeight;
    return { x, y, layer, t: layer !== null ? copy : stage.stepAt(x), weight, connection: connection && Number(connection), onTemplate };
  }

  #point(event) {
    const aim = this.#aim(event);
    if (this.scrubbing) {
      this.diagram.time.scrub(this.diagram.stage.layout.stepAt(aim.x));
      return;
    }
    if (this.diagram.editing.drag(aim)) return;
    this.diagram.point(aim);
    this.#tip(aim, event);
  }

  #tip(aim, event) {
    const { diagram } = this;
    const { stage, voice, state, scroller } = diagram;
    const box = scroller.getBoundingClientRect();
    const at = [event.clientX - box.left, event.clientY - box.top];
    if (aim.layer !== null) return voice.showTip(voice.nodeLines(aim.layer, aim.t), ...at);
    const word = aim.t === null ? undefined : diagram.scene.tokens[aim.t - 1];
    const inTracks = aim.y >= stage.tracksTop;
    if (aim.t !== null && inTracks) {
      const text = stage.tracks.at(aim.y - stage.tracksTop, aim.t, { cursor: state.cursor, wave: stage.scene.wave });
      if (text) return voice.showTip([text], ...at);
    }
    if (word !== undefined && aim.y >= stage.labelTop && !inTracks) return voice.showTip([`step ${aim.t}`, String(word).slice(0, 300)], ...at);
    return voice.hideTip();
  }

  #leave() {
    this.diagram.point(null);
    this.diagram.voice.hideTip();
  }

  // Step labels and tracks are a ruler: press there and drag to move the cursor.
  #press(event) {
    const { stage, scroller } = this.diagram;
    const aim = this.#aim(event);
    if (event.button === 0 && this.diagram.editing.press(aim)) scroller.setPointerCapture(event.pointerId);
    else if (event.button !== 0 || event.pointerType === "touch" || aim.t === null || aim.y < stage.labelTop || aim.onTemplate) return;
    else {
      this.scrubbing = true;
      scroller.setPointerCapture(event.pointerId);
      this.diagram.time.scrub(aim.t);
    }
  }

  // A finger that draws an arrow does not scroll.
  #hold(event) {
    if (this.diagram.editing.pressed) event.preventDefault();
  }

  #drop() {
    this.diagram.editing.drop();
    this.#release();
  }

  #release() {
    this.diagram.editing.release();
    if (!this.scrubbing) return;
    this.scrubbing = false;
    this.diagram.time.set(this.diagram.state.cursor);
  }

  #click(event) {
    const aim = this.#aim(event);
    const { diagram } = this;
    const { stage } = diagram;
    if (diagram.editing.click(aim)) return;
    if (aim.t === null && aim.layer === null) return;
    if (aim.y >= stage.labelTop) diagram.time.set(aim.t);
    else if (aim.t !== null && stage.isStep(aim.t) && !stage.layout.allOpen && stage.layout.openness(aim.t) < 0.5) diagram.toggleOpen(aim.t);
    else if (aim.layer !== null && aim.t !== null) diagram.select(aim.layer, aim.t);
    else if (aim.t !== null && !stage.layout.allOpen && aim.t !== diagram.state.cursor) diagram.toggleOpen(aim.t);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.diagram.scroller) return;
    const { diagram } = this;
    const act = {
      ArrowLeft: () => this.#along(-1),
      ArrowRight: () => this.#along(1),
      ArrowUp: () => diagram.stepLayer(1),
      ArrowDown: () => diagram.stepLayer(-1),
      Home: () => (diagram.scene.film ? diagram.film.scrub(0) : diagram.time.set(1)),
      End: () => (diagram.scene.film ? diagram.film.scrub(diagram.film.last) : diagram.time.set(diagram.state.steps)),
      " ": () => (diagram.scene.film ? diagram.film : this.#hasTime ? diagram.time : diagram.fold).play(),
      Enter: () => diagram.selectActive(),
      Escape: () => diagram.clear(),
    }[event.key];
    if (diagram.editing.key(event)) return;
    if (!act) return;
    event.preventDefault();
    act();
  }

  get #hasTime() {
    return this.diagram.scene.controls.has("time");
  }

  // The arrow keys go slice by slice until the network is unrolled, then step by step.
  #along(by) {
    const { state, fold, time, scene, film } = this.diagram;
    if (scene.film) return film.step(by);
    if (state.front < state.steps && !this.#hasTime) fold.step(by);
    else time.step(by);
  }

  #blur() {
    this.diagram.change({ active: null });
  }
}
