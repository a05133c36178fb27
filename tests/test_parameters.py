"""Parameters: shapes from the graph, first values from a seed and an initialiser."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.graph import Connection, Graph, Layer
from explorer.parameters import INITIALIZERS, initialize, scaled_to_spectral_radius
from tests.strategies import delay_graphs
from tests.test_graph import assert_sentence

LAW = settings(deadline=None)


def graph_of(name: str = "lstm_peephole", hidden: int = 6, **options) -> Graph:
    return build(name, inputs=4, hidden=hidden, outputs=5, **options)


def radius(matrix) -> float:
    return float(np.abs(np.linalg.eigvals(matrix)).max())


class TestEveryInitialiser:
    """What holds for all entries of the registry."""

    @pytest.mark.parametrize("initializer", INITIALIZERS)
    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_fills_every_parameter_in_its_shape(self, name, initializer):
        graph = graph_of(name, depth=2)
        parameters = initialize(graph, seed=1, initializer=initializer)
        assert {n: array.shape for n, array in parameters.items()} == dict(graph.parameter_shapes)
        for array in parameters.values():
            assert array.dtype == np.float64
            assert np.isfinite(array).all()
            assert not array.flags.writeable

    @given(delay_graphs(), st.integers(0, 2**40))
    @settings(LAW, max_examples=40)
    def test_fills_every_parameter_of_random_delay_graphs(self, graph, seed):
        parameters = initialize(graph, seed)
        assert {n: array.shape for n, array in parameters.items()} == dict(graph.parameter_shapes)

    @pytest.mark.parametrize("initializer", INITIALIZERS)
    def test_the_same_seed_gives_the_same_bytes(self, initializer):
        one, two = (initialize(graph_of(), seed=7, initializer=initializer) for _ in range(2))
        assert {n: a.tobytes() for n, a in one.items()} == {n: a.tobytes() for n, a in two.items()}

    @pytest.mark.parametrize("initializer", sorted(set(INITIALIZERS) - {"identity"}))
    def test_another_seed_gives_other_matrices(self, initializer):
        one, two = (initialize(graph_of(), seed=seed, initializer=initializer) for seed in (7, 8))
        for name, array in one.items():
            assert np.array_equal(array, two[name]) == name.startswith("b_")

    def test_matrices_of_one_shape_are_drawn_apart(self):
        parameters = initialize(graph_of(), seed=0)
        recurrent = [parameters[f"W_h{gate}"] for gate in "ifog"]
        for i, one in enumerate(recurrent):
            for other in recurrent[i + 1 :]:
                assert not np.allclose(one, other)

    def test_changing_one_layer_leaves_all_other_weights_as_they_were(self):
        narrow = initialize(build("elman", inputs=4, hidden=6, outputs=5), seed=3)
        wide = initialize(build("elman", inputs=4, hidden=6, outputs=9), seed=3)
        for name in ("W_xh", "W_hh", "b_h"):
            np.testing.assert_array_equal(narrow[name], wide[name])

    def test_the_result_cannot_be_changed(self):
        parameters = initialize(graph_of())
        with pytest.raises(TypeError):
            parameters["W_hf"] = 0
        with pytest.raises(ValueError, match="read-only"):
            parameters["W_hf"][0] = 0


class TestInitialisers:
    """Each has the distribution that its name promises."""

    def test_gaussian_has_variance_one_over_inputs(self):
        matrix = initialize(build("elman", inputs=400, hidden=300, outputs=2), initializer="gaussian")["W_xh"]
        # 120 000 draws: the standard error of the scaled deviation is 1/√(2·120000) ≈ 0.002
        np.testing.assert_allclose(matrix.std() * np.sqrt(400), 1, atol=0.01)
        np.testing.assert_allclose(matrix.mean() * np.sqrt(400), 0, atol=0.015)
        assert np.abs(matrix).max() * np.sqrt(400) > 3.5  # tails that a uniform distribution lacks

    def test_glorot_is_uniform_within_its_bound(self):
        matrix = initialize(build("elman", inputs=400, hidden=300, outputs=2), initializer="glorot")["W_xh"]
        bound = np.sqrt(6 / 700)
        assert 0.999 * bound < np.abs(matrix).max() <= bound
        np.testing.assert_allclose(matrix.std(), bound / np.sqrt(3), rtol=0.01)

    @pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3), (1, 4), (1, 1)])
    def test_orthogonal_has_orthonormal_rows_or_columns(self, shape):
        matrix = INITIALIZERS["orthogonal"](np.random.default_rng(0), shape)
        assert matrix.shape == shape
        gram = matrix @ matrix.T if shape[0] <= shape[1] else matrix.T @ matrix
        np.testing.assert_allclose(gram, np.eye(min(shape)), atol=1e-14)

    def test_orthogonal_reaches_both_rotations_and_reflections(self):
        signs = {
            round(float(np.linalg.det(INITIALIZERS["orthogonal"](np.random.default_rng(seed), (3, 3)))))
            for seed in range(20)
        }
        assert signs == {1, -1}

    def test_orthogonal_is_uniform_on_the_circle(self):
        # the first row of a 2 × 2 matrix: with QR's own signs its angle would keep to one half plane
        rows = np.array([INITIALIZERS["orthogonal"](np.random.default_rng(seed), (2, 2))[0] for seed in range(800)])
        assert np.abs(rows.mean(axis=0)).max() < 0.1

    @pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
    def test_identity_is_padded_with_zeros(self, shape):
        matrix = INITIALIZERS["identity"](np.random.default_rng(0), shape)
        np.testing.assert_array_equal(matrix, np.eye(*shape))

    def test_diagonal_weights_are_drawn_like_a_matrix_with_one_input(self):
        graph = Graph("wide", (Layer("h", 20_000),), (Connection("h", "h", "d", diagonal=True, delay=1),))
        np.testing.assert_allclose(initialize(graph)["d"].std(), 1, atol=0.03)


class TestChoices:
    """Which parameters an option touches."""

    def test_recurrent_matrices_can_have_an_initialiser_of_their_own(self):
        graph = graph_of()
        plain, mixed = initialize(graph, seed=2), initialize(graph, seed=2, recurrent="orthogonal")
        for name, array in mixed.items():
            if name.startswith("W_h") and name != "W_hy":
                np.testing.assert_allclose(array @ array.T, np.eye(6), atol=1e-13)
            else:
                np.testing.assert_array_equal(array, plain[name])

    @pytest.mark.parametrize("wanted", [0.3, 1.0, 3.0])
    @pytest.mark.parametrize("initializer", INITIALIZERS)
    def test_square_matrices_across_a_delay_get_the_spectral_radius(self, initializer, wanted):
        graph = graph_of(depth=2)
        plain = initialize(graph, seed=2, initializer=initializer)
        scaled = initialize(graph, seed=2, initializer=initializer, spectral_radius=wanted)
        across = {c.weight for c in graph.connections if c.delay and not c.keeps_units}
        assert len(across) == 8
        for name, array in scaled.items():
            if name in across:
                np.testing.assert_allclose(radius(array), wanted, rtol=1e-12)
            else:
                np.testing.assert_array_equal(array, plain[name])

    def test_spectral_radius_zero_is_the_zero_matrix(self):
        assert not initialize(graph_of("elman"), spectral_radius=0.0)["W_hh"].any()

    def test_biases_are_zero_unless_given(self):
        parameters = initialize(graph_of(), biases={"b_f": 1.0})
        assert (parameters["b_f"] == 1).all()
        for gate in "iogy":
            assert not parameters[f"b_{gate}"].any()

    @pytest.mark.parametrize("copied", [copy.deepcopy, lambda weights: pickle.loads(pickle.dumps(weights))])
    def test_parameters_can_be_copied_and_stored(self, copied):
        weights = initialize(graph_of(), seed=3)
        other = copied(weights)
        assert list(other) == list(weights)
        for name, array in weights.items():
            np.testing.assert_array_equal(other[name], array)
        with pytest.raises(TypeError):
            weights["b_f"] = 1

    @pytest.mark.parametrize("initializer", INITIALIZERS)
    def test_every_array_owns_its_numbers(self, initializer):
        assert all(array.flags.owndata for array in initialize(graph_of(), initializer=initializer).values())

    def test_scaling_keeps_the_direction(self):
        matrix = np.random.default_rng(0).standard_normal((4, 4))
        scaled = scaled_to_spectral_radius(matrix, 0.5)
        np.testing.assert_allclose(scaled / matrix, np.full((4, 4), 0.5 / radius(matrix)), rtol=1e-12)


class TestComplaints:
    """What cannot be drawn is refused in a sentence."""

    @pytest.mark.parametrize("option", ["initializer", "recurrent"])
    def test_an_unknown_initialiser_is_answered_with_the_known_ones(self, option):
        with pytest.raises(ValueError, match="initialiser") as refused:
            initialize(graph_of(), **{option: "luck"})
        assert_sentence(str(refused.value), "'luck'", *INITIALIZERS)

    def test_an_unknown_bias(self):
        with pytest.raises(ValueError, match="bias") as refused:
            initialize(graph_of(), biases={"b_q": 1.0, "b_f": 1.0})
        assert_sentence(str(refused.value), "b_q", "LSTM")

    @pytest.mark.parametrize("matrix", [np.zeros((3, 3)), np.triu(np.ones((2, 2)), 1)])
    def test_a_matrix_whose_eigenvalues_are_all_zero(self, matrix):
        with pytest.raises(ValueError, match="eigenvalue") as refused:
            scaled_to_spectral_radius(matrix, 0.9)
        assert_sentence(str(refused.value), "0.9")

    @pytest.mark.parametrize("seed", [-1, -10, 1.5, "1"])
    def test_a_seed_that_is_none(self, seed):
        with pytest.raises(ValueError, match="seed") as refused:
            initialize(graph_of(), seed)
        assert_sentence(str(refused.value), repr(seed))

    @pytest.mark.parametrize("value", [float("nan"), float("-inf")])
    def test_a_bias_that_is_no_number(self, value):
        with pytest.raises(ValueError, match="bias") as refused:
            initialize(graph_of(), biases={"b_f": value})
        assert_sentence(str(refused.value), "'b_f'", str(value))

    @pytest.mark.parametrize("wanted", [-0.5, float("nan"), float("inf")])
    def test_a_spectral_radius_that_is_none(self, wanted):
        with pytest.raises(ValueError, match="spectral radius") as refused:
            initialize(graph_of(), spectral_radius=wanted)
        assert_sentence(str(refused.value), str(wanted))
