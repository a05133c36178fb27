// The tables of a network under construction. Python owns the network: an edit is sent as data, and what comes back is
// shown. Edits are kept in a queue until Python says that it has done them, so that none is lost while it is busy.

class Editor {
  constructor(component) {
    this.component = component;
    this.queue = [];
    this.places = new Map();
    const root = element("div", { class: "unroll-editor" }, component.parentElement);
    this.tables = {};
    for (const [name, kind] of Object.entries(TABLES)) {
      const section = element("section", { class: name }, root);
      this.tables[name] = new Table(section, kind, (edit, cell, place) => this.#send(edit, cell, place), (table, position) => this.#remove(table, position));
      if (name === "layers") this.adder = this.#adder(section);
      else this.joiner = this.#joiner(section);
    }
    this.voice = element("p", { class: "voice", role: "status" }, root);
    this.root = root;
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
    this.choices = { ...data.choices, layer: data.layers.map((layer) => layer.name) };
    this.#show();
    if (this.said !== undefined && this.said !== data.said) this.#say(data.said);
    this.said = data.said;
    this.root.dataset.done = data.done;
  }

  remove() {
    this.root.remove();
  }

  #show() {
    for (const [name, table] of Object.entries(this.tables)) table.show(this.model[name], this.choices);
    for (const select of [this.joiner.source, this.joiner.target]) {
      const chosen = select.value;
      const names = this.choices.layer;
      if (JSON.stringify(names) === select.offered) continue;
      select.offered = JSON.stringify(names);
      select.replaceChildren(...names.map((name) => new Option(name, name)));
      if (names.includes(chosen)) select.value = chosen;
    }
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

  #adder(section) {
    const form = element("form", { class: "add" }, section);
    const name = element("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: 16, placeholder: "name", "aria-label": "Name of the new layer" }, form);
    element("button", { type: "submit" }, form).textContent = "Add layer";
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
    const cell = this.#outcome(form, source, () => {});
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send({ do: "connect", source: source.value, target: target.value }, cell, cell.place);
    });
    return { source, target };
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
