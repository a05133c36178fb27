// The tables of a network under construction. Python owns the network: an edit is sent as data, and what comes back is
// shown. Edits are kept in a queue until Python says that it has done them, so that none is lost while it is busy.

// Undo and redo by keys; in a field that is being written in, what it does itself with them.
function turnOf(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.target.unsent?.()) return null;
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "redo" : "undo";
  return key === "y" && !event.shiftKey ? "redo" : null;
}

class Editor {
  constructor(component) {
    this.component = component;
    this.queue = [];
    this.places = new Map();
    const root = element("div", { class: "unroll-editor" }, component.parentElement);
    this.tables = {};
    for (const [name, kind] of Object.entries(TABLES)) {
      const section = element("section", { class: name }, root);
      this.tables[name] = new Table(section, kind, component.data.limits, (edit, cell, place) => this.#send(edit, cell, place), (table, position) => this.#remove(table, position));
      if (name === "layers") this.adder = this.#adder(section, component.data.limits);
      else this.joiner = this.#joiner(section);
    }
    this.voice = element("p", { class: "voice", role: "status" }, root);
    this.root = root;
    root.addEventListener("keydown", (event) => {
      const turn = turnOf(event);
      if (!turn) return;
      event.preventDefault();
      this.#send({ do: turn });
    });
    this.update(component);
  }

  update(component) {
    this.component = component;
    const { data } = component;
    this.last = Math.max(this.last ?? 0, data.done);
    this.queue = this.queue.filter((edit) => edit.id > data.done);
    for (const [id, { cell, place }] of this.places) {
      if (id > data.done) continue;
      this.places.delete(id);
      const refusal = data.refused.find((one) => one.id === id);
      if (refusal) cell.refuse(refusal.text, place);
      else cell.accept();
      if (refusal) this.#say(refusal.text);
    }
    if (this.queue.length) return; // what is shown is ahead of what Python knew when it answered
    this.model = { layers: data.layers, connections: data.connections };
    this.pair = data.pair;
    this.choices = { ...data.choices, layer: data.layers.map((layer) => layer.name) };
    const { activeElement: held } = this.root.getRootNode();
    this.#show();
    if (held && !held.isConnected) this.adder.name.focus({ preventScroll: true }); // its row has gone: the keys lead on
    if (this.said !== undefined && this.said !== data.said) this.#say(data.said);
    this.said = data.said;
    this.root.dataset.done = data.done;
  }

  remove() {
    this.root.remove();
  }

  #show() {
    for (const [name, table] of Object.entries(this.tables)) table.show(this.model[name], this.choices);
    this.joiner.offer(this.choices.layer, this.pair);
  }

  #send(edit, cell, place) {
    const id = ++this.last;
    this.queue.push({ id, ...edit });
    if (cell) this.places.set(id, { cell, place });
    this.component.setStateValue("edits", [...this.queue]);
  }

  #say(text) {
    this.voice.textContent = text;
  }

  // Removed at once, so that a place in the table means the same here and there whatever is done next.
  #remove(table, position) {
    const name = table === this.tables.layers ? "layers" : "connections";
    const gone = this.model[name][position];
    this.model = { ...this.model, [name]: this.model[name].filter((_, i) => i !== position) };
    if (name === "layers") {
      this.model.connections = this.model.connections.filter(({ source, target }) => ![source, target].includes(gone.name));
      this.choices = { ...this.choices, layer: this.model.layers.map((layer) => layer.name) };
    }
    this.#show();
    if (!table.focus(position)) (name === "layers" ? this.adder.name : this.joiner.source).focus();
    this.#say(`Removed ${table.kind.named(gone, position)}.`);
    this.#send({ do: table.kind.remove, at: position });
  }

  #adder(section, { letters }) {
    const form = element("form", { class: "add" }, section);
    const name = element("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: letters, placeholder: "name", "aria-label": "Name of the new layer" }, form);
    element("button", { type: "submit" }, form).textContent = "Add a row";
    name.unsent = () => name.value !== "";
    let sent = "";
    const cell = this.#outcome(form, name, () => {
      if (name.value === sent) name.value = "";
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      sent = name.value;
      this.#send({ do: "add_layer", name: name.value.trim() }, cell, cell.place);
    });
    return { name };
  }

  #joiner(section) {
    const form = element("form", { class: "add" }, section);
    const source = element("select", { "aria-label": "Source of the new connection" }, form);
    element("span", { "aria-hidden": "true" }, form).textContent = "→";
    const target = element("select", { "aria-label": "Target of the new connection" }, form);
    element("button", { type: "submit" }, form).textContent = "Connect";
    const ends = [source, target];
    let isChosen = false; // by hand: then it stays until it is connected
    for (const select of ends) select.addEventListener("change", () => (isChosen = true));
    const cell = this.#outcome(form, source, () => {});
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      isChosen = false;
      this.#send({ do: "connect", source: source.value, target: target.value }, cell, cell.place);
    });
    const offer = (names, pair) => {
      ends.forEach((select, i) => {
        const stood = select.value;
        if (JSON.stringify(names) !== select.offered) select.replaceChildren(...names.map((name) => new Option(name, name)));
        select.offered = JSON.stringify(names);
        const wanted = isChosen || !pair ? stood : pair[i];
        if (names.includes(wanted)) select.value = wanted;
      });
    };
    return { source, offer };
  }

  // What a form does when Python has answered.
  #outcome(form, control, done) {
    let note = null;
    const clear = () => {
      note?.remove();
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    };
    return {
      accept: () => {
        clear();
        done();
      },
      refuse: (sentence, place) => {
        clear();
        note = place(sentence);
        note.id = `refused-${++serial}`;
        control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", note.id);
      },
      place: (sentence) => {
        const made = element("p", { class: "refused" });
        made.textContent = sentence;
        form.after(made);
        return made;
      },
    };
  }
}
