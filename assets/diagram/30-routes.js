// Paths. A delayed connection is drawn by one function whatever the fold: `reach` 0 is the loop of the
// folded cell, 1 the arrow between two slices, and everything between is the same arrow on its way.

function cubic(p0, c1, c2, p3) {
  return {
    d: `M${round(p0.x)} ${round(p0.y)}C${round(c1.x)} ${round(c1.y)} ${round(c2.x)} ${round(c2.y)} ${round(p3.x)} ${round(p3.y)}`,
    end: p3,
    angle: Math.atan2(p3.y - c2.y, p3.x - c2.x),
    at(t) {
      const [a, b, c, e] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
      return { x: a * p0.x + b * c1.x + c * c2.x + e * p3.x, y: a * p0.y + b * c1.y + c * c2.y + e * p3.y };
    },
  };
}

// The arrow head is an open chevron in the same path, so an edge is one element.
function arrow({ d, end, angle }, size = 5.5) {
  const wing = (turn) => `${round(end.x - size * Math.cos(angle + turn))} ${round(end.y - size * Math.sin(angle + turn))}`;
  return `${d}M${wing(0.55)}L${round(end.x)} ${round(end.y)}L${wing(-0.55)}`;
}

const CUT_GAP = 5; // pixels between the two bars where an arrow is cut
const CUT_BAR = 6;

// The same curve, drawn so many pixels wide, cut open in its middle, with a short bar across both ends.
function cutOpen(curve, width) {
  const [from, to] = [curve.at(0), curve.end];
  const half = clamp((width + CUT_GAP) / 2 / Math.hypot(to.x - from.x, to.y - from.y), 0.04, 0.25);
  const ends = [0.5 - half, 0.5 + half];
  const part = (from, to) =>
    Array.from({ length: 17 }, (_, i) => curve.at(lerp(from, to, i / 16))).map(({ x, y }, i) => `${i ? "L" : "M"}${round(x)} ${round(y)}`).join("");
  const bar = (share) => {
    const [before, place, after] = [share - 0.02, share, share + 0.02].map((at) => curve.at(at));
    const length = Math.hypot(after.x - before.x, after.y - before.y) || 1;
    const reach = (CUT_BAR + width / 2) / length;
    const [x, y] = [(before.y - after.y) * reach, (after.x - before.x) * reach];
    return `M${round(place.x - x)} ${round(place.y - y)}L${round(place.x + x)} ${round(place.y + y)}`;
  };
  return { ...curve, d: `${part(0, ends[0])}${part(ends[1], 1)}${ends.map(bar).join("")}` };
}

// Upwards between two layers of one slice; sideways when they stand side by side.
function directCurve(from, to, [leanOut, leanIn] = [0, 0]) {
  const up = to.y < from.y ? 1 : -1;
  const gap = Math.abs(from.y - to.y) - from.ry - to.ry;
  if (gap < 4) {
    const side = Math.sign(to.x - from.x) || 1;
    const start = { x: from.x + side * from.rx, y: from.y };
    const end = { x: to.x - side * (to.rx + 2), y: to.y };
    const pull = Math.abs(end.x - start.x) * 0.4 * side;
    return cubic(start, { x: start.x + pull, y: start.y }, { x: end.x - pull, y: end.y }, end);
  }
  const start = { x: from.x, y: from.y - up * from.ry };
  const end = { x: to.x, y: to.y + up * (to.ry + 2) };
  const pull = gap * (leanOut || leanIn ? 0.36 : 0.45) * up;
  return cubic(start, { x: start.x + leanOut, y: start.y - pull }, { x: end.x + leanIn, y: end.y + pull }, end);
}

const ARCH_TILT = { near: 0.3, far: 0.75 }; // where a loop leaves its node, in radians above the horizontal

// A layer that reads itself: a loop over the node which opens into the arrow to the next slice. An arrow over more
// than one slice stays arched, to clear the nodes between.
function archCurve({ connection: { delay }, lift, farLift }, from, to, reach, radius) {
  const ahead = Math.sign(delay);
  const far = Math.abs(delay) > 1;
  const flat = smooth(reach);
  const tilt = far ? ARCH_TILT.far : lerp(ARCH_TILT.near, 0, flat);
  const port = ([x, y, rx, ry], side) => ({ x: x + side * rx * Math.cos(tilt), y: y - ry * Math.sin(tilt) });
  const start = port([from.x, from.y, from.rx, from.ry], ahead);
  const end = port([to.x, to.y, to.rx + 2, to.ry + 2], -ahead);
  const distance = Math.abs(end.x - start.x);
  const height = lerp(lift, far ? farLift : 0, flat);
  const width = lerp(radius * 1.6 + 12 * Math.abs(delay), distance * (far ? 0.22 : 0.4), flat) * ahead;
  return cubic(start, { x: start.x + width, y: start.y - height }, { x: end.x - width, y: end.y - height }, end);
}

const HOOK = 13; // how far before a node a connection that hooks around its neighbour turns down to it, if there is room

// Between different layers: along lanes with rounded corners.
function busCurve(route, from, to, reach) {
  const { delay } = route.connection;
  const ahead = Math.sign(delay);
  const far = Math.abs(delay) > 1;
  const flat = smooth(reach);
  const [out, into] = ahead > 0 ? [from.right, to.left] : [from.left, to.right];
  const points = [];
  let y = from.node.y;
  if (route.exitAbove) {
    points.push({ x: from.node.x, y: y - from.node.ry });
    y -= from.node.ry + 8;
    points.push({ x: from.node.x, y });
  } else {
    points.push({ x: from.node.x + ahead * from.node.rx, y });
  }
  const entry = to.node.y + { side: route.entryDy, below: to.node.ry + route.belowBy, hook: route.hookBy }[route.entry];
  const cross = far ? route.crossY - (from.t % Math.abs(delay)) * LANE : lerp(route.crossY - route.lane, (y + entry) / 2, flat);
  const outer = out + ahead * route.lane;
  const inner = into + lerp(-route.lane, route.lane, flat) * ahead;
  points.push({ x: outer, y }, { x: outer, y: cross }, { x: inner, y: cross }, { x: inner, y: entry });
  const side = to.node.x - ahead * (to.node.rx + 2);
  if (route.entry === "below") points.push({ x: to.node.x, y: entry }, { x: to.node.x, y: to.node.y + to.node.ry + 2 });
  else if (route.entry === "hook") points.push({ x: side - ahead * route.hookOut, y: entry }, { x: side - ahead * route.hookOut, y: to.node.y }, { x: side, y: to.node.y });
  else points.push({ x: side, y: entry });
  const lanes = [[{ x: outer, y }, { x: outer, y: cross }], [{ x: outer, y: cross }, { x: inner, y: cross }], [{ x: inner, y: cross }, { x: inner, y: entry }]];
  return { ...rounded(points, 9), lanes };
}

function rounded(points, radius) {
  const corners = points.filter((point, i) => i === 0 || Math.hypot(point.x - points[i - 1].x, point.y - points[i - 1].y) > 0.5);
  const towards = (from, to, by) => {
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    return { x: from.x + ((to.x - from.x) * by) / length, y: from.y + ((to.y - from.y) * by) / length };
  };
  let d = `M${round(corners[0].x)} ${round(corners[0].y)}`;
  for (let i = 1; i + 1 < corners.length; i += 1) {
    const [before, corner, after] = [corners[i - 1], corners[i], corners[i + 1]];
    const room = Math.min(Math.hypot(corner.x - before.x, corner.y - before.y), Math.hypot(after.x - corner.x, after.y - corner.y)) / 2;
    const [enter, leave] = [towards(corner, before, Math.min(radius, room)), towards(corner, after, Math.min(radius, room))];
    d += `L${round(enter.x)} ${round(enter.y)}Q${round(corner.x)} ${round(corner.y)} ${round(leave.x)} ${round(leave.y)}`;
  }
  const [last, end] = corners.slice(-2);
  d += `L${round(end.x)} ${round(end.y)}`;
  return { d, end, angle: Math.atan2(end.y - last.y, end.x - last.x), at: (share) => alongPolyline(corners, share) };
}

function alongPolyline(points, share) {
  const lengths = points.slice(1).map((point, i) => Math.hypot(point.x - points[i].x, point.y - points[i].y));
  let left = share * lengths.reduce((sum, length) => sum + length, 0);
  for (let i = 0; i < lengths.length; i += 1) {
    if (left <= lengths[i] || i === lengths.length - 1) {
      const part = lengths[i] ? left / lengths[i] : 0;
      return { x: lerp(points[i].x, points[i + 1].x, part), y: lerp(points[i].y, points[i + 1].y, part) };
    }
    left -= lengths[i];
  }
  return points[0];
}

// Ends are {node: {x, y, rx, ry}, left, right, t}.
function delayedCurve(route, from, to, reach, radius) {
  return route.kind === "arch"
    ? archCurve(route, from.node, to.node, reach, radius)
    : busCurve(route, from, to, reach);
}

// Between two closed columns there is room for a plain curve only.
function strandCurve(from, to, delay) {
  const ahead = Math.sign(delay);
  const start = { x: from.x + ahead * from.rx, y: from.y };
  const end = { x: to.x - ahead * (to.rx + 1), y: to.y };
  const pull = (end.x - start.x) * 0.45;
  const lift = Math.abs(delay) > 1 ? 12 * Math.abs(delay) : 0;
  return cubic(start, { x: start.x + pull, y: start.y - lift }, { x: end.x - pull, y: end.y - lift }, end);
}
