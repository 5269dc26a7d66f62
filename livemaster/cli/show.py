"""What the user sees: progress on standard error, results as tables on standard output."""

from __future__ import annotations

import json
import math
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.segment import Segment

from livemaster.cli import firstrun
from livemaster.mastering.job import Progress as Report
from livemaster.mastering.mix_facts import Facts
from livemaster.mastering.render_report import RenderReport
from livemaster.mastering.take_job import TakeReport
from livemaster.planning import Plan
from livemaster.printable import printable
from livemaster.report.hearing import heard_in_a_line
from livemaster.report.tables import clock, number, show_columns, show_sections, show_values
from livemaster.snapshot import Snapshot
from livemaster.sound.devices import NULL_ID
from livemaster.ui.streams import say


@contextmanager
def steps(*kernels: str, drawn: bool = True) -> Iterator[Report]:
    """A progress report that draws a bar for each step on standard error, where that is a terminal.

    `kernels`: what will be compiled on the first run, `metering`, `mastering`, `analysis`; the user is told.
    `drawn`: False where the results themselves are written to the terminal meanwhile.
    """
    console = new_console(stderr=True)
    columns = (TextColumn("{task.description:<10}"), BarColumn(), TextColumn("{task.fields[share]:>5}"))
    running: dict[str, Any] = {"step": None, "task": None}
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,  # results go where they should, not above the bar
        disable=not (drawn and console.is_terminal),
    ) as bar:

        def report(step: str, share: float) -> None:
            if running["step"] is None and firstrun.is_first(*kernels):  # not sooner: complaints come first
                console.print(firstrun.notice(*kernels), soft_wrap=True)
            if step != running["step"] or share == 0.0:
                if running["task"] is not None:
                    bar.remove_task(running["task"])
                running.update(step=step, task=bar.add_task(step, total=None, share=""))
            if math.isfinite(share):
                bar.update(running["task"], total=1.0, completed=share, share=f"{100.0 * share:.0f} %")

        yield report
    if running["step"] is not None:
        firstrun.remember(*kernels)


class _Clean(Console):
    """A console on which only its own styles and lines move the cursor, whatever a text holds."""

    def render(self, *what: Any, **how: Any) -> Iterator[Segment]:
        """As rich renders it, made printable."""
        for segment in super().render(*what, **how):
            lines = (printable(line) for line in segment.text.split("\n"))
            yield segment if segment.control else segment._replace(text="\n".join(lines))


def new_console(*, stderr: bool = False) -> Console:
    """A console that prints names of files and sections as they are, whatever brackets and colons they hold."""
    return _Clean(stderr=stderr, highlight=False, markup=False, emoji=False)


def show_render(report: RenderReport, path: str, plan_path: str | None) -> None:
    """The before/after table, what was reached, and the notes (on standard error when the master goes to output)."""
    console = new_console(stderr=path == "-")
    if len(report.sections) > 1 or report.sections[0].emotion:
        show_sections(console, report.sections)
        console.print()
    rows: list[tuple[str, ...]] = [
        (
            "integrated, LUFS",
            number(report.input.integrated_lufs),
            number(report.output.integrated_lufs),
            number(report.target_lufs),
        ),
        (
            "true peak, dBTP",
            number(report.input.true_peak_dbtp, 2),
            number(report.output.true_peak_dbtp, 2),
            number(report.ceiling_dbtp, 2),
        ),
        ("loudness range, LU", number(report.input.loudness_range_lu), number(report.output.loudness_range_lu), ""),
    ]
    spreads = (report.input_spread_lu, report.output_spread_lu, report.planned_spread_lu)
    if report.input_spread_lu is not None:
        rows.append(("section spread, LU", *map(number, spreads)))
    show_columns(console, ("", "mix", "master", "aim"), rows)
    console.print()
    if report.heard is not None:
        console.print(heard_in_a_line(report.heard), soft_wrap=True)
    console.print(
        f"{path}: {_state(report)}{_playback(report)}; "
        f"{report.elapsed_s:.1f} s, {report.realtime_factor:.0f} times real time",
        soft_wrap=True,
    )
    if plan_path is not None:
        console.print(f"{plan_path}: every value with its reasons", soft_wrap=True)
    show_notes(report.notes)


def show_session(end: Snapshot, names: str) -> None:
    """What is left to say when the screen of a session has gone; `names`: what was played."""
    console, device = new_console(), end.device
    late = f", {device.late_blocks} of {device.blocks} blocks late" if device.late_blocks else ""
    console.print(f"{end.reason}{late}", soft_wrap=True)
    if device.name == NULL_ID:
        console.print("nothing was heard: the device null keeps time without sound", soft_wrap=True)
    show_kept(end, names, console)


def show_kept(end: Snapshot, names: str, console: Console) -> None:
    """Where the take is, and how it becomes a file; `names`: what was played, as a shell reads it."""
    if end.take is not None:
        take = shlex.quote(end.take)
        console.print(
            f"{end.take}: the performance; as a file: livemaster render {names} --take {take}", soft_wrap=True
        )


def show_take(report: TakeReport, path: str) -> None:
    """What a rendered take came to, and the notes."""
    console = new_console(stderr=path == "-")
    found = report.output
    rows = [
        ("integrated loudness", f"{number(found.integrated_lufs)} LUFS"),
        ("true peak", f"{number(found.true_peak_dbtp, 2)} dBTP, ceiling {number(report.ceiling_dbtp, 2)}"),
        ("length", f"{found.duration_s:.3f} s"),
        ("performed", f"{report.moves} moves, {report.cues} cues"),
    ]
    show_values(console, path, rows)
    for remark in report.remarks:
        console.print(remark, soft_wrap=True)
    show_notes(report.notes)


def _state(report: RenderReport) -> str:
    """Whether the target was reached, or the aim, where the amount has moved it away from the target."""
    moved = report.target_lufs != report.settings["global"]["target_lufs"]
    return f"{'aim' if moved else 'target'} {'reached' if report.reached else 'not reached'}"


def _playback(report: RenderReport) -> str:
    """What the platform will do to the master, where it does anything."""
    amount = number(abs(report.playback_gain_db))
    if not float(amount):  # what rounds to nothing is nothing
        return ""
    direction = "up" if report.playback_gain_db > 0.0 else "down"
    return f"; {report.platform} will turn it {direction} by {amount} dB"


def show_plan(plan: Plan, path: str) -> None:
    """The sections of a plan, and the notes."""
    console = new_console()
    header = ("section", "emotion", "from", "to", "intensity", "LUFS*", "low", "mid", "high", "ratio", "saturation")
    rows = []
    for s in plan.sections:
        eq = (s.eq.low, s.eq.mid, s.eq.high) if s.eq else (0.0, 0.0, 0.0)
        figures = (s.lufs, *eq, s.compression, s.saturation)
        place = (clock(s.start or 0.0), clock(s.end or 0.0), number(s.intensity, 2))
        rows.append(
            (s.section, s.emotion or "–", *place, *(number(v, 1 if i < 4 else 2) for i, v in enumerate(figures)))
        )
    show_columns(console, header, rows, left=2)
    global_ = plan.global_
    console.print(
        "* at reactivity 1 and dynamics 0, in comparison with each other; the level of all follows from the target",
        soft_wrap=True,
    )
    console.print(
        f"\n{path}: {plan.platform.title}, {number(global_.target_lufs)} LUFS, {number(global_.true_peak_db)} dBTP, "
        f"mode {plan.mode.name}, reactivity {global_.reactivity:g}, amount {global_.amount:g}",
        soft_wrap=True,
    )
    show_notes(plan.notes)


def show_measurement(facts: Facts, file: str) -> None:
    """All values of a meter, and what is wrong with the file."""
    found = facts.measurement
    rows = [
        ("integrated loudness", f"{number(found.integrated_lufs)} LUFS"),
        ("loudness range", f"{number(found.loudness_range_lu)} LU"),
        ("loudest 400 ms", f"{number(found.max_momentary_lufs)} LUFS"),
        ("loudest 3 s", f"{number(found.max_short_term_lufs)} LUFS"),
        ("true peak", f"{number(found.true_peak_dbtp, 2)} dBTP"),
        ("sample peak", f"{number(found.sample_peak_dbfs, 2)} dBFS"),
        ("length", f"{found.duration_s:.3f} s"),
        ("rate, channels", f"{found.sample_rate_hz} Hz, {found.channels}"),
    ]
    show_values(new_console(), file, rows)
    show_notes([*facts.warnings(), *facts.range_notes()])


def show_presets(kinds: dict[str, list[tuple[str, str]]]) -> None:
    """Names and a line about each, by kind."""
    console = new_console()
    for kind, rows in kinds.items():
        show_columns(console, (kind, ""), rows, left=2)
        console.print()


def show_documents(found: dict[str, dict[str, Any]]) -> None:
    """Presets as JSON, by kind."""
    for kind, document in found.items():
        say(f"{kind}:")
        print_json(document)


def show_failures(failures: Sequence[str]) -> None:
    """Which of many files could not be analyzed, and why, on standard error."""
    console = new_console(stderr=True)
    for each in failures:
        console.print(f"livemaster: {each}", soft_wrap=True)
    console.print(f"livemaster: {len(failures)} could not be analyzed", soft_wrap=True)


def print_json(data: object, *, in_a_line: bool = False) -> None:
    """Data as JSON on standard output, at once; escaped where the encoding is no Unicode, or what is not printable."""
    escape = "utf" not in (sys.stdout.encoding or "").lower()
    text = json.dumps(data, indent=None if in_a_line else 2, ensure_ascii=escape, allow_nan=False)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text), flush=True)


def show_notes(notes: Sequence[str]) -> None:
    """What the user should know, on standard error."""
    for note in notes:
        show_note(note)


def show_note(note: str) -> None:
    """One thing that the user should know, on standard error."""
    new_console(stderr=True).print(f"note: {printable(note)}", soft_wrap=True)
