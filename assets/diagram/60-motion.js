// Everything that moves by itself hangs on one animation frame; when nothing moves, no frame is asked for.

class Clock {
  constructor(paint) {
    this.paint = paint;
    this.moves = new Map();
  }

  // A move is a function of the seconds since it began, true while it goes on. One move per name.
  start(name, move) {
    this.moves.set(name, { move, began: null });
    this.request();
  }

  stop(name) {
    return this.moves.delete(name);
  }

  runs(name) {
    return this.moves.has(name);
  }

  request() {
    this.frame ??= requestAnimationFrame((now) => this.#tick(now / 1000));
  }

  #tick(now) {
    this.frame = null;
    for (const [name, entry] of this.moves) {
      entry.began ??= now;
      if (!entry.move(now - entry.began) && this.moves.get(name) === entry) this.moves.delete(name);
    }
    this.paint();
    if (this.moves.size) this.request();
  }

  halt() {
    this.moves.clear();
    if (this.frame) cancelAnimationFrame(this.frame);
    this.frame = null;
  }
}

const calm = matchMedia("(prefers-reduced-motion: reduce)");

// Slices open and close gradually; the map holds those that are not closed.
class Openness {
  static SECONDS = 0.22; // less than a beat of fifty steps: two changes under way at once would move every column

  constructor() {
    this.now = new Map();
    this.wanted = new Set();
  }

  want(steps, jump) {
    this.wanted = new Set(steps);
    if (jump) this.now = new Map(steps.map((t) => [t, 1]));
    return this.settled;
  }

  get settled() {
    return this.now.size === this.wanted.size && [...this.now].every(([t, openness]) => this.wanted.has(t) && openness === 1);
  }

  // Moves on by so many seconds; true while something still moves.
  advance(seconds) {
    const by = seconds / Openness.SECONDS;
    for (const t of this.wanted) if (!this.now.has(t)) this.now.set(t, 0);
    for (const [t, openness] of this.now) {
      const next = clamp(openness + (this.wanted.has(t) ? by : -by), 0, 1);
      if (next === 0 && !this.wanted.has(t)) this.now.delete(t);
      else this.now.set(t, next);
    }
    return !this.settled;
  }
}

// When a step is taken, values run along the arrows into the slice in the order in which they are computed; gradients run
// against the arrows, from what read the slice.
class Pulse {
  static SECONDS = 0.42;

  constructor(stage) {
    this.stage = stage;
    this.layer = svg("g", { class: "pulses" }, stage.layer.edges);
  }

  run(t, seconds) {
    this.layer.replaceChildren();
    if (calm.matches) return;
    const { scene } = this.stage;
    const rank = ranks(scene);
    const last = Math.max(1, ...rank);
    const part = Math.min(Pulse.SECONDS, (seconds * 0.8) / (1 + last * 0.4));
    for (const connection of scene.connections) {
      const arrives = scene.wave > 0 ? t : t + connection.delay;
      const edge = this.stage.slices.shown.get(arrives)?.allEdges?.find((other) => other.connection === connection);
      if (!edge?.curve || scene.isCut(connection, arrives)) continue;
      const dx = connection.delay === 0 ? this.stage.layout.left(arrives) : 0;
      const receiver = scene.wave > 0 ? connection.target : connection.source;
      this.#send(edge.curve.d, dx, Math.max(0, rank[receiver] - 1) * part * 0.4, part, scene.wave);
    }
  }

  #send(d, dx, delay, seconds, wave) {
    const path = svg("path", { d, class: "pulse", pathLength: 1, transform: `translate(${round(dx)} 0)` }, this.layer);
    const way = [{ strokeDashoffset: 0.25 }, { strokeDashoffset: -1 }];
    const run = path.animate(wave > 0 ? way : way.reverse(), {
      duration: seconds * 1000, delay: delay * 1000, easing: "ease-in-out", fill: "backwards",
    });
    run.onfinish = () => path.remove();
  }
}

// How many direct connections lead to a layer at most, along the wave: its place in the order within one slice.
function ranks({ layers, direct, delayed, wave }) {
  const [from, into] = wave > 0 ? ["source", "target"] : ["target", "source"];
  const rank = layers.map((_, i) => (delayed.some((connection) => connection[into] === i) ? 1 : 0));
  for (let round = 0; round < layers.length; round += 1) {
    for (const { [from]: source, [into]: target } of direct) rank[target] = Math.min(layers.length, Math.max(rank[target], rank[source] + 1));
  }
  return rank;
}
