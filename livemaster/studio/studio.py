"""The session that somebody performs: its controls by hand and by MIDI, its ratings and trims kept."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from livemaster.controls import LIVE_CONTROLS, Move
from livemaster.errors import InputError, NoMidiError
from livemaster.midi.hub import MidiHub
from livemaster.midi.mapping import Mapping as MidiMapping
from livemaster.midi.ports import check_wanted, input_names
from livemaster.session.base import Hands
from livemaster.snapshot import NowPlaying, Snapshot
from livemaster.studio.opinions import Opinions

MIDI_SHOW_S = 0.05


class Studio:
    """The session that plays, with MIDI where there is any, and what somebody thinks of it kept."""

    def __init__(self, session: Hands, stack: ExitStack) -> None:
        self._session = session
        self._hub: MidiHub | None = None
        self._closed = threading.Event()
        self._opinions = Opinions(session.tell)
        stack.callback(self._opinions.close)
        session.on_vote = self._vote

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

    def open_midi(self, mapping: MidiMapping, ports: Sequence[str], stack: ExitStack, *, wanted: bool) -> None:
        """[control] Connect MIDI; where there is none although it is `wanted` that is said, and the music plays."""
        try:
            hub = MidiHub(mapping, ports, self._session.do, lambda: self._session.positions)
            stack.callback(hub.close)
            hub.start()
            check_wanted(ports, input_names())
        except NoMidiError as error:
            if wanted:
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
