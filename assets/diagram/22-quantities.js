// What copies and arrows are painted with: numbers, the scale that makes colours, widths and words of them.
// A node is read as {units, colour, ink, text, state}, an arrow as {waiting, colour, width, state}.

// Values of units, on a diverging scale about 0.
class Values {
  constructor(scene, data) {
    this.scene = scene;
    this.scale = data.scale || 1;
    const read = (packed) => scene.layers.map(({ name }) => (packed && Object.hasOwn(packed, name) ? readFloats(packed[name]) : null));
    [this.all, this.initial] = [read(data.values), read(data.initial)];
  }

  // The values of one copy (t = 0: the initial state), or null where Python has sent none.
  vector(layer, t) {
    const { size } = this.scene.layers[layer];
    if (t === 0) return this.initial[layer];
    const all = this.all[layer];
    return all && t * size <= all.length ? all.subarray((t - 1) * size, t * size) : null;
  }

  initialValues(layer) {
    return this.initial[layer];
  }

  node(layer, t, look) {
    if (this.scene.layers[layer].role === "loss") return null; // an error has a scale of its own: its bars stand below
    const units = this.vector(layer, t);
    if (!units) return null;
    const average = mean(units);
    if (!Number.isFinite(average)) return units.some(Number.isFinite) ? { units } : { state: "absent" };
    const share = this.share(average);
    return { units, colour: look.diverging.at(share), ink: look.diverging.inkOn(share) };
  }

  share(value) {
    return (value / this.scale + 1) / 2;
  }

  link() {
    return null;
  }

  lines(layer, t, unitByUnit) {
    const vector = this.vector(layer, t);
    return vector ? vectorLines(vector, unitByUnit) : [];
  }

  get waitingPhrase() {
    return "not yet computed";
  }
}

// Norms of gradients, on a sequential scale of decades: colour at nodes, colour and thickness along arrows.
class Flows {
  static WIDTH = { least: 1, most: 7 };

  constructor(scene, data, values) {
    Object.assign(this, data, { scene, values });
    this.at = scene.layers.map(({ name }) => (Object.hasOwn(data.nodes, name) ? readFloats(data.nodes[name]) : null));
    this.along = data.links.map(readFloats);
    this.widths = this.at.map((norms) => Math.max(8, ...Array.from(norms ?? [], (norm) => (Number.isFinite(norm) ? writtenWidth(powerOfTen(norm)) : 0))));
  }

  // log₁₀ of the norm: NaN absent, −∞ exactly zero, undefined unknown.
  norm(layer, t) {
    return this.at[layer]?.[t];
  }

  share(norm) {
    return clamp((norm - this.low) / (this.high - this.low), 0, 1);
  }

  node(layer, t, look) {
    const norm = this.norm(layer, t);
    if (Number.isNaN(norm)) return { state: "absent" };
    if (norm === -Infinity) return { state: this.#isBehindCut(layer, t) ? "truncated" : "zero", text: "0" };
    if (this.scene.layers[layer].role === "loss") return { state: "source", text: norm ? powerOfTen(norm) : "" }; // ∂L/∂E is 1
    if (norm === undefined) return null;
    const share = this.share(norm);
    return { colour: look.sequential.at(share), ink: look.sequential.inkOn(share), text: powerOfTen(norm) };
  }

  initialValues(layer) {
    return this.values?.initialValues(layer) ?? null;
  }

  // Is it the cut that keeps gradient away? Not where an error on this side of it could have sent some.
  #isBehindCut(layer, t) {
    const { scene } = this;
    const boundary = Math.min(...scene.cuts.filter((step) => step >= t));
    if (boundary === Infinity) return false;
    const sends = ({ index, role }, step) =>
      role === "loss" && scene.reach[layer][index] && scene.present(index, step, scene.data.steps) && !(this.norm(index, step) === -Infinity || Number.isNaN(this.norm(index, step)));
    for (let step = Math.max(1, t); step <= boundary; step += 1) if (scene.layers.some((other) => sends(other, step))) return false;
    return true;
  }

  // An arrow is known when the gradient has run along it from the target to the source.
  link(connection, t, { cursor, steps }, look) {
    const { scene } = this;
    const from = t - connection.delay;
    const isCut = scene.isCut(connection, t);
    const waiting = !scene.known(connection.target, t, cursor) || !scene.known(connection.source, clamp(from, 1, steps), cursor);
    const norm = this.along[connection.index][t - 1];
    if (isCut && (waiting || !Number.isFinite(norm))) return { state: "cut" };
    if (waiting) return { waiting };
    if (norm === undefined || Number.isNaN(norm)) return { state: "absent" };
    if (norm === -Infinity) return { state: "zero" };
    const share = this.share(norm);
    const state = isCut ? "cut" : ""; // for some errors, not for those from which something arrives
    return { colour: look.stroke(share), width: round(lerp(Flows.WIDTH.least, Flows.WIDTH.most, share)), state };
  }

  lines(layer, t) {
    const { role } = this.scene.layers[layer];
    const symbol = spoken(this.scene.symbol(layer, t));
    const norm = this.norm(layer, t);
    const size = { [-Infinity]: "0 exactly" }[norm] ?? (Number.isFinite(norm) ? tenToThe(norm) : null);
    const found = size === null ? [] : [`${role === "loss" ? `∂L/∂${symbol}` : `‖∂L/∂${symbol}‖`} = ${size}`];
    if (Number.isNaN(norm)) found.push("no gradient here");
    if (norm === -Infinity && this.#isBehindCut(layer, t)) found.push("truncated: nothing passes the cut");
    const vector = t === 0 ? null : this.values?.vector(layer, t);
    return vector ? [...found, `value ${vectorLines(vector)[0]}`] : found;
  }

  get waitingPhrase() {
    return "no gradient has arrived yet";
  }

  // For those who do not see the picture.
  describe(steps) {
    const { scene } = this;
    const found = scene.layers.flatMap(({ index, said, role }) => {
      const present = Array.from({ length: steps }, (_, i) => i + 1).filter((t) => scene.present(index, t, steps) && Number.isFinite(this.norm(index, t)));
      if (role === "loss" || !present.length) return [];
      const ends = [...new Set([present[0], present[present.length - 1]])];
      return [`${said}: ${ends.map((t) => `${tenToThe(this.norm(index, t))} at step ${t}`).join(", ")}`];
    });
    const cuts = scene.cuts.length ? [`Not every error is carried back past ${scene.cuts.length > 1 ? "steps" : "step"} ${scene.cuts.join(", ")}.`] : [];
    return [
      `Colour and thickness show ${this.label} on a logarithmic scale from 10^${this.low} to 10^${this.high}.`,
      ...(found.length ? [`${found.join("; ")}.`] : []), ...cuts,
    ].join(" ");
  }
}

function quantityOf(scene, data) {
  const values = data.values ? new Values(scene, data) : null;
  return data.flows ? new Flows(scene, data.flows, values) : values;
}

// 10^x in the fewest signs that say its size: 0.031, 1.2, 3·10⁻⁴.
function powerOfTen(exponent) {
  if (exponent > -2.3 && exponent < 2.97) return minus(Number((10 ** exponent).toPrecision(2)).toString());
  return scientific(exponent, 1);
}

// With three significant digits.
const tenToThe = (exponent) => (exponent > -3 && exponent < 5 ? numeral(10 ** exponent) : scientific(exponent, SIGNIFICANT));

// Also where 10^x itself would be 0 or infinite.
function scientific(exponent, digits) {
  let whole = Math.floor(exponent);
  let mantissa = (10 ** (exponent - whole)).toFixed(digits - 1);
  if (Number(mantissa) >= 10) [whole, mantissa] = [whole + 1, (1).toFixed(digits - 1)];
  return `${Number(mantissa) === 1 && digits === 1 ? "" : `${mantissa}·`}${decade(whole)}`;
}

// In pixels, about.
const writtenWidth = (text) => Array.from(text, (sign) => (sign >= "0" && sign <= "9" ? 9 : 5.5)).reduce((sum, width) => sum + width, 2);

const decade = (exponent) => `10${superscript(exponent)}`;
const superscript = (number) => Array.from(String(number), (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[sign])).join("");

function mean(vector) {
  let sum = 0;
  for (const value of vector) sum += value;
  return sum / vector.length;
}
