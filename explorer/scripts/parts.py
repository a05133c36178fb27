"""Lines that many scripts have in common: a sentence, a network over it, its weights, its forward pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from explorer.architectures import build
from explorer.gates import keep_biases
from explorer.graph import Graph, GraphError
from explorer.page_settings.shared import SENTENCE
from explorer.settings import Network
from explorer.tasks.text import Vocabulary, encoder_steps, read_words

WIDTH = 100
IMPORT = "import explorer"


def run(network: Network) -> list[str]:
    """The lines up to the forward pass over a sentence."""
    if network.is_trained:
        return asked(network.trained, network.text)
    words = words_of(network)
    graph = graph_of(network, words, len(words))
    biases = dict.fromkeys(keep_biases(graph), network.bias)
    return [
        IMPORT,
        "",
        *reading(network, words, graph),
        weights(network, biases),
        "trace = explorer.forward(graph, weights, reading.inputs, reading.targets)",
    ]


def words_of(network: Network) -> list[str]:
    """What a network reads."""
    return read_words(network.text, network.unit, SENTENCE)[0]


def graph_of(network: Network, words: list[str], count: int, **changed: Any) -> Graph:
    """The network over so many words; an option that is None is left to its default."""
    units = len(Vocabulary.of(words))
    options = {"depth": network.depth, "activation": network.act, "source_steps": encoder_steps(count), **changed}
    given = {name: value for name, value in options.items() if value is not None}
    return build(network.arch, inputs=units, hidden=network.hidden, outputs=units, **given)


def reading(network: Network, words: list[str], graph: Graph) -> list[str]:
    """Words, vocabulary, network, and the sentence laid out on it."""
    return [
        listed("words", words),
        "vocabulary = explorer.Vocabulary.of(words)",
        built(network, graph, words),
        "reading = explorer.lay_out(graph, words, vocabulary)",
    ]


def built(network: Network, graph: Graph, words: list[str], mark: str = "", count: int | None = None) -> str:
    """The line that builds a network; an option that changes nothing is left out."""
    count, units = len(words) if count is None else count, "len(vocabulary)"
    options = {"depth": network.depth, "activation": network.act, "source_steps": encoder_steps(count)}
    needed = {name: value for name, value in options.items() if _graph_or_none(network, words, count, name) != graph}
    more = "".join(f", {name}={value!r}" for name, value in needed.items())
    sizes = f"inputs={units}, hidden={network.hidden}, outputs={units}"
    return f"graph{mark} = explorer.build({network.arch!r}, {sizes}{more})"


def _graph_or_none(network: Network, words: list[str], count: int, without: str) -> Graph | None:
    """The network without one of its options, if it can be built so."""
    try:
        return graph_of(network, words, count, **{without: None})
    except GraphError:
        return None


def weights(network: Network, biases: Mapping[str, float], mark: str = "") -> str:
    """The line that draws the weights; what is as usual is left out."""
    given = f"seed={network.seed}, recurrent={network.init!r}"
    if network.gain != 1:
        given += f", gain={network.gain!r}"
    if network.radius is not None:
        given += f", spectral_radius={network.radius!r}"
    set_ = {name: value for name, value in biases.items() if value}
    if set_:
        given += f", biases={set_!r}"
    return f"weights{mark} = explorer.initialize(graph{mark}, {given})"


def asked(name: str, text: str) -> list[str]:
    """The lines up to the forward pass of a trained network."""
    return [
        IMPORT,
        "",
        f"asked = explorer.ask({name!r}, {text!r})",
        "reading = asked.reading",
        f"graph = explorer.APPLICATIONS[{name!r}].course.graph(reading.source_steps)",
        f"weights = explorer.trained_weights({name!r})",
        "trace = explorer.forward(graph, weights, reading.inputs, reading.targets)",
    ]


def listed(name: str, items: Sequence[Any]) -> str:
    """A list on one line, or on several where it is long."""
    line = f"{name} = {list(items)!r}"
    if len(line) <= WIDTH:
        return line
    rows = [""]
    for item in map(repr, items):  # no text wrapper: a token may be a space
        if len(rows[-1]) + len(item) > WIDTH - 6:
            rows.append("")
        rows[-1] += f" {item},"
    return "\n".join([f"{name} = [", *(f"   {row}" for row in rows), "]"])


def made(what: str, made: Any, usual: Any) -> str:
    """A description with those of its fields that are not as usual."""
    given = {field.name: getattr(made, field.name) for field in fields(made)}
    return f"{what}({', '.join(f'{n}={v!r}' for n, v in given.items() if v != getattr(usual, n))})"


def text_of(*lines: str) -> str:
    """Lines as a text."""
    return "\n".join(lines) + "\n"
