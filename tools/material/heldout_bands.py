"""Who plays in the held-out songs: for each role the instruments from which one is drawn."""

from __future__ import annotations

Band = dict[str, tuple[str, ...]]

SINGERS = ("singer", "flute", "violin", "saxophone")
POP_PADS = ("strings", "warm pad", "drawbar organ", "choir")
SYNTH_PADS = ("warm pad", "glass pad", "choir", "super saw")

ROCK_BAND = {
    "bass": ("pick bass",),
    "comp": ("crunch", "clean guitar", "steel", "drawbar organ"),
    "pad": POP_PADS,
    "arp": ("clean guitar", "piano", "steel"),
    "lead": ("singer", "singer", "lead guitar"),
    "counter": ("lead guitar", "violin", "square lead"),
}
CLUB_BAND = {
    "bass": ("fm bass", "sub bass", "reese bass"),
    "comp": ("stab", "tine piano", "super saw", "drawbar organ"),
    "pad": SYNTH_PADS,
    "arp": ("sequence", "bell", "marimba"),
    "lead": ("square lead", "singer", "super saw"),
    "counter": ("bell", "flute", "sequence"),
}
JAZZ_BAND = {
    "bass": ("upright bass",),
    "comp": ("piano", "electric piano", "clean guitar"),
    "pad": ("brass", "strings", "drawbar organ"),
    "arp": ("vibes", "piano"),
    "lead": ("saxophone", "clarinet", "singer", "vibes"),
    "counter": ("brass", "violin", "flute"),
}
SOFT_BAND = {
    "bass": ("upright bass", "pick bass"),
    "comp": ("piano", "electric piano", "nylon"),
    "pad": ("strings", "choir", "warm pad", "pipe organ"),
    "arp": ("piano", "harp", "nylon", "tine piano"),
    "lead": SINGERS,
    "counter": ("violin", "flute", "clarinet"),
}
FOLK_BAND = SOFT_BAND | {
    "comp": ("steel", "nylon", "banjo"),
    "arp": ("steel", "nylon", "banjo"),
    "pad": ("accordion", "strings"),
}
URBAN_BAND = CLUB_BAND | {"bass": ("sub bass", "fm bass"), "comp": ("electric piano", "tine piano", "piano", "harp")}
REGGAE_BAND = ROCK_BAND | {
    "bass": ("sub bass", "pick bass"),
    "comp": ("clean guitar", "drawbar organ", "clavinet"),
    "counter": ("brass",),
}
LATIN_BAND = JAZZ_BAND | {
    "comp": ("nylon", "piano"),
    "arp": ("marimba", "nylon"),
    "pad": ("brass", "strings", "accordion"),
}
FUNK_BAND = ROCK_BAND | {
    "comp": ("clavinet", "clean guitar", "electric piano"),
    "pad": ("brass", "strings", "drawbar organ"),
    "counter": ("brass",),
}
SOUL_BAND = SOFT_BAND | {
    "comp": ("piano", "drawbar organ", "electric piano"),
    "lead": ("singer",),
    "counter": ("brass", "saxophone"),
}
METAL_BAND = ROCK_BAND | {"comp": ("crunch",), "lead": ("lead guitar", "singer"), "pad": ("choir", "strings")}
PUNK_BAND = ROCK_BAND | {"comp": ("crunch", "crunch", "clean guitar"), "lead": ("singer",)}
JUNGLE_BAND = CLUB_BAND | {"bass": ("reese bass", "sub bass")}
AMBIENT_BAND = CLUB_BAND | {
    "bass": ("sub bass",),
    "comp": ("bell", "tine piano", "harp", "vibes"),
    "lead": ("flute", "choir", "violin"),
}
MARCH_BAND = LATIN_BAND | {
    "bass": ("tuba",),
    "comp": ("brass", "accordion"),
    "lead": ("clarinet", "brass", "flute"),
}
