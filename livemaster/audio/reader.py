"""Audio files in: checked before anything is decoded, then read in portions, as often as wanted."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from livemaster.audio.chunks import Header, PcmLayout
from livemaster.audio.decode import DecodedSource
from livemaster.audio.feed import Feed
from livemaster.audio.flacfeed import flac_feed
from livemaster.audio.header import read_header
from livemaster.audio.info import AudioInfo, check_info
from livemaster.audio.mpeg import mpeg_feed
from livemaster.audio.ogg import ogg_feed
from livemaster.audio.pcm import PcmSource
from livemaster.audio.spool import remove, spool_stream
from livemaster.documents import STANDARD_STREAM
from livemaster.errors import AudioFileError
from livemaster.printable import shown_path
from livemaster.units import Audio

CHUNK_FRAMES = 16384


class SampleSource(Protocol):
    """Where a reader's frames come from."""

    def read(self, frames: int) -> Audio:
        """Up to `frames` frames, (channels, n); fewer only at the end."""
        ...

    def rewind(self) -> None:
        """Back to frame 0."""
        ...

    def seek(self, frame: int) -> None:
        """To any frame of the file."""
        ...

    def close(self) -> None:
        """Let go of files and processes."""
        ...


class Reader:
    """Audio read from frame 0 in portions, again after each `rewind`; a context manager.

    `path` is the file that holds the audio (a temporary one for standard input), for its tags.
    """

    def __init__(self, info: AudioInfo, source: SampleSource, path: Path, on_close: Callable[[], None]) -> None:
        self.info, self.path = info, path
        self.source, self._on_close = source, on_close

    @property
    def rate_hz(self) -> int:
        """Sample rate in Hz."""
        return self.info.rate_hz

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.info.channels

    @property
    def frames(self) -> int:
        """Exact length in frames."""
        return self.info.frames

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.info.duration_s

    @property
    def format(self) -> str:
        """Container: WAV, AIFF, FLAC, OGG or MP3."""
        return self.info.format

    @property
    def subtype(self) -> str:
        """Sample format or codec."""
        return self.info.subtype

    def read(self, frames: int) -> Audio:
        """The next `frames` frames, float32 (channels, n), C-contiguous; fewer only at the end.

        The array is the caller's own. Raises AudioFileError where the file turns out to be damaged.
        """
        try:
            return self.source.read(frames)
        except OSError as error:
            raise AudioFileError(f"{self.info.name}: cannot be read: {error.strerror}") from error

    def rewind(self) -> None:
        """Back to frame 0, for another pass."""
        self.source.rewind()

    def seek(self, frame: int) -> None:
        """To frame 0…`frames`: the next `read` begins there."""
        self.source.seek(min(max(frame, 0), self.frames))

    def chunks(self, frames: int = CHUNK_FRAMES) -> Iterator[Audio]:
        """One whole pass from frame 0 in portions of `frames` frames, the last one shorter."""
        self.rewind()
        while (audio := self.read(frames)).shape[1]:
            yield audio

    def close(self) -> None:
        """Let go of files and processes, remove temporary copies."""
        self.source.close()
        self._on_close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_reader(path: str | os.PathLike[str]) -> Reader:
    """Open an audio file of 1 to 6 channels, 8 to 192 kHz; `-` is standard input.

    WAV and AIFF with uncompressed samples are read in place; everything else (FLAC, OGG, MP3, compressed WAV)
    is decoded once by a child process with limits. The encoder's delay of an MP3 is removed where its Xing or
    Info header tells it. What had to be assumed, where a header tells no length or a wrong one, is in `info.notes`.
    Raises AudioFileError, one line, for anything that is not such a file.
    """
    if os.fspath(path) == STANDARD_STREAM:
        spooled = _spool_standard_input()
        try:
            return _open(spooled, "standard input", lambda: remove(spooled))
        except BaseException:
            remove(spooled)
            raise
    return _open(Path(path), shown_path(path), lambda: None)


def read_info(path: str | os.PathLike[str]) -> AudioInfo | None:
    """[control] What a file says that it holds, nothing decoded; None where only decoding tells.

    Raises AudioFileError for what is no such file at first sight.
    """
    name = shown_path(path)
    file, size_bytes = _open_file(Path(path), name)
    with file:
        header = _header(file, size_bytes, name)
    if header.pcm is None:
        return None
    info = _info(header, header.pcm, name)
    check_info(info)
    return info


def _spool_standard_input() -> Path:
    if sys.stdin is None:
        raise AudioFileError("standard input: is closed, pipe an audio file into it")
    if sys.stdin.isatty():
        raise AudioFileError("standard input: is a terminal, pipe an audio file into it")
    return spool_stream(sys.stdin.buffer)


def _open(path: Path, name: str, on_close: Callable[[], None]) -> Reader:
    with ExitStack() as undo:
        file, size_bytes = _open_file(path, name)
        undo.callback(file.close)
        header = _header(file, size_bytes, name)
        source: SampleSource
        if header.pcm is not None:
            info = _info(header, header.pcm, name)
            source = PcmSource(file, header.pcm, name)
        else:
            feed = _feed(file, size_bytes, header, name)
            file.close()
            source = decoded = DecodedSource(path, name, header.format, feed)
            undo.callback(decoded.close)
            info = replace(decoded.info, weights=header.weights, notes=(*header.notes, *decoded.info.notes))
        check_info(info)
        undo.pop_all()
        return Reader(info, source, path, on_close)


def _info(header: Header, pcm: PcmLayout, name: str) -> AudioInfo:
    return AudioInfo(
        name, pcm.rate_hz, pcm.channels, pcm.frames, header.format, pcm.subtype, header.weights, header.notes
    )


_FEEDS = {"FLAC": flac_feed, "OGG": ogg_feed, "MP3": mpeg_feed}


def _feed(file: BinaryIO, size_bytes: int, header: Header, name: str) -> Feed | None:
    """What its decoder is to be given, where its header does not tell all that it holds."""
    try:
        if header.format in _FEEDS:
            return _FEEDS[header.format](file, size_bytes, header.start)
    except OSError as error:
        raise AudioFileError(f"{name}: cannot be read: {error.strerror}") from error
    return Feed((((header.start, size_bytes),),)) if header.start else None


def _open_file(path: Path, name: str) -> tuple[BinaryIO, int]:
    """An existing, regular, readable file and its size."""
    try:
        status = path.stat()  # before opening, which would wait for ever on a named pipe
        if stat.S_ISDIR(status.st_mode):
            raise AudioFileError(f"{name}: is a folder, an audio file is wanted")
        if not stat.S_ISREG(status.st_mode):
            raise AudioFileError(f"{name}: is not a regular file (use - for standard input)")
        return path.open("rb"), status.st_size
    except FileNotFoundError:
        raise AudioFileError(f"{name}: no such file") from None
    except OSError as error:
        raise AudioFileError(f"{name}: cannot be read: {error.strerror}") from error
    except ValueError:  # a zero byte in the name
        raise AudioFileError(f"{name}: is not a file name") from None


def _header(file: BinaryIO, size_bytes: int, name: str) -> Header:
    try:
        return read_header(file, size_bytes, name)
    except OSError as error:
        raise AudioFileError(f"{name}: cannot be read: {error.strerror}") from error
