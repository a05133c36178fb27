"""Words of the news, as rules of a grammar: a way that stands twice is twice as frequent."""

from __future__ import annotations

NAMES = """
FIRST = anna | maria | peter | john | lisa | david | sarah | paul | emma | james | laura | thomas | julia | robert
  | susan | michael | karen | daniel | elena | kevin | sophie | martin | nina | lucas | olivia | ahmed | fatima | wei
  | yuki | carlos | ivan | priya | omar | chloe | noah | mary | tom | alice | bob | george | linda | oliver | steve
  | elon | jeff | tim | jane | henry | charlotte | ben | max | sam | kate | angela;
TRICKY = may | april | june | august | summer | dawn | eve | will | mark | rose | bill | frank | grace | hope | jack
  | will | may | will | may | mark;
LAST = smith | miller | brown | garcia | lopez | kim | chen | singh | weber | rossi | novak | meyer | wilson | hill
  | taylor | clark | lewis | walker | young | king | scott | baker | adams | nelson | johnson | jones | bush | jobs
  | obama | musk | cook | fisher | black | white | green | stone | wood | gates | bezos | lee | martinez | schmidt
  | muller | trump | merkel;
BOTH = jordan | ford | morgan | chase | dell | disney | mercedes | benz | jordan;
FIRM = google | microsoft | siemens | nestle | toyota | samsung | ikea | nike | boeing | netflix | sony | bmw | lego
  | adidas | intel | philips | walmart | starbucks | volkswagen | airbus | facebook | twitter | ibm | nokia | honda
  | pfizer | bayer | unilever | pepsi | heinz | spotify | uber | nvidia | oracle | renault | audi | lufthansa | allianz
  | hitachi | meta | openai | mcdonalds | paypal | ebay | tesla | bosch | porsche | ferrari;
THINGS = apple | amazon | shell | target | orange | visa | puma | gap | apple | amazon;
SUFFIX = inc | corp | ltd | group | motors | bank | airlines | company | systems | foods | energy | technologies
  | software | records | gmbh | partners | media | press | pharma | insurance | industries;
FULL = morgan stanley | goldman sachs | deutsche bank | general motors | general electric | coca cola | bank of america
  | british airways | united airlines | LAST and LAST | LAST and sons | FIRST and co;
SURE = FIRST | FIRST | FIRST | FIRST LAST | FIRST LAST | FIRST LAST | FIRST FIRST LAST | TRICKY LAST;
PERSON = SURE | SURE | SURE | SURE | SURE | TRICKY | TRICKY | TRICKY | BOTH | FIRST BOTH | LAST | FIRST TRICKY;
NAMED = TRICKY;
SURNAMED = LAST | LAST | FIRST LAST | BOTH | TRICKY | FIRST;
KNOWN = FIRM | FIRM | FIRM | FIRM | THINGS | THINGS | FIRM SUFFIX | LAST SUFFIX | FULL | BOTH SUFFIX | THINGS SUFFIX;
COMPANY = KNOWN | KNOWN | KNOWN | KNOWN | KNOWN | BOTH;
WHO = SURE | SURE | KNOWN | KNOWN | KIN | HIM;
GIVEN = SURE | SURE | SURE | SURE | KNOWN | KIN | HIM;
HIM = him | her | them | us | me | you | it | everyone | nobody;
HE = he | she | they | i | we | you | it | he | she;
"""
"""Persons and companies; the same word may be both, a month or a verb."""

TIMES = """
DAY = monday | tuesday | wednesday | thursday | friday | saturday | sunday;
MONTH = january | february | march | april | may | june | july | august | september | october | november | december
  | may | may | june | april | august | march;
COUNT = one | two | three | four | five | six | ten | ⟨0⟩ | ⟨0⟩ | ⟨0⟩ | many | several;
SPAN = seconds | minutes | hours | days | weeks | months | years | year | hour | day | week | month | minute;
PART = morning | afternoon | evening | night | day | week | weekend | month | year | summer | winter | spring | autumn
  | hour;
CLOCK = ⟨0⟩ | ⟨0⟩ pm | ⟨0⟩ am | ⟨0⟩ ⟨0⟩ | noon | midnight | COUNT o'clock | ⟨0⟩ o'clock | ⟨0⟩ ⟨0⟩ pm | noon;
ONDAY = on TDAY | on TDAY | on TDATED | in TMONTH | in TYEAR | at TCLOCK | by TDAY | since TDAY | since TMONTH
  | until TMONTH | before TDATED | after TMONTH | from TDAY to TDAY | between TMONTH and TMONTH | TAGO | TDAYWORD
  | TDAYWORD | TDAYWORD | TNEXT | TNEXT | for TFOR | in TFOR | during TMONTH | TDAY | around TCLOCK | on TDAY at TCLOCK
  | on TDAY TPART | TDAYWORD at TCLOCK | on TFULL | since TYEAR | in TMONTH | on TMONTHDAY | in the TTHE | at TFEAST
  | within TFOR | in TYEAR | after TFOR | from TCLOCK to TCLOCK | at TCLOCK;
TDAY = DAY | DAY | DAY TPART;
TPART = morning | afternoon | evening | night;
TTHE = morning | afternoon | evening | summer | winter | spring | autumn;
TFEAST = christmas | easter | night | dawn | noon | midnight | new year;
TMONTHDAY = MONTH ⟨0⟩ | ⟨0⟩ MONTH | the ⟨0⟩ of MONTH | DAY MONTH ⟨0⟩;
TDATED = MONTH ⟨0⟩ | ⟨0⟩ MONTH | MONTH ⟨0⟩ ⟨0⟩ | DAY;
TFULL = DAY ⟨0⟩ MONTH | ⟨0⟩ MONTH ⟨0⟩;
TMONTH = MONTH | MONTH | MONTH ⟨0⟩ | early MONTH | late MONTH;
TYEAR = ⟨0⟩ | ⟨0⟩ | the summer of ⟨0⟩ | spring ⟨0⟩;
TCLOCK = CLOCK;
TAGO = COUNT SPAN ago | a SPAN ago | an hour ago | long ago | COUNT SPAN ago;
TFOR = COUNT SPAN | a SPAN;
TDAYWORD = yesterday | today | tomorrow | tonight | now;
TNEXT = next PART | last PART | this PART | next DAY | last DAY | this DAY | every DAY | every PART | next MONTH
  | last MONTH | this MONTH | tomorrow TPART | yesterday TPART | last PART;
TDAYS = mondays | sundays | fridays | saturdays | weekends;
TQUARTER = first quarter | second quarter | third quarter | last quarter | fourth quarter | first half;
"""
"""What is labelled as time, in symbols that begin with T."""

WORDS = """
PLACE = CITY | CITY | CITY | CITY | CITY | town | court | school | the SPOT | a SPOT | the ADJ SPOT;
CITY = paris | london | berlin | york | tokyo | texas | germany | china | italy | boston | france | spain | rome
  | india | england | america | california | europe | vienna;
SPOT = office | city | park | station | beach | street | river | airport | hotel | garden | kitchen | world | hospital;
NOUN = house | car | book | cake | dog | letter | piano | door | bicycle | report | cat | table | road | tree | sky
  | river | train | weather | movie | idea | jury | sun | boy | girl | man | woman | child | teacher | flower | apple
  | orange | bill | rose | target | shell | mark | cook | king | stone | wood | gap | startup | deal | contract
  | government | police | minister | market | store | factory | game | problem | story | computer | phone | shirt
  | wall | bird | horse | fish | cup | window | picture | job | song | party | meeting | product | company | bank
  | group | hill | visa | puma | baker | judge | team | bus | lunch | dinner | fox | village | hope | will | grace
  | jack | summer | lawsuit | soup;
NOUNS = dogs | cats | apples | shoes | phones | cars | flowers | books | people | children | trucks | computers | jobs
  | workers | products | stores | toys | trees | gates | shares | birds | games | letters | houses | prices | movies
  | flights | houses | students | engines | chips | batteries;
STUFF = coffee | tea | music | tennis | football | pizza | water | money | bread | work | art | milk | food | snow;
ADJ = good | bad | big | small | old | new | long | short | nice | cheap | expensive | tired | rich | open | closed
  | happy | late | early | cold | warm | frank | quick | lazy | blind | hungry | beautiful | young | ready | important
  | great | wonderful | clear | COLOUR | COLOUR | COLOUR | COLOUR;
COLOUR = red | green | blue | black | white | brown | yellow | orange | grey | pink;
ROLE = president | director | doctor | teacher | engineer | ceo | boss | head | founder | manager | chief | lawyer
  | spokesman | chairman | owner | chancellor;
TITLE = mr | mrs | ms | dr | professor | president | uncle | aunt | coach | chancellor | miss | sir | minister | judge;
FAMILY = mother | father | brother | sister | wife | husband | boss | friend | son | daughter | neighbor | colleague;
KIN = MY FAMILY | MY FAMILY | the ROLE | the ROLE | a ROLE;
MY = my | his | her | our | your | their;
DID = laughed | slept | smiled | called | cried | left | arrived | ran | sang | died | waited | won | lost | paid
  | spoke | resigned | sleeps | works | came | retired | moved | danced | disappeared | agreed | returned | fell;
DIDTO = called | asked | thanked | visited | left | sued | saw | found | likes | loves | hates | knows | trusts | wants
  | needs | blamed | praised | criticised | helped | contacted | missed | lost | watched | follows | remembers
  | mentioned | supports | attacked | beat | chose | warned | accused | joined | bought | sold | met | owns | told
  | paid | forgot | described | cheated | defended | invited;
DOTO = call | ask | thank | visit | leave | sue | see | find | like | love | hate | know | trust | want | need | blame
  | help | contact | miss | lose | watch | follow | remember | support | beat | choose | join | buy | sell | meet | own
  | tell | pay | forget | chase | mark | bill | cook | target;
DONE = called | asked | visited | seen | found | loved | hated | known | blamed | helped | sued | criticised | attacked
  | bought | sold | beaten | chosen | accused | paid | hired | fired | founded | built | invited | written | made;
ACTED = ate | wrote | painted | read | cooked | brought | opened | played | stole | broke | has | wants | likes | found
  | lost | saw | bought | sold | washed | cleaned | drank | built | sent | will need | showed;
ACT = eat | write | paint | read | cook | bring | open | play | break | have | build | drink | send | take | make | get;
WED = met | married | kissed | hugged | met | talked to | talked with | danced with | lives with | fell in love with
  | had dinner with | wrote to | spoke to | loves | invited | met with | argued with | listened to;
WENT = went to | lives in | moved to | flew to | came from | works in | drove to | was born in | arrived in | is from
  | is in | grew up in | walked through | stayed at | waited at | left for | flew from CITY to | drove from CITY to
  | travelled to | arrived from;
GREW = rose | fell | jumped | climbed | dropped | doubled;
MONEY = profits | sales | shares | losses | prices | the price | revenue | MY shares | the stock | jobs;
BIG = million | billion | thousand | ;
DOLLARS = ⟨0⟩ BIG dollars | ⟨0⟩ BIG euros | ⟨0⟩ BIG | ⟨0⟩ percent | COUNT BIG dollars;
MODAL = will | may | can | should | must | might | could | would;
GO = go | come | sleep | help | rain | stop | wait | win | work | stay | leave | be late | march | hope | lose;
VERYLY = again | together | quickly | alone | badly | soon | never | often | slowly | early | too | home | here;
"""
"""Everything else."""
