"""The layout of a folded cell, for networks that nobody foresaw: laws that hold for any delay graph."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.architectures import ARCHITECTURES, build
from explorer.draft_fields import MOST_CONNECTIONS, MOST_LAYERS
from explorer.drafts import NOTHING, STARTER, edited
from explorer.figures import layout
from explorer.figures.row_order import Row
from explorer.graph import Connection, Graph, Layer
from tests.strategies import delay_graphs

NODE = 26  # pixels: what the smallest node is high and wide
MOST_WEIGHED = 5_000_000


def pixels(graph: Graph) -> dict[str, tuple[float, float]]:
    """Middles of the nodes: the browser keeps half a node and a gutter free at the edges."""
    width, height = layout.cell_size(graph)
    high = 2.4 * NODE / 2
    return {name: (x * width, y * (height - high)) for name, (x, y) in layout.places(graph).items()}


@st.composite
def large_graphs(draw: st.DrawFn) -> Graph:
    """As many layers and connections as can be drawn, in any mixture of arrows inside a step and across steps."""
    inside = [Layer(f"v{i}", 2, "tanh") for i in range(MOST_LAYERS - 3)]
    ends = (Layer("x", 2, role="input"), Layer("y", 2, "softmax", role="output"))
    error = Layer("E", 1, "cross_entropy", role="loss")
    fixed = (Connection("x", "v0", "W_x"), Connection("v0", "y", "W_y"), Connection("y", "E"))
    random = draw(st.randoms(use_true_random=False))
    share, links = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])), []
    for number in range(MOST_CONNECTIONS - len(fixed)):
        low, high = sorted(random.sample(range(len(inside)), 2))
        delay = 0 if random.random() < share else random.choice([1, 1, 2, 3, 9])
        links.append(Connection(f"v{low}", f"v{high}", f"W{number}", delay=delay))
    return Graph("large", (*ends, *inside, error), (*fixed, *links))


any_graphs = st.one_of(delay_graphs(inner=12), delay_graphs(inner=4))


@settings(max_examples=40)
@given(any_graphs)
def test_any_network_stands_in_order(graph):
    """Nothing on top of anything else, arrows inside a step rise, inputs are lowest and errors highest."""
    places = layout.places(graph)
    assert set(places) == {layer.name for layer in graph.layers}
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in places.values())
    for (one, (x, y)), (other, (u, v)) in combinations(pixels(graph).items(), 2):
        assert abs(x - u) >= NODE or abs(y - v) >= NODE - 0.5, f"{one} and {other}"
    for c in graph.connections:
        if c.delay == 0:
            assert places[c.source][1] < places[c.target][1], f"{c.source} → {c.target}"
    low = max(places[layer.name][1] for layer in graph.with_role("input"))
    top = min(places[layer.name][1] for layer in graph.with_role("loss"))
    assert all((places[layer.name][1] > low) == (layer.role != "input") for layer in graph.layers)
    assert all((places[layer.name][1] < top) == (layer.role != "loss") for layer in graph.layers)


@settings(max_examples=15)
@given(any_graphs)
def test_what_a_layer_is_called_does_not_move_it(graph):
    names = {layer.name: f"W_{layer.name}_memory" for layer in graph.layers}
    called = Graph(
        graph.name,
        tuple(replace(layer, name=names[layer.name]) for layer in graph.layers),
        tuple(replace(c, source=names[c.source], target=names[c.target]) for c in graph.connections),
    )
    assert layout.cell_size(called) == layout.cell_size(graph)
    assert list(layout.places(called).values()) == list(layout.places(graph).values())


@settings(max_examples=8)
@given(large_graphs())
def test_the_largest_networks_are_laid_out_by_a_bounded_amount_of_work(graph):
    weighed = 0
    costs = Row.costs

    def counted(self, orders):
        nonlocal weighed
        weighed += len(orders) * self.terms
        return costs(self, orders)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Row, "costs", counted)
        layout._columns.cache_clear()
        places = layout.places(graph)
    assert 0 < weighed <= MOST_WEIGHED
    assert len(set(places.values())) == MOST_LAYERS
    width, _ = layout.cell_size(graph)
    assert width <= layout.COLUMN_WIDTH * layout.MOST_ABREAST + layout.MARGIN, "rows that are too long are broken"


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_the_bound_does_not_touch_what_is_drawn_by_hand(name, monkeypatch):
    graph = build(name, inputs=3, hidden=3, outputs=3, depth=2)
    found = dict(layout.places(graph))
    monkeypatch.setattr("explorer.figures.row_order._MOST_AT_ONCE", 10**9)
    monkeypatch.setattr("explorer.figures.row_order._MOST_IN_ALL", 10**12)
    layout._columns.cache_clear()
    assert dict(layout.places(graph)) == found
    layout._columns.cache_clear()


def test_a_layer_beside_a_loop_stands_clear_of_where_the_loop_unrolls_to():
    """Unrolled, a layer's arrow to its next copy runs along its row: through whatever stands there."""
    draft = edited(edited(NOTHING, {"do": "connect", "source": "x", "target": "h"}), {"do": "add_layer", "name": "k"})
    graph = edited(draft, {"do": "connect", "source": "h", "target": "h"}).graph()
    at = pixels(graph)
    assert abs(at["h"][1] - at["k"][1]) > NODE / 2 + 4


def test_a_layer_with_many_loops_has_room_above_it():
    loops = [{"do": "connect", "source": "h", "target": "h", "delay": delay} for delay in (2, 3, 4, 5)]
    draft = STARTER
    for loop in loops:
        draft = edited(draft, loop)
    few, many = (pixels(network.graph()) for network in (STARTER, draft))
    assert (many["k"][1] - many["h"][1]) / (many["y"][1] - many["k"][1]) > 1.5
    assert (few["k"][1] - few["h"][1]) / (few["y"][1] - few["k"][1]) == pytest.approx(1)
