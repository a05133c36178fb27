// A figure while it changes: Plotly tears its chart down and draws it anew for each new number, which blinks and keeps
// the browser busy. This paints the same figure on a canvas, without anything that answers the mouse. It knows what the
// figures of the Train page use of Plotly's language, and no more.

const ARRAYS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, u4: Uint32Array, i2: Int16Array, u2: Uint16Array, i1: Int8Array, u1: Uint8Array };
const DASHES = { solid: [], dot: [2, 4], dash: [8, 5], dashdot: [8, 4, 2, 4], longdash: [14, 6] };
const TICK = 6;
const LINE = 1.35; // height of a line of text, in its size

function numbers(value) {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  const bytes = Uint8Array.from(atob(value.bdata), (sign) => sign.charCodeAt(0));
  const flat = new ARRAYS[value.dtype](bytes.buffer);
  if (!value.shape) return flat;
  const [rows, columns] = String(value.shape).split(",").map(Number);
  return Array.from({ length: rows }, (_, i) => flat.subarray(i * columns, (i + 1) * columns));
}

const known = (value) => value !== null && Number.isFinite(value);

class Axis {
  constructor(own, base) {
    Object.assign(this, { own, base, domain: own.domain ?? [0, 1], isLog: own.type === "log", low: Infinity, high: -Infinity });
  }

  scaled(value) {
    return this.isLog ? Math.log10(value) : value;
  }

  takeIn(values) {
    for (const value of values) {
      if (!known(value)) continue;
      this.low = Math.min(this.low, this.scaled(value));
      this.high = Math.max(this.high, this.scaled(value));
    }
  }

  settle(room) {
    if (this.own.range) [this.low, this.high] = this.own.range;
    else if (this.low > this.high) [this.low, this.high] = [0, 1];
    else {
      const more = room * (this.high - this.low || 1);
      [this.low, this.high] = [this.low - more, this.high + more];
    }
    if (this.own.autorange === "reversed") [this.low, this.high] = [this.high, this.low];
    this.ticks = this.own.tickmode === "array" ? this.#given() : this.#round();
  }

  #given() {
    const values = numbers(this.own.tickvals);
    return Array.from(values, (value, i) => [this.scaled(value), String(this.own.ticktext[i])]).filter(([at]) => this.holds(at));
  }

  #round() {
    const [low, high] = [Math.min(this.low, this.high), Math.max(this.low, this.high)];
    const rough = (high - low) / (this.own.nticks ?? 6);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = this.own.dtick ?? power * ([1, 2, 5].find((n) => n * power >= rough) ?? 10);
    const found = [];
    for (let n = Math.ceil(low / step - 1e-9); n * step <= high + 1e-9 * step; n++) found.push([n * step, this.#written(n * step)]);
    return found;
  }

  #written(value) {
    const text = this.own.tickformat === ".0%" ? `${Math.round(100 * value)}%` : String(Number(value.toPrecision(6)));
    return text.replace("-", "−");
  }

  holds(at) {
    return at >= Math.min(this.low, this.high) - 1e-9 && at <= Math.max(this.low, this.high) + 1e-9;
  }

  // A number's place in pixels, once `start` and `end` are known.
  at(value) {
    return this.between((this.scaled(value) - this.low) / (this.high - this.low));
  }

  between(share) {
    return this.start + share * (this.end - this.start);
  }
}

function rgb(colour) {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

function shade(scale, share) {
  const within = Math.min(1, Math.max(0, share));
  const next = Math.max(1, scale.findIndex(([stop]) => stop >= within));
  const [[from, one], [to, other]] = [scale[next - 1], scale[next]];
  const part = (within - from) / (to - from);
  const [a, b] = [rgb(one), rgb(other)];
  return `rgb(${a.map((channel, i) => Math.round(channel + part * (b[i] - channel))).join()})`;
}

// Where one cell ends and the next begins: half-way between their middles.
function edges(middles) {
  const n = middles.length;
  if (n === 1) return [middles[0] - 0.5, middles[0] + 0.5];
  const found = [middles[0] - (middles[1] - middles[0]) / 2];
  for (let i = 1; i < n; i++) found.push((middles[i - 1] + middles[i]) / 2);
  return [...found, middles[n - 1] + (middles[n - 1] - middles[n - 2]) / 2];
}

class Sketch {
  constructor(parent) {
    this.canvas = document.createElement("canvas");
    this.canvas.setAttribute("role", "img");
    this.canvas.style.cssText = "display: block; width: 100%";
    parent.append(this.canvas);
    this.sizes = new ResizeObserver(() => this.paint());
    this.sizes.observe(this.canvas);
  }

  update({ figure, alt }) {
    this.canvas.setAttribute("aria-label", alt);
    if (figure === this.text) return;
    this.text = figure;
    this.figure = JSON.parse(figure);
    this.paint();
  }

  remove() {
    this.sizes.disconnect();
    this.canvas.remove();
  }

  paint() {
    const { data, layout } = this.figure ?? {};
    const width = this.canvas.clientWidth;
    if (!layout || !width) return;
    const scale = window.devicePixelRatio || 1;
    this.canvas.style.height = `${layout.height}px`;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(layout.height * scale);
    const pen = (this.pen = this.canvas.getContext("2d"));
    pen.scale(scale, scale);
    const look = layout.template.layout;
    this.ink = look.font.color;
    this.font = (size) => (pen.font = `${size}px ${look.font.family}`);
    this.size = look.font.size;
    this.font(this.size);
    this.axes = {};
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
      this.axes[name.replace("axis", "")] = new Axis({ ...look[`${name[0]}axis`], ...layout[name] }, look.xaxis);
    }
    const traces = data.map((trace) => this.#read(trace));
    this.#settle(traces);
    this.#place(layout, width, traces);
    this.#grid();
    for (const trace of traces) this[trace.type === "heatmap" ? "heat" : "scatter"](trace);
    this.#labels();
    for (const shape of layout.shapes ?? []) this.#line(shape);
    for (const words of layout.annotations ?? []) this.#words(words);
    const bar = traces.find((trace) => trace.type === "heatmap" && trace.showscale !== false);
    if (bar) this.#bar(bar);
    if (layout.showlegend) this.#legend(layout.legend ?? {}, traces);
  }

  #axis(name, fallback) {
    return this.axes[name === `${fallback}1` ? fallback : (name ?? fallback)];
  }

  #read(trace) {
    const z = trace.z && numbers(trace.z);
    const x = numbers(trace.x);
    const y = numbers(trace.y ?? z?.map((_, i) => i));
    return { ...trace, x, y, z, across: this.#axis(trace.xaxis, "x"), up: this.#axis(trace.yaxis, "y") };
  }

  #settle(traces) {
    const heat = traces.some((trace) => trace.type === "heatmap");
    for (const { x, y, across, up, type } of traces) {
      across.takeIn(type === "heatmap" ? edges(x) : x);
      up.takeIn(type === "heatmap" ? edges(y) : y);
    }
    for (const axis of Object.values(this.axes)) axis.settle(heat ? 0 : 0.05);
  }

  #place(layout, width, traces) {
    const { l, r, t, b } = layout.margin;
    const wide = (axis) => Math.max(0, ...axis.ticks.map(([, text]) => this.pen.measureText(text).width));
    const titled = (axis) => (axis.own.title?.text ? LINE * this.size : 0);
    let [left, right] = [l, width - r];
    for (const [name, axis] of Object.entries(this.axes)) {
      const across = this.#axis(axis.own.anchor ?? name.replace("y", "x"), "x") ?? this.axes.x;
      if (name[0] === "y" && across.domain[0] === 0) left = Math.max(left, l + wide(axis) + TICK + titled(axis));
    }
    const bar = traces.find((trace) => trace.type === "heatmap" && trace.showscale !== false)?.colorbar;
    if (bar) {
      const texts = bar.ticktext ?? ["−0.00"];
      this.barWidth = bar.thickness + Math.max(...texts.map((text) => this.pen.measureText(text).width)) + 2 * TICK + LINE * this.size;
      right -= this.barWidth + 10;
    }
    this.area = { left, right, top: t, bottom: layout.height - b };
    for (const [name, axis] of Object.entries(this.axes)) {
      const { left, right, top, bottom } = this.area;
      const [from, to] = name[0] === "x" ? [left, right] : [bottom, top];
      [axis.start, axis.end] = axis.domain.map((share) => from + share * (to - from));
    }
  }

  *#pairs() {
    for (const [name, up] of Object.entries(this.axes)) {
      if (name[0] === "y") yield [this.#axis(up.own.anchor ?? name.replace("y", "x"), "x") ?? this.axes.x, up];
    }
  }

  // Whether an axis across stands at the foot of this one; others only share its numbers.
  #stands(across, up) {
    return this.#axis(across.own.anchor, "y") === up;
  }

  #stroke(points, { color, width = 1, dash = "solid" }) {
    const { pen } = this;
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.setLineDash(DASHES[dash] ?? dash.split(/[\s,]+/).map(parseFloat));
    pen.beginPath();
    let isDown = false;
    for (const [x, y] of points) {
      if (!known(x) || !known(y)) isDown = false;
      else if (isDown) pen.lineTo(x, y);
      else {
        pen.moveTo(x, y);
        isDown = true;
      }
    }
    pen.stroke();
    pen.setLineDash([]);
  }

  #grid() {
    for (const [across, up] of this.#pairs()) {
      for (const [axis, other] of [[across, up], [up, across]]) {
        if (axis.own.showgrid === false) continue;
        for (const [at] of axis.ticks) {
          const place = axis.between((at - axis.low) / (axis.high - axis.low));
          const ends = [other.start, other.end];
          this.#stroke(ends.map((end) => (axis === across ? [place, end] : [end, place])), { color: axis.own.gridcolor });
        }
      }
    }
  }

  #text(text, x, y, align, baseline, size = this.size) {
    this.font(size);
    Object.assign(this.pen, { fillStyle: this.ink, textAlign: align, textBaseline: baseline });
    this.pen.fillText(text, x, y);
    this.font(this.size);
  }

  #labels() {
    for (const [across, up] of this.#pairs()) {
      for (const [at, text] of this.#stands(across, up) ? across.ticks : []) {
        this.#text(text, across.between((at - across.low) / (across.high - across.low)), up.start + TICK, "center", "top");
      }
      for (const [at, text] of up.ticks) {
        this.#text(text, across.start - TICK, up.between((at - up.low) / (up.high - up.low)), "right", "middle");
      }
      const [below, beside] = [across.own.title?.text, up.own.title?.text];
      if (below && this.#stands(across, up)) this.#text(below, (across.start + across.end) / 2, up.start + TICK + LINE * this.size + 4, "center", "top");
      if (beside) this.#turned(beside, 2, (up.start + up.end) / 2, "top");
    }
  }

  #turned(text, x, y, baseline) {
    this.pen.save();
    this.pen.translate(x, y);
    this.pen.rotate(-Math.PI / 2);
    this.#text(text, 0, 0, "center", baseline);
    this.pen.restore();
  }

  scatter({ x, y, across, up, mode, line = {}, marker = {} }) {
    const points = Array.from(x, (value, i) => [across.at(value), known(y[i]) ? up.at(y[i]) : null]);
    this.pen.save();
    this.pen.beginPath();
    this.pen.rect(across.start - 6, up.end - 6, across.end - across.start + 12, up.start - up.end + 12);
    this.pen.clip();
    if (mode.includes("lines")) this.#stroke(points, line);
    if (mode.includes("markers")) for (const [px, py] of points) if (known(py)) this.#mark(px, py, marker, line.color);
    this.pen.restore();
  }

  #mark(x, y, { symbol = "circle", size = 6, color, line }, fallback) {
    const { pen } = this;
    const r = size / 2;
    pen.beginPath();
    if (symbol.startsWith("diamond")) for (const [dx, dy] of [[0, -1.3], [1.3, 0], [0, 1.3], [-1.3, 0]]) pen.lineTo(x + r * dx, y + r * dy);
    else pen.arc(x, y, r, 0, 2 * Math.PI);
    pen.closePath();
    if (symbol.endsWith("-open")) {
      Object.assign(pen, { strokeStyle: color ?? fallback, lineWidth: line?.width ?? 1 });
      pen.stroke();
    } else {
      pen.fillStyle = color ?? fallback;
      pen.fill();
    }
  }

  heat({ x, y, z, across, up, zmin, zmax, colorscale }) {
    const columns = edges(x).map((value) => across.at(value));
    const rows = edges(y).map((value) => up.at(value));
    for (let i = 0; i < y.length; i++) {
      for (let j = 0; j < x.length; j++) {
        const value = z[i]?.[j];
        if (!known(value)) continue;
        this.pen.fillStyle = shade(colorscale, (value - zmin) / (zmax - zmin));
        const [left, top] = [Math.min(columns[j], columns[j + 1]), Math.min(rows[i], rows[i + 1])];
        this.pen.fillRect(left, top, Math.abs(columns[j + 1] - columns[j]) + 0.5, Math.abs(rows[i + 1] - rows[i]) + 0.5);
      }
    }
  }

  #spot(ref, value, isAcross) {
    const { left, right, top, bottom } = this.area;
    if (ref === "paper") return isAcross ? left + value * (right - left) : bottom + value * (top - bottom);
    const [name, domain] = ref.split(" ");
    const axis = this.#axis(name, name[0]);
    return domain ? axis.between(value) : axis.at(value);
  }

  #line({ xref = "x", yref = "y", x0, x1, y0, y1, line }) {
    this.#stroke([[x0, y0], [x1, y1]].map(([x, y]) => [this.#spot(xref, x, true), this.#spot(yref, y, false)]), line);
  }

  #words({ text, x, y, xref, yref, xanchor = "center", yanchor = "middle", font }) {
    this.#text(text, this.#spot(xref, x, true), this.#spot(yref, y, false) - 3, xanchor, yanchor, font?.size);
  }

  #bar({ zmin, zmax, colorscale, colorbar }) {
    const { right, top, bottom } = this.area;
    const [x, high] = [right + 10, bottom - top];
    for (let i = 0; i < high; i++) {
      this.pen.fillStyle = shade(colorscale, i / high);
      this.pen.fillRect(x, bottom - i - 1, colorbar.thickness, 1.5);
    }
    const values = colorbar.tickvals ?? [zmin, (zmin + zmax) / 2, zmax];
    const texts = colorbar.ticktext ?? values.map((value) => String(Number(value.toPrecision(2))).replace("-", "−"));
    numbers(values).forEach((value, i) => {
      const y = bottom - ((value - zmin) / (zmax - zmin)) * high;
      this.#text(texts[i], x + colorbar.thickness + TICK, y, "left", "middle");
    });
    if (colorbar.title?.text) this.#turned(colorbar.title.text, right + this.barWidth + 8, (top + bottom) / 2, "bottom");
  }

  #legend({ y = 1, font }, traces) {
    const size = font?.size ?? this.size;
    this.font(size);
    const shown = traces.filter((trace) => trace.name && trace.showlegend !== false);
    let [x, line] = [this.area.left, this.#spot("paper", y, false) - (LINE * size) / 2];
    for (const { name, mode, line: stroke = {}, marker = {} } of shown) {
      const wide = this.pen.measureText(name).width;
      if (mode.includes("lines")) this.#stroke([[x, line], [x + 30, line]], stroke);
      if (mode.includes("markers")) this.#mark(x + 15, line, marker, stroke.color);
      this.#text(name, x + 36, line, "left", "middle", size);
      x += wide + 52;
    }
  }
}

const sketches = new WeakMap();

export default function ({ parentElement, data }) {
  if (!sketches.has(parentElement)) sketches.set(parentElement, new Sketch(parentElement));
  sketches.get(parentElement).update(data);
  return () => {
    sketches.get(parentElement)?.remove();
    sketches.delete(parentElement);
  };
}
