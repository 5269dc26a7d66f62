"""What a terminal shows of a hearing: complete at any width, with and without colour, and drawn to scale."""

from __future__ import annotations

import io
from typing import Any, cast

import numpy as np
import pytest
from conftest import ROOT
from rich.cells import cell_len
from rich.console import Console

from livemaster.analysis.analyse import Analysis, HeardSection
from livemaster.analysis.emotion import EmotionCurve, emotion_name
from livemaster.analysis.fingerprint import DIMENSIONS
from livemaster.analysis.recording import Candidate, RecordingType
from livemaster.analysis.tempo import Tempo
from livemaster.mastering.analysis_job import Hearing
from livemaster.mastering.mix_facts import Facts
from livemaster.metering import Measurement
from livemaster.report.fingerprint import GROUPS, dimension_table
from livemaster.report.hearing import heard_in_a_line, show_hearing
from livemaster.report.strip import COLOURS, CURVE_ROWS, MARGIN, draw_track, fitted

DURATION_S = 200.0
EDGES_S = (0.0, 20.0, 60.0, 100.0, 104.0, 180.0, 200.0)
NAMES = ("Intro", "Verse 1", "Chorus 12", "Break", "Chorus 13", "Outro [live]")
FINGERPRINT = {each.name: min(max(0.25 * (k + 1), each.low), each.high) for k, each in enumerate(DIMENSIONS)}


def curve(intensity: list[float]) -> EmotionCurve:
    values, valence = np.array(intensity), np.linspace(-1.0, 1.0, len(intensity))
    names = tuple(emotion_name(i, v) for i, v in zip(values.tolist(), valence.tolist(), strict=True))
    return EmotionCurve(np.linspace(0.0, DURATION_S, len(intensity)), values, valence, names)


SECTIONS = tuple(
    HeardSection(name, start, end, emotion, 0.1 * k, 0.2 * k - 0.5, 0.5 + 0.05 * k)
    for k, (name, start, end, emotion) in enumerate(zip(NAMES, EDGES_S, EDGES_S[1:], COLOURS, strict=False))
)


def analysis(**changes: Any) -> Analysis:
    candidates = (
        Candidate("studio_legacy", "studio", 0.75, 0.7),
        Candidate("metal", "metal", 0.5, 0.25),
        Candidate("unknown", "unknown", 0.4, 0.045),
        Candidate("bootleg", "bootleg", 0.2, 0.005),
    )
    values: dict[str, Any] = {
        "fingerprint": FINGERPRINT,
        "recording": RecordingType(
            "studio", "studio_legacy", 0.75, 0.81, candidates, ("the centroid is 690 Hz", "and so on " * 20)
        ),
        "tempo": Tempo(128.0, 0.93, np.arange(400) * 60.0 / 128.0, 3, np.arange(0, 400, 3), 0.98),
        "sections": SECTIONS,
        "emotion": curve([0.0, 0.5, 1.0, 0.5]),
        "spectrum": cast("Any", None),
        "left_out": ("loudness range: not told for the test's sake",),
    }
    return Analysis(**(values | changes))


def hearing(found: Analysis | None) -> Hearing:
    measured = Measurement(-14.2, 6.1, -9.0, -10.0, -0.8, -1.0, DURATION_S, 48_000, 2)
    return Hearing("a [bold] :smile: song.wav", Facts(measured, np.zeros(2000), None, 0, 0, found))


def console(width: int, *, colour: bool = False, encoding: str = "utf-8") -> tuple[Console, io.BytesIO]:
    data = io.BytesIO()
    file = io.TextIOWrapper(data, encoding, errors="backslashreplace", write_through=True)
    how = {"force_terminal": True, "color_system": "truecolor"} if colour else {}
    return Console(file=file, width=width, highlight=False, markup=False, emoji=False, **cast("Any", how)), data


def view(width: int, **how: Any) -> str:
    screen, data = console(width, **how)
    show_hearing(screen, hearing(analysis()))
    return data.getvalue().decode()


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [72, 80, 100, 140, 200])
def test_the_view_is_complete_at_any_width(width):
    text = view(width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    for part in (
        "a [bold] :smile: song.wav",
        "3:20, 48000 Hz, stereo",
        "−14.2 LUFS, range 6.1 LU, true peak −0.80 dBTP",
        "studio (studio_legacy), 81 % sure; next: metal 16 %, unknown 3 %",
        "the centroid is 690 Hz",
        "128.0 bpm, 3 beats to the bar, 93 % sure",
        "left out: loudness range: not told for the test's sake",
        *(f"{each.section} {each.emotion}" for each in SECTIONS),
        *FINGERPRINT,
        *GROUPS,
    ):
        assert part in words(text)
    assert "\x1b" not in text


def test_the_values_bear_their_units():
    text = words(view(80))
    for part in ("lufs 2.0 LUFS", "crest_db 2.2 dB", "spectral_centroid 4 Hz", "transient_density 3.25 1/s"):
        assert part in text


@pytest.mark.parametrize("width", [72, 80, 140])
def test_colours_change_no_letter_but_the_swatches(width):
    plain = view(width)
    coloured = "".join(part.partition("m")[2] for part in ("m" + view(width, colour=True)).split("\x1b["))
    swatched = [line for line in coloured.splitlines() if "■" in line]
    assert "■ calm" in swatched[0], "the legend"
    assert len(swatched) == 1 + len(SECTIONS)
    unlike = {line.rstrip() for line in coloured.splitlines()} - {line.rstrip() for line in plain.splitlines()}
    assert all("■" in line or line.split()[:2] == ["section", "emotion"] for line in unlike)


def test_no_colour_is_respected(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    screen, data = console(80, colour=True)
    show_hearing(screen, hearing(analysis()))
    text = data.getvalue().decode()
    assert "38;2" not in text
    assert "■" not in text, "a swatch says nothing then"


def test_a_terminal_that_knows_only_ascii_gets_a_drawing_too():
    screen, _ = console(80, encoding="ascii")
    lines = [line.plain for line in draw_track(screen, DURATION_S, SECTIONS, analysis().emotion)]
    assert all(line.isascii() and len(line) <= 80 for line in lines)
    assert "|Verse 1" in "".join(lines)
    assert "#" in lines[1]


@pytest.mark.parametrize("width", [40, 80, 123])
def test_blocks_and_times_stand_where_they_belong(width):
    screen, _ = console(width)
    lines = [line.plain for line in draw_track(screen, DURATION_S, SECTIONS, analysis().emotion)]
    columns = width - MARGIN
    *_, ruler, names, emotions = lines
    places = [MARGIN + round(edge / DURATION_S * columns) for edge in EDGES_S[:-1]]
    assert [k for k, letter in enumerate(names) if letter == "▏"] == sorted(set(places))
    assert [k for k, letter in enumerate(emotions) if letter == "▏"] == sorted(set(places))
    assert len(names) == len(emotions) == width
    for k, letter in enumerate(ruler):
        if letter == "▏":
            minutes, seconds = ruler[k + 1 :].split("▏")[0].strip().split(":")
            assert k == MARGIN + round((60 * int(minutes) + int(seconds)) / DURATION_S * columns)
    assert ruler.count("▏") >= 2


@pytest.mark.parametrize(("intensity", "rows"), [(0.0, "   ▁"), (0.25, "   █"), (0.5, "  ██"), (1.0, "████")])
def test_the_curve_is_drawn_to_scale(intensity, rows):
    screen, _ = console(80)
    lines = [line.plain for line in draw_track(screen, DURATION_S, SECTIONS, curve([intensity] * 9))]
    drawn = lines[1 : 1 + CURVE_ROWS]
    assert [line[MARGIN:] for line in drawn] == [letter * (80 - MARGIN) for letter in rows]
    assert (drawn[0][:MARGIN], drawn[-1][:MARGIN]) == ("1.0 ", "0.0 ")


@pytest.mark.parametrize("seconds", [0.5, 1.0, 59.0, 3600.0, 12 * 3600.0])
@pytest.mark.parametrize("width", [5, 20, 80])
def test_any_length_can_be_drawn(seconds, width):
    screen, _ = console(width)
    whole = (HeardSection("A", 0.0, seconds, "calm", 0.1, 0.1, 1.0),)
    points = EmotionCurve(np.zeros(1), np.array([0.1]), np.array([0.1]), ("calm",))
    lines = [line.plain for line in draw_track(screen, seconds, whole, points)]
    assert all(len(line) == width for line in lines[1 : 1 + CURVE_ROWS])
    assert all(len(line) <= width for line in lines[2:])


@pytest.mark.parametrize(
    ("name", "columns", "shown"),
    [
        ("Chorus 12", 9, "Chorus 12"),
        ("Chorus 12", 8, "Chorus12"),
        ("Chorus 12", 3, "C12"),
        ("Chorus 12", 2, ""),
        ("Bridge", 3, "Bri"),
        ("Bridge", 0, ""),
        ("Final part", 5, "Final"),
    ],
)
def test_a_name_is_fitted_into_its_block(name, columns, shown):
    assert fitted(name, columns) == shown


def test_what_was_heard_in_a_line():
    wanted = "heard: studio (studio_legacy), 81 % sure; 128.0 bpm, 3 beats to the bar, 93 % sure; 6 sections"
    assert heard_in_a_line(analysis()) == wanted
    beatless = Tempo(None, 0.0, np.zeros(0), 4, np.zeros(0, np.int64), 0.0)
    assert heard_in_a_line(analysis(tempo=beatless, sections=SECTIONS[:1])).endswith("; no beat; one section")


def test_silence_has_nothing_drawn():
    screen, data = console(80)
    show_hearing(screen, hearing(None))
    text = words(data.getvalue().decode())
    assert "the file is silent, nothing in it passes -70 LUFS" in text
    assert "recording" in text.partition("left out")[2]
    assert "▏" not in text


def test_every_dimension_stands_in_one_group():
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(each.name for each in DIMENSIONS)


def test_the_readme_holds_the_table_of_dimensions():
    """To renew it: python -c "from livemaster.report.fingerprint import dimension_table as table; print(table())"."""
    assert dimension_table() in (ROOT / "docs" / "analyzing.md").read_text("utf-8")
