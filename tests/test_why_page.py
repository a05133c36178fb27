"""The page Why recurrent without a browser."""

from __future__ import annotations

import re
from html import unescape

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.architectures import ARCHITECTURES
from explorer.documents import to_link
from explorer.drafts import STARTER
from explorer.positions.phrases import POSITIONS
from tests.test_pages import alternatives, opened, sentences, tables, without_problems

POSITION = "Fixed position"


def picture(app: AppTest) -> str:
    (found,) = [block.proto.body for block in app.get("html") if 'role="region"' in block.proto.body]
    return found


def written(app: AppTest) -> str:
    return "\n".join(block.value for block in app.markdown)


def bill_of(app: AppTest) -> dict[str, list[str]]:
    return {row[0].strip(): row[1:] for row in tables(app)[0]}


def accuracies(app: AppTest) -> list[list[float]]:
    """By network and position, as the chart's text says."""
    (alt,) = alternatives(app)
    return [
        [int(share) / 100 for share in re.findall(r"\d+ (\d+)%", part)] for part in alt.split(". ", 1)[1].split("; ")
    ]


def test_the_page_begins_with_the_numbers_of_the_source_articles():
    app = opened("why")
    assert without_problems(app), app.exception
    assert not app.info
    found = bill_of(app)
    assert found["units the words are laid out on"] == ["400,000", "20,000"]
    assert found["weights that read them"] == ["4,000,000", "200,000"]
    assert found["their memory, float32"][0] == "16 MB"
    more = opened("why", why_words=25000)
    assert bill_of(more)["units the words are laid out on"] == ["500,000", "25,000"]
    assert "5,000,000" in bill_of(more)["weights that read them"]


def test_sliders_move_the_counts_of_the_feed_forward_network_and_the_picture():
    app = opened("why")
    before = bill_of(app)["weights in all"]
    assert "<s " not in picture(app)
    app.slider(key="why_room").set_value(8).run()
    after = bill_of(app)["weights in all"]
    assert after[1] == before[1]
    assert int(before[0].replace(",", "")) - int(after[0].replace(",", "")) == 12 * 20_000 * 10
    assert picture(app).count("<s ") == 3, "the words of the proverb that have no place"
    assert "3 words cut off" in written(app)
    app.slider(key="why_units").set_value(20).run()
    assert bill_of(app)["weights that read them"] == [f"{8 * 20_000 * 20:,}", f"{20_000 * 20:,}"]
    assert without_problems(app), app.exception


def test_the_learners_sentence_stands_first():
    app = opened("why", text="Ünder <b>no", why_room=2)
    assert without_problems(app), app.exception
    assert "<b>" not in picture(app)
    rows = [
        [unescape(word) for word in re.findall(r">([^<>↑]+)</(?:span|s)>", row)] for row in picture(app).split("<tr>")
    ]
    assert rows[4] == ["ünder", "<", "b", ">", "no"]
    assert "Your sentence of 5 words" in written(app)
    empty = opened("why", text="")
    assert "empty" in sentences(empty)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_network_can_be_weighed(name):
    app = opened("why", arch=ARCHITECTURES[name].title, depth=2)
    assert without_problems(app), app.exception
    assert not app.info
    assert ARCHITECTURES[name].title in written(app)


def test_a_learners_own_network_can_be_weighed_and_trained():
    own = {"arch": "Your own", "own": to_link(STARTER)}
    assert without_problems(opened("why", **own))
    app = opened("why", why=POSITION, **own)
    assert without_problems(app), app.exception
    assert tables(app)[0][1][0] == STARTER.name
    assert min(accuracies(app)[1]) > 0.9


def test_only_the_recurrent_network_knows_the_phrase_elsewhere():
    app = opened("why", why=POSITION)
    assert without_problems(app), app.exception
    fed, turned = accuracies(app)
    assert min(fed[:3]) > 0.95
    assert max(fed[3:]) < 0.55
    assert min(turned) > 0.95
    (_, *counts, there), _ = tables(app)[0]
    assert float(there.rstrip("%")) < 53
    assert int(counts[0]) > 400


def test_the_learner_chooses_where_the_phrase_is_trained():
    app = opened("why", why=POSITION, why_at="9 8")
    assert app.session_state["why_chosen"] == [8, 9]
    assert "trained at 8, 9" in alternatives(app)[0]
    fed, _ = accuracies(app)
    assert np.argsort(fed)[-2:].tolist() in ([6, 7], [7, 6])
    buttons = app.button_group(key="why_chosen")
    assert [option.content for option in buttons.proto.options] == [str(position) for position in POSITIONS]
    buttons.unselect(9).run()
    assert app.session_state["why_at"] == "8"
    app.button_group(key="why_chosen").unselect(8).run()
    assert app.session_state["why_at"] == "8", "one at least stays"
    assert app.session_state["why_chosen"] == [8]
    assert without_problems(app), app.exception


def test_the_same_link_gives_the_same_bars():
    assert alternatives(opened("why", why=POSITION, seed=5)) == alternatives(opened("why", why=POSITION, seed=5))
    assert alternatives(opened("why", why=POSITION, seed=5)) != alternatives(opened("why", why=POSITION, seed=1))


def test_a_network_that_needs_a_second_sequence_says_so():
    app = opened("why", why=POSITION, arch=ARCHITECTURES["encoder_decoder"].title)
    assert without_problems(app), app.exception
    assert "choose another network" in sentences(app)


@pytest.mark.parametrize("link", [{"why_room": 7, "arch": "LSTM"}, {"why": POSITION, "why_at": 5}])
def test_the_lines_of_python_print_what_is_shown(link, capsys):
    app = opened("why", **link)
    lines = app.session_state["exports"]["python", "python"]()
    exec(lines, {})
    printed = capsys.readouterr().out
    assert set(re.findall(r"^(?:import|from) (\S+)", lines, re.MULTILINE)) == {"explorer"}
    for row in tables(app)[0]:
        for shown in row[1:]:
            number = shown.replace(",", "")
            if number.isdigit() and row[0] != "units the words are laid out on":
                assert number in printed
    for name, arrays in app.session_state["exports"].items():
        if name[0] == "data":
            assert all(np.isfinite(array).all() for array in arrays().values())


@pytest.mark.parametrize(
    "link", [{"why_room": "0"}, {"why_words": "1e9"}, {"why_at": "1 99"}, {"why_after": "-1"}, {"why": "Nowhere"}]
)
def test_what_a_link_asks_for_in_vain_is_said(link):
    app = opened("why", **link)
    assert without_problems(app), app.exception
    assert "link" in sentences(app) or "Positions" in sentences(app)
