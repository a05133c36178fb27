"""Laws of the repository itself: rooms, independence from other hosts, one owner for each fact."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(p for room in ("explorer", "pages") for p in (ROOT / room).rglob("*.py"))

# Each room may import from those before it. A room is a module of `explorer` or one of its packages.
ROOMS = (
    ("graph", "cycles"),
    ("draft_fields", "drafts", "draft_history", "documents", "fitting"),
    ("naming", "amounts"),
    ("architectures",),
    ("gates",),
    ("unrolling", "exchange"),
    ("parameters",),
    ("engine",),
    ("formats",),
    ("tasks",),
    ("market",),
    ("markdown",),
    ("training",),
    ("applications",),
    ("progress", "commands"),
    ("cost",),
    ("lessons",),
    ("fields", "page_settings"),
    ("settings",),
    (
        "views",
        "equations",
        "messages",
        "derivatives",
        "gate_views",
        "gate_reach",
        "gradient_views",
        "vanishing_views",
        "training_choices",
        "training_views",
    ),
    (
        "application_views",
        "reports",
        "positions",
        "order_views",
        "cost_views",
        "build_views",
        "draft_views",
        "weight_views",
        "scripts",
    ),
    ("questions",),
    ("padding",),
    ("papers",),
    ("figures",),
)
RANK = {name: rank for rank, names in enumerate(ROOMS) for name in names}
FACE = ("__init__", "__main__")  # the package's face sees everything; the launcher sees nothing but a child process

# Which rooms may import which of the runtime packages (beside the standard library).
PACKAGES = {
    "streamlit": {"pages"},
    "plotly": {"figures", "market"},  # market: the real prices that plotly ships
    "networkx": {"graph", "cycles", "unrolling", "exchange", "views", "cost"},
    "numpy": set(RANK)
    - {
        *("graph", "cycles", "draft_fields", "drafts", "draft_history", "documents", "fitting"),
        *("naming", "amounts", "architectures", "unrolling", "exchange", "gates"),
    },
}


def ids(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room_of(path: Path) -> str:
    """``figures`` for explorer/figures/theme.py, ``graph`` for explorer/graph.py, ``pages`` for a page."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return "pages" if parts[0] == "pages" else parts[1]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """The line and the full name of everything a module imports, wherever in it; relative names made absolute."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            source = ".".join((*base, *filter(None, [node.module])))
            if source == "explorer":  # from explorer import graph, forward
                yield from ((node.lineno, f"explorer.{alias.name}") for alias in node.names)
            else:
                yield node.lineno, source


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_every_module_lives_in_a_room(path):
    room = room_of(path)
    assert room == "pages" or room in RANK or room in FACE, (
        f"{ids(path)} is in no room: add {room!r} to ROOMS in tests/test_repository.py, below what it imports"
    )


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_imports_run_one_way(path):
    room = room_of(path)
    for line, name in imports(path):
        top, *rest = name.split(".")
        where = f"{ids(path)}:{line} imports {name}"
        if top == "explorer" and rest and room in RANK:
            other = rest[0]
            assert other in RANK, f"{where}, which is no room; import from the module itself"
            assert RANK[other] <= RANK[room], f"{where}: an arrow that runs back"
        if top == "explorer" and not rest and room in RANK:
            pytest.fail(f"{where}: the face imports the rooms, not the other way")
        assert top != "pages" or room == "pages", f"{where}: only pages know pages"


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_packages_stay_in_their_rooms(path):
    room = room_of(path)
    neighbours = {p.stem for p in (ROOT / "pages").glob("*.py")} if room == "pages" else set()
    for line, name in imports(path):
        top = name.partition(".")[0]
        if top in PACKAGES:
            assert room in PACKAGES[top], f"{ids(path)}:{line} imports {top}, which belongs in {sorted(PACKAGES[top])}"
        else:
            known = top in {"explorer", "pages"} | neighbours or top in sys.stdlib_module_names
            assert known, f"{ids(path)}:{line} imports {top}, which is not among the runtime packages"


@pytest.mark.parametrize("room", ["explorer", "pages"])
def test_no_module_hides_the_standard_library(room):
    # The folder of a script that is started comes first on sys.path.
    names = {path.stem for path in (ROOT / room).glob("*.py") if not path.stem.startswith("__")}
    assert not names & sys.stdlib_module_names


def test_the_library_needs_neither_screen_nor_plots():
    code = "import sys, explorer; print(*sorted({'streamlit', 'plotly'} & {m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


# Namespaces are names, not addresses; example.com is reserved.
NAMES = re.compile(r"https?://(www\.w3\.org/|graphml\.graphdrawing\.org/|127\.0\.0\.1|localhost|\{|example\.com)")
ADDRESS = re.compile(r"""(?:https?:)?//(?=[a-z0-9-]+\.[a-z])[^\s"'`)<>]+""", re.IGNORECASE)
LOADS = {".py", ".js", ".css", ".html", ".svg", ".toml"}


def served() -> list[Path]:
    """Every file whose text can reach a browser."""
    rooms = ("assets", "pages", "explorer", ".streamlit")
    return sorted(p for room in rooms for p in (ROOT / room).rglob("*") if p.suffix in LOADS)


@pytest.mark.parametrize("path", served(), ids=ids)
def test_nothing_is_loaded_from_another_host(path):
    # Prose may cite papers by address: that lives in Markdown. Code and styles may not name another host.
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        for found in ADDRESS.finditer(line):
            assert NAMES.match(found[0]), f"{ids(path)}:{number} names another host: {found[0]}"


def test_the_theme_has_one_owner():
    from explorer.figures.theme import DARK, LIGHT

    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for name, theme in (("light", LIGHT), ("dark", DARK)):
        assert config["theme"][name] == {
            "primaryColor": theme.primary,
            "backgroundColor": theme.background,
            "secondaryBackgroundColor": theme.surface,
            "textColor": theme.ink,
        }


def test_the_readme_says_what_the_makefile_does():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    assert verbs >= {"run", "test", "lint", "bench", "clean", "help"}
    for name in ("README.md", "CONTRIBUTING.md"):
        said = set(re.findall(r"(?:^|`)make ([a-z]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        assert said, f"{name} names no verb"
        assert said <= verbs, f"{name} promises {sorted(said - verbs)}"


def test_links_of_the_documents_lead_somewhere():
    for document in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#\s]+)", document.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("/"):
                assert (document.parent / target).exists(), f"{ids(document)} links to {target}, which does not exist"


def test_versions_are_stated_once():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "dependencies" in project["dynamic"]
    needed = re.findall(r"^([a-z]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(needed) == {"streamlit", "numpy", "plotly", "networkx"}


def test_ci_runs_the_readmes_test_command():
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [line for line in lines if line and not line.startswith("#")]
    assert len(commands) == 1
    assert commands[0].endswith("make test")
    assert "make test" in (ROOT / "README.md").read_text(encoding="utf-8")


def python_blocks(name: str) -> str:
    """All Python code of a Markdown file, in order."""
    return "\n".join(re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), re.DOTALL))


def test_the_readmes_library_code_runs():
    scope: dict[str, object] = {}
    exec(python_blocks("README.md"), scope)  # what a reader would paste
    assert scope["trace"].loss > 0
    assert set(scope["gradients"].weights) == {"W_xh", "W_hh", "w_skip", "W_hy", "b_h", "b_y"}


def test_the_architecture_that_contributing_shows_can_be_built():
    """Its cell, placed and run, as its one entry in the registry would have it."""
    from explorer import architectures, backward, forward, initialize

    scope = dict(vars(architectures))
    exec(python_blocks("CONTRIBUTING.md").split("ARCHITECTURES = {")[0], scope)
    shape = architectures.Shape(inputs=3, hidden=2, outputs=3, depth=2)
    graph = architectures.stacked("Minimal gated unit", scope["MINIMAL"], shape)
    gradients = backward(forward(graph, initialize(graph), [[0], [2], [1]], targets=[[2], [1], [0]]))
    assert gradients.weights["W_hn_2"].any()
