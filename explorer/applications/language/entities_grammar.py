"""News in a sentence, in which the same word may be a person, a company, a time or none of them."""

from __future__ import annotations

from explorer.applications.language.grammar import Grammar

_NAMES = """
FIRST = anna | maria | peter | john | lisa | david | sarah | paul | emma | james | laura | thomas | julia | robert
  | susan | michael | karen | daniel | elena | kevin | sophie | martin | nina | lucas | olivia | ahmed | fatima
  | wei | yuki | carlos | ivan | priya | omar | chloe | noah | mary | tom | alice | bob | eve | george | linda
  | oliver | steve | elon | jeff | tim | jane | henry | charlotte | BOTH | BOTH | BOTH | BOTH | MONTHLY | MONTHLY
  | MONTHLY | COMMON | COMMON | COMMON | COMMON | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩;
LAST = smith | miller | brown | garcia | lopez | kim | chen | singh | weber | rossi | novak | meyer | wilson
  | taylor | clark | lewis | walker | young | king | scott | baker | adams | nelson | hill | johnson | jones | bush
  | obama | musk | cook | fisher | black | white | green | stone | wood | gates | jobs | bezos | BOTH | BOTH | BOTH
  | MONTHLY | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩;
BOTH = jordan | ford | morgan | chase | dell | disney | mercedes | jordan | ferrari | bosch | porsche | benz | tesla;
MONTHLY = may | april | june | august | summer | may | may | dawn | eve;
COMMON = will | mark | rose | bill | frank | grace | hope | jack | will | mark | will | will;
FIRM = google | microsoft | siemens | nestle | toyota | samsung | ikea | nike | boeing | netflix | sony | bmw | lego
  | adidas | intel | philips | walmart | starbucks | volkswagen | airbus | facebook | twitter | ibm | nokia | honda
  | pfizer | bayer | unilever | pepsi | heinz | spotify | uber | nvidia | oracle | renault | audi | lufthansa
  | allianz | hitachi | meta | THINGS | THINGS | THINGS | BOTH | BOTH | BOTH | BOTH | BOTH | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩
  | ⟨?⟩ | ⟨?⟩ | ⟨?⟩ | ⟨?⟩;
THINGS = apple | amazon | shell | target | orange | visa | puma | gap;
SUFFIX = inc | corp | ltd | group | motors | bank | airlines | company | and sons | and co | systems | foods
  | energy | technologies | software | records | gmbh | partners | media | press | pharma | insurance | industries;
PERSON = FIRST | FIRST | FIRST LAST | FIRST LAST | FIRST FIRST LAST;
SURNAMED = LAST | FIRST LAST;
COMPANY = FIRM | FIRM | FIRM | FIRM SUFFIX | LAST SUFFIX | LAST and LAST | morgan stanley | goldman sachs
  | deutsche bank | general motors | general electric | coca cola | bank of america | british airways | FIRM SUFFIX
  | united airlines;
"""

_TIMES = """
DAY = monday | tuesday | wednesday | thursday | friday | saturday | sunday;
MONTH = january | february | march | april | may | june | july | august | september | october | november | december
  | may | may | june | april | august | march;
COUNT = one | two | three | four | five | six | ten | ⟨0⟩ | ⟨0⟩ | many | several;
SPAN = seconds | minutes | hours | days | weeks | months | years | year | hour | day | week | month | minute;
PART = morning | afternoon | evening | night | day | week | weekend | month | year | summer | winter | spring
  | autumn | hour;
CLOCK = ⟨0⟩ | ⟨0⟩ pm | ⟨0⟩ am | ⟨0⟩ ⟨0⟩ | noon | midnight | COUNT o'clock | ⟨0⟩ o'clock | ⟨0⟩ ⟨0⟩ pm;
DATE = MONTH | MONTH ⟨0⟩ | MONTH ⟨0⟩ ⟨0⟩ | ⟨0⟩ MONTH | ⟨0⟩ | the ⟨0⟩ of MONTH | DAY | early MONTH | late MONTH;
ONDAY = on TDAY | on TDATED | in TMONTH | in TYEAR | at TCLOCK | by TDAY | since TDAY | until TMONTH | before TDATED
  | after TMONTH | from TDAY to TDAY | between TMONTH and TMONTH | TAGO | TDAYWORD | TDAYWORD | TNEXT | TNEXT
  | for TFOR | in TFOR | during TMONTH | TDAY | around TCLOCK | on TDAY at TCLOCK | on TDAY TPART
  | TDAYWORD at TCLOCK | on TFULL | since TYEAR | in TMONTH | on TMONTHDAY | in the TTHE | at TFEAST | TNEXT;
TDAY = DAY | DAY | DAY TPART;
TPART = morning | afternoon | evening | night;
TTHE = morning | afternoon | evening | summer | winter | spring | autumn;
TFEAST = christmas | easter | night | dawn | noon | midnight | new year;
TMONTHDAY = MONTH ⟨0⟩ | ⟨0⟩ MONTH | the ⟨0⟩ of MONTH | DAY MONTH ⟨0⟩;
TDATED = MONTH ⟨0⟩ | ⟨0⟩ MONTH | MONTH ⟨0⟩ ⟨0⟩ | DAY;
TFULL = DAY ⟨0⟩ MONTH | ⟨0⟩ MONTH ⟨0⟩;
TMONTH = MONTH | MONTH | MONTH ⟨0⟩ | early MONTH | late MONTH;
TYEAR = ⟨0⟩ | the summer of ⟨0⟩ | spring ⟨0⟩;
TCLOCK = CLOCK;
TAGO = COUNT SPAN ago | a SPAN ago | an hour ago | long ago | COUNT SPAN ago;
TFOR = COUNT SPAN | a SPAN;
TDAYWORD = yesterday | today | tomorrow | tonight | yesterday | today | tomorrow;
TLAST = last MONTH | next MONTH | this MONTH;
TNEXT = next PART | last PART | this PART | next DAY | last DAY | this DAY | every DAY | every PART | next MONTH
  | last MONTH | this MONTH | tomorrow TPART | yesterday TPART;
"""

_REST = """
PLACE = paris | london | berlin | new york | tokyo | texas | germany | china | the office | town | the city | italy
  | school | the park | court | the station | boston | france | spain | rome | india | england | america | the city
  | the beach | ⟨?⟩;
ITEM = a house | a car | the book | a cake | two dogs | an apple | the letter | ⟨0⟩ apples | an orange | a piano
  | the bill | a rose | flowers | the door | a bicycle | the report | a shell | coffee | music | a new job | lunch
  | ⟨0⟩ dollars | the amazon | the target | a ⟨?⟩ | the ⟨?⟩ | ⟨?⟩ | a puma | a letter | the keys | tennis | pizza
  | a visa | the news;
ROLE = president | director | doctor | teacher | engineer | ceo | boss | head | founder | manager | chief | lawyer
  | spokesman;
KIN = my friend | his wife | her brother | our teacher | my sister | his son | my boss | her husband | the singer
  | actor | mr | mrs | ms | dr | professor | president | the lawyer | our neighbor | dear | uncle | aunt | coach
  | chancellor;
DID = laughed | slept | smiled | called | cried | left | arrived | ran | sang | died | waited | won | lost | paid
  | spoke | resigned | was born | got married | fell ill | went home | was late | is tired | was happy | has a cold
  | ⟨?⟩ | works | came | retired | moved | danced;
SAID = said that | thinks that | told us that | believes that | hopes that | knows that | wrote that;
ACTED = ate | saw | found | lost | wrote | painted | wants | likes | needs | loves | bought | sold | read | cooked
  | paid | forgot | brought | has | ⟨?⟩ | opened | played | will need | hates | stole | broke;
MET = met | married | called | visited | kissed | thanked | helped | knows | loves | saw | and | asked | hugged
  | likes | with | invited | will meet | may meet | talked to | had dinner with | wrote to | went to PLACE with;
WENT = went to | lives in | moved to | flew to | came from | works in | drove to | was born in | will go to
  | may go to | is in;
GREW = rose | fell | jumped | climbed | dropped | doubled;
MONEY = profits | sales | shares | losses | prices | the price | revenue | its shares | the stock | jobs;
FIRMED = reported MONEY | sells cars | makes phones | raised prices | cut jobs | opened a factory | opened a store
  | went bankrupt | announced a new product | launched a new phone | closed its factory | lost ⟨0⟩ dollars
  | hired ⟨0⟩ people | fired ⟨0⟩ workers | built a factory in PLACE | pays dividends | missed its target
  | reported a loss | recalled ⟨0⟩ cars | will cut jobs | sells shoes | may raise prices | was sold | went public
  | is hiring | makes good cars | produces ⟨?⟩ | sells ⟨?⟩ | makes ⟨?⟩ | is a company | is expensive | has a new ceo
  | has ⟨0⟩ employees;
TOOK = bought | acquired | sued | merged with | took over | sold | invested in | competes with | owns | beat
  | signed a deal with;
HIRED = hired | fired | sued | promoted | pays | employs | thanked | appointed;
WORKS = works for | works at | left | joined | runs | founded | worked at | quit | works with | is the ROLE of
  | will join | may join | sued | bought shares of | invested in | got a job at | applied to | started at
  | owns shares of | became ROLE of;
AT = ONDAY | ONDAY | ONDAY | ;
MODAL = will | may | can | should | must;
VERB = go | come | sleep | help | rain | stop | wait | win | mark the target | bill us | chase the dog
  | target children | march | eat | work | leave | stay | leave PLACE | come to PLACE | ⟨?⟩ | be late | call you
  | win the game;
"""

_SENTENCES = """
ROOT = OWNER 's THINGY is ADJ | PERSON 's KINSMAN DID AT | PERSON 's KINSMAN ACTED ITEM AT
  | COMPANY 's ROLE PERSON DID AT | COMPANY 's MONEY GREW AT | they visited PERSON 's ⟨?⟩ AT
  | i like OWNER 's THINGY | PERSON 's company COMPANY FIRMED AT | he MET PERSON 's KINSMAN AT
  | where is PERSON 's ITEMY | COMPANY hired PERSON as ROLE AT | PERSON works as a ROLE AT
  | PERSON works for COMPANY as a ROLE | is COMPANY open ONDAY | COMPANY is closed ONDAY | is PERSON at home AT
  | COMPANY SERVES AT | COMPANY SERVES on TDAYS | PERSON ACTED ITEM on TDAYS | does COMPANY ⟨?⟩ ITEM
  | does PERSON ⟨?⟩ ITEM AT | COMPANY lost ⟨0⟩ BIG dollars in the TQUARTER | PERSON DID AT | ONDAY PERSON DID
  | PERSON ACTED ITEM AT | ONDAY PERSON ACTED ITEM | PERSON MET PERSON AT | PERSON WENT PLACE AT
  | KIN SURNAMED DID AT | KIN PERSON ACTED ITEM AT | KIN SURNAMED MET PERSON AT | PERSON WORKS COMPANY AT
  | PERSON WORKS COMPANY AT | ONDAY PERSON WORKS COMPANY | COMPANY FIRMED AT | ONDAY COMPANY FIRMED
  | COMPANY TOOK COMPANY AT | COMPANY HIRED PERSON AT | COMPANY HIRED PERSON AT | ROLE PERSON of COMPANY DID AT
  | the ROLE of COMPANY PERSON DID AT | shares of COMPANY GREW AT | MONEY of COMPANY GREW AT
  | ONDAY MONEY at COMPANY GREW | PERSON ROLE of COMPANY DID AT | PERSON SAID COMPANY FIRMED AT
  | PERSON SAID PERSON DID AT | PERSON and PERSON DID AT | COMPANY and COMPANY FIRMED AT
  | PERSON bought a COMPANY AT | i MET PERSON AT | we MET KIN SURNAMED AT | she WORKS COMPANY AT
  | he WORKS COMPANY AT | i work for COMPANY | i work at COMPANY AT | we WENT PLACE AT | he ACTED ITEM AT
  | they DID AT | it DID AT | i ACTED ITEM | PLAIN | PLAIN | PLAIN | PLAIN AT | PLAIN AT | ONDAY PLAIN
  | ONDAY we MET PERSON | PERSON DID and PERSON ACTED ITEM | MODAL PERSON VERB AT | PERSON MODAL VERB AT
  | PERSON MODAL VERB AT | COMPANY MODAL TOOK2 COMPANY AT | did PERSON VERB AT | the meeting is ONDAY
  | see you ONDAY | call me ONDAY | PERSON told PERSON about COMPANY AT | PERSON from COMPANY DID AT
  | i bought shoes from COMPANY AT | my phone is from COMPANY | he drives a car from COMPANY | where is PERSON
  | my name is PERSON | i am PERSON and i work for COMPANY | this is PERSON | PERSON and PERSON and PERSON DID AT
  | who is PERSON | the car of PERSON is ⟨?⟩ | the book of PERSON is good | the new phone of COMPANY is good
  | PERSON is the ROLE of COMPANY | COMPANY ROLE PERSON DID AT | COMPANY ROLE PERSON SAID MONEY GREW AT
  | PERSON is ⟨0⟩ years old | PERSON lives with PERSON | AT PERSON MET PERSON in PLACE
  | PERSON WENT PLACE with PERSON AT | PERSON gave PERSON ITEM AT | give PERSON ITEM
  | ONDAY in PLACE PERSON MET PERSON | the company COMPANY FIRMED AT | PERSON will AT ACTED2 ITEM
  | COMPANY will pay PERSON ⟨0⟩ dollars | ONDAY is a good day | ONDAY and ONDAY i am in PLACE | it is cold ONDAY
  | MONTHLYTOO is warm | it is TCLOCK | it is TDAY | it is TMONTH | PERSON KNOWN company COMPANY FIRMED AT
  | the company of PERSON FIRMED AT | COMPANY PRODUCTS are ADJ AT | COMPANY TOOK COMPANY for ⟨0⟩ BIG dollars AT
  | it costs ⟨0⟩ BIG dollars AT | PERSON paid ⟨0⟩ dollars for ITEM AT | the CEOS PERSON of COMPANY DID
  | COMPANY ceo PERSON DID AT | PERSON has worked for COMPANY since TYEAR
  | PERSON has been ROLE of COMPANY since TYEAR | PERSON was ROLE AT | PERSON is a ROLE | can you help PERSON
  | please help PERSON AT | wait for PERSON AT | the president of PLACE MET PERSON AT | the ROLE of PLACE DID AT
  | PERSON is president of PLACE | my mother works for the city | the PRODUCTS of COMPANY are ADJ
  | the COMPANY is ADJ | my COMPANY is ADJ | a new COMPANY costs ⟨0⟩ dollars | PERSON MET PERSON
  | do you know PERSON | ask PERSON about the bill | talk to PERSON AT | PERSON MET PERSON TLAST
  | PERSON loves flowers | a man named PERSON DID | her name is PERSON | PERSON PERSON DID | hello PERSON
  | hi PERSON how are you | goodbye PERSON | thanks PERSON | dear PERSON | PERSON PLAYS | PERSON is ADJ AT
  | PERSON was ADJ AT | PERSON and i DID AT | PERSON said he MODAL come AT | PERSON said she MODAL come AT
  | COMPANY and PERSON MET2 | we met PERSON at COMPANY AT | PERSON DID and COMPANY FIRMED | KIN ⟨?⟩ ACTED ITEM
  | the PLACE office of COMPANY is ADJ | i like COMPANY | i hate COMPANY PRODUCTS | everyone at COMPANY DID AT
  | workers at COMPANY DID AT | PERSON used to work for COMPANY | PERSON does not work for COMPANY
  | a friend of PERSON DID AT | PERSON MODAL go to PLACE AT;
KNOWN = and the | and his | and her | ;
PRODUCTS = flights | phones | cars | shoes | products | workers | trucks | computers | ⟨?⟩ | stores;
CEOS = boss | ceo | founder | president;
OWNER = PERSON | COMPANY | PERSON;
THINGY = car | phone | house | dog | new product | ⟨?⟩ | store | office;
ITEMY = car | book | phone | ⟨?⟩ | house;
KINSMAN = mother | father | brother | sister | wife | husband | dog | boss | friend | son;
SERVES = delivers | delivers ⟨?⟩ | opens | closes | sells ⟨?⟩ | ships cars | is open | pays well;
TDAYS = mondays | sundays | fridays | saturdays | weekends;
TQUARTER = first quarter | second quarter | third quarter | last quarter | fourth quarter | first half;
BIG = million | billion | thousand | ;
PLAYS = plays football | plays the piano | plays ⟨?⟩ | sings well | speaks ⟨?⟩ | likes ⟨?⟩ | is from PLACE
  | marries PERSON;
MET2 = agreed | met AT | signed a deal;
ADJ = long | late | short | early | old | good | cheap | big | bad | nice | ⟨?⟩ | tired | rich | closed | open;
MONTHLYTOO = TNEXT | TMONTH | TDAY;
TOOK2 = buy | acquire | sue | take over | sell | beat;
ACTED2 = eat | buy | sell | read | cook | open | need;
PLAIN = i will go to PLACE | you may go now | it may rain | i hope you are well | he will mark the letter
  | please pay the bill | hello world | hello | good morning | the river is ADJ | the amazon is ADJ
  | the ⟨?⟩ river is ADJ | the road is long and ADJ | i love you | i ⟨?⟩ you | will you ⟨?⟩ me | they may leave
  | leave me alone | my ⟨?⟩ is ADJ | the table is ADJ | ⟨?⟩ the ⟨?⟩ | what is your name | is this ADJ
  | all dogs are ADJ | the ⟨?⟩ of the ⟨?⟩ is ADJ | ⟨?⟩ | ⟨?⟩ ⟨?⟩ | my ⟨?⟩ ⟨?⟩ the ⟨?⟩ | he ⟨?⟩ the ⟨?⟩
  | she ⟨?⟩ a ⟨?⟩ | our company is ADJ | a company must make money | my cat ⟨?⟩ ITEM | the cat will eat ITEM
  | the sun rose | i ate an apple | i eat an apple and an orange | the dog will chase the cat | we may be late
  | they march to PLACE | the shell lay on the beach | the bank is ADJ | the bank ⟨?⟩ at TCLOCK | the group is ADJ
  | the press is here | the cat ⟨?⟩ on the ⟨?⟩ | the ⟨?⟩ ⟨?⟩ on the ⟨?⟩ | the ⟨?⟩ sat on the table
  | my dog sat on the ⟨?⟩ | a ⟨?⟩ in the ⟨?⟩ | the ⟨?⟩ in PLACE is ADJ | the puma sleeps | the amazon is a river
  | mind the gap | we reached our target | prices rose | the ⟨?⟩ is ⟨?⟩ | she has a ⟨?⟩ | the house is red
  | the weather is nice | this is a good idea | there are ⟨0⟩ people here | i need a visa for PLACE
  | i like the color orange | to be frank it is bad | dogs chase cats | hit the mark | he has grace
  | the train to PLACE is late | the cost is ⟨0⟩ dollars | it costs ⟨0⟩ | the jury is out | my car is broken
  | i would like ITEM | we have ITEM | where is ITEM | the movie was ⟨?⟩ | is it cold in PLACE | how are you
  | what is the news | thank you very much | ⟨?⟩ ⟨?⟩ ⟨?⟩ | the ⟨?⟩ ⟨?⟩ the ⟨?⟩ | you may ⟨?⟩ | i will ⟨?⟩ it
  | may i ⟨?⟩ | may i come in | will you come | i may VERB | we will VERB;
"""

NEWS = Grammar.of(_NAMES + _TIMES + _REST + _SENTENCES)

LABELS = ("other", "person", "company", "time")

_TIMED = (
    *("TDAY", "TPART", "TTHE", "TFEAST", "TMONTHDAY", "TDATED", "TFULL", "TMONTH"),
    *("TYEAR", "TCLOCK", "TAGO", "TFOR", "TDAYWORD", "TNEXT", "TLAST"),
    *("TDAYS", "TQUARTER"),
)
_LABELLED = {"PERSON": "person", "SURNAMED": "person", "COMPANY": "company", **dict.fromkeys(_TIMED, "time")}


def label_of(symbols: tuple[str, ...]) -> str:
    """What a word is, by the symbols it came from.

    Examples
    --------
    >>> label_of(("ROOT", "COMPANY", "LAST")), label_of(("ROOT",))
    ('company', 'other')
    """
    return next((_LABELLED[symbol] for symbol in symbols if symbol in _LABELLED), LABELS[0])
