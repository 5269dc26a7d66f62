"""What an audio file says about itself, and what of that the program accepts."""

from __future__ import annotations

from dataclasses import dataclass, replace

from livemaster.errors import AudioFileError
from livemaster.printable import told_apart
from livemaster.units import frames_to_seconds

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 8_000, 192_000
MOST_CHANNELS = 6
LONGEST_S = 12 * 3600.0
SHORTEST_MASTER_S = 0.4
"""One gating block of BS.1770: anything shorter has no integrated loudness."""

DUAL_MONO = (2.0,)
"""The weight of a single channel that two loudspeakers play."""


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """Format and length of one audio file; `frames` is exact (a decoder that cannot know has counted)."""

    name: str
    rate_hz: int
    channels: int
    frames: int
    format: str
    subtype: str
    weights: tuple[float, ...] = ()
    """Of the channels in loudness; empty: by their number."""
    notes: tuple[str, ...] = ()
    """What had to be assumed to read it."""

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return frames_to_seconds(self.frames, self.rate_hz)


def as_dual_mono(info: AudioInfo) -> AudioInfo:
    """The same file, if it is mono counted as what it is on two loudspeakers: 3 LU louder."""
    return replace(info, weights=DUAL_MONO) if info.channels == 1 else info


def check_info(info: AudioInfo) -> None:
    """Raise AudioFileError unless rate, channels and length can be read and measured."""
    if not LOWEST_RATE_HZ <= info.rate_hz <= HIGHEST_RATE_HZ:
        raise AudioFileError(
            f"{info.name}: the sample rate is {info.rate_hz} Hz, allowed are {LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz"
        )
    if not 1 <= info.channels <= MOST_CHANNELS:
        raise AudioFileError(f"{info.name}: has {info.channels} channels, allowed are 1 to {MOST_CHANNELS}")
    if info.frames < 1:
        raise AudioFileError(f"{info.name}: holds no audio (0 frames)")
    if info.duration_s > LONGEST_S:
        raise AudioFileError(
            f"{info.name}: claims to last {told_apart(info.duration_s / 3600, LONGEST_S / 3600, spec='.1f')} hours, "
            f"allowed are {LONGEST_S / 3600:.0f}"
        )


def check_for_mastering(info: AudioInfo) -> None:
    """Raise AudioFileError unless the file can be mastered: mono or stereo, one loudness block at least."""
    if info.channels > 2:
        raise AudioFileError(f"{info.name}: has {info.channels} channels, mastering takes mono or stereo")
    if info.duration_s < SHORTEST_MASTER_S:
        raise AudioFileError(
            f"{info.name}: lasts {told_apart(info.duration_s, SHORTEST_MASTER_S, spec='.3f')} s, "
            f"mastering needs at least {SHORTEST_MASTER_S:g} s"
        )
