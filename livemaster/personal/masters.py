"""What was mastered on this machine, when and how: a small local history, and what is known of files by content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from livemaster.documents.document import Document, Name, Text
from livemaster.documents.ranges import SCORE, TRIM_DB, TRIM_WIDTH
from livemaster.errors import SettingsError
from livemaster.mastering.take_render import file_hash
from livemaster.personal.journal import Journal
from livemaster.personal.ratings import Layer, ParametersApplied, RatedFingerprint, Type, now
from livemaster.planning import MasterSettings, Personal, stage_amounts
from livemaster.planning.personal import PARAMETERS
from livemaster.printable import shown_path
from livemaster.tone.profiles import DEFAULT, base_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from livemaster.analysis.analyse import Analysis
    from livemaster.analysis.recent import RecentSound

FILE = "masters.jsonl"
PHILOSOPHIES = {"studio": "enhance", "metal": "punch", "bootleg": "correct", "unknown": "enhance"}
"""By kind of recording, as the base model's profiles have it."""

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class HeardMix(Document):
    """What a rating tells of the sound that was rated. `personal`: the listener's layer, `trims`: what was turned
    besides; both as far as the amounts let them be heard.
    """

    KIND = "sound"

    type: Type
    confidence: Annotated[float, SCORE]
    fingerprint: RatedFingerprint = RatedFingerprint()
    parameters_applied: ParametersApplied = ParametersApplied()
    personal: Layer = Layer()
    trims: Layer = Layer()
    base_model: Text = DEFAULT


class Master(HeardMix):
    """One finished master, or a file that was only heard (`mix` is empty then); known again by `sha256`."""

    KIND = "master"

    sha256: Hash
    track: Text
    mix: Annotated[str, Field(max_length=500)] = ""
    time: Annotated[str, Field(max_length=40)]
    preferences: Annotated[int, Field(ge=0)] = 0
    platform: Name = "none"
    mode: Name = "cinematic"

    def to_data(self) -> dict[str, Any]:
        """As it stands in the file."""
        return self.model_dump(mode="json")


class Masters:
    """The history in a folder."""

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder / FILE)

    def add(self, master: Master) -> None:
        """[control] Remember one."""
        self._journal.append(master.to_data())

    def load(self) -> Iterator[Master]:
        """[control] All of them, oldest first; lines that are none are passed over."""
        for line in self._journal.read():
            try:
                yield Master.parse(line.data, f"{self._journal.path.name}: line {line.number}")
            except SettingsError:  # of another version: what it told can be heard again
                continue

    def find(self, sha256: str) -> Master | None:
        """[control] The latest of that content; one that was made here before one that was only heard."""
        found = [each for each in self.load() if each.sha256 == sha256]
        made = [each for each in found if each.mix]
        best = made or found
        return best[-1] if best else None


@dataclass(frozen=True, slots=True)
class Made:
    """A master that has just been made here."""

    path: str | Path
    mix: str | Path
    settings: dict[str, Any]
    heard: Analysis | None
    personal: Personal | None
    base_model: str | None = None


def added_by(settings: MasterSettings, personal: Personal | None, type_: str) -> dict[str, Layer]:
    """What a plan adds for the listener, as ratings remember it: their layer, gear and hearing apart, and the trims."""
    layer, amounts = personal or Personal(), stage_amounts(settings.global_)
    shares = {name: amounts.width if name == "width" else amounts.eq for name in PARAMETERS}
    limits = {name: TRIM_WIDTH if name == "width" else TRIM_DB for name in PARAMETERS}
    mine = {name: layer.adjustments.get(f"{type_}_{name}", 0.0) for name in PARAMETERS}
    mine["width"] += layer.width
    trims = {name: getattr(settings.global_.trims, name) for name in PARAMETERS}

    def heard(values: Mapping[str, float]) -> dict[str, float]:
        return {name: round(limits[name].clamp(shares[name] * value), 3) for name, value in values.items()}

    return {"personal": Layer(**heard(mine), centroid=amounts.eq * layer.centroid), "trims": Layer(**heard(trims))}


def sound_of(
    settings: MasterSettings, analysis: Analysis | RecentSound | None, personal: Personal | None, model: str | None
) -> HeardMix:
    """[control] What is to be known of a track by its plan; `model`: the base model, as `base_model` takes it."""
    type_, confidence = type_of(analysis)
    return HeardMix(
        type=type_,
        confidence=confidence,
        fingerprint=fingerprint_of(analysis),
        parameters_applied=applied_by(settings),
        **added_by(settings, personal, type_),
        base_model=base_model(model)[0].version,
    )


def remembered(made: Made) -> Master:
    """[control] What is to be remembered of a master."""
    settings = MasterSettings.parse(made.settings)
    return Master(
        sha256=file_hash(made.path),
        track=shown_path(Path(made.path).name),
        mix=shown_path(Path(made.mix).name),
        time=now(),
        **dict(sound_of(settings, made.heard, made.personal, made.base_model)),
        preferences=0 if made.personal is None else int(made.personal.version),
        platform=settings.global_.platform,
        mode=settings.global_.mode,
    )


def type_of(heard: Analysis | RecentSound | None) -> tuple[Type, float]:
    """Kind of recording and how sure that is; unknown where nothing was heard."""
    if heard is None or heard.recording is None:
        return "unknown", 0.0
    return heard.recording.type, round(heard.recording.confidence, 3)  # type: ignore[return-value]


def fingerprint_of(heard: Analysis | RecentSound | None) -> RatedFingerprint:
    """The four dimensions that ratings keep."""
    if heard is None:
        return RatedFingerprint()
    names = {
        "centroid_hz": "spectral_centroid",
        "bass_to_mid": "bass_mid_ratio",
        "stereo_width": "stereo_width",
        "crest_db": "crest_db",
    }
    found = {ours: heard.fingerprint.get(theirs) for ours, theirs in names.items()}
    return RatedFingerprint(**{name: None if value is None else round(value, 3) for name, value in found.items()})


def applied_by(settings: MasterSettings) -> ParametersApplied:
    """What a plan does to the tone of the whole track, and to the sides."""
    global_ = settings.global_
    bands = {"bass": ("low", "bass"), "mid": ("mid", "mid"), "treble": ("high", "treble")}
    found = {
        f"{name}_adjustment_db": round(getattr(global_.tone, band) + getattr(global_.trims, trim), 3)
        for name, (band, trim) in bands.items()
    }
    return ParametersApplied(**found, stereo_strategy=f"width {global_.stereo_width + global_.trims.width:.2f}")
