"""The first pass: what the mix is, before anything is decided."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livemaster.analysis.analyse import Analysis, analyse
from livemaster.analysis.recording import Profile
from livemaster.analysis.timeline import ANALYSIS_RATE_HZ
from livemaster.analysis.track_features import Listener
from livemaster.audio import Reader, blocks_at
from livemaster.dsp.dc import CUTOFF_HZ, block_dc
from livemaster.dsp.sanitize import sanitize
from livemaster.mastering.stream import BLOCK_FRAMES, ahead, counted
from livemaster.metering import Measurement, Meter, energy, section_loudness
from livemaster.metering.loudness import MOMENTARY_SUB_BLOCKS, SUB_BLOCKS_PER_S
from livemaster.planning import Span
from livemaster.units import Audio

DC_LIMIT_DBFS = -60.0
"""An offset above this is removed."""
LEAST_OVER_DB = 0.05
"""A peak that shows as above full scale."""
SILENCE_LU = 30.0
"""A section that never comes this near to the whole is silence, for which no loudness can be planned."""
STEADY_RANGE_S = 60.0
"""The loudness range of shorter programme is unstable (EBU Tech 3342)."""
_RING_OUT = MOMENTARY_SUB_BLOCKS
"""Sub-blocks at a section's start in which the one before still rings."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The mix as measured; `energies` are those of 100 ms sub-blocks."""

    measurement: Measurement
    energies: NDArray[np.float64]
    dc_offset_dbfs: float | None
    clipped_runs: int
    nonfinite_samples: int
    analysis: Analysis | None = None
    """What was heard beyond the measurement; None where nobody asked, and for silence."""
    reading: tuple[str, ...] = ()
    """What had to be assumed to read the file."""

    @property
    def has_dc(self) -> bool:
        """Whether the offset is worth removing."""
        return self.dc_offset_dbfs is not None and self.dc_offset_dbfs > DC_LIMIT_DBFS

    def section_lufs(self, spans: tuple[Span, ...]) -> tuple[float | None, ...]:
        """Loudness of each section; None for silence and for less than a gating block."""
        return tuple(self._section(span) for span in spans)

    def _section(self, span: Span) -> float | None:
        first, stop = (round(time_s * SUB_BLOCKS_PER_S) for time_s in (span.start, span.end))
        heard = self.energies[first + (_RING_OUT if first else 0) : stop]
        if not len(heard):  # too short to tell
            heard = self.energies[first:stop]
        audible = energy((self.measurement.integrated_lufs or 0.0) - SILENCE_LU)
        if not len(heard) or float(heard.max()) < audible:
            return None
        return section_loudness(self.energies, span.start, span.end)

    def warnings(self) -> list[str]:
        """What the user should know about the mix."""
        found = [f"input: {note}" for note in self.reading]
        if self.nonfinite_samples:
            found.append(
                f"input: {self.nonfinite_samples} samples were no finite numbers (or absurdly large) and were cleaned"
            )
        if self.clipped_runs:
            places = "1 place" if self.clipped_runs == 1 else f"{self.clipped_runs} places"
            found.append(f"input: clipped in {places} (flat tops of 3 or more samples at full scale or above)")
        peak_dbfs = self.measurement.sample_peak_dbfs
        if peak_dbfs is not None and peak_dbfs >= LEAST_OVER_DB:
            found.append(f"input: peaks at {peak_dbfs:+.1f} dBFS, above full scale")
        if self.has_dc:
            found.append(f"input: has a DC offset of {self.dc_offset_dbfs:.1f} dBFS")
        return found

    def range_notes(self) -> list[str]:
        """What the user should know about the loudness range."""
        if self.measurement.loudness_range_lu is None or self.measurement.duration_s >= STEADY_RANGE_S:
            return []
        return [f"the loudness range of less than {STEADY_RANGE_S:g} s of programme is unstable"]


def listen(reader: Reader, progress: Callable[[int], None], profiles: Sequence[Profile] = ()) -> Facts:
    """[control] Measure a whole file; `progress` is called with the frames of every block.

    With `profiles`, the base model's recording types, a mono or stereo file is analysed too, in the same pass.
    """
    meter = Meter(reader.rate_hz, reader.channels, weights=reader.info.weights)
    cleaner = _Cleaner()
    blocks = counted(ahead(_metered(ahead(cleaner.blocks(reader)), meter)), progress)
    analysis = None
    if profiles:
        analysis = _analysed(blocks, reader, meter, profiles)
    else:
        for _ in blocks:
            pass
    offsets = [dbfs for dbfs in meter.dc_offset_dbfs if dbfs is not None]
    offset_dbfs = max(offsets, default=None)
    energies = meter.energies.copy()
    return Facts(
        meter.read(), energies, offset_dbfs, meter.clipped_runs, cleaner.nonfinite, analysis, reader.info.notes
    )


def _analysed(blocks: Iterable[Audio], reader: Reader, meter: Meter, profiles: Sequence[Profile]) -> Analysis | None:
    """Analysis of the blocks, which the meter has heard; None for silence."""
    listener, state = Listener(reader.channels), np.zeros((reader.channels, 3))
    pole = math.exp(-2.0 * math.pi * CUTOFF_HZ / ANALYSIS_RATE_HZ)
    for block in blocks_at(blocks, reader.rate_hz, ANALYSIS_RATE_HZ, reader.channels):
        block_dc(block, pole, state)  # the chain takes an offset out, so none is heard
        listener.push(block)
    if meter.read().integrated_lufs is None:
        return None
    return analyse(listener.finish(meter.energies.copy()), profiles)


class _Cleaner:
    """A file's blocks with nothing in them but finite samples, and how many others there were."""

    def __init__(self) -> None:
        self.nonfinite = 0

    def blocks(self, reader: Reader) -> Iterator[Audio]:
        """One pass over the file."""
        for block in reader.chunks(BLOCK_FRAMES):
            self.nonfinite += sanitize(block)
            yield block


def _metered(blocks: Iterable[Audio], meter: Meter) -> Iterator[Audio]:
    """The same blocks, each measured before it is handed on."""
    for block in blocks:
        meter.push(block)
        yield block
