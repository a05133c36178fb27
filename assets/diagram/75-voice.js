// The picture in words: the line that says what changed, the tooltip, and the summary for those who do not see it.

let described = 0;

class Voice {
  constructor(diagram, picture, after) {
    this.diagram = diagram;
    this.line = html("p", { class: "status", role: "status", "aria-live": "polite" }, after);
    described += 1;
    this.summary = html("p", { class: "hidden-text", id: `unroll-summary-${described}` }, picture);
    this.tip = html("div", { class: "tip", role: "tooltip", hidden: "" }, picture);
  }

  // The line follows the state: what is pointed at, else the last remark while it still holds, else how things stand.
  // While something runs or is dragged a screen reader waits for the end.
  speak() {
    const { state, clock, draggingLength } = this.diagram;
    if (this.remark && this.remark.key !== this.#moment()) this.remark = null;
    put(this.line, "aria-busy", clock.moves.size || draggingLength ? "true" : null);
    write(this.line, state.lit !== null ? this.weightSentence(state.lit) : (this.remark?.text ?? this.restingSentence()));
  }

  // Holds until the picture changes.
  say(text) {
    this.remark = { text, key: this.#moment() };
    this.diagram.clock.request();
  }

  #moment() {
    const { state, scene } = this.diagram;
    const { steps, front, cursor, order, byGeneration, tokensKey } = state;
    return [scene.title, steps, front, cursor, order, byGeneration, tokensKey, scene.film?.moment].join("|");
  }

  restingSentence() {
    const { state, scene, clock, fold, order } = this.diagram;
    if (clock.runs("fold") && fold.plays && state.front > 0) return foldingSentence(state.direction);
    if (state.front < state.steps) return this.foldSentence();
    if (scene.film) return scene.film.sentence();
    if (state.order > 0 && state.order <= order.entries.length) return this.orderSentence();
    return scene.controls.has("time") ? this.stepSentence() : this.foldSentence();
  }

  describe() {
    write(this.summary, this.diagram.scene.describe(this.diagram.state.steps));
  }

  stepPhrase() {
    const { scene, state } = this.diagram;
    const word = scene.tokens[state.cursor - 1];
    return `step ${state.cursor} of ${state.steps}${!word ? "" : `, ‘${isolate(word)}’`}`;
  }

  sayStep() {
    this.say(this.stepSentence());
  }

  stepSentence() {
    const { scene, state } = this.diagram;
    const told = scene.layers.filter(({ index, role }) => scene.present(index, state.cursor, state.steps) && (scene.wave > 0 || role !== "loss"));
    const names = told.map(({ said }) => said);
    return `${this.stepPhrase()}: ${scene.wave < 0 ? "gradient has arrived at " : ""}${names.join(", ")}`;
  }

  sayNode(layer, t) {
    const { scene } = this.diagram;
    const [title, measured] = this.nodeLines(layer, t);
    this.say(scene.hasFlows && measured ? `${spoken(scene.symbol(layer, t))}: ${measured}` : title);
  }

  weightSentence(name) {
    const { scene, state } = this.diagram;
    const { shape } = scene.weights.get(name);
    const kind = shape?.length === 2 ? `matrix (${shape.join(" × ")})` : shape ? `vector (${shape.join()})` : "matrix";
    const uses = scene.uses(name, state.steps);
    return `${spoken(scene.weightLabel(name))}: one ${kind}, used ${uses === 1 ? "once" : `${uses} times`}`;
  }

  sayOrder() {
    this.say(this.orderSentence());
  }

  orderSentence() {
    const { scene, state } = this.diagram;
    const { entries } = this.diagram.order;
    if (state.order === 0) return "Order: nothing computed yet";
    const entry = entries[state.order - 1];
    if (!state.byGeneration) return `${state.order} of ${entries.length}: ${scene.layers[entry.layer].said} at step ${entry.t}`;
    const together = scene.order.filter(({ generation }) => generation === entry.generation);
    const shown = together.slice(0, 5).map(({ layer, t }) => `${scene.layers[layer].said} at ${t}`).join(", ");
    return `Generation ${entry.generation + 1}: ${together.length} at once: ${shown}${together.length > 5 ? " …" : ""}`;
  }

  foldSentence() {
    const { scene, state } = this.diagram;
    const cyclic = scene.cyclic.some(Boolean);
    if (state.front >= state.steps) return `Unrolled: ${state.steps} ${state.steps === 1 ? "copy" : "copies"}, the same weights in each${cyclic ? ", no cycle left" : ""}`;
    if (state.front <= 0) return cyclic ? "Folded: one cell; the delayed connections close its cycles" : "Folded: one cell";
    return `Slice ${Math.ceil(state.front)} of ${state.steps}: each delayed connection reaches into the next slice`;
  }

  nodeLines(layer, t) {
    const { scene, state } = this.diagram;
    const { said, text } = scene.layers[layer];
    const { quantity } = scene;
    if (t !== null && !this.diagram.stage.isStep(t)) return this.#initialLines(layer, t);
    const title = t === null ? (text ?? said) : `${text ?? said} (step ${t})`;
    if (t === null || quantity === null) return [title];
    if (!scene.known(layer, t, state.cursor)) return [title, quantity.waitingPhrase];
    return [title, ...quantity.lines(layer, t, this.diagram.stage.showsUnits(layer, t))];
  }

  // Steps before the first and after the last all hold what the network starts from.
  #initialLines(layer, t) {
    const { scene, state } = this.diagram;
    const start = scene.quantity?.initialValues?.(layer) ?? null;
    const all = start === null || start.every((value) => value === 0) ? ", all zeros" : "";
    const title = `${spoken(scene.symbol(layer, t))}: initial state${all}`;
    if (!scene.quantity || !scene.known(layer, clamp(t, 1, state.steps), state.cursor)) return [title];
    return [title, ...(all && !scene.hasFlows ? [] : scene.quantity.lines(layer, 0, false))];
  }

  showTip(lines, x, y) {
    this.tip.replaceChildren(...lines.map((line) => Object.assign(html("div", { dir: "auto" }), { textContent: line })));
    this.tip.hidden = false;
    const room = this.diagram.scroller.clientWidth;
    const width = this.tip.offsetWidth;
    this.tip.style.left = `${clamp(x - width / 2, 4, Math.max(4, room - width - 4))}px`;
    const above = y - this.tip.offsetHeight - 14;
    this.tip.style.top = `${above > 0 ? above : y + 26}px`;
  }

  hideTip() {
    this.tip.hidden = true;
  }
}

const foldingSentence = (direction) =>
  direction > 0
    ? "Unrolling: each delayed connection is cut and reaches into the next slice"
    : "Folding: each connection between slices becomes a delayed one again";

const SHOWN_UNITS = 8;

function vectorLines(vector, unitByUnit) {
  if (vector.length === 1) return [numeral(vector[0])];
  const shown = Array.from(vector.slice(0, SHOWN_UNITS), numeral).join("  ");
  const average = `mean ${numeral(mean(vector))}`;
  return [`[${shown}${vector.length > SHOWN_UNITS ? "  …" : ""}]`, unitByUnit ? `${average}; one cell per unit` : `${average}, shown as colour`];
}

// A learner's word keeps its own direction inside an English sentence, and stays short.
const isolate = (word) => `\u2068${ellipsise(String(word), 160, "14px sans-serif")}\u2069`;
