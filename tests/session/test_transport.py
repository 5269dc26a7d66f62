"""Transport and engine side by side on one board, block by block: what hands do at the worst moment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import numpy as np
import pytest

from livemaster.engine import Command, Cue, Engine, Event, Program
from livemaster.errors import AudioFileError
from livemaster.mastering.chains import chain
from livemaster.mastering.job import Source
from livemaster.mastering.take_file import TakeTrack
from livemaster.session.control_state import Desk
from livemaster.session.overload import Shedder
from livemaster.session.tracks import LiveTrack, Opened
from livemaster.session.transport import CROSSFADE_S, TrackPlace, Transport
from livemaster.snapshot import SectionView
from livemaster.sound.callback import Player
from livemaster.sound.records import event_of
from livemaster.sound.shared_memory import TARGETS, Board, Count, Order
from livemaster.units import QUANTUM_FRAMES

RATE = 48_000
BLOCK = 256
TICK_BLOCKS = 2


class Music:
    """A reader of samples that tell their position; `broken_at`: from there on it cannot be read."""

    def __init__(self, frames: int, broken_at: int | None = None) -> None:
        self.frames, self._broken_at, self._at = frames, broken_at, 0

    def seek(self, frame: int) -> None:
        self._at = frame

    def read(self, frames: int) -> np.ndarray:
        stop = min(self._at + frames, self.frames)
        if self._broken_at is not None and stop > self._broken_at:
            raise AudioFileError("song.wav: cannot be read: Input/output error")
        found = np.full((2, stop - self._at), 0.1, np.float32)
        self._at = stop
        return found


class Track(LiveTrack):
    """A track with the sections that it is told."""

    views: tuple[SectionView, ...] = ()

    @property
    def sections(self) -> tuple[SectionView, ...]:
        return self.views


def track(seconds: float, *bounds_s: float, opened: bool = True, broken_at_s: float | None = None) -> Track:
    frames = round(seconds * RATE)
    made = Track(Source(path="song.wav"), 0)
    music = Music(frames, None if broken_at_s is None else round(broken_at_s * RATE))
    if opened:
        made.open(Opened(music, ExitStack(), TakeTrack(name="song.wav", frames=frames)))  # type: ignore[arg-type]
    starts = (0.0, *bounds_s)
    ends = (*bounds_s, seconds)
    if bounds_s:
        made.views = tuple(SectionView(f"part {n}", a, b) for n, (a, b) in enumerate(zip(starts, ends, strict=True)))
    return made


@dataclass
class Rig:
    """A transport whose orders an engine obeys; `block` makes a block of sound, `look` is the session's tick."""

    tracks: Sequence[Track]
    log: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.board = Board.create()
        self.board.reset()
        engine = Engine(chain("default").graph, RATE, 2, program=Program(), max_quanta=16)
        self.player = Player(self.board, engine, [engine.packed(Program())], 0, 8192)
        self.transport = Transport(self.board, self.tracks, RATE)
        self.transport.lag = self.player.latency
        self.settled = 0
        self.out = np.zeros((BLOCK, 2), np.float32)

    def block(self) -> None:
        self.player.block(self.out, False)

    def drain(self) -> None:
        obeyed = self.board.commands.read
        for record in self.board.log.pop():
            event = event_of(record)
            if isinstance(event, Cue):
                self.transport.confirm(event, int(record["deck"]), int(record["orders"]))
            self.log.append(event)
        self.settled = obeyed

    def look(self) -> None:
        self.drain()
        self.transport.tick(self.settled)
        lost = self.transport.lost()
        if lost is not None:
            self.tracks[lost[0]].failed = True
        if self.transport.starved is not None:
            self.transport.go(self.transport.starved)

    def play(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """So long, or until something is so; whether it is."""
        for number in range(round(seconds * RATE / BLOCK)):
            self.block()
            if until():
                return True
            if number % TICK_BLOCKS == 0:
                self.look()
        return until()

    @property
    def starved(self) -> int:
        return int(self.board.counts[Count.STARVED])


def begun(*tracks: Track, first: int = 0) -> Rig:
    """A rig whose track `first` plays."""
    rig = Rig(tracks)
    rig.transport.start(TrackPlace(first, 0), 0.0)
    rig.play(0.5)
    return rig


@pytest.mark.parametrize("blocks_later", range(4))
def test_a_held_section_let_go_as_it_begins_again_plays_on(blocks_later):
    rig = begun(track(40.0, 3.0))
    rig.transport.set_hold(True)
    assert rig.play(4.0, until=lambda: rig.board.counts[Count.ORIGIN] != 0)
    for _ in range(blocks_later):
        rig.block()
    rig.drain()  # as every hand does
    rig.transport.set_hold(False)
    rig.play(12.0)
    assert rig.starved == 0
    assert rig.transport.place.position > 11.0 * RATE


@pytest.mark.parametrize("blocks_before", range(6))
def test_a_held_section_let_go_just_before_it_begins_again_plays_on(blocks_before):
    rig = begun(track(40.0, 3.0))
    rig.transport.set_hold(True)
    due = 3 * RATE - blocks_before * BLOCK
    assert rig.play(4.0, until=lambda: int(rig.board.counts[Count.FRAME]) >= due)
    rig.drain()
    rig.transport.set_hold(False)
    rig.transport.go(TrackPlace(0, 20 * RATE))  # in the same moment
    rig.play(12.0)
    assert rig.starved == 0
    assert 28 * RATE < rig.transport.place.position < 33 * RATE


@pytest.mark.parametrize(("start_s", "end_s"), [(0.0, 1.5), (0.731234, 1.918273), (0.5, 3.000011)])
def test_a_held_section_repeats_without_a_frame_too_many_or_few_many_times_over(start_s, end_s):
    """Each time the music goes on at its start where it would have gone on at its end."""
    bounds = (start_s, end_s) if start_s else (end_s,)
    rig = begun(track(6.0, *bounds))
    if start_s:
        rig.transport.go(TrackPlace(0, round(start_s * RATE) + 1000))
        rig.play(0.2)
    rig.log.clear()
    before = int(rig.board.counts[Count.ORIGIN])
    rig.transport.set_hold(True)
    rig.play(20.0)
    jumps = [cue for cue in rig.log if isinstance(cue, Cue)]
    assert len(jumps) >= 5
    for number, cue in enumerate(jumps, 1):
        assert cue.frame - cue.position == before + number * (round(end_s * RATE) - round(start_s * RATE))
        assert 0 <= cue.position - round(start_s * RATE) < QUANTUM_FRAMES
        assert cue.fade_frames == round(CROSSFADE_S * RATE)
    assert rig.starved == 0


def test_tracks_follow_each_other_without_a_frame_too_many_or_few():
    seconds = (2.000031, 2.7182818, 3.0)
    rig = begun(*map(track, seconds))
    rig.play(sum(seconds) + 0.5, until=lambda: rig.transport.over)
    begins = 0
    for number, cue in enumerate(each for each in rig.log if isinstance(each, Cue)):
        assert (cue.track, cue.frame - cue.position, cue.fade_frames) == (number, begins, 0)
        assert -QUANTUM_FRAMES < cue.position <= 0
        begins += round(seconds[number] * RATE)
    assert rig.transport.over
    assert int(rig.board.counts[Count.FRAME]) >= begins + rig.transport.lag


@pytest.mark.parametrize(("after_s", "section"), [(0.0, 0), (1.9, 0), (2.1, 1)])
def test_going_back_within_2_s_of_a_sections_begin_means_the_one_before(after_s, section):
    rig = begun(track(30.0, 10.0, 20.0))
    rig.transport.pause(True)
    rig.transport.go(TrackPlace(0, round((10.0 + after_s) * RATE)))
    rig.transport.step_section(-1)
    assert rig.transport.place == TrackPlace(0, (0, 10 * RATE)[section])
    rig.transport.step_section(1)
    assert rig.transport.place == TrackPlace(0, (10, 20)[section] * RATE)


@pytest.mark.parametrize(("at_s", "track_number"), [(1.9, 0), (2.1, 1)])
def test_going_back_within_2_s_of_a_tracks_begin_means_the_one_before(at_s, track_number):
    rig = begun(track(10.0), track(10.0), track(10.0))
    rig.transport.pause(True)
    rig.transport.go(TrackPlace(1, round(at_s * RATE)))
    rig.transport.step_track(-1)
    assert rig.transport.place == TrackPlace(track_number, 0)
    rig.transport.step_track(1)
    assert rig.transport.place == TrackPlace(track_number + 1, 0)


def test_a_place_outside_the_track_is_its_nearest_frame():
    rig = begun(track(3.0, 1.0))
    rig.transport.pause(True)
    for wanted, found in (
        (-5, 0),
        (0, 0),
        (3 * RATE - 1, 3 * RATE - 1),
        (3 * RATE, 3 * RATE - 1),
        (10**9, 3 * RATE - 1),
    ):
        rig.transport.go(TrackPlace(0, wanted))
        assert rig.transport.place == TrackPlace(0, found)
        assert rig.transport.section() == (found >= RATE)


@pytest.mark.parametrize("held", [False, True])
def test_holding_on_and_off_all_the_time_never_takes_a_deck_that_sounds(held):
    rig = begun(track(60.0, 3.0, 6.0))
    for number in range(600):
        rig.transport.set_hold(number % 2 == 0)
        rig.play(0.03)
    rig.transport.set_hold(held)
    rig.play(8.0)
    assert rig.starved == 0
    assert int(rig.board.counts[Count.TRACK]) == 0


def test_a_pause_just_after_the_next_track_has_begun_goes_on_there():
    rig = begun(track(4.0), track(20.0))
    assert rig.play(5.0, until=lambda: int(rig.board.counts[Count.TRACK]) == 1)
    rig.drain()
    rig.transport.pause(True)
    assert rig.transport.paused_at is not None
    assert rig.transport.paused_at.track == 1
    assert rig.transport.paused_at.position < 0.1 * RATE


def test_a_track_that_is_asked_for_is_waited_for_beyond_the_end_of_the_last_one():
    rig = begun(track(10.0, opened=False), track(4.0), first=1)
    rig.transport.go(TrackPlace(0, 0))
    rig.play(6.0)
    assert not rig.transport.over
    first = rig.tracks[0]
    first.open(Opened(Music(10 * RATE), ExitStack(), TakeTrack(name="song.wav", frames=10 * RATE)))  # type: ignore[arg-type]
    assert rig.play(1.0, until=lambda: int(rig.board.counts[Count.TRACK]) == 0)


def test_holding_a_track_without_sections_does_not_outlast_it():
    rig = begun(track(3.0))
    rig.transport.set_hold(True)
    rig.play(4.0)
    assert rig.transport.over


def test_what_is_ready_and_not_heard_yet_is_waited_for_at_the_end():
    rig = begun(track(2.0))
    rig.board.counts[Count.AHEAD] = ahead = 8 * BLOCK
    assert rig.play(4.0, until=lambda: rig.transport.over)
    assert int(rig.board.counts[Count.FRAME]) >= 2.0 * RATE + rig.transport.lag + ahead


def test_a_last_track_that_cannot_be_read_ends_the_set():
    rig = begun(track(4.0), track(20.0, broken_at_s=9.0), first=1)
    rig.play(12.0)
    assert rig.tracks[1].failed
    assert rig.transport.over


def test_turning_knobs_for_long_while_paused_overflows_nothing_and_the_last_wish_counts():
    rig = begun(track(20.0))
    rig.transport.pause(True)
    assert rig.play(10.0, until=lambda: rig.player.performance.resting)
    for number in range(10_000):
        assert rig.board.commands.push(kind=Order.COMMAND, target=TARGETS.index("bass"), value=number % 100 / 50)
        if number % 50 == 49:
            rig.block()
            rig.look()
    rig.drain()
    rig.log.clear()
    rig.transport.pause(False)
    rig.play(0.5)
    moves = [event for event in rig.log if isinstance(event, Command)]
    assert [move.value for move in moves] == [9_999 % 100 / 50]
    assert int(rig.board.counts[Count.LOST]) == 0


def test_a_plan_that_arrives_leaves_out_what_the_processor_cannot_do():
    board = Board.create()
    board.reset()
    desk = Desk(board, {"amount_saturation": 1.0, "amount_eq": 1.0})
    desk.take_out("amount_saturation")
    desk.take_over({"amount_saturation": 0.8, "amount_eq": 0.5})
    assert desk.positions["amount_saturation"] == 0.0
    assert desk.positions["amount_eq"] == 0.5
    assert Shedder(board, desk).shed == ("saturation",)
    assert desk.bring_back() == "amount_saturation"
    assert desk.positions["amount_saturation"] == 0.8
    assert desk.out == {}
