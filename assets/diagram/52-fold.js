// The choreography: from how far the network is unrolled (0 = folded … T = unrolled) to where everything stands.
// Slice k travels in a stack with all later ones and stays behind at its place, so no slice crosses another.

const OUT_OF_SIGHT = -2000;

class Fold {
  constructor(layout, cell, front, foldedLeft) {
    this.layout = layout;
    this.cell = cell;
    this.progress = front;
    this.glide = smooth(span(front, 0, 0.5));
    this.pale = span(front, 0.5, 1);
    this.stack = {
      left: lerp(foldedLeft, layout.templateLeft, this.glide),
      width: lerp(cell.openWidth, layout.templateWidth, this.glide),
    };
    const unrolled = front >= layout.steps;
    this.deposited = unrolled ? layout.steps : Math.max(0, Math.ceil(front) - 1);
    // The first step also moves the folded cell aside, so its slice sets out later.
    this.travel = front < 1 ? smooth(this.pale) : front;
    this.front = unrolled || front <= 0.5 ? null : this.#frontSlice();
    // Where it has no room beside the slices the folded cell is where the first one comes from, and then out of sight.
    this.template = layout.besideFolded || front <= 0.5 ? this.stack : { ...this.stack, left: OUT_OF_SIGHT };
  }

  #frontSlice() {
    const t = this.deposited + 1;
    const [from, to] = [t === 1 ? this.stack : this.#slot(t - 1), this.#slot(t)];
    const share = this.travel - (t - 1);
    const width = lerp(from.width, to.width, share);
    return { t, left: lerp(from.left, to.left, share), width, openness: this.#opennessFor(width) };
  }

  // Among columns the slice on its way stays a full cell as long as there is room to its right.
  #slot(t) {
    const { layout } = this;
    const width = layout.allOpen ? layout.width(t) : clamp(layout.end - layout.left(t), layout.width(t), layout.openWidth);
    return { left: layout.left(t), width };
  }

  #opennessFor(width) {
    return this.layout.allOpen ? 1 : smooth(span(width, this.layout.columnWidth, this.cell.minWidth));
  }
}

// The timing of the whole animation: the first slices take their time, later ones come ever faster, and a long
// sequence is complete after four seconds all the same.
class Timeline {
  static SLICE = 0.32;
  static LONGEST = 4;

  constructor(steps) {
    this.units = steps + 1; // the first slice counts twice: the folded cell moves aside first
    this.duration = Math.min(Timeline.LONGEST, this.units * Timeline.SLICE);
    this.even = this.duration / Timeline.SLICE;
    this.beat = clamp(16 / steps, 0, 1); // a short rest at every slice, while one can see it
    this.steps = steps;
  }

  // share of the time 0…1 → how far unrolled, 0…T.
  at(share) {
    const eased = easeOutTail(clamp(share, 0, 1));
    const units = this.even * eased + (this.units - this.even) * eased ** 3;
    const plain = units < 2 ? units / 2 : units - 1;
    const whole = Math.floor(plain);
    const rest = plain - whole;
    const paced = whole === 0 ? rest : lerp(rest, smooth(rest), this.beat);
    return Math.min(this.steps, whole + paced);
  }

  shareFor(front) {
    let [low, high] = [0, 1];
    for (let i = 0; i < 40; i += 1) {
      const middle = (low + high) / 2;
      if (this.at(middle) < front) low = middle;
      else high = middle;
    }
    return high;
  }
}

// Steady, then slowing down over the last fifth.
function easeOutTail(share) {
  return share <= 0.8 ? share / 0.9 : 1 - ((1 - share) ** 2 * (1 / 0.9)) / 0.4;
}
