"""Numbers as HTML: tables a browser paints at once, for what has to be there the moment a key is pressed.

Formulas stand in their own line, set by KaTeX; the short names at the head of a table and the bars of a distribution
need no typesetting, and are plain marks that every screen reader knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

import numpy as np

from explorer.engine.activations import Array
from explorer.equations import Line, number

MOST_BARS = 8
WIDEST = 24
"""Characters of a formula that fit beside the picture."""

_SIGNS = {
    r"\left": "",
    r"\right": "",
    r"\,": "\u202f",
    r"\ ": " ",
    r"\odot": "⊙",
    r"\partial": "∂",
    r"\delta": "δ",
    r"\sigma": "σ",
    r"\phi": "φ",
    r"\top": "⊤",
    r"\sum": "Σ",
    r"\cdot": "·",
    r"\rightarrow": "→",
    r"\leftarrow": "←",
    r"\lVert": "‖",
    r"\rVert": "‖",
    r"\tanh": "tanh",
    r"\max": "max",
    r"\prime": "′",
    "-": "−",
}
_WORDS = re.compile(r"\\(?:mathrm|text|operatorname|mathbf)\{([^{}]*)\}")
_RAISED = re.compile(r"([_^])(?:\{((?:[^{}]|\{[^{}]*\})*)\}|(\\[a-zA-Z]+|[^\s{}\\]))")
_COMMAND = re.compile(r"(\\[a-zA-Z]+) ?|(\\[, ]|-)")
_TAGS = {"_": "sub", "^": "sup"}


def symbols(latex: str) -> str:
    """A short formula of this project's own as HTML: letters, subscripts, superscripts and signs.

    Examples
    --------
    >>> symbols(r"h_{2}\\,W_{hh}"), symbols(r"a^{h_{1}^{(\\rightarrow)}}_{3}")
    ('h<sub>2</sub>\\u202fW<sub>hh</sub>', 'a<sup>h<sub>1</sub><sup>(→)</sup></sup><sub>3</sub>')
    """

    def raised(found: re.Match[str]) -> str:
        tag, inside = _TAGS[found[1]], found[2] if found[2] is not None else found[3]
        return f"<{tag}>{_RAISED.sub(raised, inside)}</{tag}>"

    plain = escape(_WORDS.sub(r"\1", latex), quote=False)

    def sign(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        return _SIGNS.get(name, name[1:])

    signs = _COMMAND.sub(sign, _RAISED.sub(raised, plain)).replace(" ", "\u00a0")
    return re.sub("\u00a0?⊙\u00a0?", " ⊙\u00a0", signs)  # a long product may go on in the next line


def display(latex: str) -> str:
    """A formula on a line of its own in Markdown; a long sum goes on below, one term a line.

    Examples
    --------
    >>> print(display("a = b + c"))
    $$
    a = b + c
    $$
    """
    left, equals, right = latex.partition(" = ")
    terms = _terms(right)
    if not equals or len(terms) < 2 or _width(latex) <= WIDEST:
        return f"$$\n{latex}\n$$"
    first, *rest = terms
    lines = [f"{left} &= {first}", *(rf"&\quad {term}" for term in rest)]
    broken = r" \\ ".join(lines)
    return f"$$\n\\begin{{aligned}} {broken} \\end{{aligned}}\n$$"


def _terms(latex: str) -> list[str]:
    """A sum's terms, each but the first with its sign; what stands in brackets is not parted."""
    found, depth = [""], 0
    for token in re.split(r"(\\left|\\right|[{}()\[\]]| [+-] )", latex):
        depth += (token in ("{", "(", "[")) - (token in ("}", ")", "]"))
        if depth == 0 and token in (" + ", " - "):
            found.append(token.strip() + " ")
        else:
            found[-1] += token
    return found


def _width(latex: str) -> int:
    """About how many characters wide a formula is."""
    return len(re.sub(r"\\(?:left|right|frac|partial)|\\[a-zA-Z]+(?=\W)|[{}_^\\ ]", "·", latex).replace("·", ""))


def numbers(lines: Sequence[Line]) -> str:
    """Vectors with their numbers: a row for each unit, a column for each vector.

    Examples
    --------
    >>> numbers([Line("h_{1}", "h at 1", np.array([0.5, -2.0]))]).count("<tr>")
    3
    """
    longest = max(line.vector.size for line in lines)
    names = "".join(f'<th scope="col" data-latex="{escape(line.latex)}">{symbols(line.latex)}</th>' for line in lines)
    rows = []
    for unit in range(longest):
        cells = [number(float(line.vector[unit])) if unit < line.vector.size else "" for line in lines]
        values = "".join(f"<td>{cell}</td>" for cell in cells)
        rows.append(f'<tr><th scope="row">{unit + 1}</th>{values}</tr>')
    return f'<table class="numbers"><thead><tr><th>unit</th>{names}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def distribution(caption: str, tokens: Sequence[str], probabilities: Array, target: str) -> str:
    """An output as bars, the most probable token first; the target is marked and always among them.

    Parameters
    ----------
    caption : str
        What the bars are, in words.
    tokens : sequence of str
    probabilities : (V,) array
    target : str
        Empty if nothing is asked at this step.
    """
    ranked = np.argsort(-probabilities, kind="stable")[:MOST_BARS].tolist()
    if target in tokens and tokens.index(target) not in ranked:
        ranked[-1] = tokens.index(target)
    most = float(probabilities[ranked].max()) or 1.0
    rows = []
    for unit in ranked:
        is_target, share = tokens[unit] == target, float(probabilities[unit])
        mark = ' class="target"' if is_target else ""
        rows.append(
            f'<tr{mark}><th scope="row" dir="auto">{escape(tokens[unit])}{" ← target" * is_target}</th>'
            f'<td><i style="width:{100 * share / most:.3g}%"></i></td><td>{number(share)}</td></tr>'
        )
    return f'<table class="shares"><caption>{escape(caption)}</caption><tbody>{"".join(rows)}</tbody></table>'
