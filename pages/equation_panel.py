"""What is in a node: its equation in symbols, then the same with the numbers that were really in it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.derivatives import Derivative
from explorer.equations import Equation, Vectors, number
from explorer.figures import charts, markup
from pages import chart


def draw(equation: Vectors, formulas: Sequence[str]) -> None:
    """Show formulas, and the vectors in them; long ones as colours, with their numbers one click away."""
    st.markdown("\n\n".join(formulas))
    lines = (*equation.terms, *equation.results)
    if equation.is_short:
        st.html(markup.numbers(lines))
        return
    names, rows = [line.text for line in lines], [line.vector for line in lines]
    chart.show(
        charts.vectors(names, rows, chart.is_dark()),
        key="vectors",
        alt=f"The vectors {'; '.join(names)} as rows of coloured cells.",
    )
    with st.popover("Numbers"):
        st.html(markup.numbers(lines))


def forwards(found: Equation) -> None:
    """What a node computes."""
    text = [markup.display(found.symbols)]
    if found.concatenated is not None:
        text.append(f"or, with previous state and input side by side,\n\n{markup.display(found.concatenated)}")
    draw(found, text)


def backwards(found: Derivative) -> None:
    """What a node receives on the way back."""
    draw(found, [markup.display(formula) for formula in (found.symbols, found.local) if formula is not None])
    if len(found.terms) > 1:
        st.caption(
            f"The {len(found.terms)} terms add up, unit by unit, to the gradient that the whole pass found: the two "
            f"differ by at most {number(found.gap)}."
        )
