"""Sound kept up: the audio process started, watched, and started again when it or its device has gone."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from livemaster.errors import InputError, LivemasterError
from livemaster.graph import Graph
from livemaster.snapshot import State
from livemaster.sound.audio_process import Setup
from livemaster.sound.client import WARM_S, AudioHost
from livemaster.sound.devices import NULL_ID
from livemaster.sound.shared_memory import Board, Count

STALLED_S, DEAD_S = 0.25, 0.6
"""Without a callback for so long and two blocks the device is stalled, or given up."""
START_S = 5.0
"""How long a device may take to start."""
INPUT_DEAD_S = 1.0
"""Without a block from the input for so long it has gone, while the output goes on."""
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
        self._came, self._came_s, self._look_s = -1, 0.0, 0.0
        self._input_gone = self._opening = False
        self._unlinked = 0
        self._graph_rate_hz = 0
        """What JACK's graph runs at, where that became known by its pace."""

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
        self._device_rate_hz = self.found["rate_hz"]
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
        elif self._opening and self._starts > 1 and now_s - self._since_s > START_S:
            self._host.kill()
            self._wait("the device does not start")
            self._waiting_for_end = True
        elif (
            self.state is State.WAITING
            and not (self._opening or self._waiting_for_end)
            and now_s - self._since_s > self._pause_s
        ):
            self._begin()

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
        self._beat, self._opening = -1, True
        if not self._retries:  # what is tried again and again is waited for all the time
            self.state = State.STARTING
        self._host.start(
            setup,
            device=self.found["device"],
            input=self.found["input"],
            rate_hz=self.found["rate_hz"],
            block_frames=self._wish.block_frames,
            outputs=self._wish.channels,
            inputs=self._wish.inputs,
            graph_rate_hz=self._graph_rate_hz,
        )

    def _run(self) -> None:
        self._playing, self._retries, self._opening = True, 0, False
        self.state, self.reason = State.RUNNING, ""
        self._beat_s = self._ran_s = self._came_s = time.monotonic()
        self._input_gone, self._unlinked = False, 0
        rate_hz = self.running.get("device_rate_hz", self.found["rate_hz"])
        if rate_hz != self._device_rate_hz:
            self._device_rate_hz = rate_hz
            converted = ": the sound is converted to it" if rate_hz != self.found["rate_hz"] else ""
            self._tell(f"{self.found['name']} runs at {rate_hz} Hz now{converted}")

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
            elif self._opening:
                self._wait(f"the audio process ended while it started (status {answer['status']})")
        elif kind == "ready":
            self._warming, self._warm_s = False, time.monotonic()
            self._tell("the new spare is ready")
            self._begin()
        elif kind == "looked" and answer["found"] and self._input_gone and self._playing:
            self._tell(f"the input {self.found['input']} is back")
            self._again("the input is back")
        elif kind == "rate changed" and self._playing:
            self._graph_rate_hz = answer["rate_hz"]
            self._again(f"{self.found['name']} runs at {answer['rate_hz']} Hz now")
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
            self._watch_input(now_s)
        elif still_s > DEAD_S:
            self._again(f"{self.found['name']} does not ask for sound any more")
        elif still_s > STALLED_S:
            self.state, self.reason = State.STALLED, f"{self.found['name']} does not ask for sound"

    def _watch_input(self, now_s: float) -> None:
        """Say what has gone or is back behind a device that goes on, and look for an input that brings nothing."""
        self._watch_links()
        if not self._wish.inputs or self.found["input"] == NULL_ID:
            return
        came = int(self._board.counts[Count.CAME])
        if came != self._came:
            self._came, self._came_s = came, now_s
        elif now_s - self._came_s > INPUT_DEAD_S:
            if not self._input_gone:
                self._input_gone = True
                self._tell(f"the input {self.found['input']} has gone: it is looked for once a second")
            if now_s - self._look_s > RETRY_S:
                self._look_s = now_s
                self._host.look(input=self.found["input"], inputs=self._wish.inputs)

    def _watch_links(self) -> None:
        unlinked = int(self._board.counts[Count.UNLINKED])
        for bit, what in ((1, f"the input {self.found['input']}"), (2, f"the output {self.found['device']}")):
            if (unlinked ^ self._unlinked) & bit:
                gone = "has gone: it is connected again when it comes back"
                self._tell(f"{what} {gone if unlinked & bit else 'is back'}")
        self._unlinked = unlinked

    def _again(self, why: str) -> None:
        """End what plays, and start it again."""
        self._host.kill()
        self._playing = False
        self._ended()
        self._wait(why, had_played=True)
        self._waiting_for_end = True

    def _wait(self, why: str, *, had_played: bool = False) -> None:
        now_s, self._opening = time.monotonic(), False
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
