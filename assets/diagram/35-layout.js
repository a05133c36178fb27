// Where the slices stand. Slices that fit stand open side by side; otherwise they shrink to columns, and the cursor's
// slice and those the hand has opened keep their full width (focus and context).

const MARGIN = 20;
const INITIAL_WIDTH = 46;
const COLUMN_WIDTH = { least: 3, most: 46 };
const COLUMNS_TOGETHER = 250; // a few columns beside a wide cell are not squeezed thinner than this altogether
const AT_EASE = 360; // and where the folded cell stands beside them they have at least this
const NARROWEST_STAGE = 680; // below this the stage scrolls inside itself
const NARROWEST_DESK = 460; // where the folded cell is drawn on, beside the tables

// How narrow and how wide a column may be.
function columnLimits(cell, steps) {
  return [clamp(COLUMNS_TOGETHER / steps, COLUMN_WIDTH.least, 24), Math.min(COLUMN_WIDTH.most, cell.minWidth * 0.75)];
}

class Layout {
  // opened: Map from step to openness 0…1 (slices on their way are between).
  constructor(cell, steps, stageWidth, opened) {
    const { scene } = cell;
    this.steps = steps;
    const width = Math.max(stageWidth, scene.isEditable ? NARROWEST_DESK : NARROWEST_STAGE);
    this.templateWidth = scene.isEditable ? cell.openWidth : clamp(width * 0.13, cell.minWidth, cell.openWidth);
    const overhang = Math.max(0, cell.overhang + 4 - MARGIN); // loops of a deep cell reach far around it
    const aside = 2 * overhang + this.templateWidth + 22;
    const rest = MARGIN + scene.past * INITIAL_WIDTH;
    const after = scene.future * INITIAL_WIDTH + MARGIN;
    const [narrow] = columnLimits(cell, steps);
    const needed = Math.min(steps * cell.minWidth, cell.minWidth + (steps - 1) * clamp(AT_EASE / steps, narrow, 24));
    this.besideFolded = scene.isEditable || rest + aside + needed + after <= width; // else the folded cell gives its room to the slices
    const before = rest + (this.besideFolded ? aside : 0);
    const available = width - before - after;
    this.allOpen = available / steps >= cell.minWidth;
    this.openWidth = this.allOpen
      ? Math.min(available / steps, cell.openWidth * 1.2)
      : clamp(Math.min(available * 0.55, available - (steps - 1) * narrow), cell.minWidth, cell.openWidth);
    const share = [...opened.values()].reduce((sum, openness) => sum + smooth(openness), 0);
    const each = steps - share > 0.5 ? (available - share * this.openWidth) / (steps - share) : 0;
    this.columnWidth = this.allOpen ? this.openWidth : clamp(each, ...columnLimits(cell, steps));
    this.opened = opened;
    this.lefts = new Float64Array(steps + 2);
    this.widths = new Float64Array(steps + 2);
    let x = before;
    for (let t = 1; t <= steps; t += 1) {
      this.widths[t] = lerp(this.columnWidth, this.openWidth, smooth(this.openness(t)));
      this.lefts[t] = x;
      x += this.widths[t];
    }
    this.lefts[steps + 1] = this.end = x;
    this.total = Math.max(x + after, stageWidth);
    this.templateLeft = MARGIN + overhang;
    this.#centre((stageWidth - (x + after)) / 2);
    if (!this.besideFolded) [this.templateLeft, this.templateWidth] = [this.lefts[1], this.openWidth];
  }

  // A short sequence stands in the middle of a wide stage.
  #centre(shift) {
    if (shift <= 0) return;
    this.templateLeft += shift;
    for (let t = 1; t <= this.steps + 1; t += 1) this.lefts[t] += shift;
    this.end += shift;
  }

  openness(t) {
    return this.allOpen ? 1 : (this.opened.get(t) ?? 0);
  }

  closed(t) {
    return this.openness(t) === 0;
  }

  left(t) {
    if (t < 1) return this.lefts[1] + (t - 1) * INITIAL_WIDTH;
    if (t > this.steps) return this.end + (t - this.steps - 1) * INITIAL_WIDTH;
    return this.lefts[t];
  }

  width(t) {
    return t < 1 || t > this.steps ? INITIAL_WIDTH : this.widths[t];
  }

  middle(t) {
    return this.left(t) + this.width(t) / 2;
  }

  // The slice under a place on the stage, by bisection; the nearest one outside.
  stepAt(x) {
    let [low, high] = [1, this.steps];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lefts[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  contains(x) {
    return x >= this.lefts[1] && x <= this.end;
  }
}
