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

  say(text) {
    write(this.line, text);
  }

  describe() {
    write(this.summary, this.diagram.scene.describe(this.diagram.state.steps));
  }

  stepPhrase() {
    const { scene, state } = this.diagram;
    const word = scene.tokens[state.cursor - 1];
    return `step ${state.cursor} of ${state.steps}${word === undefined ? "" : `, ‘${isolate(word)}’`}`;
  }

  sayStep() {
    const { scene, state } = this.diagram;
    const names = scene.layers.filter((layer) => scene.present(layer.index, state.cursor, state.steps)).map((layer) => layer.name);
    this.say(`${this.stepPhrase()}: ${names.join(", ")}`);
  }

  sayNode(layer, t) {
    this.say(this.nodeLines(layer, t)[0]);
  }

  sayWeight(name) {
    const { scene, state } = this.diagram;
    const { shape } = scene.weights.get(name);
    const kind = shape?.length === 2 ? `matrix (${shape.join(" × ")})` : shape ? `vector (${shape.join()})` : "matrix";
    const uses = scene.uses(name, state.steps);
    this.say(`${spoken(scene.weightLabel(name))}: one ${kind}, used ${uses === 1 ? "once" : `${uses} times`}`);
  }

  sayOrder() {
    const { scene, state } = this.diagram;
    const { entries } = this.diagram.order;
    if (state.order === 0) return this.say("Order: nothing computed yet");
    const entry = entries[state.order - 1];
    if (!state.byGeneration) {
      return this.say(`${state.order} of ${entries.length}: ${scene.layers[entry.layer].name} at step ${entry.t}`);
    }
    const together = scene.order.filter(({ generation }) => generation === entry.generation);
    const shown = together.slice(0, 5).map(({ layer, t }) => `${scene.layers[layer].name} at ${t}`).join(", ");
    return this.say(`Generation ${entry.generation + 1}: ${together.length} at once: ${shown}${together.length > 5 ? " …" : ""}`);
  }

  sayFold() {
    const { scene, state } = this.diagram;
    const cyclic = scene.cyclic.some(Boolean);
    if (state.front >= state.steps) this.say(`Unrolled: ${state.steps} ${state.steps === 1 ? "copy" : "copies"}, the same weights in each${cyclic ? ", no cycle left" : ""}`);
    else if (state.front <= 0) this.say(cyclic ? "Folded: one cell; the delayed connections close its cycles" : "Folded: one cell");
    else this.say(`Slice ${Math.ceil(state.front)} of ${state.steps}: each delayed connection reaches into the next slice`);
  }

  sayFolding(direction) {
    this.say(direction > 0
      ? "Unrolling: each delayed connection is cut and reaches into the next slice"
      : "Folding: each connection between slices becomes a delayed one again");
  }

  nodeLines(layer, t) {
    const { scene, state } = this.diagram;
    const { name, text } = scene.layers[layer];
    const title = t === null ? (text ?? name) : `${text ?? name} (step ${t})`;
    if (t === null || scene.values === null) return [title];
    if (!scene.known(layer, t, state.cursor)) return [title, "not yet computed"];
    const vector = scene.vector(layer, t);
    return vector ? [title, ...vectorLines(vector, this.diagram.stage.showsUnits(layer, t))] : [title];
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

const SHOWN_UNITS = 8;

function vectorLines(vector, unitByUnit) {
  if (vector.length === 1) return [numeral(vector[0])];
  const shown = Array.from(vector.slice(0, SHOWN_UNITS), numeral).join("  ");
  const average = `mean ${numeral(mean(vector))}`;
  return [`[${shown}${vector.length > SHOWN_UNITS ? "  …" : ""}]`, unitByUnit ? `${average}; one cell per unit` : `${average}, shown as colour`];
}

// A learner's word keeps its own direction inside an English sentence, and stays short.
const isolate = (word) => `\u2068${ellipsise(String(word), 160, "14px sans-serif")}\u2069`;
