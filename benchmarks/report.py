"""What was measured, as Markdown."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Target:
    """A number that was agreed on beforehand, and what came out."""

    what: str
    target: str
    measured: str
    met: bool


@dataclass(frozen=True)
class Table:
    """Column titles and rows of text; the first column is left-aligned."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]

    def markdown(self) -> str:
        """The table, its columns padded so that it can be read as it stands."""
        cells = [self.columns, *self.rows]
        widths = [max(3, *(len(row[i]) for row in cells)) for i in range(len(self.columns))]
        lines = [self._line(row, widths) for row in cells]
        rule = "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths))
        return "\n".join([lines[0], f"|{rule}|", *lines[1:]])

    @staticmethod
    def _line(row: tuple[str, ...], widths: list[int]) -> str:
        first, *rest = zip(row, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
        return f"| {' | '.join(cells)} |"


@dataclass(frozen=True)
class Section:
    """One part of the measurements: what was done, the numbers, and the targets they are held against."""

    title: str
    text: str
    tables: list[Table] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)

    def markdown(self) -> str:
        """Heading, text, tables."""
        return "\n\n".join([f"## {self.title}", self.text.strip(), *(table.markdown() for table in self.tables)])


def document(sections: list[Section]) -> str:
    """The whole report: targets first, then how they were measured."""
    targets = Table(
        ("target", "wanted", "measured", "met"),
        [(t.what, t.target, t.measured, "yes" if t.met else "**no**") for s in sections for t in s.targets],
    )
    head = [
        "# Benchmarks",
        "Made by `make bench` (`python -m benchmarks --write`). All numbers of a section come from one run in which "
        "the peers took turns, so trust the ratios; milliseconds belong to the machine:\n" + machine(),
        "## Targets",
        targets.markdown(),
    ]
    return "\n\n".join([*head, *(section.markdown() for section in sections)]) + "\n"


def machine() -> str:
    """Cores and versions; nothing that names a machine or a person."""
    versions = [f"Python {platform.python_version()}"]
    names = {"numpy": "NumPy", "networkx": "networkx", "streamlit": "Streamlit", "torch": "PyTorch", "jax": "JAX"}
    for package, title in names.items():
        try:
            versions.append(f"{title} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    return f"{platform.system()} on {platform.machine()}, {os.cpu_count()} cores, {', '.join(versions)}."
