"""What is in a node: its equation in symbols, then the same with the numbers that were really in it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from explorer.equations import Equation
from explorer.figures import charts


def draw(equation: Equation, dark: bool) -> None:
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
    st.plotly_chart(
        charts.vectors(names, rows, dark),
        key="vectors",
        theme=None,
        config={"displayModeBar": False},
        alt=f"The vectors {'; '.join(names)} as rows of coloured cells.",
    )
    with st.popover("Numbers"):
        st.table(pd.DataFrame(dict(zip(names, map(pd.Series, rows), strict=True))))
