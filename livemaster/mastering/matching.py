"""By how much each section of a master is louder than the mix it is compared with, both as A/B plays them."""

from __future__ import annotations

from livemaster.engine import Engine, Lane, Program
from livemaster.graph import Graph, NodeSpec
from livemaster.mastering.job import Prepared, Progress, StepProgress
from livemaster.mastering.program import ramp_frames
from livemaster.mastering.stream import BLOCK_FRAMES, ahead, counted, rendered
from livemaster.metering import Meter, section_loudness
from livemaster.metering.loudness import Energies
from livemaster.units import frames_to_seconds


def louder_db(
    prepared: Prepared, master: Energies, ceiling_dbtp: float, progress: Progress
) -> tuple[float | None, ...]:
    """[control] Loudness of the master's sections above the mix's, in LU; None where one of them has none.

    `master`: energies of its 100 ms sub-blocks. Measured between the ramps from section to section, in which the
    matching moves too.
    """
    mix = _under_ceiling(prepared, ceiling_dbtp, progress)
    sections, rate_hz = prepared.plan.sections, prepared.reader.rate_hz
    ramps_s = [tuple(frames_to_seconds(f, rate_hz) for f in ramp) for ramp in ramp_frames(sections, rate_hz)]
    starts_s = [prepared.plan.spans[0].start, *(end_s for _, end_s in ramps_s)]
    ends_s = [*(begin_s for begin_s, _ in ramps_s), prepared.plan.spans[-1].end]
    return tuple(
        None if own is None else _difference(master, mix, start_s, end_s)
        for own, start_s, end_s in zip(prepared.mix_lufs, starts_s, ends_s, strict=True)
    )


def _difference(master: Energies, mix: Energies, start_s: float, end_s: float) -> float | None:
    a, b = (section_loudness(energies, start_s, end_s) for energies in (master, mix))
    return None if a is None or b is None else a - b


def _under_ceiling(prepared: Prepared, ceiling_dbtp: float, progress: Progress) -> Energies:
    """Energies of the mix as it leaves the limiter, which holds its peaks in A/B too."""
    peak_dbtp, reader = prepared.facts.measurement.true_peak_dbtp, prepared.reader
    if peak_dbtp is None or peak_dbtp <= ceiling_dbtp:
        return prepared.facts.energies
    plain = Graph.chain([NodeSpec("mix", "gain")])
    program = Program((Lane("limiter.ceiling_db", (0,), (ceiling_dbtp,)),))
    engine = Engine(plain, reader.rate_hz, reader.channels, program=program, compares=False)
    meter = Meter(reader.rate_hz, reader.channels, weights=reader.info.weights)
    step = StepProgress(progress, "comparing", reader.frames)
    for block in counted(ahead(rendered(engine, ahead(reader.chunks(BLOCK_FRAMES)))), step):
        meter.push(block)
    return meter.energies.copy()
