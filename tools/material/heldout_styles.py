"""The styles of the held-out songs: their regions of tempo, metres, grooves and bands, as data.

The beat of every style is what a musician taps: the quarter in 4/4 and 3/4, the dotted quarter in 6/8; where there is
a backbeat it falls on beats 2 and 4, so that trap is written at 62–78 and not at twice that.
A rhythm has one group of ticks a beat: `.` rests, `-` holds the note before it, `o` is soft, `x` plain, `X` strong; in
a bass line `r f o t a` are the root, fifth, octave, third and a step towards the next chord's root.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from heldout_bands import (
    AMBIENT_BAND,
    CLUB_BAND,
    FOLK_BAND,
    FUNK_BAND,
    JAZZ_BAND,
    JUNGLE_BAND,
    LATIN_BAND,
    MARCH_BAND,
    METAL_BAND,
    PUNK_BAND,
    REGGAE_BAND,
    ROCK_BAND,
    SOFT_BAND,
    SOUL_BAND,
    URBAN_BAND,
    Band,
)

Rhythms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """What one drum plays, in sections whose layers lie in a range; one of the rhythms is drawn for each section."""

    drum: str
    rhythms: Rhythms
    low: float = 0.0
    high: float = 1.01


@dataclass(frozen=True, slots=True)
class Style:
    """All that a composer needs to know: `family` is song, club or jazz, `swing` delays off-beats by ticks."""

    name: str
    tempo_bpm: tuple[float, float]
    drums: tuple[Line, ...]
    bass: Rhythms
    comp: Rhythms
    band: Band
    beats: int = 4
    family: str = "song"
    kits: tuple[str, ...] = ("rock",)
    swing: tuple[float, float] = (0.0, 0.0)
    pump_db: float = 0.0
    sevenths: float = 0.2
    arp: Rhythms = field(default=("x-x-|x-x-|x-x-|x-x-",))


def line(drum: str, *rhythms: str, low: float = 0.0, high: float = 1.01) -> Line:
    return Line(drum, rhythms, low, high)


BACKBEAT = "....|x...|....|x..."
EIGHTHS = "x.o.|x.o.|x.o.|x.o."
SIXTEENTHS = "xoxo|xoxo|xoxo|xoxo"
QUARTERS = "x...|x...|x...|x..."
TRIPLETS = "x.x|x.x|x.x|x.x"

STYLES: tuple[Style, ...] = (
    Style("rock", (96, 148), (
        line("kick", "x...|....|x.x.|....", "x...|..x.|..x.|....", "x..x|....|x...|..x.", low=0.2),
        line("snare", BACKBEAT, low=0.3),
        line("hat", EIGHTHS, QUARTERS, low=0.12, high=0.75),
        line("ride", EIGHTHS, "x.x.|x.x.|x.x.|x.x.", low=0.75),
        line("tambourine", QUARTERS, BACKBEAT, "..x.|..x.|..x.|..x.", low=0.65),
    ), ("r-r-|r-r-|r-r-|r-r-", "r--r|--r-|r---|r-a-", "r---|--r-|r-r-|f-a-"),
        ("X---|--x-|X---|x-x-", "x-x-|x-x-|x-x-|x-x-", "X---|----|x---|----", "x-xx|.xx-|x-xx|.xx-"),
        ROCK_BAND),
    Style("house", (116, 130), (
        line("kick", QUARTERS, low=0.28),
        line("clap", BACKBEAT, low=0.35),
        line("open hat", "..x.|..x.|..x.|..x.", low=0.4),
        line("hat", SIXTEENTHS, "x.xx|x.xx|x.xx|x.xx", low=0.55),
        line("shaker", SIXTEENTHS, low=0.1, high=0.8),
        line("conga", "..x.|...x|..x.|.x.x", low=0.6),
    ), ("..r-|..r-|..r-|..r-", "r..r|..r.|..o.|r.f.", "r-.r|.-r-|.r..|o-a-"),
        ("x..x|..x.|.x..|x...", "X---|----|----|--x-", "..x.|..x.|..x.|..x."), CLUB_BAND,
        family="club", kits=("machine", "boom"), pump_db=7.0, sevenths=0.5,
        arp=("x.x.|x.xx|.xx.|x.x.", "xxxx|xxxx|xxxx|xxxx")),
    Style("techno", (128, 150), (
        line("kick", QUARTERS, low=0.22),
        line("clap", BACKBEAT, low=0.55),
        line("hat", "..x.|..x.|..x.|..x.", SIXTEENTHS, low=0.3),
        line("ride", "..x.|..x.|..x.|..x.", low=0.7),
        line("low tom", "...x|..x.|...x|.x..", low=0.45),
    ), (".rrr|.rrr|.rrr|.rrr", "..r-|..r-|..r-|..r-", "r.rr|.rr.|r.rr|.ro."),
        ("x..x|..x.|.x..|x...", "x...|...x|..x.|....", "X---|----|----|----"), CLUB_BAND,
        family="club", kits=("machine",), pump_db=8.0, arp=("xxxx|xxxx|xxxx|xxxx", "x.xx|.xx.|xx.x|.xx.")),
    Style("trap", (62, 78), (
        line("kick", "x.......|.....x..|..x.....|........", "x.......|........|x..x....|....x...", low=0.2),
        line("clap", "........|x.......|........|x.......", low=0.28),
        line("hat", "x.o.x.o.|x.o.x.o.|x.o.x.o.|x.o.xxxx", "x.o.x.o.|x.xxx.o.|x.o.x.o.|x.o.x.xx", low=0.15),
        line("open hat", "........|....x...|........|........", low=0.7),
        line("rim", "......x.|........|...x....|........", low=0.5),
    ), ("r------.|........|r---....|....o---", "r-------|-----r--|--f-----|----....", "r---|----|r---|--a-"),
        ("X---|----|----|----", "x.x-|--x-|x.x-|--..", "..x-|..x-|..x-|..x-"), URBAN_BAND,
        family="club", kits=("boom",),
        arp=("x.x.|x.x.|x.x.|x.x.", "x.xx|.xx.|x.xx|.xx.")),
    Style("boom bap", (80, 104), (
        line("kick", "x...|...x|..x.|....", "x.x.|....|..xx|....", "x...|..x.|.x..|....", low=0.2),
        line("snare", BACKBEAT, low=0.28),
        line("hat", EIGHTHS, "x.xo|x.xo|x.xo|x.xo", low=0.12),
        line("ghost", "...x|..x.|.x.x|....", low=0.5),
        line("shaker", SIXTEENTHS, low=0.7),
    ), ("r--r|..r-|--f-|..a-", "r---|..r.|r-f-|....", "r-.r|.-o-|..r-|f-a-"),
        ("..x-|....|..x-|.x..", "X---|----|x---|--x-", "x..x|....|x..x|...."), URBAN_BAND, kits=("dusty", "boom"),
        swing=(0.1, 0.28), sevenths=0.6),
    Style("funk", (96, 122), (
        line("kick", "x..x|....|..x.|.x..", "x...|...x|..x.|..x.", low=0.2),
        line("snare", BACKBEAT, low=0.28),
        line("ghost", "..x.|.x.x|.x..|.x.x", ".x..|..xx|.x.x|....", low=0.45),
        line("hat", SIXTEENTHS, "x.xx|x.xx|x.xx|x.xx", low=0.15),
        line("tambourine", "..x.|..x.|..x.|..x.", low=0.7),
    ), ("r.rr|.ro.|..r.|f.a.", "r..o|..r.|.r.f|..a.", "r-.r|..or|..r.|o.f."),
        (".x.x|..x.|.x.x|..x.", "xx.x|.x.x|x.xx|.x.x", "x...|..x.|...x|...."),
        FUNK_BAND,
        swing=(0.0, 0.12), sevenths=0.6),
    Style("waltz", (84, 152), (
        line("kick", "x...|....|....", "x...|....|..x.", low=0.25),
        line("brush", "....|x...|x...", "....|x.x.|x...", low=0.15, high=0.65),
        line("snare", "....|x...|x...", low=0.65),
        line("ride", "x...|x.x.|x...", "x...|x...|x.x.", low=0.45),
    ), ("r---|....|....", "r---|--..|f-a-", "r---|f---|a---"),
        ("....|x-..|x-..", "X---|x---|x---", "..x-|x-x-|x-x-"), SOFT_BAND, beats=3,
        family="jazz", kits=("brush", "jazz"), sevenths=0.4, arp=("x-x-|x-x-|x-x-",)),
    Style("6/8 ballad", (60, 78), (
        line("kick", "x.....|......", "x.....|..x...", "x...x.|......", low=0.25),
        line("snare", "......|x.....", low=0.4),
        line("rim", "......|x.....", low=0.2, high=0.4),
        line("hat", "x.o.o.|x.o.o.", low=0.15),
        line("ride", "x.x.x.|x.x.x.", low=0.75),
    ), ("r-----|----a-", "r---r-|f---a-", "r-----|r-----"),
        ("x-x-x-|x-x-x-", "X-----|x-----", "x---x-|x---x-"), SOFT_BAND, beats=2, kits=("rock", "brush"),
        arp=("x-x-x-|x-x-x-",)),
    Style("12/8 soul", (60, 86), (
        line("kick", "x..|..x|x..|...", "x..|...|x.x|...", low=0.2),
        line("snare", "...|x..|...|x..", low=0.28),
        line("hat", "xoo|xoo|xoo|xoo", low=0.12),
        line("tambourine", "...|x..|...|x..", low=0.7),
    ), ("r--|--r|f--|--a", "r-r|--r|r-f|--a", "r--|r--|f--|a--"),
        ("xxx|xxx|xxx|xxx", "X--|---|X--|---", "...|x-.|...|x-."),
        SOUL_BAND,
        kits=("rock", "dusty"), sevenths=0.5, arp=("xxx|xxx|xxx|xxx",)),
    Style("latin", (108, 140), (
        line("kick", "x..o|x..o|x..o|x..o", "x...|..o.|x...|..o.", low=0.25),
        line("rim", "x..x|..x.|..x.|x...", "..x.|x...|x..x|..x.", low=0.35),
        line("shaker", "Xoxo|Xoxo|Xoxo|Xoxo", low=0.08),
        line("conga", "..x.|..xx|..x.|..xx", ".x..|x.xx|....|x.xx", low=0.45),
        line("low conga", "....|....|...x|x...", low=0.45),
        line("cowbell", "x...|x...|x...|x...", "x.o.|x.o.|x.o.|x.o.", low=0.65),
    ), ("r--f|f--r|r--f|f--a", "r---|..f-|r---|f-a-", "..r-|--f-|..r-|--o-"),
        ("x..x|..x.|..x.|x...", "..xx|.xx.|..xx|.xx.", "x.x.|.x.x|.x.x|x.x."), LATIN_BAND,
        family="jazz", kits=("jazz", "brush"), sevenths=0.7),
    Style("metal", (140, 200), (
        line("kick", "xxxx|xxxx|xxxx|xxxx", "x.xx|x.xx|x.xx|x.xx", "x.x.|x.x.|xxxx|x.x.", low=0.55),
        line("kick", "x...|..x.|x...|....", low=0.2, high=0.55),
        line("snare", BACKBEAT, low=0.35),
        line("hat", QUARTERS, EIGHTHS, low=0.15, high=0.6),
        line("ride", QUARTERS, EIGHTHS, low=0.6),
        line("crash", "x...|....|x...|....", low=0.85),
    ), ("rrrr|rrrr|rrrr|rrrr", "r.rr|r.rr|r.rr|r.rr", "r-r-|r-r-|r-r-|f-a-"),
        ("x-xx|x-xx|x-xx|x-xx", "xxxx|xxxx|X---|x-x-", "X---|----|X---|x---", "x.x.|xx.x|.x.x|X---"),
        METAL_BAND, kits=("metal",)),
    Style("punk", (160, 200), (
        line("kick", "x...|..x.|x...|..x.", "x...|....|x.x.|....", "x.x.|..x.|x.x.|..x.", low=0.2),
        line("snare", BACKBEAT, low=0.25),
        line("hat", EIGHTHS, QUARTERS, low=0.15, high=0.7),
        line("ride", QUARTERS, EIGHTHS, low=0.7),
        line("tom", "..x.|..x.|x.x.|xxx.", low=0.1, high=0.25),
    ), ("r-r-|r-r-|r-r-|r-r-", "r-r-|r-r-|f-f-|a-a-"),
        ("x-x-|x-x-|x-x-|x-x-", "X---|x-x-|X---|x-x-", "x-.x|-.x-|x-.x|-.x-"),
        PUNK_BAND, kits=("rock", "metal")),
    Style("fingerpicked folk", (80, 126), (
        line("stomp", "x...|....|x...|....", low=0.75),
        line("tambourine", BACKBEAT, low=0.85),
    ), ("r---|f---|r---|f---", "r---|----|f---|--a-"),
        ("x-x-|xxx-|x-x-|xxx-", "x--x|--x-|x--x|x-x-", "X---|x-x-|x---|x-x-"), FOLK_BAND, kits=("brush",),
        arp=("x-xx|x-xx|x-xx|x-xx", "x-x-|xxx-|x-x-|xxx-")),
    Style("piano ballad", (60, 84), (
        line("kick", "x...|....|x...|....", "x...|..x.|x...|....", low=0.5),
        line("snare", BACKBEAT, low=0.6),
        line("rim", BACKBEAT, low=0.45, high=0.6),
        line("hat", EIGHTHS, low=0.4),
    ), ("r---|----|r---|----", "r---|--r-|f---|--a-", "r---|----|----|f-a-"),
        ("X---|x---|x---|x---", "x-x-|x-x-|x-x-|x-x-", "X---|----|x---|x---"), SOFT_BAND | {"comp": ("piano",)},
        kits=("rock", "brush"), sevenths=0.3),
    Style("drum and bass", (162, 180), (
        line("kick", "x...|....|..x.|....", "x...|....|..x.|..x.", "x...|..x.|..x.|....", low=0.25),
        line("snare", BACKBEAT, low=0.3),
        line("ghost", "...x|...x|.x..|....", "....|..xx|....|..x.", low=0.5),
        line("hat", EIGHTHS, "x.xx|x.xx|x.xx|x.xx", low=0.15),
        line("ride", "x.x.|x.x.|x.x.|x.x.", low=0.75),
    ), ("r---|----|--r-|----", "r-..|..r-|..r-|o-..", "r---|--r-|f---|----"),
        ("X---|----|----|----", "x...|..x.|....|x...", "..x-|..x-|....|x-x-"), JUNGLE_BAND,
        family="club", kits=("machine", "dusty"), arp=("x.x.|x.x.|x.x.|x.x.", "x..x|..x.|x..x|..x.")),
    Style("reggae", (64, 92), (
        line("kick", "....|x...|....|x...", "x...|x...|x...|x...", low=0.2),
        line("rim", BACKBEAT, low=0.25, high=0.6),
        line("snare", BACKBEAT, low=0.6),
        line("hat", "x.o.|x.o.|x.o.|x.xo", "xoxo|xoxo|xoxo|xoxo", low=0.12),
        line("shaker", SIXTEENTHS, low=0.7),
    ), ("r--r|.-f-|r-..|f-a-", "..r-|r-f-|..r-|a---", "r---|..rf|o---|..a-"),
        ("..x.|..x.|..x.|..x.", "..xx|..x.|..xx|..x."), REGGAE_BAND, kits=("rock", "dusty"), swing=(0.0, 0.2),
        arp=("..x.|x.x.|..x.|x.x.",)),
    Style("ska", (132, 176), (
        line("kick", "x...|....|x...|....", "x...|x...|x...|x...", low=0.2),
        line("snare", BACKBEAT, low=0.25),
        line("hat", EIGHTHS, "..x.|..x.|..x.|..x.", low=0.15),
        line("tambourine", SIXTEENTHS, low=0.75),
    ), ("r---|t---|f---|a---", "r---|r---|f---|f-a-", "r---|f---|o---|a---"),
        ("..x.|..x.|..x.|..x.",), REGGAE_BAND, arp=("..x.|..x.|..x.|..x.",)),
    Style("swing", (124, 200), (
        line("ride", "x..|x.x|x..|x.x", "x..|x.x|x.x|x.x", low=0.15),
        line("hat", "...|x..|...|x..", low=0.2),
        line("kick", "o..|o..|o..|o..", "x..|...|o..|..o", low=0.3),
        line("ghost", "..x|...|..x|...", "...|..x|...|x.x", low=0.45),
        line("snare", "...|...|...|..x", "..x|...|..x|...", low=0.75),
    ), ("r--|t--|f--|a--", "r--|f--|o--|a--", "r--|r--|t--|a--"),
        ("x..|..x|...|...", "..x|...|..x|...", "x--|--.|..x|--."), JAZZ_BAND,
        family="jazz", kits=("jazz", "brush"), sevenths=1.0, arp=(TRIPLETS,)),
    Style("shuffle", (88, 138), (
        line("kick", "x..|...|x.x|...", "x..|..x|x..|...", low=0.2),
        line("snare", "...|x..|...|x..", low=0.28),
        line("hat", TRIPLETS, low=0.12, high=0.7),
        line("ride", TRIPLETS, low=0.7),
    ), ("r-r|t-t|f-f|a-a", "r-r|r-r|f-f|f-f", "r--|t--|f--|a--"),
        ("x-x|x-x|x-x|x-x", "..x|..x|..x|..x", "X--|---|x--|--x"), ROCK_BAND, sevenths=0.8, arp=(TRIPLETS,)),
    Style("ambient", (60, 96), (
        line("kick", "o...|....|o...|....", QUARTERS, low=0.45),
        line("hat", "..o.|..o.|..o.|..o.", "o...|o...|o...|o...", low=0.35),
        line("rim", "....|o...|....|o...", low=0.55),
        line("shaker", "o.o.|o.o.|o.o.|o.o.", low=0.7),
    ), ("r---|----|----|----", "r---|----|r---|----"),
        ("X---|x---|x---|x---", "x---|x---|x---|x---"),
        AMBIENT_BAND,
        kits=("dusty", "machine"), sevenths=0.6, arp=("x-x-|x-x-|x-x-|x-x-",)),
    Style("five-four", (112, 168), (
        line("kick", "x...|..x.|....|x...|....", "x...|....|..x.|x...|....", low=0.2),
        line("snare", "....|....|x...|....|x...", "....|x...|....|....|x...", low=0.3),
        line("hat", "x.o.|x.o.|x.o.|x.o.|x.o.", low=0.12, high=0.7),
        line("ride", "x...|x.x.|x...|x...|x.x.", low=0.7),
    ), ("r---|--f-|--r-|r---|f-a-", "r-r-|r-r-|r-r-|f-f-|a-a-"),
        ("X---|--x-|----|X---|x---", "x-x-|x-x-|x-x-|x-x-|x-x-"), ROCK_BAND, beats=5, sevenths=0.5,
        arp=("x-x-|x-x-|x-x-|x-x-|x-x-",)),
    Style("march", (104, 136), (
        line("kick", "x...|....", "x...|x...", low=0.2),
        line("snare", "..x.|..xx", "....|x.xx", "..x.|..x.", low=0.3),
        line("crash", "x...|....", low=0.88),
        line("rim", "..x.|..x.", low=0.1, high=0.3),
    ), ("r---|f---",), ("..x.|..x.", "x...|x.x."),
        MARCH_BAND, beats=2, family="jazz", kits=("brush",),
        arp=("x-x-|x-x-",)),
)  # fmt: skip
