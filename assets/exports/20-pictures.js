// Every picture on the page, as it is on the screen, as a file: one component with two buttons for each picture.

const SCALE = 2; // pixels of a PNG for each of the page's

// Where a picture stands, by the key it was given in Python; Streamlit makes a class of it.
function found({ kind, key }) {
  const name = `st-key-${(kind === "diagram" ? `stage_${key}` : key).trim().replace(/[^a-zA-Z0-9_-]/g, "-")}`;
  const box = document.querySelector(`.${CSS.escape(name)}`) ?? document.querySelector(`.${CSS.escape(`${name}-sketch`)}`);
  if (!box) return null;
  const [picture] = deep(box, kind === "diagram" ? ".unroll-diagram" : ".js-plotly-plot .svg-container, .js-plotly-plot, canvas");
  return picture && picture.getBoundingClientRect().width ? picture : null;
}

// Also inside components, each of which is a tree of its own.
function deep(root, selector) {
  const here = [...root.querySelectorAll(selector)];
  for (const element of root.querySelectorAll("*")) if (element.shadowRoot) here.push(...deep(element.shadowRoot, selector));
  return here;
}

// What can be taken: of a diagram the picture and its key, without the buttons.
function parts(picture) {
  const inside = [".head", ".picture-box"].map((name) => picture.querySelector(`:scope > ${name}`)).filter(Boolean);
  return inside.length ? inside : [picture];
}

function drawn(picture) {
  const shown = parts(picture);
  const rects = shown.map((part) => part.getBoundingClientRect()).filter((rect) => rect.height);
  const [left, top] = [Math.min(...rects.map((r) => r.left)) - MARGIN, Math.min(...rects.map((r) => r.top)) - MARGIN];
  const [right, bottom] = [Math.max(...rects.map((r) => r.right)) + MARGIN, Math.max(...rects.map((r) => r.bottom)) + MARGIN];
  const walker = new Walker({ left, top, width: Math.ceil(right - left), height: Math.ceil(bottom - top) });
  const { width, height } = walker.box;
  make("rect", { x: 0, y: 0, width, height, fill: plainColour(pageColour(picture)) }, walker.root);
  for (const part of shown) walker.walk(part);
  return walker;
}

const MARGIN = 8;

// The first ground that is not clear, from the picture upwards.
function pageColour(picture) {
  let element = picture;
  while (element) {
    const colour = getComputedStyle(element).backgroundColor;
    if (!isClear(colour)) return colour;
    element = element.parentElement ?? element.getRootNode().host;
  }
  return "#ffffff";
}

const written = (root) => `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(root)}\n`;

// A picture that is painted off the page does not see the page's fonts: they go along.
async function fonts(root) {
  const used = new Set([...root.querySelectorAll("[style]")].flatMap((part) => part.style.fontFamily.split(",").map((name) => name.trim().replace(/["']/g, ""))));
  const faces = [];
  for (const sheet of document.styleSheets) {
    let rules = [];
    try {
      rules = [...sheet.cssRules];
    } catch {
      continue; // a sheet that does not belong to the page
    }
    for (const rule of rules) {
      if (!(rule instanceof CSSFontFaceRule) || !used.has(rule.style.fontFamily.replace(/["']/g, ""))) continue;
      const [, address] = /url\(["']?([^"')]+)["']?\)/.exec(rule.style.getPropertyValue("src")) ?? [];
      if (address) faces.push(face(rule, new URL(address, sheet.href ?? location.href).href));
    }
  }
  return (await Promise.all(faces)).join("\n");
}

const kept = new Map();

async function face(rule, address) {
  if (new URL(address).origin !== location.origin && !address.startsWith("data:")) return "";
  if (!kept.has(address)) kept.set(address, fetch(address).then((answer) => answer.blob()).then(asData).catch(() => ""));
  const data = await kept.get(address);
  const more = ["font-weight", "font-style", "unicode-range"].map((name) => [name, rule.style.getPropertyValue(name)]).filter(([, value]) => value);
  return data && `@font-face { font-family: ${rule.style.fontFamily}; src: url(${data}); ${more.map((pair) => pair.join(": ")).join("; ")} }`;
}

function asData(blob) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = reject;
    reader.readAsDataURL(blob);
  });
}

async function asSvg(picture) {
  return new Blob([written(drawn(picture).root)], { type: "image/svg+xml" });
}

async function asPng(picture) {
  const { root, box } = drawn(picture);
  const style = make("style", {}, null);
  style.textContent = await fonts(root);
  root.prepend(style);
  const image = new Image();
  image.src = await asData(new Blob([written(root)], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: box.width * SCALE, height: box.height * SCALE });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
