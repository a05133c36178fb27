// Where the amount of each node is written in an open cell: beside it, where it touches least.

const AMOUNT_HEIGHT = 15;
const AMOUNT_SHARE = 6; // pixels of a cell's width within which the places stay

// Offsets from the middle of a node, the ones that look best first.
function amountSpots(rx, ry) {
  const [right, left, above, below] = [rx + 2, -rx - 2, -ry - 4, ry + 14];
  return [
    { dx: 0, dy: below, anchor: "middle" },
    { dx: rx * 0.5, dy: below - 2, anchor: "start" },
    { dx: -rx * 0.5, dy: below - 2, anchor: "end" },
    { dx: right, dy: ry * 0.9, anchor: "start" },
    { dx: left, dy: ry * 0.9, anchor: "end" },
    { dx: right, dy: -ry * 0.3, anchor: "start" },
    { dx: left, dy: -ry * 0.3, anchor: "end" },
    { dx: rx * 0.5, dy: above + 2, anchor: "start" },
    { dx: -rx * 0.5, dy: above + 2, anchor: "end" },
    { dx: 0, dy: above, anchor: "middle" },
  ];
}

function amountBox({ x, y }, { dx, dy, anchor }, width) {
  const left = x + dx - { start: 0, middle: width / 2, end: width }[anchor];
  return { left, right: left + width, top: y + dy - AMOUNT_HEIGHT + 3, bottom: y + dy + 3 };
}

const overlap = (a, b) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));

class Amounts {
  constructor(cell) {
    this.cell = cell;
    this.plans = new Map();
  }

  // One place for each layer in an open cell of this width; widths: of the longest amounts.
  at(width, widths) {
    const share = Math.round(width / AMOUNT_SHARE);
    const key = `${share}|${widths.join()}`;
    if (!this.plans.has(key)) this.plans.set(key, this.#plan(share * AMOUNT_SHARE, widths));
    return this.plans.get(key);
  }

  #plan(width, widths) {
    const { scene } = this.cell;
    const nodes = scene.layers.map((_, i) => this.cell.place(i, width, 1));
    const taken = nodes.map(({ x, y, rx, ry }) => ({ left: x - rx, right: x + rx, top: y - ry, bottom: y + ry }));
    const points = this.#lines(width, nodes);
    return nodes.map((node, i) => {
      let [best, least] = [null, Infinity];
      amountSpots(node.rx, node.ry).forEach((spot, rank) => {
        const box = amountBox(node, spot, widths[i]);
        const crossed = points.filter(({ x, y }) => x > box.left && x < box.right && y > box.top && y < box.bottom).length;
        const outside = Math.max(0, -box.left) + Math.max(0, box.right - width);
        const beside = [-width, 0, width].map((shift) => ({ ...box, left: box.left + shift, right: box.right + shift })); // its copies in the next cells
        const covered = beside.reduce((sum, copy) => sum + taken.reduce((area, other) => area + overlap(copy, other), 0), 0);
        const cost = 2 * covered + 12 * crossed + 3 * outside + 4 * rank;
        if (cost < least) [best, least] = [spot, cost];
      });
      taken.push(amountBox(node, best, widths[i]));
      return { ...best, dx: round(best.dx), dy: round(best.dy) };
    });
  }

  // Points on everything that is drawn in a cell between two like it.
  #lines(width, nodes) {
    const { scene, routes, radius } = this.cell;
    const end = (layer, slice) => ({ t: slice, node: { ...nodes[layer], x: nodes[layer].x + slice * width }, left: slice * width, right: (slice + 1) * width });
    const curves = routes.flatMap((route) => {
      const { source, target, delay } = route.connection;
      if (delay === 0) return [directCurve(nodes[source], nodes[target], route.bow.map((share) => share * width))];
      return [delayedCurve(route, end(source, -delay), end(target, 0), 1, radius), delayedCurve(route, end(source, 0), end(target, delay), 1, radius)];
    });
    return curves.flatMap((curve) => Array.from({ length: 33 }, (_, i) => curve.at(i / 32)));
  }
}
