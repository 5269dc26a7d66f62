"""The audio process: started by the interface, warmed up once, and forked for each time that sound is wanted.

What stays behind is the spare: when the process that plays dies, whatever killed it, another one is there at once,
warm. Orders come as JSON, a line each, on standard input, and answers go to standard output; everything else goes
through the board. When the interface goes, both end; when the spare goes, the process that plays ends as well.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livemaster.controls import ENGINE_CONTROLS
from livemaster.dsp.cache import kernel_cache
from livemaster.engine import Command, Cue, Engine, Lane, Performance, Program
from livemaster.engine.performance import SETTLE_S
from livemaster.errors import InputError, LivemasterError
from livemaster.graph import Graph
from livemaster.sound.callback import Player
from livemaster.sound.devices import Device, DeviceTable, release, scan
from livemaster.sound.drift import DriftBuffer
from livemaster.sound.jack_links import Links
from livemaster.sound.realtime import hold_in_memory, prefer_this_thread
from livemaster.sound.render_ahead import compiled
from livemaster.sound.shared_memory import NONE, Board, Count
from livemaster.sound.stream import MOST_FRAMES, Stream, StreamWish, best_rate, open_stream
from livemaster.units import seconds_to_frames

MAX_QUANTA = 16
"""Quanta worked on at once; larger blocks are made in several goes."""
LAST_FADE_S = 0.05
CLOSE_S = 2
"""How long a device may take to be closed, whole seconds."""
POLL_S = 0.01
LINKS_S = 0.25
"""How often JACK's graph is looked at."""
DEAF_S = 0.2
"""Without a block for so long, and for that of two blocks, the device does not ask any more."""
ODD_PACE = 0.02
"""More than any two clocks differ, less than the usual rates do."""
CONTROL_PRIORITY = 30
"""Of SCHED_FIFO, below callbacks: else other programs might halt the control thread while it has the interpreter."""
SWITCH_INTERVAL_S = 1e-4
"""How long the control thread may keep the interpreter while the callback waits for it."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the engine is made of; posted before a start.

    `programs`: all plans by number; `plan`: the one that it starts with, its controls at `positions`.
    """

    graph: Graph
    programs: tuple[Program, ...]
    plan: int
    positions: dict[str, float]
    channels: int
    overheard: bool = False
    """Whether what plays from the decks stands in for an input."""


def say(**answer: object) -> None:
    """[control] One answer to the interface, whole; to nobody when that has gone."""
    with suppress(OSError):
        os.write(1, (json.dumps(answer) + "\n").encode())


def main() -> None:
    """Serve one interface until it closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the interface's to handle
    board = Board(int(sys.argv[1]))
    kernels = _kept_kernels()
    warm_up(pickle.loads(_mail(board)))
    if _kept_kernels() > kernels:  # compiling has taken twice the memory that is needed from now on
        os.execv(sys.executable, sys.orig_argv)
    board.close()
    say(answer="ready")
    _Host(board).serve()


def _kept_kernels() -> int:
    """How many compiled kernels are kept."""
    folder = kernel_cache()
    return 0 if folder is None else sum(1 for _ in folder.rglob("*.nbc"))


class _Host:
    """The spare: takes orders, forks, watches."""

    def __init__(self, board: Board) -> None:
        self._board, self._child, self._buffer = board, 0, b""
        self._looking = 0
        """The process that looks for the input while another one plays."""

    def serve(self) -> None:
        """Until standard input ends."""
        while True:
            ready, _, _ = select.select([0], [], [], 0.02)
            self._reap()
            if not ready:
                continue
            data = os.read(0, 65536)
            if not data:
                break
            self._buffer += data
            while b"\n" in self._buffer:
                line, self._buffer = self._buffer.split(b"\n", 1)
                self._order(json.loads(line))
        self._board.counts[Count.QUIT] = 1  # the child fades out and ends
        self._await_child(1.0)
        self._kill()

    def _order(self, order: dict[str, Any]) -> None:
        if order["do"] == "kill":
            self._kill()
            return
        if order["do"] == "look":
            self._look(order)
            return
        setup = _mail(self._board) if order["do"] == "start" else b""
        spare = os.getpid()
        self._child = os.fork()
        if self._child:
            return
        code = 1
        try:
            code = _probe(order) if order["do"] == "probe" else _play(self._board, order, pickle.loads(setup), spare)
        except LivemasterError as error:
            say(answer="failed", why=str(error))
        except BaseException as error:
            say(answer="failed", why=f"{type(error).__name__}: {error}")
        finally:
            os._exit(code)

    def _look(self, order: dict[str, Any]) -> None:
        """Whether the input is there, seen by a process that has not looked before."""
        if self._looking:
            return
        self._looking = os.fork()
        if self._looking:
            return
        found = False
        try:
            signal.alarm(CLOSE_S)
            found = scan().find(order["input"], inputs=order["inputs"]).index is not None
            release()
        finally:
            say(answer="looked", found=found)
            os._exit(0)

    def _reap(self) -> None:
        if self._looking and os.waitpid(self._looking, os.WNOHANG)[0]:
            self._looking = 0
        if self._child:
            pid, status = os.waitpid(self._child, os.WNOHANG)
            if pid:
                self._child = 0
                say(answer="ended", status=os.waitstatus_to_exitcode(status))

    def _await_child(self, seconds: float) -> None:
        end_s = time.monotonic() + seconds
        while self._child and time.monotonic() < end_s:
            self._reap()
            time.sleep(0.005)

    def _kill(self) -> None:
        if self._child:
            os.kill(self._child, signal.SIGKILL)
            self._await_child(2.0)


def _mail(board: Board) -> bytes:
    """The message in the mailbox."""
    return bytes(board.mailbox[: int(board.counts[Count.MAIL_BYTES])])


def _probe(order: dict[str, Any]) -> int:
    """Find the device that is meant and tell of it."""
    try:
        table = scan()
        device, came_from = _devices(table, order)
        rate_hz = best_rate(device, order["rates"], order["outputs"])
        trouble = table.trouble if order["device"] is None and device.index is None else ""
        say(
            answer="probed",
            device=device.full_name if device.index is not None else device.id,
            input=came_from.full_name if came_from.index is not None else came_from.id,
            name=device.name,
            rate_hz=rate_hz,
            default_rate_hz=device.default_rate_hz,
            trouble=trouble,
        )
    finally:
        release()
    return 0


def _devices(table: DeviceTable, order: dict[str, Any]) -> tuple[Device, Device]:
    """The devices for output and input; without input the same twice."""
    device = table.find(order["device"], outputs=order["outputs"])
    if not order["inputs"]:
        return device, device
    return device, table.find(order["input"], inputs=order["inputs"])


def _play(board: Board, order: dict[str, Any], setup: Setup, spare: int) -> int:
    """Play until told to quit, or until the spare is gone, as it is soon after the interface."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    rate_hz = order["rate_hz"]
    player = _player(board, setup, rate_hz, order["inputs"])
    gc.collect()
    gc.freeze()
    gc.disable()
    stack = ExitStack()
    try:
        stack.callback(release)
        device, came_from = _devices(scan(), order)
        wish = StreamWish(device, rate_hz, order["block_frames"], order["outputs"], order["inputs"], came_from)
        told_hz = best_rate(device, [rate_hz], order["outputs"])
        device_rate_hz = order["graph_rate_hz"] or told_hz
        links = None
        if any("JACK" in each.host_api for each in (device, came_from)):
            with suppress(OSError):  # then nobody looks
                links = Links()
                stack.callback(links.close)
        hold_in_memory()
        stream = _opened(wish, player, device_rate_hz, told_hz)
        stack.callback(stream.close)
        if links is not None:
            links.begin()
        prefer_this_thread(CONTROL_PRIORITY)
        say(
            answer="running",
            pid=os.getpid(),
            device=device.name,
            rate_hz=rate_hz,
            device_rate_hz=device_rate_hz,
            latency_frames=round(stream.latency_frames * rate_hz / device_rate_hz),
            engine_latency_frames=player.latency,
            reductions=player.reduction_names,
        )
        _serve(board, player, stream, spare, links, device_rate_hz)
        player.leave(seconds_to_frames(LAST_FADE_S, rate_hz))
        _await_silence(player)
    finally:
        signal.alarm(CLOSE_S)  # where its server has gone, PortAudio would wait for ever
        stack.close()
    return 0


def _opened(wish: StreamWish, player: Player, device_rate_hz: int, told_hz: int) -> Stream:
    """The stream; where the device refuses the rate that it told, at the one that its graph runs at."""
    try:
        return open_stream(wish, player.block, device_rate_hz, told_hz)
    except InputError:
        if told_hz == device_rate_hz:
            raise
        return open_stream(wish, player.block, device_rate_hz)


def _serve(board: Board, player: Player, stream: Stream, spare: int, links: Links | None, device_rate_hz: int) -> None:
    """Take in plans and tell how far ahead sound is made, until told to quit, or until the spare is gone."""
    mails, look_s = int(board.counts[Count.MAIL]), 0.0
    skips = Skips(player.engine.rate_hz)
    while not board.counts[Count.QUIT] and os.getppid() == spare:
        time.sleep(POLL_S)
        board.counts[Count.AHEAD], board.counts[Count.CAME] = stream.ahead_frames, stream.input_blocks
        now_s = time.monotonic()
        taken = int(board.counts[Count.FRAMES]) - int(board.counts[Count.AHEAD])
        board.counts[Count.SKIPPED] += skips.look(now_s, taken, board.block_frames, int(board.counts[Count.LATE]))
        if links is not None and skips.odd_pace:
            skips.odd_pace = False
            if (graph_rate_hz := links.rate_hz()) not in (0, device_rate_hz):
                device_rate_hz = graph_rate_hz
                say(answer="rate changed", rate_hz=graph_rate_hz)
        beating = time.monotonic_ns() - int(board.counts[Count.BEAT_NS]) < DEAF_S * 1e9  # else the server may be gone
        if links is not None and beating and now_s - look_s > LINKS_S:
            look_s = now_s
            heard, played = links.look()
            board.counts[Count.UNLINKED] = (not heard) + 2 * (not played)
        if board.counts[Count.MAIL] > mails:
            mails = int(board.counts[Count.MAIL])
            player.performance.add_plan(player.engine.packed(pickle.loads(_mail(board))))
            board.counts[Count.PLANS] += 1


class Skips:
    """Blocks that a device skipped without a word, as PipeWire's JACK does: by the clock fewer frames were asked for.

    What it lags is looked at as the median of every second, so that neither blocks nor a late look count, and crystals
    that differ do not add up.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._lags: list[float] = []
        self._began_s = 0.0
        self._usual: float | None = None
        self._late = 0
        self.odd_pace = False
        """Whether frames were asked for so much faster or slower than the rate says that this may be another one."""

    def look(self, now_s: float, frames: int, block_frames: int, late: int) -> int:
        """[control] How many were skipped in the second that ends now, 0 where `late` has risen: that is told already.

        `frames`: asked for so far.
        """
        if not self._lags:
            self._began_s = now_s
        self._lags.append(now_s * self._rate_hz - frames)
        if now_s - self._began_s < 1.0:
            return 0
        lag, told = sorted(self._lags)[len(self._lags) // 2], late > self._late
        more = 0.0 if self._usual is None else lag - self._usual
        self._usual, self._late = lag, late
        self._lags.clear()
        self.odd_pace = not told and abs(more) > ODD_PACE * self._rate_hz
        return 0 if told or not block_frames else max(round(more / block_frames), 0)


def _player(board: Board, setup: Setup, rate_hz: int, inputs: int) -> Player:
    first = setup.programs[setup.plan]
    program = replace(first, start=dict(first.start) | setup.positions)
    engine = Engine(setup.graph, rate_hz, setup.channels, program=program, max_quanta=MAX_QUANTA)
    plans = [engine.packed(each) for each in setup.programs]
    board.counts[Count.PLANS] = len(plans)
    board.counts[Count.TRACK] = NONE
    return Player(board, engine, plans, setup.plan, MOST_FRAMES, inputs, setup.overheard)


def _await_silence(player: Player) -> None:
    now_s = beat_s = time.monotonic()
    two_blocks_s = 2 * player.board.block_frames / player.engine.rate_hz
    end_s, beat = now_s + LAST_FADE_S + SETTLE_S + 0.5 + two_blocks_s, -1
    while not player.performance.resting and now_s < end_s and now_s - beat_s < DEAF_S + two_blocks_s:
        time.sleep(2 * POLL_S)
        now_s = time.monotonic()
        if player.board.counts[Count.BEAT] != beat:
            beat, beat_s = int(player.board.counts[Count.BEAT]), now_s
    if player.performance.resting:
        player.board.counts[Count.AHEAD] = 0  # what is ready now is silence: all else has been heard


class _Array:
    """A tape for warming up."""

    def read(self, position: int, out: np.ndarray[Any, np.dtype[np.float32]]) -> None:
        out[:] = 0.1


def warm_up(graph: Graph, channels: Sequence[int] = (1, 2)) -> None:
    """[control] Run everything once that a performance may run, so that nothing is compiled while sounding."""
    compiled()
    for count in channels:
        engine = Engine(graph, 48000, count, max_quanta=MAX_QUANTA)
        moving = [p for p in engine.parameters if "." in p.id]
        program = Program(tuple(Lane(p.id, (0, 6400), (p.low, p.high)) for p in moving))
        plans = [engine.packed(Program()), engine.packed(program)]
        performance = Performance(engine, plans, lambda track, position: _Array())
        performance.do(Cue(0, 0))
        y = np.zeros((count, 1024), np.float32)
        for number, (name, each) in enumerate(ENGINE_CONTROLS.items()):
            performance.do(Command(None, name, each.high if number % 2 else each.low))
            performance.do(Cue(None, 0, 1000 * number, number % 2, 1440))
            for size in (64, 100, 1024):
                performance.render(y[:, :size])
        performance.do(Cue(None, None, 0, 0, 1440))
        performance.render(y)
        DriftBuffer(count, 48000, 1024)


if __name__ == "__main__":
    main()
