"""A run in one line of a terminal, and a way to stop it between two steps."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from types import FrameType, TracebackType

from explorer.training.history import History


class Interruptible:
    """Inside it the first Ctrl+C only asks to stop, so that a step of training is never left half done."""

    def __init__(self) -> None:
        self.is_asked_for = False

    def __enter__(self) -> Interruptible:
        self._before = signal.signal(signal.SIGINT, self._asked)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._before)

    def _asked(self, number: int, frame: FrameType | None) -> None:
        self.is_asked_for = True
        signal.signal(signal.SIGINT, self._before)  # whoever asks twice means it


class Bar:
    """Progress, loss and score in one line; where there is no terminal, ten lines in all."""

    def __init__(self, history: History) -> None:
        self.history, self.is_terminal = history, sys.stdout.isatty()
        self.first, self.begun, self.shown, self.width = history.iteration, time.monotonic(), 0.0, 0

    def show(self) -> None:
        """Draw it, if it is time to."""
        history, now = self.history, time.monotonic()
        most = history.plan.recipe.iterations
        if self.is_terminal:
            if now - self.shown < 0.1 and not history.is_over:
                return
            self.shown = now
        elif history.iteration % max(1, most // 10) and not history.is_over:
            return
        line = f"{_filled(history.iteration, most)} {history.iteration}/{most}{self._left(now)}{_state(history)}"
        if self.is_terminal:  # a longer one would leave its beginning behind
            line = line[: shutil.get_terminal_size().columns - 1]
        begin, end = ("\r", "") if self.is_terminal else ("", "\n")
        sys.stdout.write(begin + line.ljust(self.width) + end)
        sys.stdout.flush()
        self.width = len(line) if self.is_terminal else 0

    def _left(self, now: float) -> str:
        done = self.history.iteration - self.first
        if not done or self.history.is_over:
            return f", {now - self.begun:.0f} s"
        left = (now - self.begun) / done * (self.history.plan.recipe.iterations - self.history.iteration)
        return f", at most {left:.0f} s left"

    def close(self) -> None:
        """Leave the line as it is and go to the next."""
        if self.is_terminal:
            sys.stdout.write("\n")
            sys.stdout.flush()


def _filled(done: int, most: int) -> str:
    full = 24 * min(done, most) // most
    return f"[{'#' * full}{'.' * (24 - full)}]"


def _state(history: History) -> str:
    problem, parts = history.course.problem, []
    if history.losses:
        parts.append(f"loss {history.losses[-1]:.4f}" + _beside("naive", problem.naive_loss, ".4f"))
    if history.examinations:
        written = problem.metric.written
        parts.append(
            f"{problem.metric.name} {history.examinations[-1][1]:{written}}"
            + _beside("baseline", problem.baseline, written)
        )
    return "".join(f", {part}" for part in parts)


def _beside(what: str, number: float | None, written: str) -> str:
    return "" if number is None else f" ({what} {number:{written}})"
