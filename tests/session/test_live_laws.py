"""The laws while playing: random performances of real scores, and A/B in every section of real songs."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import needs
import numpy as np
import pytest
import reference
import soundfile as sf
from live_rig import BLOCK, LEAST_FADE, RATE, Array, Hands, Played, Script, always, everything, play, play_through
from numpy.typing import NDArray
from programmes import FRAMES, PROGRAMMES, programme
from scipy import signal

from livemaster.audio import open_reader
from livemaster.controls import ENGINE_CONTROLS
from livemaster.engine import Command, Cue
from livemaster.engine.bank import LaneBank, control_tracks
from livemaster.engine.compare import Compare
from livemaster.engine.program import CONTROL_GLIDE_MS
from livemaster.graph import compile_graph
from livemaster.mastering.chains import chain
from livemaster.mastering.job import Source, no_progress, open_mix, prepare
from livemaster.mastering.render import Rendering
from livemaster.mastering.score import Score
from livemaster.mastering.take_file import TakePlan, TakeSegment, event_data
from livemaster.mastering.take_render import ReaderTape, Stage, perform
from livemaster.metering import Meter
from livemaster.plan_options import PlanOptions
from livemaster.planning import Span, contrast_scale
from livemaster.units import QUANTUM_FRAMES

SCRIPTS = 100
SECTION_S, NAMES, INTENSITIES = 3, "ABCDE", (0.2, 0.9, 0.5, 1.0, 0.0)
MAPS = {
    "arrangement": {
        "structure": [{"section": n, "start": SECTION_S * i, "end": SECTION_S * (i + 1)} for i, n in enumerate(NAMES)]
    },
    "emotion": {
        "curve": [{"time": 1 + SECTION_S * i, "emotion": "x", "intensity": v} for i, v in enumerate(INTENSITIES)]
    },
}
WISHES = (
    {"ceiling_dbtp": -1.0},
    {"mode": "lofi", "platform": "youtube", "dynamics": 0.7},
    {"mode": "radio_loud", "platform": "club"},
    {"mode": "transparent", "platform": "film", "ceiling_dbtp": -6.0},
    {"mode": "radio_loud", "platform": "netflix"},
)
"""Plans to switch between: every mode, five platforms, peaks kept under the ceiling by 16 dB in the last."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, demo_song):
    made = tmp_path_factory.mktemp("laws")
    start = 20 * demo_song.rate_hz
    frames = len(NAMES) * SECTION_S * demo_song.rate_hz
    sf.write(made / "song.wav", demo_song.audio[:, start : start + frames].T, demo_song.rate_hz, "FLOAT")
    for name, data in MAPS.items():
        (made / f"{name}.json").write_text(json.dumps(data))
    return made


@pytest.fixture(scope="module")
def scores(folder) -> list[Score]:
    return [rehearsed_song(excerpt(folder, **wishes)).score for wishes in WISHES]


@pytest.fixture(scope="module")
def unlimited(scores) -> list[Score]:
    """Those in which −6 dBFS is under every limiter."""
    return [score for score in scores if not score.levels.headroom_db]


def excerpt(folder, **wishes) -> Source:
    return Source(
        path=folder / "song.wav",
        arrangement=folder / "arrangement.json",
        emotion=folder / "emotion.json",
        options=PlanOptions(**wishes),
        detect=False,
    )


def script(scores: list[Score], seed: int, without: tuple[str, ...] = ()) -> Script:
    frames = len(NAMES) * SECTION_S * RATE
    boundaries = [SECTION_S * RATE * i for i in range(1, len(NAMES))]
    rng = np.random.default_rng(seed)
    return Hands(rng, everything(scores[0], without), len(scores), boundaries, frames).script()


# -- law 5 ---------------------------------------------------------------------------------------------------------


class Sine:
    """100 Hz for ever, half as loud on the right."""

    def __init__(self, peak: float) -> None:
        self._peak = peak

    def read(self, position, out):
        wave = self._peak * np.sin(2 * np.pi * 100 / RATE * (position + np.arange(out.shape[1])))
        out[0], out[1] = wave, wave / 2


def play_sine(scores: list[Score], moves: Script) -> Played:
    """A sine of −6 dBFS wherever it is loudest before the limiter: less at the input where the script turns it up."""
    peak = 10 ** (-6 / 20)
    faint = 1e-3
    gain = play(scores, moves, Sine(faint * peak)).engine.loudest / (faint * peak)
    return play(scores, moves, Sine(peak / max(gain, 1.0)))


HIGH_PASS = signal.butter(8, 8000, "highpass", fs=RATE, output="sos")


def click_dbfs(audio) -> float:
    return 20 * np.log10(np.abs(signal.sosfilt(HIGH_PASS, audio.astype(np.float64))).max() + 1e-20)


@pytest.mark.parametrize("decade", range(SCRIPTS // 10))
def test_nothing_a_performer_does_clicks(unlimited, decade):
    """Law 5; the sine is at −6 dBFS where a script makes it loudest, so that the bound needs no scaling."""
    for seed in range(10 * decade, 10 * decade + 10):
        played = play_sine(unlimited, script(unlimited, seed, without=("limiter.ceiling_db",)))
        assert played.engine.reduction_db == 0.0, seed
        assert played.engine.loudest > 0.2, seed
        assert click_dbfs(played.audio) < -80.0, seed


@pytest.mark.parametrize("name", [*ENGINE_CONTROLS, *(f"compare.{p.id}" for p in Compare.PARAMETERS)])
def test_no_control_clicks_alone(unlimited, name):
    """Law 5, from one end to the other and back, at six phases of the sine, with nothing else that could hide it."""
    low, high = everything(unlimited[0])[name]
    moves: Script = [(0, always(Cue(None, 0, SECTION_S * RATE, 0, LEAST_FADE)))]
    moves += [(60 + 73 * i, always(Command(None, name, low if i % 2 else high))) for i in range(6)]
    played = play_sine(unlimited, moves)
    assert played.engine.reduction_db == 0.0
    assert click_dbfs(played.audio) < -80.0


# -- law 3 ---------------------------------------------------------------------------------------------------------

FADE_FRAMES = 2000


class Loud:
    """Music, noise and worse, far too loud, over and over."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([seed, 3])
        parts = [programme(rng, seed + number, RATE) for number in range(2 * len(PROGRAMMES))]
        self._audio = np.concatenate(parts, axis=1)

    def read(self, position, out):
        frames = (position + np.arange(out.shape[1])) % (2 * len(PROGRAMMES) * FRAMES)
        out[:] = self._audio[:, frames]


def over_ceiling_db(played: Played) -> float:
    """Largest true peak of any frame over the ceiling in force there."""
    audio, frames = played.audio.copy(), played.audio.shape[1]
    audio[:, -FADE_FRAMES:] *= 0.5 + 0.5 * np.cos(np.linspace(0.0, np.pi, FADE_FRAMES, dtype=np.float32))
    peaks = np.max([reference.frame_peaks(channel)[24 : 24 + frames] for channel in audio], axis=0)
    return reference.to_db(float((peaks / played.engine.ceilings_of(frames)).max()))


@pytest.mark.parametrize("decade", range(SCRIPTS // 10))
def test_the_ceiling_holds_whatever_a_performer_does(scores, decade):
    """Law 3, the ceiling moved by plans and by hand."""
    for seed in range(10 * decade, 10 * decade + 10):
        played = play(scores, script(scores, seed), Loud(seed))
        assert np.isfinite(played.audio).all(), seed
        assert played.engine.reduction_db > 3.0, seed
        assert over_ceiling_db(played) <= 0.05, seed


# -- law 1 ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
def test_the_take_of_a_performance_renders_to_its_bits(scores, folder, seed):
    with open_reader(folder / "song.wav") as reader:
        played = play(scores, script(scores, seed), ReaderTape(reader))
        heard = played.audio[:, played.latency :]
        segment = TakeSegment(events=tuple(map(event_data, played.log)), frames=heard.shape[1])
        stage = Stage(RATE, 2, {0: reader}, [TakePlan.of(score).score for score in scores])
        again = np.concatenate(list(perform(stage, segment)), axis=1)
    assert np.abs(heard).max() > 0.01
    assert np.array_equal(again, heard)


SWEPT = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)


def test_reactivity_swept_over_a_song_and_back_is_what_its_take_renders(scores, folder):
    """In every mode: up and down again, a move every half second."""
    sweep = (*SWEPT, *reversed(SWEPT))
    moves = [(round(RATE * (k + 1) / BLOCK / 2), always(Command(0, "reactivity", r))) for k, r in enumerate(sweep)]
    with open_reader(folder / "song.wav") as reader:
        for score in scores:
            played = play([score], [(0, always(Cue(0, 0))), *moves], ReaderTape(reader), moves[-1][0] + 200)
            heard = played.audio[:, played.latency :]
            segment = TakeSegment(events=tuple(map(event_data, played.log)), frames=heard.shape[1])
            stage = Stage(RATE, 2, {0: reader}, [TakePlan.of(score).score])
            again = np.concatenate(list(perform(stage, segment)), axis=1)
            assert len(played.log) == len(sweep) + 1
            assert np.abs(heard).max() > 0.01
            assert np.array_equal(again, heard)


@pytest.mark.parametrize("number", range(len(WISHES)))
def test_more_reactivity_while_playing_never_brings_an_intense_section_nearer(scores, folder, number):
    """With the knob left at each position, and clearly further apart in the end; for a club the limiter works hard."""
    mix, rate_hz = sf.read(folder / "song.wav", dtype="float32")
    song = Song(np.ascontiguousarray(mix.T), rate_hz, scores[number], ())
    spread = []
    for reactivity in SWEPT:
        audio = heard_of(song, scores[number], reactivity=reactivity).audio
        cuts = [slice(round((SECTION_S * k + 0.3) * rate_hz), round(SECTION_S * (k + 1) * rate_hz)) for k in range(5)]
        lufs = [loudness(audio[:, cut], rate_hz) for cut in cuts]
        spread.append([lufs[a] - lufs[b] for a in range(5) for b in range(5) if INTENSITIES[a] > INTENSITIES[b]])
    steps = np.diff(spread, axis=0)
    assert steps.min() > -0.1
    assert np.min(spread[-1]) > np.min(spread[0])
    assert np.mean(np.subtract(spread[-1], spread[0])) > 0.2


# -- law 6 ---------------------------------------------------------------------------------------------------------

EDGE_S, LEAST_S = 0.5, 3.0
"""Loudness is compared so far from a section's boundaries, in sections of that length at least."""
SETTLED = round(0.06 * RATE)


@dataclass(frozen=True)
class Song:
    """A mix with its rehearsed score."""

    mix: NDArray[np.float32]
    rate_hz: int
    score: Score
    spans: tuple[Span, ...]


def rehearsed_song(source: Source) -> Song:
    with open_mix(source) as mix:
        prepared = prepare(mix, no_progress)
        score = Rendering(prepared, chain(prepared.plan.global_.chain), no_progress).rehearse()
        audio = np.concatenate(list(mix.reader.chunks(1 << 16)), axis=1)
        return Song(audio, mix.reader.rate_hz, score, prepared.plan.spans)


def heard_of(song: Song, score: Score, moves: tuple[Command, ...] = (), **positions: float) -> Played:
    """The whole song performed, latency trimmed."""
    return play_through(score, song.rate_hz, Array(song.mix), song.mix.shape[1], moves, positions)


TO_MIX = (Command(0, "compare.mix", 1.0),)


@pytest.fixture(scope="module")
def demo_wav(tmp_path_factory, demo_song):
    path = tmp_path_factory.mktemp("demo") / "demo.wav"
    sf.write(path, demo_song.audio.T, demo_song.rate_hz, "FLOAT")
    return path


def loudness(audio, rate_hz: int) -> float:
    meter = Meter(rate_hz, 2)
    meter.push(np.ascontiguousarray(audio))
    measured = meter.read().integrated_lufs
    assert measured is not None
    return measured


@pytest.mark.parametrize("wishes", [{}, {"platform": "club", "mode": "radio_loud"}], ids=["plain", "club"])
@pytest.mark.parametrize("name", ["demo", "race1-jt", "spunkyrace-ks", "start1-jt"])
def test_both_sides_of_a_comparison_are_equally_loud_in_every_section(demo_wav, name, wishes):
    """Law 6; the ceiling limits one of the mixes, another has short sections."""
    path = demo_wav if name == "demo" else next(p for p in needs.songs(50.0) if p.stem == name)
    song = rehearsed_song(Source(path=path, options=PlanOptions(**wishes)))
    master, mix = heard_of(song, song.score, match=1.0).audio, heard_of(song, song.score, TO_MIX, match=1.0).audio
    compared = 0
    for span in song.spans:
        if span.duration_s >= LEAST_S:
            first, stop = round((span.start + EDGE_S) * song.rate_hz), round((span.end - EDGE_S) * song.rate_hz)
            a, b = (loudness(side[:, first:stop], song.rate_hz) for side in (master, mix))
            assert abs(a - b) <= 0.2, (span, a, b)
            compared += 1
    assert compared >= 3


@pytest.fixture(scope="module")
def idle(folder) -> Song:
    """A song whose limiter never works, on either side."""
    return rehearsed_song(excerpt(folder, target_lufs=-24.0, ceiling_dbtp=0.0))


def sides(song: Song, **positions: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return heard_of(song, song.score, **positions).audio, heard_of(song, song.score, TO_MIX, **positions).audio


def back_and_forth(seed: int, frames: int) -> list[Command]:
    """A switch every 0.1 to 1 s, to the mix first."""
    rng, at, moves = np.random.default_rng(seed), 0, []
    while (at := at + int(rng.integers(RATE // 10, RATE)) // 64 * 64) < frames:
        moves.append(Command(at, "compare.mix", float(len(moves) % 2 == 0)))
    return moves


@pytest.fixture(scope="module")
def busy(folder) -> Song:
    """A song whose limiter works hard for the master, hardly for the mix."""
    return rehearsed_song(excerpt(folder, mode="radio_loud", platform="club"))


@pytest.mark.parametrize("match", [0.0, 1.0])
@pytest.mark.parametrize("limiter", ["idle", "busy"])
def test_switching_leads_to_the_very_bits_of_either_side(request, limiter, match):
    """60 ms after a switch what is heard is what is heard without one, frame by frame, however much was limited."""
    song = request.getfixturevalue(limiter)
    both = sides(song, match=match)
    moves = back_and_forth(1, song.mix.shape[1])
    switched = heard_of(song, song.score, tuple(moves), match=match)
    assert (switched.engine.reduction_db > 3.0) == (limiter == "busy")
    assert (switched.engine.reduction_db == 0.0) == (limiter == "idle")
    ends = [move.frame for move in moves[1:]] + [song.mix.shape[1]]
    for move, end in zip(moves, ends, strict=True):
        stretch = np.s_[:, move.frame + SETTLED : end - QUANTUM_FRAMES]  # an edge may lie before the next switch
        assert np.array_equal(switched.audio[stretch], both[int(move.value or 0)][stretch])
    assert not np.array_equal(*both)


def test_unmatched_both_sides_are_what_they_are(idle):
    """The mix to the bit, aligned to the frame; the master as it is without anything to match."""
    master, mix = sides(idle, match=0.0)
    assert np.array_equal(mix[:, SETTLED:], idle.mix[:, SETTLED:])
    alone = replace(idle.score, levels=replace(idle.score.levels, louder_db=()))
    assert np.array_equal(master, heard_of(idle, alone).audio)


@pytest.mark.parametrize("planned", [True, False])
def test_a_neutral_chain_nulls_under_switching(folder, idle, planned):
    """Amount 0, by the plan or by hand, matched: nothing at all changes with A/B."""
    song = rehearsed_song(excerpt(folder, amount=0.0)) if planned else idle
    switched = heard_of(song, song.score, tuple(back_and_forth(2, song.mix.shape[1])), match=1.0, amount=0.0)
    assert np.array_equal(switched.audio, song.mix)


# -- intensity by hand ---------------------------------------------------------------------------------------------


def values_at(score: Score, frame: int, **positions: float) -> dict[str, float]:
    """Every parameter's value at a frame."""
    program, schedule = score.program(RATE), compile_graph(score.chain.graph)
    program = replace(program, start=dict(program.start) | positions)
    shifts = np.zeros(len(schedule.parameters), np.int64)
    controls = control_tracks(program, RATE, CONTROL_GLIDE_MS)
    bank = LaneBank(schedule.parameters, schedule.settings, shifts, program, controls, RATE, 1)
    return dict(zip((p.id for p in schedule.parameters), bank.values(frame, 1)[:, 0].tolist(), strict=True))


def rounding_of(name: str) -> float:
    """What the formulas round off, which the lanes do not: 0.1 dB and LU (contrast times 1.2), 0.01 of ratio (times 2),
    of threshold and saturation."""
    rounded_db = name.startswith("eq.") or name == "level.gain_db"
    return 0.06 if rounded_db else 0.01


@pytest.mark.parametrize("dynamics", [-1.0, 0.0, 0.6])
@pytest.mark.parametrize("number", range(len(WISHES)))
def test_a_sections_own_intensity_set_by_hand_changes_nothing(scores, number, dynamics):
    """The emotion map's intensity and the same one by hand: the same values, level included, in every mode."""
    intensities = [section.intensity for section in scores[number].settings.sections]
    assert len(set(intensities)) == len(NAMES)
    for section, intensity in enumerate(intensities):
        frame = round((section + 0.5) * SECTION_S * RATE)
        own = values_at(scores[number], frame, dynamics=dynamics, reactivity=1.0)
        by_hand = values_at(scores[number], frame, dynamics=dynamics, reactivity=1.0, override=1.0, intensity=intensity)
        for name, value in own.items():
            assert by_hand[name] == pytest.approx(value, abs=rounding_of(name)), (section, name)


@pytest.mark.parametrize("dynamics", [-1.0, 0.0, 0.6])
def test_intensity_by_hand_moves_the_level_by_the_formula(scores, dynamics):
    """−14 + 6·intensity LU in mode cinematic, times the contrast of the dynamics."""
    calm, powerful = (
        values_at(scores[0], RATE, dynamics=dynamics, reactivity=1.0, override=1.0, intensity=intensity)
        for intensity in (0.0, 1.0)
    )
    assert powerful["level.gain_db"] - calm["level.gain_db"] == pytest.approx(6 * contrast_scale(dynamics), abs=1e-9)
