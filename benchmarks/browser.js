// Runs in the page before anything else; the measurements call these. The diagram lives in a shadow root.
window.bench = (() => {
  const now = () => performance.now();

  function diagram(root = document) {
    const here = root.querySelector(".unroll-diagram");
    if (here) return here;
    for (const element of root.querySelectorAll("*")) {
      const inside = element.shadowRoot && diagram(element.shadowRoot);
      if (inside) return inside;
    }
    return null;
  }

  // Milliseconds since navigation began, once nothing is missing any more; else false.
  function complete(needed) {
    const app = document.querySelector('[data-testid="stApp"]');
    const done = app
      && app.getAttribute("data-test-script-state") === "notRunning"
      && app.getAttribute("data-test-connection-state") === "CONNECTED"
      && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
      && document.fonts.status === "loaded"
      && diagram()?.dataset.state
      && needed.every((selector) => document.querySelector(selector));
    return done ? now() : false;
  }

  // One entry a frame while `going` holds: the time, and what the diagram shows.
  function record(attribute, going) {
    const element = diagram();
    const frames = [];
    window.benchFrames = null;
    const look = (time) => {
      if (going(element)) frames.push([time, element.dataset[attribute]]);
      else if (frames.length) return void (window.benchFrames = frames);
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  }

  function recordMorph() {
    record("progress", ({ dataset }) => dataset.state === "unfolding");
  }

  function recordDrag() {
    let down = false;
    addEventListener("pointerdown", () => (down = true), { capture: true, once: true });
    addEventListener("pointerup", () => (down = false), { capture: true, once: true });
    record("steps", () => down);
  }

  // From the next key press until equation and table name x_t and a frame with them has been painted.
  function recordKey(t) {
    window.benchDelay = null;
    addEventListener("keydown", ({ timeStamp }) => awaitNumbers(t, timeStamp), { capture: true, once: true });
  }

  function awaitNumbers(t, since) {
    const name = `x_{${t}}`;
    const shown = () => {
      const formulas = [...document.querySelectorAll(".katex-display annotation")].map(({ textContent }) => textContent);
      const heads = [...document.querySelectorAll("table.numbers th")].map(({ dataset }) => dataset.latex ?? "");
      const names = (texts) => texts.filter((text) => text.includes(name)).length;
      return names(formulas) >= 2 && names(heads) >= 1; // the equation, the same side by side, and the table's head
    };
    const painted = () => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => (window.benchDelay = now() - since);
      requestAnimationFrame(() => channel.port2.postMessage(null)); // handled after the frame
    };
    const observer = new MutationObserver(() => {
      if (!shown()) return;
      observer.disconnect();
      painted();
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  }

  return { diagram, complete, recordMorph, recordDrag, recordKey };
})();
