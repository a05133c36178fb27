// A field in a table cell: a native control that shows what Python says, unless somebody is writing in it.

let serial = 0;

function element(name, attributes = {}, parent = null) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  parent?.append(made);
  return made;
}

function put(target, name, value) {
  if (target[name] !== value) target[name] = value;
}

// Kinds of controls: how one is made, and how its value is read and written.
const CONTROLS = {
  text: {
    make: (parent, limits) => element("input", { type: "text", autocomplete: "off", autocapitalize: "none", spellcheck: "false", ...limits }, parent),
    read: (control) => control.value.trim(),
  },
  number: {
    make: (parent, limits) => element("input", { type: "number", step: "1", ...limits }, parent),
    read: (control) => (control.value === "" ? null : Number(control.value)),
  },
  select: {
    make: (parent) => element("select", {}, parent),
    read: (control) => control.value,
  },
};

class Cell {
  constructor(parent, column, limits, send) {
    this.column = column;
    this.kind = CONTROLS[column.type];
    this.control = this.kind.make(parent, column.within?.(limits) ?? {});
    this.known = "";
    this.control.addEventListener("change", () => {
      if (this.control.value === this.known && !this.isRefused) return;
      this.sent = this.control.value;
      send(this.kind.read(this.control), this);
    });
    this.control.unsent = () => this.column.type !== "select" && this.control.value !== this.known;
    this.control.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.control.value === this.known) return;
      this.control.value = this.known;
      this.accept();
    });
  }

  // What is being written, or was refused, stays until it is done or given up.
  get isWriting() {
    const isOpen = this.column.type !== "select" && this.control.getRootNode().activeElement === this.control;
    return this.isRefused || (isOpen && this.control.value !== this.shown);
  }

  show(row, position, choices) {
    const { control, column } = this;
    put(control, "ariaLabel", column.say(row, position));
    put(control, "disabled", row.unused.includes(column.field));
    this.isOffending = Boolean(row.is_offending);
    this.#markInvalid();
    if (column.options) this.#offer(column.options(row, choices));
    const value = String(row[column.field]);
    const isNew = value !== this.known;
    this.known = value;
    if (this.isWriting && !(isNew && this.isRefused)) return;
    if (isNew && this.isRefused) this.accept();
    put(control, "value", value);
    this.shown = control.value;
  }

  #offer(options) {
    const key = JSON.stringify(options);
    if (key === this.offered) return;
    this.offered = key;
    this.control.replaceChildren(...options.map((option) => new Option(option.replaceAll("_", " "), option)));
  }

  // Taken over, or given up; what was written since then is still being written.
  accept() {
    this.isRefused = false;
    this.shown = this.sent ?? this.control.value;
    this.sent = undefined;
    this.#markInvalid();
    this.control.removeAttribute("aria-describedby");
    this.note?.remove();
    this.note = null;
  }

  #markInvalid() {
    const isInvalid = Boolean(this.isRefused || this.isOffending);
    this.control.classList.toggle("not-taken", Boolean(this.isRefused));
    if (isInvalid) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }

  refuse(sentence, place) {
    if (this.sent !== this.control.value) return; // something else has been written since
    this.accept();
    this.isRefused = true;
    this.note = place(sentence);
    this.note.id = `refused-${++serial}`;
    this.#markInvalid();
    this.control.setAttribute("aria-describedby", this.note.id);
  }
}
