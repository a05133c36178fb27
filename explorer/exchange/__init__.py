"""The unrolled network as a file that other programs read: GraphML and JSON, both ways.

Both are made from the same rows, one for each node and one for each arrow, so that they cannot differ in what they say.
Whatever is read was written by a stranger: size, types and ranges are checked before anything is made of it.
"""

from explorer.exchange.files import read_graphml, read_json, write_graphml, write_json

__all__ = ["read_graphml", "read_json", "write_graphml", "write_json"]
