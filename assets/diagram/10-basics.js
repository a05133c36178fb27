// Small tools without any knowledge of networks: numbers, elements, colours.

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const lerp = (from, to, share) => from + (to - from) * share;
const smooth = (share) => share * share * (3 - 2 * share);
const span = (value, from, to) => clamp((value - from) / (to - from), 0, 1);
const round = (value) => Math.round(value * 10) / 10;

function svg(name, attributes = {}, parent = null) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
}

function html(name, attributes = {}, parent = null) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.append(element);
  return element;
}

// Writing an attribute costs a style recalculation even when nothing changed, so remember what was written.
function put(element, name, value) {
  const written = (element.written ??= {});
  if (written[name] === value) return;
  written[name] = value;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

function show(element, visible) {
  put(element, "display", visible ? null : "none");
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function readFloats(base64) {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Float32Array(bytes.buffer);
}

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

function luminance([red, green, blue]) {
  const linear = [red, green, blue].map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

// A colour scale as a table: painting looks up one of 255 strings instead of mixing colours.
class ColourScale {
  constructor(stops) {
    const colours = stops.map(channels);
    this.table = Array.from({ length: 255 }, (_, index) => {
      const place = (index / 254) * (colours.length - 1);
      const low = Math.min(Math.floor(place), colours.length - 2);
      return colours[low].map((channel, i) => Math.round(lerp(channel, colours[low + 1][i], place - low)));
    });
    this.strings = this.table.map((rgb) => `rgb(${rgb.join(",")})`);
    this.darkInk = this.table.map((rgb) => luminance(rgb) > 0.179);
  }

  index(share) {
    return Number.isFinite(share) ? Math.round(clamp(share, 0, 1) * 254) : 127;
  }

  at(share) {
    return this.strings[this.index(share)];
  }

  // Black or white: whichever can be read on the colour at this place.
  inkOn(share) {
    return this.darkInk[this.index(share)] ? "#000000" : "#ffffff";
  }
}

const graphemes = (text) =>
  typeof Intl !== "undefined" && Intl.Segmenter
    ? Array.from(new Intl.Segmenter().segment(text), (part) => part.segment)
    : Array.from(text);

const ruler = document.createElement("canvas").getContext("2d");

// The longest beginning of a user's word that fits, never cutting a letter or an emoji in half.
function ellipsise(text, width, font) {
  ruler.font = font;
  if (ruler.measureText(text).width <= width) return text;
  const parts = graphemes(text.length > 200 ? text.slice(0, 200) : text);
  let kept = parts.length;
  while (kept > 1 && ruler.measureText(`${parts.slice(0, kept).join("")}…`).width > width) kept -= 1;
  return `${parts.slice(0, kept).join("")}…`;
}

function textWidth(text, font) {
  ruler.font = font;
  return ruler.measureText(text).width;
}

// A symbol with subscript and superscript, one above the other, in one text element.
function setSymbol(element, [base, sub = "", wideSup = ""], size) {
  const sup = tight(wideSup);
  const key = `${base}|${sub}|${sup}`;
  if (element.symbol === key) return;
  element.symbol = key;
  element.replaceChildren();
  const part = (text, attributes) => (svg("tspan", attributes, element).textContent = text);
  part(base, {});
  if (sup) part(sup, { class: "sub", dy: round(-0.42 * size) });
  if (!sub) return;
  const back = sup ? { dx: round(-indexWidth(sup, size)) } : {};
  part(sub, { class: "sub", dy: round((sup ? 0.7 : 0.25) * size), ...back });
}

const INDEX_SHARE = 0.8; // of the letter's size

function indexWidth(text, size) {
  ruler.font = `${INDEX_SHARE * size}px serif`;
  return ruler.measureText(text).width;
}

// Marks in a superscript stand close together.
const tight = (text) => text.replaceAll(" ", "\u200a");

// Of a letter with its indices one above the other, in pixels, about.
function symbolWidth([base, sub, sup], size) {
  ruler.font = `italic ${size}px serif`;
  return ruler.measureText(base).width + Math.max(indexWidth(sub, size), indexWidth(tight(sup), size));
}

const SIGNIFICANT = 3;

function numeral(value) {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (value === 0) return "0";
  const text = size < 1e-3 || size >= 1e5 ? value.toExponential(SIGNIFICANT - 1) : value.toPrecision(SIGNIFICANT);
  return minus(text);
}

const minus = (text) => text.replace(/-/g, "−");
