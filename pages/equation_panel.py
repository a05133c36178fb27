"""What is in a node: its equation in symbols, then the same with the numbers that were really in it."""

from __future__ import annotations

import streamlit as st

from explorer.equations import Equation
from explorer.figures import charts, markup
from pages import chart


def draw(equation: Equation) -> None:
    """Show an equation; long vectors as colours, with their numbers one click away."""
    text = [f"$$\n{equation.symbols}\n$$"]
    if equation.concatenated is not None:
        text.append(f"or, with previous state and input side by side,\n\n$$\n{equation.concatenated}\n$$")
    st.markdown("\n\n".join(text))
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
