"""The table of words that comments on a master are read by (English only); extending it is adding a word to a line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

GOOD: Final = "good"  # praise as it stands: "punchy"; "not punchy" is a wish for it
NEUTRAL: Final = "neutral"  # nothing as it stands: "bright"; "too bright" and "brighter" are wishes
MILD: Final = "mild"  # a complaint as it stands, but its comparative is a wish: "dark", "darker please"
BAD: Final = "bad"  # a complaint in every form: "harsh", "harsher"

VOCAL: Final = "vocal"  # among `also`: may be about a part of the mix too ("the voice is unclear")
ANY: Final = ("bass", "mid", "treble", "width", "loudness", "dynamics")


@dataclass(frozen=True, slots=True)
class Term:
    """What a word says about the sound: the parameter and which way more of the word moves it."""

    kind: str  # noun, adjective or verb
    parameter: str | None  # None: only said of a noun ("weak bass"), or a thing no parameter can change ("reverb")
    sign: int
    value: str  # good, neutral, mild or bad
    also: tuple[str, ...] = ()  # parameters of nouns beside it which it may be about instead ("muddy mids")
    instrument: bool = False  # stands for a part of the mix and not for a band: only its level is meant


def _terms(table: dict[str, str]) -> dict[str, Term]:
    """Terms by their words from «kind parameter sign value also…» → words with commas between."""
    found: dict[str, Term] = {}
    for head, words in table.items():
        kind, parameter, sign, value, *also = head.split()
        places = ANY if also == ["any"] else tuple(also)
        name = None if parameter == "-" else parameter
        term = Term(kind.replace("part", "noun"), name, 1 if sign == "+" else -1, value, places, kind == "part")
        found |= {" ".join(word.split()): term for word in words.split(",")}
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BANDS = _terms(
    {
        "noun bass + neutral": """
            bass, base, bas, low, lows, low end, lowend, bottom, bottom end, sub, sub bass, subbass, lower end, low
            frequencies, low frequency, low freq, lower frequencies, low register, lower register, low range, low
            notes, deep end, lower octaves, lf, low tones, bass line, bassline, bass guitar, double bass, bottom
            octave, low stuff, kick, kick drum, kickdrum, bass drum, bd, 808, 808s, basses, lower range, deep bass
        """,
        "noun mid + neutral": """
            mid, mids, midrange, mid range, mid frequencies, middle frequencies, mid freq, low mid, low mids, lower
            mids, lower midrange, high mids, upper mids, upper mid, upper midrange, middles, middle range, mediums,
            high mid, lower mid, low midrange
        """,
        "noun treble + neutral": """
            treble, highs, high end, highend, top end, top, high frequencies, high freq, high frequency, upper
            frequencies, hf, high notes, hi end, upper end, high range, upper range, high tones, hi freq, higher
            frequencies, top octave, upper octaves, high register, upper register, tops, hi frequencies, high stuff
        """,
        "noun width + good": """
            width, stereo, stereo image, stereo width, stereo field, soundstage, sound stage, image, imaging, stereo
            spread, spread, space, panorama, stereo effect, stage, stereo separation, separation, stereo picture,
            stereo base, openness, panning, sides
        """,
        "noun dynamics + good": """
            dynamics, dynamic range, punch, impact, transients, attack, snap, slam, life, contrast, headroom,
            breathing room, room to breathe, dynamic contrast, punchiness, liveliness, dynamism, dr, microdynamics,
            whack, smack
        """,
    }
)
"""Nouns of which there is more or less: the bands, the width, the dynamics."""

QUALITIES = _terms(
    {
        "noun bass + good": """
            warmth, body, weight, thump, heft, meat, fatness, low end weight, warm sound
        """,
        "noun bass + bad": """
            mud, boom, rumble, low end rumble, bloat, rumbling, flab
        """,
        "noun mid + bad": """
            honk, nasality, box
        """,
        "noun treble + good": """
            sparkle, air, sheen, shimmer, brilliance, articulation, high end sparkle
        """,
        "noun treble + good mid vocal": """
            clarity, detail, intelligibility, transparency
        """,
        "noun treble + neutral": """
            bite, edge
        """,
        "noun treble + bad": """
            listening fatigue, fatigue,
            sibilance, hiss, esses, ess sounds, s sounds, sizzle, glare, tizz, fizz, ear fatigue
        """,
        "noun dynamics - bad": """
            compression, limiting, limiter, squash, compressor, overcompression, loudness war, loudness wars, over
            compression, brickwall limiting
        """,
        "noun dynamics - neutral": """
            glue, consistency
        """,
        "noun loudness + neutral any": """
            volume, level, loudness, gain, output, lufs, output level
        """,
        "noun mid + good any": """
            presence
        """,
        "noun dynamics + good any": """
            energy, drive
        """,
        "noun - + good any": """
            power, depth, amount, strength, oomph, prominence, quantity, intensity
        """,
    }
)
"""Nouns of a quality; those that may be about any band ("level", "presence") give way to a band named beside them."""

PARTS = _terms(
    {
        "part mid + neutral": """
            vocal, vocals, voice, singer, singing, lyrics, words, speech, vox, lead vocal, lead, melody, guitar,
            guitars, piano, acoustic guitar, dialogue, voices, lead vocals, lead guitar, vocalist
        """,
        "part treble + neutral": """
            cymbal, cymbals, hi hat, hi hats, hihat, hihats, hats, hat, ride cymbal
        """,
        "part - + neutral": """
            center, centre,
            drum, drums, snare, toms, synth, synths, reverb, echo, delay, noise, click, clicks, keys, horns, brass,
            sax, trumpet, percussion, organ, orchestra, choir, crowd, audience, strings, violin, violins, autotune,
            distortion, saturation, tempo, pitch, fade, hum, artefacts, artifacts, effects, pad, pads, clap, claps
        """,
    }
)
"""Parts of the mix. Those without a parameter are known so that nothing said of them is taken for the whole."""

FAULTS = _terms(
    {
        "adjective dynamics - bad width": """
            flat
        """,
        "adjective treble + bad mid": """
            harsh, shrill, piercing, strident, brittle, grating, abrasive, aggressive, painful, hurts, hurt, hurting,
            shrieky, screaming
        """,
        "adjective treble + bad": """
            tin can, like a tin can, like a tin,
            fatiguing, tiring, icy, spitty, essy, hissy, sizzly, metallic, scratchy, steely, screechy, sibilant,
            tinny, edgy, trebly, toppy, top heavy, biting, ear piercing, ear splitting, glassy, treble heavy,
            stinging, cutting, tizzy, fizzy, tinsel
        """,
        "adjective treble - bad": """
            dull, muffled, veiled, dim, woolly, wooly, stuffy, blurry, blurred, foggy, hazy, lacklustre, lackluster,
            blanketed, underwater, under water, under a blanket, behind a curtain, blanket over, opaque, smothered,
            blunt, through a wall, through a blanket, like a blanket, in the next room, from the next room, through
            a pillow, behind a veil
        """,
        "adjective treble - bad mid vocal": """
            unclear, unintelligible, indistinct, mumbled
        """,
        "adjective bass + bad": """
            boomy, bassy, bottom heavy, bass heavy, bloated, rumbly, tubby, flabby, loose, woofy, overblown, subby,
            booming, wobbly, flubby, booms, boomed, rumbles
        """,
        "adjective bass + bad mid": """
            muddy, murky, mushy, cloudy, thuddy, muddled
        """,
        "adjective bass - bad mid treble": """
            thin, skinny, tenuous
        """,
        "adjective bass - bad": """
            cold, clinical, sterile, anaemic, anemic, lightweight, bass light, gutless, weightless, bodiless, bass shy
        """,
        "adjective mid + bad": """
            nasal, nasally, honky, boxy, middy, midrangey, mid heavy, midrange heavy, mid range heavy, shouty, quacky,
            cardboardy, barky, like cardboard, like a box, in a box, like cardboard box, through the nose
        """,
        "adjective mid - bad": """
            hollow, scooped
        """,
        "adjective width + bad": """
            diffuse, phasey, phasy, unfocused, unfocussed, smeared
        """,
        "adjective width - bad": """
            closed, come from the middle, comes from the middle, coming from the middle,
            cramped, claustrophobic, collapsed, one dimensional, boxed in, closed in, constricted, confined, stuck in
            the middle, in the centre, in the center, sits in the middle, sit in the middle, boxed
        """,
        "adjective dynamics + bad": """
            spiky, peaky, jumpy, uneven, inconsistent, erratic
        """,
        "adjective dynamics - bad": """
            pump, squashing,
            squashed, squished, squeezed, crushed, lifeless, pumping, overcompressed, pumps, over compressed,
            brickwalled, brick walled, overlimited, over limited, slammed, smashed, choked, suffocated, strangled,
            limp, dead, flattened, static, hypercompressed, suffocating, choking, monotonous, undynamic, squashy
        """,
        "adjective - + bad any": """
            unbearable, obvious, wild,
            extreme, too far apart,
            overpowering, overwhelming, dominant, dominating, excessive, exaggerated, overdone, hyped, over the top,
            intrusive, invasive, overbearing, domineering, out of control, overemphasised, overemphasized, a bit much,
            sticking out, sticks out, stick out, stands out too much, stand out too much, pokes out
        """,
        "adjective loudness + bad any": """
            deafening, blaring, blasting
        """,
        "adjective - - bad any": """
            underpowered, undernourished, under powered,
            sucked out, empty,
            weak, faint, buried, recessed, lost, gone, absent, shy, timid, hidden, drowned, drowned out,
            distant, far away, masked, swallowed, covered, obscured, in the background, behind the music, feeble,
            wimpy, subdued, pushed back, dips, far back, laid back, overpowered, overwhelmed, overshadowed,
            disappears, disappear, disappearing, vanish, vanishes, behind, puny, sunk, deficient, in the back,
            underneath, disappeared, vanished, invisible, hiding, poor
        """,
        "adjective loudness - bad any": """
            inaudible
        """,
    }
)
"""Adjectives that are a complaint in every form."""

ADJECTIVES = _terms(
    {
        "adjective treble + neutral": """
            bright
        """,
        "adjective treble + mild mid": """
            sharp
        """,
        "adjective treble + good": """
            airy, sparkly, sparkling, crisp, crispy, shimmering, shiny, brilliant sounding
        """,
        "adjective treble + good mid vocal": """
            clear, detailed, transparent, articulate, intelligible, understandable
        """,
        "adjective treble - mild": """
            dark
        """,
        "adjective treble - good": """
            smooth, mellow, silky, gentle
        """,
        "adjective bass + mild": """
            thick
        """,
        "adjective bass + good": """
            warm, deep, full, fat, rich, round, meaty, weighty, beefy, full bodied, phat, hefty
        """,
        "adjective bass - mild": """
            lean
        """,
        "adjective bass - good dynamics": """
            tight
        """,
        "adjective width + good": """
            wide, broad, spacious, open, immersive, enveloping, expansive, roomy, spread out
        """,
        "adjective width - mild": """
            narrow, mono, monophonic, centred, centered, central
        """,
        "adjective width - good": """
            focused, focussed
        """,
        "adjective dynamics + good": """
            punchy, dynamic, lively, alive, snappy, impactful, hard hitting, energetic, hit hard, harder hitting
        """,
        "adjective dynamics - mild": """
            compressed, limited
        """,
        "adjective dynamics - good": """
            glued, consistent, even
        """,
        "adjective loudness + mild any": """
            loud, hot
        """,
        "adjective loudness - mild any": """
            quiet, soft, silent, low
        """,
        "adjective - + mild any": """
            high
        """,
        "adjective - - mild any": """
            light, modest
        """,
        "adjective width - mild any": """
            small, tiny
        """,
        "adjective - + neutral any": """
            in front, in the front,
            heavy, forward, upfront, up front, intense, in your face, hard, massive, huge
        """,
        "adjective - + good any": """
            strong, prominent, present, audible, powerful, big, noticeable, pronounced, cut through, come through,
            comes through, stand out, stands out, hearable, perceptible, emphasised, emphasized, dominant enough,
            generous
        """,
    }
)
"""Adjectives whose comparative may be a wish; those of a level are about the noun beside them."""

VERBS = _terms(
    {
        "verb treble - neutral": """
            de esser, deesser, de essing, deessing, take the edge off, darken, deess, de ess, smooth out, mellow out
        """,
        "verb treble + neutral": """
            brighten, brighten up
        """,
        "verb bass + neutral": """
            thicken, fatten, fatten up, warm up, warm it up, beef up, beef it up, fill out
        """,
        "verb bass - neutral": """
            tighten, tighten up
        """,
        "verb width + neutral treble": """
            widen, open up, open it up, broaden
        """,
        "verb width - neutral": """
            narrow it, narrow the
        """,
        "verb dynamics + neutral": """
            let it breathe, breathe, liven up, liven it up
        """,
        "verb dynamics - neutral": """
            compress, glue together, limit, squeeze it, clamp down on
        """,
    }
)
"""Verbs that are a wish by themselves."""


def _nouns(adjectives: dict[str, Term]) -> dict[str, Term]:
    """The nouns in -ness of adjectives of one word: `muddiness`, with what `muddy` means."""
    single = {word: term for word, term in adjectives.items() if " " not in word}
    made = {word[:-1] + "iness" if word.endswith("y") else word + "ness": term for word, term in single.items()}
    return {word: replace(term, kind="noun") for word, term in made.items()}


_ADJECTIVES = {**FAULTS, **ADJECTIVES}
TERMS: dict[str, Term] = {**_nouns(_ADJECTIVES), **VERBS, **BANDS, **QUALITIES, **PARTS, **_ADJECTIVES}

_MARKERS = {
    "dislike": "hate, dislike, not a fan of, not keen on, do not like, did not like, not love, not into, not enjoy",
    "more": "more, extra, additional, further, moar",
    "less": "not so much, not so many, a lot less of, less, fewer",
    "boost": (
        "boost, raise, increase, turn up, bring up, push, push up, crank, crank up, lift, add, enhance, bump, "
        "bump up, strengthen, emphasise, emphasize, bring out, bring forward, dial up, bring back, pump up, up "
        "the, amplify, accentuate"
    ),
    "reduce": (
        "lowered, lowering, easy on, hold back, keep down, "
        "roll, cut, reduce, decrease, turn down, bring down, tame, roll off, attenuate, remove, tone down, dial "
        "back, dial down, pull back, pull down, ease off, back off, take out, take away, soften, trim, dampen, "
        "shave off, get rid of, rein in, scale back, dial it back, tone it down, take down, knock down, drop, "
        "scoop, scoop out, carve out, "
        "lessen, diminish, ease up on, go easy on, ease off on, back off on, calm down, filter out, cut back, "
        "roll back, minimise, minimize, shave, suppress, take some, take a bit of, take a little, take off, "
        "take a bit off, take a little off, lose some, lose the"
    ),
    "up": "up",
    "down": "down, back a bit, back a little, back a touch",
    "move": "turn, bring, pull, dial, take, knock, put, crank it, push it, turn it, bring it",
    "over": (
        "overpower, overwhelm, dominate, drown out, mask, masking, swallow, cover, covering, bury, burying, take "
        "over, takes over, eat up, eats, overshadow, drown, drowns, masks, covers, buries, swallows, drowning "
        "out, obscure"
    ),
    "too": "too, overly, excessively, to too",
    "enough": "enough, sufficient, sufficiently, adequate, more than enough, plenty of, plenty",
    "insufficient": (
        "too less, very less, so little, so few, is not so much, are not so many, "
        "insufficient, inadequate, too few, could use, could do with, can use, could stand, could benefit from, "
        "would benefit from, starved of, short on, short of, devoid of, needs some, need some, hard to hear, "
        "difficult to hear, hard to understand, difficult to understand, hard to make out, difficult to make out, "
        "where is, where are, where's, where did, struggle to hear, straining to hear, light on, thin on, could "
        "take, weak in, weak on, poor in, want for"
    ),
    "excess": (
        "why so much, why is there so much, build up, buildup, overdose of, excess, abundance of, overload of, "
        "heavy on, swamped with, drowning in, overkill"
    ),
    "lack": (
        "lost their, lost the, lost all its, lost some of its, lost all, lost some, "
        "lack, lacks, lacking, lacked, lack of, miss, misses, missing, missed, absence of, loss of, deprived of, "
        "not there, nowhere, non existent, nonexistent, nowhere to be found, loses, lost its, losing"
    ),
    "much": "much, many, a lot of, lots of",
    "little": "little, few",
    "not": (
        "no need to, no need for, "
        "not, never, nor, neither, nothing, hardly, barely, scarcely, cannot, nobody, not at all, nowhere near, aint"
    ),
    "no": "no, zero, none",
    "without": "without",
    "hear": "hear, feel, understand, make out, hearing, notice, follow, perceive, distinguish",
    "have": "have, has, had, got, there, any, having, real",
    "want": (
        "want, need, would like, would love, prefer, wish for, give, give me, give it, ask for, wish, love to "
        "hear, would not mind, would not say no to, take more, would prefer, like to hear, deserve, require, "
        "crave, call for, beg for, cry out for, long for, look for, wanna"
    ),
    "should": (
        "stop, "
        "should, must, ought, please, make, let, supposed, pls, plz, ideally, if only, shall, how about, try, "
        "hope, has to, have to, gotta"
    ),
    "could": "could, can, might, may, would, cud, the original was, original was, my mix was, my mix is",
    "welcome": (
        "welcome, appreciated, needed, required, wanted, would be nice, would be good, would be great, would not "
        "hurt, could not hurt, would help, would be lovely, would be cool, would be awesome, would be welcome, "
        "will help, would not go amiss"
    ),
    "be": (
        "is, are, was, were, am, be, been, being, sound, sounds, sounding, sounded, feels, feeling, seem, seems, "
        "appear, appears, becomes, become, gets, get, gotten, became, comes across, looks, remains, stays, r, "
        "came out, comes out"
    ),
    "soft": (
        "a bit, a little, slightly, bit, somewhat, a touch, a tad, a hair, kind of, kinda, sort of, sorta, a "
        "little bit, a smidge, a smidgen, tad, touch, mildly, marginally, a shade, a dash of, a pinch of, a "
        "fraction, subtly, lil bit, a lil, a notch, almost, nearly, a whisker, a bit of, a little bit of, a touch "
        "of, a tiny bit, just a hair, small amount, borderline, lightly, faintly, not quite, tiny bit, one notch, "
        "a wee bit, slight, a hint of, verging on, bordering on"
    ),
    "strong": (
        "way, far, very, really, super, extremely, a lot, lots, so, incredibly, insanely, tons of, heaps of, "
        "loads of, massively, significantly, considerably, seriously, terribly, awfully, ridiculously, hugely, "
        "totally, completely, absolutely, unbearably, painfully, quite a bit, quite a lot, substantially, miles, "
        "badly, desperately, severely, horribly, crazy, drastically, dramatically, loads, tons, heaps, a ton of, "
        "a ton, unpleasantly, unbelievably, vastly, waaay, exceedingly, noticeably, truly, a great deal, a good "
        "deal, hella, damn, fucking, bloody, wildly, entirely, utterly, by far"
    ),
    "rather": (
        "clean up, not only, not just, rather, quite, pretty, fairly, relatively, always, still, strangely, that's"
    ),
    "praise": (
        "perfect, great, good, nice, love, lovely, beautiful, amazing, excellent, awesome, fine, ok, okay, right, "
        "spot on, just right, balanced, well balanced, like, liking, loving, enjoy, enjoying, superb, cool, "
        "fantastic, wonderful, gorgeous, pleasant, pleasing, happy with, happy, impressive, impressed, sweet, "
        "ideal, brilliant, terrific, keep, leave, as it is, as is, on point, natural, satisfying, satisfied, "
        "satisfied with, pleased, correct, professional, incredible, stunning, on the money, dialled in, dialed "
        "in, pleasure, favourite, favorite, adore, solid, spotless, top notch, do not touch, do not change, would "
        "not change, works, tasty, sick, dope, killer, nails, nailed, no complaints, problem free, no problem, no "
        "problems, no issue, no issues, decent, acceptable, comfortable, flawless, stellar, magnificent, just "
        "fine"
    ),
    "vague": (
        "better, improved, improvement, bad, wrong, terrible, awful, worse, strange, weird, off, different, "
        "problem, issue, problems, issues, unbalanced, fix, change, adjust, touch the, work"
    ),
    "whole": (
        "overall, everything, whole, track, song, master, mix, music, generally, general, in general, all, piece, "
        "recording, it all, total, chorus, verse, intro, outro, bridge, whole thing, song itself, the sound, this "
        "sound, overall sound, the overall sound, sound overall, tune, album, version, mastering, the rest, tone, "
        "tonality, one, thing"
    ),
    "than": (
        "than, compared to, compared with, instead of, rather than, by, so that, in comparison, relative to, versus, vs"
    ),
    "in": (
        "in, on, of, from, for, at, around, to, into, about, across, over, through, within, under, below, above, like"
    ),
    "but": (
        "but, although, though, however, yet, whereas, except, while, apart from, other than that, otherwise, "
        "only that, even though, despite, aside from, unfortunately, nevertheless, still though, besides"
    ),
    "and": "and, plus, also, as well as, n, then, along with, together with, as well, both",
    "or": "or",
    "with": "with, because, since, which, when, where, as if, cause, cuz, due to, which makes, making, so it",
}

FILLER = _words(
    """
    the a an this that these those it its it's i me my mine you your we our they them their he she his her him to of
    do does did doing will just only even now here some something someone anything bit as if what who how why up so hi
    hello hey thanks thank think thought find guess believe feel imo imho maybe perhaps probably possibly actually
    honestly basically frankly personally opinion taste ears ear listening listen heard hearing frequency frequencies
    range region part parts section sections side end area department again already anyway apart be come comes coming
    go goes going say said more's least most well yes yeah yep ya oh ah hmm um lol haha please sir guys man dude bro
    dear couple regards db hz khz decibel decibels percent too very much quite simply little im id ive theyre youre dont
    same between both each every definitely clearly certainly content notes tones signal speakers headphones phones car
    home system earbuds once two three after before first last second until while any other others original previous
    reference compared mixes tad kind sort there wont us new old slightly time times moment moments sometimes often
    mostly mainly especially particularly tonal band bands instrument instruments has have had
    """
)
"""Words that say nothing here: a clause of these alone is passed over."""

REAL_WORDS = _words(
    """
    attach batter bearing beside bight blaming blazing blight blood blooms boomer booting boots boring breath breathy
    bride burned burry butter carve chance changed changes charge choke chokes chords clamped clears clocks cloud
    clouds clover constructed contract cooked cooking crashed damped dedent derive descent driven driver effect
    emphasis excerpt expensive extras fairy farther feeding fellow fitness flatten focuses follows gating genera
    gentile gently granting hallow halving harness horrible imagine impart leaves likely linking locked locking lonely
    loosen marked masses matter messed messes messing middle modes muddle mumble neatly notices noting novice overlay
    overtly peasant phases pheasant pieces pierce pinning planning plumping powder presents preset pretence prevent
    pronounce quantify quiets remain remote revere revert rights rounds scoped scratch shallow sight signing slides
    sounder spaced sparkler springs staged stashed statics stinger streaming strung subtle swimmer swinger things
    thorough tights tiling timing totals trebled tremble versions vocalise waited wasted weigh wholly worlds worsen
    wright
    """
)
"""English words one letter away from a word above: never taken for its misspelling."""


def _spread(markers: dict[str, str]) -> dict[str, str]:
    return {word.strip(): kind for kind, words in markers.items() for word in words.split(",") if word.strip()}


MARKERS: dict[str, str] = _spread(_MARKERS)
