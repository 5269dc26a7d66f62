"""A whole render does what its plan says: loudness, contrast, tone, and the ceiling on the file as written."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

import needs
import numpy as np
import pieces
import pytest
import soundfile as sf
from conftest import DemoSong

import livemaster
from livemaster import RenderReport
from livemaster.documents import preset_names
from livemaster.engine import Engine
from livemaster.errors import RenderError
from livemaster.mastering import render as rendering
from livemaster.metering import Meter

SAMPLE = {
    "global": {
        "target_lufs": -10,
        "true_peak_db": -1.0,
        "eq_curve": "warm_cinematic",
        "compressor_ratio": 2.5,
        "stereo_width": 1.1,
    },
    "sections": [
        {
            "section": "Intro",
            "emotion": "calm",
            "lufs": -14,
            "eq": {"low": -1.5, "mid": 0.0, "high": 1.0},
            "compression": 1.8,
            "saturation": 0.1,
        }
    ],
}
"""The file of another tool, with nothing more than that tool writes."""


class Master(NamedTuple):
    """A finished master, its report, and its samples as read from the file."""

    report: RenderReport
    path: Path
    audio: pieces.Sound
    rate_hz: int

    def section_lufs(self) -> list[float]:
        """Loudness of each section of the file, cut out of it."""
        return cut_lufs(self.audio, self.rate_hz, [(s.start, s.end) for s in self.report.sections])

    @property
    def lufs(self) -> float:
        return pieces.lufs(self.audio, self.rate_hz)


def cut_lufs(x: pieces.Sound, rate_hz: int, places: list[tuple[float, float]]) -> list[float]:
    return [pieces.lufs(x[:, round(a * rate_hz) : round(b * rate_hz)], rate_hz) for a, b in places]


def master(source: Path, name: str = "master.wav", **wishes: Any) -> Master:
    """Render, and check what holds for every render: length, channels, the ceiling, and an honest report."""
    path = source.parent / name
    report = livemaster.render(source, path, force=True, **wishes)
    audio, rate_hz = pieces.read(path)
    info = sf.info(source)
    assert rate_hz == wishes.get("sample_rate_hz", info.samplerate)
    assert audio.shape == (info.channels, round(info.frames * rate_hz / info.samplerate))
    peaks = pieces.true_peaks_dbtp(audio)
    assert max(peaks) <= report.ceiling_dbtp + pieces.PEAK_TOLERANCE_DB
    assert report.output.integrated_lufs == pytest.approx(pieces.lufs(audio, rate_hz), abs=0.01)
    assert report.output.true_peak_dbtp == pytest.approx(peaks[0], abs=0.1)
    if report.reached and wishes.get("amount", 1.0):
        assert report.output.integrated_lufs == pytest.approx(report.target_lufs, abs=pieces.LOUDNESS_TOLERANCE_LU)
    return Master(report, path, audio, rate_hz)


def contrast_error(found: list[float], wanted: list[float]) -> float:
    """The largest difference between found and wanted contrast of any two sections."""
    pairs = combinations(range(len(found)), 2)
    return max(abs((found[i] - found[j]) - (wanted[i] - wanted[j])) for i, j in pairs)


def band_db(x: pieces.Sound, rate_hz: int, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies."""
    power = (np.abs(np.fft.rfft(x.astype(np.float64))) ** 2).sum(axis=0)
    hz = np.fft.rfftfreq(x.shape[1], 1.0 / rate_hz)
    return float(10.0 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].sum()))


# -- the demo song with its maps -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def demo(demo_song: DemoSong, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo song as a file, its maps beside it."""
    folder = tmp_path_factory.mktemp("demo")
    pieces.write_json(folder / "arrangement.json", demo_song.arrangement)
    pieces.write_json(folder / "emotion.json", demo_song.emotion_graph)
    return pieces.write(folder / "song.wav", demo_song.audio, demo_song.rate_hz)


@functools.cache
def with_maps(demo: Path, **wishes: Any) -> Master:
    """A master of the demo song, made once for each set of wishes."""
    maps = {"arrangement": demo.with_name("arrangement.json"), "emotion": demo.with_name("emotion.json")}
    return master(demo, **maps, **wishes)


def own_lufs(demo: Path, made: Master) -> list[float]:
    x, rate_hz = pieces.read(demo)
    return cut_lufs(x, rate_hz, [(s.start, s.end) for s in made.report.sections])


def written_lufs(made: Master) -> list[float]:
    """What the plan's file says of each section, which at reactivity 1 and dynamics 0 is the planned contrast."""
    return [section["lufs"] for section in made.report.settings["sections"]]


@pytest.mark.parametrize("mode", preset_names("mode"))
def test_the_demo_song_keeps_the_planned_contrast_in_every_mode(demo, mode):
    made = with_maps(demo, mode=mode)
    assert made.report.reached
    assert len(made.report.sections) == 7
    found = made.section_lufs()
    assert contrast_error(found, written_lufs(made)) <= pieces.CONTRAST_TOLERANCE_LU
    assert contrast_error(found, [s.planned_lufs for s in made.report.sections]) <= pieces.CONTRAST_TOLERANCE_LU
    assert [s.output_lufs for s in made.report.sections] == pytest.approx(found, abs=0.05)
    assert [s.input_lufs for s in made.report.sections] == pytest.approx(own_lufs(demo, made), abs=0.05)


def felt_lufs(demo_song: DemoSong) -> np.ndarray:
    """lufs = round(−14 + 6i, 1), intensity averaged over each section, computed here once more."""
    points = demo_song.emotion_graph["curve"]
    times, intensities = [p["time"] for p in points], [p["intensity"] for p in points]
    found = []
    for entry in demo_song.arrangement["structure"]:
        t = np.linspace(entry["start"], entry["end"], 4001)
        found.append(round(-14 + 6 * float(np.interp(t, times, intensities).mean()), 1))
    return np.array(found)


@pytest.mark.parametrize(("reactivity", "share"), [(0.0, 0.0), (0.5, 0.125), (1.0, 0.25), (1.5, 0.75)])
def test_the_demo_song_keeps_its_contrast_and_its_emotion_adds_to_it(demo, demo_song, reactivity, share):
    """It has more contrast than the formula asks for, so a quarter of that is added at 1."""
    made = with_maps(demo, reactivity=reactivity)
    assert made.report.reached
    wanted = np.array(own_lufs(demo, made)) + share * felt_lufs(demo_song)
    assert contrast_error(made.section_lufs(), list(wanted)) <= pieces.CONTRAST_TOLERANCE_LU


@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_dynamics_stretches_the_contrast_by_a_fifth(demo, value):
    made = with_maps(demo, dynamics=value)
    wanted = np.array(written_lufs(made)) * (1.0 + 0.2 * value)
    assert made.report.reached
    assert contrast_error(made.section_lufs(), list(wanted)) <= pieces.CONTRAST_TOLERANCE_LU


def test_sections_of_one_loudness_get_the_formulas_contrast(tmp_path):
    """In mode cinematic at reactivity 1; noise, so that they are equally loud for any meter."""
    mix = pieces.write(tmp_path / "flat.wav", pieces.piece(24.0))
    structure = [{"section": name, "duration": 8.0} for name in ("A", "B", "C")]
    curve = [
        {"time": 8.0 * k + at, "emotion": "felt", "intensity": i}
        for k, i in enumerate((0.1, 0.9, 0.5))
        for at in (0, 8)
    ]
    made = master(
        mix,
        arrangement=pieces.write_json(tmp_path / "a.json", {"structure": structure}),
        emotion=pieces.write_json(tmp_path / "e.json", {"curve": curve}),
    )
    assert contrast_error(made.section_lufs(), [-13.4, -8.6, -11.0]) <= pieces.CONTRAST_TOLERANCE_LU


# -- settings files --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine seconds in three parts of different level."""
    return pieces.write(tmp_path_factory.mktemp("mix") / "mix.wav", pieces.piece(9.0, levels_db=(-6.0, 0.0, -3.0)))


def test_the_sample_file_renders_as_it_stands(mix):
    made = master(mix, settings=pieces.write_json(mix.with_name("sample.json"), SAMPLE))
    assert made.report.reached
    assert (made.report.target_lufs, made.report.ceiling_dbtp) == (-10.0, -1.0)
    assert [(s.section, s.emotion, s.start, s.end) for s in made.report.sections] == [("Intro", "calm", 0.0, 9.0)]
    (section,) = made.report.settings["sections"]
    assert {key: section[key] for key in SAMPLE["sections"][0]} == SAMPLE["sections"][0]
    assert {key: made.report.settings["global"][key] for key in SAMPLE["global"]} == SAMPLE["global"]


def three_sections() -> dict[str, Any]:
    first = SAMPLE["sections"][0]
    verse = first | {"section": "Verse", "emotion": "reflective", "lufs": -11.0, "compression": 2.5, "saturation": 0.25}
    chorus = first | {"section": "Chorus", "emotion": "powerful", "lufs": -9.5, "compression": 3.0, "saturation": 0.4}
    return SAMPLE | {"sections": [first, verse, chorus]}


def test_sections_without_times_are_equal_parts(mix):
    made = master(mix, settings=pieces.write_json(mix.with_name("three.json"), three_sections()))
    assert made.report.reached
    assert [(s.start, s.end) for s in made.report.sections] == [(0.0, 3.0), (3.0, 6.0), (6.0, 9.0)]
    assert contrast_error(made.section_lufs(), [-14.0, -11.0, -9.5]) <= pieces.CONTRAST_TOLERANCE_LU


def test_the_files_own_target_holds_unless_another_is_asked_for(mix):
    settings = pieces.write_json(mix.with_name("own.json"), SAMPLE)
    assert master(mix, settings=settings).report.target_lufs == -10.0
    assert master(mix, settings=settings, platform="youtube").report.target_lufs == -13.0
    assert master(mix, settings=settings, target_lufs=-16.0).report.target_lufs == -16.0


@pytest.fixture(scope="module")
def maps(mix: Path) -> dict[str, Path]:
    """Maps for `mix`: three sections, growing intensity."""
    structure = [{"section": name, "duration": 3.0} for name in ("Intro", "Verse", "Chorus")]
    curve = [{"time": 0.0, "emotion": "calm", "intensity": 0.2}, {"time": 9.0, "emotion": "powerful", "intensity": 0.8}]
    return {
        "arrangement": pieces.write_json(mix.with_name("arrangement.json"), {"structure": structure}),
        "emotion": pieces.write_json(mix.with_name("emotion.json"), {"curve": curve}),
    }


def test_a_plan_rendered_is_the_direct_render_bit_for_bit(mix, maps):
    for wishes in ({}, {"mode": "radio_loud", "reactivity": 0.7, "dynamics": 0.5, "bass": 1.0, "platform": "club"}):
        direct = master(mix, "direct.wav", **maps, **wishes)
        plan = mix.with_name("plan.json")
        livemaster.plan(mix, plan, **maps, **wishes, force=True)
        planned = master(mix, "planned.wav", settings=plan)
        assert planned.path.read_bytes() == direct.path.read_bytes()
        assert planned.report.settings["sections"] == direct.report.settings["sections"]


def test_a_plan_edited_by_hand_renders_as_edited(mix, maps):
    plan = mix.with_name("edit.json")
    livemaster.plan(mix, plan, **maps, force=True, target_lufs=-18.0)
    before = master(mix, "before.wav", settings=plan)
    document = json.loads(plan.read_text("utf-8"))
    document["sections"][1]["eq"]["high"] -= 4.0
    document["sections"][1]["lufs"] -= 3.0
    after = master(mix, "after.wav", settings=pieces.write_json(plan, document))
    assert after.report.settings["sections"][1]["eq"] == document["sections"][1]["eq"]
    changes = [b - a for a, b in zip(before.section_lufs(), after.section_lufs(), strict=True)]
    assert changes[1] - changes[0] == pytest.approx(-3.0, abs=pieces.CONTRAST_TOLERANCE_LU)
    assert changes[2] - changes[0] == pytest.approx(0.0, abs=pieces.CONTRAST_TOLERANCE_LU)
    brighter = []  # more treble would meet the range of the bands
    for first in (0, 3, 6):
        inside = slice(int((first + 0.5) * 44_100), int((first + 2.5) * 44_100))
        tilts = [
            band_db(x[:, inside], 44_100, 12e3, 16e3) - band_db(x[:, inside], 44_100, 200, 800)
            for x in (before.audio, after.audio)
        ]
        brighter.append(tilts[1] - tilts[0])
    assert brighter == pytest.approx([0.0, -4.0, 0.0], abs=0.5)


@pytest.mark.parametrize("suffix", ["wav", "aiff", "flac", "mp3", "ogg"])
def test_two_renders_give_the_same_bytes(mix, maps, suffix):
    first, again = mix.with_name(f"first.{suffix}"), mix.with_name(f"again.{suffix}")
    for path in (first, again):
        livemaster.render(mix, path, **maps)
    np.testing.assert_array_equal(pieces.read(first)[0], pieces.read(again)[0])
    if suffix != "ogg":  # libsndfile gives every Ogg stream a random serial number
        assert first.read_bytes() == again.read_bytes()


# -- what the wishes do ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six seconds, one section."""
    return pieces.write(tmp_path_factory.mktemp("short") / "short.wav", pieces.piece(6.0))


@pytest.mark.parametrize("mode", preset_names("mode"))
@pytest.mark.parametrize("channels", [1, 2])
def test_amount_0_returns_the_mix_bit_for_bit(tmp_path, mode, channels):
    x = pieces.piece(3.0, channels=channels)
    source = pieces.write(tmp_path / "mix.wav", x, subtype="FLOAT")
    for wishes in ({}, {"platform": "club", "dynamics": 1.0}, {"chain": "stock"}):
        made = master(source, amount=0.0, mode=mode, bit_depth=32, **wishes)
        np.testing.assert_array_equal(made.audio, x)
        assert made.report.reached


def test_amount_0_with_maps_and_24_bits_returns_the_mix(mix, maps):
    np.testing.assert_array_equal(master(mix, amount=0.0, **maps).audio, pieces.read(mix)[0])


def test_amount_0_with_peaks_above_the_ceiling_says_by_what_it_misses(tmp_path):
    """Limited by more than 0.1 LU: the mix's own loudness is not reached, and no «reached» says so."""
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(peak=0.99))
    made = master(source, amount=0.0, ceiling_dbtp=-6.0)
    missed_lu = made.report.target_lufs - made.lufs
    assert missed_lu > 0.1
    assert not made.report.reached
    assert any(note.startswith(f"missed by {missed_lu:+.2f} LU") for note in made.report.notes)


def test_amount_goes_part_of_the_way(short):
    x, rate_hz = pieces.read(short)
    own = pieces.lufs(x, rate_hz)
    for wishes in ({"amount": 0.5}, {"amount_loudness": 0.5}):
        made = master(short, **wishes)
        assert made.lufs == pytest.approx((own - 14.0) / 2.0, abs=pieces.LOUDNESS_TOLERANCE_LU)


def test_every_stage_at_amount_0_but_loudness_is_one_gain(short):
    """And a limiter that idles adds nothing to it."""
    stages = dict.fromkeys(("amount_eq", "amount_compression", "amount_saturation", "amount_width"), 0.0)
    made = master(short, target_lufs=-20.0, bit_depth=32, **stages)
    x = pieces.read(short)[0].astype(np.float64)
    gain = float((made.audio * x).sum() / (x * x).sum())
    assert 20 * np.log10(gain) == pytest.approx(-20.0 - pieces.lufs(pieces.read(short)[0], 44_100), abs=0.05)
    assert np.abs(made.audio - gain * x).max() < 1e-6


def test_trims_move_their_band_and_width_the_sides(short):
    neutral = master(short, detect=False, target_lufs=-20.0)
    bands = {"bass": (40.0, 60.0), "mid": (900.0, 1100.0), "treble": (12e3, 16e3)}

    def levels(made: Master) -> dict[str, float]:
        return {name: band_db(made.audio, 44_100, *edges) for name, edges in bands.items()}

    still = levels(neutral)
    for name, other in (("bass", "treble"), ("mid", "treble"), ("treble", "bass")):
        for db in (3.0, -3.0):
            moved = levels(master(short, detect=False, target_lufs=-20.0, **{name: db}))
            change = (moved[name] - still[name]) - (moved[other] - still[other])
            assert change == pytest.approx(db, abs=1.0), (name, db)
    sides = []
    for width in (0.0, -1.0, 0.5):
        x = master(short, detect=False, target_lufs=-20.0, width=width, amount_saturation=0.0).audio.astype(np.float64)
        sides.append(10 * np.log10(((x[0] - x[1]) ** 2).sum() / ((x[0] + x[1]) ** 2).sum()))
    assert sides[1] - sides[0] == pytest.approx(20 * np.log10(0.1 / 1.1), abs=0.3)
    assert sides[2] - sides[0] == pytest.approx(20 * np.log10(1.6 / 1.1), abs=0.3)


@pytest.mark.parametrize(("name", "punchier_lu"), [("lofi", 1.0), ("cinematic", 0.3)])
def test_dynamics_goes_from_compressed_to_punchy(tmp_path, name, punchier_lu):
    """Within one section, at equal loudness and with an idle limiter, loud and quiet stand further apart.

    Cinematic mixes most of the sound past the compressor, so it has little left to let go.
    """
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(8.0, levels_db=(0.0, -10.0)))
    steps = []
    for dynamics in (-1.0, 0.0, 1.0):
        made = master(source, mode=name, target_lufs=-24.0, dynamics=dynamics)
        loud, quiet = cut_lufs(made.audio, 44_100, [(0, 4), (5, 8)])
        steps.append(loud - quiet)
    assert steps[0] + 1.0 < steps[1] < steps[2] - punchier_lu
    assert steps[2] < 10.0


def test_modes_differ(short):
    made = {mode: master(short, mode=mode, target_lufs=-16.0).audio for mode in preset_names("mode")}
    for one, other in combinations(made, 2):
        assert np.abs(made[one] - made[other]).max() > 1e-3


@pytest.mark.parametrize("platform", preset_names("platform"))
def test_every_platform_is_reached_or_says_why_not(short, platform):
    made = master(short, platform=platform)
    why_not = r"LUFS under .* would need .* dB of limiting|itself lowers the target"
    refusals = [note for note in made.report.notes if re.search(why_not, note)]
    assert made.report.platform == platform
    assert made.report.reached == (not refusals)


def test_a_vinyl_premaster_leaves_the_limiter_idle(tmp_path):
    x = pieces.piece(4.0)
    x[:, 50_000:50_020] *= 3.0  # peaks that forbid the loudness
    source = pieces.write(tmp_path / "mix.wav", np.clip(x, -1, 1), subtype="FLOAT")
    stages = dict.fromkeys(("amount_eq", "amount_compression", "amount_saturation", "amount_width"), 0.0)
    made = master(source, platform="vinyl_premaster", bit_depth=32, **stages)
    y = pieces.read(source)[0].astype(np.float64)
    gain = float((made.audio * y).sum() / (y * y).sum())
    assert np.abs(made.audio - gain * y).max() < 1e-6
    assert made.lufs < -14.1
    assert not made.report.reached


@pytest.mark.parametrize("chain", ["default", "stock"])
def test_every_chain_reaches_loudness_and_contrast(mix, maps, chain):
    made = master(mix, chain=chain, **maps)
    assert made.report.reached
    assert made.report.settings["global"]["chain"] == chain
    assert contrast_error(made.section_lufs(), written_lufs(made)) <= pieces.CONTRAST_TOLERANCE_LU


# -- what comes in ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate_hz", [8000, 11025, 22050, 48000, 88200, 96000, 192000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_mono_or_stereo_at_its_own(tmp_path, rate_hz, channels):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(3.0, rate_hz, channels), rate_hz)
    made = master(source)
    assert made.report.reached
    assert made.rate_hz == rate_hz


@pytest.mark.parametrize("rate_hz", [8000, 48000, 96000])
def test_another_rate_when_it_is_asked_for(short, rate_hz):
    made = master(short, sample_rate_hz=rate_hz)
    assert (made.report.reached, made.report.output.sample_rate_hz) == (True, rate_hz)
    assert made.report.input.sample_rate_hz == rate_hz


@pytest.mark.parametrize("seconds", [0.4, 0.5, 1.0])
@pytest.mark.parametrize("sections", [1, 3])
def test_very_short_pieces(tmp_path, seconds, sections):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(seconds))
    structure = [{"section": f"S{k}"} for k in range(sections)]
    arrangement = pieces.write_json(tmp_path / "arrangement.json", {"structure": structure})
    made = master(source, arrangement=arrangement)
    assert made.lufs == pytest.approx(-14.0, abs=pieces.LOUDNESS_TOLERANCE_LU)


def test_sections_of_silence_stay_silent(tmp_path):
    x = pieces.piece(6.0)
    x[:, : 2 * 44_100] = 0.0
    x[:, -44_100:] = 0.0
    source = pieces.write(tmp_path / "mix.wav", x)
    structure = [{"section": "Silence", "end": 2}, {"section": "Song", "end": 5}, {"section": "End"}]
    made = master(source, arrangement=pieces.write_json(tmp_path / "a.json", {"structure": structure}))
    assert made.report.reached
    for name in ("input_lufs", "planned_lufs"):
        assert [getattr(s, name) is None for s in made.report.sections] == [True, False, True]
    assert np.abs(made.audio[:, : int(1.8 * 44_100)]).max() == 0.0


def test_a_stop_in_the_song_is_not_driven_to_its_emotion(tmp_path):
    """The meter's filter rings into the silence; nothing may be planned for that."""
    x = np.concatenate([pieces.piece(5.0), np.zeros((2, 2 * 44_100), np.float32), pieces.piece(5.0)], axis=1)
    structure = [{"section": "Verse", "end": 5}, {"section": "Stop", "end": 7}, {"section": "Chorus"}]
    curve = [{"time": 0, "emotion": "calm", "intensity": 0.3}, {"time": 12, "emotion": "powerful", "intensity": 0.9}]
    made = master(
        pieces.write(tmp_path / "mix.wav", x),
        arrangement=pieces.write_json(tmp_path / "a.json", {"structure": structure}),
        emotion=pieces.write_json(tmp_path / "e.json", {"curve": curve}),
    )
    assert made.report.reached
    assert [s.planned_lufs is None for s in made.report.sections] == [False, True, False]
    assert made.lufs == pytest.approx(-14.0, abs=pieces.LOUDNESS_TOLERANCE_LU)


def test_without_the_loudness_stage_the_mix_keeps_its_loudness(tmp_path):
    source = pieces.write(tmp_path / "mix.wav", pieces.piece(5.0))
    for share in (0.0, 0.01):
        made = master(source, amount_loudness=share)
        assert made.report.reached
        assert made.lufs == pytest.approx(made.report.input.integrated_lufs, abs=0.2)


def dirty(kind: str) -> pieces.Sound:
    x = pieces.piece(4.0)
    if kind == "NaN":
        x[0, 1000:1010], x[1, 70_000], x[:, 99_000:99_064] = np.nan, np.inf, -np.inf
    elif kind == "clipped":
        x = np.clip(x * 4.0, -1.0, 1.0)
    elif kind == "DC":
        x += np.float32(0.05)
    elif kind == "too loud":
        x *= np.float32(40.0)
    return x


WARNINGS = {
    "NaN": "input: 139 samples were no finite numbers (or absurdly large) and were cleaned",
    "clipped": "input: clipped in ",
    "DC": "input: has a DC offset of -25.9 dBFS",
    "too loud": "input: peaks at +26.0 dBFS, above full scale",
}


@pytest.mark.parametrize("kind", WARNINGS)
def test_dirty_input_is_taken_with_a_warning(tmp_path, kind):
    source = pieces.write(tmp_path / "mix.wav", dirty(kind), subtype="FLOAT")
    made = master(source, bit_depth=32)
    assert made.report.reached
    assert any(note.startswith(WARNINGS[kind]) for note in made.report.notes)
    assert np.isfinite(made.audio).all()
    assert abs(made.audio[:, 44_100:].mean()) < 10 ** (-60 / 20)


def test_clean_input_gets_no_warning(short):
    assert not [note for note in master(short).report.notes if note.startswith("input:")]


@pytest.mark.parametrize("kind", ["square", "clicks", "fs/4", "noise"])
def test_programmes_that_are_no_music(tmp_path, kind):
    rng = np.random.default_rng(5)
    t = np.arange(3 * 44_100)
    x = np.zeros((2, len(t)))
    if kind == "square":
        x[:] = np.sign(np.sin(2 * np.pi * 55 * t / 44_100 + 0.1))
    elif kind == "clicks":
        x[:, ::4410] = 1.0
    elif kind == "fs/4":
        x[:] = np.sin(np.pi / 2 * t + np.pi / 4)
    else:
        x[:] = np.clip(rng.standard_normal(x.shape), -1, 1)
    made = master(pieces.write(tmp_path / "mix.wav", x.astype(np.float32), subtype="FLOAT"), platform="club")
    assert made.report.reached or any("dB of limiting" in note for note in made.report.notes)


# -- what cannot be had, and what codecs add -------------------------------------------------------------------


def test_a_target_that_the_ceiling_forbids_is_told_in_numbers(short):
    made = master(short, target_lufs=-4.0, ceiling_dbtp=-6.0)
    assert not made.report.reached
    (note,) = [note for note in made.report.notes if "would need" in note]
    found = re.match(
        r"(-.*) LUFS under (-.*) dBTP would need more than (.*) dB of limiting on average in 'Track' \(.*\), 3 dB are "
        r"allowed: (-.*) LUFS instead",
        note,
    )
    assert found is not None, note
    assert [float(number) for number in found.groups()] == pytest.approx([-4.0, -6.0, 12.0, made.lufs], abs=0.06)
    assert made.lufs < -4.1


@pytest.mark.parametrize("name", ["x.ogg", "x.mp3"])
@pytest.mark.parametrize("target_lufs", [-14.0, -10.5])
def test_a_lossy_master_keeps_the_ceiling_as_decoded(short, name, target_lufs):
    ffmpeg = needs.ffmpeg()
    made = master(short, name, target_lufs=target_lufs)
    assert made.report.reached
    assert any("room for the peaks that the codec adds" in note for note in made.report.notes)
    decoded = short.with_name(f"{name}.wav")
    subprocess.run([ffmpeg, "-y", "-v", "error", "-i", made.path, "-c:a", "pcm_f32le", decoded], check=True)
    other = pieces.read(decoded)[0]
    assert max(pieces.true_peaks_dbtp(other)) <= made.report.ceiling_dbtp + pieces.PEAK_TOLERANCE_DB
    assert pieces.lufs(other, 44_100) == pytest.approx(target_lufs, abs=pieces.LOUDNESS_TOLERANCE_LU)


@pytest.mark.parametrize("bit_depth", [16, 24, 32])
def test_the_ceiling_holds_after_quantising(short, bit_depth):
    made = master(short, bit_depth=bit_depth, target_lufs=-10.0)
    assert made.report.reached
    assert sf.info(made.path).subtype == {16: "PCM_16", 24: "PCM_24", 32: "FLOAT"}[bit_depth]


def erring(monkeypatch: pytest.MonkeyPatch, over_db: float, *, always: bool) -> list[float]:
    """A limiter that errs: what it leaves is louder by what once, or `always`, brings the peak so far over the ceiling.

    Returns the gains, one a render.
    """
    right, gains_db = rendering.rendered, []

    def wrong(engine: Engine, blocks: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
        made = [block.copy() for block in right(engine, blocks)]
        meter = Meter(44_100, made[0].shape[0])
        for block in made:
            meter.push(block)
        needed_db = CEILING_DBTP + over_db - (meter.read().true_peak_dbtp or 0.0)
        gains_db.append(needed_db if always or not gains_db else gains_db[0])
        yield from (block * np.float32(10 ** (gains_db[-1] / 20)) for block in made)

    monkeypatch.setattr(rendering, "rendered", wrong)
    return gains_db


CEILING_DBTP = -1.0


@pytest.mark.parametrize("over_db", [0.06, 0.4, 2.0])
def test_a_master_over_its_ceiling_is_made_again_with_room_for_that(short, monkeypatch, over_db):
    gains_db = erring(monkeypatch, over_db, always=False)
    made = master(short, target_lufs=-9.0, ceiling_dbtp=CEILING_DBTP)
    assert len(gains_db) > 1
    assert made.report.output.true_peak_dbtp <= CEILING_DBTP + 0.05
    assert made.report.output.true_peak_dbtp == pytest.approx(CEILING_DBTP - 0.05, abs=0.05), "and with no more"
    assert any(f"worked {over_db + 0.05:.2f} dB under the ceiling" in note for note in made.report.notes)


def test_a_peak_within_the_tolerance_is_left_as_it_is(short, monkeypatch):
    erring(monkeypatch, 0.04, always=True)
    report = livemaster.render(short, short.with_name("as_it_is.wav"), target_lufs=-9.0, ceiling_dbtp=CEILING_DBTP)
    assert report.output.true_peak_dbtp == pytest.approx(CEILING_DBTP + 0.04, abs=0.005)
    assert not any("under the ceiling" in note for note in report.notes)


def test_a_master_that_stays_over_its_ceiling_is_not_kept(short, monkeypatch):
    gains_db = erring(monkeypatch, 0.06, always=True)
    with pytest.raises(RenderError, match=r"the true peak stays at -0\.94 dBTP, above the ceiling of -1; nothing"):
        livemaster.render(short, short.with_name("over.wav"), target_lufs=-9.0, ceiling_dbtp=CEILING_DBTP)
    assert 3 <= len(gains_db) <= 8
    assert not list(short.parent.glob("*over*"))
