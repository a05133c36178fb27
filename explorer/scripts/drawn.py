"""Scripts of the pages that show a network whose weights are drawn from a seed, or a trained one in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.architectures import ARCHITECTURES
from explorer.gate_views import Gated
from explorer.gates import gated_architectures, keep_biases
from explorer.gradient_views import Limits
from explorer.page_settings.vanishing import LOOKS
from explorer.scripts.parts import IMPORT, asked, built, graph_of, listed, reading, run, text_of, weights, words_of
from explorer.settings import Network
from explorer.vanishing_views import Studied

UNLIMITED = Limits()
_MATRIX, _PRODUCTS, _STEPS, _SLOPES, _VALUES = LOOKS


def unrolled(network: Network, steps: int) -> str:
    """What the Unroll page shows: the network folded and unrolled, its cycles, order and counts."""
    if network.is_trained:
        lines = asked(network.trained, network.text)[:-1]
    else:
        words = words_of(network)
        lines = [IMPORT, "", *reading(network, words, graph_of(network, words, len(words)))[:-1]]
    return text_of(
        *lines,
        f"dag = explorer.unroll(graph, steps={steps})",
        "counts = explorer.count(graph, dag)",
        "order = explorer.topological_order(dag)",
        "generations = explorer.generations(dag)",
        "cycles = list(explorer.cycles(graph))",
        "print(counts)",
    )


def forward(network: Network) -> str:
    """What the Forward page shows.

    Examples
    --------
    >>> print(forward(Network(text="how are you", arch="lstm", bias=1.0)))
    import explorer
    <BLANKLINE>
    words = ['how', 'are', 'you']
    vocabulary = explorer.Vocabulary.of(words)
    graph = explorer.build('lstm', inputs=len(vocabulary), hidden=8, outputs=len(vocabulary))
    reading = explorer.lay_out(graph, words, vocabulary)
    weights = explorer.initialize(graph, seed=1, recurrent='orthogonal', biases={'b_f': 1.0})
    trace = explorer.forward(graph, weights, reading.inputs, reading.targets)
    print(trace.loss)
    <BLANKLINE>
    """
    return text_of(*run(network), "print(trace.loss)")


def backward(network: Network, limits: Limits = UNLIMITED) -> str:
    """What the Backward page shows: the gradient, what truncation leaves of it, and what clipping leaves of that."""
    lines, left = ["gradients = explorer.backward(trace)"], "gradients"
    if limits.window:
        stride = min(limits.stride, limits.window)
        lines.append(f"cut = explorer.truncated(trace, {limits.window}, {stride})")
        left = "cut"
    lines.append(f"changes = {left}.weights")
    if limits.clip:
        lines.append(f"changes, clipping = explorer.clipped_by_{limits.by}(changes, {limits.clip!r})")
    shown = "print(trace.loss, {name: float(abs(array).max()) for name, array in changes.items()})"
    return text_of(*run(network), *lines, shown)


def items(network: Network, weight: str) -> str:
    """What the Backward page shows of one weight: what every error owes to its copy in every slice."""
    matrix = f"matrix = explorer.itemised(trace).along({weight!r})"
    return text_of(*run(network), matrix, "print(matrix.sum(), matrix.diagonal().sum())")


def vanishing(pair: Sequence[Studied], t: int, look: str = _MATRIX) -> str:
    """What the Vanishing page shows: how the error of step t fades in two networks, and the picture beside it."""
    lines = [IMPORT]
    for mark, view in zip("ab", pair, strict=True):
        lines += ["", *_studied(view, f"_{mark}"), f"flow_{mark} = explorer.gradient_flow(trace_{mark})"]
        lines.append(f"fading_{mark} = flow_{mark}.by_distance({view.state!r}, {t})  # log10 of the norm, by distance")
        lines += _looked_at(view, f"_{mark}", t, look)
    return text_of(*lines, "print(fading_a[-1], fading_b[-1])")


def gates(view: Gated, keep: float) -> str:
    """What the Gates page shows: a network as it is, with gates changed, and a network that never had any."""
    network, words = view.network, words_of(view.network)
    lines = [IMPORT, "", *reading(network, words, view.whole.graph)]
    for name, graph in (("whole", view.whole.graph), *([("changed", view.changed.graph)] * view.is_changed)):
        if name == "changed":
            lines += [f"graph = explorer.GATE_CHANGES[{view.change!r}].apply(graph, {gate!r})" for gate in view.touched]
        raised = {bias for gate in view.keeps if (bias := view.whole.graph[gate].bias) and keep}
        biases = dict.fromkeys(keep_biases(graph), network.bias)
        biases |= {bias: biases.get(bias, 0.0) + keep for bias in raised if bias in graph.parameter_shapes}
        lines.append(weights(network, biases))
        lines.append(f"{name} = explorer.forward(graph, weights, reading.inputs, reading.targets)")
        lines.append(f"{name}_flow = explorer.gradient_flow({name})")
    bare = view.bare.graph
    without = replace(network, arch=next(name for name in ARCHITECTURES if name not in gated_architectures()))
    lines += ["", built(without, bare, words, "_bare")]
    lines.append(weights(network, dict.fromkeys(keep_biases(bare), network.bias), "_bare"))
    lines.append("reading = explorer.lay_out(graph_bare, words, vocabulary)")
    lines.append("bare = explorer.forward(graph_bare, weights_bare, reading.inputs, reading.targets)")
    lines.append("bare_flow = explorer.gradient_flow(bare)")
    lines.append("print(whole.loss" + ", changed.loss" * view.is_changed + ", bare.loss)")
    return text_of(*lines)


def _studied(view: Studied, mark: str) -> list[str]:
    """A sentence read over and over."""
    network, words, steps = view.network, words_of(view.network), view.steps
    read = max(1, steps // len(view.graph.with_role("input")) - 1)
    count = max(1, steps // 2 - 1)  # of an encoder, if there is one
    return [
        listed("words", words),
        "vocabulary = explorer.Vocabulary.of(words)",
        built(network, view.graph, words, mark, count),
        f"read = [words[i % len(words)] for i in range({read})]",
        f"reading{mark} = explorer.lay_out(graph{mark}, read, vocabulary)",
        weights(network, dict.fromkeys(keep_biases(view.graph), network.bias), mark),
        f"trace{mark} = explorer.forward(graph{mark}, weights{mark}, reading{mark}.inputs, reading{mark}.targets)",
    ]


def _looked_at(view: Studied, mark: str, t: int, look: str) -> list[str]:
    """The lines of the picture that is chosen."""
    if look == _MATRIX:
        return [f"matrix{mark} = flow{mark}.log10({view.state!r})"]
    if look == _VALUES:
        return [f"values{mark} = {{name: trace{mark}[name][1:, 0] for name in {list(view.activity)!r}}}"]
    if look == _SLOPES:
        return [
            f"slopes{mark} = {{}}",
            f"for name in {list(view.openness)!r}:",
            f"    phi = explorer.ACTIVATIONS[graph{mark}[name].activation]",
            f"    slopes = phi.derivative(trace{mark}.pre[name], trace{mark}[name][1:])[:, 0]",
            f"    slopes{mark}[name] = abs(slopes) / (phi.slope or 1)  # as a share of the largest there can be",
        ]
    if view.jacobians is None:
        return []
    lines = [f"jacobians{mark} = explorer.state_jacobians(trace{mark})"]
    if look == _STEPS:
        return [*lines, f"sigma{mark} = jacobians{mark}.one_step_singular_values()"]
    distances = view.spectrum(t)[0].tolist()
    products = f'jacobians{mark}.products_from({t}, {distances}, digits="sound")'
    return [*lines, f"sigma{mark} = list({products})  # log10, by distance"] if distances else lines
