// Drawing on the folded cell: what is chosen in it, what the hand does to it, and the edits that are reported to Python.
// Nothing is changed here: Python answers an edit with a new scene.

const DRAG = 7; // pixels from which a press is a drag
const REACH = 9; // pixels around a node that still count as on it
const EDIT_ANSWER = 1500; // milliseconds to wait for an answer before the next edit is sent all the same

const EDIT_WORDS = {
  rest: "Choose a layer or an arrow of the folded cell, or drag from layer to layer. Keys: ↑ ↓, Enter chooses, C connects, Delete removes, Ctrl+Z undoes, Esc lets go.",
  from: (name) => `From ${name}: now choose the layer that reads it. Esc cancels.`,
  layer: (text) => `${text}.`,
  connection: (name) => `${name} is chosen.`,
  named: (most) => `A name begins with a letter and has up to ${most} letters, digits and underscores.`,
  taken: (name) => `There is a layer '${name}' already.`,
  gone: "This is not in the network any more as it is drawn.",
};

class Editing {
  constructor(diagram) {
    this.diagram = diagram;
    this.chosen = null; // {layer: name} or {connection: {source, target, delay, weight, index}}
    this.from = null; // the layer from which a connection is being drawn
    this.pressed = null; // {layer, x, y}, then with `at` once it is dragged
    this.gliding = new Gliding(diagram);
    this.waiting = []; // edits to be sent after the one that is being answered
    diagram.root.addEventListener("keydown", (event) => this.#turn(event));
  }

  get isOn() {
    return this.diagram.scene?.isEditable ?? false;
  }

  // ---- what is chosen -----------------------------------------------------------------------------------------

  get layer() {
    const { scene } = this.diagram;
    return this.chosen?.layer === undefined ? null : (scene.layers.find(({ name }) => name === this.chosen.layer) ?? null);
  }

  get connection() {
    return this.chosen?.connection ?? null;
  }

  // A click or Enter on a layer: it is chosen, or read from the one where a connection begins.
  choose(layer) {
    const { diagram } = this;
    if (this.from !== null) return this.connect(this.from, layer);
    const { name } = diagram.scene.layers[layer];
    return this.#hold({ layer: name }, { layer, t: null });
  }

  chooseConnection(index) {
    const { connections } = this.diagram.scene;
    this.#hold({ connection: connections[index] }, null);
  }

  #hold(chosen, active) {
    const { diagram } = this;
    [this.chosen, this.from, this.hint] = [chosen, null, null];
    const selected = chosen?.layer === undefined ? null : { layer: chosen.layer, t: null };
    diagram.change({ selected, active: active ?? diagram.state.active });
    if (selected) diagram.reporter.now("selected", selected); // arrows are of no concern to Python until they change
  }

  // True if there was something to let go of.
  letGo() {
    if (!this.isOn) return;
    const was = this.from;
    [this.from, this.pressed, this.hint] = [null, null, null];
    if (was === null) this.chosen = null;
    this.diagram.clock.request();
  }

  connectFrom(layer) {
    [this.from, this.hint] = [layer, null];
    this.diagram.clock.request();
  }

  // ---- edits --------------------------------------------------------------------------------------------------

  addLayer() {
    this.#send(() => ({ do: "add_layer" }), "layer");
  }

  connect(source, target) {
    const { layers } = this.diagram.scene;
    const [from, into] = [layers[source].name, layers[target].name];
    [this.from, this.pressed] = [null, null];
    this.#send(() => ({ do: "connect", source: from, target: into }), "connection");
  }

  // "" if the name is taken up, else what is wrong with it.
  rename(name) {
    const { layer } = this;
    if (!layer || name === layer.name) return "";
    const { name: pattern, letters } = this.diagram.scene.drawable;
    if (!new RegExp(`^(?:${pattern})$`).test(name) || name.length > letters) return EDIT_WORDS.named(letters);
    if (this.diagram.scene.layers.some((other) => other.name === name)) return EDIT_WORDS.taken(name);
    const old = layer.name;
    this.#send(() => this.#onLayer(old, { do: "set_layer", field: "name", value: name }), name);
    return "";
  }

  setConnection(field, value) {
    const { connection } = this;
    this.#send(() => this.#onConnection(connection, { do: "set_connection", field, value }), "same");
  }

  remove() {
    const { layer, connection } = this;
    if (layer) this.#send(() => this.#onLayer(layer.name, { do: "remove_layer" }));
    else if (connection) this.#send(() => this.#onConnection(connection, { do: "remove_connection" }));
  }

  // Rows are those of what is drawn; where that is not the draft itself, Python knows what has become of them.
  #onLayer(name, edit) {
    return this.#at(this.diagram.scene.layers.findIndex((layer) => layer.name === name), edit);
  }

  #onConnection(connection, edit) {
    const index = this.#find(connection);
    const { drafted } = this.diagram.scene;
    return this.#at(drafted && !drafted[index] ? -1 : index, edit);
  }

  #at(index, edit) {
    return index < 0 ? null : { ...edit, at: index };
  }

  // Delay and kind of a connection: those of the draft, which may be ahead of what can be drawn.
  present(connection) {
    const { scene } = this.diagram;
    return scene.drafted?.[connection.index] ?? { delay: connection.delay, kind: scene.kind(connection) };
  }

  // The same connection in the present scene: the same row if it still joins the same layers, else one that is alike.
  #find({ source, target, delay, weight, index }) {
    const { connections } = this.diagram.scene;
    const joins = (other) => other?.source === source && other?.target === target;
    if (joins(connections[index])) return index;
    return connections.findIndex((other) => joins(other) && other.delay === delay && other.weight === weight);
  }

  // An edit is made when it is sent: by then the one before may have moved its row.
  #send(make, next = null) {
    this.hint = null;
    this.waiting.push({ make, next });
    if (!this.answering) this.#sendNext();
    this.diagram.clock.request();
  }

  #sendNext() {
    clearTimeout(this.answering);
    this.answering = null;
    const first = this.waiting.shift();
    if (!first) return;
    const edit = first.make();
    if (edit === null) {
      this.hint = EDIT_WORDS.gone;
      this.#sendNext();
      return;
    }
    this.next = first.next;
    this.answering = setTimeout(() => this.#sendNext(), EDIT_ANSWER);
    this.diagram.reporter.happened("edit", edit);
  }

  stop() {
    clearTimeout(this.answering);
  }

  // ---- a new scene ------------------------------------------------------------------------------------------

  // What was chosen stays chosen, a new part is chosen.
  follow(before) {
    if (!this.isOn || !before) return;
    const { scene } = this.diagram;
    const known = new Set(before.layers.map(({ name }) => name));
    const fresh = scene.layers.find(({ name }) => !known.has(name));
    const changed = !sameValue(before.data.connections, scene.data.connections) || !sameValue(before.data.layers, scene.data.layers);
    const grown = scene.connections.length === before.connections.length + 1;
    if (this.next === "connection" && grown) this.chooseConnection(scene.connections.length - 1);
    else if (fresh && this.next && (this.next === "layer" || this.next === fresh.name)) this.#hold({ layer: fresh.name }, { layer: fresh.index, t: null });
    else this.#keep(before);
    if (changed) [this.next, this.diagram.voice.remark] = [null, null];
    if (this.from !== null) this.from = this.#moved(before, this.from);
    this.#sendNext();
  }

  #keep(before) {
    const { connection } = this;
    const { scene } = this.diagram;
    if (connection) {
      const named = { ...connection, source: this.#moved(before, connection.source), target: this.#moved(before, connection.target) };
      const at = this.#find(named);
      this.chosen = at < 0 ? null : { connection: scene.connections[at] };
    } else if (this.chosen && !this.layer) this.#hold(null, null);
  }

  #moved(before, layer) {
    const at = this.diagram.scene.layers.findIndex(({ name }) => name === before.layers[layer]?.name);
    return at < 0 ? null : at;
  }

  // ---- the hand ---------------------------------------------------------------------------------------------

  press(aim) {
    if (!this.isOn || !aim.onTemplate || aim.layer === null || aim.t !== null) return false;
    this.pressed = { layer: aim.layer, x: aim.x, y: aim.y };
    this.swallow = false;
    return true;
  }

  // True while a connection is being dragged.
  drag({ x, y }) {
    if (!this.isOn) return false;
    const { pressed } = this;
    const begins = pressed && (pressed.at || Math.hypot(x - pressed.x, y - pressed.y) > DRAG);
    if (begins) pressed.at = { x, y };
    this.pointer = { x, y };
    if (begins || this.from !== null) this.diagram.clock.request();
    return Boolean(begins);
  }

  release() {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed?.at) return;
    this.swallow = true; // the click that follows is the end of the drag
    const target = this.layerAt(pressed.at);
    if (target !== null && target !== pressed.layer) this.connect(pressed.layer, target);
    this.diagram.clock.request();
  }

  drop() {
    this.pressed = null;
    this.diagram.clock.request();
  }

  // True if the click was meant for the folded cell.
  click({ onTemplate, layer, t, connection, x, y }) {
    if (!this.isOn) return false;
    if (this.swallow) {
      this.swallow = false;
      return true;
    }
    const on = layer !== null && t === null ? layer : onTemplate && connection === null ? this.layerAt({ x, y }) : null;
    if (on !== null) this.choose(on);
    else if (connection !== null) this.chooseConnection(connection);
    else if (this.from !== null) this.letGo();
    else return onTemplate;
    return true;
  }

  // The layer of the folded cell at a place of the stage.
  layerAt({ x, y }) {
    const { stage } = this.diagram;
    const top = y - stage.head;
    const found = stage.scene.layers.findIndex((_, i) => {
      const { node } = stage.templateEnd(i);
      return Math.abs(node.x - x) <= node.rx + REACH && Math.abs(node.y - top) <= node.ry + REACH;
    });
    return found < 0 ? null : found;
  }

  // ---- the keyboard -----------------------------------------------------------------------------------------

  key(event) {
    if (!this.isOn) return false;
    const { active } = this.diagram.state;
    const act = {
      Delete: () => this.remove(),
      Backspace: () => this.remove(),
      c: () => this.connectFrom(this.layer?.index ?? active.layer),
    }[event.key];
    const isCancel = event.key === "Escape" && this.from !== null;
    if (isCancel) this.letGo();
    else if (!act || (event.key === "c" && !this.layer && !active)) return false;
    else act();
    event.preventDefault();
    return true;
  }

  // Undo and redo; in a field that is being written in, what it does itself with these keys.
  #turn(event) {
    if (!this.isOn || !(event.ctrlKey || event.metaKey) || event.altKey || event.target.unsent?.()) return;
    const turn = { z: event.shiftKey ? "redo" : "undo", y: event.shiftKey ? null : "redo" }[event.key.toLowerCase()];
    if (!turn) return;
    event.preventDefault();
    this.#send(() => ({ do: turn }));
  }

  draw() {
    const { stage } = this.diagram;
    if (!this.isOn) return;
    this.gliding.draw();
    if (this.drawing?.stage !== stage) this.drawing = new EditDrawing(this, stage);
    this.drawing.draw();
  }
}
