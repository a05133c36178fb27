"""What two orders of the same words do to a recurrent network and to a bag of words, side by side."""

from __future__ import annotations

import streamlit as st

from explorer import scripts
from explorer.applications import APPLICATIONS
from explorer.applications.bags import bag
from explorer.applications.shelf import ShelfError
from explorer.documents import to_link
from explorer.engine.activations import Array
from explorer.equations import number
from explorer.figures.order import two_ways
from explorer.markdown import plain
from explorer.order_views import InTwoOrders, Score
from explorer.order_views.ways import TwoWays
from pages import cached, chart, exports, prose

_ANSWERS = 6


def draw(reader: str, first: str, second: str) -> None:
    """Two pictures, the numbers behind them, and the text."""
    try:
        found = cached.in_two_orders(reader, first, second)
    except ShelfError as missing:
        st.error(plain(str(missing)))
        return
    left, right = st.columns(2, gap="medium")
    with left:
        _one(found.recurrent, "order_recurrent")
    with right:
        _one(found.bag, "order_bag")
    prose.notes(found.notes)
    facts, text = st.columns([7, 6], gap="medium")
    with facts:
        st.markdown(_table(found))
        score = cached.order_scored(reader)
        if score:
            st.markdown(_scored(score, found))
        _links(reader, first, second)
    with text:
        prose.below("order", network=found.recurrent.title, own=_carried(found.recurrent), bag=_carried(found.bag))
    exports.data("order", lambda: _arrays(found))
    exports.python(lambda: scripts.orders(reader, first, second))


def _one(ways: TwoWays, key: str) -> None:
    """What one network answers to both, and its two ways."""
    best = [walk.ranked[0] for walk in ways.walks]
    if ways.is_torn:
        said = " · ".join(
            f"{mark} **{plain(guess.text)}** {_share(guess.probability)}"
            for mark, guess in zip("AB", best, strict=True)
        )
    else:
        said = f"both **{plain(best[0].text)}** {_share(best[0].probability)}"
    st.markdown(f"{ways.title}: {said}")
    chart.show(two_ways(ways, chart.is_dark()), key=key, alt=_alternative(ways))


def _carried(ways: TwoWays) -> str:
    """The equations of what a network keeps."""
    return " and ".join(f"${symbols}$" for symbols in ways.carried)


def _alternative(ways: TwoWays) -> str:
    x, y = (f"{share:.0%}" for share in ways.plane.shares.tolist())
    end = (
        f"After the last words they are {number(ways.apart)} apart." if ways.is_torn else "They end in the same point."
    )
    first, second = (" ".join(walk.shown) for walk in ways.walks)
    parting = "They never part." if ways.parting is None else f"They part at step {ways.parting}."
    return (
        f"{ways.title}: the states after each word of “{first}” and of “{second}” in the plane of two principal "
        f"components, which keep {x} and {y} of the variance; below, their distance at each step. {parting} {end}"
    )


def _table(found: InTwoOrders) -> str:
    """Probabilities of the likeliest answers, by network and order."""
    both = (found.recurrent, found.bag)
    answers = list(dict.fromkeys([*found.recurrent.answers(), *found.bag.answers(2)]))[:_ANSWERS]
    rows = ["| answer | recurrent, A | recurrent, B | bag, A | bag, B |", "|---|---|---|---|---|"]
    for answer in answers:
        shares = [_share(walk.chances[answer]) for ways in both for walk in ways.walks]
        rows.append(f"| {plain(answer)} | {' | '.join(shares)} |")
    rows.append(f"| apart at the end | {_apart(found.recurrent)} | | {_apart(found.bag)} | |")
    return "\n".join(rows)


def _apart(ways: TwoWays) -> str:
    return number(ways.apart) if ways.is_torn else f"0{'' if ways.apart == 0 else ', to rounding'}"


def _share(probability: float) -> str:
    return f"{probability:.1%}".replace("%", "\u202f%")


def _scored(score: Score, found: InTwoOrders) -> str:
    """What the order is worth in sentences as they are written, and how large both networks are."""
    written = score.metric.written
    sizes = [f"{ways.parameters:,}" for ways in (found.recurrent, found.bag)]
    close = " In sentences that stand in their usual order, the words alone give nearly everything away."
    return (
        f"On {score.rows} sentences kept back from training, in the order in which they were written: "
        f"{score.metric.name} **{score.recurrent:{written}}**, the bag **{score.bag:{written}}**."
        f"{close * score.is_close} They have about as many weights: {' and '.join(sizes)}."
    )


def _links(reader: str, first: str, second: str) -> None:
    """The same networks on other pages."""
    known = {"trained": APPLICATIONS[reader].title} if reader in APPLICATIONS else {}
    with st.container(horizontal=True, vertical_alignment="center", key="open_in"):
        st.markdown("Open", width="content")
        for mark, text in zip("AB", (first, second), strict=True):
            st.page_link("forward.py", label=f"Forward: sentence {mark}", query_params={**known, "text": text})
        own = {"arch": "Your own", "own": to_link(bag(8, 8)), "text": first}
        st.page_link("unroll.py", label="Unroll: a bag of words", query_params=own)


def _arrays(found: InTwoOrders) -> dict[str, Array]:
    """States and distances of both networks."""
    arrays: dict[str, Array] = {}
    for name, ways in (("recurrent", found.recurrent), ("bag", found.bag)):
        for mark, walk in zip("AB", ways.walks, strict=True):
            arrays[f"{name}_{ways.state}_{mark}"] = walk.states
        arrays[f"{name}_distances"] = ways.distances
    return arrays
