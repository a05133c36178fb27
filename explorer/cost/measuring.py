"""The ways of training run for real, their memory counted by `tracemalloc`: always in a process of its own.

The process gets a request on its standard input, works within limits of time and memory, one at a time, and answers
with one line of JSON for every way. Whatever becomes of it, the caller gets a sentence.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from explorer import architectures
from explorer.amounts import in_bytes, in_words
from explorer.cost.runs import BATCHES, TIMES, Measured, measured_steps
from explorer.cost.ways import WAYS, Work, cost, refusal
from explorer.engine.rtrl import MOST_NUMBERS, numbers
from explorer.graph import Graph, ReadOnly

UNITS = 16
"""Of what is read and said, in whatever is counted and measured here."""

SECONDS = 30.0
"""For everything that one request asks for."""

MOST_BYTES = 160 << 20
"""By formula; gradients and the loops' own work space come to several times that."""

PROCESS_BYTES = 2 << 30
"""What the process may have altogether, where the platform can say so."""

MOST_SECONDS = 8.0
"""For one way, as foreseen."""

_MACS_PER_SECOND, _SECONDS_PER_STEP, _SECONDS_PER_STRETCH = 6e9, 4e-6, 1e-4  # the last two for each layer
_ONE_AT_A_TIME = threading.Lock()
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be measured: a network by name and sizes, a batch, and the ways; or rows of unequal length."""

    arch: str
    depth: int
    act: str
    hidden: int
    steps: int
    batch: int
    window: int
    slots: int
    ways: tuple[str, ...]
    rows: tuple[int, ...] = ()

    def work(self) -> Work:
        """The network itself, and what it is to learn from."""
        graph = network(self.arch, self.hidden, self.depth, self.act, self.steps)
        return Work(graph, self.steps, self.batch, self.window, self.slots)

    def of_rows(self) -> Work:
        """The same for one batch of all rows."""
        return replace(self, steps=max(self.rows), batch=len(self.rows)).work()


@dataclass(frozen=True, eq=False)
class Outcome:
    """What has been measured by way, and a sentence for each that could not be.

    Attributes
    ----------
    measured : mapping of str to Measured
    sentences : mapping of str to str
    passing : frozenset of str
        Ways of which the sentence tells of this attempt alone: another one may succeed.
    """

    measured: Mapping[str, Measured]
    sentences: Mapping[str, str]
    passing: frozenset[str] = frozenset()

    @property
    def lasting(self) -> Outcome:
        """What need not be asked again."""
        kept = {name: why for name, why in self.sentences.items() if name not in self.passing}
        return Outcome(self.measured, ReadOnly(kept))

    def open(self, ways: Iterable[str]) -> tuple[str, ...]:
        """Those of some ways that are worth another attempt."""
        settled = self.measured.keys() | (self.sentences.keys() - self.passing)
        return tuple(name for name in ways if name not in settled)

    def joined(self, later: Outcome) -> Outcome:
        """With what another attempt has brought, for ways that had been open."""
        measured = {**self.measured, **later.measured}
        sentences = {n: why for n, why in {**self.sentences, **later.sentences}.items() if n not in measured}
        return Outcome(ReadOnly(measured), ReadOnly(sentences), later.passing)


NOTHING = Outcome(ReadOnly({}), ReadOnly({}))
"""Before anything has been asked."""


def network(arch: str, hidden: int, depth: int, act: str, steps: int) -> Graph:
    """The network that costs are counted for: it reads and says vectors."""
    return architectures.build(arch, UNITS, hidden, UNITS, depth=depth, activation=act, source_steps=max(1, steps // 2))


def objection(name: str, work: Work, times: int = 1) -> str | None:
    """Why a way is not even tried so many times, if so: it cannot be, or it would take more than a server should give.

    Examples
    --------
    >>> work = Work(network("elman", 512, 1, "tanh", 10_000), 10_000, 256, window=20, slots=6)
    >>> objection("full", work)
    'by formula 21.6 GB, and at most 168 MB are tried here'
    """
    refused = refusal(name, work.graph)
    if refused:
        return refused
    found = cost(name, work)
    if name == "rtrl" and numbers(work.graph, work.batch) > MOST_NUMBERS:
        return (
            f"{numbers(work.graph, work.batch):,} derivatives to carry, and at most {MOST_NUMBERS:,} are carried here"
        )
    if found.bytes > MOST_BYTES:
        return f"by formula {in_bytes(found.bytes)}, and at most {in_bytes(MOST_BYTES)} are tried here"
    if times * _foreseen(name, work) > MOST_SECONDS:
        return f"{in_words(times * found.multiply_adds)} multiply–adds take longer than a server should be kept busy"
    return None


def _foreseen(name: str, work: Work) -> float:
    """Seconds that a way takes on a quiet machine, roughly."""
    if name not in WAYS:
        return 0.0
    found, share = cost(name, work), measured_steps(name, work) / work.steps
    steps = (found.holds.forward + found.holds.backward) * _SECONDS_PER_STEP
    goes = found.holds.stretches * _SECONDS_PER_STRETCH
    return share * (found.multiply_adds / _MACS_PER_SECOND + (steps + goes) * len(work.graph.layers))


def ask(
    request: Request,
    seconds: float = SECONDS,
    command: Sequence[str] | None = None,
    told: Callable[[int, int], object] = lambda done, wanted: None,
) -> Outcome:
    """Have a request measured by a process of its own, within limits; another one waits until it is done.

    Parameters
    ----------
    request : Request
    seconds : float
        After which the process is ended; what it has said until then counts.
    command : sequence of str, optional
        What is run; the worker if left out.
    told : callable
        ``told(done, wanted)`` after each answer.
    """
    work = request.work()
    objections = {
        name: _objection_to_rows(request) if name in BATCHES else objection(name, work) for name in request.ways
    }
    sentences = {name: why for name, why in objections.items() if why is not None}
    # the quickest first: if time runs out, little is lost
    wanted = tuple(sorted((n for n in request.ways if n not in sentences), key=lambda name: _foreseen(name, work)))
    if not wanted:
        return Outcome(ReadOnly({}), ReadOnly(sentences))
    if not _ONE_AT_A_TIME.acquire(timeout=seconds):
        busy = dict.fromkeys(wanted, "somebody else is measuring; try again")
        return Outcome(ReadOnly({}), ReadOnly({**sentences, **busy}), frozenset(wanted))
    try:
        worker = command or (sys.executable, "-m", "explorer.cost.worker")
        said, end = _run(worker, request, wanted, seconds, lambda done: told(min(done, len(wanted)), len(wanted)))
    finally:
        _ONE_AT_A_TIME.release()
    found: dict[str, Measured] = {}
    for answer in _answers(said):
        if "sentence" in answer:
            sentences[answer["way"]] = answer["sentence"]
        else:
            found[answer["way"]] = Measured(**answer)
    unanswered = frozenset(wanted) - found.keys() - sentences.keys()
    sentences |= dict.fromkeys(unanswered, end)
    return Outcome(ReadOnly(found), ReadOnly(sentences), unanswered)


def _objection_to_rows(request: Request) -> str | None:
    """To all rows in as many batchings as there are, each several times."""
    return objection("full", request.of_rows(), times=len(BATCHES) * TIMES)


def _run(
    command: Sequence[str], request: Request, ways: tuple[str, ...], seconds: float, told: Callable[[int], object]
) -> tuple[bytes, str]:
    """What the process has said, and how it ended; after each line, how many there are."""
    one_thread = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH"))))
    question = json.dumps({**asdict(request), "ways": ways}).encode()
    said: list[bytes] = []
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **one_thread, "PYTHONPATH": path},
        )
    except OSError:
        return b"", "the process that measures could not be started"
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    limit = threading.Timer(seconds, end)
    with process:
        limit.start()
        try:
            _hand_over(question, process)
            for line in process.stdout or ():
                said.append(line)
                told(len(said))
            process.wait()
        finally:  # also if whoever waits has gone away
            limit.cancel()
            process.kill()
    if late.is_set():
        return b"".join(said), f"not done within {seconds:g} seconds"
    return b"".join(said), f"the process that measures ended early, with the code {process.returncode}"


def _hand_over(question: bytes, process: subprocess.Popen[bytes]) -> None:
    try:
        if process.stdin is not None:
            process.stdin.write(question)
            process.stdin.close()
    except OSError:  # it has ended already; its code says more
        pass


def _answers(said: bytes) -> Iterator[dict[str, Any]]:
    """Whole lines of JSON; a process that was ended may have left half a line."""
    for line in said.splitlines():
        try:
            answer = json.loads(line)
        except ValueError:
            continue
        if isinstance(answer, dict) and answer.get("way") in (*WAYS, *BATCHES):
            yield answer
