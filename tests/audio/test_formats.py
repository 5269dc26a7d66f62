"""Every format, depth and rate into every format: native rate and channels, tags and cover along, loudness true."""

from __future__ import annotations

from pathlib import Path

import mutagen
import pieces
import pytest
import soundfile as sf

import livemaster
from livemaster import RenderReport
from livemaster.audio import Picture, Tags, open_reader, read_tags, write_tags

INPUTS = [
    ("wav", "PCM_U8"),
    ("wav", "PCM_16"),
    ("wav", "PCM_24"),
    ("wav", "PCM_32"),
    ("wav", "FLOAT"),
    ("wav", "DOUBLE"),
    ("rf64", "PCM_24"),
    ("aiff", "PCM_16"),
    ("aiff", "FLOAT"),
    ("flac", "PCM_16"),
    ("flac", "PCM_24"),
    ("ogg", "VORBIS"),
    ("mp3", "MPEG_LAYER_III"),
]
OUTPUTS = ["wav", "aiff", "aif", "flac", "ogg", "mp3"]
CONTAINERS = {"wav": "WAV", "aiff": "AIFF", "aif": "AIFF", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}
DEPTHS = [
    ("wav", 16, "PCM_16"),
    ("wav", 24, "PCM_24"),
    ("wav", 32, "FLOAT"),
    ("wav", None, "PCM_24"),
    ("aiff", 16, "PCM_16"),
    ("aiff", 24, "PCM_24"),
    ("aiff", 32, "FLOAT"),
    ("flac", 16, "PCM_16"),
    ("flac", 24, "PCM_24"),
    ("ogg", None, "VORBIS"),
    ("mp3", None, "MPEG_LAYER_III"),
]
FIELDS = {"title": ["Späti – Nacht"], "artist": ["One", "Two"], "tracknumber": ["3"], "tracktotal": ["12"]}
COVER = Picture("image/png", 3, "front", b"\x89PNG\r\n" + bytes(range(256)) * 40)


def source(folder: Path, kind: str, subtype: str, rate_hz: int, channels: int) -> Path:
    path = folder / f"mix.{'wav' if kind == 'rf64' else kind}"
    how = {"format": "RF64"} if kind == "rf64" else {}
    return pieces.write(path, pieces.piece(1.0, rate_hz, channels), rate_hz, subtype=subtype, **how)


def rendered(path: Path, target: Path, bit_depth: int | None = None) -> RenderReport:
    """Render, and check what no format may change."""
    report = livemaster.render(path, target, bit_depth=bit_depth)
    before, after = sf.info(path), sf.info(target)
    x, rate_hz = pieces.read(target)
    assert (after.samplerate, after.channels, after.format) == (
        before.samplerate,
        before.channels,
        CONTAINERS[target.suffix[1:]],
    )
    with open_reader(path) as mix, open_reader(target) as master:
        assert master.frames == mix.frames
    assert report.reached
    assert pieces.lufs(x, rate_hz) == pytest.approx(-14.0, abs=pieces.LOUDNESS_TOLERANCE_LU)
    assert max(pieces.true_peaks_dbtp(x)) <= -1.0 + pieces.PEAK_TOLERANCE_DB
    return report


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize(("kind", "subtype"), INPUTS)
def test_any_format_into_any_other(tmp_path, kind, subtype, output):
    rate_hz = {"wav": 44_100, "flac": 48_000, "mp3": 32_000}.get(kind, 22_050)
    path = source(tmp_path, kind, subtype, rate_hz, 1 if output == "aif" else 2)
    rendered(path, tmp_path / f"master.{output}")


@pytest.mark.parametrize(("output", "bit_depth", "subtype"), DEPTHS)
def test_a_bit_depth_is_what_was_asked_for(tmp_path, output, bit_depth, subtype):
    path = source(tmp_path, "wav", "PCM_24", 44_100, 2)
    rendered(path, tmp_path / f"master.{output}", bit_depth)
    assert sf.info(tmp_path / f"master.{output}").subtype == subtype


@pytest.mark.parametrize("rate_hz", [8000, 11_025, 16_000, 48_000, 88_200, 96_000, 176_400, 192_000])
@pytest.mark.parametrize("output", ["wav", "aiff", "flac", "ogg", "mp3"])
def test_any_rate_stays_as_it_is(tmp_path, output, rate_hz):
    path = source(tmp_path, "flac" if output == "flac" else "wav", "PCM_24", rate_hz, 2)
    if output == "mp3" and rate_hz > 48_000:
        with pytest.raises(
            livemaster.LivemasterError, match=f"MP3 cannot hold {rate_hz} Hz, allowed with --sample-rate"
        ):
            livemaster.render(path, tmp_path / "master.mp3")
    else:
        rendered(path, tmp_path / f"master.{output}")


def replaygain(path: Path) -> tuple[list[str], list[str]]:
    """Gain and peak as an independent reader finds them, by whatever tag carries them."""
    tags = mutagen.File(path).tags
    found = []
    for name in ("REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_PEAK"):
        frame = tags.get(name) or tags[f"TXXX:{name}"]
        found.append(list(getattr(frame, "text", frame)))
    return found[0], found[1]


@pytest.mark.parametrize("output", ["wav", "aiff", "flac", "ogg", "mp3"])
@pytest.mark.parametrize("kind", ["wav", "aiff", "flac", "ogg", "mp3"])
def test_tags_and_cover_go_along_and_loudness_tags_are_the_masters(tmp_path, kind, output):
    subtype = dict(reversed(INPUTS))[kind]
    path = source(tmp_path, kind, subtype, 44_100, 2)
    assert write_tags(path, Tags({**FIELDS, "r128_track_gain": ["1234"]}, [COVER]), -5.0, 3.0) == ()
    assert replaygain(path) == (["-13.00 dB"], ["1.412538"]), "the lie is in the mix"
    target = tmp_path / f"master.{output}"
    report = rendered(path, target)
    copied = read_tags(target)
    assert (copied.text, copied.pictures) == (FIELDS, [COVER])
    (gain,), (peak,) = replaygain(target)
    heard = livemaster.measure(target)
    assert float(gain.removesuffix(" dB")) == pytest.approx(-18.0 - heard.integrated_lufs, abs=0.01)
    assert float(peak) == pytest.approx(10 ** (heard.true_peak_dbtp / 20), rel=2e-3)
    assert not [note for note in report.notes if "tag" in note]
