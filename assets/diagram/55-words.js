// The words under the slices. Where slices stand closer than words are wide, words take turns on a few rows, so that
// each can be read; where even that would not do, only every second, fifth … slice has one.

const WORD_ROW = 17;
const MOST_ROWS = { all: 4, some: 2 };
const BETWEEN_WORDS = 8;
const WORD_WIDTHS = [130, 100, 80, 66, 54]; // what longer words are cut to, the widest that leaves room for all

class WordRows {
  constructor() {
    this.widths = new Map();
  }

  // pitch: from one slice to the next, at the least. → {every, rows: the row of each step's word, count: of rows, cut}
  at(words, steps, pitch, font) {
    const least = Math.floor(2 * pitch + 1e-6) / 2; // what opens while another closes moves nothing
    const key = `${steps}|${least}|${font}|${words.join("\u0001")}`;
    if (key !== this.key) [this.key, this.plan] = [key, this.#plan(words, steps, least, font)];
    return this.plan;
  }

  #plan(words, steps, pitch, font) {
    const widths = words.slice(0, steps).map((word) => this.#width(String(word), font));
    for (let every = 1; ; every = niceStep(every + 1)) {
      for (const cut of WORD_WIDTHS) {
        const spans = widths.map((width, i) => ({ t: i + 1, middle: (i + 1) * pitch, width: Math.min(width, cut) })).filter(({ t }) => t % every === 0);
        const found = inRows(spans, every === 1 ? MOST_ROWS.all : MOST_ROWS.some);
        if (found) return { every, cut, ...found };
      }
    }
  }

  // Set in bold, as the cursor's word is.
  #width(word, font) {
    const key = `${font}|${word}`;
    if (this.widths.size > 4000) this.widths.clear();
    if (!this.widths.has(key)) {
      ruler.font = `700 ${font}`;
      this.widths.set(key, word.length > 60 ? Infinity : ruler.measureText(word).width);
    }
    return this.widths.get(key);
  }
}

// From the left, each on the first row that is free again: that takes no more rows than there must be.
function inRows(spans, most) {
  const rows = new Map();
  const ends = [];
  for (const { t, middle, width } of [...spans].sort((a, b) => a.middle - a.width / 2 - (b.middle - b.width / 2))) {
    const free = ends.findIndex((end) => end <= middle - width / 2);
    const row = free < 0 ? ends.length : free;
    if (row >= most) return null;
    ends[row] = middle + width / 2 + BETWEEN_WORDS;
    rows.set(t, row);
  }
  return { rows, count: Math.max(1, ends.length) };
}
