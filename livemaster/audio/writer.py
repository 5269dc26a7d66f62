"""Audio files out: quantised last, complete or absent, never over an input."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from livemaster.audio.claim import check_unclaimed
from livemaster.audio.formats import OutputFormat, checked_bit_depth, output_format
from livemaster.audio.header import read_header
from livemaster.audio.hidden import HiddenFile, unwinding_on_signals
from livemaster.audio.info import STANDARD_STREAM, shown
from livemaster.audio.spool import spool_folder
from livemaster.audio.wav import WavSink
from livemaster.errors import AudioFileError, OutputError
from livemaster.units import Audio


class Sink(Protocol):
    """One audio file being written."""

    def write(self, audio: Audio) -> None:
        """Append (channels, n); raises OSError."""
        ...

    def close(self) -> None:
        """Complete the file; raises OSError."""
        ...

    def abandon(self) -> None:
        """Let go of the file as it is."""
        ...


class Writer:
    """One output file: `write` any number of times, `finish`, look at it and tag it, `commit`.

    A context manager: left without `commit` (or `keep`), for whatever reason, nothing of the file remains. While it is
    open in the main thread, SIGTERM and SIGHUP unwind the stack as Ctrl-C does.
    """

    def __init__(
        self,
        target: Path | None,
        name: str,
        wanted: OutputFormat,
        rate_hz: int,
        channels: int,
        bits: int | None,
        force: bool,
    ) -> None:
        self.format, self.bit_depth, self.name = wanted, bits, name
        self._target, self._force, self._frames, self._finished, self._kept = target, force, 0, False, False
        with ExitStack() as undo:
            undo.enter_context(unwinding_on_signals())
            with self._reporting():
                self._hidden = HiddenFile(target or spool_folder() / "livemaster-output.wav")
                undo.callback(self._hidden.discard)
                self._sink = _open_sink(self._hidden.path, name, wanted, rate_hz, channels, bits)
            undo.callback(self._abandon)
            self._undo = undo.pop_all()

    def write(self, audio: Audio) -> None:
        """Append float32 (channels, n), full scale ±1, finite; OutputError when the disk takes no more."""
        with self._reporting():
            self._sink.write(audio)
        self._frames += audio.shape[1]

    def finish(self) -> Path:
        """Complete the file under its hidden name and return that, for measuring and tagging."""
        if not self._finished:
            with self._reporting():
                self._sink.close()
            self._finished = True
        return self._hidden.path

    def commit(self) -> None:
        """Check that the file is whole and give it its name, at once and durably (or send it to stdout).

        Raises OutputError; the target then is what it was.
        """
        path = self.finish()
        with self._reporting():
            if _frames_in(path, self.name) != self._frames:
                raise OutputError(f"{self.name}: the file that was written is not whole; nothing was kept")
            if self._target is None:
                _send_to_standard_output(path)
            else:
                _check_free(self._target, self.name, self._force or self._kept)  # it may have come into being meanwhile
                self._hidden.publish()

    def keep(self) -> None:
        """[control] Give the file its name now, whole as far as it is written, and go on; WAV of 32 bits only.

        From then on it stays, whatever ends the work. Raises OutputError.
        """
        assert isinstance(self._sink, WavSink)
        with self._reporting():
            self._sink.sync()
            if self._target is not None and not self._kept:
                _check_free(self._target, self.name, self._force)
                self._hidden.publish()
                self._kept = True

    def close(self) -> None:
        """Remove what is not committed, nor kept."""
        self._undo.close()

    def _abandon(self) -> None:
        if not self._finished:
            self._sink.abandon()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(f"{self.name}: cannot be written: {error.strerror or error}; nothing was kept") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_writer(
    path: str | os.PathLike[str],
    rate_hz: int,
    channels: int,
    *,
    bit_depth: int | None = None,
    force: bool = False,
    inputs: Iterable[str | os.PathLike[str]] = (),
) -> Writer:
    """Begin an output file whose extension (wav aiff aif flac ogg mp3) says the format; `-` is WAV to stdout.

    `bit_depth`: 16 (dithered), 24 (default) or 32 (float, WAV and AIFF only). `inputs`: files that must never
    be overwritten, under whatever name. Raises OutputError, one line, before anything is written.
    """
    if os.fspath(path) == STANDARD_STREAM:
        name = "standard output"
        wanted = output_format(Path("x.wav"), name)
    else:
        name = shown(path)
        wanted = output_format(Path(path), name)
    bits = checked_bit_depth(wanted, bit_depth, rate_hz, name)
    target = None if os.fspath(path) == STANDARD_STREAM else checked_target(path, force=force, inputs=inputs)
    return Writer(target, name, wanted, rate_hz, channels, bits, force)


def checked_target(path: str | os.PathLike[str], *, force: bool, inputs: Iterable[str | os.PathLike[str]] = ()) -> Path:
    """[control] Where a file called `path` would really go (a link's target is replaced, not the link).

    OutputError when that is one of `inputs`, exists (unless `force`), is a take that is recorded, or cannot be a file.
    """
    name = shown(path)
    try:
        target = Path(os.path.realpath(path))
    except ValueError:  # a zero byte in the name
        raise OutputError(f"{name}: is not a file name") from None
    for other in inputs:
        if os.fspath(other) != STANDARD_STREAM and _same_file(target, Path(other)):
            raise OutputError(f"{name}: is the input {shown(other)} itself, the output needs another name")
    _check_free(target, name, force)
    return target


def _check_free(target: Path, name: str, force: bool) -> None:
    try:
        status = target.stat()
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise OutputError(f"{name}: there is no folder {shown(target.parent)}") from None
        return
    except OSError as error:
        raise OutputError(f"{name}: cannot be written: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise OutputError(f"{name}: exists and is not a regular file (use - for standard output)")
    if not force:
        raise OutputError(f"{name}: exists already, --force overwrites it")
    check_unclaimed(target)


def _same_file(target: Path, other: Path) -> bool:
    try:
        return target == Path(os.path.realpath(other)) or target.samefile(other)
    except (OSError, ValueError):
        return False


def _open_sink(path: Path, name: str, wanted: OutputFormat, rate_hz: int, channels: int, bits: int | None) -> Sink:
    if wanted.name == "WAV":
        assert bits is not None
        return WavSink(path, rate_hz, channels, bits)
    from livemaster.audio.sink import SoundFileSink  # a WAV needs no libsndfile

    return SoundFileSink(path, name, wanted, rate_hz, channels, bits)


def _frames_in(path: Path, name: str) -> int:
    """Frames that a finished file claims and has."""
    try:
        with path.open("rb") as file:
            pcm = read_header(file, path.stat().st_size, name).pcm
    except AudioFileError as error:
        raise OutputError(f"{error}; nothing was kept") from error
    if pcm is not None:
        return pcm.frames
    import soundfile as sf

    try:
        return int(sf.info(os.fsencode(path) if os.name == "posix" else str(path)).frames)
    except sf.LibsndfileError:
        return -1


def _send_to_standard_output(path: Path) -> None:
    with path.open("rb") as file:
        shutil.copyfileobj(file, sys.stdout.buffer, 1 << 20)
    sys.stdout.buffer.flush()
