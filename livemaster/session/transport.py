"""Where the music is and where it goes next: seeking, repeating a section, pausing, the next track without a gap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from livemaster.engine import Cue
from livemaster.errors import AudioFileError
from livemaster.session.decks import FIRST_HEAD_FRAMES, Decks
from livemaster.session.tracks import LiveTrack
from livemaster.sound.records import push_event
from livemaster.sound.shared_memory import NONE, Board, Count, Order
from livemaster.units import QUANTUM_FRAMES, seconds_to_frames

CROSSFADE_S = 0.035
"""At 30 ms one of forty scripts of moves at their extremes left a residue of −79.98 dBFS above 8 kHz."""
PAUSE_FADE_S = 0.05
PLAN_FADE_S = 1.5
AHEAD_S = 2.0
"""So long before the end of a track or a repeated section what follows is put on a deck."""
OPEN_AHEAD = 3
"""So many of the following tracks are opened before they play."""
SKIP_BACK_S = 2.0
"""Going back within so much of a section's or track's beginning means the one before."""


@dataclass(frozen=True, slots=True)
class TrackPlace:
    """A frame of a track."""

    track: int
    position: int


class Transport:
    """Cues for one board; every method is called with the session's lock held."""

    def __init__(self, board: Board, tracks: Sequence[LiveTrack], rate_hz: int) -> None:
        self._board, self._tracks, self._rate_hz = board, tracks, rate_hz
        self.lag = 0
        """Frames by which what is heard lags the music; known when the engine runs."""
        self.paused_at: TrackPlace | None = None
        self.hold = False
        self._playing = self._from = 0
        self.begin()

    def begin(self) -> None:
        """[control] The engine will start anew: nothing is on its way."""
        self._decks = Decks(self._board, lambda track: self._tracks[track].reader)
        self._sent: Cue | None = None
        self._sent_order = self._scheduled_order = 0
        """Their numbers among all orders: what has been obeyed was taken, or had to give way to another cue."""
        self._wanted: TrackPlace | None = None
        self._scheduled: Cue | None = None
        self._glide = False  # to another plan, while the music goes on, is wanted
        self._gliding: Cue | None = None  # and cued
        self._free_at = 0
        self._silent_at: TrackPlace | None = None

    # -- where it is -------------------------------------------------------------------------------------------

    @property
    def track(self) -> int | None:
        """The track that plays; None in silence."""
        track = int(self._board.counts[Count.TRACK])
        return None if track == NONE else track

    @property
    def place(self) -> TrackPlace:
        """What is heard now, or where the pause is."""
        if self.paused_at is not None:
            return self.paused_at
        if self._wanted is not None:
            return self._wanted
        if self._sent is not None and self._sent.track is not None:
            return TrackPlace(self._sent.track, max(self._sent.position, 0))
        if self._silent_at is not None:
            return self._silent_at
        position = self._board.position - self.lag
        return TrackPlace(self._playing, max(position, self._from))  # what was cued is heard when the lag is over

    def section(self) -> int:
        """Number of the section that is heard."""
        place = self.place
        starts = [section.start_s for section in self._tracks[place.track].sections]
        now_s = place.position / self._rate_hz + 1e-6
        return max(sum(start_s <= now_s for start_s in starts) - 1, 0)

    @property
    def over(self) -> bool:
        """Whether the last track has been played and heard to its end, or as far as it can be."""
        track = self.track
        if self._sent or self._scheduled or self._wanted or self.paused_at is not None:
            return False
        if track is None:
            here = self._silent_at
            return here is not None and self._tracks[here.track].failed and self.neighbour(here.track, 1) is None
        if (self.hold and self._tracks[track].sections) or self.neighbour(track, 1) is not None:
            return False
        return self._board.position >= self._tracks[track].frames + self.lag + QUANTUM_FRAMES

    @property
    def end_frame(self) -> int | None:
        """The engine's frame at which the present track ends; None in silence."""
        track = self.track
        return None if track is None else int(self._board.counts[Count.ORIGIN]) + self._tracks[track].frames

    # -- where it goes -----------------------------------------------------------------------------------------

    def start(self, place: TrackPlace, fade_s: float) -> None:
        """[control] The first cue of an engine that is about to run; a track that is not open yet follows later."""
        if self._tracks[place.track].opened is None:
            self.go(place)
            return
        self._decks.put(place.track, place.position, FIRST_HEAD_FRAMES)
        self._send(Cue(0, place.track, place.position, self._plan(place.track), self._frames(fade_s)))

    def go(self, place: TrackPlace) -> None:
        """[control] Cross-fade to a place; while a fade goes on, the latest wish waits for its end."""
        place = TrackPlace(place.track, min(max(place.position, 0), max(self._tracks[place.track].frames - 1, 0)))
        if self.paused_at is not None:
            self.paused_at = place
        else:
            self._wanted = place
            self._go_if_free()

    def pause(self, on: bool) -> None:
        """[control] Fade out and remember the place, or go on from there."""
        if on and self.paused_at is None:
            place = self.place
            self._wanted = self._scheduled = None
            self.paused_at = place
            plan = int(self._board.counts[Count.PLAN])
            self._send(Cue(None, None, 0, plan, self._frames(PAUSE_FADE_S)))
        elif not on and self.paused_at is not None:
            place, self.paused_at = self.paused_at, None
            self.go(place)

    def use_plan(self, track: int) -> None:
        """[control] Glide to the present plan of a track, if that is what plays."""
        self._forget_schedule()
        if track == self._playing:
            self._glide = True

    def set_hold(self, on: bool) -> None:
        """[control] Repeat the section that plays, or no longer."""
        self.hold = on
        self._forget_schedule()

    def step_section(self, step: int) -> None:
        """[control] To the next section or the one before; after the last one, to the next track."""
        place, sections = self.place, self._tracks[self.place.track].sections
        if not sections:
            return
        number = self.section()
        early = place.position < seconds_to_frames(sections[number].start_s + SKIP_BACK_S, self._rate_hz)
        target = number + 1 if step > 0 else number - 1 if early else number
        if 0 <= target < len(sections):
            self.go(TrackPlace(place.track, seconds_to_frames(sections[target].start_s, self._rate_hz)))
        elif target >= len(sections):
            self.step_track(1)
        elif target < 0:
            self.go(TrackPlace(place.track, 0))

    def step_track(self, step: int) -> None:
        """[control] To the next track, or the beginning of this one, or the one before."""
        place = self.place
        early = place.position < seconds_to_frames(SKIP_BACK_S, self._rate_hz)
        target = self.neighbour(place.track, 1 if step > 0 else -1) if step > 0 or early else place.track
        if target is not None or step < 0:
            self.go(TrackPlace(place.track if target is None else target, 0))

    # -- what happens all the time -----------------------------------------------------------------------------

    def confirm(self, cue: Cue, deck: int, orders: int) -> None:
        """[control] The engine has taken a cue, whose music lies on `deck`, when it had obeyed so many orders."""
        glide = None
        if orders >= self._sent_order:
            self._sent = None
            glide, self._gliding = self._gliding, None
        if glide is not None and _same_place(cue, glide):  # no music is left by a fade
            return
        self._free_at = (cue.frame or 0) + max(cue.fade_frames, QUANTUM_FRAMES) + QUANTUM_FRAMES
        if orders >= self._scheduled_order:
            self._scheduled = None
        if cue.track is None:
            self._silent_at = TrackPlace(self._playing, max(cue.position, 0))
        else:
            self._silent_at, self._playing, self._from = None, cue.track, max(cue.position, 0)
            self._decks.played(deck, self._free_at)

    def tick(self, settled: int) -> None:
        """[control] Feed the decks, and see to what comes next; `settled` orders and what they led to are known."""
        self._decks.settle(settled)
        self._decks.feed()
        self._go_if_free()
        self._glide_if_free()
        if self._sent is None and self._wanted is None and self._scheduled is None and self.paused_at is None:
            self._schedule()

    @property
    def wanted_tracks(self) -> tuple[int, ...]:
        """The tracks that should be open, the most urgent first: what plays or is on its way, and its neighbours."""
        here = self.place.track
        cued = [cue.track for cue in (self._sent, self._scheduled) if cue is not None]
        near = (here, self._playing, *cued, *islice(self._playable(here, 1), OPEN_AHEAD), self.neighbour(here, -1))
        return tuple(dict.fromkeys(track for track in near if track is not None and not self._tracks[track].failed))

    def lost(self) -> tuple[int, AudioFileError] | None:
        """[control] A track that could not be read to its end, told once, and why."""
        lost, self._decks.lost = self._decks.lost, None
        return lost

    def neighbour(self, track: int, step: int) -> int | None:
        """The next track, or with −1 the one before, that can be played as far as is known."""
        return next(self._playable(track, step), None)

    def _playable(self, track: int, step: int) -> Iterator[int]:
        numbers = range(track + step, len(self._tracks) if step > 0 else -1, step)
        return (number for number in numbers if not self._tracks[number].failed)

    @property
    def starved(self) -> TrackPlace | None:
        """Where it became silent although nobody wanted it."""
        wanted = self.paused_at is None and self._sent is None and self._wanted is None
        return self._silent_at if wanted else None

    def _go_if_free(self) -> None:
        if self._wanted is None or self._sent is not None or int(self._board.counts[Count.FRAME]) < self._free_at:
            return
        place = self._wanted
        if self._tracks[place.track].failed:
            following = self.neighbour(place.track, 1)
            self._wanted = None if following is None else TrackPlace(following, 0)
            return
        if self._tracks[place.track].opened is None:
            return
        if not self._decks.put(place.track, place.position):
            return
        self._wanted, self._glide = None, False  # the cue brings the present plan along
        self._scheduled = None  # a cue at once takes the place of those that wait
        self._send(Cue(None, place.track, place.position, self._plan(place.track), self._frames(CROSSFADE_S)))

    def _glide_if_free(self) -> None:
        """Cue another plan for what plays, which goes on where it is; not while other cues are on their way."""
        counts, track = self._board.counts, self.track
        busy = self._sent is not None or self._wanted is not None or int(counts[Count.FRAME]) < self._free_at
        if not self._glide or busy or track is None or self.paused_at is not None:
            return
        frame = int(counts[Count.FRAME])
        position = frame - int(counts[Count.ORIGIN])
        cue = Cue(frame, track, position, self._plan(track), self._frames(PLAN_FADE_S))
        self._glide, self._gliding = False, cue
        self._send(cue)

    def _schedule(self) -> None:
        """Cue what follows, shortly before it is due."""
        track, counts = self.track, self._board.counts
        if track is None:
            return
        origin, frame = int(counts[Count.ORIGIN]), int(counts[Count.FRAME])
        sections = self._tracks[track].sections
        if self.hold and sections:
            held = sections[self.section()]
            end = origin + seconds_to_frames(held.end_s, self._rate_hz)
            cue = Cue(
                end, track, seconds_to_frames(held.start_s, self._rate_hz), self._plan(track), self._frames(CROSSFADE_S)
            )
        elif (following := self.neighbour(track, 1)) is not None and self._tracks[following].opened is not None:
            end = origin + self._tracks[track].frames
            if frame > end:  # it was not open in time
                self.go(TrackPlace(following, 0))
                return
            edge = end // QUANTUM_FRAMES * QUANTUM_FRAMES
            cue = Cue(edge, following, edge - end, self._plan(following), 0)
        else:
            return
        if end - frame < self._frames(AHEAD_S) and frame >= self._free_at:
            assert cue.track is not None
            if self._decks.put(cue.track, cue.position):
                self._scheduled, self._scheduled_order = cue, self._push(cue)

    def _forget_schedule(self) -> None:
        if self._scheduled is not None:
            self._scheduled = None
            self._board.commands.push(kind=Order.FORGET_CUES)
            self._decks.forget()

    def _plan(self, track: int) -> int:
        return self._tracks[track].plan

    def _frames(self, seconds: float) -> int:
        return seconds_to_frames(seconds, self._rate_hz)

    def _send(self, cue: Cue) -> None:
        self._sent, self._sent_order = cue, self._push(cue)

    def _push(self, cue: Cue) -> int:
        """Order a cue; the order's number."""
        push_event(self._board.commands, cue)
        return self._board.commands.written


def _same_place(cue: Cue, other: Cue) -> bool:
    """Whether two cues put the same music at the same time, whenever each takes effect."""
    origins = [(each.frame or 0) - each.position for each in (cue, other)]
    return cue.track == other.track and origins[0] == origins[1]
