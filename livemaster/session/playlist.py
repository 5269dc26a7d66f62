"""A session of `play`: tracks through the engine while hands, keys and MIDI move its controls."""

from __future__ import annotations

import math
import queue
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from livemaster.engine import Cue
from livemaster.errors import InputError, LivemasterError
from livemaster.mastering.job import Progress, Source, no_progress
from livemaster.mastering.program import start_positions
from livemaster.mastering.take_file import TakeTrack
from livemaster.plan_options import PlanOptions
from livemaster.planning.personal import PARAMETERS
from livemaster.session.base import Hands, as_number
from livemaster.session.control_state import Desk
from livemaster.session.core import Core, CoreWish
from livemaster.session.plan_queue import Plans
from livemaster.session.preflight import CHANNELS
from livemaster.session.take_log import Recorder
from livemaster.session.tracks import (
    Coming,
    LiveTrack,
    Opened,
    Opener,
    Planned,
    Planner,
    check_track,
    open_track,
    opened,
    plain_score,
    plan_track,
    track_name,
)
from livemaster.session.transport import CROSSFADE_S, TrackPlace, Transport
from livemaster.snapshot import NowPlaying, SectionView, Snapshot, State, TrackView
from livemaster.sound.audio_process import Setup
from livemaster.sound.supervisor import DeviceWish
from livemaster.units import frames_to_seconds, seconds_to_frames

UNFORESEEN = ("amount", *PARAMETERS)
"""Knobs that move the loudness and by which a plan's match does not go."""
SET_RATE_HZ = 44100
"""A set of several tracks is played at this rate or more, lest the first one take the others' treble."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWish:
    """What to play, on what.

    `wait`: whether the first track's plan is complete before its first frame; otherwise the mix itself plays
    meanwhile, under the ceiling. `take`: where the whole performance is kept.
    """

    sources: tuple[Source, ...]
    device: DeviceWish
    wait: bool = False
    duration_s: float | None = None
    take: str | Path | None = None
    force: bool = False


class Session(Hands):
    """Plays; `do` moves a control, `snapshot` tells how things stand. Both may be called from any thread.

    The performance goes on by itself, on a thread of its own, until its end or `close`. Raises AudioFileError,
    InputError, OutputError, SettingsError or UnknownNameError when it cannot begin, and nothing is left behind then.
    """

    def __init__(self, wish: SessionWish, progress: Progress = no_progress) -> None:
        super().__init__()
        try:
            self._open(wish, progress)
        except BaseException:
            self._stack.close()
            raise

    def _open(self, wish: SessionWish, progress: Progress) -> None:
        if not wish.sources:
            raise InputError("there is nothing to play: no track is given")
        self.sources = tuple(str(source.path) for source in wish.sources)
        for source in wish.sources:
            check_track(source)
        stack, several = ExitStack(), len(wish.sources) > 1
        self._stack.callback(stack.close)
        reader = open_track(wish.sources[0], stack)
        rates_hz = [max(reader.rate_hz, SET_RATE_HZ) if several else reader.rate_hz]
        plain = plain_score(wish.sources[0], reader.duration_s)
        files = tuple(file for source in wish.sources for file in source.files)
        core_wish = CoreWish(
            device=wish.device, duration_s=wish.duration_s, take=wish.take, force=wish.force, files=files
        )
        self._core = core = Core(core_wish, plain.chain.graph, self, self._stack)
        core.find(rates_hz, progress)
        channels = CHANNELS[-1] if several else reader.channels
        taken = tuple(TakeTrack(name=track_name(source), frames=0) for source in wish.sources)
        self._recorder = Recorder(core.rate_hz, channels, taken)
        self._plans = Plans(core.board, self._recorder, core.rate_hz, self._use)
        sources = [replace(source, sample_rate_hz=core.rate_hz) for source in wish.sources]
        plan = self._plans.add(plain)
        self.tracks = [LiveTrack(source, plan) for source in sources]
        self._opened: queue.Queue[tuple[int, Opened | LivemasterError]] = queue.Queue()
        self._open_tracks: set[int] = set()
        self._stack.callback(self._close_tracks)
        self._open_track(0, opened(reader, core.rate_hz, stack))
        if wish.wait:
            self._take_plan(plan_track(sources[0], 0, progress))
            self.tracks[0].take_plan()
            self.tracks[0].asked = sources[0].options
        self._transport = Transport(core.board, self.tracks, core.rate_hz)
        self._led_by = self.tracks[0].plan
        self._desk = Desk(core.board, start_positions(self._plans.scores[self._led_by].settings.global_))
        self._planned: queue.Queue[Planned] = queue.Queue()
        self._planner = Planner(self._planned.put)
        self._opener = Opener(sources, core.rate_hz, lambda *found: self._opened.put(found), given={0})
        self._stack.callback(self._planner.close)
        self._stack.callback(self._opener.close)
        self._metered_track = 0
        self._end: int | None = None
        core.begin(self._recorder, self._plans, self._desk, channels)

    # -- what can be asked, from any thread ---------------------------------------------------------------------

    def seek(self, time_s: float) -> None:
        """[control] To a time of the present track; before it is its beginning, beyond it its end."""
        if self._core.done.is_set():
            return
        with self._core.lock, self._telling():
            self._core.drain()
            place, time_s = self._transport.place, as_number(time_s)
            if math.isnan(time_s):
                self._core.tell("what was asked for is no time to go to")
                return
            end_s = frames_to_seconds(self.tracks[place.track].frames, self._core.rate_hz)
            frame = seconds_to_frames(min(max(time_s, 0.0), end_s), self._core.rate_hz)
            self._transport.go(TrackPlace(place.track, frame))

    def snapshot(self) -> Snapshot:
        """[control] How everything stands."""
        core = self._core
        with core.lock:
            place, number = self._transport.place, self._transport.section()
            track = self.tracks[place.track]
            score = self._plans.scores[track.plan]
            duration_s = frames_to_seconds(track.frames, core.rate_hz)
            shown, unplanned = self._shown(score), track.score is None
            if unplanned and shown.heard == "master":
                shown = replace(shown, heard="mix")
            view = TrackView(track.name, place.track + 1, len(self.tracks), duration_s, track.sections, track.curve)
            return replace(
                shown,
                state=self._state,
                track=view,
                position_s=min(frames_to_seconds(place.position, core.rate_hz), duration_s),
                section=number,
                intensity_held=bool(self._desk.positions["override"]),
                intensity_by=self._led_by_what(track),
                match_db=score.levels.match_db(number) if self._desk.louder_db is None else -abs(self._desk.louder_db),
                planning=self._planner.step,
                planned=not unplanned,
            )

    def now_playing(self) -> NowPlaying | None:
        """[control] The track that plays, its trims and amount as they stand; None before it is planned."""
        with self._core.lock:
            track = self.tracks[self._transport.place.track]
            if track.score is None:
                return None
            return NowPlaying(
                track=track.name,
                settings=self._as_played(track.score.settings),
                analysis=None if track.facts is None else track.facts.analysis,
                personal=None if track.source.settings is not None else track.source.personal,
                base_model=track.source.options.base_model,
            )

    # -- moves -------------------------------------------------------------------------------------------------

    def _knobs(self) -> dict[str, float]:
        return self._desk.knobs(self._section())

    def _switched(self) -> dict[str, bool]:
        return super()._switched() | {
            "hold": self._transport.hold,
            "pause": self._transport.paused_at is not None,
        }

    def _switches(self) -> dict[str, Callable[[bool], None]]:
        return {
            "ab": self._desk.hear_mix,
            "match": self._desk.match,
            "hold": self._transport.set_hold,
            "pause": self._transport.pause,
            "record": self._core.record,
            "blind": self._desk.set_blind,
        }

    def _buttons(self) -> dict[str, Callable[[], None]]:
        return {
            "next_section": partial(self._transport.step_section, 1),
            "previous_section": partial(self._transport.step_section, -1),
            "next_track": self._next_track,
            "previous_track": partial(self._transport.step_track, -1),
            "panic": self._panic,
            "release": self._desk.release,
            "vote": self._vote,
        }

    def _next_track(self) -> None:
        if self._transport.neighbour(self._transport.place.track, 1) is None:
            self._core.tell("this is the last track")
        self._transport.step_track(1)

    def _chosen(self, name: str) -> str:
        track = self.tracks[self._transport.place.track]
        global_ = self._plans.scores[track.plan].settings.global_
        return str(getattr(track.source.options, name) or getattr(global_, name))

    def _plan_with(self, name: str, value: str) -> None:
        """Another mode or platform, of every track; those that are open are planned anew."""
        for track in self.tracks:
            track.source = replace(track.source, options=with_choice(track.source.options, name, value))
        self._core.tell(f"{name} {value}: planning")

    def _led_by_what(self, track: LiveTrack) -> str:
        """What leads the intensity where no hand does; empty where the section has none."""
        section = self._section()
        if section is None or section.intensity is None:
            return ""
        if track.source.emotion is not None:
            return "by map"
        return "as heard" if track.source.settings is None else "by plan"

    def _turn(self, knob: str, value: float) -> None:
        super()._turn(knob, value)
        self._core.sides.forget()

    def _incomparable(self) -> str:
        planned = self.tracks[self._transport.place.track].score is not None
        return "" if planned else "what plays has no plan yet, so that both sides are the mix"

    def _measured_db(self) -> float | None:
        """By how much the master is louder, measured, while knobs stand where the plan has not foreseen them."""
        foreseen = start_positions(self._plans.scores[self._led_by].settings.global_)
        moved = self._desk.out or any(self._desk.positions[name] != foreseen[name] for name in UNFORESEEN)
        return self._core.sides.louder_db if moved else None

    def _where(self) -> str:
        place, section = self._transport.place, self._section()
        name = self.tracks[place.track].name
        inside = "" if section is None else f" in '{section.name}'"
        return f"at {frames_to_seconds(place.position, self._core.rate_hz):.1f} s of {name}{inside}"

    def _section(self) -> SectionView | None:
        number, sections = self._transport.section(), self.tracks[self._transport.place.track].sections
        return sections[number] if number < len(sections) else None

    # -- what the core asks -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """From which the names of takes are made."""
        return Path(self.tracks[0].name).stem

    def setup(self, first: bool) -> Setup:
        """[control] An engine that starts where the music is."""
        place = TrackPlace(0, 0) if first else self._transport.place  # which the board tells until it is reset
        self._core.board.reset()
        self._transport.begin()
        for track in self.tracks:
            track.take_plan()  # for the new engine gets them all
        plan = self.tracks[place.track].plan
        self._take_over(plan)
        positions = dict(self._desk.positions)
        self._core.recorder.begin(plan, positions)
        self._desk.restore()
        if self._transport.paused_at is None:
            self._transport.start(place, 0.0 if first else CROSSFADE_S)
        return Setup(self._plans.graph, self._plans.all(), plan, positions, self._core.channels)

    def confirm(self, cue: Cue, deck: int, orders: int) -> None:
        """[control] The engine has taken a cue."""
        self._transport.confirm(cue, deck, orders)

    def tick(self) -> str:
        """[control] Tracks and plans that are ready, decks, what comes next."""
        self._see_to_tracks()
        with suppress(queue.Empty):
            self._take_plan(self._planned.get_nowait())
        self._transport.lag = self._core.lag
        self._transport.tick(self._core.settled)
        self._take_over(self.tracks[self._transport.place.track].plan)
        starved = self._transport.starved
        if starved is not None and self._core.sound.state is State.RUNNING:
            self._transport.go(starved)
        if self._transport.place.track != self._metered_track:
            self._metered_track = self._transport.place.track
            self._core.meters.begin()
            self._core.sides.begin()
        self._desk.lead_match(self._measured_db())
        if not self._transport.over:
            return ""
        self._end = self._transport.end_frame
        return "end of the last track"

    @property
    def end_frame(self) -> int | None:
        """The engine's frame at which the last track ended, if it did."""
        return self._end

    def finish(self) -> None:
        """[control] What it opened is closed with everything else."""

    def _see_to_tracks(self) -> None:
        """Have those open that play soon, and no others; plan what is open."""
        with suppress(queue.Empty):
            self._take_track(*self._opened.get_nowait())
        lost = self._transport.lost()
        if lost is not None:
            self._leave_out(*lost)
        wanted = self._transport.wanted_tracks
        for number in self._open_tracks - set(wanted):
            self._open_tracks.discard(number)
            self.tracks[number].close()
            self._opener.again(number)
        self._opener.want(wanted)
        for number in wanted:
            track = self.tracks[number]
            if track.opened is not None and track.asked != track.source.options:
                track.asked = track.source.options
                self._planner.ask(number, track.source)

    def _take_track(self, number: int, found: Opened | LivemasterError) -> None:
        """What the opener has finished."""
        if isinstance(found, LivemasterError):
            self._leave_out(number, found)
        else:
            self._open_track(number, found)

    def _open_track(self, number: int, found: Opened) -> None:
        self.tracks[number].open(found)
        self._open_tracks.add(number)
        self._recorder.set_track(number, found.taken)

    def _leave_out(self, number: int, error: LivemasterError) -> None:
        """A track that cannot be played; where there is no other any more the session ends."""
        self.tracks[number].failed = True
        if all(track.failed for track in self.tracks):
            raise error
        self._core.warn(f"{error}; left out")

    def _close_tracks(self) -> None:
        for number in self._open_tracks:
            self.tracks[number].close()
        with suppress(queue.Empty):
            while True:
                _, found = self._opened.get_nowait()
                if isinstance(found, Opened):
                    found.stack.close()

    def _take_plan(self, planned: Planned) -> None:
        """What the planner has finished."""
        track = self.tracks[planned.number]
        name = track.name
        if planned.score is None:
            self._core.warn(f"{name}: {planned.failed}; it plays as it is")
            return
        if planned.score.chain.name != self._plans.scores[0].chain.name:
            self._core.warn(f"{name}: its plan asks for another chain; it plays as it is")
            return
        track.coming = Coming(self._plans.add(planned.score), planned.score, planned.curve, planned.facts)
        for note in planned.notes:
            if note not in track.noted:  # by a plan before this one
                track.noted.add(note)
                self._core.tell(f"{name}: {note}")

    def _use(self, plan: int) -> None:
        """The audio process has a new plan: glide to it, if it is that of what plays."""
        for number, track in enumerate(self.tracks):
            if track.coming is not None and track.coming.plan == plan:
                track.take_plan()
                self._transport.use_plan(number)

    def _take_over(self, plan: int) -> None:
        """The controls that no hand has moved go where the plan that plays has them."""
        if plan != self._led_by:
            self._led_by = plan
            self._desk.take_over(start_positions(self._plans.scores[plan].settings.global_))

    @property
    def _state(self) -> State:
        state = self._core.state
        return State.PAUSED if state is State.RUNNING and self._transport.paused_at is not None else state


def with_choice(options: PlanOptions, name: str, chosen: str) -> PlanOptions:
    """The same wishes with another mode or platform; a platform brings its own loudness and ceiling."""
    if name == "mode":
        return replace(options, mode=chosen)
    return replace(options, platform=chosen, target_lufs=None, ceiling_dbtp=None)
