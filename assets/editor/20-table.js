// Tables: their columns are data, their rows are kept, so that a focus outlives every edit.

const arrow = (row) => `${row.source} to ${row.target}`;
const nth = (position) => `connection ${position + 1}`;

const TABLES = {
  layers: {
    title: "Layers",
    named: (row) => `layer ${row.name}`,
    change: "set_layer",
    remove: "remove_layer",
    columns: [
      { field: "name", head: "Layer", type: "text", within: ({ letters }) => ({ maxlength: letters }), say: (row) => `Name of layer ${row.name}` },
      { field: "size", head: "Units", type: "number", within: ({ units }) => ({ min: 1, max: units }), say: (row) => `Size of layer ${row.name}` },
      { field: "role", head: "Role", type: "select", say: (row) => `Role of layer ${row.name}`, options: (row, choices) => choices.role },
      { field: "activation", head: "Function", type: "select", say: (row) => `${row.role === "loss" ? "Error" : "Activation"} of layer ${row.name}`, options: (row) => row.activations },
      { field: "combine", head: "Joins", type: "select", say: (row) => `How layer ${row.name} combines`, options: (row, choices) => choices.combine },
      { field: "bias", head: "Bias", type: "text", within: ({ weight_letters: most }) => ({ maxlength: most }), say: (row) => `Bias of layer ${row.name}` },
      { field: "presence", head: "At steps", type: "text", say: (row) => `Steps of layer ${row.name}` },
    ],
  },
  connections: {
    title: "Connections",
    named: (row, position) => `${nth(position)}, ${arrow(row)}`,
    change: "set_connection",
    remove: "remove_connection",
    columns: [
      { field: "source", head: "From", type: "select", say: (row, i) => `Source of ${nth(i)}, ${arrow(row)}`, options: (row, choices) => choices.layer },
      { field: "target", head: "To", type: "select", say: (row, i) => `Target of ${nth(i)}, ${arrow(row)}`, options: (row, choices) => choices.layer },
      { field: "delay", head: "Delay", type: "number", within: ({ delay }) => ({ min: -delay, max: delay }), say: (row, i) => `Delay of ${nth(i)}, ${arrow(row)}` },
      { field: "kind", head: "Kind", type: "select", say: (row, i) => `Kind of ${nth(i)}, ${arrow(row)}`, options: (row, choices) => choices.kind },
      { field: "weight", head: "Weight", type: "text", within: ({ weight_letters: most }) => ({ maxlength: most }), say: (row, i) => `Weight of ${nth(i)}, ${arrow(row)}` },
    ],
  },
};

class Table {
  constructor(parent, kind, limits, send, removed) {
    Object.assign(this, { kind, limits, send, removed, rows: [] });
    const table = element("table", {}, parent);
    element("caption", {}, table).textContent = kind.title;
    const head = element("tr", {}, element("thead", {}, table));
    for (const column of kind.columns) element("th", { scope: "col", class: column.field }, head).textContent = column.head;
    element("td", { class: "removes" }, head);
    this.body = element("tbody", {}, table);
  }

  show(rows, choices) {
    if (rows.length !== this.rows.length) for (const { cells } of this.rows) for (const cell of cells) cell.accept();
    while (this.rows.length > rows.length) this.#drop(this.rows.pop());
    while (this.rows.length < rows.length) this.rows.push(this.#row(this.rows.length));
    rows.forEach((row, position) => {
      const { line, cells, remove } = this.rows[position];
      line.classList.toggle("offending", Boolean(row.is_offending));
      for (const cell of cells) cell.show(row, position, choices);
      put(remove, "ariaLabel", `Remove ${this.kind.named(row, position)}`);
    });
  }

  // Rows after the removed one move up; the focus stays where the hand is.
  focus(position) {
    const near = this.rows[Math.min(position, this.rows.length - 1)];
    near?.remove.focus();
    return Boolean(near);
  }

  #row(position) {
    const line = element("tr", {}, this.body);
    const cells = this.kind.columns.map((column) => {
      const place = element("td", { "data-head": column.head, class: column.field }, line);
      return new Cell(place, column, this.limits, (value, cell) => this.send({ do: this.kind.change, at: position, field: column.field, value }, cell, (sentence) => this.#note(position, sentence)));
    });
    const remove = element("button", { type: "button", class: "remove", title: "Remove" }, element("td", { class: "removes" }, line));
    remove.textContent = "×";
    remove.addEventListener("click", () => this.removed(this, position));
    return { line, cells, remove };
  }

  #note(position, sentence) {
    const row = element("tr", { class: "refused" });
    element("td", { colspan: this.kind.columns.length + 1 }, row).textContent = sentence;
    this.rows[position]?.line.after(row);
    return row;
  }

  #drop({ line, cells }) {
    for (const cell of cells) cell.accept();
    line.remove();
  }
}
