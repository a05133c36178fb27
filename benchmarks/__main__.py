"""``python -m benchmarks [part ...] [--write]``: print the measurements; write them into docs."""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from benchmarks.report import document

PARTS = ("engine", "flow", "memory", "training", "learning", "unrolling", "browser")
PLACE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"


def main() -> None:
    """Measure the parts that were asked for, all if none was."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what Unroll promises.")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"one or more of {', '.join(PARTS)}; default: all")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md (needs all parts)")
    options = parser.parse_args()
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(PARTS)}.")
    if options.write and options.parts:
        parser.error("--write writes all parts of one run; leave the names of parts out.")
    sections = []
    for part in options.parts or PARTS:
        print(f"Measuring: {part} ...", flush=True)
        sections.append(importlib.import_module(f"benchmarks.{part}").section())
    text = document(sections)
    print("\n" + text)
    if options.write:
        PLACE.write_text(text, encoding="utf-8")
        print(f"Written to docs/{PLACE.name}.")


if __name__ == "__main__":
    main()
