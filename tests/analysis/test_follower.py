"""Live following: in time, independent of gain and chunks, and of one mind with the analysis of a whole track."""

from __future__ import annotations

import numpy as np
import pytest
from hearing_rig import timeline_of
from numpy.typing import NDArray

from livemaster.analysis.follower import HISTORY_S, WINDOW_S, Follower
from livemaster.analysis.intensity import intensity_curve
from livemaster.tone.profiles import base_model

RATE_HZ = 44_100

Sound = NDArray[np.float32]


@pytest.fixture(scope="module")
def song(demo_song) -> Sound:
    return demo_song.audio


def followed(sound: Sound, chunk_frames: int = 4096) -> Follower:
    follower = Follower(len(sound), base_model())
    for first in range(0, sound.shape[1], chunk_frames):
        follower.push(np.ascontiguousarray(sound[:, first : first + chunk_frames]))
    return follower


def seconds(sound: Sound, first_s: float, last_s: float) -> Sound:
    return sound[:, round(first_s * RATE_HZ) : round(last_s * RATE_HZ)]


def test_intensity_follows_a_change_within_a_second(song: Sound) -> None:
    """From the intro into the loudest chorus: a second later it has made nearly all of its way."""
    calm, loud = seconds(song, 0.0, 7.0), seconds(song, 24.0, 34.0)
    follower = Follower(2, base_model())
    follower.push(calm)
    before = follower.emotion
    follower.push(seconds(loud, 0.0, 1.0))
    soon = follower.emotion
    follower.push(seconds(loud, 1.0, 3.0))
    later = follower.emotion
    assert before is not None
    assert soon is not None
    assert later is not None
    assert later.intensity > before.intensity + 0.15
    assert soon.intensity - before.intensity > 0.7 * (later.intensity - before.intensity)


def test_the_type_is_known_after_fifteen_seconds(song: Sound) -> None:
    assert followed(seconds(song, 20.0, 20.0 + WINDOW_S - 1.0)).recording is None
    found = followed(seconds(song, 20.0, 20.0 + WINDOW_S + 0.2)).recording
    assert found is not None
    assert 0.0 < found.confidence <= 1.0
    assert sum(each.share for each in found.candidates) == pytest.approx(1.0)


@pytest.mark.parametrize("chunk_frames", [64, 1000, 44_100])
def test_chunks_do_not_show(chunk_frames: int, song: Sound) -> None:
    sound = seconds(song, 10.0, 16.0)
    assert followed(sound, chunk_frames).emotion == followed(sound, 10**9).emotion


@pytest.mark.parametrize("gain_db", [-20.0, -6.0])
def test_overall_gain_changes_nothing(gain_db: float, song: Sound) -> None:
    sound = seconds(song, 8.0, 26.0)
    plain, quiet = followed(sound), followed(sound * np.float32(10.0 ** (gain_db / 20.0)))
    assert plain.emotion is not None
    assert quiet.emotion is not None
    assert quiet.emotion.name == plain.emotion.name
    assert quiet.emotion[1:] == pytest.approx(plain.emotion[1:], abs=0.02)
    one, other = plain.recording, quiet.recording
    assert one is not None
    assert other is not None
    assert other.profile == one.profile
    assert other.confidence == pytest.approx(one.confidence, abs=0.001)


def test_it_ranks_moments_as_the_whole_track_does(song: Sound) -> None:
    times_s = np.arange(16.0, 72.0, 2.0)  # once there is something to compare with
    follower, live, done = Follower(2, base_model()), [], 0
    for time_s in times_s:
        frame = round((time_s + 0.5) * RATE_HZ)
        follower.push(np.ascontiguousarray(song[:, done:frame]))
        done = frame
        live.append(follower.emotion.intensity if follower.emotion else np.nan)
    whole = intensity_curve(timeline_of(song), times_s)
    assert np.corrcoef(live, whole)[0, 1] > 0.7


def test_silence_has_no_emotion_and_no_type() -> None:
    follower = followed(np.zeros((2, 20 * RATE_HZ), np.float32))
    assert (follower.emotion, follower.recording) == (None, None)
    assert follower.heard_s == pytest.approx(20.0, abs=0.2)


def test_memory_does_not_grow(song: Sound) -> None:
    follower = followed(seconds(song, 0.0, 30.0))
    assert len(follower._pieces) == follower._pieces.maxlen
    assert follower._history.maxlen == HISTORY_S
