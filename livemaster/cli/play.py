"""`livemaster play` and `live`: a session with its screen, or its log, its MIDI, and the figures at the end."""

from __future__ import annotations

import os
import select
import shlex
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from livemaster.audio import FORMATS
from livemaster.audio.spool import remove_all
from livemaster.cli.midi import DEFAULT_MAP
from livemaster.cli.show import new_console, show_kept, show_notes, show_session, steps
from livemaster.documents import checked_target, write_json
from livemaster.errors import LivemasterError
from livemaster.mastering.job import Progress
from livemaster.midi.mapping import find_mapping
from livemaster.session.base import Hands
from livemaster.session.preflight import input_beside
from livemaster.studio.studio import Studio
from livemaster.ui.log import Log, new_messages
from livemaster.ui.streams import nothing_fails

LOG_S = 0.1
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
        studio = Studio(session, stack)
        studio.open_midi(mapping, show.midi, stack, wanted=bool(show.midi or show.mapping))

        def keep() -> None:
            studio.close_opinions()
            if show.stats is not None:
                write_json(show.stats, session.statistics(), force=show.force)

        leaving = stack.enter_context(Leaving(session, keep, terminal=drawn))
        if drawn:
            from livemaster.ui.screen import LiveScreen

            screen = LiveScreen(studio)
            screen.run()  # until the session is over
            session.close("stopped")
            keep()
            leaving.interrupt(by_key=screen.interrupted)
            show_notes(new_messages(screen.told, session.snapshot().messages))
            if screen.return_code and not leaving.code:  # it has shown why
                raise LivemasterError("the screen has failed; --headless plays without one")
            show_session(session.snapshot(), shlex.join(session.sources))
        else:
            _follow(session)
            told = session.snapshot().messages
            keep()
            show_notes(new_messages(told, session.snapshot().messages))
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


def input_file(source: str | None) -> str | None:
    """The audio file that `--input` names, if it is one and no device."""
    return source if source is not None and Path(source).suffix.lower() in FORMATS else None
