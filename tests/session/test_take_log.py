"""A take holds exactly what was heard, to the frame: whenever the sound ends, and wherever the take begins."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from livemaster.engine import Command, Cue, Engine
from livemaster.mastering.take_file import TakeEvent, TakeSegment, TakeTrack, event_data
from livemaster.mastering.take_render import Stage, frames_of, perform
from livemaster.plan_options import PlanOptions
from livemaster.session.core import Core
from livemaster.session.decks import Decks
from livemaster.session.live_plan import live_score
from livemaster.session.take_log import Recorder
from livemaster.sound.callback import Player
from livemaster.sound.records import push_event
from livemaster.sound.shared_memory import Board, Count

RATE = 44100
FRAMES = 60_001
SCORE = live_score(PlanOptions())


class Music:
    """A track of noise, read as a file is."""

    frames = FRAMES

    def __init__(self) -> None:
        self._at = 0
        self._audio = (np.random.default_rng(3).standard_normal((2, FRAMES)) * 0.1).astype(np.float32)

    def seek(self, frame: int) -> None:
        self._at = frame

    def read(self, frames: int) -> NDArray[np.float32]:
        found = self._audio[:, self._at : self._at + frames]
        self._at += found.shape[1]
        return found


STAGE = Stage(RATE, 2, {0: Music()}, [SCORE])  # type: ignore[dict-item]


class Sound:
    """A session's core, and by hand what the audio process and its device do."""

    def __init__(self, block_frames: int) -> None:
        self.core = core = Core.__new__(Core)
        core.board, core.messages, core._named, core._drafts = Board.create(), deque(), set(), deque()
        core.recorder = Recorder(RATE, 2, (TakeTrack(name="song.wav", frames=FRAMES),))
        core.recorder.add_plan(SCORE)
        core._part = SimpleNamespace(name="song", confirm=lambda *what: None)  # type: ignore[assignment]
        core.take_path = core.kept = None
        core._stack, core._claims = ExitStack(), {}
        core._lost = core._played = core.settled = 0
        self._out = np.zeros((block_frames, 2), np.float32)

    def start(self, position: int) -> None:
        """A new process, that plays from a position of the track."""
        board, program = self.core.board, SCORE.program(RATE)
        board.reset()
        engine = Engine(SCORE.chain.graph, RATE, 2, program=program, max_quanta=16)
        self._player = Player(board, engine, [engine.packed(program)], 0, 8192)
        self.core.sound = SimpleNamespace(running={"engine_latency_frames": self._player.latency})  # type: ignore[assignment]
        self.core.recorder.begin(0, {})
        assert Decks(board, lambda track: STAGE.readers[track]).put(0, position, FRAMES)
        push_event(board.commands, Cue(0, 0, position, 0, 0))
        self._blocks: list[NDArray[np.float32]] = []

    def play(self, blocks: int) -> None:
        """So many blocks made, and given to the device."""
        for _ in range(blocks):
            self._player.block(self._out, False)
            self._blocks.append(self._out.T.copy())

    def make_ahead(self, blocks: int) -> None:
        """Blocks that are made and ready, but that the device has not asked for."""
        for _ in range(blocks):
            self._player.block(self._out, False)
        self.core.board.counts[Count.AHEAD] = blocks * len(self._out)

    def turn(self, target: str, value: float) -> None:
        push_event(self.core.board.commands, Command(None, target, value))

    def heard(self) -> NDArray[np.float32]:
        """What this process gave to the device, from where its music begins."""
        return np.concatenate(self._blocks, axis=1)[:, self._player.latency :]


def rendered(segment: TakeSegment) -> NDArray[np.float32]:
    return np.concatenate([np.zeros((2, 0), np.float32), *perform(STAGE, segment)], axis=1)


@pytest.mark.parametrize("begins_in", [0, 1])
@pytest.mark.parametrize("block_frames", [64, 100, 441])
def test_a_take_is_what_was_heard_though_the_sound_dies_and_it_begins_in_the_middle(
    block_frames, begins_in, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    sound = Sound(block_frames)
    sound.start(0)
    sound.play(37)
    sound.turn("bass", 3.0)
    sound.play(23)
    if begins_in == 0:
        sound.core.record(True)
    skipped = sound.heard().shape[1]
    sound.play(11)
    sound.make_ahead(3)
    sound.core._ended()
    first = sound.heard()
    sound.start(20_000)
    sound.play(31)
    sound.turn("treble", -4.0)
    if begins_in == 1:
        sound.core.record(True)
        skipped = sound.heard().shape[1]
    sound.play(40)
    sound.core.drain()
    heard = [first, sound.heard()][begins_in:]
    sound.core.record(False)
    take = sound.core._drafts[-1][0].take()
    assert [each.skip for each in take.segments] == [skipped, 0][: len(heard)]
    heard[0] = heard[0][:, skipped:]
    assert [each.frames for each in take.segments] == [each.shape[1] for each in heard]
    for segment, expected in zip(take.segments, heard, strict=True):
        assert np.array_equal(rendered(segment), expected)


def test_a_sound_that_dies_before_its_music_is_heard_leaves_nothing_to_hear():
    sound = Sound(64)
    sound.start(0)
    sound.play(1)
    sound.core._ended()
    assert sound.core.recorder.segments[0].frames == 0


@pytest.mark.parametrize("skip", [0, 1, 64, 5000, FRAMES - 1, FRAMES, FRAMES + 100])
@pytest.mark.parametrize("position", [0, 777])
def test_a_take_without_an_end_ends_with_its_track_wherever_it_begins(skip, position):
    """It has the last frames of the same take from its beginning on, and no more."""
    cue = event_data(Cue(640, 0, position))
    whole = rendered(TakeSegment(events=(cue,)))
    part = TakeSegment(events=(cue,), skip=skip)
    assert whole.shape[1] == 640 + FRAMES - position
    assert np.array_equal(rendered(part), whole[:, skip:])


def test_a_take_that_ends_in_silence_ends_with_the_fade():
    events = (event_data(Cue(0, 0)), event_data(Cue(6400, None, 0, 0, 640)), TakeEvent(frame=9000, remark="over"))
    assert frames_of(STAGE, TakeSegment(events=events)) == 7040
    assert frames_of(STAGE, TakeSegment(events=events, skip=7000)) == 40
    assert frames_of(STAGE, TakeSegment(events=events, skip=8000)) == 0
    assert frames_of(STAGE, TakeSegment(events=events, skip=10, frames=20)) == 20
