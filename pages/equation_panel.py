"""What is in a node: its equation in symbols, then the same with the numbers that were really in it."""

from __future__ import annotations

import streamlit as st

from explorer.equations import Equation
from explorer.figures import charts
from pages import chart


def draw(equation: Equation) -> None:
    """Show an equation; long vectors as colours, with their numbers one click away."""
    st.latex(equation.symbols)
    if equation.concatenated is not None:
        st.caption("The same as one product, previous state and input side by side:")
        st.latex(equation.concatenated)
    lines = (*equation.terms, *equation.results)
    if equation.is_short:
        st.latex(equation.numbers())
        return
    names, rows = [line.text for line in lines], [line.vector for line in lines]
    chart.show(
        charts.vectors(names, rows, chart.is_dark()),
        key="vectors",
        alt=f"The vectors {'; '.join(names)} as rows of coloured cells.",
    )
    with st.popover("Numbers"):
        longest = max(len(row) for row in rows)
        padded = [[f"{value:.6g}" for value in row] + [""] * (longest - len(row)) for row in rows]
        st.table({"unit": range(1, longest + 1), **dict(zip(names, padded, strict=True))})
