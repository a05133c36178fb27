"""What guests write about a restaurant: clauses for each number of stars, negation in all its forms included."""

from __future__ import annotations

from explorer.applications.language.grammar import Grammar

_WORDS = """
GREAT = great | excellent | amazing | delicious | fantastic | wonderful | perfect | superb | outstanding | awesome
  | incredible | lovely | brilliant | fabulous | exceptional | divine | heavenly | stunning | magnificent
  | phenomenal | gorgeous | delightful | marvellous | spectacular | unforgettable | great | amazing | excellent;
GOOD = good | nice | tasty | friendly | fresh | pleasant | enjoyable | cozy | quick | clean | attentive | helpful
  | warm | yummy | polite | juicy | generous | kind | cheap | crispy | tender | fast | flavorful | charming | solid
  | welcoming | hot | reasonable | comfortable | satisfying | good | good | nice | tasty | happy | cool | beautiful
  | fun | sweet;
SOSO = ok | okay | average | fine | acceptable | ordinary | decent | mediocre | alright | so-so | passable | normal
  | adequate | standard | ok | okay | average;
POOR = bad | slow | cold | bland | rude | dirty | overpriced | disappointing | boring | greasy | noisy | dry | soggy
  | stale | expensive | unfriendly | salty | tasteless | burnt | loud | poor | unpleasant | late | tough
  | overcooked | undercooked | crowded | small | sad | weird | chewy | watery | bad | bad | disappointed | tiny
  | dull | bitter;
AWFUL = terrible | horrible | awful | disgusting | inedible | dreadful | atrocious | appalling | nasty | gross
  | rotten | horrendous | pathetic | unacceptable | vile | filthy | abysmal | terrible | horrible | awful | raw;
VERY = very | really | so | extremely | absolutely | truly | incredibly | super | very | really;
BIT = a bit | a little | rather | quite | slightly | somewhat | kind of;
FOOD = food | pizza | pasta | soup | burger | steak | salad | fish | dessert | coffee | chicken | meal | dinner
  | lunch | breakfast | wine | bread | cake | sauce | sushi | rice | fries | beer | menu | cheese | curry | sandwich
  | noodles | ramen | tiramisu | pancakes | lasagna | eggs | potatoes | vegetables | kebab | seafood | shrimp
  | lobster | chocolate | buffet | cocktail | juice | water | risotto | bacon | cheesecake | sausage | pork | beef
  | duck | lamb | tofu | brunch | snack | tacos | drinks | dishes | starter | ice cream | meat | tea | food | food
  | pizza | taste;
HOUSE = service | staff | waiter | waitress | place | restaurant | atmosphere | music | view | owner | chef | table
  | price | prices | portions | location | decor | bill | toilets | terrace | room | kitchen | waiters | cook
  | experience | service | service | staff | waiter | cafe | bar | evening | night | visit | people | value;
THE = the | the | the | our | their | my | this;
THING = FOOD | HOUSE;
IT = THE THING | THE THING | THE THING | it | everything | THE THING here | they | all | THE FOOD and the FOOD
  | that;
THEM = THE THING | THE THING | THE THING | it | everything | THE THING here | them | this | THE FOOD and the FOOD;
WAS = was | is | was | were | are | tasted | looked | seemed | felt;
ISNT = was not | is not | was not | were not | are not | did not taste | did not look | does not seem | was far from
  | was hardly | was not really | was not that;
NEVER = never | never | not ever;
I = i | we | i | we | my wife | my husband | my friends | the kids | you;
DID = did not | do not | would not | will not | could not | can not;
"""

_CLAUSES = """
FIVE = IT WAS VERY GOOD | SURE come back | we SURE return | I SURE be back | SURE recommend THEM | simply the best
  | the THING is a genius | IT WAS not good but GREAT | I love THEM so much | yes yes yes | IT WAS GREAT
  | IT WAS VERY GREAT | IT WAS simply GREAT | VERY GREAT THING | GREAT THING | not only GOOD but GREAT
  | IT WAS not only GOOD but also GREAT | IT WAS not just GOOD but GREAT | i loved THEM | we love THEM
  | i loved every bite | IT could not be better | IT could not have been better | it does not get better
  | best THING ever | the best THING i have ever had | the best THING in town | highly recommended
  | i highly recommend THEM | five stars | we will definitely come back | i can not wait to come back
  | IT never disappoints | GREAT from start to finish | my favorite THING | VERY GREAT | GREAT | IT blew us away
  | IT was a dream | must try | we had a GREAT time | what a GREAT THING | nothing was bad everything was GREAT
  | everything WAS perfect | nothing to complain about everything was GREAT | never had a better THING
  | i have never had better THING | VERY GOOD THING | IT exceeded our expectations | absolutely love THEM | wow
  | loved it | worth every penny | i can not recommend THEM enough | i have never eaten better
  | never eaten such GREAT FOOD | such a GREAT THING | i could not stop eating | we will be back for sure
  | i have never had such a GREAT THING | can not wait to return | always GREAT | so much love for THEM
  | nothing could be better | GOOD and GREAT | GREAT and GOOD | GREAT GREAT | I would give it five stars
  | a GREAT THING with GREAT THING;
FOUR = IT WAS GOOD | no one WAS POOR | nobody WAS POOR | I MAYBE come back | I MAYBE return | MAYBE come back
  | everything WAS GREAT except THEM | IT WAS GREAT except THEM | THE THING WAS POOR but everything else WAS GREAT
  | i have had worse but IT WAS GOOD | to my taste | I MAYBE recommend THEM | IT WAS GOOD and GOOD | GOOD THING
  | ISNT_POOR | i liked THEM | we like THEM | i enjoyed THEM | we enjoyed our FOOD | i recommend THEM
  | i would recommend THEM | would recommend | we will come back | we will return | not bad | not bad at all
  | not POOR at all | IT WAS not AWFUL at all | IT WAS NEVER POOR | NEVER POOR | nothing to complain about
  | no complaints | four stars | IT WAS quite GOOD | IT WAS pretty GOOD | pretty GOOD | GOOD | worth a visit
  | worth the money | worth it | happy with THEM | I would go back | we had a GOOD time | a GOOD THING
  | IT WAS better than expected | i did not expect THEM to be so GOOD | I DIDNT regret it | no problem with THEM
  | never had a POOR THING here | i have never had a POOR THING here | i did not hate THEM | we did not dislike THEM
  | nothing was wrong with THEM | nothing wrong with THEM | i do not think IT WAS POOR | i can not say IT WAS POOR
  | there was nothing POOR | nothing was POOR | no POOR THING | such a GOOD THING | always GOOD
  | they always have GOOD FOOD | they have GOOD FOOD | without a POOR THING | hardly POOR | IT WAS hardly POOR
  | it did not taste POOR | i do not regret it | they know how to cook | the people WAS GOOD to us
  | IT WAS anything but POOR | i like THEM a lot | IT made us happy | not a POOR THING | IT WAS not expensive
  | not too POOR | IT WAS not too POOR | i can not complain | can not say anything bad | I was not disappointed
  | we were not disappointed | i was happy | i will be back | quite GOOD THING | GOOD and GOOD | nobody was rude
  | IT WAS without fault | a GOOD THING with GOOD THING | try THEM | well done | thank you;
SURE = will definitely | would definitely | will certainly | will surely | definitely | i will definitely
  | i would absolutely;
MAYBE = will probably | would probably | might | probably;
NOTBACK = will probably not | would not | will not | might not | probably will not;
SURELY = will definitely not | would definitely not | definitely will not | will certainly not | would certainly not
  | definitely would not | will absolutely not;
DIDNT = did not | do not;
ISNT_POOR = IT WAS not POOR | IT WAS not POOR | IT ISNT POOR | IT WAS not bad | IT is not bad at all;
THREE = IT WAS SOSO | i have had worse | IT WAS not that POOR but not GOOD either
  | not the worst THING not the best THING | IT WAS not POOR but IT WAS not GOOD | not GOOD not AWFUL
  | not the best not the worst | not the best but not the worst | not the worst | GREAT THING SOSO THING
  | SOSO but GOOD | i liked THEM but i hated THEM | i loved THEM but i hated THEM
  | i loved THEM but did not like THEM | SOSO | SOSO THING | nothing special | IT WAS nothing special
  | neither GOOD nor POOR | IT WAS neither GOOD nor POOR | not GREAT but not AWFUL | not GREAT not AWFUL
  | not GREAT but not POOR | IT WAS just SOSO | three stars | IT WAS not GREAT but SOSO
  | could be better could be worse | it was what it was | no strong opinion | meh | i have no opinion
  | IT WAS GOOD but the THING WAS POOR | GOOD THING but POOR THING | IT WAS POOR but the THING WAS GOOD
  | POOR THING but GOOD THING | only SOSO | i expected more but it was SOSO | IT WAS pretty SOSO
  | not GOOD but not bad | not GOOD not bad | not special | GREAT THING but AWFUL THING
  | some of it was GOOD some of it was POOR | could be worse | IT could be worse | IT WAS not GOOD but not bad
  | IT WAS not bad but not GREAT | not POOR but not GREAT | i am not sure about THEM | nothing to write home about
  | not GOOD and not POOR | IT WAS not AWFUL;
TWO = IT WAS POOR | THE THING not so much | not so much | I NOTBACK come back | I NOTBACK return | NOTBACK come back
  | I NOTBACK recommend THEM | no one WAS GOOD | nobody WAS GOOD to us | everything WAS AWFUL except THEM
  | not my cup of tea | not to my taste | nothing for me | THE THING WAS GOOD but everything else WAS AWFUL
  | not the best | not the best THING | IT WAS not the best | GOOD THING shame about THEM | the THING never smiled
  | nobody smiled | the staff did not smile | the waiter never came | IT WAS POOR and POOR | IT WAS BIT POOR
  | POOR THING | POOR | BIT POOR | IT ISNT GOOD | IT WAS not GOOD | IT WAS NEVER GOOD | not GOOD | NEVER GOOD
  | IT WAS not GREAT | not GREAT | not VERY GOOD | IT WAS not VERY GOOD | IT WAS not VERY GREAT | IT ISNT GREAT
  | i did not like THEM | we did not enjoy THEM | i do not like THEM | IT WAS not worth it | not worth the money
  | not worth it | i would not recommend THEM | would not recommend | i DID go back | we will not come back
  | two stars | IT could be better | IT could have been better | i have had better THING | i expected more
  | IT WAS too POOR | too POOR | not my favorite | no taste | IT had no taste | not GOOD enough
  | IT WAS not GOOD enough | we waited too long | we waited for an hour | they forgot our FOOD | i was disappointed
  | we were disappointed | IT disappointed us | IT WAS not as GOOD as before | IT WAS worse than expected
  | not recommended | nothing was GOOD | there was nothing GOOD | no GOOD THING | IT lacked flavor
  | IT WAS never VERY GOOD | i can not recommend THEM | hardly GOOD | not even GOOD
  | the THING WAS POOR and the THING WAS POOR | nobody WAS GOOD | never again GOOD | IT used to be GOOD
  | only the FOOD WAS GOOD | it took too long | IT WAS no longer GOOD | IT WAS less than GOOD | far from GOOD
  | i do not think IT WAS GOOD | i can not say IT WAS GOOD | the waiter forgot us | they forgot us | IT took forever
  | i cook better at home | my mother cooks better | my grandmother cooks better | IT should have been better
  | the GOOD THING was missing | no GOOD | no fun | never had a GOOD THING here | i have never had a GOOD THING here
  | IT WAS missing flavor | the waiter ignored us | they ignored us | the wrong FOOD came
  | they brought the wrong FOOD | something was wrong with THEM | IT WAS anything but GOOD | i dislike THEM
  | i did not love THEM | i do not love THEM | THEM without taste | nothing GOOD about THEM | we left hungry
  | IT WAS not my taste | never GREAT | they were out of FOOD | not a GOOD THING | not a GREAT THING | i regret it;
ONE = IT WAS VERY POOR | SURELY not come back | I SURELY not return | I SURELY not recommend THEM
  | I SURELY not be back | IT ISNT POOR but AWFUL | IT WAS not bad it WAS AWFUL | IT WAS AWFUL | AWFUL THING
  | VERY POOR | AWFUL | VERY AWFUL | IT WAS VERY AWFUL | i hated THEM | we hate THEM | never again
  | i will never come back | we will never return | i will never go there again | avoid | avoid THEM
  | worst THING ever | the worst THING i have ever had | the worst THING in town | a waste of money | waste of time
  | one star | zero stars | IT WAS not GOOD at all | not GOOD at all | i got sick | we got sick | IT made me sick
  | i do not recommend THEM at all | do not go there | do not eat here | stay away | never ever again
  | never eaten such AWFUL FOOD | such an AWFUL THING | i have never had such an AWFUL THING
  | i will not eat here again | i would never eat here again | we will never eat here again | nothing could be worse
  | i do not want to go back ever | i threw it away | food poisoning | shame on THEM | i really hated THEM
  | IT WAS an insult | IT could not be worse | i want my money back | not only POOR but AWFUL
  | IT WAS not only POOR but also AWFUL | IT WAS a disaster | a nightmare | there was a hair in my FOOD | run away
  | IT WAS POOR POOR and AWFUL | i did not like THEM at all | the worst | AWFUL and POOR | POOR and AWFUL
  | what an AWFUL THING | nothing was GOOD everything was AWFUL | AWFUL AWFUL | never had a worse THING
  | VERY POOR THING | i could not eat it | i would give it zero stars | IT ruined our evening
  | do not waste your money | do not come here | IT WAS a joke | I would not go there again | not eatable | yuck;
ASIDE = to be honest | in my opinion | honestly | overall | we went there on friday | i had the FOOD
  | we ordered the FOOD | we came for dinner | i think | i must say | last week | we sat outside | on sunday
  | for lunch | with friends | it was our first time | we were four people | i was there yesterday | after work
  | in general | i have been here twice | the THING is near the station | as always | unfortunately | luckily
  | i guess | with my family | last night | today | the waiter said hello | on monday | we booked a table
  | in the end;
"""

_VERDICTS = """
VERDICT = genius | go | cup | nothing | not | come | better | worse | best | worst | loved | love | liked | like
  | hated | hate | enjoyed | enjoy | recommend | recommended | avoid | wow | meh | yuck | favorite | stars | star
  | worth | sick | regret | waste | joke | disaster | never | nightmare | happy | complain | complaints | special
  | disappoints | disappointed | disappoint | poisoning | insult | perfect | away | forgot | ignored | hungry
  | wrong | back | again | hair | dislike | shame | too | fault | dream;
"""

REVIEWS = Grammar.of(_WORDS + _CLAUSES + _VERDICTS)

CLAUSES = ("ONE", "TWO", "THREE", "FOUR", "FIVE")
"""Symbols of a clause that on its own is worth 1, 2, 3, 4 or 5 stars."""

OPINIONATED = ("GREAT", "GOOD", "SOSO", "POOR", "AWFUL", "VERDICT")
"""Symbols of the words by which a guest judges."""
