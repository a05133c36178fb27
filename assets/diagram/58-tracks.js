// Strips under the slices that share their x: heat maps and bars. Thousands of cells, so each strip is a canvas.

const TRACK_GAP = 12;
const HEAT_ROW = { least: 3, most: 8, tallest: 96 };
const BARS_HEIGHT = 46;
const BARS_HEAD = 17; // the current bar's number stands above it
const LABEL_ROW = 22; // where labels have no room beside the strips they stand above them
const KEY_WIDTH = 158;

class Tracks {
  constructor(stage, tracks, parent) {
    this.stage = stage;
    this.box = html("div", { class: "tracks" }, parent);
    this.legend = html("div", { class: "track-legend" }, parent);
    this.strips = [];
    this.adopt(tracks);
  }

  adopt(tracks) {
    this.tracks = tracks;
    this.stale = true;
    while (this.strips.length > tracks.length) this.strips.pop().remove();
    while (this.strips.length < tracks.length) this.strips.push(new Strip(this.box, this.legend));
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
      track.height = track.kind === "heat" ? heatHeight(track.rows) : BARS_HEIGHT;
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
    [this.key, this.stale] = [key, false];
    this.box.style.top = `${this.stage.tracksTop}px`;
    this.legend.style.marginTop = `${-this.height - PICTURE_FOOT}px`; // a sticky box stands in the flow, after the picture
    for (const strip of this.strips) strip.draw(this.stage, state, layout, motion);
  }

  // What stands at a place in a strip, in words.
  at(x, y, t, cursor) {
    const strip = this.strips.find(({ track }) => y >= track.top && y < track.top + track.height);
    return strip ? strip.say(t, y - strip.track.top, cursor) : null;
  }
}

const heatHeight = (rows) => Math.min(HEAT_ROW.tallest, rows * clamp(HEAT_ROW.tallest / rows, HEAT_ROW.least, HEAT_ROW.most));

// Underscores in a label are subscripts: ‖∂h_t/∂x_k‖.
function writeSymbols(element, text) {
  element.replaceChildren(...text.split(/_([\p{L}\p{N}]+)/u).map((part, i) => Object.assign(document.createElement(i % 2 ? "sub" : "span"), { textContent: part })));
}

class Strip {
  constructor(parent, legend) {
    this.canvas = html("canvas", {}, parent);
    this.label = html("div", { class: "track-label" }, legend);
    this.name = html("div", {}, this.label);
    this.key = html("div", { class: "key" }, this.label);
  }

  remove() {
    this.canvas.remove();
    this.label.remove();
  }

  adopt(track) {
    this.track = track;
    const label = track.unit ? `${track.label} (${track.unit})` : track.label;
    writeSymbols(this.name, label);
    ruler.font = "14px sans-serif";
    this.labelWidth = Math.max(ruler.measureText(label).width + 16, track.kind === "heat" ? KEY_WIDTH : 0);
    this.keyed = null;
  }

  place(above) {
    const { track } = this;
    const lines = track.kind === "heat" ? 2 : 1;
    this.label.classList.toggle("above", above);
    this.label.style.top = `${above ? track.top - LABEL_ROW : track.top + track.height / 2 - 10 * lines}px`;
    this.canvas.style.top = `${track.top}px`;
  }

  // The ends of the colour scale and its middle, in the colours themselves.
  #drawKey({ diverging }) {
    if (this.keyed === diverging) return;
    this.keyed = diverging;
    this.key.replaceChildren();
    if (this.track.kind !== "heat") return;
    const most = numeral(this.track.scale);
    const shade = (from, to) => {
      const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => diverging.at(lerp(from, to, share)));
      html("i", { style: `background:linear-gradient(to right,${stops.join()})` }, this.key);
    };
    this.key.append(`−${most}`);
    shade(0, 0.5);
    this.key.append("0");
    shade(0.5, 1);
    this.key.append(`+${most}`);
  }

  draw(stage, state, layout, motion) {
    const { track } = this;
    const from = layout.left(1);
    const width = layout.end - from;
    const brush = this.#prepare(from, width, track.height);
    const until = Math.min(motion.deposited, track.kind === "heat" || !track.matrix ? state.cursor : layout.steps);
    const painter = track.kind === "heat" ? this.#heatColumn : this.#bar;
    for (let t = 1; t <= until; t += 1) {
      painter.call(this, brush, t, layout.left(t) - from, layout.width(t), stage.look, state.cursor);
    }
    brush.fillStyle = stage.look.palette.line;
    brush.fillRect(0, track.height - 1, width, 1);
    this.#drawKey(stage.look);
    if (track.kind !== "heat" && state.cursor <= until) this.#writeCurrent(brush, layout.middle(state.cursor) - from, width, stage.look, state.cursor);
  }

  #writeCurrent(brush, x, width, look, cursor) {
    const value = this.value(cursor, cursor);
    if (!Number.isFinite(value)) return;
    const text = numeral(value);
    brush.font = `700 14px ${look.palette.fonts.text}`;
    brush.textAlign = "center";
    brush.lineJoin = "round";
    brush.lineWidth = 4;
    brush.strokeStyle = look.palette.background;
    brush.fillStyle = look.palette.ink;
    const half = brush.measureText(text).width / 2 + 2;
    const place = [clamp(x, half, Math.max(half, width - half)), this.track.height - this.#length(value) - 4];
    brush.strokeText(text, ...place);
    brush.fillText(text, ...place);
  }

  #length(value) {
    return clamp(value / (this.track.max || 1), 0, 1) * (this.track.height - BARS_HEAD);
  }

  #prepare(left, width, height) {
    const density = globalThis.devicePixelRatio || 1;
    this.canvas.style.left = `${left}px`;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.canvas.width = Math.round(width * density);
    this.canvas.height = Math.round(height * density);
    const brush = this.canvas.getContext("2d");
    brush.scale(density, density);
    return brush;
  }

  #heatColumn(brush, t, x, width, look) {
    const { data, rows, scale, height } = this.track;
    if (t * rows > data.length) return;
    const gap = width > 12 ? 2 : width > 6 ? 1 : 0;
    const row = height / rows;
    const values = data.subarray((t - 1) * rows, t * rows);
    if (!values.some(Number.isFinite)) { // the layer is absent at this step: outline only
      brush.strokeStyle = look.palette.line;
      brush.setLineDash([1, 3]);
      if (width > 6) brush.strokeRect(x + gap / 2 + 0.5, 0.5, width - gap - 1, height - 2);
      brush.setLineDash([]);
      return;
    }
    for (let i = 0; i < rows; i += 1) {
      if (!Number.isFinite(values[i])) continue;
      brush.fillStyle = look.diverging.at(valueShare(values[i], scale));
      brush.fillRect(x + gap / 2, i * row, width - gap, row + 0.3);
    }
  }

  #bar(brush, t, x, width, look, cursor) {
    const value = this.value(t, cursor);
    if (!Number.isFinite(value)) return;
    const { height } = this.track;
    const length = this.#length(value);
    const thick = Math.max(1, Math.min(width - 2, 34));
    brush.fillStyle = t === cursor ? look.palette.primary : look.palette.line;
    brush.fillRect(x + (width - thick) / 2, height - length, thick, length);
  }

  value(t, cursor) {
    const { data, matrix } = this.track;
    if (!matrix) return data[t - 1];
    const side = Math.round(Math.sqrt(data.length));
    return cursor <= side && t <= side ? data[(cursor - 1) * side + t - 1] : NaN;
  }

  say(t, y, cursor) {
    const { track } = this;
    const unit = track.unit ? ` ${track.unit}` : "";
    if (track.kind !== "heat") {
      const value = this.value(t, cursor);
      return Number.isFinite(value) ? `${track.label}, step ${t}: ${numeral(value)}${unit}` : null;
    }
    const row = clamp(Math.floor((y / track.height) * track.rows), 0, track.rows - 1);
    const value = track.data[(t - 1) * track.rows + row];
    return t > cursor || !Number.isFinite(value) ? null : `${track.label}, step ${t}, unit ${row + 1}: ${numeral(value)}${unit}`;
  }
}
