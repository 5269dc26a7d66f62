"""Real songs reach every platform's loudness under its ceiling, by our meter, by ffmpeg and by the reference."""

from __future__ import annotations

import re
from pathlib import Path

import needs
import pieces
import pytest

import livemaster
from livemaster import RenderReport

SONG_S = 50.0
PRINT_LU = 0.05
"""ffmpeg prints loudness to 0.1, so that it may be off by half of that."""
REFUSAL = re.compile(
    r"-8\.0 LUFS under -0\.3 dBTP would need (?:more than )?([\d.]+) dB of limiting on average in '[^']+'"
)


def by_name(over_s: float) -> dict[str, Path]:
    """The songs by name; empty where they are missing, which a test says then."""
    try:
        return {path.stem: path for path in needs.songs(over_s)}
    except (pytest.skip.Exception, pytest.fail.Exception):
        return {}


SONGS = by_name(SONG_S)
JINGLES = {name: path for name, path in by_name(0.0).items() if name not in SONGS}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("songs")


@pytest.fixture(scope="module")
def wavs(folder: Path) -> dict[str, Path]:
    """Songs as WAV, decoded when first asked for."""
    return {}


def as_wav(name: str, folder: Path, wavs: dict[str, Path]) -> Path:
    if name not in wavs:
        wavs[name] = pieces.write(folder / f"{name}.wav", *pieces.read((SONGS | JINGLES)[name]), subtype="FLOAT")
    return wavs[name]


def checked(source: Path, folder: Path, platform: str) -> RenderReport:
    """Render for a platform, and measure the file with everything there is."""
    target = folder / "master.wav"
    report = livemaster.render(source, target, platform=platform, force=True)
    audio, rate_hz = pieces.read(target)
    assert max(pieces.true_peaks_dbtp(audio)) <= report.ceiling_dbtp + pieces.PEAK_TOLERANCE_DB
    ours, ffmpegs = pieces.lufs(audio, rate_hz), pieces.ffmpeg_lufs(needs.ffmpeg(), target)
    assert report.output.integrated_lufs == pytest.approx(ours, abs=0.01)
    assert ffmpegs == pytest.approx(ours, abs=PRINT_LU + 0.01)
    if report.reached:
        assert ours == pytest.approx(report.target_lufs, abs=pieces.LOUDNESS_TOLERANCE_LU)
        assert ffmpegs == pytest.approx(report.target_lufs, abs=pieces.LOUDNESS_TOLERANCE_LU + PRINT_LU)
    return report


def test_the_songs_are_there():
    assert len(needs.songs(SONG_S)) == 6
    assert (len(SONGS), len(JINGLES)) == (6, 4)


@pytest.mark.parametrize("platform", ["spotify", "youtube", "film"])
@pytest.mark.parametrize("name", SONGS)
def test_a_song_reaches_a_platform(name, platform, folder, wavs):
    report = checked(as_wav(name, folder, wavs), folder, platform)
    assert (report.platform, report.reached) == (platform, True), report.notes


@pytest.mark.parametrize("name", SONGS)
def test_a_song_reaches_club_or_says_in_numbers_why_not(name, folder, wavs):
    """It may be refused only where the section would need more than 3 dB of limiting on average."""
    report = checked(as_wav(name, folder, wavs), folder, "club")
    refusals = [float(found[1]) for note in report.notes if (found := REFUSAL.match(note))]
    assert report.reached == (refusals == [])
    assert all(needed > 3.0 for needed in refusals)


@pytest.mark.parametrize("name", SONGS)
def test_the_original_ogg_gives_the_same_master_as_its_wav(name, folder, wavs):
    target = folder / "other.wav"
    from_ogg = livemaster.render(SONGS[name], target, force=True)
    from_wav = livemaster.render(as_wav(name, folder, wavs), folder / "master.wav", force=True)
    assert from_ogg.reached
    assert from_ogg.output == from_wav.output
    assert (pieces.read(target)[0] == pieces.read(folder / "master.wav")[0]).all()


@pytest.mark.parametrize("platform", ["spotify", "club"])
@pytest.mark.parametrize("name", JINGLES)
def test_a_jingle(name, platform, folder, wavs):
    report = checked(as_wav(name, folder, wavs), folder, platform)
    assert report.reached or any(REFUSAL.match(note) for note in report.notes)
