"""Clipping, and the comparison of a changed gradient with the full one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.backward import backward
from explorer.engine.clipping import clipped_by_norm, clipped_by_value, norm
from explorer.engine.comparison import compare
from tests.strategies import architecture_case, run

ENTRIES = st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 6)), min_size=1, max_size=6)
CLIPS = (clipped_by_norm, clipped_by_value)


def gradient(entries) -> dict:
    """Entries spread over a vector and a matrix."""
    return {"b": np.array(entries), "W": np.array([entries[::-1]])}


class TestComparison:
    """Removed share, kept length and angle."""

    @pytest.mark.parametrize("scale", [1e-320, 1e-300, 1e-160, 1.0, 1e160, 1e300])
    @pytest.mark.parametrize("degrees", [0.0, 1e-3, 30.0, 90.0, 150.0, 180.0])
    def test_a_turned_vector(self, degrees, scale):
        turn = math.radians(degrees)
        g = scale * np.array([2.0, 0.0])
        found = compare({"W": g}, {"W": scale * np.array([math.cos(turn), math.sin(turn)])}).overall
        tolerance = 1e-12 if scale > 1e-310 else 1e-2  # subnormal numbers have few digits
        assert found.angle == pytest.approx(degrees, rel=tolerance, abs=tolerance)
        assert found.kept == pytest.approx(0.5, rel=tolerance)
        assert found.removed == pytest.approx(math.hypot(2 - math.cos(turn), math.sin(turn)) / 2, rel=tolerance)

    def test_tiny_angles_keep_their_digits(self):
        g = np.array([1.0, 1.0, 1.0])
        turned = g + 1e-11 * np.array([1.0, -1.0, 0.0])
        expected = math.degrees(1e-11 * math.sqrt(2 / 3))
        assert compare({"W": g}, {"W": turned}).overall.angle == pytest.approx(expected, rel=1e-4)

    def test_zeros(self):
        zero, some = {"W": np.zeros(3)}, {"W": np.array([0.0, 2.0, 0.0])}
        nothing = compare(zero, zero).overall
        assert (nothing.removed, nothing.kept, nothing.angle) == (0, 1, 0)
        gone = compare(some, zero).overall
        assert (gone.removed, gone.kept) == (1, 0)
        assert math.isnan(gone.angle)
        appeared = compare(zero, some).overall
        assert (appeared.removed, appeared.kept) == (math.inf, math.inf)
        assert math.isnan(appeared.angle)
        assert compare({}, {}).overall.removed == 0

    def test_all_parameters_are_one_long_vector(self):
        full = {"W": np.array([[3.0]]), "b": np.array([4.0])}
        found = compare(full, {"W": np.array([[0.0]]), "b": np.array([4.0])})
        assert found.overall.removed == pytest.approx(0.6)
        assert found.weights["W"].removed == 1
        assert found.weights["b"].removed == 0

    @given(ENTRIES, st.integers(0, 100))
    def test_it_is_what_textbooks_say(self, entries, seed):
        full = gradient(entries)
        rng = np.random.default_rng(seed)
        changed = {name: array * rng.random(array.shape) for name, array in full.items()}
        g, h = (np.concatenate([arrays["b"], arrays["W"].ravel()]) for arrays in (full, changed))
        found, lengths = compare(full, changed).overall, (np.linalg.norm(g), np.linalg.norm(h))
        if min(lengths) < 1e-9:
            return
        assert found.removed == pytest.approx(np.linalg.norm(g - h) / lengths[0], rel=1e-9)
        assert found.kept == pytest.approx(lengths[1] / lengths[0], rel=1e-9)
        assert math.cos(math.radians(found.angle)) == pytest.approx(g @ h / lengths[0] / lengths[1], abs=1e-9)

    def test_gradients_of_different_networks_are_refused(self):
        with pytest.raises(ValueError, match=r"different parameters: W \(2,\) and W \(3,\); .*\.$"):
            compare({"W": np.zeros(2)}, {"W": np.zeros(3)})
        with pytest.raises(ValueError, match="different parameters"):
            compare({"W": np.zeros(2)}, {"V": np.zeros(2)})


class TestClipping:
    """By the length of the whole, and entry by entry."""

    @given(ENTRIES, st.floats(0.01, 1e4))
    def test_by_norm_shortens_the_whole_and_turns_nothing(self, entries, most):
        full = gradient(entries)
        length = math.sqrt(2) * float(np.linalg.norm(entries))
        clipped, found = clipped_by_norm(full, most)
        assert norm(clipped) == pytest.approx(min(length, most), rel=1e-12)
        assert found.overall.angle < 1e-6
        assert found.overall.removed == pytest.approx(max(0.0, 1 - most / length) if length else 0, abs=1e-12)
        for name, array in full.items():
            if length <= most:
                np.testing.assert_array_equal(clipped[name], array)

    @given(ENTRIES, st.floats(0.01, 1e4))
    def test_by_value_cuts_every_entry_alone(self, entries, most):
        clipped, found = clipped_by_value(gradient(entries), most)
        expected = [min(max(entry, -most), most) for entry in entries]
        np.testing.assert_array_equal(clipped["b"], expected)
        np.testing.assert_array_equal(clipped["W"], [expected[::-1]])
        assert found.overall.kept <= 1

    def test_a_network(self):
        weights = backward(run(architecture_case("lstm"))).weights
        length = norm(weights)
        clipped, found = clipped_by_norm(weights, length / 4)
        assert found.overall.kept == pytest.approx(0.25)
        for name, array in weights.items():
            np.testing.assert_allclose(clipped[name], array / 4, rtol=1e-12)
            assert clipped[name].shape == array.shape

    @pytest.mark.parametrize("scale", [1e-300, 1e307])
    def test_the_ends_of_the_range_of_numbers(self, scale):
        full = gradient(list(scale * np.arange(1.0, 5.0)))
        clipped, found = clipped_by_norm(full, scale)
        assert norm(clipped) == pytest.approx(scale, rel=1e-12)
        assert found.overall.angle < 1e-6

    @pytest.mark.parametrize("clip", CLIPS)
    def test_results_are_read_only_and_the_given_is_left_alone(self, clip):
        for most in (1.0, 100.0):
            full = gradient([3.0, -4.0])
            clipped, _ = clip(full, most)
            assert not clipped["W"].flags.writeable
            assert full["W"].flags.writeable
            assert full["b"].tolist() == [3.0, -4.0]

    def test_float32_stays(self):
        for clip in CLIPS:
            assert clip({"W": np.ones(3, np.float32)}, 0.5)[0]["W"].dtype == np.float32

    @pytest.mark.parametrize("given", [np.array([3, 4]), [3, 4], [3.0, 4.0]])
    def test_whole_numbers_and_lists_are_numbers_too(self, given):
        np.testing.assert_allclose(clipped_by_norm({"W": given}, 1)[0]["W"], [0.6, 0.8], rtol=1e-15)
        np.testing.assert_array_equal(clipped_by_value({"W": given}, 3.5)[0]["W"], [3, 3.5])

    @pytest.mark.parametrize("clip", CLIPS)
    def test_what_holds_no_numbers_is_refused(self, clip):
        with pytest.raises(ValueError, match=r"'W' must hold numbers; its type is <U1\.$"):
            clip({"W": ["a", "b"]}, 1)
        with pytest.raises(ValueError, match=r"positive number; '1' was given\.$"):
            clip({"W": [1.0]}, "1")

    @pytest.mark.parametrize("clip", CLIPS)
    @pytest.mark.parametrize("most", [0, -1, math.nan, math.inf])
    def test_illegal_thresholds_are_refused(self, clip, most):
        with pytest.raises(ValueError, match=rf"positive number; {most} was given\.$"):
            clip({"W": np.ones(3)}, most)

    @pytest.mark.parametrize("clip", CLIPS)
    def test_gradients_that_are_not_finite_are_refused(self, clip):
        with pytest.raises(ValueError, match=r"'W' is not finite .*\.$"):
            clip({"b": np.ones(1), "W": np.array([1.0, math.inf])}, 1)
