// The key to a scale of gradients: its ends, every decade between them, the colours of nodes, the thickness of arrows.

class FlowsKey {
  static SIZE = { width: 168, bar: 9, gap: 2 };

  constructor(parent) {
    this.box = html("div", { class: "flows-key" }, parent);
  }

  sync({ quantity, cuts }, look) {
    const shown = quantity instanceof Flows;
    this.box.hidden = !shown;
    if (!shown) return;
    const { label, low, high, clamped } = quantity;
    const key = `${label}|${low}|${high}|${clamped}|${look.theme}|${cuts.length > 0}`;
    if (key === this.key) return;
    this.key = key;
    const text = (content, name = "") => (html("span", { class: name }, this.box).textContent = content);
    this.box.replaceChildren();
    writeSymbols(html("span", { class: "quantity" }, this.box), label);
    text(`${clamped ? "≤ " : ""}${decade(low)}`);
    this.#ramp(high - low, look);
    text(decade(high));
    this.#sample("zero", "0");
    if (cuts.length) this.#sample("truncated", "cut off");
  }

  #ramp(decades, look) {
    const { width, bar, gap } = FlowsKey.SIZE;
    const { least, most } = Flows.WIDTH;
    const drawing = svg("svg", { width, height: bar + gap + most, "aria-hidden": "true" }, this.box);
    const pieces = 48;
    for (let i = 0; i < pieces; i += 1) {
      const share = i / (pieces - 1);
      const thick = lerp(least, most, share);
      const place = { x: round((i / pieces) * width), width: round(width / pieces + 0.3) };
      svg("rect", { ...place, y: 0, height: bar, fill: look.sequential.at(share) }, drawing);
      svg("rect", { ...place, y: round(bar + gap + (most - thick) / 2), height: round(thick), fill: look.stroke(share) }, drawing);
    }
    svg("rect", { class: "frame", x: 0.5, y: 0.5, width: width - 1, height: bar - 1 }, drawing);
    const every = Math.ceil(decades / 12);
    for (let i = every; i < decades; i += every) svg("path", { class: "tick", d: `M${round((i / decades) * width)} ${bar - 4}v4` }, drawing);
  }

  #sample(state, text) {
    const item = html("span", { class: "sample" }, this.box);
    const drawing = svg("svg", { width: 22, height: 16, "aria-hidden": "true" }, item);
    svg("path", { class: `dash ${state}`, d: roundedBox(10, 7, 5), transform: "translate(11 8)" }, drawing);
    html("span", {}, item).textContent = text;
  }
}
