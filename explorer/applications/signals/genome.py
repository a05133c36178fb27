"""Genome: which bases of a strand of DNA lie inside a reading frame, and which in a motif."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from zlib import crc32

import numpy as np

from explorer.applications.application import UNSURE, Answer, Application, Asked, Run
from explorer.applications.signals.phrases import clipped, counted, quoted, spans, spoken
from explorer.engine.activations import Array
from explorer.tasks.problem import ACCURACY, Batch, Problem
from explorer.tasks.reading import Reading
from explorer.tasks.recipe import Blueprint, Recipe

BASES = "ACGTN"
"""Input units; N stands for a base that nobody could read, and is part of no codon."""

LABELS = ("outside", "frame", "motif")
START, STOPS, MOTIF = "ATG", ("TAA", "TAG", "TGA"), "TATAAT"
ROOMS, SHARES = (8, 16, 28, 44, 64, 96), (0.05, 0.15, 0.25, 0.25, 0.2, 0.1)
"""Steps of a batch in training, few different ones since each needs room of its own; and how often each is drawn."""

LONGEST = ROOMS[-1]
MOST_BASES = 120
HELD_OUT = 8  # one strand in so many is never drawn for training
_CODONS = tuple(a + b + c for a in "ACGT" for b in "ACGT" for c in "ACGT" if a + b + c not in STOPS)


def labels(strand: str) -> list[int]:
    """For each base the index of its label, by the rule itself.

    Reading starts at the first ATG, goes on in threes and ends with the first stop (TAA, TAG, TGA); the next ATG is
    looked for after it. A frame that never meets a stop is none, and as its reader never gets off, nor is anything
    after it. A motif is TATAAT outside all frames.

    Examples
    --------
    >>> "".join("-fm"[label] for label in labels("CATGAAATAGCTATAATC"))
    '-fffffffff-mmmmmm-'
    """
    found = [0] * len(strand)
    for first, last in frames(strand):
        found[first:last] = [1] * (last - first)
    at = strand.find(MOTIF)
    while at >= 0:
        if 1 not in found[at : at + len(MOTIF)]:
            found[at : at + len(MOTIF)] = [2] * len(MOTIF)
        at = strand.find(MOTIF, at + 1)
    return found


def frames(strand: str) -> list[tuple[int, int]]:
    """Where reading frames begin, and where the base after them is, counted from 0."""
    found = []
    first = strand.find(START)
    while first >= 0:
        codons = range(first, len(strand) - 2, 3)
        stop = next((at for at in codons if strand[at : at + 3] in STOPS), None)
        if stop is None:
            break
        found.append((first, stop + 3))
        first = strand.find(START, stop + 3)
    return found


def is_held_out(strand: str) -> bool:
    """Whether a strand is kept for the examination; decided by its letters alone."""
    return crc32(strand.encode()) % HELD_OUT == 0


def make_strand(rng: np.random.Generator, length: int) -> str:
    """A strand of noise in which frames, motifs and starts without a stop may be hidden."""
    weights = rng.dirichlet([4, 4, 4, 4]) if rng.random() < 0.7 else rng.dirichlet([0.5] * 4)
    strand = "".join(rng.choice(list("ACGT"), length, p=weights))
    for _ in range(int(rng.integers(0, 3 + length // 30))):
        piece = _piece(rng, length)
        if len(piece) <= length:
            at = int(rng.integers(0, length - len(piece) + 1))
            strand = strand[:at] + piece + strand[at + len(piece) :]
    if rng.random() < 0.1:
        at = int(rng.integers(length))
        strand = strand[:at] + "N" + strand[at + 1 :]
    return strand


def _piece(rng: np.random.Generator, room: int) -> str:
    kind = rng.choice(["frame", "frames", "motif", "open", "nearly"], p=[0.45, 0.12, 0.23, 0.1, 0.1])
    if kind == "motif":
        return MOTIF
    if kind == "nearly":  # a motif with one letter changed
        at = int(rng.integers(len(MOTIF)))
        return MOTIF[:at] + str(rng.choice(list("ACGT"))) + MOTIF[at + 1 :]
    if kind == "frames":  # one directly after the other
        return _opened(rng, room // 2) + _stop(rng) + _opened(rng, room // 2) + _stop(rng)
    return _opened(rng, room) + (_stop(rng) if kind == "frame" else "")


def _opened(rng: np.random.Generator, room: int) -> str:
    """A start, and codons after it for which there is room."""
    return START + "".join(rng.choice(_CODONS, int(rng.integers(0, max(1, room // 3 - 1)))))


def _stop(rng: np.random.Generator) -> str:
    return str(rng.choice(STOPS))


def _strands(rng: np.random.Generator, lengths: Iterable[int], held_out: bool) -> list[str]:
    """A strand of each length, all of them held out, or none."""
    tried = ((make_strand(rng, length) for _ in count()) for length in lengths)
    return [next(strand for strand in strands if is_held_out(strand) == held_out) for strands in tried]


def _batch(strands: list[str], steps: int) -> Batch:
    """Strands side by side, padded at their end."""
    read = np.zeros((steps, len(strands)), np.int64)
    wanted, mask = read.copy(), np.zeros(read.shape, bool)
    for row, strand in enumerate(strands):
        read[: len(strand), row] = [BASES.index(base) for base in strand]
        wanted[: len(strand), row] = labels(strand)
        mask[: len(strand), row] = True
    return Batch({"x": read}, {"E": wanted}, None if mask.all() else mask)


def draw(rng: np.random.Generator, rows: int) -> Batch:
    """Strands of about one length, none of which is held out."""
    steps = int(rng.choice(ROOMS, p=SHARES))
    lengths = rng.integers(max(3, steps // 2), steps + 1, rows)
    return _batch(_strands(rng, lengths.tolist(), held_out=False), steps)


@lru_cache(maxsize=1)
def examine() -> Batch:
    """Strands of all lengths that are held out."""
    rng = np.random.default_rng(4)
    return _batch(_strands(rng, rng.integers(12, LONGEST + 1, 200).tolist(), held_out=True), LONGEST)


def make_problem() -> Problem:
    """Label every base."""
    examination = examine()
    counts = np.bincount(examination.targets["E"][examination.mask])
    return Problem(
        inputs=len(BASES),
        outputs=len(LABELS),
        draw=draw,
        examine=examine,
        metric=replace(ACCURACY, name="bases labelled right"),
        baseline=float(counts.max() / counts.sum()),
        rule=f"always “{LABELS[counts.argmax()]}”",
        goal=1.0,
        input_names=tuple(BASES),
        output_names=LABELS,
    )


@dataclass(frozen=True, slots=True)
class _Typed:
    """What of a line of text is DNA."""

    strand: str
    notes: tuple[str, ...]
    doubts: tuple[str, ...]


def _read(text: str) -> _Typed:
    text, notes = clipped(text)
    lines = [line for line in text.splitlines() if not line.startswith(">")]  # names of sequences, as in FASTA files
    letters = [c for c in "".join(lines).upper() if not (c.isspace() or c.isdigit())]
    doubts = list(notes)
    if "U" in letters:
        notes = (*notes, "U is the RNA letter of T; it is read as T.")
        letters = ["T" if c == "U" else c for c in letters]
    others = [c for c in letters if c not in BASES]
    strand = "".join(c if c in BASES else "N" for c in letters)
    if not set(strand) & set("ACGT"):
        what = f"No letter of {quoted(others)} is a base" if others else "There is no DNA in this input"
        doubts.append(f"{what}; type the letters A, C, G and T. Until then {EXAMPLES[0]} is read.")
        return _Typed(EXAMPLES[0], notes, tuple(doubts))
    if others:
        doubts.append(
            f"Not bases, and read as N, a base that nobody could read: {quoted(others)}. Right are A, C, G, T."
        )
    if strand.count("N") > len(strand) / 4:
        doubts.append("More than a quarter of this is no DNA that can be read; no strand in training was like it.")
    if len(strand) > MOST_BASES:
        doubts.append(f"The strand has {len(strand):,} bases; the first {MOST_BASES} are read.")
        strand = strand[:MOST_BASES]
    if len(strand) > LONGEST:
        doubts.append(f"No strand in training had more than {LONGEST} bases; this one has {len(strand)}.")
    return _Typed(strand, notes, tuple(doubts))


def ask(text: str, run: Run) -> Asked:
    """Label every base of a strand that a learner has typed."""
    typed = _read(text)
    batch = _batch([typed.strand], len(typed.strand))
    right = batch.targets["E"][:, 0]
    trace = run(batch)
    probabilities = trace[trace.output][1:, 0]
    said, best = probabilities.argmax(axis=-1), probabilities.max(axis=-1)
    doubts = list(typed.doubts)
    if (wrong := np.flatnonzero(said != right) + 1).size:
        doubts.append(
            f"The network is wrong at {counted(wrong.size, 'base')} of {len(right)}: {spans(wrong.tolist())}; the rule "
            f"itself finds {_found(right)}."
        )
    if (guessed := np.flatnonzero(best < UNSURE) + 1).size:
        doubts.append(f"It is unsure at {counted(guessed.size, 'base')}: {spans(guessed.tolist())}.")
    notes = typed.notes
    if inside := _inside_frames(typed.strand, right):
        notes = (*notes, f"TATAAT at {spans(inside)} overlaps a frame, so it is no motif.")
    reading = Reading(
        inputs=batch.inputs,
        targets=batch.targets,
        shown=tuple(typed.strand),
        aims=tuple(LABELS[label] for label in right),
        answers=LABELS,
        notes=notes,
    )
    return Asked(
        reading, Answer(f"It finds {_found(said)}.", steps=spoken(probabilities, LABELS), doubts=tuple(doubts))
    )


def _inside_frames(strand: str, labelled: Array) -> list[int]:
    """Places of bases, from 1, that spell the motif and are labelled otherwise, since a frame is there."""
    found = [
        at + 1 for at in range(len(strand)) if strand.startswith(MOTIF, at) and 1 in labelled[at : at + len(MOTIF)]
    ]
    return sorted({place for first in found for place in range(first, first + len(MOTIF))})


def _found(labelled: Array) -> str:
    """Which stretches have a label, in words."""
    parts = []
    for unit, noun in ((1, "frame"), (2, "motif")):
        places = (np.flatnonzero(labelled == unit) + 1).tolist()
        parts.append(f"bases {spans(places)} in a {noun}" if places else f"no {noun}")
    return " and ".join(parts)


EXAMPLES = (
    "GGTATAATCCATGAAACCCGGGTAACC",
    "CCTATAATGGCATGAAACCCGGGTAACC",
    "ATGGCTTGA",
    "GGATGCCCTAGCTATGACATAAT",
    "ATGAAATTTCCC",
    "ATGGGTTTCGTTGATGCTGTACCCCCTTTGCCATGAGGGTTTAAATGACTCATTAAAAAT",
)

GENOME = Application(
    title="Genome",
    kind="aligned",
    about="Reads DNA, and labels every base: outside, in a reading frame (ATG … stop), or in the motif TATAAT.",
    blueprint=Blueprint("bidirectional_lstm", hidden=16, depth=2, bias=1.0, seed=1),
    recipe=Recipe(rate=0.01, batch=64, iterations=5000, every=250),
    make_problem=make_problem,
    ask=ask,
    hint="Letters A, C, G, T",
    examples=EXAMPLES,
)
