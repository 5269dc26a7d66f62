"""`livemaster play` and `live`: a session with its screen, or its log, its MIDI, and the figures at the end."""

from __future__ import annotations

import os
import select
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
from livemaster.controls import LIVE_CONTROLS, Move
from livemaster.documents import checked_target, write_json
from livemaster.errors import InputError, LivemasterError, NoMidiError
from livemaster.mastering.job import Progress
from livemaster.midi.hub import MidiHub
from livemaster.midi.mapping import Mapping as MidiMapping
from livemaster.midi.mapping import find_mapping
from livemaster.midi.ports import check_wanted, input_names
from livemaster.session.base import Hands
from livemaster.session.preflight import input_beside
from livemaster.snapshot import NowPlaying, Snapshot
from livemaster.ui.log import Log, new_messages
from livemaster.ui.streams import nothing_fails

MIDI_SHOW_S, LOG_S = 0.05, 0.1
TERMINAL_S = 0.25
"""How often it is looked whether the terminal of a screen is still there."""
STUCK_S = 1.5
"""So long after a signal has ended the session the screen may take to go."""
EXIT_CODES = {"SIGINT": 130, "SIGTERM": 0, "SIGHUP": 129}
"""A service manager's way of ending a service is SIGTERM: all is kept, and nothing has failed."""
DUMB = ("dumb", "unknown")
"""Terminals on which nothing can be drawn."""


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
    terminal = sys.stdout.isatty() and sys.stdin.isatty() and os.environ.get("TERM", "dumb") not in DUMB
    drawn = terminal and not show.headless
    with nothing_fails(), ExitStack() as stack:
        if drawn:
            from livemaster.ui.aside import errors_aside

            stack.enter_context(errors_aside())
        with steps(*show.kernels) as progress:
            session = begin(progress)
        stack.callback(session.close, "interrupted")
        player = Player(session, stack)
        player.open_midi(mapping, show, stack)

        def keep() -> None:
            player.close_opinions()
            if show.stats is not None:
                write_json(show.stats, session.statistics(), force=show.force)

        leaving = stack.enter_context(Leaving(session, keep, terminal=drawn))
        if drawn:
            from livemaster.ui.screen import LiveScreen

            screen = LiveScreen(player)
            screen.run()  # until the session is over
            session.close("stopped")
            keep()
            leaving.interrupt(by_key=screen.interrupted)
            player.finish(screen.told)
            if screen.return_code and not leaving.code:  # it has shown why
                raise LivemasterError("the screen has failed; --headless plays without one")
            show_session(session.snapshot(), shlex.join(session.sources))
        else:
            _follow(session)
            keep()
            player.finish(session.snapshot().messages)
            if session.error is None:
                show_kept(session.snapshot(), shlex.join(session.sources), new_console(stderr=True))
    if session.error is not None:
        raise session.error
    if leaving.code == EXIT_CODES["SIGINT"]:
        raise KeyboardInterrupt
    if leaving.code:
        raise SystemExit(leaving.code)


def _check_places(show: Show) -> None:
    """Refuse to write over what is played from, or one thing over the other."""
    read = [*show.files, *([show.mapping] if show.mapping else [])]
    if show.take is not None:
        checked_target(show.take, force=show.force, others=read)
    if show.stats is not None:
        if show.take is not None:
            read += [show.take, input_beside(show.take)] if show.listens else [show.take]
        checked_target(show.stats, force=show.force, others=read)


def _follow(session: Hands) -> None:
    """Log lines until the session is over."""
    log, console = Log(), new_console(stderr=True)
    over = False
    while not over:
        over = session.wait(LOG_S)
        for line in log.tell(session.snapshot(), time.monotonic()):
            console.print(line, soft_wrap=True)


class Leaving:
    """While a session plays, a signal ends it with its fade instead of at once, and so does the end of the terminal.

    `keep`: what is to be written down when the session is over. Where the screen, which may wait for a terminal that
    has gone, does not end soon after that, the process ends without it.
    """

    def __init__(self, session: Hands, keep: Callable[[], None], *, terminal: bool) -> None:
        self._session, self._keep, self._terminal = session, keep, terminal
        self._before: dict[int, object] = {}
        self._left = threading.Event()
        self.code: int | None = None
        """Exit code of the signal that came, None without one."""

    def __enter__(self) -> Leaving:
        for name in EXIT_CODES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as under nohup
                self._before[number] = signal.signal(number, self._leave)
        if self._terminal:
            threading.Thread(target=self._watch, name="terminal", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def interrupt(self, *, by_key: bool) -> None:
        """Ctrl-C, where the terminal hands it on as a key."""
        if by_key and self.code is None:
            self.code = EXIT_CODES["SIGINT"]

    def _leave(self, number: int, _frame: FrameType | None) -> None:
        name = signal.Signals(number).name
        if self.code is None:
            self.code = EXIT_CODES[name]
            threading.Thread(target=self._end, args=(self.code,), daemon=True).start()
        elif name != "SIGHUP":  # for the second time: at once; a terminal that goes may say so twice
            remove_all()
            os._exit(128 + number)

    def _end(self, code: int) -> None:
        self._session.close("interrupted")
        if self._gone() or not self._left.wait(STUCK_S):
            try:
                self._keep()
            finally:
                remove_all()
                os._exit(code)

    def _gone(self) -> bool:
        """Whether there was a terminal, and is none any more."""
        if not self._terminal or not hasattr(select, "poll"):
            return False
        terminal = select.poll()
        terminal.register(sys.__stdin__ or 0, 0)
        return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in terminal.poll(0))

    def _watch(self) -> None:
        """See the terminal go where no signal tells of it, as where a shell keeps that to itself."""
        while not self._left.wait(TERMINAL_S):
            if self._gone():
                self._leave(signal.SIGHUP, None)
                return


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
        self.close_opinions()
        show_notes(new_messages(told, self._session.snapshot().messages))

    def close_opinions(self) -> None:
        """Wait until all opinions are kept."""
        self._opinions.close()

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
