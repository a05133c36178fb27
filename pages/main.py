"""The router: navigation, the controls that all pages share, and then the page itself.

It lives inside ``pages/`` because Streamlit treats a folder of that name beside the entry file as pages of its own
and would answer a first deep link without running this file. The shared controls are drawn here and not in the
pages, because a widget belongs to the script that draws it: only so do values from a link survive a change of page.
"""

import sys
from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
if str(ROOT) not in sys.path:  # the entry file's own folder is there, the repository's root may not be
    sys.path.insert(0, str(ROOT))

from explorer.figures import theme  # noqa: E402
from explorer.fitting import UnfitError  # noqa: E402
from pages import address, controls, exports  # noqa: E402

HOME = st.Page("unroll.py", title="Unroll", default=True, url_path="home")
PAGES = {
    "": [
        HOME,
        st.Page("forward.py", title="Forward"),
        st.Page("backward.py", title="Backward"),
        st.Page("vanishing.py", title="Vanishing & exploding"),
        st.Page("gates.py", title="Gates"),
        st.Page("train.py", title="Train"),
        st.Page("sequence_types.py", title="Sequence types"),
        st.Page("applications.py", title="Applications"),
        st.Page("papers.py", title="Papers"),
    ],
    "Understand": [
        st.Page("why.py", title="Why recurrent"),
        st.Page("order.py", title="Order matters"),
        st.Page("cost.py", title="Cost of unrolling"),
        st.Page("questions.py", title="Questions"),
    ],
    "Your own": [
        st.Page("build.py", title="Build a network"),
        st.Page("weights.py", title="Bring weights"),
    ],
}
"""In the bar at the top: what is taught every day as it is, the rest behind two words."""

ON_THEIR_OWN = ("sequence_types", "applications", "papers", "order", "questions", "build", "weights")
"""Pages that run no network of the learner's."""

TAKE_TRAINED = ("", "forward", "backward")
"""Pages that can run a trained network in place of one drawn from the seed; the first answers at the bare address."""

INSTEAD = {"train": "task", "cost": "cost_way"}
"""Pages that read something else than the sentence, and the field that says what."""


def to_home() -> None:
    """The first page answers at the bare address; its own name leads there too."""
    st.switch_page(HOME, query_params=st.query_params.to_dict())


ALIAS = st.Page(to_home, title="Unroll", url_path="unroll", visibility="hidden")

st.set_page_config(
    page_title="Unroll",
    page_icon=str(ROOT / "assets" / "favicon.svg"),
    layout="wide",
    menu_items={"About": "Unroll: recurrent networks, unrolled through time."},
)
style = theme.properties() + (ROOT / "assets" / "page.css").read_text(encoding="utf-8")
st.html(style.join(("<style>", "</style>")))
page = st.navigation({**PAGES, "": [*PAGES[""], ALIAS]}, position="top")
if page.url_path == ALIAS.url_path:
    page.run()
    st.stop()
for place, pages in enumerate(list(PAGES.values())[1:], len(PAGES[""]) + 1):
    if page.url_path in {other.url_path for other in pages}:  # Streamlit marks an open page, but not where it is found
        st.html(f"<style>[data-testid=stTopNav] > :nth-child({place}) p {{ font-weight: 600 }}</style>")
address.correct()
address.follow(page.url_path)
controls.notices()
controls.draw(
    visible=page.url_path not in ON_THEIR_OWN,
    takes_trained=page.url_path in TAKE_TRAINED,
    instead=INSTEAD.get(page.url_path),
)
exports.begin()
try:
    page.run()
except UnfitError as error:  # a learner's own network can be one that this page has no use for
    controls.refuse(str(error))
exports.draw(page.title)
address.repair()
