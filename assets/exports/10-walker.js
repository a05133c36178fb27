// What stands on a page as one drawing: elements of a page are walked through and written down as SVG, each where it is
// and as it looks. Drawings are copied with their looks, canvases as images, text letter by letter where it stands.

const SVG = "http://www.w3.org/2000/svg";

// Looks that an element has from its parent unless it says otherwise, and what a drawing begins with.
const INHERITED = {
  "fill": "rgb(0, 0, 0)", "fill-opacity": "1", "fill-rule": "nonzero", "stroke": "none", "stroke-width": "1px", "stroke-opacity": "1",
  "stroke-dasharray": "none", "stroke-dashoffset": "0px", "stroke-linecap": "butt", "stroke-linejoin": "miter", "stroke-miterlimit": "4",
  "font-family": "", "font-size": "", "font-style": "normal", "font-weight": "400", "font-variant-numeric": "normal", "letter-spacing": "normal",
  "text-anchor": "start", "paint-order": "normal", "visibility": "visible", "shape-rendering": "auto", "image-rendering": "auto", "white-space": "normal",
};
const OWN = { "opacity": "1", "dominant-baseline": "auto", "mix-blend-mode": "normal", "stop-color": "rgb(0, 0, 0)", "stop-opacity": "1", "transform": "none" };
const DEFINITIONS = "defs, clipPath, linearGradient, radialGradient, marker, mask, pattern, style, title, desc";
const UNSEEN = ".hidden-text, .tip, .more, .modebar-container, .dragcover, script, style";

const number = (value) => String(Math.round(value * 100) / 100);

function make(name, attributes, parent) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, typeof value === "number" ? number(value) : value);
  parent?.append(element);
  return element;
}

// color(srgb 0.1 0.2 0.3 / 0.5) is for browsers; every other program reads rgb() and rgba().
function plainColour(text) {
  return text.replace(/color\(srgb ([\d.e+-]+) ([\d.e+-]+) ([\d.e+-]+)(?: \/ ([\d.e+-]+))?\)/g, (_, r, g, b, a) => {
    const whole = [r, g, b].map((share) => Math.round(255 * Number(share))).join(", ");
    return a === undefined ? `rgb(${whole})` : `rgba(${whole}, ${a})`;
  });
}

const isClear = (colour) => colour === "transparent" || /rgba\(.*, 0\)$/.test(colour);

class Walker {
  constructor(box) {
    this.box = box;
    this.root = make("svg", { width: box.width, height: box.height, viewBox: `0 0 ${number(box.width)} ${number(box.height)}` });
    this.count = 0;
  }

  // Where something stands in the drawing.
  place(rect) {
    return { x: rect.left - this.box.left, y: rect.top - this.box.top, width: rect.width, height: rect.height };
  }

  walk(element, parent = this.root) {
    if (element.matches(UNSEEN)) return;
    const look = getComputedStyle(element);
    if (look.display === "none" || look.visibility === "hidden" || Number(look.opacity) === 0) return;
    if (element instanceof SVGSVGElement) this.drawing(element, parent);
    else if (element instanceof HTMLCanvasElement) this.bitmap(element, parent);
    else this.boxed(element, look, parent);
  }

  boxed(element, look, parent) {
    const rect = element.getBoundingClientRect();
    if (look.display !== "contents") this.ground(this.place(rect), look, parent);
    const inside = /auto|scroll|hidden|clip/.test(look.overflowX) && rect.width ? this.clipped(rect, parent) : parent;
    for (const child of element.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) this.text(child, look, inside);
      else if (child.nodeType === Node.ELEMENT_NODE) this.walk(child, inside);
    }
  }

  // What does not fit into a box that scrolls is not on the screen.
  clipped(rect, parent) {
    const id = `cut-${(this.count += 1)}`;
    const place = this.place(rect);
    if (place.width <= 1 || place.height <= 1) return make("g", { visibility: "hidden" }, parent);
    make("rect", place, make("clipPath", { id }, this.root));
    return make("g", { "clip-path": `url(#${id})` }, parent);
  }

  ground(place, look, parent) {
    const stops = look.backgroundImage.startsWith("linear-gradient") ? look.backgroundImage.match(/(rgba?|color)\([^)]*\)( [\d.]+%)?/g) : null;
    const border = parseFloat(look.borderTopWidth) || 0;
    const hasBorder = border > 0 && look.borderTopStyle !== "none" && !isClear(look.borderTopColor);
    const hasOutline = look.outlineStyle === "solid" && !isClear(look.outlineColor) && !look.outlineColor.startsWith("auto");
    if (!stops && isClear(look.backgroundColor) && !hasBorder) return;
    let fill = isClear(look.backgroundColor) ? "none" : plainColour(look.backgroundColor);
    if (stops) fill = this.gradient(stops, parent);
    const radius = Math.min(parseFloat(look.borderTopLeftRadius) || 0, place.height / 2);
    const inner = { x: place.x + border / 2, y: place.y + border / 2, width: Math.max(0, place.width - border), height: Math.max(0, place.height - border) };
    const line = hasBorder ? { stroke: plainColour(look.borderTopColor), "stroke-width": border } : hasOutline ? { stroke: plainColour(look.outlineColor) } : {};
    make("rect", { ...inner, rx: radius, fill, ...line }, parent);
  }

  gradient(stops, parent) {
    const id = `scale-${(this.count += 1)}`;
    const scale = make("linearGradient", { id }, parent);
    stops.forEach((stop, i) => {
      const [, colour, share] = /^(.*\))(?: ([\d.]+)%)?$/.exec(stop);
      make("stop", { offset: `${share ?? (100 * i) / (stops.length - 1)}%`, "stop-color": plainColour(colour) }, scale);
    });
    return `url(#${id})`;
  }

  bitmap(canvas, parent) {
    const place = this.place(canvas.getBoundingClientRect());
    if (canvas.width && canvas.height && place.width) make("image", { ...place, href: canvas.toDataURL("image/png"), preserveAspectRatio: "none" }, parent);
  }

  // A line of text for each line on the screen.
  text(node, look, parent) {
    if (!node.data.trim()) return;
    const range = document.createRange();
    const lines = [];
    for (let i = 0; i < node.data.length; i += 1) {
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const [rect] = range.getClientRects();
      if (!rect || !rect.width) continue;
      const last = lines[lines.length - 1];
      const isBlank = !node.data[i].trim();
      if (last && Math.abs(last.top - rect.top) < 2) Object.assign(last, { text: last.text + node.data[i], right: isBlank ? last.right : rect.right });
      else if (!isBlank) lines.push({ top: rect.top, left: rect.left, right: rect.right, height: rect.height, text: node.data[i] });
    }
    const font = `${look.fontStyle} ${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
    measure.font = font;
    const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = measure.measureText("x");
    for (const line of lines) {
      const base = line.top - this.box.top + line.height / 2 + (ascent - descent) / 2;
      const length = { textLength: line.right - line.left, lengthAdjust: "spacingAndGlyphs" }; // as wide in any other font
      const written = make("text", { x: line.left - this.box.left, y: base, fill: plainColour(look.color), ...length }, parent);
      written.setAttribute("style", `font-family: ${look.fontFamily}; font-size: ${look.fontSize}; font-style: ${look.fontStyle}; font-weight: ${look.fontWeight}; font-variant-numeric: ${look.fontVariantNumeric}`);
      written.textContent = line.text.trim();
    }
  }

  drawing(source, parent) {
    const rect = source.getBoundingClientRect();
    const place = this.place(rect);
    const look = getComputedStyle(source);
    const overflow = look.overflowX === "visible" ? "visible" : "hidden";
    const view = source.getAttribute("viewBox");
    const copy = make("svg", { ...place, overflow, ...(view ? { viewBox: view } : {}) }, parent);
    this.children(source, copy, INHERITED);
  }

  children(source, copy, above) {
    const look = getComputedStyle(source);
    const now = this.looks(copy, look, above);
    if (isLine(source)) this.keepWidth(source, copy);
    for (const child of source.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) copy.append(child.data);
      else if (child.nodeType === Node.ELEMENT_NODE) this.part(child, copy, now);
    }
  }

  part(source, parent, above) {
    if (source.matches(DEFINITIONS)) {
      const copy = source.cloneNode(true);
      for (const part of [copy, ...copy.querySelectorAll("*")]) unlink(part);
      parent.append(copy);
      return;
    }
    const look = getComputedStyle(source);
    if (look.display === "none") return;
    const copy = source.cloneNode(false);
    for (const name of ["style", "class", "tabindex", "data-unformatted", "data-math", "pointer-events"]) copy.removeAttribute(name);
    unlink(copy);
    parent.append(copy);
    this.children(source, copy, above);
  }

  // As wide in any other font: what stands beside a text stays beside it.
  keepWidth(source, copy) {
    const width = source.getComputedTextLength();
    if (!width) return;
    copy.setAttribute("textLength", number(width));
    copy.setAttribute("lengthAdjust", "spacingAndGlyphs");
  }

  // Only what differs from the parent is written down.
  looks(copy, look, above) {
    const now = {};
    const written = [];
    for (const name of Object.keys(INHERITED)) {
      now[name] = look.getPropertyValue(name);
      if (now[name] !== above[name]) written.push(`${name}: ${unlinked(plainColour(now[name]))}`);
    }
    for (const [name, usual] of Object.entries(OWN)) {
      const value = look.getPropertyValue(name);
      if (name === "transform" && (copy.hasAttribute("transform") || copy.localName === "svg")) continue;
      if (value !== usual && (!name.startsWith("stop") || copy.localName === "stop")) written.push(`${name}: ${plainColour(value)}`);
    }
    for (const name of Object.keys(INHERITED)) copy.removeAttribute(name);
    if (written.length) copy.setAttribute("style", written.join("; "));
    return now;
  }
}

// A line of a drawing's text: a part of it with a place of its own, or all of it where no part has one.
const isLine = (part) => (part.localName === "tspan" && part.hasAttribute("x")) || (part.localName === "text" && !part.querySelector("tspan[x]"));

const measure = document.createElement("canvas").getContext("2d");

// A reference to another part of the same drawing, without the address of the page.
const unlinked = (text) => text.replace(/url\(["']?[^"')]*#([^"')]+)["']?\)/g, "url(#$1)");

function unlink(element) {
  for (const { name, value } of [...element.attributes]) {
    if (name.startsWith("on")) element.removeAttribute(name);
    else if (value.includes("url(")) element.setAttribute(name, unlinked(value));
  }
}
