"""Commands and cues as records of the rings between the two processes, in both directions."""

from __future__ import annotations

import math

import numpy as np

from livemaster.engine import Command, Cue, Event
from livemaster.sound.shared_memory import NONE, TARGETS, Order, Ring


def push_event(ring: Ring, event: Event, **more: int) -> bool:
    """[audio] Add an event, with what else a record may hold (`deck`, `orders`); False where there is no room."""
    frame = NONE if event.frame is None else event.frame
    if isinstance(event, Command):
        value = math.nan if event.value is None else event.value
        return ring.push(kind=Order.COMMAND, frame=frame, target=TARGETS.index(event.target), value=value, **more)
    return ring.push(
        kind=Order.CUE,
        frame=frame,
        track=NONE if event.track is None else event.track,
        position=event.position,
        plan=event.plan,
        fade_frames=event.fade_frames,
        **more,
    )


def event_of(record: np.void) -> Event:
    """[audio] What `push_event` was given."""
    frame = None if record["frame"] == NONE else int(record["frame"])
    if record["kind"] == Order.COMMAND:
        value = float(record["value"])
        return Command(frame, TARGETS[int(record["target"])], None if math.isnan(value) else value)
    track = None if record["track"] == NONE else int(record["track"])
    return Cue(frame, track, int(record["position"]), int(record["plan"]), int(record["fade_frames"]))
