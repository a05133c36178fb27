"""The kernel of the flow: many cotangents carried back through one group at once, each row with an exponent of its own.

Two buffers take turns, and one product takes all rows a tick back. Rows are powers of two times ordinary numbers, so
that 10⁻⁴⁰⁰ is neither 0 nor lost. Most ticks need no care: a stretch of them is run as fast as possible, then looked
at, and run again tick by tick, with every row set right at every tick, if some number came near the ends of the range.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from explorer.engine.activations import Array
from explorer.engine.groups import Block, Group

STRETCH = 16
_LONGEST = 128
_FAR = 300  # exponents that differ by more are set right before they meet
_TOP, _BOTTOM = 2.0**900, 2.0**-900  # of squares
_SMALL = 2.0**-440  # squares of smaller numbers are not to be trusted
_WIDE = 100  # a row whose largest norm has left 2^±100 is rescaled


class Kept:
    """Total derivatives at a state, rows by steps: mantissas (T, R, size), exponents (T, R), rows in use (T, 2)."""

    def __init__(self, steps: int, rows: int, size: int) -> None:
        self.mantissa = np.zeros((steps, rows, size))
        self.exponent = np.zeros((steps, rows), np.int64)
        self.used = np.zeros((steps, 2), np.int64)


class Sweep:
    """One sweep through a group.

    Parameters
    ----------
    group : Group
    first, rows : int
        Row i carries the error of step ``first + i``.
    kept : mapping of str to Kept
        Of the group's own states that are asked for later, and of the states of later groups.
    norms : mapping of str to array
        Where log₂ of the norms goes, (T, rows), for each layer.
    squares : (copies, n, rows) array
        To work in; no block has more than n ticks.
    careful : {None, True, False}
        Always set every row right, or never (which overflows); None does it where needed.
    """

    def __init__(
        self,
        group: Group,
        first: int,
        rows: int,
        kept: Mapping[str, Kept],
        norms: Mapping[str, Array],
        squares: Array,
        careful: bool | None = None,
    ) -> None:
        self.group, self.first, self.rows, self.norms, self.always = group, first, rows, norms, careful
        self.here, self.there = np.zeros((rows, group.width)), np.zeros((rows, group.width))
        self.exponent = np.zeros(rows, np.int64)
        self.low = self.high = 0  # rows in use
        self.buffer = squares
        self.own = {name: kept[name] for name in group.layers if name in kept}
        self.others = kept
        self.alive = np.zeros((len(group.copies), rows), bool)
        self.length, self.longest = STRETCH, _LONGEST

    def run(
        self, block: Block, errors: Mapping[int, Array], crossings: Mapping[tuple[str, int], list[Array | None]]
    ) -> None:
        """Carry all rows through the ticks of a block, from the last to the first."""
        self.block, self.back, self.crossings = block, block.back, list(crossings.items())
        self.errors = [(self._rows(block, shift), array) for shift, array in errors.items()]
        self.squares = self.buffer[:, : block.count]
        self.squares[...] = 0
        self.powers: list[tuple[int, int, Array]] = []  # of stretches of squares: first index, last + 1, exponents
        self.exact: list[tuple[int, int, int, int, Array]] = []
        self.touched = self.low, self.high
        silent, stop = list(block.silent), block.count
        careful = self.always or (self.always is None and any(_is_delicate(array) for array in errors.values()))
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # looked for, and log₂ 0 is meant
            while stop:
                if silent and silent[-1] == stop - 1:
                    silent.pop()
                    self._end()
                start = max(0, stop - self.length) if self.always is None else 0
                if silent:
                    start = max(start, silent[-1] + 1)
                if not careful and self._stretched(start, stop):
                    if 2 * self._rescale(start) < _FAR:  # or twice as many would go too far
                        self.length = min(2 * self.length, self.longest)
                elif not careful and self.length > STRETCH:
                    self.length, self.longest = STRETCH, max(STRETCH, self.length // 2)
                    continue
                else:
                    for index in range(stop - 1, start - 1, -1):
                        self._slow(index)
                stop = start
            self._write()

    def _rows(self, block: Block, shift: int) -> list[int]:
        """For each tick the row whose error arrives there; it may be none of this sweep's."""
        first = self.group.direction * block.low + shift - self.first
        return list(range(first, first + self.group.direction * block.count, self.group.direction))

    def _end(self) -> None:
        """Forget all rows: nothing of them reaches a tick."""
        self.touched = self._touched()
        self.here[self.low : self.high] = self.there[self.low : self.high] = 0
        self.exponent[...], self.alive[...], self.low, self.high = 0, False, 0, 0

    def _touched(self) -> tuple[int, int]:
        """The run of all rows that have been in use in this block."""
        (low, high), used = self.touched, self.low < self.high
        if low == high or not used:
            return (self.low, self.high) if used else (low, high)
        return min(low, self.low), max(high, self.high)

    def _stretched(self, start: int, stop: int) -> bool:
        """Run a stretch of ticks without care; False, and nothing has happened, if it needed some."""
        low, high, exponent = self.low, self.high, self.exponent.copy()
        saved = self.here[low:high].copy()
        fine = self._fast(start, stop)
        if self.always is False or (fine and self._in_range(start, stop)):
            self.powers.append((start, stop, self.exponent.copy()))
            return True
        self.here[...] = self.there[...] = 0
        self.here[low:high] = saved
        self.low, self.high, self.exponent = low, high, exponent
        self.squares[:, start:stop] = 0
        return False

    def _fast(self, start: int, stop: int) -> bool:
        """Ticks without a look at the size of the numbers; False if exponents are too far apart for that."""
        here, there, back, vecdot = self.here, self.there, self.back, np.vecdot
        size, rows, errors, crossings, own = self.group.size, self.rows, self.errors, self.crossings, self.own
        parts = [
            (self.group.spans[copy], squares) for copy, squares in zip(self.group.copies, self.squares, strict=True)
        ]
        alone = parts[0][1] if len(parts) == 1 else None
        low, high, watched = self.low, self.high, self.always is None
        for index in range(stop - 1, start - 1, -1):
            if back is None:
                there[low:high] = 0
            elif low < high:
                here[low:high].dot(back[index], there[low:high])
            for (origin, shift), matrices in crossings:
                matrix, found = matrices[index], self._crossing(origin, shift, index)
                if matrix is None or found is None:
                    continue
                first, last, mantissa, exponent = found
                low, high = self._use(low, high, first, last, exponent)
                far = exponent - self.exponent[first:last]
                if far.any():
                    if watched and np.abs(far).max() > _FAR:
                        return False
                    mantissa = mantissa * np.ldexp(1.0, far)[:, None]
                arriving = mantissa @ matrix
                if watched and _is_delicate(arriving):
                    return False
                there[first:last, :size] += arriving
            for places, entering in errors:
                row = places[index]
                if low <= row < high:
                    far = -self.exponent[row]
                    if watched and abs(far) > _FAR:
                        return False
                    there[row, :size] += entering[index] * 2.0**far
                elif 0 <= row < rows:  # the exponent of a row that is new is still 0
                    there[row, :size] = entering[index]
                    low, high = (row, row + 1) if low == high else (min(low, row), max(high, row + 1))
            used = there[low:high]
            if alone is not None:
                vecdot(used, used, alone[index, low:high])
            else:
                for span, squares in parts:
                    part = used[:, span]
                    vecdot(part, part, squares[index, low:high])
            here, there = there, here
            if own:
                self._keep(index, here, low, high)
        self.here, self.there, self.low, self.high = here, there, low, high
        return True

    def _slow(self, index: int) -> None:
        """One tick with every row set right: its largest number lies between ½ and 1."""
        here, there, size = self.here, self.there, self.group.size
        if self.back is None:
            there[self.low : self.high] = 0
        elif self.low < self.high:
            np.dot(here[self.low : self.high], self.back[index], out=there[self.low : self.high])
        for (origin, shift), matrices in self.crossings:
            matrix, found = matrices[index], self._crossing(origin, shift, index)
            if matrix is not None and found is not None:
                first, last, mantissa, exponent = found
                self._meet(there, first, last, mantissa @ matrix, exponent)
        for rows, arriving in self.errors:
            row = rows[index]
            if 0 <= row < self.rows:
                self._meet(there, row, row + 1, arriving[index, None, :size], np.zeros(1, np.int64))
        used = there[self.low : self.high]
        power = np.frexp(np.abs(used).max(axis=1, initial=0))[1]
        np.ldexp(used, -power[:, None], out=used)
        self.exponent[self.low : self.high] += power
        for number, copy in enumerate(self.group.copies):
            part = used[:, self.group.spans[copy]]
            power = np.frexp(np.abs(part).max(axis=1, initial=0))[1]
            squares = np.square(np.ldexp(part, -power[:, None])).sum(axis=1)
            exact = 0.5 * np.log2(squares) + power + self.exponent[self.low : self.high]
            self.exact.append((number, index, self.low, self.high, exact))
            self.alive[number, self.low : self.high] = squares > 0
        self.here, self.there = there, here
        if self.own:
            self._keep(index, there, self.low, self.high)

    def _meet(self, into: Array, first: int, last: int, mantissa: Array, exponent: Array) -> None:
        """Add rows of another exponent, without losing either."""
        self.low, self.high = self._use(self.low, self.high, first, last, exponent)
        present, own = into[first:last], self.exponent[first:last]
        common = np.where(mantissa.any(axis=1), np.maximum(own, exponent), own)
        common = np.where(present.any(axis=1), common, exponent)
        np.ldexp(present, np.clip(own - common, -5000, 0)[:, None], out=present)
        present[:, : self.group.size] += np.ldexp(mantissa, np.clip(exponent - common, -5000, 5000)[:, None])
        self.exponent[first:last] = common

    def _use(self, low: int, high: int, first: int, last: int, exponent: Array | int) -> tuple[int, int]:
        """Rows in use once the rows first … last - 1 are: one run of neighbours. New ones take the exponents given."""
        if low == high:
            self.exponent[first:last] = exponent
            return first, last
        exponent = np.broadcast_to(exponent, last - first)
        for start, stop in ((first, min(last, low)), (max(first, high), last)):
            if start < stop:
                self.exponent[start:stop] = exponent[start - first : stop - first]
        return min(low, first), max(high, last)

    def _crossing(self, origin: str, shift: int, index: int) -> tuple[int, int, Array, Array] | None:
        """Rows in use of a later group's state, at the step from which a message arrives at a tick."""
        kept, step = self.others[origin], self.group.direction * (self.block.low + index) + shift
        if not 1 <= step <= len(kept.used):
            return None
        first, last = (int(number) for number in kept.used[step - 1])
        if first == last:
            return None
        return first, last, kept.mantissa[step - 1, first:last], kept.exponent[step - 1, first:last]

    def _keep(self, index: int, rows: Array, low: int, high: int) -> None:
        for name, kept in self.own.items():
            step = self.group.step(self.block.low + index, name)
            if 1 <= step <= len(kept.used):
                kept.mantissa[step - 1, low:high] = rows[low:high, self.group.spans[name, 0]]
                kept.exponent[step - 1, low:high] = self.exponent[low:high]
                kept.used[step - 1] = low, high

    def _in_range(self, start: int, stop: int) -> bool:
        """Whether the squares of a stretch can be trusted."""
        squares = self.squares[:, start:stop, self.low : self.high]
        if not squares.size:
            return True
        if not squares.max() < _TOP:
            return False
        if squares.min() > _BOTTOM:
            return True
        alive = squares > 0
        if np.count_nonzero(squares > _BOTTOM) != np.count_nonzero(alive):
            return False
        # a row may be nothing from the start on, but that it becomes nothing is looked at closely
        before = self.alive[:, self.low : self.high]
        return not (alive[:, 1:] & ~alive[:, :-1]).any() and not (before & ~alive[:, -1]).any()

    def _rescale(self, index: int) -> int:
        """Bring rows back that have gone far, after a stretch that ended at a tick; how far they had gone."""
        if self.low == self.high or self.always is False:
            return 0
        squares = self.squares[:, index, self.low : self.high]
        self.alive[:, self.low : self.high] = squares > 0
        power = np.frexp(squares.max(axis=0))[1] >> 1
        furthest = int(np.abs(power).max())
        if furthest > _WIDE:
            self.here[self.low : self.high] *= np.ldexp(1.0, -power)[:, None]
            self.exponent[self.low : self.high] += power
        return furthest

    def _write(self) -> None:
        """Hand over log₂ of the norms of a block."""
        steps, (low, high) = self.block.steps, self._touched()
        for number, (name, j) in enumerate(self.group.copies):
            if j:
                continue
            first, last, index = self.group.reach(self.group.shift((name, 0)), self.block.low, self.block.high, steps)
            if last < first:
                continue
            logs = self.squares[number, :, low:high]
            np.log2(logs, out=logs)
            logs *= 0.5
            for start, stop, exponent in self.powers:
                if exponent.any():
                    logs[start:stop] += exponent[low:high]
            for which, tick, start, stop, exact in self.exact:
                if which == number:
                    logs[tick] = -np.inf
                    logs[tick, start - low : stop - low] = exact
            self.norms[name][first - 1 : last, low:high] = logs[index]


def _is_delicate(rows: Array) -> bool:
    """Whether a row is so small, and yet not nothing, or so large, that its square could not be trusted."""
    peaks = np.abs(rows).max(axis=1)
    return bool(((peaks < _SMALL) & (peaks > 0)).any() or not peaks.max() < 1 / _SMALL)
