"""The process that measures: a request as JSON on standard input, a line of JSON for every way on standard output."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from explorer.cost.measuring import PROCESS_BYTES, Request
from explorer.cost.runs import BATCHES, measure, measure_rows


def limit_memory(most: int = PROCESS_BYTES) -> None:
    """Take no more than that from the machine, where the platform can be told so."""
    try:
        import resource  # not on every platform

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
    except (ImportError, ValueError, OSError):  # then only sizes and time are limited
        pass


def answer(name: str, request: Request) -> dict[str, Any]:
    """What a way took, or a sentence."""
    try:
        return asdict(
            measure_rows(name, request.of_rows(), request.rows) if name in BATCHES else measure(name, request.work())
        )
    except MemoryError:
        return {"way": name, "sentence": "more memory than the process that measures is given"}
    except ValueError as error:  # every complaint of the engine is a sentence
        return {"way": name, "sentence": str(error)}


def main() -> None:
    """Answer one request, the cheapest way first, so that a late end loses little."""
    limit_memory()
    given = json.load(sys.stdin)
    request = Request(**{**given, "ways": tuple(given["ways"]), "rows": tuple(given["rows"])})
    for name in request.ways:
        sys.stdout.write(json.dumps(answer(name, request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
