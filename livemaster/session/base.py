"""What may be asked of any session, from any thread: moves of its controls, its figures, its end."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager

from livemaster.controls import LIVE_CONTROLS, Control, Kind, Move
from livemaster.documents import preset_name, preset_names
from livemaster.errors import LivemasterError
from livemaster.mastering.score import Score
from livemaster.planning import MasterSettings
from livemaster.planning.personal import PARAMETERS
from livemaster.session.control_state import Desk
from livemaster.session.core import Core
from livemaster.snapshot import NowPlaying, Snapshot


class Hands:
    """Base of the kinds of session; each says what its switches, buttons and choices do."""

    _core: Core
    _desk: Desk
    sources: tuple[str, ...] = ()
    """Files that a take of the session is rendered from."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.on_vote: Callable[[str], None] = lambda better: None
        """Told of each vote of a blind comparison: `master` or `mix`; returns at once."""

    # -- from any thread ---------------------------------------------------------------------------------------

    def do(self, move: Move) -> None:
        """[control] Move a control; what cannot be done is told in a message."""
        if self._core.done.is_set():
            return
        control = LIVE_CONTROLS.get(move.control) if isinstance(move.control, str) else None
        with self._core.lock, self._telling():
            self._core.drain()  # what a hand does is meant for how things stand now
            if control is None:
                self._core.tell(f"there is no control '{move.control}'")
            elif not self._move(control, move.value):
                self._core.tell(f"{control.id}: {move.value!r} is nothing that it can be moved to")

    def tell(self, text: str) -> None:
        """[control] Something for the performer to read, on the screen or in the log."""
        self._core.tell(text)

    def now_playing(self) -> NowPlaying | None:
        """[control] What could be judged; None where that is nothing that can be known again."""
        return None

    def seek(self, time_s: float) -> None:
        """[control] To a time of what plays."""
        raise NotImplementedError

    def close(self, reason: str = "stopped") -> None:
        """[control] Fade out and end; waits until all is put away."""
        self._core.close(reason)

    def wait(self, seconds: float | None = None) -> bool:
        """[control] Until the session is over, or for so long; whether it is over."""
        return self._core.done.wait(seconds)

    def snapshot(self) -> Snapshot:
        """[control] How everything stands."""
        raise NotImplementedError

    def statistics(self) -> dict[str, object]:
        """[control] The figures of `--stats`."""
        return self._core.statistics()

    @property
    def positions(self) -> Mapping[str, float]:
        """Where the knobs stand, for MIDI."""
        with self._core.lock:
            return self._knobs()

    @property
    def error(self) -> LivemasterError | None:
        """What ended the session, if something went wrong."""
        return self._core.error

    @property
    def stop_reason(self) -> str:
        """Why the session is over; empty while it is not."""
        return self._core.stop_reason

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """[control] A hand is told what fails, such as a file that has gone; the session's own thread ends for it."""
        try:
            yield
        except LivemasterError as error:
            self._core.tell(str(error))

    # -- moves, with the lock held ------------------------------------------------------------------------------

    def _move(self, control: Control, value: float | str | None) -> bool:
        """Carry out a move; False when it makes no sense."""
        why = self._refused().get(control.id)
        if why is not None:
            self._core.tell(f"{control.title}: {why}")
        elif control.kind is Kind.KNOB:
            number = as_number(value)
            if not math.isfinite(number):
                return False
            self._turn(control.id, number)
        elif control.kind is Kind.SWITCH:
            if value is not None and not math.isfinite(as_number(value)):
                return False
            on = not self._switched()[control.id] if value is None else bool(value)
            why = self._incomparable() if control.id == "blind" and on else ""
            if why:
                self._core.tell(f"no blind comparison: {why}")
            else:
                self._switches()[control.id](on)
        elif control.kind is Kind.BUTTON:
            self._buttons()[control.id]()
        else:
            return self._choose(control.id, value)
        return True

    def _choose(self, name: str, value: float | str | None) -> bool:
        names, chosen = list(preset_names(name)), preset_name(name, self._chosen(name))
        if chosen not in names:  # one that came as a file
            names.insert(0, chosen)
        step = 1.0 if value is None else as_number(value)
        if abs(step) == 1.0:
            value = names[(names.index(chosen) + int(step)) % len(names)]
        if value not in names:
            return False
        self._plan_with(name, str(value))
        return True

    def _turn(self, knob: str, value: float) -> None:
        self._desk.turn(knob, value)

    def _vote(self) -> None:
        why = self._incomparable()
        text = None if why else self._desk.vote(self._where())
        if why:
            self._core.tell(f"no vote: {why}")
        elif text is None:
            self._core.tell("a vote needs a blind comparison that was not voted on: begin one")
        else:
            self._core.remark(text)
            self._core.tell(text)
            self.on_vote("mix" if self._desk.mix else "master")

    def _panic(self) -> None:
        self._desk.panic()
        self._core.tell("panic: the raw mix at its own loudness (match is off) until A/B brings the master back")

    # -- what all of them show ---------------------------------------------------------------------------------

    def _shown(self, score: Score) -> Snapshot:
        """How all that sessions have in common stands, played by `score`."""
        core, global_ = self._core, score.settings.global_
        return Snapshot(
            state=core.state,
            reason=core.reason,
            knobs=self._knobs(),
            refused=frozenset(self._refused()),
            switches=self._switched() | {"ab": self._desk.heard in ("mix", "y")},  # a blind one gives nothing away
            heard=self._desk.heard,
            mode=global_.mode,
            platform=global_.platform,
            target_lufs=global_.target_lufs,
            ceiling_dbtp=score.levels.ceiling_dbtp,
            meters=core.meter_view(),
            device=core.device_view(),
            shed=core.shedder.shed,
            messages=tuple(core.messages),
            take=str(core.take_path) if core.kept is not None else None,
        )

    def _as_played(self, settings: MasterSettings) -> MasterSettings:
        """A plan with trims and amount as they stand."""
        positions = self._desk.positions
        trims = settings.global_.trims.model_copy(update={name: positions[name] for name in PARAMETERS})
        global_ = settings.global_.model_copy(update={"trims": trims, "amount": positions["amount"]})
        return settings.model_copy(update={"global_": global_})

    def _refused(self) -> Mapping[str, str]:
        """Controls that have nothing to work on, and why."""
        return {}

    def _switched(self) -> dict[str, bool]:
        """Every switch; each kind of session adds its own."""
        return {
            "ab": self._desk.mix,
            "match": self._desk.positions["match"] > 0.0,
            "record": self._core.kept is not None,
            "blind": self._desk.blind is not None,
        }

    # -- what each kind of session says -------------------------------------------------------------------------

    def _incomparable(self) -> str:
        """Why the sides of A/B cannot be judged against each other now; empty where they can."""
        raise NotImplementedError

    def _knobs(self) -> dict[str, float]:
        """Where the knobs stand."""
        raise NotImplementedError

    def _switches(self) -> dict[str, Callable[[bool], None]]:
        """What each switch does."""
        raise NotImplementedError

    def _buttons(self) -> dict[str, Callable[[], None]]:
        """What each button does."""
        raise NotImplementedError

    def _chosen(self, name: str) -> str:
        """The present mode or platform."""
        raise NotImplementedError

    def _plan_with(self, name: str, value: str) -> None:
        """Another mode or platform."""
        raise NotImplementedError

    def _where(self) -> str:
        """What is heard, in words."""
        raise NotImplementedError


def as_number(value: object) -> float:
    """What may be a number as one; NaN for what is none, or too large to be one."""
    try:
        return float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return math.nan
