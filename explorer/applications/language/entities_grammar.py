"""News in a sentence, in which the same word may be a person, a company, a time or none of them."""

from __future__ import annotations

from random import Random

from explorer.applications.language.corpus import Pair
from explorer.applications.language.entities_words import NAMES, TIMES, WORDS
from explorer.applications.language.grammar import Grammar
from explorer.tasks.text import UNKNOWN

_PHRASES = """
DET = the | the | the | a | a | an | my | his | her | our | this | that | your | no | some | every | their;
THING = DET NOUN | DET NOUN | DET NOUN | DET ADJ NOUN | NOUNS | ADJ NOUNS | COUNT NOUNS | STUFF | the NOUNS
  | DET NOUN of DET NOUN | DET ADJ ADJ NOUN | COMPANY NOUNS | DET NOUN from PLACE | COUNT ADJ NOUNS | the news;
THINGS2 = DET NOUN | the ADJ COLOUR NOUN | the NOUN NOUN | apple NOUNS | amazon NOUNS | orange NOUNS | DET NOUN
  | DET ADJ NOUN | NOUNS | DET NOUN and DET NOUN | MY NOUNS | the NOUN NOUN | ADJ NOUNS | STUFF;
PP = with WHO | from WHO | for WHO | to WHO | about WHO | at KNOWN | in PLACE | near PLACE | on THINGS2 | in THINGS2
  | with THINGS2 | for THINGS2 | without WHO | over THINGS2 | into THINGS2 | through PLACE | from PLACE to PLACE
  | across THINGS2 | around PLACE | of THINGS2 | by WHO | against WHO | like WHO | because of WHO | in front of PLACE
  | from PLACE | to PLACE | at PLACE | behind THINGS2 | under THINGS2 | after THINGS2;
AT = ONDAY | ONDAY | PP ONDAY | PP | ONDAY PP | VERYLY |  |  | ;
OBJ = WHO | WHO | THING | SURE | KNOWN | SURE and SURE | KNOWN and KNOWN | KNOWN and SURE | SURE 's NOUN
  | KNOWN 's NOUN | TITLE SURNAMED | THING PP;
PEOPLE = PERSON | PERSON | PERSON | PERSON | PERSON | PERSON | PERSON and PERSON | PERSON PERSON and PERSON
  | PERSON and KIN | TITLE SURNAMED | TITLE SURNAMED | KIN PERSON | ROLE SURE | PERSON from COMPANY | KIN and PERSON
  | COMPANY ROLE SURE | PERSON and HE | dear PERSON | PERSON ROLE of COMPANY | the ROLE of COMPANY SURE
  | the singer SURE | a man named PERSON | PERSON of COMPANY | SURE the ROLE of COMPANY | MY FAMILY SURE;
FIRMS = COMPANY | COMPANY | COMPANY | COMPANY | COMPANY | KNOWN and KNOWN | KNOWN KNOWN and KNOWN | the company COMPANY
  | ADJ company KNOWN | the bank COMPANY | the startup COMPANY | the CITY company KNOWN;
PPRED = DID AT | DID AT | DIDTO OBJ AT | DIDTO OBJ AT | DIDTO OBJ AT | ACTED THING AT | ACTED THING AT | WED PERSON AT
  | WED PERSON AT | WENT PLACE AT | WENT PLACE AT | WORKS COMPANY AT | WORKS COMPANY AT | is ADJ AT | was ADJ AT
  | is a ROLE AT | was ROLE of COMPANY AT | is the ROLE of COMPANY AT | MODAL GO AT | MODAL DOTO OBJ AT
  | MODAL ACT THING AT | gave GIVEN THING AT | sent THING to WHO AT | bought THING from GIVEN AT
  | got THING from GIVEN AT | gave THING to GIVEN AT | sold THING to WHO AT | SAID STATED | has DONE OBJ AT
  | was DONE by WHO AT | wants to DOTO OBJ AT | works as a ROLE AT | is ⟨0⟩ years old | plays STUFF AT
  | and PERSON DID AT | bought a COMPANY AT | went to PLACE with WHO AT | paid DOLLARS for THING AT | does not DOTO OBJ
  | is not ADJ | has a cold | heard about WHO AT | is looking for OBJ AT | did not ACT THING AT | told GIVEN STATED
  | told GIVEN that STATED | teaches GIVEN STUFF | DID and DIDTO OBJ AT | bought COMPANY shares AT
  | used to work for COMPANY | spoke with OBJ about OBJ | has worked for COMPANY since TYEAR | got married AT
  | introduced WHO to WHO AT | won DET NOUN AT | took STUFF to WHO AT | fell ill AT;
CPRED = reported MONEY AT | sells NOUNS AT | makes NOUNS AT | raised prices AT | cut jobs AT
  | opened a SHOP in PLACE AT | went bankrupt AT | announced THING AT | launched DET ADJ NOUN AT | closed its SHOP AT
  | lost DOLLARS AT | hired ⟨0⟩ NOUNS AT | fired ⟨0⟩ workers AT | MODAL cut jobs AT | produces NOUNS | sells STUFF
  | makes STUFF | reported a loss AT | recalled ⟨0⟩ NOUNS AT | is a company | has a new ROLE | has ⟨0⟩ employees
  | went public AT | TOOK COMPANY AT | TOOK COMPANY AT | TOOK COMPANY for DOLLARS AT | HIRED PERSON AT
  | HIRED PERSON AT | HIRED PERSON as ROLE AT | MODAL TAKE COMPANY AT | is ADJ AT | DIDTO OBJ AT | DIDTO OBJ AT
  | DIDTO OBJ AT | was DONE by WHO AT | was sold to WHO AT | agreed to TAKE COMPANY AT | plans to DOTO OBJ AT
  | pays dividends | missed its target AT | has DONE OBJ AT | delivers STUFF AT | opens on TDAYS | will pay WHO DOLLARS
  | builds NOUNS in PLACE | is based in PLACE | was founded by PERSON AT | is closed AT | sold THING to WHO AT
  | MODAL DOTO OBJ AT | does not sell NOUNS | wants to TAKE COMPANY | signed a contract with WHO AT
  | lost DOLLARS in the TQUARTER | is worth DOLLARS | employs ⟨0⟩ people | sent WHO THING AT | builds NOUNS;
SHOP = store | factory | office | bank;
TOOK = bought | acquired | sued | merged with | took over | sold | invested in | competes with | owns | beat
  | signed a deal with | bought;
TAKE = buy | acquire | sue | merge with | take over | sell | invest in | work with;
HIRED = hired | fired | sued | promoted | pays | employs | thanked | appointed | named;
WORKS = works for | works at | left | joined | runs | founded | worked at | quit | works with | will join | may join
  | sued | bought shares of | invested in | got a job at | applied to | started at | owns shares of | leads
  | became ROLE of | is ROLE of | founded | started;
SAID = said that | thinks that | believes that | hopes that | knows that | wrote that | said | thinks | says;
STATED = PEOPLE PPRED | FIRMS CPRED | HE PPRED | it is ADJ | NAKED | PEOPLE DID | FIRMS CPRED;
NAKED = DET NOUN NPRED | DET ADJ COLOUR NOUN NPRED | DET COLOUR NOUN NPRED | DET NOUN NOUN NPRED
  | COUNT ADJ NOUNS NPREDS | COUNT NOUNS NPREDS | NOUN NOUNS NPREDS | DET NOUN NPRED | DET ADJ NOUN NPRED
  | NOUNS NPREDS | the NOUNS NPREDS | KIN PPRED | DET NOUN of DET NOUN NPRED | HE PPRED | HE PPRED | ADJ NOUNS NPREDS
  | DET NOUN PP NPRED | STUFF NPRED;
NPRED = is ADJ | is ADJ | was ADJ AT | is very ADJ | is ADJ and ADJ | DID AT | DIDTO OBJ AT | ACTED THING AT | GREW AT
  | MODAL DOTO THING | is in PLACE | is on DET NOUN | was DONE by WHO AT | MODAL GO AT | costs DOLLARS | belongs to WHO
  | is from WHO | MODAL ACT THING | is a NOUN | is not ADJ | sat on DET NOUN | looks ADJ | has THING | is about OBJ
  | was made by WHO | starts ONDAY;
NPREDS = are ADJ | are ADJ | were ADJ AT | MODAL GO AT | DOTO THINGS2 | ACT THINGS2 | are in PLACE | GREW AT | DID AT
  | MODAL be ADJ AT | chase DET NOUN | were DONE by WHO AT | cost DOLLARS | are from WHO;
"""

_SENTENCES = """
ROOT = PEOPLE PPRED | PEOPLE PPRED | PEOPLE PPRED | PEOPLE PPRED | PEOPLE PPRED | PEOPLE PPRED | FIRMS CPRED
  | FIRMS CPRED | FIRMS CPRED | FIRMS CPRED | FIRMS CPRED | ONDAY PEOPLE PPRED | ONDAY FIRMS CPRED | ONDAY FIRMS CPRED
  | NAKED | NAKED | NAKED | NAKED | NAKED | ONDAY NAKED | ASKING | ASKING | ASKING | HEADLINE | HEADLINE | OWNED
  | OWNED | SAYING | SAYING | SAYING | PLAIN | PLAIN | PLAIN | PLAIN | SHORT | in PLACE PEOPLE PPRED
  | in PLACE FIRMS CPRED;
OWNED = PERSON 's NOUN NPRED | COMPANY 's NOUN NPRED | PERSON 's FAMILY PPRED | COMPANY 's ROLE PERSON DID AT
  | COMPANY 's MONEY GREW AT | HE DIDTO PERSON 's NOUN AT | i like COMPANY 's NOUNS | PERSON 's company COMPANY CPRED
  | HE WED PERSON 's FAMILY AT | COMPANY NOUNS NPREDS | the ADJ COMPANY is ADJ | MY COMPANY is ADJ
  | MONEY of COMPANY GREW AT | the NOUN of PERSON NPRED | NOUNS from COMPANY NPREDS | the new NOUN of COMPANY NPRED
  | workers at COMPANY DID AT | everyone at COMPANY DID AT | a friend of PERSON DID AT | COMPANY 's NOUNS NPREDS
  | MONEY at COMPANY GREW AT | the CITY office of COMPANY NPRED | MY NOUN is from COMPANY | a COMPANY costs DOLLARS;
ASKING = did PERSON DOTO OBJ AT | did COMPANY DOTO OBJ AT | did COMPANY TAKE COMPANY AT | MODAL PERSON DOTO OBJ AT
  | MODAL PERSON GO AT | MODAL COMPANY TAKE COMPANY AT | MODAL COMPANY ACT THING AT | who DIDTO OBJ AT | who is PERSON
  | where is PERSON | where is KNOWN | is PERSON ADJ AT | is COMPANY ADJ ONDAY | is PERSON at home AT
  | when did PERSON GO | why did PERSON DOTO OBJ | does COMPANY sell NOUNS | does PERSON like THING
  | has PERSON DONE OBJ AT | how ADJ is THINGS2 | what did PERSON ACT AT | who works for COMPANY | who founded COMPANY
  | where does PERSON work | is THINGS2 ADJ | is DET NOUN from WHO | can you help PERSON | do you know WHO
  | do you work for COMPANY | how much did COMPANY pay for COMPANY | has COMPANY DONE OBJ | was PERSON DONE by WHO
  | when will COMPANY ACT THING | why is THINGS2 ADJ | what is PERSON doing AT | which NOUN MODAL HE ACT
  | what does COMPANY make | why does PERSON DOTO OBJ | did you DOTO OBJ AT | MODAL HE DOTO OBJ AT
  | does PERSON know WHO | is SURE ROLE of COMPANY;
HEADLINE = COMPANY BUYS COMPANY AT | COMPANY BUYS COMPANY for DOLLARS | COMPANY to TAKE COMPANY AT
  | COMPANY shares GREW AT | COMPANY ROLE SURE DID AT | SURE to lead COMPANY | PERSON joins COMPANY as ROLE
  | PERSON leaves COMPANY AT | COMPANY names PERSON ROLE | COMPANY cuts ⟨0⟩ jobs AT | COMPANY sues COMPANY over NOUNS
  | CITY ROLE meets PERSON AT | profit at COMPANY falls AT | COMPANY and COMPANY agree on NOUN
  | NOUNS and NOUNS GREW AT | COMPANY MONEY GREW AT | PERSON DONE by NOUN | PERSON wins NOUN AT | ADJ NOUN in PLACE
  | MONEY GREW AT | COMPANY stops NOUN after NOUN | PERSON meets PERSON in PLACE AT | SURE ROLE of COMPANY quits AT
  | KNOWN hires SURE from KNOWN | SURE says KNOWN MODAL GO | NOUN of KNOWN founder SURE DONE;
BUYS = buys | sues | sells | beats | acquires | leaves | joins;
SHORT = PERSON | SURE | KNOWN | KNOWN | TDAY | TDAYWORD | NOUN | ADJ | HE DID | DET NOUN | PERSON PERSON | SURE KNOWN
  | DID | ADJ NOUN | DET ADJ NOUN | NOUN NOUN | ONDAY | NOUNS;
SAYING = hello PERSON | hi PERSON how are you | goodbye PERSON | thanks PERSON | i am PERSON | my name is PERSON
  | i am PERSON and i work for COMPANY | this is PERSON | call me ONDAY | see you ONDAY | the meeting is ONDAY
  | it is TCLOCK | it is TDAY | it is cold ONDAY | ONDAY is a good day | please help PERSON AT | give PERSON THING
  | ask PERSON about THING | talk to PERSON AT | wait for PERSON AT | i work for COMPANY | i work at COMPANY AT
  | HE WORKS COMPANY AT | i met PERSON AT | we met PERSON at COMPANY AT | her name is PERSON | tell PERSON STATED
  | DOTO PERSON AT | DOTO COMPANY AT | there is PERSON | i DOTO OBJ | we DOTO OBJ AT | they DOTO OBJ
  | you MODAL DOTO OBJ | SURE PERSON and PERSON are here | we invited SURE SURE and SURE AT
  | i bought THING from WHO AT | TMONTH is warm | TMONTH is a ADJ month | TMONTH was the ADJ month
  | TMONTH is the best month of the year | TDAY is a ADJ day | TDAY was ADJ | the president of PLACE WED PERSON AT
  | the ROLE of CITY DID AT | PERSON is president of CITY | i know WHO | PERSON DIDTO PERSON AT | PERSON DIDTO PERSON
  | PERSON DIDTO COMPANY | COMPANY DIDTO COMPANY AT | PERSON WED PERSON | i have MET WHO | HE sold MY COMPANY to PERSON
  | HE likes MY COMPANY | HE bought THING from PERSON | PERSON DIDTO PERSON | PERSON DIDTO PERSON AT
  | HE bought a stake in COMPANY | COMPANY has a stake in COMPANY | shares in COMPANY GREW AT
  | MODAL you DOTO HIM PERSON | TTHE is ADJ | TTHE was ADJ in PLACE | COMPANY BUYS a stake in COMPANY AT
  | my NOUN is from KNOWN | the ROLE is PERSON | HE went to PLACE by NOUN with WHO | good morning PERSON
  | in TMONTH PERSON MODAL DOTO OBJ | in TMONTH PERSON PPRED | ADDRESSED PERSON | ADDRESSED PERSON
  | in TMONTH NAMED MODAL GO | MODAL NAMED DOTO OBJ AT;
ADDRESSED = will you GO | how are you | thank you | come here | MODAL you DOTO OBJ | help me | good night | i love you
  | are you ADJ | look at THING | we miss you | welcome;
MET = met | seen | called | asked;
PLAIN = you may go TDAYWORD | it may rain | i hope you are well | HE MODAL mark the letter | please pay the bill
  | hello world | hello | good morning | the amazon is ADJ | the amazon is a river | i love you | they may leave
  | leave me alone | what is your name | all NOUNS are ADJ | my NOUN is COLOUR | the NOUN is COLOUR
  | the NOUN is COLOUR | the NOUNS are COLOUR | a company must make money | HE DOTO THINGS2 | ACT THINGS2
  | ACT THINGS2 PP | DOTO THINGS2 | the sun rose | i ate an apple | the puma ACTED an apple | they march to PLACE
  | mind the gap | HE reached our target | to be frank it is bad | i like the color COLOUR | hit the mark
  | he has grace | thank you very much | how are you | what is the news | may i DOTO THINGS2 | may i come in
  | will you GO | HE MODAL GO | there are COUNT NOUNS PP | there is DET NOUN PP | NOUNS ACT THINGS2
  | DET NOUN DOTO DET NOUN | it costs DOLLARS | apple pie is ADJ | HE drank orange juice | the orange is ADJ
  | a rose is a flower | i hope it MODAL GO | NOUNS are ADJ than NOUNS | DET NOUN is ADJ than DET NOUN
  | NOUNS are more ADJ than NOUNS | STUFF is more ADJ than STUFF | MY NOUN is from PLACE | my FAMILY 's NOUN NPRED
  | our FAMILY 's NOUN is ADJ | the cook ACTED THING | the king DID AT | HE bought THINGS2 and THINGS2 | it was ADJ
  | i would like THING | we have THING | where is DET NOUN | this is a ADJ NOUN | DET NOUN and DET NOUN DID
  | NOUN STUFF and NOUNS | let us GO | it was a ADJ night | it was a ADJ and ADJ night | HE DIDTO NOUNS and NOUNS
  | HE ACTED NOUNS and NOUNS | HE BUYS NOUNS and NOUNS | the amazon NOUN is ADJ | amazon NOUN NOUNS are ADJ
  | an apple NOUN is ADJ | the orange NOUN NPRED | the shell NOUN NPRED | HE went from CITY to CITY AT
  | from CITY to CITY | the train from CITY to CITY NPRED | HE live in CITY | HE WENT CITY AT | CITY is ADJ
  | CITY is in CITY | CITY is the NOUN of CITY | HE WENT PLACE AT | the NOUN of CITY NPRED | the amazon river is ADJ
  | HE sat under DET NOUN | wash DET COLOUR NOUN | DET COLOUR NOUN DID AT | THINGS2 PP | COUNT NOUNS DID AT
  | COUNT ADJ NOUNS DID;
"""

NEWS = Grammar.of(NAMES + TIMES + WORDS + _PHRASES + _SENTENCES)

LABELS = ("other", "person", "company", "time")

_TIMED = (
    *("TDAY", "TPART", "TTHE", "TFEAST", "TMONTHDAY", "TDATED", "TFULL", "TMONTH", "TYEAR"),
    *("TCLOCK", "TAGO", "TFOR", "TDAYWORD", "TNEXT", "TDAYS", "TQUARTER"),
)
_LABELLED = {
    **dict.fromkeys(("PERSON", "SURE", "SURNAMED", "NAMED"), "person"),
    **dict.fromkeys(("COMPANY", "KNOWN"), "company"),
    **dict.fromkeys(_TIMED, "time"),
}

_NEW_NAMES = ("FIRST", "LAST", "FIRM", "BOTH")
_NEW_WORDS = (
    *("CITY", "SUFFIX", "SPOT", "NOUN", "NOUNS", "STUFF", "ADJ", "COLOUR", "ROLE", "FAMILY", "TITLE", "MONEY"),
    *("DID", "DIDTO", "DOTO", "DONE", "ACTED", "ACT", "BUYS", "GREW", "VERYLY"),
)
_NEWNESS = {**dict.fromkeys(_NEW_NAMES, 2.5), **dict.fromkeys(_NEW_WORDS, 1.0)}
"""Classes with more words than any list has, names above all: of these, a word that a learner types may be new."""

_UNKNOWN_SHARES = (0.0, 0.0, 0.12, 0.25)
"""How many of such words are, times the above: none in half of all sentences, so that known words are learnt too."""


def label_of(symbols: tuple[str, ...]) -> str:
    """What a word is, by the symbols it came from.

    Examples
    --------
    >>> label_of(("ROOT", "COMPANY", "LAST")), label_of(("ROOT",))
    ('company', 'other')
    """
    return next((_LABELLED[symbol] for symbol in symbols if symbol in _LABELLED), LABELS[0])


def make_news(chance: Random) -> Pair:
    """A sentence as it is read, some of its words unknown, and what each of them is."""
    found = NEWS.draw("ROOT", chance)
    share = chance.choice(_UNKNOWN_SHARES)
    new = [chance.random() < share * _NEWNESS.get(symbols[-1], 0.0) for _, symbols in found]
    words = tuple(UNKNOWN if is_new else word for is_new, (word, _) in zip(new, found, strict=True))
    return Pair(words, tuple(label_of(symbols) for _, symbols in found))
