"""Scripts of the pages that show a network whose weights are drawn from a seed, or a trained one in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from explorer.architectures import ARCHITECTURES
from explorer.engine.influence import read_out_layers
from explorer.gate_reach import Consequence
from explorer.gate_views import Gated
from explorer.gates import CHANGES, gated_architectures, keep_biases, letter
from explorer.gradient_views import Limits
from explorer.page_settings.vanishing import LOOKS
from explorer.scripts.parts import IMPORT, asked, built, graph_of, listed, reading, run, text_of, weights, words_of
from explorer.settings import Network
from explorer.vanishing_views import Studied
from explorer.views import ran

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
    print('h at 4:', *map(explorer.in_digits, trace['h'][4, 0]))
    targets = sum(map(bool, reading.aims))
    print(f'Total error L = {explorer.in_digits(trace.loss)} over {targets} targets')
    <BLANKLINE>
    """
    view = ran(network)
    name, last = read_out_layers(view.graph)[0], view.reading.steps
    return text_of(
        *run(network),
        f"print({f'{name} at {last}:'!r}, *map(explorer.in_digits, trace[{name!r}][{last}, 0]))",
        "targets = sum(map(bool, reading.aims))",
        "print(f'Total error L = {explorer.in_digits(trace.loss)} over {targets} targets')",
    )


def backward(network: Network, limits: Limits = UNLIMITED) -> str:
    """What the Backward page shows: the gradient, what truncation leaves of it, and what clipping leaves of that.

    Every weight is told as the page's table tells it.
    """
    lines, left = ["gradients = explorer.backward(trace)"], "gradients"
    if limits.window:
        stride = min(limits.stride, limits.window)
        lines.append(f"cut = explorer.truncated(trace, {limits.window}, {stride})")
        left = "cut"
    lines.append(f"changes = {left}.weights")
    if limits.clip:
        lines.append(f"changes, clipping = explorer.clipped_by_{limits.by}(changes, {limits.clip!r})")
    if limits.window or limits.clip:
        lines.append("compared = explorer.compare_gradients(gradients.weights, changes)")
        whole = " + told(compared.overall))"
        each = " + told(compared.weights[name]))"
        lines += [
            "",
            "def told(difference):",
            "    kept, angle = 100 * difference.kept, round(difference.angle, 9)",
            '    return f", length left {explorer.in_digits(kept)} %, turned by {explorer.in_digits(angle)}°"',
            "",
        ]
    else:
        whole = each = ")"
    return text_of(
        *run(network),
        *lines,
        "for name, array in gradients.weights.items():",
        '    print(f"‖∂L/∂{name}‖ = {explorer.in_digits(explorer.gradient_norm({name: array}))}"' + each,
        'print(f"all: {explorer.in_digits(explorer.gradient_norm(gradients.weights))}"' + whole,
    )


def items(network: Network, weight: str) -> str:
    """What the Backward page shows of one weight: what every error owes to its copy in every slice."""
    return text_of(
        *run(network),
        f"matrix = explorer.itemised(trace).along({weight!r})",
        "total, own = matrix.sum(), matrix.diagonal().sum()",
        "near = own + matrix.diagonal(-1).sum()",
        "print(f'All cells add up to {explorer.in_digits(total)}')",
        "if total:",
        '    print(f"{explorer.in_digits(100 * own / total)} % stay within the error\'s own slice")',
        "    print(f'{explorer.in_digits(100 * near / total)} % stay within one step')",
    )


def vanishing(pair: Sequence[Studied], t: int, look: str = _MATRIX) -> str:
    """What the Vanishing page shows: how the error of step t fades in two networks, and the picture beside it."""
    lines = ["import numpy as np", "", IMPORT]
    for mark, view in zip("ab", pair, strict=True):
        lines += ["", *_studied(view, f"_{mark}"), f"flow_{mark} = explorer.gradient_flow(trace_{mark})"]
        lines.append(f"fading_{mark} = flow_{mark}.by_distance({view.state!r}, {t})  # log10 of the norm, by distance")
        lines += _looked_at(view, f"_{mark}", t, look)
    lines += [
        "",
        "for name, fading in (('A, ' + graph_a.name, fading_a), ('B, ' + graph_b.name, fading_b)):",
        "    reached = np.flatnonzero(np.isfinite(fading))",
        "    back = reached[-1] - reached[0] if len(reached) else 0",
        "    if not back:",
        f"        print(f'{{name}}: the error at step {t} does not reach back at all')",
        "        continue",
        "    left = fading[reached[-1]] - fading[reached[0]]",
        "    step, kept = explorer.in_digits(10 ** (left / back)), explorer.in_digits_of_log10(left)",
        "    print(f'{name}: on average a step back multiplies it by {step}; after {back} steps {kept} of it is left')",
    ]
    return text_of(*lines)


def gates(view: Gated, keep: float, found: Consequence) -> str:
    """What the Gates page shows: a network as it is, with gates changed, and a network that never had any.

    Every network is told with its error and what is left of the last error's gradient, as the page's table tells it.
    """
    network, words = view.network, words_of(view.network)
    lines = ["import numpy as np", "", IMPORT, "", *reading(network, words, view.whole.graph)]
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
    said = f"{letter(view.whole.graph, view.touched[0])} {CHANGES[view.change].said}" if view.is_changed else ""
    changed = [("changed", said, found.changed)] * view.is_changed
    rows = [("whole", CHANGES["none"].said, found.whole), *changed, ("bare", bare.name, found.bare)]
    for name, title, reached in rows:
        near, far = (int(reached.steps[i]) for i in (0, -1))
        lines += [
            "",
            f"near, far = {name}_flow.log10({reached.layer!r})[{reached.at - 1}, [{near - 1}, {far - 1}]]",
            "left = explorer.in_digits_of_log10(far - near if np.isfinite(near) else near)",
            f"print(f'{title}: L = {{explorer.in_digits({name}.loss)}}, share left {{left}}')",
        ]
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
