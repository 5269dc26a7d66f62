"""A session of `live`: what comes in from a device, mastered while it sounds, its intensity and loudness followed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from livemaster.analysis.recent import Latest
from livemaster.audio import Reader, Writer, check_for_mastering, open_reader, open_writer, resampled, spooled
from livemaster.documents import checked_target
from livemaster.engine import Cue
from livemaster.errors import InputError, OutputError
from livemaster.mastering.job import Progress, no_progress
from livemaster.mastering.take_file import TakeTrack
from livemaster.plan_options import PlanOptions
from livemaster.planning import Personal
from livemaster.session.base import Hands
from livemaster.session.control_state import Desk
from livemaster.session.core import SAVE_S, Core, CoreWish
from livemaster.session.decks import FIRST_HEAD_FRAMES, Decks
from livemaster.session.history import History
from livemaster.session.identity import NAMELESS, title_of_file, title_of_player
from livemaster.session.live_plan import first_positions, live_score, steps_of
from livemaster.session.plan_queue import Plans
from livemaster.session.playlist import with_choice
from livemaster.session.preflight import CHANNELS, input_beside
from livemaster.session.rider import Following, Guide
from livemaster.session.take_log import Recorder
from livemaster.snapshot import NowPlaying, Snapshot, TrackView
from livemaster.sound.audio_process import Setup
from livemaster.sound.devices import NULL_ID
from livemaster.sound.records import push_event
from livemaster.sound.shared_memory import Count
from livemaster.sound.supervisor import DeviceWish
from livemaster.tone.profiles import base_model
from livemaster.units import QUANTUM_FRAMES, Audio, frames_to_seconds, seconds_to_frames

PLAN_FADE_S = 1.0
STEPS = ("next_section", "previous_section")
REFUSED = {
    "hold": "live sound has nothing to repeat",
    "pause": "live sound cannot be paused",
    "record": "live sound is kept from the beginning, with --take, or not at all",
    **dict.fromkeys(("next_track", "previous_track"), "live sound has no tracks"),
}
"""What live sound has no use for, and why."""
SMALL_DB, SMALL = 0.02, 0.004
"""Moves of the guide below this are not worth a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningWish:
    """What to listen to, and how to master it.

    `arrangement`, `emotion`: sections that a tap steps through, instead of following the intensity. `follow`: whether
    the intensity is followed where there are none. `take`: where the performance is kept, what came in beside it.
    """

    device: DeviceWish
    options: PlanOptions
    personal: Personal | None = None
    """The listener's own layer."""
    file: str | Path | None = None
    """A file that stands in for the input, for trying."""
    arrangement: str | Path | None = None
    emotion: str | Path | None = None
    follow: bool = True
    duration_s: float | None = None
    take: str | Path | None = None
    force: bool = False


class Listening(Hands):
    """Masters what comes in; `do` and `snapshot` as those of `Session`, `close` ends it.

    Raises InputError, OutputError, SettingsError or UnknownNameError when it cannot begin.
    """

    def __init__(self, wish: ListeningWish, progress: Progress = no_progress) -> None:
        super().__init__()
        try:
            self._open(wish, progress)
        except BaseException:
            self._stack.close()
            raise

    def _open(self, wish: ListeningWish, progress: Progress) -> None:
        if wish.file is not None:
            wish = replace(wish, device=replace(wish.device, inputs=0))
        self._wish, self._options = wish, wish.options
        self._sections = steps_of(wish.arrangement, wish.emotion)
        self._section = 0
        score = live_score(wish.options, wish.personal)
        self._file = None if wish.file is None else self._stack.enter_context(open_reader(wish.file))
        if self._file is not None:
            check_for_mastering(self._file.info)
        elif wish.device.inputs not in CHANNELS:
            raise InputError(f"the input has {wish.device.inputs!r} channels, allowed are 1 and 2")
        files = tuple(file for file in (wish.file, wish.arrangement, wish.emotion) if file is not None)
        self._input_path = _input_path(wish, files)
        self.sources = () if self._input_path is None else (str(self._input_path),)
        core_wish = CoreWish(
            device=wish.device, duration_s=wish.duration_s, take=wish.take, force=wish.force, files=files
        )
        self._core = core = Core(core_wish, score.chain.graph, self, self._stack)
        core.find([wish.device.rate_hz or (self._file.rate_hz if self._file is not None else 48000)], progress)
        channels = wish.device.inputs
        self._source = Path(wish.file).name if wish.file is not None else core.sound.found["input"]
        if self._source == NULL_ID:
            core.tell(
                f"listening to the device {NULL_ID}, which is silence: --input names another (livemaster devices)"
            )
        else:
            core.tell(f"listening to {self._source}, playing on {core.sound.found['name']}")
        if self._file is not None:
            self._file = spooled(resampled(self._file, core.rate_hz), self._stack)
            channels = self._file.channels
        self._decks = Decks(core.board, self._reader)
        name = self._input_path.name if self._input_path is not None else "input"
        recorder = Recorder(core.rate_hz, channels, (TakeTrack(name=name, frames=0),))
        self._writer: Writer | None = None  # opened by the session's own thread, which closes it
        self._plans = Plans(core.board, recorder, core.rate_hz, self._use)
        self._plan = self._plans.add(score)
        self._desk = Desk(core.board, first_positions(score, wish.options))
        guide = Guide(core.rate_hz, channels, score.settings.global_.target_lufs, base_model(wish.options.base_model))
        self._guide = Following(guide, core.rate_hz, channels)
        self._stack.callback(self._guide.close)
        self._latest = Latest(core.rate_hz, base_model(wish.options.base_model))
        self._input_frame = self._heard_frame = self._written = self._keep_frame = 0
        self._unkept: OutputError | None = None
        """Why the input is kept no more."""
        self._curve = History()
        self._follows = wish.follow and not self._sections
        self._by_hand = False
        if self._sections:
            self._enter(0)
        core.begin(recorder, self._plans, self._desk, channels)

    # -- what can be asked, from any thread ---------------------------------------------------------------------

    def seek(self, time_s: float) -> None:
        """[control] There is nowhere to go in what comes in."""
        self._core.tell("live sound cannot be sought in")

    def snapshot(self) -> Snapshot:
        """[control] How everything stands."""
        core = self._core
        with core.lock:
            heard_s = frames_to_seconds(int(core.board.counts[Count.FRAMES]), core.rate_hz)
            return replace(
                self._shown(self._plans.scores[self._plan]),
                track=TrackView(f"live: {self._source}", 1, 0, heard_s, self._sections, self._curve.points()),
                position_s=heard_s,
                section=self._section,
                intensity_held=self._by_hand,
                intensity_by=self._led_by,
                match_db=None if self._desk.louder_db is None else -abs(self._desk.louder_db),
            )

    def now_playing(self) -> NowPlaying | None:
        """[control] What comes in, by who plays it, a file's tags, or its sound alone; None before enough was heard."""
        with self._core.lock:
            sound, settings = self._latest.sound, self._as_played(self._plans.scores[self._plan].settings)
        if sound is None:
            return None
        name = title_of_player() if self._wish.file is None else title_of_file(self._wish.file)
        return NowPlaying(
            track=name or NAMELESS,
            settings=settings,
            analysis=sound,
            personal=self._wish.personal,
            base_model=self._options.base_model,
        )

    # -- moves -------------------------------------------------------------------------------------------------

    def _knobs(self) -> dict[str, float]:
        return self._desk.knobs(None)

    def _turn(self, knob: str, value: float) -> None:
        self._by_hand = self._by_hand or knob == "intensity"
        super()._turn(knob, value)
        self._core.sides.forget()

    def _switched(self) -> dict[str, bool]:
        return super()._switched() | {"hold": False, "pause": False}

    def _refused(self) -> dict[str, str]:
        mapped = {} if self._sections else dict.fromkeys(STEPS, "there is no arrangement map to step through")
        return REFUSED | mapped

    def _switches(self) -> dict[str, Callable[[bool], None]]:
        return {
            "ab": self._desk.hear_mix,
            "match": self._desk.match,
            "blind": self._desk.set_blind,
        }

    def _buttons(self) -> dict[str, Callable[[], None]]:
        return {
            "next_section": partial(self._step, 1),
            "previous_section": partial(self._step, -1),
            "panic": self._panic,
            "release": self._release,
            "vote": self._vote,
        }

    def _release(self) -> None:
        self._by_hand = False
        if self._sections:
            self._enter(self._section)
        elif not self._follows:
            self._desk.release()

    @property
    def _led_by(self) -> str:
        """What leads the intensity where no hand does; empty where nothing has any."""
        if self._sections:
            return "by map" if self._sections[self._section].intensity is not None else ""
        return "followed" if self._follows else ""

    def _incomparable(self) -> str:
        heard = self._desk.louder_db is not None
        return "" if heard else "both sides are matched by what was heard, and too little was heard yet"

    def _where(self) -> str:
        return "of live sound"

    def _chosen(self, name: str) -> str:
        return str(getattr(self._plans.scores[self._plan].settings.global_, name))

    def _step(self, step: int) -> None:
        """A tap: the next section of the map, or the one before."""
        if 0 <= self._section + step < len(self._sections):
            self._enter(self._section + step)

    def _enter(self, number: int) -> None:
        self._section = number
        intensity = self._sections[number].intensity
        if intensity is not None and not self._by_hand:
            self._desk.set("intensity", intensity)
            self._desk.set("override", 1.0)

    def _plan_with(self, name: str, value: str) -> None:
        """Another mode or platform: a plan at once, for nothing has to be heard for it."""
        self._options = with_choice(self._options, name, value)
        score = live_score(self._options, self._wish.personal)
        self._guide.aim(score.settings.global_.target_lufs)
        self._plan = self._plans.add(score)
        self._core.sides.forget()

    # -- what the core asks -------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """From which the names of takes are made."""
        return "live"

    def setup(self, first: bool) -> Setup:
        """[control] An engine that listens; its tape is a quantum late, which begins with silence."""
        core, positions = self._core, dict(self._desk.positions)
        core.board.reset()
        core.recorder.begin(self._plan, positions)
        self._desk.restore()
        place = core.board.input.end
        if self._file is None:
            core.board.input.write(np.zeros((core.channels, QUANTUM_FRAMES), np.float32))
        else:
            self._decks = Decks(core.board, self._reader)
            self._decks.put(0, place, FIRST_HEAD_FRAMES)
        push_event(core.board.commands, Cue(0, 0, place, self._plan, self._fade(first)))
        overheard = self._file is not None
        return Setup(self._plans.graph, self._plans.all(), self._plan, positions, core.channels, overheard)

    def _reader(self, _track: int) -> Reader:
        assert self._file is not None
        return self._file

    def _fade(self, first: bool) -> int:
        return 0 if first else seconds_to_frames(0.03, self._core.rate_hz)

    def confirm(self, cue: Cue, deck: int, orders: int) -> None:
        """[control] The engine has taken a cue."""
        if self._file is not None and cue.track is not None:
            self._decks.played(deck, (cue.frame or 0) + cue.fade_frames)

    def tick(self) -> str:
        """[control] Listen to what came in, keep it, lead the controls."""
        self._listen()
        self._lead()
        self._desk.lead_match(self._core.sides.louder_db)
        if self._file is None:
            return ""
        self._decks.feed()
        if self._decks.lost is not None:
            raise self._decks.lost[1]
        end = self._file.frames + self._core.lag
        return "end of the file" if self._core.board.position >= end else ""

    def _listen(self) -> None:
        first, heard = self._core.board.heard.since(self._heard_frame)
        self._heard_frame = first + heard.shape[1]
        left = np.ascontiguousarray(heard[: self._core.channels]) if self._masters else None
        for block in self._came():
            self._guide.push(block, left)
            self._latest.push(block)
            self._keep(block)
            left = None

    @property
    def _masters(self) -> bool:
        """Whether it is the master, in full, that is heard: only then what leaves tells how loud that is."""
        whole = self._desk.positions["amount"] == 1.0 and not self._core.shedder.shed
        return whole and not self._desk.mix and not self._desk.positions["match"]

    def _keep(self, block: Audio) -> None:
        """What came in, beside the take; where that cannot be written the music goes on without."""
        if self._input_path is None or self._unkept is not None:
            return
        core = self._core
        try:
            if self._writer is None:
                self._writer = open_writer(
                    self._input_path, core.rate_hz, core.channels, bit_depth=32, force=self._wish.force
                )
                self._stack.callback(self._writer.close)
            self._writer.write(block)
        except OutputError as error:
            self._unkept = error
            core.warn(f"{error}: the input is kept no more, the take ends here")
        else:
            self._written += block.shape[1]
            if self._written >= self._keep_frame:
                self._keep_frame = self._written + seconds_to_frames(SAVE_S, core.rate_hz)
                self._save_input()

    def _save_input(self) -> None:
        """Bring what is kept up to date, so that a crash costs no more of it than of the take."""
        assert self._writer is not None
        assert self._input_path is not None
        self._writer.keep()
        self._core.recorder.set_track(0, TakeTrack(name=self._input_path.name, frames=self._written))

    def _came(self) -> list[Audio]:
        first, block = self._core.board.input.since(self._input_frame)
        missed, channels = first - self._input_frame, self._core.channels
        self._input_frame = first + block.shape[1]
        found = [np.ascontiguousarray(block[:channels])] if block.shape[1] else []
        if missed > 0:  # what follows stays where the take has it
            self._core.warn(f"{missed} frames of the input were missed by the interface and are silence in the take")
            found.insert(0, np.zeros((channels, missed), np.float32))
        return found

    def _lead(self) -> None:
        """Small steps of the controls towards where the guide wants them."""
        wanted = self._guide.positions
        if "intensity" in wanted and not self._sections:
            heard_s = frames_to_seconds(int(self._core.board.counts[Count.FRAMES]), self._core.rate_hz)
            self._curve.add(heard_s, wanted["intensity"])
        for name, least in (("input", SMALL_DB), ("level", SMALL_DB), ("intensity", SMALL)):
            if name not in wanted or (name == "intensity" and (self._by_hand or not self._follows)):
                continue
            move = wanted[name] - self._desk.positions[name]
            if abs(move) > least:
                self._desk.set(name, wanted[name])
                if name == "intensity":
                    self._desk.set("override", 1.0)
                else:
                    self._core.sides.shift(move)

    @property
    def end_frame(self) -> int | None:
        """Live sound has no end of its own."""
        return None

    def finish(self) -> None:
        """[control] What came in becomes a file beside the take."""
        self._listen()
        if self._unkept is not None:
            self._core.error = self._core.error or self._unkept
        if self._writer is not None and self._written:
            self._save_input()
            self._writer.commit()

    def _use(self, plan: int) -> None:
        """The audio process has a new plan: glide to it."""
        if plan != self._plan:
            return
        counts = self._core.board.counts
        frame, fade_frames = int(counts[Count.FRAME]), seconds_to_frames(PLAN_FADE_S, self._core.rate_hz)
        push_event(self._core.board.commands, Cue(frame, 0, frame - int(counts[Count.ORIGIN]), plan, fade_frames))


def _input_path(wish: ListeningWish, files: tuple[str | Path, ...]) -> Path | None:
    """Where what comes in is kept, beside the take; OutputError unless it can be."""
    if wish.take is None:
        return None
    checked_target(wish.take, force=wish.force, others=files)
    path = input_beside(wish.take)
    checked_target(path, force=wish.force, others=(wish.take, *files))
    return path
