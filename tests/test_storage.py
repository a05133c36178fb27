"""Lists of what backpropagation through time keeps, lets go and runs again: what they hold, and how often steps run."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.engine.storage import STORAGES, Action, Moment, every, fewest_steps, full, held, optimal

LAW = settings(deadline=None, max_examples=100)


@st.composite
def storings(draw: Any, steps: int) -> tuple[Action, ...]:
    """Any list that goes back over so many steps: stretches split again and again, from a kept state or an inside."""
    actions: list[Action] = []

    def do(what: Any, first: int, last: int) -> None:
        if first <= last:
            actions.append(Action(what, first, last))

    def treat(first: int, last: int) -> None:
        """All of it, with state first - 1 in hand."""
        how = draw(st.sampled_from(["record", "keep", "inside"])) if first < last else "record"
        if how == "record":
            do("record", first, last)
            do("back", first, last)
            return
        cut = draw(st.integers(first, last - 1))
        begins = draw(st.integers(first, cut)) if how == "inside" else cut + 1  # where what is recorded begins
        early = how == "keep" and draw(st.booleans())
        do("advance", first, begins - 1)
        if how == "keep":
            do("keep", cut, cut)
        do("record", begins, cut)
        treat(cut + 1, last)
        do("back", begins, cut)
        if early:
            do("drop", cut, cut)
        if first < begins:
            do("take", first - 1, first - 1)
            treat(first, begins - 1)
        if how == "keep" and not early:
            do("drop", cut, cut)

    treat(1, steps)
    return tuple(actions)


def most(actions: tuple[Action, ...]) -> int:
    return max(moment.held for moment in held(actions))


def end(actions: tuple[Action, ...]) -> Moment:
    return list(held(actions))[-1]


@cache
def fewest(t: int, m: int) -> float:
    """The recursion of Gruslys et al. 2016, as it is written."""
    if t == 0:
        return 0
    if m == 0:
        return math.inf
    if m >= t:
        return t
    return min(y + fewest(t - y, m - 1) + fewest(y - 1, m) for y in range(1, t + 1))


class TestEveryList:
    @LAW
    @given(st.data(), st.integers(1, 30))
    def test_every_step_is_gone_back_over_once_from_the_end_and_its_inside_is_there(self, data, steps):
        ways = [full(steps), every(steps, data.draw(st.integers(1, steps + 3))), every(steps)]
        ways += [optimal(steps, data.draw(st.integers(1, steps + 3))), data.draw(storings(steps))]
        for actions in ways:
            back = [t for a in actions if a.do == "back" for t in range(a.last, a.first - 1, -1)]
            assert back == list(range(steps, 0, -1))
            before: tuple[tuple[int, int], ...] = ()
            for moment in held(actions):
                if moment.action.do == "back":
                    assert (moment.action.first, moment.action.last) in before
                before = moment.insides

    @LAW
    @given(st.data(), st.integers(1, 20))
    def test_what_is_held_against_a_table_of_steps(self, data, steps):
        """The same counted in another way: by a row of flags for each step."""
        actions = data.draw(storings(steps))
        kept, inside, run = {0}, [False] * (steps + 1), [0] * (steps + 1)
        for action, moment in zip(actions, held(actions), strict=True):
            here = range(action.first, action.last + 1)
            again = [t for t in here if run[t]] if action.do in ("advance", "record") else []
            for t in here:
                run[t] += action.do in ("advance", "record")
                if action.do in ("record", "back"):
                    inside[t] = action.do == "record"
            kept = kept | {action.first} if action.do == "keep" else kept
            kept = kept - {action.first} if action.do == "drop" else kept
            assert moment.action is action
            assert set(moment.states) == kept
            assert {t for first, last in moment.insides for t in range(first, last + 1)} == {
                t for t in range(1, steps + 1) if inside[t]
            }
            assert list(moment.again) == again
            assert moment.forward_steps == sum(run)
            assert moment.held == len(kept) + sum(inside)
        assert moment.back_to == 1
        assert moment.states == (0,)

    def test_also_the_last_step_may_run_again(self):
        moments = list(held([Action("advance", 1, 2), Action("take", 0, 0), *full(2)]))
        assert [list(moment.again) for moment in moments] == [[], [], [1, 2], []]


class TestOptimal:
    @pytest.mark.parametrize("slots", range(1, 12))
    def test_it_takes_the_fewest_steps_and_no_more_room(self, slots):
        for steps in range(1, 61):
            actions = optimal(steps, slots)
            assert end(actions).forward_steps == fewest_steps(steps, slots) == fewest(steps, slots)
            assert max(moment.steps_inside for moment in held(actions)) == min(steps, slots)
            assert {action.do for action in actions} <= {"advance", "record", "back", "take"}  # nothing else is kept

    @LAW
    @given(st.integers(1, 3000), st.integers(1, 200))
    def test_so_it_does_for_any_length(self, steps, slots):
        actions = optimal(steps, slots)
        assert end(actions).forward_steps == fewest_steps(steps, slots)
        assert max(moment.steps_inside for moment in held(actions)) <= slots

    def test_a_thousand_steps_with_fifty_slots(self):
        """Gruslys et al. 2016 print 1.949."""
        assert fewest_steps(1000, 50) / 1000 == pytest.approx(1.949, rel=1e-3)

    def test_ten_thousand_steps(self):
        for slots in (2, 50, 10_000):
            assert end(optimal(10_000, slots)).forward_steps == fewest_steps(10_000, slots)

    @LAW
    @given(st.data(), st.integers(1, 14))
    def test_no_list_with_as_much_room_is_better(self, data, steps):
        actions = data.draw(storings(steps))
        if not any(action.do == "keep" for action in actions):
            slots = max(moment.steps_inside for moment in held(actions))
            assert end(actions).forward_steps >= fewest_steps(steps, slots)


class TestEvery:
    @LAW
    @given(st.integers(1, 400), st.integers(1, 420))
    def test_formulas(self, steps, k):
        """Chen et al. 2016: ⌈T/k⌉ first states and one stretch, for one more run of all stretches but the last."""
        length = min(k, steps)
        assert most(every(steps, k)) == math.ceil(steps / length) + length
        assert end(every(steps, k)).forward_steps == 2 * steps - length

    @pytest.mark.parametrize("steps", [1, 2, 9, 10, 99, 100, 101, 1000])
    def test_the_root_takes_the_least(self, steps):
        assert most(every(steps)) <= min(most(every(steps, k)) for k in range(1, steps + 1)) + 1
        assert every(steps) == every(steps, math.ceil(math.sqrt(steps)))

    def test_everything_stored(self):
        assert most(full(7)) == 8
        assert end(full(7)).forward_steps == 7


A = Action


class TestRefusals:
    """Sentences, with what was there."""

    @pytest.mark.parametrize(
        ("actions", "sentence"),
        [
            ([], "go back over nothing"),
            ([A("advance", 1, 3)], "go back over nothing"),
            ([A("record", 1, 1), A("repeat", 1, 1), A("back", 1, 1)], r"no action 'repeat'; it can be advance, record"),
            ([A("record", 1.5, 2), A("back", 1, 2)], r"'record' was given 1.5 and 2: whole numbers"),
            ([A("record", 2, 1), A("back", 1, 2)], r"'record' was given 2 and 1"),
            ([A("record", 2, 3), A("back", 2, 3)], "Step 2 runs from state 1, but state 0 is in hand"),
            ([A("advance", 1, 1), A("record", 1, 1), A("back", 1, 1)], "Step 1 runs from state 0, but state 1 is in"),
            ([A("record", 1, 2), A("back", 2, 2)], "inside of steps 2 … 2 is not held, but 1 … 2"),
            (
                [A("record", 1, 1), A("record", 2, 2), A("back", 1, 1), A("back", 2, 2)],
                "Step 2 is the next to go back over, not step 1",
            ),
            ([A("record", 1, 2), A("take", 0, 0), A("record", 1, 1), A("back", 1, 2)], "while 1 … 2 is held"),
            (
                [A("record", 1, 1), A("record", 2, 2), A("back", 2, 2), A("record", 3, 3)],
                "Steps 3 … 3 are run, but from step 2 on all are done",
            ),
            ([A("keep", 1, 1), A("record", 1, 1), A("back", 1, 1)], "State 1 cannot be kept: state 0 is in hand"),
            ([A("take", 2, 2), A("record", 1, 1), A("back", 1, 1)], "State 2 cannot be taken up: kept are 0, and held"),
            ([A("drop", 0, 0), A("record", 1, 1), A("back", 1, 1)], "State 0 cannot be let go: kept are 0, of which"),
            ([A("advance", 1, 1), A("record", 2, 2), A("back", 2, 2)], "before the steps 1 … 1 are gone back over"),
        ],
    )
    def test_of_lists_that_cannot_be_done(self, actions, sentence):
        with pytest.raises(ValueError, match=sentence) as caught:
            list(held(actions))
        assert str(caught.value).endswith(".")

    @pytest.mark.parametrize("make", [full, every, lambda steps: optimal(steps, 3)])
    @pytest.mark.parametrize("steps", [0, -1, 2.5, "7"])
    def test_of_lengths(self, make, steps):
        with pytest.raises(ValueError, match=rf"whole number of steps, at least 1; {steps!r} was given\.$"):
            make(steps)

    @pytest.mark.parametrize("room", [0, -2, 1.5])
    def test_of_room(self, room):
        for make in (STORAGES["sqrt"], STORAGES["optimal"]):
            with pytest.raises(ValueError, match=rf"at least 1; {room} was given\.$"):
                make(9, room)
