"""What was heard in one file, for a terminal of any width: facts, the track drawn, its sections, its fingerprint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from livemaster.printable import shown_path
from livemaster.report.fingerprint import show_fingerprint
from livemaster.report.strip import draw_track, swatch
from livemaster.report.tables import clock, number

if TYPE_CHECKING:
    from livemaster.analysis.analyse import Analysis, HeardSection
    from livemaster.analysis.recording import RecordingType
    from livemaster.analysis.tempo import Tempo
    from livemaster.mastering.analysis_job import Hearing
    from livemaster.metering import Measurement

LEAST_SHARE = 0.01
"""Other candidates are named from this share on."""
RUNNERS_UP = 2


def show_hearing(console: Console, heard: Hearing) -> None:
    """Everything about one file; what could not be told comes last."""
    console.print(Text(heard.name, style="bold"), soft_wrap=True)
    facts = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    for name, value in _facts(heard):
        facts.add_row(Text(name, style="dim"), Text(value))
    console.print(facts)
    found = heard.analysis
    if found is not None:
        console.print()
        for line in draw_track(console, heard.measurement.duration_s, found.sections, found.emotion):
            console.print(line)
        console.print()
        console.print(_sections(console, found.sections))
        console.print()
        show_fingerprint(console, found.fingerprint)
    if heard.left_out:
        console.print()
    for each in heard.left_out:
        console.print(Text(f"left out: {each}"))


Line = tuple[str, ...]
"""Name, length, loudness, kind of recording, how sure, tempo and number of sections of one of many files."""


def line_of(file: str, heard: Hearing) -> Line:
    """One file in a line, as text, so that nothing else of it need be kept."""
    name, measured, found = shown_path(file), heard.measurement, heard.analysis
    level = (clock(measured.duration_s), number(measured.integrated_lufs))
    if found is None:
        return (name, *level, "silent", "–", "–", "–")
    kind = ("–", "–") if found.recording is None else (found.recording.type, percent(found.recording.confidence))
    return (name, *level, *kind, number(found.tempo.bpm), str(len(found.sections)))


def show_lines(console: Console, lines: Sequence[Line]) -> None:
    """A table of many files."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    table.add_column("file", overflow="fold")
    for name in ("length", "LUFS"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("recording", no_wrap=True)
    for name in ("sure", "bpm", "sections"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        table.add_row(*map(Text, line))
    console.print(table)


def heard_in_a_line(found: Analysis) -> str:
    """What a master was made by, and how sure that is."""
    return f"heard: {kind_of(found.recording)}; {tempo_of(found.tempo)}; {_count(found.sections)}"


def kind_of(found: RecordingType | None) -> str:
    """The kind of recording and how sure it is, with the profile where the kind has several."""
    if found is None:
        return "too short to tell the kind of recording"
    profile = "" if found.profile == found.type else f" ({found.profile})"
    return f"{found.type}{profile}, {percent(found.confidence)} sure"


def tempo_of(found: Tempo) -> str:
    """Tempo, metre, and how sure they are."""
    if found.bpm is None:
        return "no beat"
    return f"{number(found.bpm)} bpm, {found.beats_per_bar} beats to the bar, {percent(found.confidence)} sure"


def percent(share: float) -> str:
    """A share 0…1 in whole percents."""
    return f"{100.0 * share:.0f} %"


def format_of(measured: Measurement) -> str:
    """Length, rate and channels."""
    channels = {1: "mono", 2: "stereo"}.get(measured.channels, f"{measured.channels} channels")
    return f"{clock(measured.duration_s)}, {measured.sample_rate_hz} Hz, {channels}"


def _facts(heard: Hearing) -> Iterator[tuple[str, str]]:
    measured, found = heard.measurement, heard.analysis
    yield "length", format_of(measured)
    loudness = f"{number(measured.integrated_lufs)} LUFS, range {number(measured.loudness_range_lu)} LU"
    yield "loudness", f"{loudness}, true peak {number(measured.true_peak_dbtp, 2)} dBTP"
    if found is None:
        return
    if found.recording is not None:
        yield "recording", kind_of(found.recording) + _others(found.recording)
        for index, reason in enumerate(found.recording.reasons):
            yield "because" if not index else "", reason
    yield "tempo", tempo_of(found.tempo)
    numbers = found.fingerprint
    tone = f"centroid {number(numbers['spectral_centroid'], 0)} Hz, bass to mid {number(numbers['bass_mid_ratio'])} dB"
    yield "tone", f"{tone}, crest {number(numbers['crest_db'])} dB, width {number(numbers['stereo_width'], 2)}"


def _others(found: RecordingType) -> str:
    """The candidates that come next, by their shares in what the confidence leaves."""
    rest = [each for each in found.candidates if each.profile != found.profile and each.share >= LEAST_SHARE]
    left = (1.0 - found.confidence) / max(sum(each.share for each in rest), LEAST_SHARE)
    named = ", ".join(f"{each.profile} {percent(left * each.share)}" for each in rest[:RUNNERS_UP])
    return f"; next: {named}" if named else ""


def _count(sections: tuple[HeardSection, ...]) -> str:
    return "one section" if len(sections) == 1 else f"{len(sections)} sections"


def _sections(console: Console, sections: tuple[HeardSection, ...]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for name in ("section", "emotion"):
        table.add_column(name)
    for name in ("from", "to", "intensity", "valence", "sure"):
        table.add_column(name, justify="right")
    for each in sections:
        table.add_row(
            Text(each.section),
            swatch(console, each.emotion),
            clock(each.start),
            clock(each.end),
            number(each.intensity, 2),
            number(each.valence, 2),
            percent(each.confidence),
        )
    return table
