// Words and numbers around the drawing: the step and its token under each slice, the delay on each loop,
// the name of the weight that is lit.

const LEAST_LETTERS = 3; // a word cut shorter than this says nothing
const LABEL_GAP = 28; // at least so many pixels from one step number to the next
const WORD_FONT = 15;

// A set of text elements of which each frame uses as many as it needs.
class TextPool {
  constructor(parent, name) {
    [this.parent, this.name, this.texts, this.used] = [parent, name, [], 0];
  }

  begin() {
    this.used = 0;
  }

  add(x, y, text, marks = "") {
    const element = (this.texts[this.used] ??= svg("text", {}, this.parent));
    this.used += 1;
    put(element, "class", `${this.name} ${marks}`);
    put(element, "x", round(x));
    put(element, "y", round(y));
    show(element, true);
    if (text !== null) write(element, text);
    return element;
  }

  end() {
    for (let i = this.used; i < this.texts.length; i += 1) show(this.texts[i], false);
  }
}

class Labels {
  constructor(stage) {
    this.stage = stage;
    this.steps = new TextPool(stage.layer.labels, "step");
    this.tokens = new TextPool(stage.layer.labels, "token");
    this.names = new TextPool(stage.layer.over, "weight-name");
    this.words = new Map();
    this.caption = svg("text", { class: "caption" }, stage.layer.labels);
    this.delays = this.#bundles().map((index) => ({ index, text: svg("text", { class: "delay" }, stage.layer.nodes) }));
  }

  draw() {
    this.#drawSteps();
    this.#drawCaption();
    this.#drawDelays();
    this.#drawWeightNames();
  }

  #drawSteps() {
    const { motion, layout, state, look } = this.stage;
    const key = [this.stage.layoutKey, motion.deposited, state.cursor, motion.front?.left, look.theme, state.tokensKey].join("|");
    if (key === this.stepsKey) return;
    this.stepsKey = key;
    for (const pool of [this.steps, this.tokens]) pool.begin();
    const every = niceStep(Math.ceil(LABEL_GAP / layout.columnWidth));
    const { every: wordEvery, rows, cut } = this.stage.wordPlan;
    for (let t = 1; t <= motion.deposited; t += 1) {
      const shown = layout.openness(t) > 0.5 || t === state.cursor;
      if (shown || ((t % every === 0 || t === 1) && !this.#nearOpen(t, every))) this.#drawStep(t, layout.middle(t));
      const open = shown && wordEvery > 1; // among words that are left out
      if (open || (rows.has(t) && !this.#nearOpenWord(t, wordEvery * layout.columnWidth))) this.#drawWord(t, layout.middle(t), open ? layout.width(t) - 6 : cut);
    }
    if (motion.front) this.#drawFrontStep(motion.front, layout);
    for (const pool of [this.steps, this.tokens]) pool.end();
  }

  // Not before the slice has come clear of the one it leaves.
  #drawFrontStep({ t, left, width }, layout) {
    const middle = left + width / 2;
    if (t > 1 && middle - layout.middle(t - 1) <= LABEL_GAP) return;
    this.#drawStep(t, middle);
    this.#drawWord(t, middle, Math.min(width - 6, this.stage.wordPlan.cut));
  }

  // Words under every second, fifth … column that would run into the word of an open slice are left out.
  #nearOpenWord(t, room) {
    const { layout, state } = this.stage;
    const near = (other) => Math.abs(layout.middle(t) - layout.middle(other)) < (room + layout.width(other)) / 2;
    return room > layout.columnWidth && [state.cursor, ...state.openedByHand].some((other) => other !== t && near(other));
  }

  // A number beside the cursor's own would run into it.
  #nearOpen(t, every) {
    const { layout, state } = this.stage;
    return every > 1 && Math.abs(layout.middle(t) - layout.middle(state.cursor)) < LABEL_GAP;
  }

  #drawStep(t, x) {
    this.steps.add(x, this.stage.numbersBase, String(t), t === this.stage.state.cursor ? "current" : "");
  }

  #drawWord(t, x, width) {
    const { bottom, state, scene, wordPlan } = this.stage;
    const word = scene.tokens[t - 1];
    if (word === undefined || width < 16) return;
    const text = this.#fitted(String(word), Math.round(width), `700 ${this.font}`);
    const legible = !text.endsWith("…") || graphemes(text).length > LEAST_LETTERS;
    if (legible) this.tokens.add(x, bottom + 28 + WORD_ROW * (wordPlan.rows.get(t) ?? 0), text, t === state.cursor ? "current" : "");
  }

  get font() {
    return `${WORD_FONT}px ${this.stage.look.palette.fonts.text}`;
  }

  // Measuring text costs more than drawing it, and the same words are drawn in every frame.
  #fitted(word, width, font) {
    const key = `${width}|${word}`;
    if (this.words.size > 4000) this.words.clear();
    if (!this.words.has(key)) this.words.set(key, ellipsise(word, width, font));
    return this.words.get(key);
  }

  #drawCaption() {
    const { motion, numbersBase, scene } = this.stage;
    const { left, width } = motion.template;
    put(this.caption, "x", round(left + width / 2));
    put(this.caption, "y", numbersBase);
    write(this.caption, scene.words.folded.toLowerCase());
  }

  #drawDelays() {
    const { template, scene } = this.stage;
    const { left, width } = this.stage.motion.template;
    const key = `${round(left)}|${round(width)}|${this.stage.slide?.left ?? 0}`;
    if (key === this.delaysKey) return;
    this.delaysKey = key;
    const taken = scene.layers.map((_, i) => this.stage.templateEnd(i).node);
    this.delays.forEach(({ index, text }) => {
      const { curve } = template.delayed[index][0];
      const places = curve.lanes ? onLanes(curve.lanes) : besideLoop(curve);
      const place = roomiest(places, taken);
      taken.push({ ...place, rx: 12, ry: 8 });
      put(text, "x", round(place.x));
      put(text, "y", round(place.y + 5));
      write(text, delayLabel(scene.delayed[index].delay));
    });
  }

  // Lanes that leave one layer with one delay run side by side and share a label.
  #bundles() {
    const seen = new Set();
    return [...this.stage.scene.delayed.keys()].filter((index) => {
      const { source, target, delay } = this.stage.scene.delayed[index];
      const key = source === target ? `${source}|${delay}` : `${source}>${delay}`;
      return !seen.has(key) && seen.add(key);
    });
  }

  // The lit weight's name is written beside its copies: colour alone would not do.
  #drawWeightNames() {
    const { state, scene, template, slices, motion } = this.stage;
    this.names.begin();
    if (state.lit !== null) {
      const name = scene.weightLabel(state.lit);
      const views = [template, ...slices.shown.values()].filter((view) => view.allEdges && (view === template || view.t <= motion.deposited));
      for (const view of views) {
        for (const edge of view.allEdges) {
          if (edge.connection.weight !== state.lit || !edge.curve) continue;
          this.#writeName(edge, view, name);
        }
      }
    }
    this.names.end();
  }

  // Above a level arrow, to the right of a rising one.
  #writeName(edge, view, name) {
    const { template, cell } = this.stage;
    if (view === template && cell.routes[edge.connection.index].kind === "arch") {
      const shoulder = edge.curve.at(0.73);
      setSymbol(this.names.add(shoulder.x - 8, shoulder.y - 2, null, "shoulder"), name, 16);
      return;
    }
    const [before, place, after] = [0.4, 0.5, 0.6].map((share) => edge.curve.at(share));
    const level = Math.abs(after.x - before.x) > Math.abs(after.y - before.y);
    const left = edge.group.parentNode === view.inner ? view.left : 0;
    const text = this.names.add(left + place.x + (level ? 0 : 9), place.y + (level ? -9 : 5), null, level ? "level" : "rising");
    setSymbol(text, name, 16);
  }
}

// Along the lanes of a folded connection: best where it crosses the cell, else where it runs up or down beside it.
function onLanes([out, crossing, into]) {
  const along = ([from, to], shares) => shares.map((share) => ({ x: lerp(from.x, to.x, share), y: lerp(from.y, to.y, share) }));
  return [...along(crossing, [0.5, 0.3, 0.7, 0.15, 0.85, 0.4, 0.6]), ...[into, out].flatMap((lane) => along(lane, [0.5, 0.3, 0.7, 0.15, 0.85]))];
}

function besideLoop(curve) {
  const [start, right, top, left] = [0, 0.27, 0.5, 0.73].map((share) => curve.at(share));
  const outward = Math.sign(right.x - start.x) || 1;
  return [
    { x: right.x + outward * 16, y: right.y - 6 },
    { x: left.x - outward * 16, y: left.y - 6 },
    { x: top.x, y: top.y - 10 },
    ...[1, 2].flatMap((row) => [right, left].map((side, i) => ({ x: side.x + (i ? -1 : 1) * outward * (16 + 10 * row), y: side.y - 6 + 15 * row }))),
  ];
}

// The first place that touches nothing, or else the one with most room.
function roomiest(places, taken) {
  const room = ({ x, y }) => Math.min(...taken.map((node) => Math.max(Math.abs(node.x - x) - node.rx - 12, Math.abs(node.y - y) - node.ry - 8)));
  const best = Math.max(...places.map(room));
  return places.find((place) => room(place) >= Math.min(0, best));
}

// 1, 2, 5, 10, 20, 50 …: the numbers people count in.
function niceStep(least) {
  for (let decade = 1; ; decade *= 10) for (const factor of [1, 2, 5]) if (factor * decade >= least) return factor * decade;
}
