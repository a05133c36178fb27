"""Scripts and style sheets without comments and indentation: for a file that is sent, not read."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""
      (?P<block>/\*.*?\*/)
    | (?P<line>//[^\n]*)
    | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    | (?P<template>`)
    | (?P<slash>/)
    | (?P<word>[\w$\u0080-\uffff]+)
    | (?P<blank>[ \t]*\n\s*)
    | (?P<other>.)
    """,
    re.DOTALL | re.VERBOSE,
)
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
_BEFORE_REGEX = frozenset("(,=:[!&|?{};+-*%<>~^")
_KEYWORDS = frozenset(("return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await"))


def stripped(text: str, lines: bool = True) -> str:
    r"""A script, or a style sheet, without comments, indentation and empty lines; what is in quotes stays.

    Parameters
    ----------
    text : str
    lines : bool
        Whether // begins a comment, as it does in a script and not in a style sheet.

    Examples
    --------
    >>> stripped("// note\nlet a = 'http://x'; /* long\n */\n\n  let b = /[/*]/.test(`  // ${1 /* one */}\n  kept`);\n")
    "let a = 'http://x';\nlet b = /[/*]/.test(`  // ${1 }\n  kept`);\n"
    """
    found: list[str] = []
    _strip(text, 0, found, lines, nested=False)
    return "".join(found).lstrip("\n")


def _strip(text: str, at: int, found: list[str], lines: bool, *, nested: bool) -> int:
    """Take over code from a place on, up to the end or, inside a template, up to the brace that closes it."""
    depth, last = 0, ""
    while at < len(text):
        if lines and text[at] == "/" and (match := _REGEX.match(text, at)) and _may_begin_regex(last):
            found.append(match[0])
            at, last = match.end(), "/regex/"
            continue
        token = _TOKEN.match(text, at)
        assert token is not None
        kind, written = token.lastgroup, token[0]
        at = token.end()
        if kind == "line" and not lines:
            kind, written, at = "other", "/", token.start() + 1
        if kind == "blank" or (kind == "block" and "\n" in written):
            _end_line(found)
        elif kind in ("block", "line"):
            continue
        elif kind == "template" and lines:
            at = _template(text, at, found)
            last = "`"
        else:
            depth += (written == "{") - (written == "}")
            if nested and depth < 0:
                found.append(written)
                return at
            found.append(written)
            if not written.isspace():
                last = written
    return at


def _template(text: str, at: int, found: list[str]) -> int:
    """Take over a template string, in which only what stands in ${…} is code."""
    found.append("`")
    while at < len(text):
        if text[at] == "\\":
            found.append(text[at : at + 2])
            at += 2
        elif text.startswith("${", at):
            found.append("${")
            at = _strip(text, at + 2, found, True, nested=True)
        else:
            found.append(text[at])
            at += 1
            if text[at - 1] == "`":
                break
    return at


def _may_begin_regex(last: str) -> bool:
    """Whether a slash after that word or sign begins a pattern; after anything else it divides."""
    return not last or last in _KEYWORDS or last[-1:] in _BEFORE_REGEX


def _end_line(found: list[str]) -> None:
    """One end of a line, without blanks before it."""
    while found and found[-1].isspace() and found[-1] != "\n":
        found.pop()
    if found and found[-1] != "\n":
        found.append("\n")
