"""`livemaster play` and `live`: a session with its screen, or its log, its MIDI, and the figures at the end."""

from __future__ import annotations

import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from livemaster.audio import FORMATS
from livemaster.audio.spool import remove_all
from livemaster.cli.midi import DEFAULT_MAP
from livemaster.cli.opinions import Opinions
from livemaster.cli.show import new_console, show_kept, show_notes, show_session, steps
from livemaster.errors import InputError, LivemasterError, NoMidiError
from livemaster.live.checks import check_place, input_beside
from livemaster.live.claim import check_unclaimed
from livemaster.live.controls import LIVE_CONTROLS, Move
from livemaster.live.hands import Hands
from livemaster.live.midi.hub import MidiHub
from livemaster.live.midi.mapping import Mapping as MidiMapping
from livemaster.live.midi.mapping import find_mapping
from livemaster.live.midi.ports import check_wanted, input_names
from livemaster.live.state import NowPlaying, Snapshot
from livemaster.mastering.job import Progress
from livemaster.planning import write_json
from livemaster.ui.log import Log, new_messages

MIDI_SHOW_S, LOG_S = 0.05, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """How a session is shown and played: screen or log, MIDI, figures."""

    headless: bool = False
    stats: str | None = None
    midi: Sequence[str] = ()
    mapping: str | None = None
    take: str | None = None
    files: Sequence[str | Path] = ()
    """What is played from, and may not be written over."""
    listens: bool = False
    """Whether what comes in is kept beside the take."""
    force: bool = False
    kernels: tuple[str, ...] = ()


def play_session(begin: Callable[[Progress], Hands], show: Show) -> None:
    """Play until the end; a log on standard error where there is no terminal, or no screen is wanted."""
    mapping = find_mapping(show.mapping or DEFAULT_MAP)
    _check_places(show)
    drawn = not show.headless and sys.stdout.isatty() and sys.stdin.isatty()
    with ExitStack() as stack:
        if drawn:
            from livemaster.ui.aside import errors_aside

            stack.enter_context(errors_aside())
        with steps(*show.kernels) as progress:
            session = begin(progress)
        stack.callback(session.close, "interrupted")
        player = Player(session, stack)
        player.open_midi(mapping, show, stack)
        with _fading_out(session) as signals:
            if drawn:
                from livemaster.ui.screen import LiveScreen

                screen = LiveScreen(player)
                screen.run()  # until the session is over
                session.close("stopped")
                player.finish(screen.told)
                if screen.return_code:  # it has shown why
                    raise LivemasterError("the screen has failed; --headless plays without one")
                show_session(session.snapshot(), shlex.join(session.sources))
                signals += [signal.SIGINT] if screen.interrupted else []
            else:
                _follow(session)
                player.finish(session.snapshot().messages)
                if session.error is None:
                    show_kept(session.snapshot(), shlex.join(session.sources), new_console(stderr=True))
    if show.stats is not None:
        write_json(show.stats, session.statistics(), force=show.force)
    if session.error is not None:
        raise session.error
    if signals:
        raise KeyboardInterrupt if signals[0] == signal.SIGINT else SystemExit(128 + signals[0])


def _check_places(show: Show) -> None:
    """Refuse to write over what is played from, or one thing over the other."""
    read = [*show.files, *([show.mapping] if show.mapping else [])]
    if show.take is not None:
        check_place(show.take, force=show.force, others=read)
    if show.stats is not None:
        if show.take is not None:
            read += [show.take, input_beside(show.take)] if show.listens else [show.take]
        check_place(show.stats, force=show.force, others=read)
        check_unclaimed(show.stats)


def _follow(session: Hands) -> None:
    """Log lines until the session is over."""
    log, console = Log(), new_console(stderr=True)
    over = False
    while not over:
        over = session.wait(LOG_S)
        for line in log.tell(session.snapshot(), time.monotonic()):
            console.print(line, soft_wrap=True)


class _fading_out:  # noqa: N801 -- used as a context manager's name
    """While a session plays, a signal ends it with its fade instead of at once."""

    def __init__(self, session: Hands) -> None:
        self._session, self._numbers = session, list[int]()
        self._before: dict[int, object] = {}

    def __enter__(self) -> list[int]:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                self._before[number] = signal.signal(number, self._leave)
        return self._numbers

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        if self._numbers:  # for the second time: at once
            remove_all()
            os._exit(128 + number)
        self._numbers.append(number)
        threading.Thread(target=self._session.close, args=("interrupted",), daemon=True).start()


class Player:
    """What the screen plays on: the session, with its MIDI where there is any."""

    def __init__(self, session: Hands, stack: ExitStack) -> None:
        self._session = session
        self._hub: MidiHub | None = None
        self._closed = threading.Event()
        self._opinions = Opinions(session.tell)
        stack.callback(self._opinions.close)
        session.on_vote = self._vote

    def finish(self, told: tuple[str, ...]) -> None:
        """Wait until all opinions are kept; what the session said beyond what was `told` comes as notes."""
        self._opinions.close()
        show_notes(new_messages(told, self._session.snapshot().messages))

    def snapshot(self) -> Snapshot:
        """How everything stands."""
        return self._session.snapshot()

    def do(self, move: Move) -> None:
        """Move a control, and let MIDI know that another hand did."""
        self._session.do(move)
        if self._hub is not None:
            self._hub.moved(move)

    def seek(self, time_s: float) -> None:
        """To a time of the present track."""
        self._session.seek(time_s)

    def close(self) -> None:
        """Fade out and end."""
        self._session.close("stopped")

    def now_playing(self) -> NowPlaying | None:
        """What a rating given now is about; where there is nothing to rate, that is said."""
        playing, heard = self._session.now_playing(), self._session.snapshot().heard
        if playing is None:
            self._session.tell("what plays cannot be rated: it has no plan yet, or too little of it was heard")
        elif heard != "master":
            side = "the raw mix" if heard == "mix" else "a side of a blind comparison, where votes count"
            self._session.tell(f"what is heard is {side}: a rating is about the master")
            return None
        return playing

    def rate(self, playing: NowPlaying, stars: int, comment: str) -> None:
        """Keep a rating of what played."""
        self._opinions.rate(playing, stars, comment)

    def keep(self) -> None:
        """Make the trims as they stand a preference."""
        playing = self.now_playing()
        if playing is not None:
            self._opinions.keep(playing)

    def _vote(self, better: str) -> None:
        playing = self._session.now_playing()
        if playing is not None:
            self._opinions.vote(playing, better)

    def bindings(self) -> Mapping[str, str]:
        """The message that moves each control."""
        if self._hub is None:
            return {}
        found = {name: self._hub.bound(name) for name in LIVE_CONTROLS}
        return {name: bound for name, bound in found.items() if bound is not None}

    def ghosts(self) -> Mapping[str, float]:
        """Where hardware knobs stand that wait for pick-up."""
        return {} if self._hub is None else self._hub.ghosts()

    def open_midi(self, mapping: MidiMapping, show: Show, stack: ExitStack) -> None:
        """Connect MIDI; where there is none that is said, and the music plays."""
        try:
            hub = MidiHub(mapping, show.midi, self._session.do, lambda: self._session.positions)
            stack.callback(hub.close)
            hub.start()
            check_wanted(show.midi, input_names())
        except NoMidiError as error:
            if show.midi or show.mapping:
                self._session.tell(str(error))
            return
        except InputError as error:  # a port that may be plugged in yet
            self._session.tell(f"{error}; it is waited for")
        self._hub = hub
        stack.callback(self._closed.set)
        threading.Thread(target=self._light, args=(hub,), name="midi feedback", daemon=True).start()

    def _light(self, hub: MidiHub) -> None:
        while not self._closed.wait(MIDI_SHOW_S):
            hub.show(self._session.snapshot())


def input_file(source: str | None) -> str | None:
    """The audio file that `--input` names, if it is one and no device."""
    return source if source is not None and Path(source).suffix.lower() in FORMATS else None
