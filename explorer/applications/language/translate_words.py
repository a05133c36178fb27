"""Words of two languages: what the translation knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from explorer.tasks.text import UNKNOWN

ME, YOU, THIRD, PLURAL = range(4)
"""Persons of the verb, as they stand in a row of forms."""


@dataclass(frozen=True, slots=True)
class Noun:
    """English one and many, German gender, one and many."""

    one: str
    many: str
    gender: str
    ein: str
    viele: str


@dataclass(frozen=True, slots=True)
class Verb:
    """English: base, third person, past, participle, -ing form. German: a form for each person, participle."""

    base: str
    third: str
    past: str
    participle: str
    ing: str
    ich: str
    du: str
    er: str
    wir: str
    partizip: str

    @property
    def forms(self) -> tuple[str, str, str, str]:
        return self.ich, self.du, self.er, self.wir


def _nouns(table: str) -> tuple[Noun, ...]:
    return tuple(Noun(*line.split()) for line in table.strip().splitlines())


def _verbs(table: str) -> tuple[Verb, ...]:
    return tuple(Verb(*line.split()) for line in table.strip().splitlines())


BEINGS = _nouns("""
dog dogs m Hund Hunde
cat cats f Katze Katzen
bird birds m Vogel Vögel
horse horses n Pferd Pferde
child children n Kind Kinder
man men m Mann Männer
woman women f Frau Frauen
girl girls n Mädchen Mädchen
teacher teachers m Lehrer Lehrer
friend friends m Freund Freunde
""")

THINGS = _nouns("""
house houses n Haus Häuser
car cars n Auto Autos
book books n Buch Bücher
apple apples m Apfel Äpfel
flower flowers f Blume Blumen
tree trees m Baum Bäume
table tables m Tisch Tische
door doors f Tür Türen
letter letters m Brief Briefe
""")

STRANGER = Noun(UNKNOWN, UNKNOWN, "n", UNKNOWN, UNKNOWN)  # of its gender nothing is known

TRANSITIVE = _verbs("""
see sees saw seen seeing sehe siehst sieht sehen gesehen
love loves loved loved loving liebe liebst liebt lieben geliebt
buy buys bought bought buying kaufe kaufst kauft kaufen gekauft
find finds found found finding finde findest findet finden gefunden
hear hears heard heard hearing höre hörst hört hören gehört
need needs needed needed needing brauche brauchst braucht brauchen gebraucht
have has had had having habe hast hat haben gehabt
eat eats ate eaten eating esse isst isst essen gegessen
want wants wanted wanted wanting will willst will wollen gewollt
paint paints painted painted painting male malst malt malen gemalt
""")

INTRANSITIVE = _verbs(f"""
sleep sleeps slept slept sleeping schlafe schläfst schläft schlafen geschlafen
laugh laughs laughed laughed laughing lache lachst lacht lachen gelacht
play plays played played playing spiele spielst spielt spielen gespielt
sing sings sang sung singing singe singst singt singen gesungen
work works worked worked working arbeite arbeitest arbeitet arbeiten gearbeitet
cry cries cried cried crying weine weinst weint weinen geweint
{" ".join([UNKNOWN] * 10)}
""")

ADJECTIVES: Mapping[str, str] = MappingProxyType(
    {
        "red": "rot",
        "small": "klein",
        "big": "groß",
        "old": "alt",
        "new": "neu",
        "young": "jung",
        "beautiful": "schön",
        "good": "gut",
    }
)

ALSO_ENGLISH: Mapping[str, str] = MappingProxyType(
    {"little": "small", "large": "big", "pretty": "beautiful", "kid": "child", "kids": "children"}
)
"""Words that are read as another, which is in the vocabulary."""
