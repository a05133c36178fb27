"""What people say every day, in a few hundred words."""

from __future__ import annotations

from explorer.applications.language.grammar import Grammar

TALK = Grammar.of("""
ROOT = I_SAY | I_SAY | I_SAY | SHE_SAYS | SHE_SAYS | THEY_SAY | ASK | ASK | ASK | GREET | THERE | TELL | THEN
  | ABOUT | IFS;
I_SAY = i would like FOODS PLEASE | i want to DO WHEN | i have to DO WHEN | i need to DO WHEN
  | i am going to DO TOMORROW | i am MOOD TODAY | i am very MOOD | i think it is QUALITY | i think we should DO WHEN
  | i will DO TOMORROW | i like to DO WHEN | i do not like to DO | i love my KIN | i do not know WHERE_IT_IS
  | i do not have time to DO | i am sorry i am late | i am looking for my OBJECT | i can not find my OBJECT
  | i lost my OBJECT YESTERDAY | i went to PLACE YESTERDAY | i saw my KIN in PLACE YESTERDAY | i ate FOODS for MEAL
  | i had FOODS for MEAL YESTERDAY | i live in a QUALITY HOUSE | i live with my KIN | i work in PLACE
  | i want FOODS for MEAL | i read a QUALITY book YESTERDAY | i do not feel well TODAY | i hope you are well
  | i can not wait to see you | i miss you | i love you very much | i was MOOD YESTERDAY | i had a QUALITY day
  | i wake up at CLOCK every morning | i go to PLACE every DAYS | i drink DRINK every morning
  | i am from a small town | my name is a secret | i agree with you | i have two KINS | i do not eat meat
  | i do not think so | i forgot my OBJECT at PLACE | i bought a QUALITY OBJECT YESTERDAY;
SHE_SAYS = SHE is MOOD TODAY | SHE was MOOD YESTERDAY | SHE has to DO WHEN | SHE wants to DO WHEN | SHE likes to DO
  | SHE works in PLACE | SHE lives in a QUALITY HOUSE | SHE goes to PLACE every DAYS | SHE has two KINS
  | SHE does not like FOODS | SHE does not want to DO | SHE lost HIS OBJECT YESTERDAY | SHE is going to DO TOMORROW
  | SHE drinks DRINK every morning | SHE will DO TOMORROW | SHE went to PLACE YESTERDAY | SHE eats FOODS for MEAL
  | my KIN is MOOD TODAY | my KIN is a JOB | my KIN works in PLACE | my KIN likes to DO
  | my KIN went to PLACE YESTERDAY | my OBJECT is QUALITY | my OBJECT is in the ROOM | the OBJECT is on the table
  | the weather is WEATHER TODAY | the train is late again | the cat is on the table | the dog wants to go out
  | the food was QUALITY | it is a QUALITY day | the children play in PLACE | it is too late to DO
  | it is time to DO | it will rain TOMORROW | it was WEATHER YESTERDAY | dinner is ready | the FOOD was QUALITY
  | this book is QUALITY | that is a QUALITY idea | that was QUALITY;
THEY_SAY = we are going to DO TOMORROW | we have to DO WHEN | we want to DO WHEN | we went to PLACE YESTERDAY
  | we should DO WHEN | we will see you TOMORROW | we live in a QUALITY HOUSE | we had FOODS for MEAL YESTERDAY
  | they are MOOD TODAY | they were MOOD YESTERDAY | they want to DO WHEN | they live in PLACE | they have two KINS
  | they went to PLACE YESTERDAY | they do not like FOODS | they will DO TOMORROW | they work in PLACE
  | we are MOOD TODAY | my parents are MOOD TODAY | my parents live in a QUALITY HOUSE | my friends want to DO WHEN
  | my friends are MOOD TODAY | you are right | you are my best friend | you have to DO WHEN | you should DO WHEN
  | you look MOOD TODAY | you can DO TOMORROW;
ASK = how are you TODAY | how are you doing | how is your KIN | how was your day | how much is the OBJECT
  | how old are you | how do you feel TODAY | what is your name | what is the time | what time is it
  | what are you going to DO2 TOMORROW | what do you think about the weather | what did you do YESTERDAY
  | what do you want for MEAL | what would you like to DRINKIT | where is my OBJECT | where is the station
  | where do you live | where are you from | where are my OBJECTS | where is your KIN | when do you want to DO
  | when is MEAL | when does the train leave | why are you MOOD | why are you so late | who is that
  | do you like FOODS | do you want to DO WHEN | do you have time TODAY | do you know WHERE_IT_IS
  | do you have a OBJECT | did you sleep well | did you see my OBJECT | did you DO YESTERDAY | can you help me
  | can you help me find my OBJECT | can i have FOODS PLEASE | can we DO TOMORROW | could you open the window PLEASE
  | could you help me PLEASE | would you like FOODS | would you like to DO WHEN | are you MOOD TODAY | are you ready
  | are you going to DO TOMORROW | is it QUALITY | is your KIN at home | is there a HOUSE near PLACE
  | will you DO TOMORROW | have you seen my OBJECT | have you ever been to PLACE | does your KIN like FOODS
  | does she like to DO | may i come in;
TELLME = open the window | close the door | call me TOMORROW | help me find my OBJECT | tell me what time it is
  | give me the OBJECT | wait for me | help me | come here | turn off the light | show me the OBJECT
  | bring me FOODS;
PLEASE2 = please | please | ;
TOO = you | to DO | FOODS | this HOUSE | your OBJECT | my KIN;
GREET = could you PLEASE2 TELLME | can you PLEASE2 TELLME | please TELLME | i love TOO | i love TOO | i love TOO
  | good morning how are you TODAY | good morning my friend | good night and sleep well
  | good evening how was your day | hello how are you TODAY | hello my name is a secret | thank you very much
  | thank you for your help | thank you for the FOOD | see you TOMORROW | see you later | have a nice day
  | have a QUALITY weekend | happy birthday to you | nice to meet you | excuse me where is the station
  | excuse me can you help me | sorry i am late | no problem | of course you can | yes i would like FOODS PLEASE
  | no thank you i am not hungry | welcome home | good luck TOMORROW | yes PLEASE | take care;
THERE = there is a OBJECT on the table | there is a HOUSE near PLACE | there are many people in PLACE TODAY
  | there was a QUALITY film YESTERDAY | there is no DRINK in the kitchen | there are two KINS in the ROOM
  | there is a problem;
TELL = please open the window | please close the door | please call me TOMORROW | please help me find my OBJECT
  | let us DO WHEN | let us go to PLACE TOMORROW | do not forget your OBJECT | do not be late again
  | come to PLACE with me | call me when you are at home | give me the OBJECT PLEASE | tell me about your day
  | wait for me | turn off the light | do not worry about it | please sit down | look at the OBJECT
  | put the OBJECT on the table | be careful;
THEN = TOMORROW i will DO | YESTERDAY i went to PLACE | TODAY i am MOOD | YESTERDAY we had FOODS for MEAL
  | TOMORROW we are going to DO | TOMORROW it will rain | YESTERDAY it was WEATHER | in the morning i drink DRINK
  | in the evening we DO2S | on DAY i have to DO | on DAY we go to PLACE | every morning SHE drinks DRINK
  | every DAYS SHE goes to PLACE | YESTERDAY SHE was MOOD;
ABOUT = the best FOOD is FOOD from home | the sun is shining TODAY | the OBJECT is too expensive
  | the shop is closed TODAY | the bus to PLACE leaves at CLOCK | the film starts at CLOCK | the meeting is at CLOCK
  | the school is near PLACE;
IFS = if it rains we will DO | if you are MOOD you should DO | if you are hungry we can eat FOODS
  | when i was young i lived in PLACE | when SHE is MOOD SHE likes to DO | because i was MOOD i did not DO
  | i was MOOD because i lost my OBJECT;
SHE = she | he | she | he;
HIS = her | his | the;
DO = go home | go to PLACE | go to bed | eat FOODS | eat something | drink DRINK | play football | play the piano
  | watch a film | watch tv | read a book | read the news | buy a QUALITY OBJECT | buy FOODS | see a doctor
  | see my KIN | call my KIN | visit my KIN | learn english | learn to cook | cook MEAL | make MEAL | clean the ROOM
  | take the bus | take a walk | work in PLACE | sleep | dance | sing a song | meet my friends | write a letter
  | listen to music | go for a walk | travel to the sea | stay at home | help my KIN | run in the park
  | swim in the sea | study for the test | talk to you | find my OBJECT | wait for the bus | get up early;
DO2 = do | eat | cook | buy | read;
DO2S = watch a film | listen to music | play football | eat FOODS | go for a walk;
DRINKIT = drink | eat | do;
TODAY = today | now | | today | again | right now;
TOMORROW = tomorrow | tomorrow | next week | on DAY | soon | tonight | next year | later | tomorrow morning
  | this weekend;
YESTERDAY = yesterday | yesterday | last week | last night | last year | on DAY | this morning | last weekend;
WHEN = today | tomorrow | now | |  | tonight | this weekend | with you | with my friends | on DAY | in the evening
  | in the morning;
PLEASE = please | please | ;
DAY = monday | tuesday | friday | saturday | sunday | thursday | wednesday;
DAYS = day | week | morning | sunday | year | weekend;
CLOCK = seven | eight | nine | ten | noon | six;
FOODS = a cup of HOT | a glass of COLD | some FOOD | a piece of cake | a sandwich | an apple | FOOD | FOOD and FOOD
  | a salad | some bread and cheese;
FOOD = pizza | fish | rice | soup | bread | chicken | cheese | pasta | fruit | chocolate | ice cream | cake;
HOT = tea | coffee | tea | coffee | hot chocolate;
COLD = water | milk | wine | beer | juice | orange juice;
DRINK = tea | coffee | water | milk | juice;
MEAL = dinner | lunch | breakfast;
MOOD = happy | sad | tired | hungry | busy | ready | angry | sick | late | fine | thirsty | bored | here;
QUALITY = good | nice | new | very good | great | bad | beautiful | old | big | small | interesting | very nice
  | wonderful;
WEATHER = nice | cold | hot | very cold | bad | beautiful | warm | good | very hot | sunny;
KIN = mother | father | sister | brother | friend | son | daughter | family | best friend | boss | wife | husband
  | grandmother | teacher;
KINS = brothers | sisters | children | dogs | cats | friends;
JOB = teacher | doctor | student | driver | nurse | cook | writer;
OBJECT = phone | book | bag | car | key | coat | bike | letter | computer | umbrella | ticket | hat | camera
  | passport;
OBJECTS = keys | shoes | books | friends | glasses | children;
HOUSE = house | flat | room | hotel | restaurant | school | shop;
ROOM = kitchen | house | car | garden | room | bathroom;
PLACE = school | work | the park | the city | the beach | the station | the office | the shop | the cinema
  | the hospital | the library | the market | the restaurant | the garden | town | london | paris;
WHERE_IT_IS = where it is | what to do | what to say | where my OBJECT is | what time it is | who she is
  | the answer | how to DO;
""")
