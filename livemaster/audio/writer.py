"""Audio files out: quantised last, complete or absent, never over an input."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from livemaster.audio.formats import OutputFormat, checked_bit_depth, output_format
from livemaster.audio.header import read_header
from livemaster.audio.spool import spool_folder
from livemaster.audio.wav import WavSink
from livemaster.documents import STANDARD_STREAM, checked_target
from livemaster.documents.atomic import UNKEPT, writing
from livemaster.documents.claim import check_unclaimed
from livemaster.documents.hidden import HiddenFile, unwinding_on_signals
from livemaster.errors import AudioFileError, OutputError
from livemaster.printable import shown_path
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
            with writing(self.name, UNKEPT):
                self._hidden = HiddenFile(target or spool_folder() / "livemaster-output.wav")
                undo.callback(self._hidden.discard)
                self._sink = _open_sink(self._hidden.path, name, wanted, rate_hz, channels, bits)
            undo.callback(self._abandon)
            self._undo = undo.pop_all()

    def write(self, audio: Audio) -> None:
        """Append float32 (channels, n), full scale ±1, finite; OutputError when the disk takes no more."""
        with writing(self.name, UNKEPT):
            self._sink.write(audio)
        self._frames += audio.shape[1]

    def finish(self) -> Path:
        """Complete the file under its hidden name and return that, for measuring and tagging."""
        if not self._finished:
            with writing(self.name, UNKEPT):
                self._sink.close()
            self._finished = True
        return self._hidden.path

    def commit(self) -> None:
        """Check that the file is whole and give it its name, at once and durably (or send it to stdout).

        Raises OutputError; the target then is what it was.
        """
        path = self.finish()
        with writing(self.name, UNKEPT):
            if _frames_in(path, self.name) != self._frames:
                raise OutputError(f"{self.name}: the file that was written is not whole; nothing was kept")
            if self._target is None:
                _send_to_standard_output(path)
            else:
                self._publish(self._target)

    def keep(self) -> None:
        """[control] Give the file its name now, whole as far as it is written, and go on; WAV of 32 bits only.

        From then on it stays, whatever ends the work. Raises OutputError.
        """
        assert isinstance(self._sink, WavSink)
        with writing(self.name, UNKEPT):
            self._sink.sync()
            if self._target is not None and not self._kept:
                self._publish(self._target)
                self._kept = True

    def _publish(self, target: Path) -> None:
        """Something may have come into being there meanwhile."""
        if self._force and not self._kept and target.exists():
            check_unclaimed(target)
        self._hidden.publish(replace=self._force or self._kept)

    def close(self) -> None:
        """Remove what is not committed, nor kept."""
        self._undo.close()

    def _abandon(self) -> None:
        if not self._finished:
            self._sink.abandon()

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
        name = shown_path(path)
        wanted = output_format(Path(path), name)
    bits = checked_bit_depth(wanted, bit_depth, rate_hz, name)
    target = None if os.fspath(path) == STANDARD_STREAM else checked_target(path, force=force, others=inputs)
    return Writer(target, name, wanted, rate_hz, channels, bits, force)


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
