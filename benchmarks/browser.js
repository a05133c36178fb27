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
  function complete({ needed, hasDiagram }) {
    const app = document.querySelector('[data-testid="stApp"]');
    const done = app
      && app.getAttribute("data-test-script-state") === "notRunning"
      && app.getAttribute("data-test-connection-state") === "CONNECTED"
      && !document.querySelector('[data-testid="stSkeleton"], [data-testid="stAppSkeleton"]')
      && document.fonts.status === "loaded"
      && (!hasDiagram || diagram()?.dataset.state)
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

  // From the next key press until what it asks for is in the page and a frame with it has been painted.
  function recordKey(shown) {
    window.benchDelay = null;
    addEventListener("keydown", ({ timeStamp }) => awaitShown(shown, timeStamp), { capture: true, once: true });
  }

  function awaitShown(shown, since) {
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
    observer.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  }

  const naming = (texts, name) => texts.filter((text) => text.includes(name)).length;
  const formulas = () => [...document.querySelectorAll(".katex-display annotation")].map(({ textContent }) => textContent);
  const heads = () => [...document.querySelectorAll("table.numbers th")].map(({ dataset }) => dataset.latex ?? "");

  // Two formulas and the head of the table of numbers name something.
  function recordNumbers(name) {
    recordKey(() => naming(formulas(), name) >= 2 && naming(heads(), name) >= 1);
  }

  const axisTitles = () => [...document.querySelectorAll(".js-plotly-plot .ytitle")].map(({ textContent }) => textContent);
  const scriptRests = () => document.querySelector('[data-testid="stApp"]').getAttribute("data-test-script-state") === "notRunning";
  const pictures = () => [...document.querySelectorAll(".js-plotly-plot")].map((plot) => plot.querySelector("svg").innerHTML).join();

  // The first axis names the error at another step, every chart has been drawn anew, and all text is there.
  function recordCharts(step) {
    const title = `L${[...String(step)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[digit]).join("")}/`;
    const before = pictures();
    recordKey(() => naming(axisTitles(), title) >= 1 && pictures() !== before && scriptRests());
  }

  // A sentence on the page says this.
  function recordText(text) {
    recordKey(() => document.querySelector('[data-testid="stMain"]').textContent.includes(text));
  }

  function recordPlay() {
    record("cursor", ({ dataset }) => dataset.cursor !== "1");
  }

  return { diagram, complete, recordMorph, recordDrag, recordNumbers, recordCharts, recordText, recordPlay };
})();
