// The strips under the slices and where they stand.

const TRACK_GAP = 12;
const LABEL_ROW = 22; // where labels have no room beside the strips they stand above them

class Tracks {
  constructor(stage, tracks, parent) {
    this.stage = stage;
    this.box = html("div", { class: "tracks" }, parent);
    this.legend = html("div", { class: "track-legend" }, parent);
    this.numbers = svg("svg", { class: "track-numbers", "aria-hidden": "true" }, this.box);
    this.strips = [];
    this.adopt(tracks);
  }

  adopt(tracks) {
    this.tracks = tracks;
    this.stale = true;
    while (this.strips.length > tracks.length) this.strips.pop().remove();
    while (this.strips.length < tracks.length) this.strips.push(new Strip(this.box, this.legend, this.numbers));
    tracks.forEach((track, i) => this.strips[i].adopt(track));
    this.arrange(this.above ?? false);
  }

  // above: labels stand over their strips instead of at their left.
  arrange(above) {
    this.above = above;
    this.height = 0;
    for (const strip of this.strips) {
      const { track } = strip;
      track.top = this.height + (above ? LABEL_ROW : 0);
      track.height = strip.height;
      this.height = track.top + track.height + TRACK_GAP;
      strip.place(above);
    }
  }

  // Beside the strips, if the longest label fits before the first slice and nothing scrolls under it.
  fit(layout, viewWidth) {
    const longest = Math.max(0, ...this.strips.map((strip) => strip.labelWidth));
    const above = longest > layout.left(1) - 4 || layout.total > viewWidth + 60;
    if (above !== this.above) this.arrange(above);
  }

  draw(state, layout, motion) {
    const key = `${this.stage.layoutKey}|${state.cursor}|${motion.deposited}`;
    if (!this.stale && key === this.key) return;
    const moving = [...layout.opened.values()].some((openness) => openness < 1);
    if (moving && !this.stale && (this.skipped = !this.skipped)) return; // every second frame will do while slices open
    [this.key, this.stale] = [key, false];
    this.box.style.top = `${this.stage.tracksTop}px`;
    this.legend.style.marginTop = `${-this.height - PICTURE_FOOT}px`; // a sticky box stands in the flow, after the picture
    for (const strip of this.strips) strip.draw(this.stage, state, layout, motion);
  }

  // What stands at a place in a strip, in words.
  at(y, t, now) {
    const strip = this.strips.find(({ track }) => y >= track.top && y < track.top + track.height);
    return strip ? strip.say(t, y - strip.track.top, now) : null;
  }
}
