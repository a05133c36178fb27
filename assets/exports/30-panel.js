// The component: a line for each picture that is on the page now.

const WAYS = { PNG: asPng, SVG: asSvg };
const panels = new WeakMap();

class Panel {
  constructor(component) {
    this.root = document.createElement("div");
    this.root.className = "pictures";
    this.list = document.createElement("ul");
    this.status = document.createElement("p");
    this.status.setAttribute("role", "status");
    this.root.append(this.list, this.status);
    component.parentElement.append(this.root);
    this.update(component);
    this.watch();
  }

  update(component) {
    this.component = component;
    this.list.replaceChildren(...component.data.pictures.filter(found).map((picture) => this.line(picture)));
    if (!this.list.children.length) this.say("There is no picture on this page at the moment.");
    else if (this.status.textContent.startsWith("There is no")) this.say("");
  }

  line(picture) {
    const line = document.createElement("li");
    const label = document.createElement("span");
    label.textContent = picture.label;
    line.append(label);
    const isSketch = found(picture) instanceof HTMLCanvasElement;
    for (const [kind, make] of Object.entries(WAYS)) {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: kind, disabled: isSketch && kind === "SVG" });
      button.setAttribute("aria-label", `${kind}: ${picture.label}`);
      if (button.disabled) button.title = "While it changes it is painted in pixels; pause the run for an SVG.";
      button.addEventListener("click", () => this.take(picture, kind, make));
      line.append(button);
    }
    if (isSketch) line.append(Object.assign(document.createElement("small"), { textContent: "SVG once the run rests" }));
    return line;
  }

  async take(picture, kind, make) {
    const shown = found(picture);
    if (!shown) return this.say("That picture is not on the page any more.");
    const name = `${picture.file}.${kind.toLowerCase()}`;
    try {
      save(await make(shown), name);
      this.say(`Saved as ${name}.`);
    } catch (error) {
      this.say(`${name} could not be made: ${error.message ?? error}.`);
    }
  }

  say(text) {
    this.status.textContent = text;
  }

  // Whoever comes back from the page finds here what is on it now.
  watch() {
    const host = this.component.parentElement.host ?? this.component.parentElement;
    this.box = host.closest('[class*="st-key-exports"]') ?? host;
    this.away = false;
    this.left = ({ target }) => {
      if (!this.box.contains(target)) this.away = true;
    };
    this.back = () => {
      if (!this.away) return;
      this.away = false;
      this.component.setTriggerValue("came", true);
    };
    for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, this.left, true);
    for (const type of ["pointerenter", "focusin"]) this.box.addEventListener(type, this.back);
  }

  remove() {
    for (const type of ["pointerdown", "keydown"]) document.removeEventListener(type, this.left, true);
    for (const type of ["pointerenter", "focusin"]) this.box.removeEventListener(type, this.back);
    this.root.remove();
  }
}

export default function (component) {
  const { parentElement } = component;
  const standing = panels.get(parentElement);
  if (standing) standing.update(component);
  else panels.set(parentElement, new Panel(component));
  return () => {
    panels.get(parentElement)?.remove();
    panels.delete(parentElement);
  };
}
