"""Sound kept up: the audio process started, watched, and started again when it or its device has gone."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livemaster.errors import InputError, LivemasterError
from livemaster.graph import Graph
from livemaster.live.board import Board, Count
from livemaster.live.host import WARM_S, AudioHost
from livemaster.live.process import Setup
from livemaster.live.state import State

STALLED_S, DEAD_S = 0.25, 0.6
"""Without a callback for so long and two blocks the device is stalled, or given up."""
START_S = 5.0
"""How long a device may take to start."""
RETRY_S = 1.0
STEADY_S = 1.0
"""What has played for so long is started again at once."""
FRAIL_S, MOST_FRAIL = 10.0, 3
"""So many spares that end so soon after they were warm are taken as a sign that no other will last."""


@dataclass(frozen=True, slots=True)
class DeviceWish:
    """The device asked for; None and 0 leave the choice to the system."""

    device: str | None = None
    rate_hz: int | None = None
    block_frames: int = 0
    channels: int = 2
    inputs: int = 0
    """Channels that come in; 0 for none."""
    input_device: str | None = None
    """Where they come from."""


class Sound:
    """The audio process and its device, as a small machine of states that `tick` moves.

    `setup`: called before every start with whether it is the first; it readies the board and says what the engine is
    made of. `ended`: called when a process is over that had begun to play. `tell`: what the performer should read.
    """

    def __init__(
        self,
        board: Board,
        graph: Graph,
        wish: DeviceWish,
        setup: Callable[[bool], Setup],
        ended: Callable[[], None],
        tell: Callable[[str], None],
    ) -> None:
        self._board, self._graph, self._wish = board, graph, wish
        self._setup, self._ended, self._tell = setup, ended, tell
        self._host = AudioHost(board, graph)
        self.state, self.reason = State.STARTING, ""
        self.running: dict[str, Any] = {}
        """What the audio process told when it began."""
        self.found: dict[str, Any] = {}
        """The device, as it was found."""
        self._starts = 0
        self._since_s = self._beat_s = self._ran_s = time.monotonic()
        self._beat = -1
        self._playing = self._waiting_for_end = self._warming = False
        self._warm_s, self._frail = 0.0, 0

    @property
    def pids(self) -> list[int]:
        """Processes that belong to it."""
        return [self._host.pid, *([self.running["pid"]] if self._playing else [])]

    def find(self, rates_hz: list[int]) -> dict[str, Any]:
        """[control] Wait until the spare is warm and find the device; InputError when there is none like that."""
        self._host.wait_ready()
        self._warm_s = time.monotonic()
        wish = self._wish
        rates = [wish.rate_hz] if wish.rate_hz else rates_hz
        self.found = self._host.probe(
            device=wish.device, rates=rates, outputs=wish.channels, inputs=wish.inputs, input=wish.input_device
        )
        if wish.rate_hz and self.found["rate_hz"] != wish.rate_hz:
            raise InputError(
                f"{self.found['name']}: refuses {wish.rate_hz} Hz; it prefers {self.found['default_rate_hz']} Hz"
            )
        return self.found

    def start(self) -> None:
        """[control] Start and wait for the first block; InputError when the device refuses."""
        self._begin()
        self.running = self._host.expect("running", START_S)
        self._run()

    def tick(self) -> None:
        """[control] Hear the answers, watch the callbacks, start again where that is due."""
        for answer in self._answers():
            self._hear(answer)
        now_s = time.monotonic()
        if self._warming:
            if now_s - self._since_s > WARM_S:
                raise LivemasterError(f"another spare was started, and is not ready after {WARM_S:g} s")
        elif self.state in (State.RUNNING, State.STALLED):
            self._watch(now_s)
        elif self.state is State.WAITING and not self._waiting_for_end and now_s - self._since_s > self._pause_s:
            self._begin()
        elif self.state is State.STARTING and self._starts > 1 and now_s - self._since_s > START_S:
            self._host.kill()
            self._wait("the device does not start")
            self._waiting_for_end = True

    def close(self) -> None:
        """[control] Fade out and end all processes."""
        self._board.counts[Count.QUIT] = 1
        end_s = time.monotonic() + 1.5
        while self._playing and time.monotonic() < end_s:
            for answer in self._answers(0.02):
                if answer["answer"] in ("ended", "gone"):
                    self._playing = False
        self._host.close()
        self.state = State.STOPPED

    # -- inside ------------------------------------------------------------------------------------------------

    @property
    def _pause_s(self) -> float:
        """At once after a process that played, then once a second."""
        return 0.0 if self._retries == 0 else RETRY_S

    _retries = 0

    def _begin(self) -> None:
        setup = self._setup(self._starts == 0)
        self._starts += 1
        self._since_s = time.monotonic()
        self.state, self._beat = State.STARTING, -1
        self._host.start(
            setup,
            device=self.found["device"],
            input=self.found["input"],
            rate_hz=self.found["rate_hz"],
            block_frames=self._wish.block_frames,
            outputs=self._wish.channels,
            inputs=self._wish.inputs,
        )

    def _run(self) -> None:
        self._playing, self._retries = True, 0
        self.state, self.reason = State.RUNNING, ""
        self._beat_s = self._ran_s = time.monotonic()

    def _hear(self, answer: dict[str, Any]) -> None:
        kind = answer["answer"]
        if kind == "running":
            self.running = answer
            self._run()
        elif kind == "failed":
            self._wait(answer["why"])
            self._waiting_for_end = True
        elif kind == "ended":
            self._waiting_for_end = False
            if self._playing:
                self._playing = False
                self._ended()
                self._wait(f"the audio process ended (status {answer['status']})", had_played=True)
            elif self.state is State.STARTING:
                self._wait(f"the audio process ended while it started (status {answer['status']})")
        elif kind == "ready":
            self._warming, self._warm_s = False, time.monotonic()
            self._tell("the new spare is ready")
            self._begin()
        elif kind == "gone":
            self._renew()

    def _renew(self) -> None:
        """The spare is gone, and with it what played: another one is warmed up, unless they do not last."""
        had_played, self._playing, self._waiting_for_end = self._playing, False, False
        status, now_s = self._host.close(), time.monotonic()
        lasted = not self._warming and now_s - self._warm_s > FRAIL_S
        self._frail = 0 if lasted else self._frail + 1
        if self._frail == MOST_FRAIL:
            raise LivemasterError(
                f"the spare of the audio process ended {MOST_FRAIL} times within {FRAIL_S:g} s (status {status})"
            )
        if had_played:
            self._ended()
        self._tell(f"the spare of the audio process has ended (status {status}): another one is started")
        self._warming, self._since_s = True, now_s
        self.state, self.reason = State.STARTING, "a new spare of the audio process warms up"
        try:
            self._host = AudioHost(self._board, self._graph)
        except OSError as error:
            raise LivemasterError(f"the spare of the audio process has ended, and no other starts: {error}") from error

    def _watch(self, now_s: float) -> None:
        block_frames = max(self._board.block_frames, self._wish.block_frames)
        still_s = now_s - self._beat_s - 2 * block_frames / self.found["rate_hz"]
        beat = int(self._board.counts[Count.BEAT])
        if beat != self._beat:
            self._beat, self._beat_s = beat, now_s
            if self.state is State.STALLED:
                self.state, self.reason = State.RUNNING, ""
        elif still_s > DEAD_S:
            self._host.kill()
            self._playing = False
            self._ended()
            self._wait(f"{self.found['name']} does not ask for sound any more", had_played=True)
            self._waiting_for_end = True
        elif still_s > STALLED_S:
            self.state, self.reason = State.STALLED, f"{self.found['name']} does not ask for sound"

    def _wait(self, why: str, *, had_played: bool = False) -> None:
        now_s = time.monotonic()
        at_once = had_played and now_s - self._ran_s > STEADY_S
        self._retries = 0 if at_once else self._retries + 1
        self.state, self.reason, self._since_s = State.WAITING, why, now_s

    def _answers(self, seconds: float = 0.0) -> list[dict[str, Any]]:
        found = []
        try:
            found.append(self._host.answers.get(timeout=seconds) if seconds else self._host.answers.get_nowait())
            while True:
                found.append(self._host.answers.get_nowait())
        except queue.Empty:
            return found
