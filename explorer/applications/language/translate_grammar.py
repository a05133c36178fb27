"""English sentences and their German translations, made side by side by rules.

German articles and adjectives agree in gender, number and case; the verb comes second, its second part last; behind a
time, or in a question, the subject follows the verb; after "weil" and "dass" the verb comes last of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

from explorer.applications.language.corpus import Pair
from explorer.applications.language.translate_words import (
    ADJECTIVES,
    BEINGS,
    INTRANSITIVE,
    ME,
    PLURAL,
    STRANGER,
    THINGS,
    THIRD,
    TRANSITIVE,
    YOU,
    Noun,
)
from explorer.tasks.text import UNKNOWN


@dataclass(frozen=True, slots=True)
class Phrase:
    """A subject or an object: English words, person, and German words for a case ("nom" or "acc")."""

    english: tuple[str, ...]
    person: int
    german: Callable[[str], tuple[str, ...]]
    is_indefinite: bool = False


_WHO = (
    (("i",), ME, ("ich",), ("me",), ("mich",)),
    (("you",), YOU, ("du",), ("you",), ("dich",)),
    (("he",), THIRD, ("er",), ("him",), ("ihn",)),
    (("she",), THIRD, ("sie",), ("her",), ("sie",)),
    (("it",), THIRD, ("es",), ("it",), ("es",)),
    (("we",), PLURAL, ("wir",), ("us",), ("uns",)),
    (("they",), PLURAL, ("sie",), ("them",), ("sie",)),
)

_LIGHT = [accusative for *_, accusative in _WHO]

# by gender or "p" for many: after der-words and ein-words the accusative differs for m alone
_DER = {"m": "der", "f": "die", "n": "das", "p": "die"}
_EIN = {"m": "", "f": "e", "n": "", "p": "e"}
_AFTER_DER = {"m": "e", "f": "e", "n": "e", "p": "en"}
_AFTER_EIN = {"m": "er", "f": "e", "n": "es", "p": "en"}
_POSSESSIVE = {"my": "mein", "your": "dein"}
_NUMBERS = {"two": "zwei", "three": "drei"}

_HABEN = ("habe", "hast", "hat", "haben")
_SEIN = (("am", "are", "is", "are"), ("bin", "bist", "ist", "sind"))
_WAR = (("was", "were", "was", "were"), ("war", "warst", "war", "waren"))
_WERDEN = ("werde", "wirst", "wird", "werden")
_KANN = ("kann", "kannst", "kann", "können")
_MUSS = ("muss", "musst", "muss", "müssen")
_WILL = ("will", "willst", "will", "wollen")
_WISSEN = ("weiß", "weißt", "weiß", "wissen")
_DO, _HAVE = ("do", "do", "does", "do"), ("have", "have", "has", "have")

_TIMES = {"today": "heute", "now": "jetzt", "often": "oft"}
_YESTERDAY, _TOMORROW = {"yesterday": "gestern"}, {"tomorrow": "morgen"}
_TENSES = (
    "simple",
    "simple",
    "simple",
    "simple",
    "ing",
    "past",
    "past",
    "was ing",
    "perfect",
    "will",
    "can",
    "must",
    "want",
)


def _named(chance: Random, nouns: tuple[Noun, ...], negated: bool = False, also: tuple[str, ...] = ()) -> Phrase:
    """A noun with what stands before it."""
    noun = STRANGER if chance.random() < 0.08 else chance.choice(nouns)
    many = noun is not STRANGER and chance.random() < 0.35
    before = chance.choice(("the", "the", "a", "my", "your", *also, *(("", *_NUMBERS) if many and not negated else ())))
    if many and before == "a":
        before = ""
    adjective = chance.choice(tuple(ADJECTIVES)) if chance.random() < 0.35 else ""
    if adjective and chance.random() < 0.04:
        adjective = UNKNOWN
    kind = "p" if many else noun.gender
    indefinite = before in ("a", "")

    def german(case: str) -> tuple[str, ...]:
        masculine = case == "acc" and kind == "m"
        ending = "en" if masculine else _AFTER_EIN[kind]
        if before == "the":
            article, ending = "den" if masculine else _DER[kind], "en" if masculine else _AFTER_DER[kind]
        elif indefinite and not negated and many:
            article, ending = "", "e"
        elif before in _NUMBERS:
            article, ending = _NUMBERS[before], "e"
        else:
            stem = _POSSESSIVE.get(before) or ("kein" if negated or before == "no" else "ein")
            article = stem + ("en" if masculine else _EIN[kind])
        stem = ADJECTIVES.get(adjective, adjective)
        declined = stem + ending if stem in ADJECTIVES.values() else stem
        return tuple(word for word in (article, declined, noun.viele if many else noun.ein) if word)

    words = [word for word in (before, adjective, noun.many if many else noun.one) if word]
    if words[0] == "a" and words[1][0] in "aeiou":
        words[0] = "an"
    return Phrase(tuple(words), PLURAL if many else THIRD, german, indefinite)


def _subject(chance: Random, nouns: tuple[Noun, ...], alone: bool = False) -> Phrase:
    draw = chance.random()
    if draw < 0.5:
        english, person, nominative, _, _ = chance.choice(_WHO)
        return Phrase(english, person, lambda case: nominative)
    if draw < 0.56:
        return Phrase((UNKNOWN,), THIRD, lambda case: (UNKNOWN,))  # a name
    phrase = _named(chance, nouns)
    if draw < 0.6 and not alone:
        return _both(phrase, _named(chance, nouns))
    return phrase


def _object(chance: Random, negated: bool, doer: int) -> Phrase:
    if chance.random() < 0.25:
        _, person, _, english, accusative = chance.choice([who for who in _WHO if who[1] == THIRD or who[1] != doer])
        return Phrase(english, person, lambda case: accusative)
    if chance.random() < 0.06:
        return Phrase((UNKNOWN,), THIRD, lambda case: (UNKNOWN,))
    goal = _named(chance, BEINGS + THINGS, negated, also=() if negated else ("no",))
    return _both(goal, _named(chance, BEINGS + THINGS)) if not negated and chance.random() < 0.06 else goal


def _both(one: Phrase, other: Phrase) -> Phrase:
    return Phrase(
        (*one.english, "and", *other.english), PLURAL, lambda case: (*one.german(case), "und", *other.german(case))
    )


@dataclass(frozen=True, slots=True)
class _Clause:
    """English: what a question puts first, and the rest. German: the verb that moves, what follows, what comes last."""

    subject: Phrase
    first: tuple[str, ...]
    negated: bool
    rest: tuple[str, ...]
    verb: str
    middle: tuple[str, ...]
    last: tuple[str, ...]
    times: Mapping[str, str]

    def english(self, asked: bool = False) -> tuple[str, ...]:
        subject, no = self.subject.english, ("not",) * self.negated
        return (*self.first, *subject, *no, *self.rest) if asked else (*subject, *self.first, *no, *self.rest)

    def german(
        self, order: str = "second", front: tuple[str, ...] = (), within: tuple[str, ...] = ()
    ) -> tuple[str, ...]:
        subject = self.subject.german("nom")
        light = self.middle[:1] if self.middle[:1] in _LIGHT else ()  # a pronoun stands before the time
        tail = (*light, *within, *self.middle[len(light) :], *self.last)
        if order == "last":
            return (*subject, *tail, self.verb)
        return (*front, self.verb, *subject, *tail) if front or order == "first" else (*subject, self.verb, *tail)


def _being(chance: Random) -> _Clause:
    """Somebody is something."""
    kind = chance.choice((BEINGS, THINGS))
    subject = _subject(chance, kind)
    (english, german), times = chance.choice(((_SEIN, _TIMES), (_SEIN, _TIMES), (_WAR, _YESTERDAY)))
    negated = chance.random() < 0.25
    no = ("nicht",) * negated
    if subject.person == THIRD and chance.random() < 0.3:
        while (what := _named(chance, kind, negated)).person == PLURAL:
            pass
        rest, middle = what.english, ((() if what.is_indefinite else no) + what.german("nom"))
    else:
        adjective = chance.choice(tuple(ADJECTIVES)) if chance.random() < 0.92 else UNKNOWN
        rest, middle = (adjective,), (*no, ADJECTIVES.get(adjective, adjective))
    p = subject.person
    return _Clause(subject, (english[p],), negated, rest, german[p], middle, (), times)


def _doing(chance: Random, asked: bool) -> _Clause:
    """Somebody does something, in one of the tenses."""
    subject = _subject(chance, BEINGS)
    negated = chance.random() < 0.25
    p = subject.person
    if chance.random() < 0.68:
        verb = chance.choice(TRANSITIVE)
        goal = _object(chance, negated, p)
        middle = goal.german("acc") + ("nicht",) * (negated and not goal.is_indefinite)
        after = goal.english
    else:
        verb = chance.choice(INTRANSITIVE)
        middle, after = ("nicht",) * negated, ()
    infinitive = verb.forms[PLURAL]
    times: Mapping[str, str] = _TIMES
    full = asked or negated
    first: tuple[str, ...]
    last: tuple[str, ...]
    match chance.choice(_TENSES):
        case "simple":
            first, word = ((_DO[p],), verb.base) if full else ((), verb.third if p == THIRD else verb.base)
            moved, last = verb.forms[p], ()
        case "ing":
            first, word, moved, last = (_SEIN[0][p],), verb.ing, verb.forms[p], ()
        case "was ing":
            first, word = (_WAR[0][p],), verb.ing
            moved, last, times = _HABEN[p], (verb.partizip,), _YESTERDAY
        case "past":
            first, word = (("did",), verb.base) if full else ((), verb.past)
            moved, last, times = _HABEN[p], (verb.partizip,), _YESTERDAY
        case "perfect":
            first, word, moved, last = (_HAVE[p],), verb.participle, _HABEN[p], (verb.partizip,)
        case "will":
            first, word, times = ("will",), verb.base, _TOMORROW
            moved, last = _WERDEN[p], (infinitive,)
        case "can":
            first, word, moved, last = ("can",), verb.base, _KANN[p], (infinitive,)
        case "must" if not negated:  # "must not" would be another verb in German
            first, word, moved, last = ("must",), verb.base, _MUSS[p], (infinitive,)
        case _:
            want = ("want" if full or p != THIRD else "wants", "to", verb.base)
            first, moved, last = ((_DO[p],) if full else ()), _WILL[p], (infinitive,)
            return _Clause(subject, first, negated, (*want, *after), moved, middle, last, times)
    return _Clause(subject, first, negated, (word, *after), moved, middle, last, times)


def make_translation(chance: Random) -> Pair:
    """A sentence in English and in German."""
    draw = chance.random()
    asked = draw < 0.15
    clause = _being(chance) if chance.random() < 0.25 else _doing(chance, asked)
    if asked and draw < 0.1:
        return Pair(clause.english(asked=True), clause.german("first"))
    if asked:
        time = chance.choice(tuple(clause.times))
        return Pair((*clause.english(asked=True), time), clause.german("first", within=(clause.times[time],)))
    if draw < 0.35:
        time = chance.choice(tuple(clause.times))
        english = (time, *clause.english()) if chance.random() < 0.5 else (*clause.english(), time)
        return Pair(english, clause.german(front=(clause.times[time],)))
    if draw < 0.45:
        subject = _subject(chance, BEINGS, alone=True)
        if chance.random() < 0.4:
            knows = ("knows" if subject.person == THIRD else "know", "that")
            german = (_WISSEN[subject.person], ",", "dass")
        else:
            verb = chance.choice(INTRANSITIVE[:-1])
            knows = (verb.third if subject.person == THIRD else verb.base, "because")
            german = (verb.forms[subject.person], ",", "weil")
        return Pair(
            (*subject.english, *knows, *clause.english()), (*subject.german("nom"), *german, *clause.german("last"))
        )
    return Pair(clause.english(), clause.german())


def both_vocabularies() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Every English and every German word of these sentences, in alphabetical order."""
    nouns, verbs = BEINGS + THINGS, TRANSITIVE + INTRANSITIVE
    english = {word for row in (*_SEIN[:1], *_WAR[:1], _DO, _HAVE) for word in row}
    english |= {word for noun in nouns for word in (noun.one, noun.many)}
    english |= {word for verb in verbs for word in (verb.base, verb.third, verb.past, verb.participle, verb.ing)}
    english |= {word for nominative, _, _, accusative, _ in _WHO for word in (*nominative, *accusative)}
    english |= {*ADJECTIVES, *_POSSESSIVE, *_NUMBERS, *_TIMES, *_YESTERDAY, *_TOMORROW}
    english |= {"the", "a", "an", "no", "not", "and", "did", "will", "can", "must"}
    english |= {"want", "wants", "to", "know", "knows", "that", "because"}
    german = {word for row in (_SEIN[1], _WAR[1], _HABEN, _WERDEN, _KANN, _MUSS, _WILL, _WISSEN) for word in row}
    german |= {word for noun in nouns for word in (noun.ein, noun.viele)}
    german |= {word for verb in verbs for word in (*verb.forms, verb.partizip)}
    german |= {word for _, _, nominative, _, accusative in _WHO for word in (*nominative, *accusative)}
    german |= {stem + ending for stem in ADJECTIVES.values() for ending in ("", "e", "en", "er", "es")}
    german |= {stem + ending for stem in ("ein", "kein", *_POSSESSIVE.values()) for ending in ("", "e", "en")}
    german |= {*_DER.values(), "den", *_NUMBERS.values(), *_TIMES.values(), "gestern", "morgen"}
    german |= {"und", "nicht", ",", "dass", "weil"}
    return tuple(sorted(english - {UNKNOWN})), tuple(sorted(german - {UNKNOWN}))
