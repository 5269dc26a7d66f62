"""What a session shows of itself: one frozen snapshot, drawn by the screen, logged by --headless, lit by MIDI."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from livemaster.analysis.analyse import Analysis
    from livemaster.analysis.recent import RecentSound
    from livemaster.planning import MasterSettings, Personal


class State(StrEnum):
    """What the sound is doing."""

    STARTING = "starting"
    RUNNING = "running"
    PAUSED = "paused"
    STALLED = "stalled"
    """The device has stopped asking for sound."""
    WAITING = "waiting for device"
    STOPPED = "stopped"


class Message(str):
    """Something to tell the performer; `grave` where the sound, or what is kept of it, has suffered."""

    __slots__ = ("grave",)
    grave: bool

    def __new__(cls, text: str, *, grave: bool = False) -> Self:
        """The text, with its weight."""
        found = super().__new__(cls, text)
        found.grave = grave
        return found


@dataclass(frozen=True, slots=True)
class SectionView:
    """One section of the track that plays."""

    name: str
    start_s: float
    end_s: float
    emotion: str | None = None
    intensity: float | None = None


@dataclass(frozen=True, slots=True)
class TrackView:
    """The track that plays; `curve`: (time in s, intensity 0…1) of its emotion, empty where none is known.

    `count`: how many tracks there are, 0 for what comes in from a device, which has no end and cannot be sought in.
    """

    name: str
    number: int
    count: int
    duration_s: float
    sections: tuple[SectionView, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class NowPlaying:
    """What a listener judges: a track by its plan, the trims as they stand, and what was heard in it."""

    track: str
    settings: MasterSettings
    analysis: Analysis | RecentSound | None = None
    personal: Personal | None = None
    base_model: str | None = None


@dataclass(frozen=True, slots=True)
class MeterView:
    """What is heard, measured: LUFS, dBTP, dB; None where undefined yet."""

    momentary_lufs: float | None = None
    short_term_lufs: float | None = None
    integrated_lufs: float | None = None
    true_peak_dbtp: float | None = None
    """Largest of the last three seconds."""
    largest_true_peak_dbtp: float | None = None
    """Largest since the track began."""
    correlation: float | None = None
    """Of left and right over the last second, −1…1."""
    reductions_db: Mapping[str, float] = field(default_factory=dict)
    """Gain reduction of each stage, 0 or more, by name: compressor, limiter."""


@dataclass(frozen=True, slots=True)
class DeviceView:
    """The device and how well it is served."""

    name: str = ""
    rate_hz: int = 0
    block_frames: int = 0
    latency_ms: float = 0.0
    load: float = 0.0
    """Share of a block's time that the callback takes."""
    blocks: int = 0
    late_blocks: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A session at one moment."""

    state: State = State.STARTING
    reason: str = ""
    """Why it is in this state, one line; empty where that is plain."""
    track: TrackView | None = None
    position_s: float = 0.0
    section: int = 0
    knobs: Mapping[str, float] = field(default_factory=dict)
    """Where every knob stands (its target), by control id."""
    intensity_held: bool = False
    """Whether the intensity is set by hand."""
    intensity_by: str = ""
    """What leads it otherwise, in a word or two; empty where nothing does."""
    refused: frozenset[str] = frozenset()
    """Controls that have nothing to work on in this session, by id."""
    switches: Mapping[str, bool] = field(default_factory=dict)
    """Every switch, by control id."""
    heard: str = "master"
    """`master` or `mix`, which is also what plays without a plan; in a blind comparison `x` or `y`."""
    planned: bool = True
    """Whether what plays has its plan; until then the mix is heard as it is, under the ceiling."""
    match_db: float | None = 0.0
    """By how much the louder side is turned down for comparison, 0 or less; None where that is not known yet."""
    mode: str = ""
    platform: str = ""
    target_lufs: float | None = None
    ceiling_dbtp: float = -1.0
    meters: MeterView = field(default_factory=MeterView)
    device: DeviceView = field(default_factory=DeviceView)
    planning: tuple[str, float] | None = None
    """Name and share of the step of planning that runs while a safe plan plays."""
    shed: tuple[str, ...] = ()
    """Stages that are bypassed because the processor cannot keep up."""
    messages: tuple[str, ...] = ()
    """The latest things to tell, oldest first."""
    take: str | None = None
    """Where the take is written, None when none is."""
