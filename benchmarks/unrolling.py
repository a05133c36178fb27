"""How long it takes to unroll a network and to put its nodes in order, in a process such as the pages run in.

``python -m benchmarks.unrolling [--server] [--frozen]`` measures once and prints JSON; `section` starts it as a child,
because garbage collection, which is half of the matter here, costs more the more other objects a process holds.
"""

from __future__ import annotations

import gc
import importlib
import json
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import networkx as nx

import explorer
from benchmarks.problem import NETWORKS
from benchmarks.report import Section, Table, Target
from benchmarks.timing import median, p95

ROOT = Path(__file__).resolve().parent.parent
MOST = {100: 5.0, 1000: 50.0}
"""Milliseconds for T steps."""
REPEATS = 25
NEIGHBOURS = ("streamlit", "plotly.graph_objects", "pandas")
"""Loaded beside the explorer, as in the server."""
TEXT = """
`explorer.unroll` and then `networkx.topological_sort`, in milliseconds of processor time, medians (95th percentile in
brackets); beside it `explorer.topological_order`, the order that the page steps through, which puts early steps first.
Python's garbage collector is on. It goes through all objects of a process whenever many new ones have been made, so
the process matters: one that has loaded the explorer alone, one that has loaded Streamlit, Plotly and pandas beside
it, as the server has, and the same after `gc.freeze()`, which takes what is loaded out of the collector's rounds.
"""

PROCESSES = {"explorer alone": (), "as in the server": ("--server",), "server, frozen": ("--server", "--frozen")}

Taken = dict[str, dict[str, list[float]]]


def section() -> Section:
    """All processes, one table."""
    taken = {state: _child(*arguments) for state, arguments in PROCESSES.items()}
    rows, targets = [], []
    for steps, most in MOST.items():
        for state, times in taken.items():
            middles = {}
            for network in NETWORKS:
                here = times[f"{network} {steps}"]
                both = [u + s for u, s in zip(here["unroll"], here["sort"], strict=True)]
                columns = (here["unroll"], here["sort"], both, here["order"])
                rows.append((f"T = {steps}, {state}, {network}", *map(_cell, columns)))
                middles[network] = median(both)
            measured = ", ".join(f"{name} {middle:.1f}" for name, middle in middles.items())
            what = f"unroll and sort, T = {steps}, {state}, ms"
            targets.append(Target(what, f"≤ {most:.0f}", measured, max(middles.values()) <= most))
    table = Table(("", "unroll", "topological_sort", "both", "topological_order"), rows)
    return Section("Unrolling", TEXT, [table], targets)


def _cell(times: list[float]) -> str:
    return f"{median(times):.1f} ({p95(times):.1f})"


def _child(*arguments: str) -> Taken:
    command = [sys.executable, "-m", "benchmarks.unrolling", *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def _measure() -> Taken:
    """Milliseconds of every repeat, by network and T; the networks take turns."""
    graphs = {name: explorer.build(key, inputs=12, hidden=8, outputs=12) for name, key in NETWORKS.items()}
    taken: Taken = {f"{n} {t}": {"unroll": [], "sort": [], "order": []} for n in graphs for t in MOST}
    for repeat in range(-1, REPEATS):
        for name, graph in graphs.items():
            for steps in MOST:
                times = _once(graph, steps)
                if repeat >= 0:
                    for what, milliseconds in times.items():
                        taken[f"{name} {steps}"][what].append(milliseconds)
    return taken


def _once(graph: explorer.Graph, steps: int) -> dict[str, float]:
    clock = [time.process_time()]
    dag = explorer.unroll(graph, steps)
    clock.append(time.process_time())
    ordered = list(nx.topological_sort(dag))
    clock.append(time.process_time())
    shown = explorer.topological_order(dag)
    clock.append(time.process_time())
    assert len(ordered) == len(shown)
    unroll, sort, order = (1e3 * (b - a) for a, b in pairwise(clock))
    return {"unroll": unroll, "sort": sort, "order": order}


if __name__ == "__main__":
    for package in NEIGHBOURS if "--server" in sys.argv else ():
        importlib.import_module(package)
    gc.collect()
    if "--frozen" in sys.argv:
        gc.freeze()
    json.dump(_measure(), sys.stdout)
