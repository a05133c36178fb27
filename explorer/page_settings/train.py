"""What can be set on the page Train."""

from collections.abc import Mapping
from types import MappingProxyType

from explorer.fields import Choice, Field, Number
from explorer.page_settings.shared import MOST_STEPS
from explorer.tasks.registry import TASKS
from explorer.training.comparisons import COMPARISONS, RECORDED_SETS
from explorer.training.optimizers import OPTIMIZERS

LEARNING = ("Predictions", "Gradients", "Reach", "Hidden states")
"""Pictures of the Train page beside the learning curves."""

LIVE = "live"
"""Of the runs of the Train page, the one that is no recording."""

SPEEDS: Mapping[str, int | None] = MappingProxyType({"slow": 1, "medium": 5, "fast": None})
"""Iterations between two looks at a run; None: as many as there is time for."""

FIELDS: Mapping[str, Field] = MappingProxyType(
    {
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
    }
)
"""Name in the link → what is legal there."""
