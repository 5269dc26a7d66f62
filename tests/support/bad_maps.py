"""Maps, settings and JSON with something wrong in them, each with how the message about it begins."""

from __future__ import annotations

from typing import Any

SECTIONS = [{"section": "A", "start": 0, "end": 1}, {"section": "B", "start": 1, "end": 2}]
POINTS = [{"time": 0, "emotion": "calm", "intensity": 0.2}, {"time": 2, "emotion": "powerful", "intensity": 0.9}]


def arrangement(*sections: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"structure": list(sections), **more}


def section(name: str = "A", **more: Any) -> dict[str, Any]:
    return {"section": name, **more}


BAD_ARRANGEMENTS: dict[str, tuple[Any, str]] = {
    "overlapping": (
        arrangement(section("A", start=0, end=1.5), section("B", start=1, end=2)),
        "structure[1] 'B' starts at 1 s, but 'A' ends at 1.5 s: sections must not overlap",
    ),
    "unordered": (
        arrangement(section("A", start=1, end=2), section("B", start=0, end=1)),
        "structure[1] 'B' starts at 0 s, before the one in front (1 s): sections must be in order",
    ),
    "negative": (arrangement(section(start=-1, end=1)), "structure[0].start is -1, allowed are 0 to 86400 s"),
    "negative length": (arrangement(section(duration=-1)), "structure[0].duration is -1, allowed are 0 to 86400 s"),
    "no length": (
        arrangement(section(start=1, end=1)),
        "structure[0] 'A' starts at 1 s and ends at 1 s, it must end later than it starts",
    ),
    "past the end": (
        arrangement(section("A", start=0, end=9)),
        "structure[0] 'A' ends at 9 s, allowed are up to 1 s after the track's end at 2.00 s",
    ),
    "after the end": (
        arrangement(section("A", start=0, end=1), section("B", start=3, end=4)),
        "structure[1] 'B' starts at 3 s, but the track ends at 2.00 s",
    ),
    "energy": (arrangement(section(energy=1.5)), "structure[0].energy is 1.5, allowed are 0 to 1"),
    "no sections": (arrangement(), "structure has 0 entries, allowed are at least 1"),
    "no structure": ({}, "structure is missing"),
    "nameless": (arrangement({"start": 0}), "structure[0].section is missing"),
    "unknown key": (arrangement(section(begin=0)), 'structure[0]: unknown key "begin"; known are bars, '),
    "misspelled key": (arrangement(section(), structur=1), "unknown key \"structur\", did you mean 'structure'?"),
    "text for a time": (arrangement(section(start="0:10")), 'structure[0].start is "0:10", a number is wanted'),
    "a list": ([section()], 'the file is [{"section": "A"}], an object is wanted'),
}

BAD_EMOTIONS: dict[str, tuple[Any, str]] = {
    "no points": ({"curve": []}, "curve has 0 entries, allowed are at least 1"),
    "no curve": ({"bpm": 120}, "curve is missing"),
    "intensity": (
        {"curve": [{"emotion": "calm", "intensity": 1.01}]},
        "curve[0].intensity is 1.01, allowed are 0 to 1",
    ),
    "negative": ({"curve": [{"emotion": "calm", "intensity": -0.1}]}, "curve[0].intensity is -0.1, allowed are 0 to 1"),
    "negative time": ({"curve": [{"time": -1, "emotion": "calm"}]}, "curve[0].time is -1, allowed are 0 to 86400 s"),
    "unordered": (
        {"curve": [POINTS[1], POINTS[0]]},
        "curve[1].time is 0, but the point before is at 2 s: points must be in order",
    ),
    "half timed": (
        {"curve": [POINTS[0], {"emotion": "calm"}]},
        "curve[1] has no time, but curve[0] has one: allowed are times for all points or for none",
    ),
    "unknown emotion": (
        {"curve": [{"emotion": "hangry"}]},
        "curve[0] has no intensity, which only these emotions allow: ",
    ),
    "unknown key": (
        {"curve": [{"emotion": "calm", "intensty": 1}]},
        "curve[0]: unknown key \"intensty\", did you mean 'intensity'?",
    ),
    "a number": (7, "the file is 7, an object is wanted"),
}


def settings(global_: dict[str, Any] | None = None, **of_section: Any) -> dict[str, Any]:
    return {"global": global_ or {}, "sections": [section(**of_section)]}


BAD_SETTINGS: dict[str, tuple[Any, str]] = {
    "eq": (settings(eq={"low": 40}), "sections[0].eq.low is 40, allowed are -12 to 12 dB"),
    "ratio": (settings(compression=0.5), "sections[0].compression is 0.5, allowed are 1 to 20 : 1"),
    "saturation": (settings(saturation=-0.1), "sections[0].saturation is -0.1, allowed are 0 to 1"),
    "lufs": (settings(lufs=3), "sections[0].lufs is 3, allowed are -70 to 0 LUFS"),
    "intensity": (settings(intensity=2), "sections[0].intensity is 2, allowed are 0 to 1"),
    "target": (settings({"target_lufs": 0}), "global.target_lufs is 0, allowed are -40 to -4 LUFS"),
    "ceiling": (settings({"true_peak_db": 1}), "global.true_peak_db is 1, allowed are -12 to 0 dBTP"),
    "width": (settings({"stereo_width": 3}), "global.stereo_width is 3, allowed are 0 to 2"),
    "curve": (
        settings({"eq_curve": "warm"}),
        "global.eq_curve is an unknown curve 'warm': did you mean 'warm_cinematic'? known are ",
    ),
    "chain": (settings({"chain": "defualt"}), "unknown chain 'defualt': did you mean 'default'? known are "),
    "amount": (settings({"amounts": {"eq": 1.5}}), "global.amounts.eq is 1.5, allowed are 0 to 1"),
    "reactivity": (settings({"reactivity": 1.6}), "global.reactivity is 1.6, allowed are 0 to 1.5"),
    "version": ({"schema_version": 2}, "schema_version is 2, allowed are 1"),
    "unknown key": (settings({"target_luf": -10}), "global: unknown key \"target_luf\", did you mean 'target_lufs'?"),
    "overlapping": (
        {"sections": [section("A", start=0, end=1.5), section("B", start=1, end=2)]},
        "sections[1] 'B' starts at 1 s, but 'A' ends at 1.5 s: sections must not overlap",
    ),
    "backward": ({"sections": [section(start=1, end=0.5)]}, "sections[0]: ends at 0.5 s, but starts at 1 s"),
    "past the end": ({"sections": [section(start=0, end=60)]}, "sections[0] 'A' ends at 60 s, allowed are up to "),
    "too many": ({"sections": [section()] * 300}, "sections has 300 entries, allowed are at most 256"),
}

UNSAFE_JSON: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty, JSON is wanted"),
    "blank": (b"  \n", "the file is empty, JSON is wanted"),
    "cut": (b'{"curve": [', "line 1, column 12: "),
    "binary": (b"\xff\xfe\0{", "not UTF-8 text (byte 0)"),
    "NaN": (
        b'{"curve": [{"emotion": "calm", "intensity": NaN}]}',
        "line 1, column 45: NaN is not a number that JSON allows",
    ),
    "infinity": (b'{"bpm": -Infinity}', "line 1, column 9: -Infinity is not a number that JSON allows"),
    "overflow": (b'{"bpm": 1e999}', 'the number "1e999" is too large'),
    "digits": (b'{"bpm": ' + b"9" * 5000 + b"}", "an integer of 5000 digits, allowed are up to 18"),
    "twice": (b'{"bpm": 1, "bpm": 2}', 'the key "bpm" stands twice in one object'),
    "arrays": (b"[" * 100_000, "line 1, column 33: nested deeper than the 32 levels allowed"),
    "objects": (b'{"a":' * 100_000, "line 1, column 161: nested deeper than the 32 levels allowed"),
    "closed arrays": (b"[" * 100_000 + b"]" * 100_000, "line 1, column 33: nested deeper than the 32 levels allowed"),
    "huge": (b'{"bpm": 120' + b" " * 100_000_000 + b"}", "100.0 MB of JSON, allowed are up to 2 MB"),
}


BAD_DOCUMENTS = {"arrangement": BAD_ARRANGEMENTS, "emotion": BAD_EMOTIONS, "settings": BAD_SETTINGS}
"""Option → case → contents of the file, and how the message goes on after the file's name."""
