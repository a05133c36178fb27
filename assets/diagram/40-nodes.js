// One drawn copy of a layer: a shape by role, its symbol, and its values as colour.

const BADGE = 7.5; // radius of the operation mark on a named node
const STRIP_RADIUS = 12; // in smaller nodes the strip would hide the symbol
const SMALL = 16; // nodes below this get a smaller symbol
const STRIP_UNITS = 16; // at most so many units are shown one by one

const polygon = (points) => `M${points.map(([x, y]) => `${round(x)} ${round(y)}`).join("L")}Z`;

const ROLE_PATH = {
  input: (x, y) => roundedBox(x, y, 4),
  state: ellipse,
  gate: (x, y) => polygon([[-x, 0], [-x * 0.55, -y], [x * 0.55, -y], [x, 0], [x * 0.55, y], [-x * 0.55, y]]),
  hidden: (x, y) => roundedBox(x, y, Math.min(x, y) * 0.6),
  output: (x, y) => roundedBox(x, y, y),
  loss: (x, y) => polygon([[0, -y], [x, 0], [0, y], [-x, 0]]),
};

function ellipse(x, y) {
  return `M${round(-x)} 0A${round(x)} ${round(y)} 0 1 1 ${round(x)} 0A${round(x)} ${round(y)} 0 1 1 ${round(-x)} 0Z`;
}

function roundedBox(x, y, corner) {
  const c = Math.min(corner, x, y);
  const [w, h] = [2 * (x - c), 2 * (y - c)].map(round);
  return `M${round(c - x)} ${round(-y)}h${w}a${c} ${c} 0 0 1 ${c} ${c}v${h}a${c} ${c} 0 0 1 ${-c} ${c}h${-w}a${c} ${c} 0 0 1 ${-c} ${-c}v${-h}a${c} ${c} 0 0 1 ${c} ${-c}Z`;
}

const shapeOf = (layer, rx, ry) => (isBareOperator(layer) ? ellipse : (ROLE_PATH[layer.role] ?? ROLE_PATH.hidden))(rx, ry);

function operatorGlyph(kind, radius, parent) {
  const arm = radius * 0.55;
  if (kind === "product") return svg("circle", { class: "operator-dot", r: round(radius * 0.27) }, parent);
  return svg("path", { class: "operator-plus", d: `M${-arm} 0H${arm}M0 ${-arm}V${arm}` }, parent);
}

class NodeView {
  constructor(cell, layer, parent) {
    this.scene = cell.scene;
    this.layer = layer;
    this.extent = cell.extent(layer.index);
    this.group = svg("g", { class: `node role-${layer.role}`, "data-layer": layer.name, "data-role": layer.role }, parent);
    this.shape = svg("path", { class: "shape", d: shapeOf(layer, this.extent.rx, this.extent.ry) }, this.group);
    if (isBareOperator(layer)) this.operator = operatorGlyph(layer.operator, this.extent.rx, this.group);
    else this.#addSymbol();
    if (layer.operator && !isBareOperator(layer)) this.#addBadge();
  }

  #addSymbol() {
    const word = this.layer.isWord;
    this.size = this.extent.ry < SMALL ? 15 : 17;
    this.label = svg("text", { class: word ? "symbol word" : "symbol", y: 5 }, this.group);
    put(this.label, "font-size", word ? null : this.size);
  }

  // The operation that makes a named node, h = o ⊙ tanh c, stands outside its corner, clear of the letter.
  #addBadge() {
    const corner = { x: -this.extent.rx * 0.71 - BADGE * 0.6, y: -this.extent.ry * 0.71 - BADGE * 0.6 };
    const badge = svg("g", { class: "badge", transform: `translate(${round(corner.x)} ${round(corner.y)})` }, this.group);
    svg("circle", { r: BADGE }, badge);
    operatorGlyph(this.layer.operator, BADGE, badge);
  }

  name(t) {
    if (!this.label) return;
    const [, ...indices] = this.scene.symbol(this.layer.index, t);
    const parts = [this.layer.shown, ...indices];
    setSymbol(this.label, parts, this.size);
    this.label.classList.toggle("dense", parts[1].length > 2);
  }

  bind(t, present) {
    put(this.group, "data-t", t);
    show(this.group, present);
    this.name(t);
  }

  // amountAt: where, from the middle, its amount is written.
  place({ x, y, ry }, amountAt) {
    this.amountAt = amountAt;
    if (this.amount) this.#placeAmount();
    const scale = ry / this.extent.ry;
    const size = Math.abs(scale - 1) < 0.01 ? "" : `scale(${scale.toFixed(2)})`;
    put(this.group, "transform", `translate(${round(x)} ${round(y)})${size}`);
  }

  mark(names) {
    put(this.group, "class", `node role-${this.layer.role}${names}`);
  }

  // A short vector is shown unit by unit, a longer one and a norm by one colour.
  paint(reading, quantity, look) {
    const units = reading?.units && this.showsUnits ? reading.units : null;
    this.#paintStrip(units, look, quantity);
    const fill = (!units && reading?.colour) || null;
    put(this.shape, "style", fill && `fill:${fill}`);
    for (const sign of [this.label, this.operator]) if (sign) put(sign, "style", fill && `color:${reading.ink};fill:${reading.ink}`);
    if (this.label) put(this.label, "y", units ? (this.extent.ry < SMALL ? -1 : 0) : 5);
    this.#writeAmount(reading?.text ?? null);
  }

  // How much, in words, beside the node.
  #writeAmount(text) {
    if (!text && !this.amount) return;
    this.amount ??= svg("text", { class: "amount" }, this.group);
    show(this.amount, Boolean(text));
    write(this.amount, text ?? "");
    this.#placeAmount();
  }

  #placeAmount() {
    const { dx, dy, anchor } = this.amountAt;
    put(this.amount, "x", dx);
    put(this.amount, "y", dy);
    put(this.amount, "text-anchor", anchor);
  }

  get showsUnits() {
    const { size } = this.layer;
    return this.extent.ry >= STRIP_RADIUS && size > 1 && size <= STRIP_UNITS && !isBareOperator(this.layer);
  }

  #paintStrip(vector, look, quantity) {
    if (!vector) {
      if (this.strip) show(this.strip, false);
      return;
    }
    this.strip ??= this.#makeStrip(vector.length);
    show(this.strip, true);
    vector.forEach((value, i) => put(this.units[i], "fill", Number.isFinite(value) ? look.diverging.at(quantity.share(value)) : "none"));
  }

  #makeStrip(count) {
    const strip = svg("g", { class: "strip" });
    const width = 2 * this.extent.rx + 6;
    const height = round(clamp(this.extent.ry * 0.55, 7, 11));
    const top = this.extent.ry - height * 0.75; // on the lower edge, below the letter and its subscript
    this.units = Array.from({ length: count }, (_, i) =>
      svg("rect", { x: round((i / count - 0.5) * width), y: round(top), width: round(width / count + 0.2), height }, strip));
    svg("rect", { class: "frame", x: round(-width / 2), y: round(top), width: round(width), height, rx: 2 }, strip);
    this.group.append(strip);
    return strip;
  }
}
