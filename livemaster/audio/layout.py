"""Which loudspeaker each channel of a file is meant for, and by that its weight in loudness (BS.1770-5, annex 1).

Only files that say so, or whose codec has an order of its own, get weights here; everything else is weighted by its
number of channels, in the usual order of WAV.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

Weights = tuple[float, ...]
"""One for each channel; empty: by their number."""

FRONT, SURROUND, LFE = 1.0, 1.41, 0.0

_LFE_BITS = frozenset((3,))
_SURROUND_BITS = frozenset((4, 5, 8, 9, 10, 15, 16, 17))
"""Of a mask: back, side and top back (as ffmpeg weights them)."""
_MASK_BITS = 18

_VORBIS = {
    3: (FRONT, FRONT, FRONT),
    4: (FRONT, FRONT, SURROUND, SURROUND),
    5: (FRONT, FRONT, FRONT, SURROUND, SURROUND),
    6: (FRONT, FRONT, FRONT, SURROUND, SURROUND, LFE),
}
"""L C R; L R Ls Rs; L C R Ls Rs; L C R Ls Rs LFE (Vorbis I, 4.3.9; RFC 7845, 5.1.1.2)."""

_CORE_AUDIO = {
    108: "LRSS", 113: "LRC", 114: "CLR", 115: "LRCS", 116: "CLRS", 117: "LRCSS", 118: "LRSSC", 119: "LCRSS",
    120: "CLRSS", 121: "LRCFSS", 122: "LRSSCF", 123: "LCRSSF", 124: "CLRSSF", 131: "LRS", 132: "LRSS", 133: "LRF",
    134: "LRFS", 135: "LRFSS", 136: "LRCF", 137: "LRCFS", 138: "LRSSF",
}  # fmt: skip
"""Layout tags of Apple's CHAN chunk, without their channel counts; S: any surround, F: the LFE."""
_CORE_AUDIO_MASK = 1
_LETTERS = {"L": FRONT, "R": FRONT, "C": FRONT, "S": SURROUND, "F": LFE}

_FLAC_MASK = re.compile(rb"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0x([0-9a-f]{1,8})", re.IGNORECASE)


def by_mask(mask: int, channels: int) -> Weights:
    """Weights by the mask of WAVE_FORMAT_EXTENSIBLE; none where it does not name as many channels as there are."""
    bits = [bit for bit in range(_MASK_BITS) if mask >> bit & 1]
    if len(bits) != channels or channels < 3 or mask >> _MASK_BITS:
        return ()
    return tuple(LFE if bit in _LFE_BITS else SURROUND if bit in _SURROUND_BITS else FRONT for bit in bits)


def by_vorbis(channels: int) -> Weights:
    """Weights in the order of Vorbis and Opus."""
    return _VORBIS.get(channels, ())


def by_flac_comments(comments: bytes, channels: int) -> Weights:
    """Weights by the mask that a FLAC's comments may tell; none where they do not."""
    found = _FLAC_MASK.search(comments)
    return by_mask(int(found.group(1), 16), channels) if found else ()


def by_core_audio(chunk: bytes, channels: int) -> Weights:
    """Weights by the CHAN chunk of an AIFF, by tag or by mask."""
    if len(chunk) < 8:
        return ()
    tag, mask = struct.unpack(">II", chunk[:8])
    if tag >> 16 == _CORE_AUDIO_MASK:
        return by_mask(mask, channels)
    letters = _CORE_AUDIO.get(tag >> 16, "")
    return tuple(_LETTERS[letter] for letter in letters) if len(letters) == channels else ()


def ogg_weights(first_page: bytes, channels: int) -> Weights:
    """Weights of an Ogg's channels; Opus with an order of its own (mapping family 255) has none."""
    at = first_page.find(b"OpusHead")
    if at >= 0 and first_page[at + 18 : at + 19] not in (b"\0", b"\1"):
        return ()
    return () if b"\x7fFLAC" in first_page else by_vorbis(channels)


def flac_weights(blocks: Sequence[bytes], channels: int) -> Weights:
    """Weights of a FLAC's channels, from its blocks of comments."""
    return next((found for block in blocks if (found := by_flac_comments(block, channels))), ())
