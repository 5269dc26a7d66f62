"""The formats that can be written, chosen by the file's extension."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from livemaster.errors import OutputError

DEFAULT_BIT_DEPTH = 24
FLOAT_BIT_DEPTH = 32
_LAME_EXACT_HZ = 32_000


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """One format: its word lengths (none for lossy ones) and rates (none: any that the program reads).

    `compression_level` is soundfile's: 0 is the best quality.
    """

    name: str
    bit_depths: tuple[int, ...] = ()
    rates_hz: tuple[int, ...] = ()
    compression_level: float | None = None

    @property
    def lossy(self) -> bool:
        """Whether decoding gives other samples than were written."""
        return not self.bit_depths

    def bitrate_mode(self, rate_hz: int) -> str | None:
        """soundfile's bitrate mode: constant for MP3 (320 kbit/s), but variable below 32 kHz.

        There LAME attenuates what it encodes at constant rates by 0.45 dB, which a loudness target does not bear.
        """
        if self.name != "MP3":
            return None
        return "CONSTANT" if rate_hz >= _LAME_EXACT_HZ else "VARIABLE"


_FLAC_ANY_HZ = 65535  # above it, a FLAC frame header counts in tens
_MPEG_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AIFF = OutputFormat("AIFF", bit_depths=(16, 24, 32))
FORMATS = {
    ".wav": OutputFormat("WAV", bit_depths=(16, 24, 32)),
    ".aiff": _AIFF,
    ".aif": _AIFF,
    ".flac": OutputFormat("FLAC", bit_depths=(16, 24)),
    ".ogg": OutputFormat("OGG", compression_level=0.1),  # Vorbis quality 9, about 320 kbit/s at 44.1 kHz
    ".mp3": OutputFormat("MP3", rates_hz=_MPEG_RATES_HZ, compression_level=0.0),
}


def output_format(path: Path, name: str) -> OutputFormat:
    """The format that the extension of `path` names; OutputError with those allowed for any other."""
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise OutputError(f"{name}: unknown extension '{path.suffix}', allowed are {' '.join(FORMATS)}")
    return found


def checked_bit_depth(wanted: OutputFormat, bit_depth: int | None, rate_hz: int, name: str) -> int | None:
    """The word length to write, None for lossy formats; OutputError if format, depth and rate do not fit."""
    if wanted.rates_hz and rate_hz not in wanted.rates_hz:
        rates = ", ".join(map(str, wanted.rates_hz))
        raise OutputError(f"{name}: {wanted.name} cannot hold {rate_hz} Hz, allowed with --sample-rate are {rates}")
    if wanted.name == "FLAC" and rate_hz > _FLAC_ANY_HZ and rate_hz % 10:
        raise OutputError(f"{name}: FLAC cannot hold {rate_hz} Hz, allowed above 65535 are multiples of 10")
    if wanted.lossy:
        if bit_depth is not None:
            raise OutputError(f"{name}: {wanted.name} has no bit depth, leave --bit-depth {bit_depth} out")
        return None
    depth = DEFAULT_BIT_DEPTH if bit_depth is None else bit_depth
    if depth not in wanted.bit_depths:
        allowed = ", ".join(map(str, wanted.bit_depths))
        raise OutputError(f"{name}: {wanted.name} cannot hold {depth} bits, allowed are {allowed}")
    return depth
