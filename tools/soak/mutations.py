"""Files with mutated headers and tags, and what may never happen when they are read.

Usage: python tools/soak/mutations.py [--count N] [--seed N]; prints how many were read whole, with a note, or refused.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import lengths
import mutagen.id3 as id3
import needs
import pytest
import soundfile as sf
from mutagen.apev2 import APEv2
from mutagen.flac import FLAC
from mutagen.flac import Picture as FlacPicture
from mutagen.oggvorbis import OggVorbis

from livemaster.audio import Picture, Reader, Tags, open_reader, read_tags, write_tags
from livemaster.audio.ogg import checksum
from livemaster.errors import AudioFileError

FRAMES = 20_000
COVER = Picture("image/png", 3, "", bytes(range(256)))
KINDS = ("wav", "aiff", "flac", "ogg", "opus", "mp3")
MOST_MUTATIONS = 6
FRONT_BYTES = {"wav": 60, "aiff": 70, "flac": 480, "ogg": 5000, "opus": 1000, "mp3": 700}
END_BYTES = 400
"""Where headers and tags stand in the files below, whose covers are small."""
TAKES_NO_NOTE = 2 * 1152
"""Frames that a decoder of MPEG may hold back."""
MOST_S = 5.0
"""Of processor time for one file."""
FFMPEG_EVERY = 4


def tagged(folder: Path) -> dict[str, bytes]:
    """One file of each kind, with as many sorts of tags as it can have."""
    found = {}
    for kind in KINDS:
        path = folder / f"whole.{kind}"
        if kind == "aiff":
            sf.write(path, lengths.sound(FRAMES), 44_100, subtype="PCM_16")
        else:
            path.write_bytes(lengths.encoded(kind, FRAMES))
        _tag(path, kind)
        found[kind] = path.read_bytes()
    return found


def _tag(path: Path, kind: str) -> None:
    if kind in ("wav", "aiff"):
        fields = {"title": ["A title"], "date": ["6 May 2024"], "comment": ["nice"], "genre": ["House"]}
        write_tags(path, Tags(fields, [COVER]), -14.0, -1.0)
        return
    if kind in ("flac", "ogg"):
        file = FLAC(path) if kind == "flac" else OggVorbis(path)
        file["TITLE"], file["DATE"], file["COMMENT"] = "A title", "6 May 2024", "nice"
        if kind == "flac":
            picture = FlacPicture()
            picture.mime, picture.data = COVER.mime, COVER.data
            file.add_picture(picture)
        file.save(padding=lambda _: 0)
    front, ape, behind = io.BytesIO(), APEv2(), io.BytesIO()
    if kind == "mp3":
        tag = id3.ID3()
        for frame in (
            id3.TIT2(text="A title"),
            id3.COMM(desc="x", text="y"),
            id3.APIC(mime="image/png", data=b"x" * 99),
        ):
            tag.add(frame)
        tag.save(front, padding=lambda _: 0)
    ape["Album"] = "An album"
    ape.save(behind)
    path.write_bytes(front.getvalue() + path.read_bytes() + behind.getvalue() + b"TAG" + b"Title".ljust(125, b"\0"))


def mutated(kind: str, data: bytes, chance: random.Random) -> bytes:
    """The same with some bytes of its headers and tags changed, lost, or twice."""
    out = bytearray(data)
    for _ in range(chance.randint(1, MOST_MUTATIONS)):
        front = chance.random() < 0.7
        at = chance.randrange(FRONT_BYTES[kind]) if front else len(out) - 1 - chance.randrange(END_BYTES)
        way = chance.random()
        if way < 0.7:
            out[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256), out[at] ^ 1 << chance.randrange(8)))
        elif way < 0.85:
            del out[at : at + chance.randint(1, 8)]
        else:
            out[at:at] = out[at : at + chance.randint(1, 8)]
    if kind in ("ogg", "opus") and chance.random() < 0.8:  # else nearly every page would be left out unread
        _check_again(out)
    return bytes(out)


def _check_again(data: bytearray) -> None:
    """Give the pages of an Ogg file the checksums that they have now."""
    begins = [found.start() for found in re.finditer(b"OggS", data)]
    for at in begins:
        count = data[at + 26]
        length = 27 + count + sum(data[at + 27 : at + 27 + count])
        data[at + 22 : at + 26] = bytes(4)
        data[at + 22 : at + 26] = checksum(bytes(data[at : at + length])).to_bytes(4, "little")


def fuzz(count: int, folder: Path, seed: int = 0, ffmpeg: str | None = None) -> dict[str, int]:
    """Read so many mutated files; how many were read whole, with a note, or refused. AssertionError where one was not.

    Laws: nothing but AudioFileError is raised, in one line; what is read is as long as it says, and that is what there
    was or what ffmpeg reads, or a note says why not; it takes no time; tags are a warning at most.
    """
    chance, whole = random.Random(seed), tagged(folder)
    outcomes = {"whole": 0, "told": 0, "refused": 0}
    with pytest.MonkeyPatch.context() as patch:
        lengths.decode_here(patch)
        for number in range(count):
            kind = KINDS[number % len(KINDS)]
            path = folder / f"mutated.{kind}"
            path.write_bytes(mutated(kind, whole[kind], chance))
            begun_s = time.process_time()
            case = f"seed {seed}, number {number}: {kind}"
            outcomes[_outcome(path, case, ffmpeg if number // len(KINDS) % FFMPEG_EVERY == 0 else None)] += 1
            assert time.process_time() - begun_s < MOST_S, case
    return outcomes


def _outcome(path: Path, case: str, ffmpeg: str | None) -> str:
    warnings = read_tags(path).warnings
    assert all("\n" not in warning for warning in warnings), case
    try:
        with open_reader(path) as reader:
            frames = sum(block.shape[1] for block in reader.chunks())
            assert frames == reader.frames, case
            said = bool(reader.info.notes)
            if reader.subtype == "OPUS":  # decoded at the rate of what was encoded, where ffmpeg takes 48 kHz
                frames = frames * lengths.RATES_HZ["opus"] // reader.rate_hz
            assert said or frames >= _least(reader), (case, frames)
            if ffmpeg is not None and not said and (theirs := lengths.ffmpeg_frames(ffmpeg, path, reader.channels)):
                assert abs(frames - theirs) <= TAKES_NO_NOTE, (case, frames, theirs)
    except AudioFileError as error:
        problem = str(error)
    else:
        return "told" if said else "whole"
    assert "\n" not in problem, case
    return "refused"


def _least(reader: Reader) -> int:
    """Frames under which a file without a note would have lost some: fewer only where its frames are wider."""
    byte_count = {"PCM_U8": 1, "PCM_S8": 1, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4, "DOUBLE": 8}.get(reader.subtype, 2)
    return int(FRAMES * 4 / max(reader.channels * byte_count, 4)) - TAKES_NO_NOTE


@contextmanager
def quietly() -> Iterator[None]:
    """Nothing goes to standard error, where decoders chatter."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def main() -> None:
    parser = argparse.ArgumentParser(description="Read files with mutated headers and tags.")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, quietly():
        found = fuzz(options.count, Path(folder), options.seed, needs.ffmpeg())
    print(found)


if __name__ == "__main__":
    main()
