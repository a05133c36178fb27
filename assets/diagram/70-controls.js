// The rows of controls under the picture: real buttons and sliders that call the diagram and are kept in step with it.

const ICONS = {
  play: "M7 4.5v15l12-7.5Z",
  pause: "M7 5h3.5v14H7ZM13.5 5H17v14h-3.5Z",
  back: "M15.5 5 8 12l7.5 7M6 5v14",
  forward: "M8.5 5 16 12l-7.5 7M18 5v14",
};

function iconButton(parent, icon, label, act) {
  const button = html("button", { type: "button", class: "icon", "aria-label": label, title: label }, parent);
  const drawing = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, button);
  const path = svg("path", { d: ICONS[icon], class: icon }, drawing);
  button.addEventListener("click", act);
  button.setIcon = (name, text) => {
    put(path, "d", ICONS[name]);
    put(path, "class", name);
    put(button, "aria-label", text);
    put(button, "title", text);
  };
  return button;
}

function slider(parent, label, { live, done }) {
  const input = html("input", { type: "range", "aria-label": label }, parent);
  input.addEventListener("input", () => live(Number(input.value)));
  if (done) input.addEventListener("change", () => done(Number(input.value)));
  input.follow = (value, least, most, step = 1) => {
    put(input, "min", least);
    put(input, "max", most);
    put(input, "step", step);
    if (Number(input.value) !== value) input.value = value;
    input.style.setProperty("--filled", `${most > least ? ((value - least) / (most - least)) * 100 : 100}%`);
  };
  return input;
}

// Arrow keys on a slider count whole steps instead of slider units.
function stepWithArrows(input, act) {
  input.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    act(by);
  });
}

function group(parent, name, label) {
  return html("div", { class: `group ${name}`, role: "group", "aria-label": label }, parent);
}

function caption(parent, text) {
  html("span", { class: "control-name" }, parent).textContent = text;
}

class FoldControl {
  constructor(diagram, parent) {
    const { words } = diagram.scene;
    this.diagram = diagram;
    const box = group(parent, "fold", `${words.fold}, ${words.unroll}`);
    this.play = html("button", { type: "button", class: "primary" }, box);
    this.play.addEventListener("click", () => diagram.fold.play());
    this.back = iconButton(box, "back", `${words.fold}: ${words.back.toLowerCase()}`, () => diagram.fold.step(-1));
    this.range = slider(box, `${words.folded} … ${words.unrolled}`, {
      live: (value) => diagram.fold.scrub(value),
      done: () => diagram.fold.release(),
    });
    stepWithArrows(this.range, (by) => diagram.fold.step(by)); // finer slider steps would snap back
    this.forward = iconButton(box, "forward", `${words.unroll}: ${words.forward.toLowerCase()}`, () => diagram.fold.step(1));
  }

  sync({ front, steps }) {
    const { words } = this.diagram.scene;
    const { clock, fold } = this.diagram;
    write(this.play, clock.runs("fold") ? words.pause : fold.direction < 0 ? words.fold : words.unroll);
    this.range.follow(front, 0, steps, steps / 400);
    put(this.range, "aria-valuetext", front <= 0 ? words.folded : front >= steps ? words.unrolled : `${Math.floor(front)} / ${steps}`);
    this.back.disabled = front <= 0;
    this.forward.disabled = front >= steps;
  }
}

class LengthControl {
  constructor(diagram, parent) {
    const { words, limits } = diagram.scene;
    this.diagram = diagram;
    const box = group(parent, "length", words.length);
    caption(box, words.length);
    this.range = slider(box, words.length, {
      live: (value) => diagram.dragLength(fromSlider(value, limits)),
      done: (value) => diagram.setLength(fromSlider(value, limits)),
    });
    stepWithArrows(this.range, (by) => diagram.setLength(diagram.state.steps + by)); // the slider is curved
    this.number = html("input", { type: "number", "aria-label": words.length, min: limits[0], max: limits[1] }, box);
    this.number.addEventListener("change", () => this.#enter());
  }

  #enter() {
    const wanted = this.number.valueAsNumber; // NaN for anything that is not a number
    if (Number.isFinite(wanted)) this.diagram.setLength(Math.round(wanted));
    this.number.value = this.diagram.state.steps;
  }

  sync({ steps }) {
    const { limits } = this.diagram.scene;
    this.range.follow(toSlider(steps, limits), 0, SLIDER_TRAVEL);
    put(this.range, "aria-valuetext", String(steps));
    if (this.number.getRootNode().activeElement !== this.number) this.number.value = steps;
  }
}

// Short lengths get more of the slider's travel: from 5 to 6 should be as easy as from 100 to 120.
const SLIDER_TRAVEL = 400;
const toSlider = (steps, [least, most]) => Math.round(SLIDER_TRAVEL * Math.sqrt((steps - least) / Math.max(1, most - least)));
const fromSlider = (value, [least, most]) => Math.round(least + (value / SLIDER_TRAVEL) ** 2 * (most - least));

class TimeControl {
  constructor(diagram, parent) {
    const { words } = diagram.scene;
    this.diagram = diagram;
    const box = group(parent, "time", words.time);
    caption(box, words.time);
    this.play = iconButton(box, "play", words.play, () => diagram.time.play());
    this.back = iconButton(box, "back", words.back, () => diagram.time.step(-1));
    this.range = slider(box, words.time, {
      live: (value) => diagram.time.scrub(value),
      done: (value) => diagram.time.set(value),
    });
    this.forward = iconButton(box, "forward", words.forward, () => diagram.time.step(1));
    this.output = html("output", {}, box);
  }

  sync({ cursor, steps }) {
    const { words } = this.diagram.scene;
    const runs = this.diagram.clock.runs("time");
    this.play.setIcon(runs ? "pause" : "play", runs ? words.pause : words.play);
    this.play.classList.toggle("leftward", this.diagram.scene.wave < 0);
    this.range.follow(cursor, 1, steps);
    put(this.range, "aria-valuetext", this.diagram.voice.stepPhrase());
    write(this.output, `${cursor} / ${steps}`);
    this.back.disabled = cursor <= 1;
    this.forward.disabled = cursor >= steps;
  }
}

class OrderControl {
  constructor(diagram, parent) {
    const { words } = diagram.scene;
    this.diagram = diagram;
    const box = (this.box = group(parent, "order", words.order));
    caption(box, words.order);
    this.play = iconButton(box, "play", `${words.order}: ${words.play.toLowerCase()}`, () => diagram.order.play());
    this.back = iconButton(box, "back", `${words.order}: ${words.back.toLowerCase()}`, () => diagram.order.step(-1));
    this.range = slider(box, words.order, { live: (value) => diagram.order.set(value) });
    this.forward = iconButton(box, "forward", `${words.order}: ${words.forward.toLowerCase()}`, () => diagram.order.step(1));
    this.output = html("output", {}, box);
    const label = html("label", { class: "switch" }, box);
    this.generations = html("input", { type: "checkbox" }, label);
    this.generations.addEventListener("change", () => diagram.order.group(this.generations.checked));
    html("span", {}, label).textContent = words.generations;
  }

  sync({ order, byGeneration }) {
    const { scene, clock } = this.diagram;
    const { words } = scene;
    const { entries } = this.diagram.order;
    const count = entries.length;
    for (const control of [this.play, this.range, this.generations]) control.disabled = count === 0;
    this.back.disabled = order <= 0;
    this.forward.disabled = order >= count;
    const runs = clock.runs("order");
    this.play.setIcon(runs ? "pause" : "play", `${words.order}: ${(runs ? words.pause : words.play).toLowerCase()}`);
    this.range.follow(order, 0, count);
    this.generations.checked = byGeneration;
    const current = order > 0 ? entries[order - 1] : null;
    write(this.output, count === 0 ? words.noOrder : byGeneration && current ? `gen. ${current.generation + 1}` : `${order} / ${count}`);
  }
}

const CONTROLS = { fold: FoldControl, length: LengthControl, time: TimeControl, order: OrderControl, edit: EditControl };

// One chip per shared weight; pointing at it lights all its copies. A deep network has up to ninety: two rows are shown
// whole, and a button shows the others.
class Legend {
  constructor(diagram, parent) {
    this.diagram = diagram;
    this.bar = html("div", { class: "legend", role: "toolbar", "aria-label": diagram.scene.words.weights }, parent);
    this.chips = [...diagram.scene.weights.values()].map((weight, i) => this.#chip(weight, i));
    this.more = html("button", { type: "button", class: "more" });
    this.more.addEventListener("click", () => this.#unfold(!this.whole));
    this.#unfold(false);
    this.scale = new FlowsKey(parent);
    this.sizes = new ResizeObserver(() => this.#offerMore());
    this.sizes.observe(this.bar);
    this.bar.addEventListener("keydown", (event) => this.#move(event));
    this.bar.addEventListener("mouseleave", () => diagram.light(null));
  }

  #chip(weight, index) {
    const chip = html("button", { type: "button", class: "chip", "data-weight": weight.name, tabindex: index === 0 ? 0 : -1 }, this.bar);
    const dash = this.diagram.scene.dash(weight.name);
    const width = dash ? 30 : 18; // room for the dash to show
    const swatch = svg("svg", { class: "swatch", width, height: 8, "aria-hidden": "true" }, chip);
    put(svg("path", { d: `M0 4H${width}` }, swatch), "stroke-dasharray", dash);
    const [base, sub, sup] = this.diagram.scene.weightLabel(weight.name);
    html("span", { class: "symbol" }, chip).textContent = base;
    const indices = html("span", { class: "indices" }, chip);
    if (sup) html("sup", {}, indices).textContent = tight(sup);
    if (sub) html("sub", {}, indices).textContent = sub;
    chip.addEventListener("mouseenter", () => this.diagram.light(weight.name));
    chip.addEventListener("focus", () => this.diagram.light(weight.name));
    chip.addEventListener("blur", () => this.diagram.light(null));
    chip.addEventListener("click", () => this.diagram.light(weight.name));
    return chip;
  }

  #unfold(whole) {
    this.whole = whole;
    this.bar.classList.toggle("whole", whole);
    put(this.more, "aria-expanded", String(whole));
    const { words } = this.diagram.scene;
    write(this.more, whole ? words.fewerWeights : `${words.allWeights} (${this.chips.length})`);
  }

  #offerMore() {
    const needed = this.whole || this.bar.scrollHeight > this.bar.clientHeight + 4;
    if (needed === this.more.isConnected) return;
    if (needed) this.bar.after(this.more);
    else this.more.remove();
  }

  // The legend is one Tab stop; arrow keys move inside it.
  #move(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const at = this.chips.indexOf(event.target.closest(".chip"));
    const next = this.chips[(at + by + this.chips.length) % this.chips.length];
    for (const chip of this.chips) chip.tabIndex = chip === next ? 0 : -1;
    next.focus();
    event.preventDefault();
  }

  remove() {
    this.sizes.disconnect();
    for (const part of [this.bar, this.more, this.scale.box]) part.remove();
  }

  sync({ lit }) {
    const { scene, look } = this.diagram;
    this.scale.sync(scene, look);
    for (const chip of this.chips) {
      chip.style.setProperty("--weight", scene.colour(chip.dataset.weight, look.theme));
      chip.classList.toggle("lit", chip.dataset.weight === lit);
    }
  }
}
