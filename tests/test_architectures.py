"""The registry of architectures: every entry is a legal network of the published form."""

from __future__ import annotations

import pytest

from explorer.architectures import ARCHITECTURES, build
from explorer.cycles import components, cycles, walk
from explorer.engine.schedule import schedule
from explorer.graph import GraphError, Presence
from tests.strategies import GRID
from tests.test_graph import assert_sentence

D, H, Y = 4, 3, 5  # units of input, hidden layer and output


def graph_of(name, **options):
    return build(name, inputs=D, hidden=H, outputs=Y, **options)


def numbers(graph) -> int:
    """Trainable numbers."""
    return sum(shape[0] * shape[1] if len(shape) == 2 else shape[0] for shape in graph.parameter_shapes.values())


HEAD = H * Y + Y  # W_hy and b_y
PARAMETERS = {
    # trainable numbers with one cell, as in the textbooks: (inputs + hidden + 1) · hidden for each gate
    "elman": (D + H + 1) * H + HEAD,
    "jordan": (D + Y + 1) * H + HEAD,
    "lstm": 4 * (D + H + 1) * H + HEAD,
    "lstm_peephole": 4 * (D + H + 1) * H + 3 * H + HEAD,
    "gru_reset_before": 3 * (D + H + 1) * H + HEAD,
    "gru_reset_after": 3 * (D + H + 1) * H + H + HEAD,  # a bias of its own inside the reset
    "tapped": (D + 2 * H + 1) * H + HEAD,
    "bidirectional": 2 * (D + H + 1) * H + 2 * H * Y + Y,
    "bidirectional_lstm": 2 * 4 * (D + H + 1) * H + 2 * H * Y + Y,
    "encoder_decoder": (D + H + 1) * H + (Y + H + 1) * H + HEAD,
    "encoder_decoder_gru": 3 * (D + H + 1) * H + 3 * (Y + H + 1) * H + HEAD,
}


class TestEveryArchitecture:
    """What holds for all entries."""

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_can_be_built_and_scheduled(self, name, depth, phi):
        graph = graph_of(name, depth=depth, activation=phi)
        assert schedule(graph)
        assert {layer.size for layer in graph.layers} == {1, D, H, Y}
        assert phi in {layer.activation for layer in graph.layers}
        assert "phi" not in {layer.activation for layer in graph.layers}

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_reads_one_input_and_is_compared_once(self, name, depth, phi):
        graph = graph_of(name, depth=depth, activation=phi)
        assert graph["x"].role == "input"
        assert [layer.name for layer in graph.with_role("loss")] == ["E"]
        assert [layer.name for layer in graph.with_role("output")] == ["y"]
        assert graph["y"].size == Y

    @pytest.mark.parametrize(("name", "depth", "phi"), GRID)
    def test_every_layer_is_connected(self, name, depth, phi):
        graph = graph_of(name, depth=depth, activation=phi)
        for layer in graph.layers:
            assert graph.incoming(layer.name) or layer.role == "input"
            assert graph.outgoing(layer.name) or layer.role == "loss"

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_has_as_many_parameters_as_the_textbook(self, name):
        assert numbers(graph_of(name)) == PARAMETERS[name]

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_a_second_cell_reads_the_first(self, name):
        one, two = graph_of(name), graph_of(name, depth=2)
        assert numbers(two) > numbers(one)
        assert len(two.layers) > len(one.layers)
        assert len(two.states) == 2 * len(one.states) or name == "jordan"  # a Jordan network remembers y alone

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_is_recurrent(self, name):
        assert cycles(graph_of(name))

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_says_where_it_comes_from(self, name):
        entry = ARCHITECTURES[name]
        assert entry.title
        assert any(character.isdigit() for character in entry.source), "no year"
        assert graph_of(name).name == entry.title

    def test_titles_tell_them_apart(self):
        assert len({entry.title for entry in ARCHITECTURES.values()}) == len(ARCHITECTURES)

    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_options_reach_the_graph(self, name):
        graph = graph_of(name, output_activation="identity", loss="squared_error")
        assert graph["y"].activation == "identity"
        assert graph["E"].activation == "squared_error"

    def test_the_registry_cannot_be_changed(self):
        with pytest.raises(TypeError):
            ARCHITECTURES["mine"] = ARCHITECTURES["elman"]


class TestForms:
    """What tells the architectures apart."""

    def test_only_the_state_of_an_elman_network_is_read_across_time(self):
        assert graph_of("elman").states == ("h",)
        assert graph_of("jordan").states == ("y",)
        assert set(graph_of("lstm").states) == {"c", "h"}
        assert graph_of("gru_reset_before").states == graph_of("gru_reset_after").states == ("h",)

    def test_tapped_delays_are_one_and_two(self):
        assert sorted(c.delay for c in graph_of("tapped").connections if c.source == c.target) == [1, 2]

    def test_the_cell_state_of_an_lstm_has_a_way_back_without_a_matrix(self):
        around = {walk(cycle): cycle for cycle in cycles(graph_of("lstm"))}
        (carousel,) = (cycle for cycle in around.values() if {c.target for c in cycle} == {"c", "fc"})
        assert all(c.weight is None for c in carousel)

    def test_peepholes_are_diagonal_and_the_output_gate_looks_at_the_new_state(self):
        looks = {c.target: c.delay for c in graph_of("lstm_peephole").connections if c.diagonal}
        assert looks == {"i": 1, "f": 1, "o": 0}

    def test_the_two_forms_of_a_gru_reset_before_or_after_the_matrix(self):
        before, after = graph_of("gru_reset_before"), graph_of("gru_reset_after")
        assert {c.source for c in before.connections if c.weight == "W_hn"} == {"rh"}
        assert {c.source for c in after.connections if c.weight == "W_hn"} == {"h"}

    @pytest.mark.parametrize("name", ["bidirectional", "bidirectional_lstm"])
    def test_half_of_a_bidirectional_network_runs_backward(self, name):
        directions = [part.direction for part in components(graph_of(name, depth=2)) if part.direction]
        assert sorted(directions) == [-1, -1, 1, 1]

    def test_the_second_level_of_a_bidirectional_network_reads_both_halves_of_the_first(self):
        graph = graph_of("bidirectional", depth=2)
        for tag in ("fwd", "bwd"):
            below = {c.source for c in graph.incoming(f"h_2_{tag}")} - {f"h_2_{tag}"}
            assert below == {"h_1_fwd", "h_1_bwd"}

    def test_encoder_and_decoder_share_no_step_and_no_weight(self):
        graph = graph_of("encoder_decoder", source_steps=4)
        assert graph["h_enc"].presence == graph["x"].presence == Presence(last=4)
        for name in ("h_dec", "s", "y", "E"):
            assert graph[name].presence == Presence(first=5)
        weights = [{c.weight for c in graph.incoming(f"h_{part}")} for part in ("enc", "dec")]
        assert not weights[0] & weights[1]

    def test_the_hand_over_uses_the_decoders_own_weight(self):
        graph = graph_of("encoder_decoder")
        own, handed = (c for c in graph.incoming("h_dec") if c.delay)
        assert {own.source, handed.source} == {"h_dec", "h_enc"}
        assert own.weight == handed.weight


class TestComplaints:
    """What cannot be built is refused in a sentence."""

    def test_an_unknown_name_is_answered_with_the_known_ones(self):
        with pytest.raises(GraphError) as refused:
            graph_of("perceptron")
        assert_sentence(str(refused.value), "'perceptron'", *ARCHITECTURES)

    @pytest.mark.parametrize("depth", [0, -1])
    @pytest.mark.parametrize("name", ARCHITECTURES)
    def test_a_network_without_cells(self, name, depth):
        with pytest.raises(GraphError) as refused:
            graph_of(name, depth=depth)
        assert_sentence(str(refused.value), "at least 1", f"depth={depth}")

    @pytest.mark.parametrize("sizes", [(0, 3, 5), (4, 0, 5), (4, 3, 0), (4, -1, 5)])
    def test_a_layer_without_units(self, sizes):
        inputs, hidden, outputs = sizes
        with pytest.raises(GraphError) as refused:
            build("lstm", inputs=inputs, hidden=hidden, outputs=outputs)
        assert_sentence(str(refused.value), f"size {min(sizes)}", "at least one unit")

    def test_an_encoder_that_reads_no_step(self):
        with pytest.raises(GraphError) as refused:
            graph_of("encoder_decoder", source_steps=0)
        assert_sentence(str(refused.value), "0")

    @pytest.mark.parametrize("option", ["activation", "output_activation", "loss"])
    def test_an_unknown_function_is_refused_when_scheduled(self, option):
        with pytest.raises(GraphError) as refused:
            schedule(graph_of("elman", **{option: "wiggle"}))
        assert_sentence(str(refused.value), "'wiggle'", "choose one of")

    def test_cross_entropy_of_an_output_that_is_no_softmax(self):
        with pytest.raises(GraphError) as refused:
            schedule(graph_of("elman", output_activation="tanh"))
        assert_sentence(str(refused.value), "'E'", "cross_entropy", "softmax", "'y' is tanh")
