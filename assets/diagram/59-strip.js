// One strip: heat or bars, a column for each slice. Thousands of cells, so it is a canvas.

const HEAT_ROW = { least: 3, most: 8, tallest: 96 };
const BARS_HEIGHT = 46;
const BARS_HEAD = 17; // the current bar's number stands beyond its end
const KEY_WIDTH = 158;
const LABEL_LINE = 20;

// Underscores in a label are subscripts: ‖∂h_t/∂x_k‖.
function writeSymbols(element, text) {
  element.replaceChildren(...text.split(/_([\p{L}\p{N}]+)(?![\p{L}\p{N}_])/u).map((part, i) => Object.assign(document.createElement(i % 2 ? "sub" : "span"), { textContent: part })));
}

class Strip {
  constructor(parent, legend, numbers) {
    this.canvas = html("canvas", {}, parent);
    this.number = svg("text", { class: "track-number" }, numbers); // in a canvas, text is what costs most
    this.label = html("div", { class: "track-label" }, legend);
    this.name = html("div", {}, this.label);
    this.key = html("div", { class: "key" }, this.label);
  }

  remove() {
    for (const part of [this.canvas, this.label, this.number]) part.remove();
  }

  adopt(track) {
    this.track = track;
    this.painter = track.kind === "heat" ? new HeatPainter(track) : new BarsPainter(track);
    this.height = this.painter.height;
    const label = track.unit ? `${track.label} (${track.unit})` : track.label;
    writeSymbols(this.name, label);
    ruler.font = "14px sans-serif";
    this.labelWidth = Math.max(ruler.measureText(label).width + 16, this.painter.keyWidth);
    this.keyed = null;
  }

  place(above) {
    const { track } = this;
    const lines = this.painter.keyWidth ? 2 : 1;
    this.label.classList.toggle("above", above);
    this.label.style.top = `${above ? track.top - LABEL_ROW : track.top + track.height / 2 - (LABEL_LINE / 2) * lines}px`;
    this.canvas.style.top = `${track.top}px`;
  }

  draw(stage, state, layout, motion) {
    const { track, painter } = this;
    const { look, scene } = stage;
    const from = layout.left(1);
    const width = layout.end - from;
    const brush = this.#prepare(from, width, track.height);
    painter.begin(look, scene, state.cursor);
    for (let t = 1; t <= motion.deposited; t += 1) {
      if (painter.whole || (state.cursor - t) * scene.wave >= 0) painter.column(brush, t, layout.left(t) - from, layout.width(t));
    }
    brush.fillStyle = look.palette.line;
    brush.fillRect(0, painter.baseline - 1, width, 1);
    this.#drawKey(look, state, scene);
    this.#writeNumber(state.cursor <= motion.deposited ? painter.current?.() : null, layout, state.cursor);
  }

  // The number at the cursor stands beyond the end of its bar, inside the strip.
  #writeNumber(number, layout, cursor) {
    show(this.number, Boolean(number));
    if (!number) return;
    const half = 4.5 * number.text.length;
    const [least, most] = [layout.left(1) + half, layout.end - half];
    put(this.number, "x", round(clamp(layout.middle(cursor), least, Math.max(least, most))));
    put(this.number, "y", round(this.track.top + number.y));
    write(this.number, number.text);
  }

  #drawKey(look, { cursor, steps }, scene) {
    const key = `${look.theme}|${this.track.total === null ? "" : `${cursor}|${steps}`}`;
    if (this.keyed === key) return;
    this.keyed = key;
    this.key.replaceChildren();
    this.painter.key(this.key, look, cursor, scene);
  }

  #prepare(left, width, height) {
    const density = globalThis.devicePixelRatio || 1;
    this.canvas.style.left = `${left}px`;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    const size = { width: Math.round(width * density), height: Math.round(height * density) };
    const brush = this.canvas.getContext("2d");
    if (this.canvas.width !== size.width || this.canvas.height !== size.height) {
      Object.assign(this.canvas, size);
      brush.scale(density, density);
    } else brush.clearRect(0, 0, width, height);
    return brush;
  }

  // In words, what stands at step t.
  say(t, y, { cursor, wave }) {
    const { label, unit } = this.track;
    if (!this.painter.whole && (cursor - t) * wave < 0) return null;
    const said = this.painter.say(t, y, cursor);
    return said && `${label}, step ${t}${said}${unit ? ` ${unit}` : ""}`;
  }
}

// A column of cells, one for each unit.
class HeatPainter {
  keyWidth = KEY_WIDTH;

  constructor(track) {
    this.track = track;
    this.height = this.baseline = Math.min(HEAT_ROW.tallest, track.rows * clamp(HEAT_ROW.tallest / track.rows, HEAT_ROW.least, HEAT_ROW.most));
  }

  begin(look) {
    this.look = look;
  }

  column(brush, t, x, width) {
    const { data, rows, scale } = this.track;
    const { look, height } = this;
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
      brush.fillStyle = look.diverging.at((values[i] / scale + 1) / 2);
      brush.fillRect(x + gap / 2, i * row, width - gap, row + 0.3);
    }
  }

  // The ends of the colour scale and its middle, in the colours themselves.
  key(parent, { diverging }) {
    const most = numeral(this.track.scale);
    const shade = (from, to) => {
      const stops = [0, 0.25, 0.5, 0.75, 1].map((share) => diverging.at(lerp(from, to, share)));
      html("i", { style: `background:linear-gradient(to right,${stops.join()})` }, parent);
    };
    parent.append(`−${most}`);
    shade(0, 0.5);
    parent.append("0");
    shade(0.5, 1);
    parent.append(`+${most}`);
  }

  say(t, y) {
    const { data, rows } = this.track;
    const row = clamp(Math.floor((y / this.height) * rows), 0, rows - 1);
    const value = data[(t - 1) * rows + row];
    return Number.isFinite(value) ? `, unit ${row + 1}: ${numeral(value)}` : null;
  }
}

// One bar for each step, up or down from 0; or, of logarithms, up from the lowest decade.
class BarsPainter {
  constructor(track) {
    this.track = track;
    this.whole = track.matrix; // a row of a matrix is known when its step is
    this.keyWidth = track.log || track.total !== null ? KEY_WIDTH : 0;
    this.hangs = !track.log && track.low < 0;
    this.height = BARS_HEIGHT + (this.hangs ? BARS_HEAD : 0);
    const room = this.height - BARS_HEAD * (this.hangs ? 2 : 1);
    this.unit = room / (track.high - track.low);
    this.baseline = this.hangs ? Math.round(BARS_HEAD + track.high * this.unit) : this.height;
  }

  begin(look, scene, cursor) {
    Object.assign(this, { look, cursor, colour: scene.colour(this.track.weight, look.theme) });
  }

  value(t, cursor = this.cursor) {
    const { data, matrix } = this.track;
    if (!matrix) return data[t - 1];
    const side = Math.round(Math.sqrt(data.length));
    return cursor <= side && t <= side ? data[(cursor - 1) * side + t - 1] : NaN;
  }

  // How far a bar reaches above the baseline; what exists can be seen.
  #reach(value) {
    const { track, unit } = this;
    if (track.log) return value === -Infinity ? 0 : Math.max(1.5, (value - track.low) * unit);
    return clamp(value, track.low, track.high) * unit;
  }

  column(brush, t, x, width) {
    const value = this.value(t);
    if (Number.isNaN(value) || value === undefined) return;
    const { look } = this;
    const thick = Math.max(1, Math.min(width - 2, 34));
    const left = x + (width - thick) / 2;
    if (this.track.log && value === -Infinity) return this.#zero(brush, left, thick, t);
    const reach = this.#reach(value);
    brush.globalAlpha = this.colour && t !== this.cursor ? 0.7 : 1;
    brush.fillStyle = this.colour ?? (t === this.cursor ? look.palette.primary : look.palette.line);
    brush.fillRect(left, this.baseline - Math.max(0, reach), thick, Math.abs(reach));
    brush.globalAlpha = 1;
    if (this.track.before) this.#taken(brush, left, thick, this.#reach(this.track.before[t - 1]));
  }

  // What a bar was before something was taken away: an outline around it.
  #taken(brush, left, thick, reach) {
    if (!Number.isFinite(reach) || thick < 4) return;
    brush.strokeStyle = this.look.palette.ink;
    brush.setLineDash([3, 2]);
    brush.strokeRect(left + 0.5, this.baseline - Math.max(0, reach) + 0.5, thick - 1, Math.max(0, Math.abs(reach) - 1));
    brush.setLineDash([]);
  }

  // Zero has no logarithm: an outline without a bar.
  #zero(brush, left, thick, t) {
    const { look } = this;
    if (thick < 5) return;
    brush.strokeStyle = t === this.cursor ? look.palette.ink : look.palette.line;
    brush.setLineDash([3, 2]);
    brush.strokeRect(left + 0.5, this.baseline - 5.5, thick - 1, 5);
    brush.setLineDash([]);
  }

  // The number at the cursor, beyond the end of its bar.
  current() {
    const value = this.value(this.cursor);
    if (Number.isNaN(value) || value === undefined) return null;
    const beyond = value < 0 && this.hangs ? 14 : -4;
    const clear = this.track.log && value === -Infinity ? 6 : 0; // of the outline that stands for zero
    return { text: this.#written(value), y: this.baseline - this.#reach(value) + beyond - clear };
  }

  #written(value) {
    if (!this.track.log) return numeral(value);
    return value === -Infinity ? "0" : tenToThe(value);
  }

  // The ends of a logarithmic axis, and what the bars add up to so far.
  key(parent, look, cursor, { wave }) {
    const { log, low, high, total } = this.track;
    if (log) html("span", {}, parent).textContent = `${decade(low)} … ${decade(high)}`;
    if (total !== null) html("span", { class: "sum" }, parent).textContent = this.#sum(cursor, wave);
  }

  // What has arrived of the total; all of it when the wave has run through.
  #sum(cursor, wave) {
    const { data, log, total } = this.track;
    let [sum, all] = [0, true];
    data.forEach((value, i) => {
      if ((cursor - i - 1) * wave < 0) all = false;
      else if (!Number.isNaN(value)) sum += log ? 10 ** value : value;
    });
    return all ? `Σ = ${numeral(total)}` : `Σ = ${numeral(sum)} of ${numeral(total)}`;
  }

  say(t, y, cursor) {
    const value = this.value(t, cursor);
    if (Number.isNaN(value) || value === undefined) return null;
    const { before } = this.track;
    return `: ${this.#written(value)}${before ? ` (without limits ${this.#written(before[t - 1])})` : ""}`;
  }
}
