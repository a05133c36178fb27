"""A published result that can be run again: what was printed, where it applies, and how ours compares."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from math import isfinite, isnan
from numbers import Real
from types import MappingProxyType
from typing import Any, Literal

from explorer.fields import Choice, Field, Number
from explorer.graph import is_whole
from explorer.papers.picture import Picture

Values = Mapping[str, Any]
Relation = Literal["=", "≤", "<"]
Status = Literal["agrees", "differs", "refuted", "holds here", "elsewhere", "ours"]


@dataclass(frozen=True, slots=True)
class Published:
    """A number as it was printed, and the setting it was printed for.

    Attributes
    ----------
    quantity : str
        Which of the measured numbers it is compared with.
    printed : str
        With exactly the digits that were published: "0.0555" says less than "0.05550".
    tolerance : float
        Relative. Never finer than half a unit of the last digit printed.
    at : mapping
        Where the setting differs from the paper's defaults.
    relation : {"=", "≤", "<"}
        How ours has to stand to it.
    anywhere : bool
        Whether it is claimed for every setting.
    refuted : bool
        Whether the literature is wrong here, and the card is there to show it.
    written : str
        What to show instead of the digits, "1/6" for example.

    Examples
    --------
    >>> value = Published("slope", "0.6191", 1e-3)
    >>> value.accepts(0.6188), value.accepts(0.63)
    (True, False)
    >>> Published("gradient", "1.6e-7", 1e-2).accepts(1.576e-7)  # two digits are all there is
    True
    """

    quantity: str
    printed: str
    tolerance: float = 0.0
    at: Values = field(default_factory=dict)
    relation: Relation = "="
    anywhere: bool = False
    refuted: bool = False
    written: str = ""

    @property
    def text(self) -> str:
        """As a reader knows it."""
        return self.written or self.printed.replace("-", "−")

    @property
    def value(self) -> float:
        return float(self.printed)

    @property
    def allowed(self) -> float:
        """How far ours may lie from the printed value."""
        allowed = self.tolerance * abs(self.value)
        if self.relation == "=" and not self.printed.lstrip("-").isdigit():  # a whole number is printed in full
            exponent = Decimal(self.printed).as_tuple().exponent
            allowed = max(allowed, 0.5 * 10.0 ** int(exponent))
        return allowed

    def accepts(self, ours: float) -> bool:
        """Whether ours agrees."""
        distance = ours - self.value
        if self.relation == "=":
            return abs(distance) <= self.allowed
        return distance < self.allowed if self.relation == "<" else distance <= self.allowed


@dataclass(frozen=True, slots=True)
class Result:
    """One measured number beside what was published.

    Attributes
    ----------
    quantity : str
    ours : float
        NaN where the setting leaves nothing to measure.
    published : tuple of Published
        What was printed for this setting; else what was printed for other settings; else empty.
    status : str
        "agrees" or "differs"; "refuted" or "holds here" for a claim that is false in general; "elsewhere" if it was
        published for other settings only, "ours" if it was never published.
    """

    quantity: str
    ours: float
    published: tuple[Published, ...]
    status: Status

    @property
    def shown(self) -> str:
        """Ours with as many digits as were printed."""
        return shown(self.ours, self.published[0].printed if self.published else "")

    @property
    def agrees(self) -> bool | None:
        """Whether ours confirms the literature; None if there is nothing to compare it with."""
        return {"agrees": True, "holds here": True, "differs": False, "refuted": False}.get(self.status)


@dataclass(frozen=True, eq=False)
class Paper:
    """A card: who claimed what, the setting, the printed numbers, and the computation that gives ours.

    Attributes
    ----------
    title, source, claim : str
        The claim is one line; `source` is authors, year and where.
    fields : mapping of str to Field
        The adjustable setting, with the published values as defaults.
    published : tuple of Published
        The first is the headline.
    measure : callable
        ``measure(**values) -> {quantity: number}``, in the order in which they are shown.
    plot : callable
        ``plot(**values) -> Picture``.
    free : tuple of str
        Fields that the claim leaves open, a seed for example: moving them does not leave the setting.
    """

    title: str
    source: str
    claim: str
    fields: Mapping[str, Field]
    published: tuple[Published, ...]
    measure: Callable[..., Mapping[str, float]]
    plot: Callable[..., Picture]
    free: tuple[str, ...] = ()

    @cached_property
    def defaults(self) -> Values:
        return MappingProxyType({name: own.default for name, own in self.fields.items()})

    @cached_property
    def settings(self) -> tuple[Values, ...]:
        """Every setting for which something was printed, the default first."""
        found: list[Values] = []
        for own in self.published:
            if own.at not in found:
                found.append(own.at)
        return tuple({**self.defaults, **at} for at in sorted(found, key=lambda at: at != {}))

    def applies(self, own: Published, values: Values) -> bool:
        """Whether a number was printed for a setting."""
        return own.anywhere or self.is_at({**self.defaults, **own.at}, values)

    def is_at(self, known: Values, values: Values) -> bool:
        """Whether two settings are the same but for fields that are left open."""
        return all(values[name] == known[name] for name in self.fields if name not in self.free)

    def compute(self, **values: Any) -> tuple[Result, ...]:
        """Measure in a setting (defaults where nothing is given) and compare.

        Examples
        --------
        >>> from explorer.papers import PAPERS
        >>> [round(result.ours, 4) for result in PAPERS["latching"].compute(latch_w=2.0)[:2]]
        [0.9575, 0.1664]
        """
        chosen = self.chosen(values)
        return tuple(self._compared(name, float(ours), chosen) for name, ours in self.measure(**chosen).items())

    def picture(self, **values: Any) -> Picture:
        """What is drawn for a setting, with defaults where nothing is given."""
        return self.plot(**self.chosen(values))

    def chosen(self, values: Values) -> Values:
        """A setting with nothing left out; a sentence if there is no such setting.

        Examples
        --------
        >>> from explorer.papers import PAPERS
        >>> PAPERS["slots"].chosen({"slots_T": 5000})
        Traceback (most recent call last):
        ValueError: 'slots_T', Steps T, runs from 1 to 1000, in whole numbers; 5000 was given.
        """
        for name, value in values.items():
            if name not in self.fields:
                raise ValueError(f"'{name}' is no field of this card; its fields are {', '.join(self.fields)}.")
            complaint = _complaint(self.fields[name], value)
            if complaint is not None:
                raise ValueError(f"'{name}', {self.fields[name].label}, {complaint}; {value!r} was given.")
        return {**self.defaults, **values}

    @cached_property
    def checks(self) -> tuple[tuple[Published, float], ...]:
        """Every printed number with ours in the setting it was printed for."""
        ours = [({**self.defaults, **values}, self.measure(**values)) for values in self.settings]
        return tuple(
            (own, float(next(found[own.quantity] for values, found in ours if self.applies(own, values))))
            for own in self.published
        )

    def _compared(self, quantity: str, ours: float, values: Values) -> Result:
        known = tuple(own for own in self.published if own.quantity == quantity)
        here = tuple(own for own in known if self.applies(own, values))
        if not here or isnan(ours):
            return Result(quantity, ours, known, "elsewhere" if known else "ours")
        if all(own.accepts(ours) for own in here):
            return Result(quantity, ours, here, "holds here" if here[0].refuted else "agrees")
        return Result(quantity, ours, here, "refuted" if here[0].refuted else "differs")


def _complaint(field: Field, value: object) -> str | None:
    """What a field may be, if a value is not that."""
    if isinstance(field, Choice):
        return None if value in field.labels else f"is one of {', '.join(field.labels)}"
    if isinstance(field, Number):
        is_right = is_whole(value) or not field.is_whole
        if not (isinstance(value, Real) and is_right and field.least <= float(value) <= field.most):
            return f"runs from {field.least} to {field.most}" + ", in whole numbers" * field.is_whole
    return None


def shown(number: float, printed: str = "") -> str:
    """A number with one digit more than was printed, and at least four.

    Examples
    --------
    >>> shown(0.341571042, ".34157104"), shown(1.576e-7, "1.6e-7"), shown(64.0), shown(float("nan"))
    ('0.341571042', '1.576e−7', '64', 'none')
    """
    if not isfinite(number):
        return "none" if isnan(number) else "∞" if number > 0 else "−∞"
    if number == int(number) and abs(number) < 1e6:
        return str(int(number)).replace("-", "−")
    digits = len(Decimal(printed).as_tuple().digits) if printed else 3
    plain = f"{number:.{max(digits + 1, 4)}g}"
    mantissa, _, exponent = plain.partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else plain).replace("-", "−")
