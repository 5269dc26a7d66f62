"""Platform presets equal the table of targets, and playback gain follows each service's rule."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.documents import preset_names, preset_path
from livemaster.errors import SettingsError, UnknownNameError
from livemaster.planning import Platform, ceiling_for, platform, playback_gain_db

# name, integrated, ceiling, direction, normalises to, confidence
TABLE = [
    ("spotify", -14, -1, "both", -14, "high"),
    ("youtube", -13, -1, "down", -14, "medium"),
    ("film", -20, -2, "none", None, "medium"),
    ("apple_music", -16, -1, "both", -16, "medium"),
    ("tidal", -14, -1, "down", -14, "medium"),
    ("amazon_music", -14, -2, "down", -14, "medium"),
    ("deezer", -15, -1, "both", -15, "medium"),
    ("soundcloud", -14, -1, "down", -14, "low"),
    ("broadcast_ebu_r128", -23, -1, "none", None, "high"),
    ("broadcast_atsc_a85", -24, -2, "none", None, "high"),
    ("netflix", -27, -2, "none", None, "high"),
    ("aes_td1008_music", -16, -1, "both", -16, "high"),
    ("podcast", -16, -1, "none", None, "medium"),
    ("replaygain2", -18, -1, "both", -18, "high"),
    ("club", -8, -0.3, "none", None, "low"),
    ("cd", -9, -0.3, "none", None, "medium"),
    ("vinyl_premaster", -14, -2, "none", None, "medium"),
    ("none", None, -1, "none", None, "high"),
]


@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_presets_equal_the_table(row: tuple[str, float | None, float, str, float | None, str]) -> None:
    p = platform(row[0])
    actual = (p.name, p.integrated_lufs, p.true_peak_dbtp, p.direction, p.normalises_to_lufs, p.confidence)
    assert actual == row
    assert p.checked_on == "2026-11-21"


def test_there_are_no_other_presets() -> None:
    assert preset_names("platform") == tuple(sorted(row[0] for row in TABLE))


@pytest.mark.parametrize("name", preset_names("platform"))
def test_a_preset_that_normalises_says_to_what_level(name: str) -> None:
    p = platform(name)
    assert (p.direction != "none") == (p.normalises_to_lufs is not None)
    assert p.name == name


def test_particulars_of_the_table() -> None:
    assert platform("spotify").other_levels_lufs == {"quiet": -19.0, "loud": -11.0}
    assert platform("spotify").album_mode == "album"
    assert platform("youtube").other_levels_lufs == {"youtube_music": -7.0}
    assert platform("tidal").album_mode == "album_by_loudest_track"
    assert platform("broadcast_ebu_r128").tolerance_lu == 0.2
    assert platform("broadcast_atsc_a85").tolerance_lu == 2.0
    assert platform("broadcast_atsc_a85").other_levels_lufs == {"streaming_annex": -25.0}
    assert (platform("netflix").tolerance_lu, platform("netflix").gating) == (2.0, "dialogue")
    assert "cannot certify" in str(platform("netflix").warning)
    assert "not a cinema calibration" in str(platform("film").warning)
    assert platform("aes_td1008_music").other_levels_lufs == {"loudest_track_of_album": -14.0}
    assert platform("podcast").other_levels_lufs == {"mono": -19.0}
    assert platform("club").practice_lufs == (-9.0, -6.0)
    vinyl = platform("vinyl_premaster")
    assert (vinyl.limiter_idle, vinyl.mono_below_hz, vinyl.roll_off_above_hz) == (True, 150.0, 16_000.0)


@pytest.mark.parametrize("spelling", ["apple_music", "Apple Music", "apple-music", "APPLEMUSIC", " Apple_Music "])
def test_names_are_found_in_any_spelling(spelling: str) -> None:
    assert platform(spelling).name == "apple_music"


def test_an_unknown_platform_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        platform("spotfy\n")
    assert str(caught.value).startswith("unknown platform 'spotfy\\n': did you mean 'spotify'? known are ")
    with pytest.raises(UnknownNameError):
        platform("../modes/lofi")


def test_spotifys_ceiling_falls_when_louder_than_its_target() -> None:
    spotify = platform("spotify")
    assert [ceiling_for(spotify, lufs) for lufs in (-16.0, -14.0, -13.9, -9.0)] == [-1.0, -1.0, -2.0, -2.0]
    assert [ceiling_for(platform("youtube"), lufs) for lufs in (-16.0, -9.0)] == [-1.0, -1.0]
    assert ceiling_for(platform("none"), -5.0) == -1.0


@pytest.mark.parametrize(
    ("name", "lufs", "peak", "gain"),
    [
        ("spotify", -8.0, -1.0, -6.0),
        ("spotify", -14.0, -1.0, 0.0),
        ("spotify", -20.0, -5.0, 4.0),  # the example of Spotify's own help page: lifted to -16 only
        ("spotify", -20.0, -12.0, 6.0),
        ("spotify", -20.0, -0.5, 0.0),  # no headroom left, but never turned down for it
        ("youtube", -13.0, -1.0, -1.0),
        ("youtube", -20.0, -9.0, 0.0),
        ("tidal", -10.0, -1.0, -4.0),
        ("tidal", -18.0, -9.0, 0.0),
        ("apple_music", -20.0, -3.0, 3.0),
        ("replaygain2", -10.0, -1.0, -8.0),
        ("club", -8.0, -0.3, 0.0),
        ("cd", -20.0, -9.0, 0.0),
        ("film", -20.0, -2.0, 0.0),
        ("netflix", -20.0, -2.0, 0.0),
        ("none", -10.0, -1.0, 0.0),
        ("spotify", None, None, 0.0),
        ("spotify", float("-inf"), -200.0, 0.0),
        ("spotify", -20.0, None, 6.0),
    ],
)
def test_playback_gain(name: str, lufs: float | None, peak: float | None, gain: float) -> None:
    assert playback_gain_db(platform(name), lufs, peak) == gain


@given(st.sampled_from(preset_names("platform")), st.floats(-60, 0), st.floats(-60, 3))
def test_playback_never_passes_its_level_nor_lifts_peaks_over_its_limit(name: str, lufs: float, peak: float) -> None:
    p = platform(name)
    gain_db = playback_gain_db(p, lufs, peak)
    if gain_db > 0.0:
        assert p.direction in ("up", "both")
        assert lufs + gain_db <= (p.normalises_to_lufs or 0.0) + 1e-9
        assert peak + gain_db <= (p.up_gain_peak_limit_dbtp or 0.0) + 1e-9
    if gain_db < 0.0:
        assert p.direction in ("down", "both")
        assert abs(lufs + gain_db - (p.normalises_to_lufs or 0.0)) < 1e-9


def test_a_broken_preset_says_what_is_wrong() -> None:
    data = json.loads(preset_path("platform", "spotify").read_text())
    with pytest.raises(SettingsError) as caught:
        Platform.parse(data | {"direction": "sideways"}, "spotify.json")
    assert str(caught.value) == ("spotify.json: direction is \"sideways\", allowed are 'up', 'down', 'both' or 'none'")
