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
  static SECONDS = 0.28;

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

// When a step is taken, values run along the slice's arrows in the order in which they are computed.
class Pulse {
  static SECONDS = 0.42;

  constructor(stage) {
    this.stage = stage;
    this.layer = svg("g", { class: "pulses" }, stage.layer.edges);
    this.rank = ranks(stage.scene);
  }

  run(t, seconds) {
    this.layer.replaceChildren();
    const view = this.stage.slices.shown.get(t);
    if (calm.matches || !view?.allEdges) return;
    const last = Math.max(1, ...this.rank);
    const part = Math.min(Pulse.SECONDS, (seconds * 0.8) / (1 + last * 0.4));
    for (const edge of view.allEdges) {
      if (!edge.curve) continue;
      const [dx] = edge.group.parentNode === view.inner ? [this.stage.layout.left(t)] : [0];
      const delay = (this.rank[edge.connection.target] - 1) * part * 0.4;
      this.#send(edge.curve.d, dx, Math.max(0, delay), part);
    }
  }

  #send(d, dx, delay, seconds) {
    const path = svg("path", { d, class: "pulse", pathLength: 1, transform: `translate(${round(dx)} 0)` }, this.layer);
    const run = path.animate([{ strokeDashoffset: 0.25 }, { strokeDashoffset: -1 }], {
      duration: seconds * 1000, delay: delay * 1000, easing: "ease-in-out", fill: "backwards",
    });
    run.onfinish = () => path.remove();
  }
}

// How many direct connections lead to a layer at most: its place in the order within one slice.
function ranks({ layers, direct, delayed }) {
  const rank = layers.map((_, i) => (delayed.some(({ target }) => target === i) ? 1 : 0));
  for (let round = 0; round < layers.length; round += 1) {
    for (const { source, target } of direct) rank[target] = Math.min(layers.length, Math.max(rank[target], rank[source] + 1));
  }
  return rank;
}
