"""What a listener thinks of what plays, kept while the music goes on: ratings, votes, trims that please."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from livemaster.errors import LivemasterError
from livemaster.planning.personal import PARAMETERS
from livemaster.snapshot import Message, NowPlaying

VOTES = {"master": 4, "mix": 2}
"""Stars that a vote of a blind comparison is worth, by what was preferred: an assumption."""

Job = Callable[[], str]
"""Says what became of it; empty where that is nothing to say."""


class Opinions:
    """Keeps them on threads of its own, and tells what became of each.

    Ratings are on the disk at once; what makes preferences of them or of trims, and takes seconds, comes after.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._ratings, self._changes = _Worker(tell), _Worker(tell)
        self._learning = threading.Event()
        """Whether new ratings wait to be learned from, for which one job is enough."""

    def rate(self, playing: NowPlaying, stars: int, comment: str) -> None:
        """[control] A rating, with a comment or without."""
        self._ratings.do(lambda: self._rated(playing, stars, comment))

    def vote(self, playing: NowPlaying, better: str) -> None:
        """[control] A vote in a blind comparison: `master` or `mix` was better."""
        self._ratings.do(lambda: self._rated(playing, VOTES[better], "", source="vote"))

    def keep(self, playing: NowPlaying) -> None:
        """[control] The trims as they stand become a preference for this kind of recording."""
        self._changes.do(lambda: _keep(playing))

    def close(self) -> None:
        """[control] Wait until all is kept, and told."""
        self._ratings.close()
        self._changes.close()

    def _rated(self, playing: NowPlaying, stars: int, comment: str, **more: str) -> str:
        from livemaster.personal.home import made_home
        from livemaster.personal.rate import rate_playing, understood

        rated = rate_playing(playing, stars, comment, folder=made_home(), **more)  # type: ignore[arg-type]
        if not self._learning.is_set():
            self._learning.set()
            self._changes.do(self._learn)
        unknown = rated.reading.not_understood
        more_said = f"; not understood: {', '.join(unknown)}" if unknown else ""
        return f"rated {playing.track}: {stars} of 5{understood(rated)}{more_said}"

    def _learn(self) -> str:
        from livemaster.personal.apply import learned
        from livemaster.personal.home import home

        self._learning.clear()  # what is rated from here on may come too late
        return learned(home())


class _Worker:
    """Does one job after the other on a thread; what fails is told, and the next one is done all the same."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._jobs: queue.Queue[Job | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="opinions", daemon=True)
        self._thread.start()

    def do(self, job: Job) -> None:
        self._jobs.put(job)

    def close(self) -> None:  # which may be done twice
        self._jobs.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                said = job()
            except LivemasterError as error:
                said = Message(str(error), grave=True)
            except Exception as error:
                said = Message(f"internal error: {type(error).__name__}: {error}", grave=True)
            if said:
                self._tell(said)


def _keep(playing: NowPlaying) -> str:
    from livemaster.personal.apply import keep_trims
    from livemaster.personal.home import made_home
    from livemaster.personal.masters import type_of

    trims = {name: float(getattr(playing.settings.global_.trims, name)) for name in PARAMETERS}
    type_, _ = type_of(playing.analysis)
    kept = keep_trims(made_home(), type_, trims, playing.personal, playing.track)
    return f"{kept.in_words}{'; it counts from the next session on' if kept.saved is not None else ''}"
