"""How well the shipped networks do, and what they weigh."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.applications import APPLICATIONS, shelf
from explorer.applications.application import HARDLY
from explorer.tasks.problem import Metric


@dataclass(frozen=True, slots=True)
class Report:
    """How well the shipped weights do on sequences that they were not trained on.

    Attributes
    ----------
    metric : Metric
    score, baseline : float
        Of the network, and of the naive rule.
    rule : str
        The naive rule, in words.
    rows : int
        Sequences it was examined on.
    """

    metric: Metric
    score: float
    baseline: float
    rule: str
    rows: int

    @property
    def share(self) -> float:
        """What is left of the naive rule's error: above 1 the rule is better."""
        errors = [number if self.metric.is_error else 1 - number for number in (self.score, self.baseline)]
        return errors[0] / errors[1] if errors[1] else float("inf")

    @property
    def verdict(self) -> str:
        """One sentence, from the numbers."""
        if not self.metric.is_better(self.score, self.baseline):
            return "The network is no better than the naive rule."
        if self.share > HARDLY:
            return f"The network is hardly better than the naive rule: it makes {self.share:.1%} of its error."
        share = f"{self.share:.1%}" if self.share >= 0.0005 else "less than 0.1%"
        return f"The network makes {share} of the naive rule's error."

    @property
    def is_worth_it(self) -> bool:
        """Whether the network does clearly better than the naive rule."""
        return self.metric.is_better(self.score, self.baseline) and self.share <= HARDLY

    def written(self, number: float) -> str:
        """A score as it is written; what is rounded to a perfect one is said to be almost that."""
        text = format(number, self.metric.written)
        is_rounded = number not in (0, 1) and text in (
            format(0.0, self.metric.written),
            format(1.0, self.metric.written),
        )
        return f"almost {text}" if is_rounded and self.metric.is_error == (number < 0.5) else text


def report(name: str) -> Report:
    """Examine the shipped weights of an application."""
    problem, examination = APPLICATIONS[name].problem, APPLICATIONS[name].course.examination
    score = problem.metric.measure(shelf.run(name, examination), examination)
    return Report(problem.metric, score, problem.baseline, problem.rule, examination.rows)


@dataclass(frozen=True, slots=True)
class Shipped:
    """What an application's network is and weighs.

    Attributes
    ----------
    network : str
    parameters, bytes : int
        Numbers that were learnt, and size of the file that holds them.
    command : str
        What trains it again.
    """

    network: str
    parameters: int
    bytes: int
    command: str


def shipped(name: str) -> Shipped:
    """Sizes of an application's network."""
    weights = shelf.weights(name)
    hidden, depth = (getattr(APPLICATIONS[name].blueprint, size) for size in ("hidden", "depth"))
    title = APPLICATIONS[name].course.graph().name
    return Shipped(
        network=f"{title}, {hidden} hidden units" + f", {depth} deep" * (depth > 1),
        parameters=sum(array.size for array in weights.values()),
        bytes=(shelf.NETWORKS / f"{name}.npz").stat().st_size,
        command=f"python -m explorer train {name}",
    )
