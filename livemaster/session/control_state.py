"""The desk: where every knob and switch stands, and which commands a move of it means."""

from __future__ import annotations

import random
from collections.abc import Mapping

from livemaster.controls import ENGINE_CONTROLS, LIVE_CONTROLS, Kind
from livemaster.engine import Command
from livemaster.snapshot import SectionView
from livemaster.sound.records import push_event
from livemaster.sound.shared_memory import Board

KNOBS = tuple(name for name, each in LIVE_CONTROLS.items() if each.kind is Kind.KNOB)
AB = "compare.mix"
SIDES = {"compare.master_gain_db": 1.0, "compare.mix_gain_db": -1.0}
"""What turns each side of A/B down, and the sign by which it is the louder one."""
SMALL_DB = 0.1
"""A match that is led moves in steps of so much."""


class Desk:
    """Positions of all controls of the engine; every method is called with the session's lock held."""

    def __init__(self, board: Board, start: Mapping[str, float]) -> None:
        self._board = board
        self.positions = {name: each.rest for name, each in ENGINE_CONTROLS.items()} | dict(start)
        self.mix = False
        self.blind: bool | None = None
        """In a blind comparison, whether X is the mix."""
        self._voted = False
        self._matched = self.positions["match"]
        """What the match was before it."""
        self.louder_db: float | None = None
        """By how much the master is louder than the mix, where that is measured; else the match is the plan's."""
        self._turned_down: dict[str, float] = {}
        self.out: dict[str, float] = {}
        """Controls that are kept at 0, the latest last, and where they would stand."""
        self._touched: set[str] = set()

    # -- moves -------------------------------------------------------------------------------------------------

    def turn(self, knob: str, value: float) -> None:
        """[control] A knob to a value, held within its range."""
        self._touched.add(knob)
        self.set(knob, ENGINE_CONTROLS[knob].clamp(value))
        if knob == "intensity":
            self.set("override", 1.0)

    def set(self, control: str, value: float) -> None:
        """[control] A control of the engine to a value; one that is kept out moves there when it comes back."""
        if control in self.out:
            self.out[control] = value
        elif self.positions[control] != value:
            self.positions[control] = value
            self._command(control, value)

    def take_out(self, control: str) -> None:
        """[control] Keep a control at 0 for a while."""
        value = self.positions[control]
        self.set(control, 0.0)
        self.out[control] = value

    def bring_back(self) -> str:
        """[control] The control that was taken out last stands again where it should; which one that is."""
        control, value = self.out.popitem()
        self.set(control, value)
        return control

    def release(self) -> None:
        """[control] Give the intensity back to the emotion map."""
        self.set("override", 0.0)

    def hear_mix(self, on: bool) -> None:
        """[control] The raw mix, or the master."""
        if on != self.mix:
            self.mix = on
            self._command(AB, 1.0 if on else None)

    def match(self, on: bool) -> None:
        """[control] Compare at equal loudness, or at the loudness that each has."""
        self.set("match", float(on))
        self.lead_match(self.louder_db)

    def lead_match(self, louder_db: float | None) -> None:
        """[control] Match by what was measured; None: by the plan."""
        self.louder_db = louder_db
        led = louder_db is not None and self.positions["match"] > 0.0
        for target, sign in SIDES.items():
            wanted, now = min(-sign * (louder_db or 0.0), 0.0) if led else None, self._turned_down.get(target)
            if wanted is None:
                if self._turned_down.pop(target, None) is not None:
                    self._command(target, None)
            elif now is None or abs(wanted - now) >= SMALL_DB:
                self._turned_down[target] = wanted
                self._command(target, wanted)

    def set_blind(self, on: bool) -> None:
        """[control] Begin a blind comparison, at equal loudness, on a side that chance chooses; or end it."""
        if on and self.blind is None:
            self.blind, self._matched = random.random() < 0.5, self.positions["match"]
            self._voted = False
            self.match(True)
            self.hear_mix(self.blind)  # X comes first
        elif not on and self.blind is not None:
            self.blind = None
            self.match(self._matched > 0.0)
            self.hear_mix(False)

    def panic(self) -> None:
        """[control] The raw mix at its own loudness."""
        self.blind = None
        self.hear_mix(True)
        self.match(False)

    def take_over(self, start: Mapping[str, float]) -> None:
        """[control] Where another plan puts the controls, but for those that were moved by hand."""
        for name, value in start.items():
            if name not in self._touched:
                self.set(name, value)

    def restore(self) -> None:
        """[control] What an engine made anew at these positions must be told besides."""
        if self.mix:
            self._command(AB, 1.0)
        for target, gain_db in self._turned_down.items():
            self._command(target, gain_db)

    def _command(self, target: str, value: float | None) -> None:
        push_event(self._board.commands, Command(None, target, value))

    def vote(self, place: str) -> str | None:
        """[control] In a blind comparison, in words: what is heard now is better, and what it was.

        None without a comparison, or when it was voted on already.
        """
        if self.blind is None or self._voted:
            return None
        self._voted = True
        better, worse = ("mix", "master") if self.mix else ("master", "mix")
        side, other = ("X", "Y") if self.heard == "x" else ("Y", "X")
        return f"blind vote {place}: {side} ({better}) preferred to {other} ({worse})"

    # -- what is shown -----------------------------------------------------------------------------------------

    @property
    def heard(self) -> str:
        """`master` or `mix`; in a blind comparison `x` or `y`."""
        if self.blind is not None:
            return "x" if self.mix == self.blind else "y"
        return "mix" if self.mix else "master"

    def knobs(self, section: SectionView | None) -> dict[str, float]:
        """Where every knob stands; the intensity is the section's own unless it is set by hand."""
        found = {name: self.positions[name] for name in KNOBS}
        if not self.positions["override"] and section is not None and section.intensity is not None:
            found["intensity"] = section.intensity
        return found
