"""Everything a link carries: one frozen value, with its legal range and the nearest legal value for any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from explorer.applications import APPLICATIONS
from explorer.applications.kinds import KINDS
from explorer.architectures import ARCHITECTURES, architecture
from explorer.documents import from_link, to_link
from explorer.drafts import STARTER
from explorer.engine.activations import SQUASHING
from explorer.engine.schedule import schedule
from explorer.fields import Choice, Field, Number, Text, is_written
from explorer.gates import CHANGES, letters
from explorer.graph import GraphError
from explorer.naming import NOTATIONS
from explorer.page_settings import build, cost, order, questions, weights, why
from explorer.parameters import INITIALIZERS
from explorer.tasks.registry import TASKS
from explorer.tasks.text import UNITS
from explorer.training.comparisons import COMPARISONS, RECORDED_SETS
from explorer.training.optimizers import OPTIMIZERS

MOST_STEPS = 200
MOST_TYPED = 1000
"""Characters of a learner's own text that a link carries."""

SENTENCE = "the cat sat on the mat"

OWN = "own"
"""In place of an architecture's name: the learner's own network, which stands beside it."""

MOST_DRAWN = 6000
"""Characters of a learner's own network that a link carries."""

UNTRAINED = "none"
"""In place of an application's name: the weights are drawn from the seed."""


def _unreadable(name: str) -> str | None:
    """Why a learner's own network in a link cannot be shown, if so."""
    if not name:
        return None
    try:
        schedule(from_link(name).graph())
    except GraphError as error:
        return f"{error} {STARTER.name} is shown."
    return None


_KINDS = {name: entry.title for name, entry in ARCHITECTURES.items()}
_STARTER = to_link(STARTER)
_SQUASHING = {name: name for name in SQUASHING}
_INITIALIZERS = {name: name for name in INITIALIZERS}

SHARED: Mapping[str, Field] = MappingProxyType(
    {
        "text": Text(
            "The sentence",
            SENTENCE,
            MOST_TYPED,
            "Sentence",
            "Any words, in any script: each becomes a slice of the network.",
        ),
        "unit": Choice(
            "slices of the kind",
            {unit: unit for unit in UNITS},
            UNITS[0],
            "One slice for each",
            "Whether words or single characters become slices.",
        ),
        "arch": Choice("a network", {**_KINDS, OWN: "Your own"}, "elman", "Network"),
        "own": Text(
            "Your own network", "", MOST_DRAWN, "Your own network, as it stands in links", complaint=_unreadable
        ),
        "trained": Choice(
            "a trained network",
            {UNTRAINED: UNTRAINED, **{name: known.title for name, known in APPLICATIONS.items()}},
            UNTRAINED,
            "Trained network",
            "A network of the Applications page takes the place of one whose weights are drawn from the seed.",
        ),
        "T": Number(
            "Steps T", 1, MOST_STEPS, None, help="How many slices the Unroll page shows. Empty: one for each word."
        ),
        "act": Choice(
            "an activation",
            _SQUASHING,
            "tanh",
            "Activation φ",
            "The function that squashes every hidden unit; gates stay sigmoid.",
        ),
        "depth": Number("Depth", 1, 4, 1, help="Cells on top of each other: each reads the states of the one below."),
        "hidden": Number(
            "Hidden units H", 1, 64, 8, help="More units make longer vectors and larger matrices; the picture stays."
        ),
        "init": Choice(
            "an initialiser",
            _INITIALIZERS,
            "orthogonal",
            "Recurrent weights",
            "How the matrices that are read across a delay are drawn.",
        ),
        "seed": Number("Seed", 0, 9999, 1, help="The same seed always gives the same weights, on every machine."),
        "radius": Number(
            "Spectral radius ρ",
            0.0,
            4.0,
            None,
            0.05,
            "Scales every recurrent matrix so that its largest |eigenvalue| is this. Empty: as drawn.",
        ),
        "gain": Number(
            "Gain",
            0.0,
            10.0,
            1.0,
            0.1,
            "Multiplies every matrix as drawn. A spectral radius, if there is one, then decides the recurrent ones.",
        ),
        "bias": Number(
            "Bias b",
            -10.0,
            10.0,
            0.0,
            0.25,
            "Of the gate that keeps the past (f in an LSTM, z in a GRU); without gates, of every hidden unit.",
        ),
        "names": Choice(
            "names of weights like",
            {n: kind.example for n, kind in NOTATIONS.items()},
            "matrices",
            "Names of the weights",
            "W_xh says from x to h; many textbooks write W, U and V instead.",
        ),
    }
)
"""What all pages have in common: name in the link → what is legal there."""

LOOKS = ("T × T matrix", "Singular values", "σ of each step", "Saturation", "Activations")
"""Pictures of the Vanishing page beside the curves."""

LEARNING = ("Predictions", "Gradients", "Reach", "Hidden states")
"""Pictures of the Train page beside the learning curves."""

LIVE = "live"
"""Of the runs of the Train page, the one that is no recording."""

SPEEDS: Mapping[str, int | None] = MappingProxyType({"slow": 1, "medium": 5, "fast": None})
"""Iterations between two looks at a run; None: as many as there is time for."""

USUAL_KEEP_BIAS = 3.0
"""Of network B on the Vanishing page, where it has a gate that keeps the past and no bias is asked for."""

_MATCHED = "As many hidden units as A, or as many as bring the number of parameters nearest to A's."

PAGES: Mapping[str, Mapping[str, Field]] = MappingProxyType(
    {
        "backward": {
            "window": Number(
                "Truncate after",
                1,
                MOST_STEPS,
                None,
                help="Carry each error back through so many slices, its own among them, and no further. Empty: all.",
            ),
            "stride": Number(
                "Passes every",
                1,
                MOST_STEPS,
                1,
                help="Steps between two passes backward, at most the window; each carries the errors since the last.",
            ),
            "clip": Number(
                "Clip at",
                0.01,
                1000.0,
                None,
                0.1,
                "No gradient of the weights may be longer than this. Empty: as long as it is.",
            ),
            "by": Choice(
                "clipping by",
                {"norm": "norm", "value": "value"},
                "norm",
                "Clip by",
                "By norm: all weights' gradients together are shortened. By value: every entry is cut off on its own.",
            ),
        },
        "vanishing": {
            "length": Number("Length T", 2, 1000, 100, help="The sentence is read over and over for so many steps."),
            "at": Number(
                "Error at step t", 1, 1000, None, help="The error whose way back is followed. Empty: the last."
            ),
            "arch2": Choice("a network", _KINDS, "lstm", "Network B", "Set beside the network above, which is A."),
            "match": Choice("sizes", {"same": "same H", "matched": "same parameters"}, "same", "Size of B", _MATCHED),
            "look": Choice("a picture", {look: look for look in LOOKS}, LOOKS[0], "Show", in_view=True),
            "act2": Choice("an activation", _SQUASHING, "tanh", "B: activation φ"),
            "init2": Choice("an initialiser", _INITIALIZERS, "orthogonal", "B: recurrent weights"),
            "radius2": Number("B: spectral radius ρ", 0.0, 4.0, None, 0.05),
            "gain2": Number("B: gain", 0.0, 10.0, 1.0, 0.1),
            "bias2": Number(
                "B: bias b",
                -10.0,
                10.0,
                None,
                0.25,
                f"Empty: {USUAL_KEEP_BIAS:g} for a gate that keeps the past, 0 without gates.",
            ),
        },
        "gates": {
            "gate": Choice(
                "a gate",
                letters(),
                next(iter(letters())),
                "Gate",
                "Which gate the next control changes, in every copy of the cell.",
            ),
            "change": Choice(
                "a change",
                {name: change.title for name, change in CHANGES.items()},
                "none",
                "Held or removed",
                "Open is 1 and lets everything through, shut is 0. Removed takes its weights away too.",
            ),
            "keep": Number(
                "Keep bias b",
                -6.0,
                6.0,
                0.0,
                0.5,
                "Added to the gate that keeps the past (f in an LSTM, z in a GRU). Usual advice: start training at 1.",
            ),
        },
        "train": {
            "task": Choice(
                "a task",
                {name: task.title for name, task in TASKS.items()},
                "adding",
                "Task",
                "What is to be learnt, each time from sequences drawn afresh.",
            ),
            "span": Number(
                "Steps of the task",
                2,
                MOST_STEPS,
                20,
                help="How long its sequences are, or how far apart what belongs together. Another task brings its own.",
            ),
            "beside": Choice(
                "a comparison",
                {name: comparison.title for name, comparison in COMPARISONS.items()},
                "lstm",
                "Beside it (B)",
                "A second run on the same sequences, which differs from the network above (A) in this alone.",
            ),
            "record": Choice(
                "a run",
                {LIVE: "Trained live", **{name: runs.title for name, runs in RECORDED_SETS.items()}},
                LIVE,
                "Run",
                "Trained while you look, or recorded before because it is heavy work for a server that a class shares.",
            ),
            "show": Choice("a picture", {name: name for name in LEARNING}, LEARNING[0], "Show", in_view=True),
            "speed": Choice(
                "a speed",
                {name: name for name in SPEEDS},
                "medium",
                "Speed",
                "How many iterations are done between two pictures.",
            ),
            "units": Number(
                "Units of each layer H", 1, 64, None, help="Of the networks trained here. Empty: the task's usual."
            ),
            "opt": Choice(
                "an optimiser",
                {name: optimizer.title for name, optimizer in OPTIMIZERS.items()},
                "adam",
                "Optimiser",
                "How a gradient becomes a step.",
            ),
            "rate": Number(
                "Learning rate η",
                0.0001,
                1000.0,
                None,
                0.001,
                "How far a step goes. Empty: what usually works with task and optimiser. Try 100: nothing is learnt.",
            ),
            "limit": Number(
                "Gradient at most",
                0.0,
                1000.0,
                None,
                0.5,
                "A longer gradient of all weights together is shortened. Empty: the task's usual; 0: not clipped.",
            ),
            "cut": Number(
                "Truncate each pass after",
                1,
                MOST_STEPS,
                None,
                help="Steps that an error is carried back while training. Empty: all.",
            ),
            "batch": Number("Sequences in a batch", 1, 128, None, help="Read at once in one iteration."),
            "iterations": Number(
                "Iterations, at most", 1, 20_000, None, 100, "Steps of training. Empty: the task's usual."
            ),
        },
        "sequence_types": {
            "type": Choice(
                "a type",
                {name: kind.short for name, kind in KINDS.items()},
                "many_to_one",
                "Type",
                in_view=True,
            ),
            "pad": Number(
                "Padded steps", 0, 6, 0, help="Adds steps that do not count, as a shorter sequence gets in a batch."
            ),
            **{
                name: Text(
                    f"The input of {kind.title}",
                    kind.example,
                    MOST_TYPED,
                    "Your own input",
                    APPLICATIONS[kind.application].hint,
                )
                for name, kind in KINDS.items()
            },
        },
        "applications": {
            "app": Choice(
                "an application",
                {name: application.title for name, application in APPLICATIONS.items()},
                next(iter(APPLICATIONS)),
                "Application",
                "Each is a small network with weights that were learnt.",
            ),
            **{
                name: Text(f"The input of {application.title}", application.examples[0], MOST_TYPED, application.hint)
                for name, application in APPLICATIONS.items()
            },
        },
        "why": why.FIELDS,
        "order": order.FIELDS,
        "questions": questions.FIELDS,
        "cost": cost.FIELDS,
        "build": build.FIELDS,
        "weights": weights.FIELDS,
    }
)
"""What single pages add, by page."""

FIELDS: Mapping[str, Field] = MappingProxyType({**SHARED, **{n: f for own in PAGES.values() for n, f in own.items()}})
"""Every name a link may carry: the controls, the link and the tests are made from this table."""


@dataclass(frozen=True, slots=True)
class Network:
    """A network and what it reads; equal values give the same numbers, bit for bit.

    Attributes
    ----------
    text, unit : str
        The sentence, and whether words or characters are its tokens.
    trained : str
        Key of `APPLICATIONS`, whose network and weights take the place of all that follows; or `UNTRAINED`.
    arch, act : str
        What `explorer.architectures.architecture` knows, and a key of `SQUASHING`.
    depth, hidden : int
        Cells on top of each other, and units of each layer.
    init, seed : str, int
        How the recurrent weights are drawn, and from which seed.
    radius : float or None
        Spectral radius that recurrent matrices are scaled to; None leaves them as drawn.
    gain, bias : float
        Factor on every matrix as drawn, and bias of the gates that keep the past, or else of all units inside a loop.
    """

    text: str = SENTENCE
    unit: str = "words"
    trained: str = UNTRAINED
    arch: str = "elman"
    act: str = "tanh"
    depth: int = 1
    hidden: int = 8
    init: str = "orthogonal"
    seed: int = 1
    radius: float | None = None
    gain: float = 1.0
    bias: float = 0.0

    @property
    def is_drawn(self) -> bool:
        """Whether it is a learner's own, with sizes and functions of its own."""
        return architecture(self.arch).is_drawn

    @property
    def is_trained(self) -> bool:
        """Whether an application's network stands in for one drawn from the seed."""
        return self.trained != UNTRAINED


@dataclass(frozen=True, slots=True)
class Settings:
    """All a page shows: a network, the length it is unrolled to (None: one step a word), and how it is written."""

    network: Network = Network()
    T: int | None = None
    names: str = "matrices"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Settings:
        """Pick the fields out of a larger mapping.

        Examples
        --------
        >>> defaults = {name: field.default for name, field in FIELDS.items()}
        >>> Settings.of({**defaults, "arch": "lstm", "T": 3}).network.arch
        'lstm'
        """
        arch = (values["own"] or _STARTER) if values["arch"] == OWN else values["arch"]
        network = Network(**{**{field.name: values[field.name] for field in fields(Network)}, "arch": arch})
        return cls(network, values["T"], values["names"])


def repaired(link: Mapping[str, str], table: Mapping[str, Field] = FIELDS) -> tuple[dict[str, Any], list[str]]:
    """Values for what is illegal in a link, and a sentence for each.

    Examples
    --------
    >>> repaired({"T": "0", "arch": "lstm"})
    ({'arch': 'LSTM', 'T': 1}, ["Steps T runs from 1 to 200; the link says '0', so 1 is shown."])
    """
    values, sentences = {}, []
    for name, field in table.items():
        if name in link:
            value, sentence = field.repaired(link[name])
            if sentence is not None:
                sentences.append(sentence)
            if value is None or not is_written(value, link[name]):
                values[name] = value  # None: leave it out
    return values, sentences
