"""Networks as text: a small readable file, and a name short enough for a link.

Whatever is read was written by a stranger: size, types and ranges are checked before anything is made of it.
"""

from __future__ import annotations

import base64
import binascii
import json
import zlib
from collections.abc import Mapping
from typing import Any

from explorer.draft_fields import LAYER_FIELDS, MOST_CONNECTIONS, MOST_LAYERS, checked_connection, title
from explorer.drafts import Draft
from explorer.graph import ALWAYS, Connection, Graph, GraphError, Layer, ReadOnly

FORMAT, VERSION = "unroll network", 1
MOST_READ = 400_000
"""Characters of a file, or of what a link unpacks to."""

MARK = "~"
"""Begins a network's name in a link; no registered architecture's does."""

_ENDS = ("source", "target")
_PLAIN = Layer("", 1)


def written(draft: Draft | Graph, view: Mapping[str, str] | None = None) -> str:
    """A network as JSON: a line for each layer and each connection; what is usual is left out.

    Parameters
    ----------
    draft : Draft or Graph
    view : mapping of str to str, optional
        What a link would say beside the network (length, sentence, seed), so that a file opens to the same picture.

    Examples
    --------
    >>> from explorer.drafts import NOTHING
    >>> print(written(NOTHING, {"T": "3"}))
    {
      "format": "unroll network",
      "version": 1,
      "name": "My network",
      "layers": [
        {"name": "x", "size": 4, "role": "input"},
        {"name": "h", "size": 8, "activation": "tanh", "bias": "b_h", "role": "state"},
        {"name": "y", "size": 4, "activation": "softmax", "bias": "b_y", "role": "output"},
        {"name": "E", "size": 1, "activation": "cross_entropy", "role": "loss"}
      ],
      "connections": [
        {"source": "y", "target": "E"}
      ],
      "view": {"T": "3"}
    }
    """
    rows = {name: [json.dumps(row) for row in found] for name, found in _rows(draft).items()}
    parts = [
        f'"format": {json.dumps(FORMAT)}',
        f'"version": {VERSION}',
        f'"name": {json.dumps(draft.name)}',
        *(f'"{name}": [\n    ' + ",\n    ".join(found) + "\n  ]" for name, found in rows.items()),
        *([f'"view": {json.dumps(dict(view))}'] if view else []),
    ]
    return "{\n  " + ",\n  ".join(parts) + "\n}"


def read(text: str) -> tuple[Draft, Mapping[str, str]]:
    """The network in a file that `written` has made, and what it says about the view.

    Raises
    ------
    GraphError
        If it is no such file; the sentence says what is wrong. Whether the network can be unrolled is asked of the
        draft.

    Examples
    --------
    >>> from explorer.drafts import STARTER
    >>> read(written(STARTER)) == (STARTER, {})
    True
    """
    if len(text) > MOST_READ:
        raise GraphError(f"A network's file has at most {MOST_READ:,} characters; this one has {len(text):,}.")
    try:
        found = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise GraphError("This is no network: a file in JSON is expected, as the explorer saves it.") from None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise GraphError(f"This is no network: its entry 'format' has to be '{FORMAT}'.")
    if found.get("version") != VERSION:
        raise GraphError(f"The network is of version {found.get('version')!r:.40}; this explorer reads {VERSION}.")
    unknown = set(found) - {"format", "version", "name", "layers", "connections", "view"}
    if unknown:
        raise GraphError(f"A network has no entry {min(unknown)!r:.40}; remove it.")
    return _draft(found), _view(found.get("view", {}))


def read_network(text: str) -> Graph:
    """The network that a file's text, or a name from a link, stands for.

    Raises
    ------
    GraphError
        If it cannot be read, or not be unrolled.
    """
    draft = from_link(text) if text.startswith(MARK) else read(text)[0]
    return draft.graph()


def to_link(draft: Draft | Graph) -> str:
    """A network as a name of letters, digits, '-' and '_' that says everything about it.

    Examples
    --------
    >>> from explorer.drafts import STARTER
    >>> name = to_link(STARTER)
    >>> name[0], len(name) < 400, from_link(name) == STARTER
    ('~', True, True)
    """
    packed = zlib.compress(json.dumps({"name": draft.name, **_rows(draft)}, separators=(",", ":")).encode(), 9)
    return MARK + base64.urlsafe_b64encode(packed).decode().rstrip("=")


def from_link(name: str) -> Draft:
    """The network that a name from a link stands for.

    Raises
    ------
    GraphError
    """
    unpacker = zlib.decompressobj()
    try:
        packed = base64.b64decode(name.removeprefix(MARK) + "===", altchars="-_", validate=False)
        content = unpacker.decompress(packed, MOST_READ)
        found = json.loads(content.decode())
    except (ValueError, binascii.Error, zlib.error, RecursionError):
        found = None
    if not name.startswith(MARK) or not isinstance(found, dict) or unpacker.unconsumed_tail:
        raise GraphError("The network in the link cannot be read: something of it is missing or was changed.")
    return _draft(found)


def _rows(draft: Draft | Graph) -> dict[str, list[dict[str, Any]]]:
    """Layers and connections, each by those of its fields that are not what they usually are."""
    return {
        "layers": [_layer_row(layer) for layer in draft.layers],
        "connections": [_connection_row(c) for c in draft.connections],
    }


def _layer_row(layer: Layer) -> dict[str, Any]:
    row = {name: getattr(layer, name) for name in LAYER_FIELDS}
    row["presence"] = [layer.presence.first, layer.presence.last, layer.presence.every]
    usual = {name: getattr(_PLAIN, name) for name in ("activation", "combine", "bias", "role")}
    usual["presence"] = [ALWAYS.first, ALWAYS.last, ALWAYS.every]
    return {name: value for name, value in row.items() if name not in usual or value != usual[name]}


def _connection_row(c: Connection) -> dict[str, Any]:
    row = {"source": c.source, "target": c.target, "weight": c.weight, "diagonal": c.diagonal, "delay": c.delay}
    return {name: value for name, value in row.items() if name in _ENDS or value}


def _draft(found: Mapping[str, Any]) -> Draft:
    layers = [_layer(row) for row in _list(found, "layers", MOST_LAYERS)]
    connections = [_connection(row) for row in _list(found, "connections", MOST_CONNECTIONS)]
    return Draft(title(found.get("name")), tuple(layers), tuple(connections))


def _list(found: Mapping[str, Any], name: str, most: int) -> list[Any]:
    rows = found.get(name)
    if not isinstance(rows, list) or len(rows) > most:
        raise GraphError(f"A network has a list of at most {most} {name}.")
    return rows


def _layer(row: object) -> Layer:
    given = _entries(row, LAYER_FIELDS, "A layer")
    if not {"name", "size"} <= set(given):
        raise GraphError("A layer has at least a name and a size.")
    return Layer(**{name: LAYER_FIELDS[name](value) for name, value in given.items()})


def _connection(row: object) -> Connection:
    return checked_connection(_entries(row, (*_ENDS, "weight", "diagonal", "delay"), "A connection"))


def _entries(row: object, known: Any, what: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise GraphError(f"{what} is given by its entries in braces; {row!r:.40} was given.")
    unknown = set(row) - set(known)
    if unknown:
        raise GraphError(f"{what} has no entry {min(unknown)!r:.40}; it can have {', '.join(known)}.")
    return row


def _view(given: object) -> Mapping[str, str]:
    if not isinstance(given, dict) or len(given) > 60 or not all(isinstance(v, str) for v in given.values()):
        raise GraphError("The entry 'view' of a network is a list of settings and their texts, in braces.")
    return ReadOnly({name: value[:2000] for name, value in given.items()})


def _refused(constant: str) -> Any:
    raise ValueError(constant)
