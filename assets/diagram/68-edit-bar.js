// The tools that belong to what is chosen in the folded cell: native controls in a row of their own.

function textButton(parent, text, act, label = text) {
  const button = html("button", { type: "button", "aria-label": label }, parent);
  button.textContent = text;
  button.addEventListener("click", act);
  return button;
}

function field(parent, text) {
  const label = html("label", { class: "field" }, parent);
  html("span", {}, label).textContent = text;
  return label;
}

class EditControl {
  constructor(diagram, parent) {
    this.diagram = diagram;
    this.editing = diagram.editing;
    this.limits = diagram.scene.drawable;
    this.box = group(parent, "edit", "Edit the folded cell");
    this.tools = html("div", { class: "tools" }, this.box);
    textButton(this.tools, "Add layer", () => this.editing.addLayer());
    this.forLayer = this.#layerTools();
    this.forConnection = this.#connectionTools();
    this.renaming = this.#renameTools();
    this.hint = html("p", { class: "hint", role: "status", "aria-live": "polite" }, this.box);
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#escape(event);
    });
  }

  #layerTools() {
    const tools = html("span", { class: "tools" }, this.tools);
    this.connect = textButton(tools, "Connect from here", () => this.#connect());
    this.rename = textButton(tools, "Rename", () => this.#beginRename());
    this.removeLayer = textButton(tools, "Remove", () => this.#remove());
    this.arrows = html("select", { "aria-label": "Arrows" }, tools);
    this.arrows.addEventListener("change", () => {
      if (this.arrows.value) this.editing.chooseConnection(Number(this.arrows.value));
    });
    return tools;
  }

  #connectionTools() {
    const tools = html("span", { class: "tools" }, this.tools);
    this.name = html("span", { class: "arrow-name" }, tools);
    const delay = html("span", { class: "field" }, tools);
    html("span", {}, delay).textContent = "Delay";
    textButton(delay, "−", () => this.#delayBy(-1), "One step less");
    this.delay = html("input", { type: "number", step: 1, min: -this.limits.delay, max: this.limits.delay, "aria-label": "Delay" }, delay);
    this.delay.unsent = () => this.editing.connection && this.delay.valueAsNumber !== this.editing.present(this.editing.connection).delay;
    this.delay.addEventListener("change", () => this.#setDelay(this.delay.valueAsNumber));
    textButton(delay, "+", () => this.#delayBy(1), "One step more");
    this.kind = html("select", { "aria-label": "Weight" }, field(tools, "Weight"));
    for (const kind of this.limits.kinds) html("option", { value: kind }, this.kind).textContent = kind;
    this.kind.addEventListener("change", () => this.editing.setConnection("kind", this.kind.value));
    this.removeConnection = textButton(tools, "Remove", () => this.#remove());
    return tools;
  }

  #renameTools() {
    const tools = html("form", { class: "tools" }, this.tools);
    this.newName = html("input", { type: "text", maxlength: this.limits.letters, autocomplete: "off", spellcheck: "false", autocapitalize: "off" }, field(tools, "New name"));
    this.newName.unsent = () => true;
    const done = html("button", { type: "submit" }, tools);
    done.textContent = "Rename";
    textButton(tools, "Cancel", () => this.#endRename());
    tools.addEventListener("submit", (event) => {
      event.preventDefault();
      const wrong = this.editing.rename(this.newName.value.trim());
      if (!wrong) this.#endRename();
      this.editing.hint = wrong || null;
      this.diagram.clock.request();
    });
    return tools;
  }

  // The buttons vanish with what is removed: the keyboard goes back to the picture.
  #remove() {
    this.editing.remove();
    this.diagram.scroller.focus();
  }

  #connect() {
    this.editing.connectFrom(this.editing.layer.index);
    this.diagram.scroller.focus();
  }

  #delayBy(by) {
    this.#setDelay((this.delay.valueAsNumber || 0) + by);
  }

  #setDelay(wanted) {
    const { connection } = this.editing;
    if (!connection || !Number.isFinite(wanted)) return;
    const delay = clamp(Math.round(wanted), -this.limits.delay, this.limits.delay);
    this.delay.value = delay;
    this.editing.setConnection("delay", delay);
  }

  #beginRename() {
    this.isRenaming = this.editing.layer.name;
    this.newName.value = this.isRenaming;
    this.sync();
    this.newName.focus();
    this.newName.select();
  }

  #endRename() {
    this.isRenaming = null;
    this.editing.hint = null;
    this.sync();
    this.rename.focus();
  }

  #escape(event) {
    event.preventDefault();
    if (this.isRenaming) return this.#endRename();
    this.diagram.scroller.focus();
    return this.diagram.clear();
  }

  sync() {
    const { layer, connection, from } = this.editing;
    if (this.isRenaming !== layer?.name) this.isRenaming = null;
    const isRenaming = Boolean(this.isRenaming);
    this.#hide(this.forLayer, !layer || isRenaming);
    this.#hide(this.renaming, !isRenaming);
    this.#hide(this.forConnection, !connection);
    if (layer) this.#syncLayer(layer);
    if (connection) this.#syncConnection(connection);
    put(this.connect, "aria-pressed", String(from !== null));
    this.#syncHint();
  }

  // What is hidden with the focus in it hands it back to the picture.
  #hide(tools, isHidden) {
    if (isHidden && tools.contains(tools.getRootNode().activeElement)) this.diagram.scroller.focus();
    tools.hidden = isHidden;
  }

  #syncLayer(layer) {
    const { layers, connections } = this.diagram.scene;
    put(this.connect, "aria-label", `Connect from ${layer.name}`);
    put(this.rename, "aria-label", `Rename ${layer.name}`);
    put(this.removeLayer, "aria-label", `Remove ${layer.name}`);
    const touching = connections.filter(({ source, target }) => source === layer.index || target === layer.index);
    const key = JSON.stringify([layer.name, touching.map((connection) => [connection.index, arrowName(layers, connection)])]);
    if (key === this.arrowsKey) {
      this.arrows.value = "";
      return;
    }
    this.arrowsKey = key;
    put(this.arrows, "aria-label", `Arrows of ${layer.name}`);
    this.arrows.disabled = touching.length === 0;
    const option = (value, text) => Object.assign(document.createElement("option"), { value, textContent: text });
    this.arrows.replaceChildren(option("", touching.length ? "Choose an arrow …" : "No arrow yet"), ...touching.map((connection) => option(connection.index, arrowName(layers, connection))));
  }

  #syncConnection(connection) {
    const { scene } = this.diagram;
    const name = arrowName(scene.layers, connection, false);
    write(this.name, name);
    put(this.delay, "aria-label", `Delay of ${name}`);
    put(this.kind, "aria-label", `Weight of ${name}`);
    put(this.removeConnection, "aria-label", `Remove ${name}`);
    const focused = this.delay.getRootNode().activeElement;
    const { delay, kind } = this.editing.present(connection);
    const isNews = this.delayKey !== `${name}|${delay}`;
    if (isNews || (focused !== this.delay && !this.editing.answering)) this.delay.value = delay;
    this.delayKey = `${name}|${delay}`;
    if (focused !== this.kind && !this.editing.answering) this.kind.value = kind;
  }

  #syncHint() {
    const { editing, diagram } = this;
    const { scene } = diagram;
    const { layer, connection, from, hint } = editing;
    const trouble = scene.trouble?.text ?? "";
    const said = from !== null ? EDIT_WORDS.from(scene.layers[from].name)
      : (hint ?? (trouble || (layer ? EDIT_WORDS.layer(layer.text ?? layer.said) : connection ? EDIT_WORDS.connection(arrowName(scene.layers, connection)) : EDIT_WORDS.rest)));
    write(this.hint, said);
    put(this.hint, "class", from === null && (hint || trouble) ? "hint trouble" : "hint");
  }
}

const arrowName = (layers, { source, target, delay }, withDelay = true) =>
  `${layers[source].name} → ${layers[target].name}${withDelay && delay ? ` (${delayLabel(delay)})` : ""}`;
