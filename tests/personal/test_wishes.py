"""What a comment wants is read right: a table of comments, and laws that hold for every comment."""

from __future__ import annotations

import time

import phrasings
import phrasings_held_out
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livemaster.personal.wishes import MAX_CHARS, PARAMETERS, Reading, read_comment
from livemaster.personal.words import FILLER, MARKERS, REAL_WORDS, TERMS

COMMENTS = {
    "bass+": """
        more bass | bass could be warmer | thin | warmer please | sounds cold | more kick | kick is too weak |
        lacks low end | the bass is missing | where is the bass? | turn the bass up | can't hear the bass |
        I would like the bass louder | no bass | I don't think there's enough bass | bass: more |
        more bass wouldn't hurt | not warm | moar bass!!! | bass + | wish the bass was louder | wish it had more bass |
        it would be nice to have more bass | the low end needs more warmth | some warmth would be nice | weak bass |
        bass is weak | I feel the bass is lacking | not enough low end | bass not enough | give me more bass |
        I miss the low end | please make more bass | please increase the low frequencies | Bass is not enough strong |
        there is not much bass | there's hardly any low end | there's barely any bass | 808 needs more weight |
        Not enough weight in the bottom end | it's missing some body | sounds anaemic | sounds weak and thin |
        no low-end at all | bottom end is a little light | light on bass | bass light | insufficient bass |
        lack of bass | bass deficient | treble fine, bass too weak | I want the bass to be louder |
        I need to feel the kick more | the bass could be a little more present | would sound better with more bass |
        it'd be nice with a bit more warmth | rather thin | way more bass | a lot more bass | much more bass |
        lots more low end | bass is nearly inaudible | bass is gone | bass disappears on small speakers |
        where's the low end? | +3 dB bass | bass +2 | bass guitar is hard to hear | you can't really hear the bass |
        I barely hear the kick | Bass should come up by 2 dB | could do with more bottom end |
        needs some more low end | it needs more oomph in the low end | the low end feels weak | low end is lost |
        low end isn't there | deeper bass | fuller sound please | I want a fuller sound | thicker | fatter kick |
        fatten it up | warm it up a little | more warm | not very warm | lacking warmth | a bit cold and clinical |
        sounds sterile | the sound is thin | it sounds a bit thin to me | too thin | not thick enough | less thin |
        not full enough | Honestly the snare hits are fine but the bass guitar just vanishes |
        I would appreciate more low end | please give more weight to the bass |
        I need to turn the bass up on my stereo to enjoy it | too less bass | bass is too less | bass is too few |
        very less bass | more of bass | it misses bass | lack bass | no enough bass | not enough of the low end |
        bass could be more | bass needs to be increased | I like it, though I'd like more bass |
        warmer, less clinical | bigger low end | bigger bass please | the low end could be bigger | it has no low end |
        it doesn't have enough low end | it hasn't got enough bass | it hasn't any bass | if only it had more bass |
        it would benefit from more bass | add a bit of warmth | compared to the mix the bass is weaker |
        weaker bass than the mix | the mix had more bass | the groove is lost because the kick is too soft |
        low end is underpowered | bass a bit shy | the bassline should be more audible |
        Could we hear more of the bass? | Needs a touch more bottom | I'd like to hear a fatter low end |
        bass is not strong enough for a club track | the kick should be more prominent |
        the bass seems weak on my headphones | doesn't have much bottom end
    """,
    "bass-": """
        less bass | muddy | boomy | too much rumble | cut the bass a bit | Bass? Too much. |
        the bass overpowers the vocals | lower the bass | less bass than before | bass heavy |
        bass is boomy and it is too loud | soooo muddy | bass is a bit much | the low end is overwhelming |
        take some bass out | The low end is kind of woofy for my taste | could you bring the bass down a tad? |
        I would put less bass | too strong bass | sub is out of control | too much sub | sub bass rumbles too much |
        bass drum is too loud | a bit bass-heavy | loose bass | tighten the low end | tighter low end |
        low end is flabby | nice, only the bass is too loud | I like the bass, but it is too loud | I'd cut some lows |
        less muddy | why so much bass | slightly boomy | slightly too warm | pretty muddy | much too much bass |
        way too much bass | it's murky | bass is muddy | the sound is muddy | sounds muddled |
        I think the bass is a little bit too dominant here | The bass swallows everything | low end too prominent |
        low end needs to be tamed | rein in the low end | the subs are too much for my speakers |
        Deep bass is too strong | bass too deep | sounds too thick | too warm | way too boomy in my car |
        booms in the car | there's too much boom | get rid of the mud | clean up the mud | quite a lot of rumble |
        remove the rumble | the kick is too boomy | Bass is overpowering everything else |
        the kick is drowning the vocals | too much of bass | bass could be less | bass should be less |
        the bass need to be lowered | low end needs tightening | bass could be turned down a notch |
        Everything is good except the bass, which is too strong | perhaps the bass is a bit heavy |
        a little heavy in the bass | bass-heavy | too bass heavy | not so much bass please | easy on the bass |
        hold back the bass | The bottom is too fat | There's way too much going on in the low end |
        I can feel too much sub in my chest | Bass sounds bloated and slow | The low frequencies are a bit excessive |
        I would love a bit less of the low end | kick too dominant
    """,
    "dynamics+": """
        squashed | not punchy | lifeless | sounds flat | pumping | over-compressed | there is no punch |
        doesn't sound punchy | more punch in the bass | let it breathe | too much compression |
        less compression please | sounds less punchy than before | needs more dinamics | the sound is very compressed |
        lacks punch | the kick lacks punch | more punchy | squashed to death | it should be more dynamic |
        Can we get a little more snap on the drums? | no dynamics | no dynamics at all, just a wall of sound |
        the dynamics are gone | dynamics are crushed | transients are squashed | the limiter is pumping |
        way over compressed | overcompressed to hell | don't compress it so much | compress it less | brickwalled |
        too limited | give the drums more punch | make the drums punchier | drums don't punch | more impact please |
        not enough impact | let the music breathe | it needs room to breathe | flat and boring | no life in it |
        lack of dynamics | ease off the compression | less limiting | less squashed please | far too compressed |
        more dynamics | more dynamic | more dynamic range | needs more dynamics | lacks dynamics | lacks energy |
        lacks life | lacks impact | lacks attack | missing punch | no impact | needs punch | punchier |
        could be punchier | not very punchy | isn't punchy enough | more alive | livelier | sounds dead | dead |
        static | sounds squashed | too squashed | a bit squashed | it's squashed | squashed dynamics |
        the drums are squashed | crushed | smashed by the limiter | too much limiting |
        too much compression on the master | overly compressed | heavily compressed | over-limited | it pumps |
        it's pumping a lot | you can hear the compressor pumping | pumping is annoying | too flat | flat | less flat |
        The master is loud enough, but it has lost all its punch | harder hitting drums please |
        the drums have no punch | kick has no punch | it doesn't have any punch | does not feel very dynamic |
        it doesn't breathe | the music can't breathe | the chorus should hit harder | I wish it was less compressed |
        the original was punchier | more squashed than the mix | it lost its dynamics | it lost punch |
        the dynamics got lost | transients lost | compressor is too strong | limiter too hard |
        ease up on the limiter | stop squashing it | please no compression | not so much compression |
        it has been squashed to bits | the life has been squeezed out of it | squeezed the life out of it |
        compression is too heavy | compression too obvious | you can hear it pump | drums lost their snap |
        drums lack attack | where's the punch? | more contrast between verse and chorus | make it breathe more |
        less limiter please | limiter is squashing it | it feels overly squashed |
        the master sounds crushed and lifeless | not enough dynamics | I miss the punch of the drums |
        the punch is missing | where did the dynamics go? | the drums sound flat
    """,
    "dynamics-": """
        more compression | too dynamic | compress it more | needs more compression | could use some glue |
        Too punchy for me | bit too spiky | less dynamic | less dynamic range | less punch | less punchy |
        too much punch | too much dynamic range | too much dynamics | dynamics too big | more compressed |
        a bit more compressed please | more glue | tame the dynamics | tame the transients | reduce the dynamics |
        softer transients please | dynamics too wild | too much contrast | tighter dynamics |
        dynamics too strong for background listening | a little more even please
    """,
    "loudness+": """
        too quiet | turn it up | isn't loud enough | could be louder | not loud enough | loudness too low |
        It is very quiet | The track is too quiet compared to other songs | quieter than other tracks on the playlist |
        It should be as loud as the reference | make it louder | crank it up! | raise the overall level |
        overall volume could come up | needs more volume | quiet parts are too quiet | why is it so quiet? | not loud |
        louder | louder please | needs to be louder | could be a bit louder | turn up the volume |
        increase the volume | increase volume a bit | volume up | volume is too low | volume is low |
        level is too low | I have to turn up the volume | it's quiet | a bit quiet | a bit on the quiet side |
        very quiet | too soft | needs more loudness | My only complaint is that it's too quiet | overall too quiet |
        volume needs to go up | volume should be higher | pump up the volume | I had to crank the volume |
        it's much quieter than my other songs | not as loud as Spotify tracks | needs to be as loud as the others |
        Can you make it a bit louder? | not as loud as commercial tracks | Could be 2 dB louder |
        way too quiet for streaming | not muddy, not harsh, just a little quiet
    """,
    "loudness-": """
        too loud | Great track, but too loud | way too loud | everything is too loud | turn it down a bit |
        a little too hot | volume down please | lower volume | excessively loud | less loud | loud | too loud for me |
        it's way too loud | a bit loud | a little bit too loud | level too high | overall level is too high | quieter |
        quieter please | make it quieter | a bit softer | softer | lower the volume | reduce the volume |
        reduce loudness | less volume | I had to turn it down | drop the level a bit | pull the level down |
        overall a bit loud | volume should be lower | blasting my ears | Slightly too hot, back it off a bit |
        please lower the overall loudness
    """,
    "mid+": """
        vocals buried | the vocals are buried in the mix | hollow | boost the mids | I can barely hear the vocals |
        The vocals are nice but too quiet | the volume of the vocals is too low | vocals a little too far back |
        bring the vocals forward | bring up the vocals | the vocals need to come up |
        bass is good, but vocals could be a bit louder | the mids are scooped | vocals need to sit more forward |
        The singer is drowned by the guitars | voice is too much behind | the voice is not enough loud |
        mids are recessed | guitars are buried | push the vocals up | vocals up a bit | vocal louder please |
        the vocals get lost in the chorus | I can't make out the lyrics | hard to understand the words |
        lyrics are unintelligible | scooped mids | I need to hear the vocals more | vocals lack presence |
        more presence | the vocal needs presence | would be great if the vocals were louder | vocals - too quiet |
        vocals aren't clear | more clarity in the vocals | more vocals | more vocal | vocals too low | voice too low |
        voices are too quiet | vocals are not loud enough | vocals should be louder |
        I'd like the vocals a bit higher | vocals too low in the mix | lead guitar needs to be louder |
        guitar too quiet | piano is lost in the mix | mids lacking | mids missing | mids need a boost |
        mid boost please | more mids | more midrange | not enough mids | mids too weak | sounds hollow in the middle |
        sounds a bit hollow | a hollow sound | scooped | too scooped |
        Great job! Only thing: vocals could sit a bit higher. | voice is not clear | the voice is not understandable |
        vocals need to be raised | the vocals could be brought up |
        Wonderful bass, wonderful highs, but where are the mids? | mids sound sucked out | V-shaped, mids are missing |
        give the vocals more presence | put the vocals more in front | vocals should be in front |
        the vocals sit too low | very wide but hollow | singer needs to be more upfront | singer too quiet |
        can we have the vocal up? | I can hardly hear her voice | guitar solo should be louder |
        perfect except for the vocals being too quiet | The vocals don't cut through |
        her voice should stand out more | The voice gets swallowed by the instruments |
        The vocals are nearly inaudible in the chorus | mids sound hollow | the midrange feels empty
    """,
    "mid-": """
        Vocals are way too loud!!! | nasal | honky mids | boxy | low mids are muddy | midrange is too forward |
        the mids stick out | vocals down | sounds honky | boxy drums | less boxy | mid-range heavy |
        too much low mids | too much midrange | too nasal | less vocals | voice too loud | vocals too high in the mix |
        vocals too up-front | less mids | fewer mids | mids too strong | nasal vocals | nasally | vocals are nasal |
        sounds like a cardboard box | sounds like it's in a box | too boxy | boxiness | a boxy sound | honky |
        too honky | guitars are masking the vocals | vocals too much in front | vocals too far in front |
        vocals too prominent | vocals overshadow everything | the voice covers the music | the voice dominates |
        bring vocals down | push the vocals back a bit | I would reduce the low mids a little |
        the guitars jump out too much | too much mids, sounds honky | mids are a touch too forward |
        take down the mids a little | guitars are too dominant in the mids | mid frequencies are exaggerated |
        a bit honky around 1k
    """,
    "treble+": """
        not bright enough | great, but a little dull | dull | muffled | dark | needs more sparkle |
        could use a bit more air | too little treble | should be brighter | highs are a bit rolled off |
        I wouldn't mind a little more treble | I want it bright | not bright | it's duller than the original |
        more bright | it lacks clarity | the treble is not enough | give it some air |
        it sounds like it's under a blanket | like listening through a wall | lacks air up top |
        the top end lacks sparkle | absence of highs | treble shy | nice bass but treble is lacking | less dull |
        a touch dark | kinda dull | treble is missing | where did the highs go | no highs | no treble, all bass |
        clearer please | not clear | unclear | needs more clarity | more detail | lacks detail | crisper | not airy |
        airier | more airy | more brightness | add some brightness | brighten it up | brighter | brighter! |
        a little brighter | much brighter | it could be brighter | could be a touch brighter on top |
        needs brightening | isn't bright enough | its not bright enough | not nearly bright enough | sharper |
        dull and dark | too dark | less dark | dull sounding | sounds dull | it is dull | muffled sound |
        a bit muffled | vocals are muffled | veiled | needs air | needs some air | open up the top end |
        open up the highs | more top | more top end | more highs | more high end | highs are missing |
        highs are lacking | highs are too low | lift the highs | there is too less treble |
        a bit more of highs please | it misses some highs | like the warmth, but lacks sparkle |
        I wish there was more air | might need a little more treble | maybe slightly brighter | add air |
        add some top end | bring back the highs | at the same volume it sounds duller | hi end sounds rolled-off |
        needs opening up on top | where's the sparkle? | no sparkle | there is no air | little sparkle |
        high end extension is lacking | sounds like a blanket over the speakers | lacks brilliance |
        kind of dark overall | slightly muffled compared to the original | it is a bit dim |
        could be slightly crisper | more crispness please | Good low end but the highs are lacking a bit |
        highs aren't crisp enough | The top end feels dull to me | it could use more shimmer |
        would like it to be a bit brighter | It sounds darker than my mix | My mix was brighter
    """,
    "treble-": """
        too bright | a bit harsh | bass is fine, treble too sharp | sibilant | shrill | turn down the treble |
        roll off the highs | too bright and harsh | less harsh | could be less harsh | darker please |
        I love the bass but the highs are piercing | tame the harsh highs | it's top heavy | trebel too sharp |
        it hurts my ears | the highs need to come down a touch | less bright | harsh highs | a bit too much top end |
        sibilance is distracting | the s sounds are too sharp | too much highs | too many highs |
        the treble is too much | lose the harshness | I find the highs quite fatiguing after a while | My ears hurt |
        It hurts | the high frequencies are too strong | top end could be silkier | could be smoother |
        smoother highs please | the cymbals are piercing | hi-hats too loud | hats are hurting my ears |
        the esses are painful | s's are too sharp | needs de-essing | overly bright |
        great mix but the highs are too much | I'd prefer a darker sound | I prefer it darker |
        I'd prefer less treble | I'd turn the highs down a bit | pull the highs back a bit | dial back the treble |
        shouldn't be so harsh | shouldn't be this bright | so bright | so harsh | it's really bright | a bit bright |
        quite harsh highs | a lot less treble | -2 dB treble | highs = harsh | the guitars sound harsh |
        the vocal is sibilant | vocals too bright | too crisp | too airy | too bright for my ears |
        brightness is too much | less brightness | much too bright | high end harsh | high end is too crispy |
        highs too sharp | sharp highs | too sharp | hi hats are too loud | cymbals too loud | cymbals hurt |
        treble hurts | the treble is piercing my ears | piercing | ear-piercing highs | it's ear piercing |
        shrill highs | a bit shrill | tinny | sounds tinny | sounds tinny on my phone | metallic | brittle top end |
        sibilant vocals | too much sibilance | the sibilance bothers me | too many s sounds | hissy | there is hiss |
        edgy | too edgy | aggressive highs | too aggressive | sounds aggressive | treble is too aggressive | darker |
        highs too loud | roll the highs off | roll off some treble | treble down a bit | soften the highs |
        soften the treble a little | smooth out the highs | tame the treble | tone down the highs | take the edge off |
        trim the treble | shave off some highs | drop the treble | It's a tad bright, otherwise lovely |
        Not a fan of how harsh the highs are | The top is a bit too hot | too hot on top |
        the hi-hat is way too loud in the chorus | I must turn down the treble on my amp | treble should be reduced |
        treble must be decreased a little | highs need taming | the highs need to be softened |
        the highs could be toned down | too harsh for long listening | gives me ear fatigue |
        listening fatigue sets in quickly | listening is fatiguing | bass is fine, mids are fine, treble is a bit hot |
        Bass good. Treble too much. Width ok. | everything's great apart from the harsh treble |
        maybe a little less treble | treble is biting | sibilants are too strong | S sounds are harsh |
        needs a de-esser | esses are too loud | compared to the original it's too bright | go easy on the treble |
        the highs are way over the top | treble is unbearable | crash cymbals are ear-splitting |
        sounds like a tin can | highs could be gentler | a little less sizzle | too much fizz |
        almost perfect, just slightly too bright | I find it quite shrill in the chorus | Highs need to be smoother |
        hi-hats are quite sharp | It has become too bright after mastering | cut some high frequencies please |
        The width is perfect, but treble is a little too much | good bass but harsh treble |
        Love the punch, hate the harsh highs
    """,
    "width+": """
        narrow | the stereo image is too narrow | sounds almost mono | I'd love more width | needs to be wider |
        not as wide as the original | widen the stereo image | too narrow | it needs a wider stereo |
        wants more width | The mix feels small and narrow | It sounds like mono | too centered |
        Everything sits in the middle | Feels claustrophobic | good, though it could be a bit wider |
        would be better if it was wider | less narrow | slightly narrow | more spacious | more space |
        spread it out more | needs opening up | bit closed in | bring the sides up | more stereo | not wide enough |
        isn't very wide | more open | sounds narrow | image is narrow | the image is small |
        the stereo image is collapsed | stereo image is weak | poor stereo image | no stereo | no width |
        no stereo width | lacks width | lacks space | lacks stereo width | not enough width | not enough stereo |
        should be wider | make it wider | wider please | wider | a bit wider | much wider | increase the width |
        widen it | widen it a bit | broader stereo | not spacious | mono | it's mono | too mono | feels mono |
        the sound is too closed | it could be opened up a bit | the stereo could be widened | sounds small |
        doesn't sound wide | doesn't feel wide enough | wish it were wider | stereo image could be bigger |
        the soundstage is small | soundstage isn't wide | flat soundstage | everything sounds centered |
        everything seems to come from the middle | the original was wider | the stereo image collapses to mono |
        please spread the instruments more | make it more stereo | more stereo width |
        I feel the stereo image is not wide enough | it sounds too mono-ish | the sound stage could be wider
    """,
    "width-": """
        too wide | make it narrower | the mix is too wide | stereo is exaggerated | The stereo field is way too wide |
        less wide | much too wide | less stereo | more mono | phasey | too diffuse | reduce the width | less width |
        narrower | narrower please | make it more narrow | a little narrower | too much width | too much stereo |
        too spread out | too spacious | stereo too wide | panning is too extreme | too much panning |
        stereo is too extreme | stereo width overdone | image too wide, center is lost |
        please narrow the stereo image | the stereo effect is a bit exaggerated | reduce the stereo width slightly |
        less wide, please
    """,
    "bass+ dynamics+": """
        it's okay but somewhat lifeless and thin
    """,
    "bass+ treble+": """
        more bass and treble | boost bass & treble
    """,
    "bass+ treble-": """
        more bass and less treble | more bass less treble | a bit more low end and a touch less top | thin and tinny |
        turn the bass up and the treble down | bass up, treble down | bass up treble down |
        bass slightly up, highs slightly down | more warmth, less harshness
    """,
    "bass+ width+": """
        warmer and wider please | fuller and wider
    """,
    "bass- dynamics+": """
        less boom, more punch
    """,
    "bass- mid+": """
        Bass: too loud. Treble: ok. Vocals: buried. | Too boomy and the vocals are too far back
    """,
    "bass- treble+": """
        bass too loud treble too quiet | too much bass not enough treble | a bit less bass, a bit more treble
    """,
    "bass- treble-": """
        bass and treble too loud | boomy and harsh | bass/treble too strong
    """,
    "dynamics+ treble-": """
        needs to be punchier and less harsh
    """,
    "loudness+ dynamics+": """
        louder and punchier
    """,
    "loudness- dynamics+": """
        it's too loud and lifeless
    """,
    "mid+ bass-": """
        louder vocals, quieter bass
    """,
    "treble+ bass-": """
        could be brighter and less boomy
    """,
    "treble+ dynamics+": """
        sounds dull and lifeless
    """,
    "treble+ width+": """
        make it brighter and wider | sounds closed-in, needs air
    """,
    "treble- bass+": """
        please reduce treble and increase bass | less harsh, more warm | treble a bit lower, bass a bit higher
    """,
    "treble- loudness-": """
        not only too bright but also too loud
    """,
    "treble- width+": """
        too bright and too narrow
    """,
    "bass+ treble+ mid-": """
        more bass more treble less mids
    """,
    "bass+ treble+ width+": """
        more bass, treble and width
    """,
    "bass- mid- treble-": """
        bass, mids and highs are all too loud
    """,
    "bass- treble+ width+": """
        too much bass and not enough treble and a bit narrow
    """,
    "loudness+ treble+ width+": """
        louder, brighter, wider
    """,
    "loudness- treble- dynamics+": """
        loud, harsh, squashed
    """,
    "treble+ bass- width+": """
        more treble, less bass, wider
    """,
    "": """
        perfect clarity | not too bright | not harsh at all | I don't want more bass | no harshness | I love the bass |
        I don't think it's too bright | doesn't sound harsh | not too much bass please | more reverb on the vocals |
        the drums are too loud | snare too loud | The glockenspiel is too loud | bass could be better | it's fine |
        sounds great | love it | don't turn up the treble | not muddy | is less harsh now |
        not too bright, boomy or harsh | neither harsh nor boomy | perfect | warm and punchy | wide and open, love it |
        nice and bright | the bass is perfect | the bass doesn't need more | no more bass please | without harshness |
        the volume is fine | dynamics are all over the place | nothing to change | I wouldn't change a thing |
        leave it as it is | don't touch the bass | keep the treble like this | The bass is just right | not bad | hmm |
        asdf qwer | lovely warm tone | beautifully wide | it's not boomy anymore | nicely balanced | not thin at all |
        the treble isn't harsh | not too loud, not too quiet | bass isn't too heavy | never fatiguing |
        nothing harsh about it | there's no mud | It isn't lacking in bass | doesn't need more treble |
        no need for more bass | I don't need any more volume | Please don't make it louder |
        please don't make it any brighter | the highs are crisp without being harsh | powerful bass | strong bass |
        tight bass | the bass could be more defined | bass lacks definition | My subwoofer goes crazy |
        vocals feel disconnected | can't understand what he sings | cymbals are washed out | not shrill | not dark |
        not dull | spacious enough | super wide | very wide, very nice | not too loud | not quiet | not flat |
        even out the dynamics | more controlled | Great! | Awesome work | fantastic master | I really like it |
        I really like the low end | The stereo image is superb | vocals are clear | crystal clear | clear and warm |
        perfectly balanced | sounds very good to me | excellent punch | no complaints | nothing is missing |
        everything is fine | ok | thanks | I'd keep the bass | the treble is fine as it is | no more treble |
        not more bass | no extra bass needed | I do not want a louder master | doesn't need to be louder |
        I wouldn't want it brighter | isn't muddy or boomy | not muddy or harsh | not harsh and not boomy |
        no rumble, no mud | no sibilance at all | none of the harshness of the old version | warm without being muddy |
        punchy without being loud | bright but not harsh | wide but still focused | full but not boomy |
        To me the lows sound a little overcooked | Sounds as if the singer was in another room |
        It sounds like an old radio | can't listen for long, ears get tired | sounds huge | bigger sound |
        drums sound weak | everything is at the same volume | everything is at the same level |
        the chorus does not lift | chorus isn't louder than the verse | verse is too quiet, chorus too loud |
        heavy bass | too heavy | bass is heavy handed | the high frequencies bite | highs sting |
        the vocals sit perfectly | vocals sit well in the mix | the level is fine | don't overdo the bass |
        It's got no balls | that kick drum is killing me | the low end is not well defined |
        the voice sounds like through a telephone | sounds telephonic | sounds like one speaker |
        I want to feel surrounded | instruments are all on top of each other | centre is weak |
        louder than it needs to be | too noisy | it's a wall of noise | sounds like a sausage | peaks are too wild |
        I am happy with the bass | no need to touch the treble | I can't complain | not boomy, not thin |
        neither too bright nor too dark | It's neither muddy nor harsh | the harshness is gone | the mud is gone now |
        much better! | the treble no longer hurts | I have no wishes | wouldn't make it any louder | not a bit harsh |
        doesn't sound over-compressed | never gets harsh | bright without harshness | there is enough bass |
        bass has plenty of weight | more than enough bass | it could not be better | this needs nothing |
        nice warm bass, smooth treble, wide stereo | excellent clarity and punch | great dynamics |
        vocals are nicely upfront | love how wide it is | so wide, so warm! | the track lacks foundation |
        bass isn't boomy at all, good | vocal is too dry | no harsh frequencies, very smooth |
        not a trace of harshness | the treble doesn't bother me | sounds unnaturally wide |
        Loudness is good, dynamics are not | I'm really happy with this master |
        Sounds amazing, wouldn't change anything
    """,
}
"""The signs that are wanted ("" for none) and the comments that want them, with | between."""

CASES = [(text.strip(), signs) for signs, texts in COMMENTS.items() for text in texts.split("|")]


def signs(reading: Reading) -> dict[str, int]:
    return {name: 1 if degree > 0 else -1 for name, degree in reading.net().items()}


def expected(wanted: str) -> dict[str, int]:
    return {word[:-1]: 1 if word[-1] == "+" else -1 for word in wanted.split()}


@pytest.mark.parametrize(("text", "wanted"), CASES)
def test_a_comment_is_read(text: str, wanted: str) -> None:
    assert signs(read_comment(text)) == expected(wanted)


def test_the_table_has_both_polarities_of_every_parameter() -> None:
    assert len(CASES) >= 80
    wanted = {word for _, words in CASES for word in words.split()}
    assert wanted == {name + sign for name in PARAMETERS for sign in "+-"}


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("more bass", {"bass": 1.0}),
        ("a bit more bass", {"bass": 0.5}),
        ("much more bass", {"bass": 1.5}),
        ("way too bright", {"treble": -1.5}),
        ("far too wide", {"width": -1.5}),
        ("a bit harsh", {"treble": -0.5}),
        ("very muddy", {"bass": -1.5}),
        ("not very punchy", {"dynamics": 1.0}),
        ("harsh, shrill and piercing", {"treble": -2.0}),
        ("more bass. less bass.", {}),
        ("great, but a little dull", {"treble": 0.5}),
        ("love the bass, hate the hiss", {"treble": -1.0}),
        ("I hate how bright it is", {"treble": -1.0}),
        ("a bit more bass and much less treble", {"bass": 0.5, "treble": -1.5}),
    ],
)
def test_degrees_are_read_and_summed(text: str, degrees: dict[str, float]) -> None:
    assert read_comment(text).net() == degrees


@pytest.mark.parametrize(
    "text", ["perfect clarity", "love the bass", "not harsh at all", "the treble is fine as it is"]
)
def test_what_is_liked_is_praise_and_no_wish(text: str) -> None:
    assert read_comment(text) == Reading((), (text,), ())


@pytest.mark.parametrize(
    "text", ["more reverb on the vocals", "Bring back the cowbell", "大きすぎる", "the drums are too loud"]
)
def test_what_is_not_understood_is_kept_and_not_guessed(text: str) -> None:
    assert read_comment(f"{text}, and less bass!").not_understood == (text,)
    assert signs(read_comment(f"{text}, and less bass!")) == {"bass": -1}


COMPLAINTS = sorted(
    word for word, term in TERMS.items() if term.kind == "adjective" and term.value == "bad" and not term.also
)
VIRTUES = sorted(
    word for word, term in TERMS.items() if term.kind == "adjective" and term.value == "good" and term.parameter
)
WISHES = [text for text, wanted in CASES if wanted]
ALPHABET = st.sampled_from(
    sorted({*TERMS, *MARKERS, *FILLER, *",.!?;:()+-–'’/&", "bass", "cowbell", "\U0001f3b5", "ﬁ", "\x00"})
)


@pytest.mark.parametrize("word", COMPLAINTS)
def test_a_complaint_is_a_wish_and_its_negation_is_none(word: str) -> None:
    assert len(signs(read_comment(f"it is {word}"))) == 1
    assert signs(read_comment(f"it is not {word}")) == {}


@pytest.mark.parametrize("word", VIRTUES)
def test_a_virtue_is_no_wish_and_its_negation_is_the_contrary_of_too_much(word: str) -> None:
    missing, too_much = signs(read_comment(f"it is not {word}")), signs(read_comment(f"it is too {word}"))
    assert signs(read_comment(f"it is {word}")) == {}
    assert len(missing) == 1
    assert {name: -sign for name, sign in missing.items()} == too_much


@pytest.mark.parametrize("noun", ["bass", "mids", "vocals", "highs", "width", "dynamics", "volume", "punch", "low end"])
def test_the_polarity_of_a_quantity_flips(noun: str) -> None:
    more, less = signs(read_comment(f"more {noun}")), signs(read_comment(f"less {noun}"))
    assert len(more) == 1
    assert {name: -sign for name, sign in more.items()} == less
    assert signs(read_comment(f"not enough {noun}")) == more == signs(read_comment(f"{noun} is lacking"))
    assert signs(read_comment(f"too much {noun}")) == less
    assert signs(read_comment(f"I do not want more {noun}")) == {} == signs(read_comment(f"no more {noun}"))


NOUNS = ("bass", "treble", "mids", "highs", "width", "punch", "clarity", "volume", "low end")
LACK = ("lack {}", "lack of {}", "lacks {}", "lacking {}", "it is lacking {}", "the {} is missing", "misses {}")
NO_LACK = (
    *("no lack of {}", "there is no lack of {}", "doesn't lack {}", "does not lack {}", "it isn't lacking {}"),
    *("never lacks {}", "not lacking in {}", "hardly lacks {}", "lacks no {}", "without any lack of {}"),
    *("{} lacks nothing", "lacks nothing, {} included", "the {} is not missing", "{} isn't lacking"),
)


@pytest.mark.parametrize("noun", NOUNS)
def test_what_lacks_is_wanted_and_what_does_not_lack_is_not(noun: str) -> None:
    wanted = signs(read_comment(f"more {noun}"))
    assert wanted
    assert {text: signs(read_comment(text.format(noun))) for text in LACK} == dict.fromkeys(LACK, wanted)
    assert {text: signs(read_comment(text.format(noun))) for text in NO_LACK} == {text: {} for text in NO_LACK}


@pytest.mark.parametrize("noun", ["bass", "treble", "mids", "highs", "low end", "vocals", "guitars", "drums"])
def test_two_negations_are_none_and_yet_who_has_not_no_bass_has_none(noun: str) -> None:
    for adjective in ("punchy", "deep", "warm", "bright", "tight", "full"):
        for text in ("no lack of {} {}", "there is no lack of {} {}", "not lacking {} {}"):
            assert signs(read_comment(text.format(adjective, noun))) == {}, (text, adjective)
    for text in ("it doesn't have no {}", "I don't have no {}", "it ain't got no {}"):
        assert signs(read_comment(text.format(noun))) == signs(read_comment(f"more {noun}")), text


def test_who_lacks_nothing_is_understood() -> None:
    for text in ("lacks nothing", "it lacks nothing", "nothing is lacking", "nothing is missing", "no lack of bass"):
        assert read_comment(text) == Reading((), (text,), ())


@pytest.mark.parametrize("text", ["it lacks a great vibe", "lacks a nice groove", "lacks love"])
def test_what_lacks_is_no_praise(text: str) -> None:
    assert read_comment(text) == Reading((), (), (text,))


@pytest.mark.parametrize("word", VIRTUES)
def test_a_virtue_that_lacks_is_one_that_is_not_there(word: str) -> None:
    """«lacks» negates what comes after it, and two negations are none."""
    missing = signs(read_comment(f"it is not {word}"))
    assert missing
    for text in (f"it lacks a {word} sound", f"lacking a {word} sound", f"lack of a {word} sound"):
        assert signs(read_comment(text)) == missing, text
    for text in (f"it doesn't lack a {word} sound", f"no lack of a {word} sound", f"not lacking a {word} sound"):
        assert signs(read_comment(text)) == {}, text


@pytest.mark.parametrize("text", [*WISHES, *(f"very {word}" for word in VIRTUES)])
def test_a_bit_never_makes_a_wish_stronger(text: str) -> None:
    plain, mild = read_comment(text), read_comment(f"a bit {text}")
    both = [(plain.net()[name], mild.net()[name]) for name in PARAMETERS if name in plain.net() and name in mild.net()]
    assert all(abs(after) <= abs(before) for before, after in both)
    assert mild.net().keys() <= plain.net().keys()


@given(st.one_of(st.text(), st.lists(ALPHABET, max_size=40).map(" ".join)))
@settings(max_examples=500)
def test_every_text_is_read_without_an_error(text: str) -> None:
    reading = read_comment(text)
    assert all(wish.parameter in PARAMETERS and abs(wish.degree) in (0.5, 1.0, 1.5) for wish in reading.wishes)
    assert all(abs(degree) <= 2.0 for degree in reading.net().values())
    assert all(
        words in text for words in (*reading.praise, *reading.not_understood, *(wish.text for wish in reading.wishes))
    )
    assert reading == read_comment(text)


@given(st.sampled_from(WISHES))
def test_capitals_and_exclamation_marks_change_nothing(text: str) -> None:
    assert signs(read_comment(text.upper() + "!!!")) == signs(read_comment(text))


@pytest.mark.parametrize(
    "unit", ["bass ", "not ", "more ", "and ", ", ", "too bright or ", "q", "xtrebel ", "?", "\n", "+ "]
)
def test_long_texts_cost_bounded_work(unit: str) -> None:
    read_comment(unit)
    text = unit * (1_000_000 // len(unit))
    before = time.process_time()
    reading = read_comment(text)
    assert time.process_time() - before < 2.0
    assert not text[MAX_CHARS:].strip() or reading.not_understood[-1] in text


def test_what_lies_beyond_the_limit_counts_as_not_understood() -> None:
    tail = "more bass " * 1000
    assert read_comment("too bright. " + tail).not_understood[-1].endswith("more bass ")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("trebel too sharp", "treble-"), ("too muddled and comprssed", "bass- dynamics+"), ("more dinamics", "dynamics+")],
)
def test_one_wrong_letter_is_forgiven(text: str, wanted: str) -> None:
    assert signs(read_comment(text)) == expected(wanted)


def test_a_real_word_is_not_taken_for_a_misspelling() -> None:
    assert [word for word in sorted(REAL_WORDS) if signs(read_comment(f"too {word}")) != {}] == []
    assert {"tremble", "narrow", "light"} & {*REAL_WORDS, *TERMS} == {"tremble", "narrow", "light"}


@pytest.mark.parametrize("comments", [phrasings_held_out.PHRASINGS, phrasings.PHRASINGS], ids=["held out", "practice"])
def test_phrasings_of_others_are_read(comments: list[tuple[str, dict[str, int]]]) -> None:
    """Comments by people who did not see the table of words: at least 85 of 100 are read exactly.

    What was misread of the practice list has led to words of the table; the held-out list was only counted.
    """
    wrong = [
        (text, wanted, signs(read_comment(text))) for text, wanted in comments if signs(read_comment(text)) != wanted
    ]
    assert len(wrong) <= 0.15 * len(comments), wrong
