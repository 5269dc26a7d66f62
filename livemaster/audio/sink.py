"""AIFF, FLAC, OGG and MP3 files, written through libsndfile from samples that we quantised."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from livemaster.audio.formats import FLOAT_BIT_DEPTH, OutputFormat
from livemaster.dsp.dither import Quantiser
from livemaster.errors import OutputError
from livemaster.units import Audio

_PORTION_FRAMES = 8192  # libsndfile's Vorbis encoder puts a whole call's audio on the stack
_LOSSY_SUBTYPES = {"OGG": "VORBIS", "MP3": "MPEG_LAYER_III"}


class SoundFileSink:
    """One file written by libsndfile: integers for lossless formats, floats for lossy ones and 32 bits."""

    def __init__(
        self, path: Path, name: str, wanted: OutputFormat, rate_hz: int, channels: int, bit_depth: int | None
    ) -> None:
        self._path = path
        self._bits = bit_depth if bit_depth not in (None, FLOAT_BIT_DEPTH) else None
        self._quantiser = Quantiser(self._bits, channels) if self._bits else None
        subtype = _LOSSY_SUBTYPES.get(wanted.name) or (f"PCM_{self._bits}" if self._bits else "FLOAT")
        try:
            self._file = sf.SoundFile(
                os.fsencode(path) if os.name == "posix" else str(path),  # names need not be valid Unicode
                "w",
                rate_hz,
                channels,
                subtype,
                format=wanted.name,
                compression_level=wanted.compression_level,
                bitrate_mode=wanted.bitrate_mode(rate_hz),
            )
        except sf.LibsndfileError as error:
            if reason := self._refusal():
                raise reason from error
            raise OutputError(f"{name}: {wanted.name} cannot hold {channels} channels at {rate_hz} Hz") from error

    def write(self, audio: Audio) -> None:
        """Append (channels, n); raises OSError."""
        if self._quantiser is None:
            self._append(np.ascontiguousarray(audio.T))
        else:
            self._append(self._interleaved(self._quantiser.process(audio)))

    def close(self) -> None:
        """Complete the file; raises OSError."""
        if self._quantiser is not None:
            self._append(self._interleaved(self._quantiser.flush()))
        try:
            self._file.close()
        except RuntimeError as error:
            raise self._cause(error) from error

    def abandon(self) -> None:
        """Let go of the file as it is."""
        with suppress(RuntimeError):
            self._file.close()

    def _interleaved(self, values: NDArray[np.int32]) -> NDArray[np.int32]:
        """Integers (channels, n) as libsndfile wants them: interleaved, in the upper bits of 32."""
        assert self._bits is not None
        return np.ascontiguousarray(values.T << (32 - self._bits))

    def _append(self, interleaved: NDArray[np.float32] | NDArray[np.int32]) -> None:
        try:
            for start in range(0, len(interleaved), _PORTION_FRAMES):
                self._file.write(interleaved[start : start + _PORTION_FRAMES])
        except (RuntimeError, AssertionError) as error:  # soundfile asserts that all was written
            raise self._cause(error) from error

    def _cause(self, error: Exception) -> OSError:
        """Why libsndfile failed."""
        return self._refusal() or OSError(errno.EIO, f"{type(error).__name__} {error}".strip())

    def _refusal(self) -> OSError | None:
        """What the system says, which libsndfile does not tell: ask by appending to the doomed file."""
        try:
            with self._path.open("ab", buffering=0) as file:
                for _ in range(16):
                    file.write(bytes(1 << 16))
        except OSError as reason:
            return reason
        return None
