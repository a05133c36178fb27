// What is said to Python, and what is kept in the page's address.

const THROTTLE = 170; // milliseconds between reports while something runs or is dragged

// Python's answers come back late. A value that was sent from here is an echo, not news.
class Reporter {
  constructor(component) {
    this.component = component;
    this.link = new Link();
    this.sent = {};
    this.received = {};
    this.waiting = {};
    this.last = {};
  }

  now(name, value) {
    clearTimeout(this.waiting[name]);
    delete this.waiting[name];
    const queue = (this.sent[name] ??= []);
    if (sameValue(this.last[name], value)) return;
    this.last[name] = value;
    queue.push(value);
    this.link.keep(name, value);
    this.component.setStateValue(name, value);
  }

  // Something was done, once; it is no state that could be kept.
  happened(name, value) {
    this.component.setTriggerValue(name, value);
  }

  soon(name, value) {
    this.next = { ...this.next, [name]: value };
    this.waiting[name] ??= setTimeout(() => {
      delete this.waiting[name];
      this.now(name, this.next[name]);
    }, THROTTLE);
  }

  isNews(name, value) {
    const first = !(name in this.received);
    const unchanged = !first && sameValue(this.received[name], value);
    this.received[name] = value;
    if (unchanged) return false;
    const queue = this.sent[name] ?? [];
    const at = queue.findIndex((sent) => sameValue(sent, value));
    this.sent[name] = at < 0 ? [] : queue.slice(at + 1);
    if (at < 0) this.last[name] = value;
    return at < 0;
  }

  stop() {
    for (const timer of Object.values(this.waiting)) clearTimeout(timer);
  }
}

const sameValue = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

// What the diagram itself changes is kept in the link, so that reloading or sending it shows the same picture.
// The scene's address says under which name: {"cursor": "t", "selected": "node"}.
class Link {
  constructor() {
    this.address = {};
    this.values = new Map();
  }

  keep(name, value) {
    this.values.set(name, value);
    this.write();
  }

  // Streamlit rebuilds the address from its own copy now and then, so this is repeated with every new scene.
  write() {
    const parameters = [...this.values].filter(([name]) => name in this.address);
    if (!parameters.length) return;
    try {
      const url = new URL(location.href);
      for (const [name, value] of parameters) {
        const text = value !== null && typeof value === "object" ? value.layer : value;
        if (text === null) url.searchParams.delete(this.address[name]);
        else url.searchParams.set(this.address[name], text);
      }
      if (url.href !== location.href) history.replaceState(history.state, "", url);
    } catch {
      // A page without an address of its own, such as an exported file, has nothing to keep.
    }
  }
}
