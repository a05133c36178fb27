// What becomes of the slices while a network is trained: kept, dropped, computed again, done with. Python sends every moment
// of the pass as one letter for each slice; playing and scrubbing happens here.

const FILM_STRIP_HEIGHT = 54;
const FILM_SECONDS = 14; // the whole, if its moments are many
const MOMENT_SECONDS = { least: 0.02, most: 0.32 };

// Read like a quantity: what is said of a copy is what has become of its slice.
class Film {
  constructor(scene, data) {
    Object.assign(this, { scene, words: data.words, looks: data.looks, start: data.start, moment: data.start });
    this.moments = data.moments.map(([slices, t, insides, states, forward, says]) => ({ slices, t, insides, states, forward, says }));
    this.most = Math.max(1, ...this.moments.map(({ insides, states }) => insides + states));
    this.depths = scene.layers.map((_, i) => Math.max(0, ...scene.delayed.filter(({ source }) => source === i).map(({ delay }) => Math.abs(delay))));
  }

  get now() {
    return this.moments[this.moment];
  }

  code(t) {
    return this.now.slices[t - 1];
  }

  // Of a slice whose state alone is kept, the layers that nobody reads so much later are gone. A digit says by how many
  // slices the kept state is later.
  #codeOf(layer, t) {
    const code = this.code(t);
    const later = code === "s" ? 0 : Number.parseInt(code, 10);
    if (Number.isNaN(later)) return code;
    return this.depths[layer] > later ? "s" : "x";
  }

  node(layer, t) {
    if (t < 1 || this.scene.layers[layer].role === "input") return null;
    const look = this.looks[this.#codeOf(layer, t)];
    return look ? { state: look } : null;
  }

  link() {
    return null;
  }

  initialValues() {
    return null;
  }

  lines(layer, t) {
    if (t < 1) return [];
    if (this.scene.layers[layer].role === "input") return ["given"];
    return [this.words[this.#codeOf(layer, t)]];
  }

  get waitingPhrase() {
    return "not yet computed";
  }

  sentence() {
    const { says, insides, states, forward } = this.now;
    const parts = [`${insides} whole`, ...(states ? [`${states} ${states === 1 ? "state" : "states"}`] : [])];
    return `${says} Held: ${parts.join(", ")}. Steps forward so far: ${forward}.`;
  }

  describe() {
    const { forward } = this.moments.at(-1);
    return `The way of training has ${this.moments.length - 1} moments; at most ${this.most} slices are held at once, and ${forward} steps are computed forward.`;
  }
}

class FilmPlayer {
  constructor(diagram) {
    this.diagram = diagram;
    this.moment = 0;
  }

  get film() {
    return this.diagram.scene?.film ?? null;
  }

  get last() {
    return this.film.moments.length - 1;
  }

  // New data: the same film goes on where it stood; another one stands at the moment with most to see.
  follow() {
    const { film } = this;
    if (!film) return;
    const key = film.moments.map(({ slices }) => slices).join();
    if (key !== this.key) {
      this.diagram.clock.stop("film");
      this.moment = film.start;
    }
    this.key = key;
    this.#show(this.moment);
  }

  #show(moment) {
    this.moment = this.film.moment = clamp(Math.round(moment), 0, this.last);
    const { t } = this.film.now;
    this.diagram.change({ cursor: clamp(t, 1, this.diagram.state.steps) });
    this.diagram.revealCursor = true;
  }

  set(moment) {
    this.#show(moment);
  }

  scrub(moment) {
    this.diagram.clock.stop("film");
    this.set(moment);
  }

  step(by) {
    this.scrub(this.moment + by);
  }

  playFromStart() {
    this.scrub(0);
    this.play();
  }

  play() {
    const { diagram, last } = this;
    if (diagram.clock.stop("film")) {
      diagram.change({});
      return;
    }
    if (this.moment >= last) this.set(0);
    if (calm.matches) { // no motion: the end of it, and every moment between by stepping
      this.set(last);
      return;
    }
    const from = this.moment;
    const pace = clamp(FILM_SECONDS / last, MOMENT_SECONDS.least, MOMENT_SECONDS.most);
    diagram.clock.start("film", (seconds) => {
      const moment = Math.min(last, from + Math.floor(seconds / pace));
      if (moment !== this.moment) this.set(moment);
      return moment < last;
    });
  }
}

Object.assign(ICONS, { first: "M19 5l-6.5 7 6.5 7ZM11.5 5 5 12l6.5 7Z" });

class FilmControl {
  constructor(diagram, parent) {
    const { words } = diagram.scene;
    this.diagram = diagram;
    const box = group(parent, "film", "Pass");
    caption(box, "Pass");
    this.first = iconButton(box, "first", "Pass: from the start", () => diagram.film.playFromStart());
    this.play = iconButton(box, "play", "Pass: play", () => diagram.film.play());
    this.back = iconButton(box, "back", `Pass: ${words.back.toLowerCase()}`, () => diagram.film.step(-1));
    this.range = slider(box, "Moment of the pass", { live: (value) => diagram.film.scrub(value) });
    this.forward = iconButton(box, "forward", `Pass: ${words.forward.toLowerCase()}`, () => diagram.film.step(1));
    this.output = html("output", {}, box);
    for (const left of diagram.root.querySelectorAll(".film-strip, .film-key")) left.remove();
    this.strip = new FilmStrip(diagram);
    this.legend = html("div", { class: "film-key" });
    diagram.head.append(this.legend);
  }

  sync() {
    const { diagram } = this;
    const { film } = diagram.scene;
    const { moment, last } = diagram.film;
    const runs = diagram.clock.runs("film");
    this.play.setIcon(runs ? "pause" : "play", runs ? "Pass: pause" : "Pass: play");
    this.range.follow(moment, 0, last);
    put(this.range, "aria-valuetext", `${moment} of ${last}: ${film.sentence()}`);
    write(this.output, `${moment} / ${last}`);
    this.back.disabled = moment <= 0;
    this.forward.disabled = moment >= last;
    this.#drawKey(film);
    this.strip.draw(film, moment, last);
  }

  // Only what the film shows at some time.
  #drawKey(film) {
    const seen = new Set(film.moments.flatMap(({ slices }) => [...slices]));
    const key = [...seen].sort().join("");
    if (this.keyed === key) return;
    this.keyed = key;
    this.legend.replaceChildren();
    for (const [code, look] of Object.entries(film.looks)) {
      if (!seen.has(code)) continue;
      const item = html("span", { class: "sample" }, this.legend);
      const drawing = svg("svg", { width: 26, height: 20, "aria-hidden": "true" }, item);
      const node = svg("g", { class: `node role-state ${look}`, transform: "translate(13 10)" }, drawing);
      svg("path", { class: "shape", d: roundedBox(11, 8, 5) }, node);
      html("span", {}, item).textContent = film.words[code];
    }
  }
}

// How much is held at each moment, over the moments: a ruler for the hand.
class FilmStrip {
  constructor(diagram) {
    this.diagram = diagram;
    this.box = html("div", { class: "film-strip" });
    diagram.picture.after(this.box);
    this.label = html("div", { class: "film-label" }, this.box);
    this.drawing = svg("svg", { class: "film-chart", height: FILM_STRIP_HEIGHT, preserveAspectRatio: "none", "aria-hidden": "true" }, this.box);
    this.states = svg("path", { class: "film-states" }, this.drawing);
    this.insides = svg("path", { class: "film-insides" }, this.drawing);
    this.marker = svg("rect", { class: "film-now", y: 0, height: FILM_STRIP_HEIGHT }, this.drawing);
    this.drawing.addEventListener("pointerdown", (event) => {
      this.drawing.setPointerCapture(event.pointerId);
      this.#scrub(event);
    });
    this.drawing.addEventListener("pointermove", (event) => {
      if (this.drawing.hasPointerCapture(event.pointerId)) this.#scrub(event);
    });
  }

  #scrub(event) {
    const { left, width } = this.drawing.getBoundingClientRect();
    this.diagram.film.scrub(Math.floor(((event.clientX - left) / width) * (this.diagram.film.last + 1)));
  }

  draw(film, moment, last) {
    if (this.drawn !== film) {
      this.drawn = film;
      put(this.drawing, "viewBox", `0 0 ${last + 1} ${FILM_STRIP_HEIGHT}`);
      put(this.insides, "d", this.#steps(film, ({ insides }) => insides));
      put(this.states, "d", this.#steps(film, ({ insides, states }) => insides + states));
    }
    put(this.marker, "x", moment);
    put(this.marker, "width", Math.max(1, (last + 1) / 250));
    const { insides, states } = film.now;
    write(this.label, `Slices held: ${insides} whole${states ? ` + ${states} ${states === 1 ? "state" : "states"}` : ""}; at most ${film.most}`);
  }

  #steps(film, count) {
    const y = (held) => round(FILM_STRIP_HEIGHT - 1 - (held / film.most) * (FILM_STRIP_HEIGHT - 8));
    const heights = film.moments.map((moment, i) => `${i ? "" : `M0 ${FILM_STRIP_HEIGHT - 1}`}V${y(count(moment))}H${i + 1}`);
    return `${heights.join("")}V${FILM_STRIP_HEIGHT - 1}Z`;
  }
}

CONTROLS.film = FilmControl;
