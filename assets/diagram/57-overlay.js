// What lies under and over the slices: the cursor's band, the slice pointed at, the rings around nodes,
// and the copies of a lit weight among closed columns.

class Backdrop {
  constructor(stage) {
    this.stage = stage;
    this.band = svg("rect", { class: "band", rx: 8 }, stage.layer.back);
    this.pointed = svg("rect", { class: "pointed", rx: 8 }, stage.layer.back);
  }

  draw() {
    const { state, motion, layout } = this.stage;
    const { cursor, hover } = state;
    const height = this.stage.tracksTop - this.stage.head + this.stage.tracks.height;
    this.#lay(this.band, motion.deposited >= cursor ? [layout.left(cursor), layout.width(cursor)] : null, height);
    this.#lay(this.pointed, hover && this.#pointedSpan(hover, cursor), this.stage.bottom + this.stage.labelHeight);
  }

  // Pointing at the folded cell points at all its copies.
  #pointedSpan({ template, t }, cursor) {
    const { motion, layout } = this.stage;
    const arrived = motion.deposited;
    if (template) return arrived ? [layout.left(1), layout.left(arrived) + layout.width(arrived) - layout.left(1)] : null;
    return t <= arrived && t !== cursor ? [layout.left(t), layout.width(t)] : null;
  }

  #lay(rect, span, height) {
    show(rect, span !== null);
    if (!span) return;
    put(rect, "x", round(span[0]));
    put(rect, "width", round(Math.max(2, span[1])));
    put(rect, "y", -6);
    put(rect, "height", round(height + 6));
  }
}

// The slice on its way lies on a card, with the edges of the copies still stacked under it.
class Card {
  constructor(stage) {
    this.stage = stage;
    this.sheets = [8, 4, 0].map((shift) => ({ shift, rect: svg("rect", { class: "sheet", rx: 10 }, stage.layer.card) }));
  }

  draw(front) {
    const { head, bottom, layout } = this.stage;
    for (const { shift, rect } of this.sheets) {
      const shown = front !== null && front.t + shift / 4 <= layout.steps;
      show(rect, shown);
      if (!shown) continue;
      put(rect, "x", round(front.left + 3 + shift));
      put(rect, "width", round(Math.max(2, front.width - 6)));
      put(rect, "y", 4 - head + shift / 2);
      put(rect, "height", bottom + head + 2 - shift);
    }
  }
}

// Between two steps where some error is carried no further back: a line through the picture, with scissors on it.
class Cuts {
  static ROOM = 26; // pixels that scissors need

  constructor(stage) {
    this.stage = stage;
    this.views = [];
  }

  draw() {
    const { scene, layout, motion, head, bottom } = this.stage;
    const shown = scene.cuts.filter((boundary) => boundary >= 1 && boundary < layout.steps && boundary < motion.deposited);
    while (this.views.length < shown.length) this.views.push(this.#make());
    let free = -Infinity;
    this.views.forEach(({ group, line, mark }, i) => {
      show(group, i < shown.length);
      if (i >= shown.length) return;
      const x = layout.left(shown[i] + 1);
      put(group, "transform", `translate(${round(x)} 0)`);
      put(line, "d", `M0 ${18 - head}V${bottom + 6}`);
      put(mark, "transform", `translate(0 ${9 - head})`);
      show(mark, x - free >= Cuts.ROOM);
      if (x - free >= Cuts.ROOM) free = x;
    });
  }

  #make() {
    const group = svg("g", { class: "cut-mark" }, this.stage.layer.labels);
    const line = svg("path", { class: "cut-line" }, group);
    const mark = svg("path", { class: "scissors", d: "M-3.6 6A2.4 2.4 0 1 1-3.7 6ZM3.6 6A2.4 2.4 0 1 1 3.5 6ZM-2.6 2.6L3.4-8M2.6 2.6L-3.4-8" }, group);
    return { group, line, mark };
  }
}

class Overlay {
  constructor(stage) {
    this.stage = stage;
    this.lit = svg("path", { class: "lit-strands" }, stage.layer.over);
    this.rings = Object.fromEntries(["selected", "active", "current"].map((name) => [name, svg("path", { class: `ring ${name}` }, stage.layer.over)]));
    this.number = svg("g", { class: "order-number" }, stage.layer.over);
    svg("rect", { x: -15, y: -10, width: 30, height: 20, rx: 10 }, this.number);
    this.numberText = svg("text", { y: 5 }, this.number);
  }

  draw() {
    const { state, scene } = this.stage;
    this.#ring("selected", state.selected && this.#copy(state.selected.layer, this.stage.scene.openAt(state)), 5);
    this.#ring("active", state.active, 9);
    const current = scene.order && state.front > 0 && state.order > 0 && !state.byGeneration ? scene.order[state.order - 1] : null;
    this.#ring("current", current, 5);
    this.#drawNumber(current, state.order);
    this.#drawLit();
  }

  #copy(name, t) {
    const { scene, layout } = this.stage;
    const layer = scene.layers.findIndex((candidate) => candidate.name === name);
    if (t === null) return layer >= 0 ? { layer, t } : null; // in the folded cell
    if (t === 0 && layer >= 0) {
      const initial = this.stage.initials.stepOf(layer);
      return initial === null ? null : { layer, t: initial };
    }
    return layer >= 0 && scene.present(layer, t, layout.steps) ? { layer, t } : null;
  }

  #ring(name, copy, distance) {
    const place = copy && this.stage.placeOf(copy.layer, copy.t);
    const ring = this.rings[name];
    show(ring, Boolean(place));
    if (!place) return;
    put(ring, "transform", `translate(${round(place.x)} ${round(place.y)})`);
    put(ring, "d", roundedBox(place.rx + distance, place.ry + distance, 9));
  }

  #drawNumber(copy, number) {
    const place = copy && this.stage.placeOf(copy.layer, copy.t);
    show(this.number, Boolean(place));
    if (!place) return;
    put(this.number, "transform", `translate(${round(place.x)} ${round(place.y - place.ry - 17)})`);
    write(this.numberText, String(number));
  }

  // Closed columns draw their strands together; the copies of one weight are drawn again on top.
  #drawLit() {
    const { state, scene, slices, layout, motion } = this.stage;
    const key = state.lit === null ? null : `${state.lit}|${this.stage.layoutKey}|${motion.deposited}|${slices.shown.size}`;
    if (key === this.litKey) return;
    this.litKey = key;
    show(this.lit, key !== null);
    if (key === null) return;
    const parts = [];
    for (const [t, view] of slices.shown) {
      if (!view.closed) continue;
      for (const connection of scene.connections) {
        if (connection.weight !== state.lit || !scene.origin(connection, t, layout.steps)) continue;
        if (t - connection.delay <= motion.deposited || motion.deposited === layout.steps) parts.push(slices.strand(connection, t - connection.delay, t));
      }
    }
    put(this.lit, "d", parts.join(""));
    put(this.lit, "stroke", scene.colour(state.lit, this.stage.look.theme));
  }
}
