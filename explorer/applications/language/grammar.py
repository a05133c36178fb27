"""Sentences by rules: a small grammar, written as a table, from which any number of sentences can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from explorer.graph import ReadOnly


@dataclass(frozen=True, eq=False)
class Grammar:
    """What each symbol may become: words, and symbols in capitals that become something in turn.

    Examples
    --------
    >>> grammar = Grammar.of("ROOT = the ANIMAL sleeps; ANIMAL = cat | dog")
    >>> " ".join(word for word, _ in grammar.draw("ROOT", Random(1)))
    'the dog sleeps'
    >>> grammar.words
    ('cat', 'dog', 'sleeps', 'the')
    """

    rules: Mapping[str, tuple[tuple[str, ...], ...]]

    @classmethod
    def of(cls, text: str) -> Grammar:
        """Read ``SYMBOL = one way | another``, rules set apart by semicolons; a way may be empty.

        Raises
        ------
        ValueError
            If a symbol in capitals has no rule.
        """
        rules = {}
        for rule in filter(None, (rule.strip() for rule in text.split(";"))):
            symbol, _, ways = rule.partition("=")
            rules[symbol.strip()] = tuple(tuple(way.split()) for way in ways.split("|"))
        named = {word for ways in rules.values() for way in ways for word in way if word.isupper()}
        if missing := sorted(named - set(rules)):
            raise ValueError(f"These symbols have no rule: {', '.join(missing)}; add one or write them small.")
        return cls(ReadOnly(rules))

    @property
    def words(self) -> tuple[str, ...]:
        """Every word that a sentence may have, in alphabetical order."""
        return tuple(sorted({word for ways in self.rules.values() for way in ways for word in way} - set(self.rules)))

    def draw(self, symbol: str, chance: Random, below: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
        """Words in their order, each with the symbols it came from, outermost first."""
        if symbol not in self.rules:
            return [(symbol, below)]
        ways = self.rules[symbol]
        way = ways[int(chance.random() * len(ways))]
        under = (*below, symbol)
        return [found for part in way for found in self.draw(part, chance, under)]

    def sentence(self, symbol: str, chance: Random) -> list[str]:
        """Words in their order."""
        return [word for word, _ in self.draw(symbol, chance)]
