// The geometry of one cell: how large its nodes are, how narrow it may become, where its layers sit
// when it is open and when it is a column, and which way each connection goes around the nodes.

const LANE = 5; // pixels between parallel delayed connections
const LOOP_ROOM = 40; // pixels between the middles of words above one another, for the loops and labels of the lower one
const WIDEST_CELL = 640;
const OPERATOR_SCALE = 0.66;
const ROLE_EXTENT = {
  input: [0.92, 0.92], state: [1, 1], gate: [1.1, 0.92], hidden: [0.92, 0.92], output: [1.18, 0.86], loss: [1.2, 1.2],
};

class Cell {
  constructor(scene) {
    this.scene = scene;
    this.height = scene.cell.height;
    this.across = spreadOut(scene.layers.map(({ x }) => x));
    this.openWidth = scene.cell.width;
    this.radius = this.#fittingRadius();
    this.side = Math.max(this.radius * 1.15, ...scene.layers.map(({ halfWord, index }) => halfWord * 2 * Math.abs(this.across[index])));
    this.routes = scene.connections.map((connection) => ({ kind: routeKind(connection), connection }));
    const buses = this.routes.filter((route) => route.kind === "bus");
    this.overhang = (LANE / 2) * Math.max(0, buses.length - 1); // of its loops, at both sides
    this.gutter = 7 + (LANE / 2) * buses.length;
    this.minWidth = this.#narrowest();
    this.openWidth = Math.max(this.openWidth, this.minWidth * 1.1);
    this.columnY = this.#columnRows();
    buses.forEach((route, i) => this.#planBus(route, i - (buses.length - 1) / 2, buses.length));
    this.#spaceEntries(buses.filter((route) => route.entry === "below"));
    for (const route of this.routes) {
      if (route.kind === "direct") this.#planDirect(route);
      if (route.kind === "arch") this.#planArch(route);
    }
    this.head = 16 + this.#headroom(this.routes);
    this.unrolledHead = 16 + this.#headroom(this.routes.filter((route) => Math.abs(route.connection.delay) > 1));
    this.amounts = new Amounts(this);
  }

  extent(layer, radius = this.radius, openness = 1) {
    const { role, isWord, halfWord, longest } = this.scene.layers[layer];
    if (isBareOperator(this.scene.layers[layer])) return { rx: radius * OPERATOR_SCALE, ry: radius * OPERATOR_SCALE };
    const [wide, high] = ROLE_EXTENT[role] ?? [1, 1];
    const word = openness * ((isWord ? halfWord : longest / 2 + 1.5) / this.radius);
    return { rx: radius * Math.max(wide, word), ry: radius * high };
  }

  openY(layer) {
    return this.radius * 1.2 + (1 - this.scene.layers[layer].y) * (this.height - 2.4 * this.radius);
  }

  // The place of a layer inside a slice of this width; openness 1 = full cell, 0 = column.
  place(layer, width, openness) {
    const spread = Math.max(0, width - 2 * (this.side + this.gutter));
    const radius = lerp(this.columnRadius(width), this.radius, openness);
    return {
      x: width / 2 + this.across[layer] * spread * openness,
      y: lerp(this.columnY[layer], this.openY(layer), openness),
      ...this.extent(layer, radius, openness),
    };
  }

  columnRadius(width) {
    const rows = this.scene.layers.length;
    return clamp(Math.min(width * 0.34, (this.height / rows) * 0.42), 1, this.radius * 0.7);
  }

  #fittingRadius() {
    let gap = 1;
    for (const [a, b] of pairs(this.scene.layers)) {
      const across = Math.abs(this.across[a.index] - this.across[b.index]) * this.openWidth;
      const up = Math.abs(a.y - b.y);
      const words = up * this.height > LOOP_ROOM ? a.halfWord + b.halfWord + 8 : 0; // nearer ones stand side by side
      if (across < Math.max(60, words) && up > 0) gap = Math.min(gap, up);
    }
    const share = 0.31 * gap; // of the way from one row to the next, which itself shrinks as nodes grow
    return clamp((share * this.height) / (1 + 2.4 * share), 13, 20);
  }

  // The least width at which no two neighbours in a row touch.
  #narrowest() {
    let spread = 0;
    for (const [a, b] of pairs(this.scene.layers)) {
      const sameRow = Math.abs(a.y - b.y) * this.height < Math.max(2.2 * this.radius, a.halfWord || b.halfWord ? LOOP_ROOM : 0);
      const across = Math.abs(this.across[a.index] - this.across[b.index]);
      const wide = Math.max(2.4 * this.radius, this.extent(a.index).rx + this.extent(b.index).rx) + 8;
      if (sameRow && across > 0.02) spread = Math.max(spread, wide / across);
    }
    const word = Math.max(...this.scene.layers.map(({ halfWord }) => halfWord));
    return Math.max(2 * word, Math.min(WIDEST_CELL, spread) + 2 * this.side) + 2 * this.gutter;
  }

  // In a column every layer needs a row of its own; keep the open heights where they already differ.
  #columnRows() {
    const open = this.scene.layers.map((_, i) => this.openY(i));
    const crowded = [...pairs(open)].some(([a, b]) => Math.abs(a - b) < Math.min(14, (this.height / open.length) * 0.8));
    if (!crowded) return open;
    const ranked = open.map((y, i) => i).sort((a, b) => open[a] - open[b] || this.scene.layers[a].x - this.scene.layers[b].x);
    const rows = new Array(open.length);
    ranked.forEach((layer, rank) => (rows[layer] = ((rank + 0.5) / open.length) * this.height));
    return rows;
  }

  #openPlace(layer) {
    return this.place(layer, this.openWidth, 1);
  }

  #others(...layers) {
    return this.scene.layers.map((_, i) => i).filter((i) => !layers.includes(i)).map((i) => this.#openPlace(i));
  }

  // A delayed connection between different layers runs in lanes: out of the source's side, along the gutter
  // between two slices, into the target's side. Where a neighbour stands in the way it enters from below, or, at an
  // operator, hooks around the neighbour through the lane between two rows to the operator's own side.
  #planBus(route, lane, count) {
    const { source, target, delay } = route.connection;
    const [from, to] = [this.#openPlace(source), this.#openPlace(target)];
    const ahead = Math.sign(delay);
    const blocks = (node, side) => (other) =>
      Math.abs(other.y - node.y) < node.ry + other.ry * 0.8 && (other.x - node.x) * side > 0;
    route.lane = lane * LANE;
    route.exitAbove = this.#others(source).some(blocks(from, ahead));
    const blocked = this.#others(target).some(blocks(to, -ahead));
    route.entry = !blocked ? "side" : isBareOperator(this.scene.layers[target]) ? "hook" : "below";
    route.entryDy = route.entry === "side" ? this.#entryShift(route.connection) : 0;
    if (route.entry === "hook") {
      route.hookBy = this.#hookLane(target, Math.sign(from.y - to.y) || -1);
      route.hookOut = this.#hookOut(target, -ahead);
    }
    route.crossY = this.#crossing(Math.min(from.y, to.y), count);
  }

  // How far beside the target it may turn towards it: in the middle between the target and its neighbour in a narrow cell.
  #hookOut(target, side) {
    const nodes = this.scene.layers.map((_, i) => this.place(i, this.minWidth, 1));
    const to = nodes[target];
    const gaps = nodes.filter((node) => (node.x - to.x) * side > 0 && Math.abs(node.y - to.y) < node.ry + to.ry).map((node) => Math.abs(node.x - to.x) - node.rx - to.rx - 2);
    return clamp(Math.min(...gaps) / 2, 3, HOOK);
  }

  // The middle of a free lane beside the target's row, as a distance from the target: on the source's side if it can be.
  #hookLane(target, side) {
    const to = this.#openPlace(target);
    const row = this.#others(target).filter((other) => Math.abs(other.y - to.y) < other.ry);
    const near = Math.max(to.ry, ...row.map((other) => other.ry + Math.abs(other.y - to.y))) + 6;
    const room = (way) => Math.min(...this.#others(target).map((other) => (other.y - to.y) * way - other.ry).filter((gap) => gap > 0));
    return near + 3 < room(side) || room(-side) < room(side) ? side * near : -side * near;
  }

  // Connections that enter a row from below share the room down to the next row.
  #spaceEntries(routes) {
    routes.forEach((route, i) => {
      const to = this.#openPlace(route.connection.target);
      const below = this.#others(route.connection.target).map((other) => other.y - other.ry - to.y - to.ry).filter((gap) => gap > 0);
      const room = Math.min(40, ...below) - 3;
      route.belowBy = 8 + i * Math.min(4, Math.max(0, room - 8) / Math.max(1, routes.length - 1));
    });
  }

  // Arrows that enter the same side of a node keep apart: those from above come in higher.
  #entryShift({ target, source, delay }) {
    const rivals = this.scene.delayed.filter((other) => other.target === target && Math.sign(other.delay) === Math.sign(delay));
    if (rivals.length < 2) return 0;
    return Math.sign(this.openY(source) - this.openY(target)) * this.radius * 0.45;
  }

  // The lowest free height above both ends at which a folded connection can cross the cell.
  #crossing(top, lanes) {
    const levels = [...new Set(this.scene.layers.map((_, i) => Math.round(this.openY(i))))].filter((y) => y <= top + 1);
    levels.sort((a, b) => b - a);
    for (let i = 0; i + 1 < levels.length; i += 1) {
      if (levels[i] - levels[i + 1] > 2.2 * this.radius + 26) return (levels[i] + levels[i + 1]) / 2;
    }
    return -12 - (LANE / 2) * lanes;
  }

  // How far a loop's control points stand above its ends: its top (¾ of that) clears the node and stays below the
  // next one if it can; longer delays reach higher. Between slices (`far`) it passes below whatever stands higher.
  #planArch(route) {
    const { source, delay } = route.connection;
    const { x, y, ry } = this.#openPlace(source);
    const above = this.#others(source).filter((other) => other.y + other.ry < y - ry);
    const roomBelow = (nodes) => Math.min(40, ...nodes.map((other) => y - ry - other.y - other.ry));
    const longest = Math.max(...this.scene.delayed.filter((other) => other.source === source && other.target === source).map((other) => Math.abs(other.delay)));
    const width = this.radius * 1.6 + 12 * longest; // of the loop at either side
    const room = roomBelow(above.filter((other) => Math.abs(other.x - x) < 0.5 * width + other.rx)) - 6;
    const spread = 14 * (longest - 1); // from the innermost loop to the outermost
    const outermost = clamp(room, 5, 19 + spread);
    const rise = outermost - Math.min(spread, outermost - 4) * (longest > 1 ? (longest - Math.abs(delay)) / (longest - 1) : 0);
    const start = ry * Math.sin(ARCH_TILT[Math.abs(delay) > 1 ? "far" : "near"]);
    route.lift = (ry - start + rise) / 0.75;
    route.farLift = (ry - start + clamp(roomBelow(above) / 2, 3, 10)) / 0.75;
  }

  // A direct connection bows sideways when the straight way would run through a node, in a narrow cell or a wide one.
  #planDirect(route) {
    const { source, target } = route.connection;
    const shares = (bow) => bow.map((lean) => lean / this.openWidth);
    const widths = [this.minWidth, this.openWidth].map((width) => ({ width, nodes: this.scene.layers.map((_, i) => this.place(i, width, 1)) }));
    let least = Infinity;
    for (const bow of BOWS) {
      const lean = leaning(bow);
      if (lean >= least) break; // they are tried in this order
      let hits = 0;
      for (const { width, nodes } of widths) {
        const curve = directCurve(nodes[source], nodes[target], shares(bow).map((share) => share * width));
        hits += touches(curve, nodes.filter((_, i) => i !== source && i !== target), width);
      }
      if (500 * hits + lean < least) [least, route.bow] = [500 * hits + lean, shares(bow)];
    }
  }

  // What these connections need above the cell.
  #headroom(routes) {
    const highest = routes.map((route) => {
      if (route.kind === "bus") return Math.max(0, -(route.crossY - Math.abs(route.lane)));
      if (route.kind !== "arch") return 0;
      return Math.max(0, route.lift * 0.75 + 10 - this.openY(route.connection.source));
    });
    return Math.max(0, ...highest);
  }
}

const isBareOperator = ({ operator, role }) => Boolean(operator) && role !== "state" && role !== "output";

// How far a direct connection may lean sideways at its two ends, in pixels.
const LEANS = [0, 8, 16, 24, 34, 46, 60, 80, 110, 150].flatMap((lean) => (lean ? [lean, -lean] : [0]));
const leaning = ([start, end]) => Math.abs(start) + Math.abs(end) + Math.abs(start - end) / 2;
const BOWS = LEANS.flatMap((start) => LEANS.map((end) => [start, end])).sort((a, b) => leaning(a) - leaning(b));
const CLEARANCE = 3;

// At how many of its points a curve runs through a node or out of its cell.
function touches(curve, nodes, width) {
  let count = 0;
  for (let i = 1; i < 24; i += 1) {
    const { x, y } = curve.at(i / 24);
    if (x < 0 || x > width || nodes.some((node) => Math.abs(node.x - x) < node.rx + CLEARANCE && Math.abs(node.y - y) < node.ry + CLEARANCE)) count += 1;
  }
  return count;
}

// Places 0…1 as Python gives them, stretched so that the cell's width is used: −½ … ½ around the middle.
function spreadOut(places) {
  const [least, most] = [Math.min(...places), Math.max(...places)];
  return places.map((x) => (most > least ? (x - least) / (most - least) - 0.5 : 0));
}

const routeKind = ({ source, target, delay }) => (delay === 0 ? "direct" : source === target ? "arch" : "bus");

function* pairs(list) {
  for (let i = 0; i < list.length; i += 1) for (let j = i + 1; j < list.length; j += 1) yield [list[i], list[j]];
}
