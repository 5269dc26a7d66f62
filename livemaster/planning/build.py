"""From wishes, maps and a settings file to one plan.

What stands above what: defaults < mode < settings file < arrangement and emotion maps < explicit options. A
settings file's own target holds unless a platform or a loudness is asked for; its character (curve, ratio,
width …) unless another mode is asked for. An arrangement replaces the file's times, its numbers follow by
section name; an emotion map replaces the numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from livemaster.analysis.recording import RecordingType
from livemaster.analysis.spectrum import Spectrum
from livemaster.documents.ranges import REACTIVITY
from livemaster.plan_options import PlanOptions
from livemaster.planning.contrast import contradictions, planned_contrast, spread_lu
from livemaster.planning.drafts import SectionDraft, Setting
from livemaster.planning.emotion import section_emotion, unused_points
from livemaster.planning.following import intensity_in
from livemaster.planning.global_settings import GlobalPlan
from livemaster.planning.maps import HEARD, ArrangementMap, EmotionMap
from livemaster.planning.modes import Mode
from livemaster.planning.personal import Personal
from livemaster.planning.schema import Global, MasterSettings, Section
from livemaster.planning.section_values import clamp_notes
from livemaster.planning.sections import plan_sections
from livemaster.planning.targets import Platform, playback_gain_db
from livemaster.planning.timeline import SectionTimeline, Span, arrangement_timeline, settings_timeline, whole_track
from livemaster.planning.tone import plan_tone
from livemaster.tone.profiles import base_model

SPREAD_KEPT, LEAST_SPREAD_LU = 0.9, 1.0
"""Where emotion leaves less of the contrast of sections that have some, a note says so."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A finished plan: its file, the presets it uses, and what the user should know of it."""

    settings: MasterSettings
    platform: Platform
    mode: Mode
    notes: tuple[str, ...]

    @property
    def global_(self) -> Global:
        """What holds for the whole track."""
        return self.settings.global_

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections, all with times, covering the whole track."""
        return self.settings.sections

    @property
    def spans(self) -> tuple[Span, ...]:
        """The sections' places."""
        return tuple(Span(each.section, each.start or 0.0, each.end or 0.0) for each in self.sections)


def plan_timeline(
    duration_s: float, *, arrangement: ArrangementMap | None = None, settings: MasterSettings | None = None
) -> SectionTimeline:
    """Where the sections lie: by the arrangement, else by the settings file, else one over all of it."""
    if arrangement is not None:
        return arrangement_timeline(arrangement, duration_s)
    return whole_track(duration_s) if settings is None else settings_timeline(settings, duration_s)


def build(
    options: PlanOptions,
    *,
    duration_s: float,
    section_lufs: Sequence[float | None] | None = None,
    arrangement: ArrangementMap | None = None,
    emotion: EmotionMap | None = None,
    settings: MasterSettings | None = None,
    recording: RecordingType | None = None,
    spectrum: Spectrum | None = None,
    personal: Personal | None = None,
) -> Plan:
    """The plan for a track of `duration_s` seconds.

    `section_lufs`: the mix's loudness in each span of `plan_timeline` (None where undefined); without it
    sections keep the mix's own level where no emotion asks for another. `recording`, `spectrum`: what was
    heard of the mix, which sets the tone and width of a plan that no settings file stands for; `personal`: the
    listener's layer, which is added to them. SettingsError and UnknownNameError say what does not fit.
    """
    timeline = plan_timeline(duration_s, arrangement=arrangement, settings=settings)
    notes = list(timeline.notes)
    written = _written(timeline.spans, arrangement, settings, notes)
    block = GlobalPlan(options, settings)
    _settle_reactivity(block, options, emotion, written)
    if settings is None:
        profiles = base_model(options.base_model)
        plan_tone(block.ledger, block.mode, recording, spectrum, personal, profiles)
    heard = emotion is not None and emotion.origin == HEARD
    drafts = [
        SectionDraft(span, written[k], section_emotion(emotion, span, k) if emotion is not None else None, heard)
        for k, span in enumerate(timeline.spans)
    ]
    global_ = block.build()
    old = settings if settings is not None else MasterSettings()
    setting = Setting(global_, block.mode, old.global_, block.old_mode, old.origin)
    mix = [None] * len(drafts) if section_lufs is None else section_lufs
    sections, held = plan_sections(drafts, mix, setting)
    unused = unused_points(emotion, len(drafts))
    notes += [*block.notes, *_emotion_notes(emotion, duration_s), *unused, *held]
    notes += clamp_notes(sections, global_)
    notes += _contradiction_notes(sections, mix, global_) + _spread_notes(sections, mix, global_)
    notes += _platform_notes(block.platform, global_)
    document = MasterSettings(schema_version=1, global_=global_, sections=sections, why=block.why)
    return Plan(document, block.platform, block.mode, tuple(notes))


def _written(
    spans: Sequence[Span],
    arrangement: ArrangementMap | None,
    settings: MasterSettings | None,
    notes: list[str],
) -> list[Section | None]:
    """For each span the settings file's section: the same one, or with an arrangement that of the same
    name.
    """
    if settings is None or not settings.sections:
        return [None] * len(spans)
    if arrangement is None:
        return list(settings.sections)
    by_name: dict[str, list[Section]] = {}
    for section in settings.sections:
        by_name.setdefault(section.section.casefold(), []).append(section)
    found: list[Section | None] = []
    seen: dict[str, int] = {}
    for span in spans:
        name = span.section.casefold()
        same = by_name.get(name)
        found.append(same[min(seen.get(name, 0), len(same) - 1)] if same else None)
        seen[name] = seen.get(name, 0) + 1
        if same is None:
            notes.append(f"{settings.origin}: has no section '{span.section}', which stays neutral")
    for name in by_name.keys() - seen.keys():
        notes.append(f"{arrangement.origin}: has no section '{by_name[name][0].section}' of the settings file")
    return found


def _settle_reactivity(
    block: GlobalPlan, options: PlanOptions, emotion: EmotionMap | None, written: Sequence[Section | None]
) -> None:
    """Nothing to follow without an emotion; a file that had none does not decide for a map given now."""
    emotional = any(section is not None and section.emotional for section in written)
    if emotion is None and not emotional:
        block.ledger.set("reactivity", 0.0, "plan", "no emotion is known, so there is none to follow")
        kept = block.mode.contrast_kept
        share = "" if kept == 1.0 else f"{100.0 * kept:.0f} % of "
        instead = f" instead of {options.reactivity:g}" if options.reactivity else ""
        block.notes.append(f"no emotion map: reactivity is 0{instead}, sections keep {share}the mix's own contrast")
    elif options.reactivity is None and not emotional:
        block.ledger.set("reactivity", 1.0, "default", "neutral")


def _emotion_notes(emotion: EmotionMap | None, duration_s: float) -> list[str]:
    last_s = emotion.curve[-1].time if emotion is not None else None
    if emotion is None or last_s is None or last_s <= duration_s:
        return []
    return [f"{emotion.origin}: goes on to {last_s:g} s, the track ends at {duration_s:.2f} s"]


def _contradiction_notes(sections: Sequence[Section], mix_lufs: Sequence[float | None], global_: Global) -> list[str]:
    """Where a calm section stays louder than an intense one, whatever the reactivity: the worst pair."""
    found = contradictions(sections, mix_lufs, global_, global_.dynamics)
    if not found:
        return []
    worst = max(found, key=lambda pair: pair.louder_lu)
    calm, intense = (f"'{sections[n].section}' ({intensity_in(sections[n]):.2f})" for n in worst[:2])
    which = "" if len(found) == 1 else f"; of {len(found)} such pairs this is the worst"
    return [
        f"{calm} stays {worst.louder_lu:.1f} LU louder than {intense}, though calmer, even at reactivity "
        f"{REACTIVITY.high:g}{which}"
    ]


def _spread_notes(sections: Sequence[Section], mix_lufs: Sequence[float | None], global_: Global) -> list[str]:
    """That the sections come nearer together because they follow an emotion which the mix contradicts."""
    still_lu, planned_lu = (
        spread_lu(planned_contrast(sections, mix_lufs, global_, reactivity, global_.dynamics)) or 0.0
        for reactivity in (0.0, global_.reactivity)
    )
    if still_lu < LEAST_SPREAD_LU or planned_lu >= SPREAD_KEPT * still_lu:
        return []
    return [
        f"emotion brings the sections nearer together, from {still_lu:.1f} to {planned_lu:.1f} LU at reactivity "
        f"{global_.reactivity:g}: it asks for other things than the levels without it; --reactivity 0 keeps those"
    ]


def _platform_notes(target: Platform, global_: Global) -> list[str]:
    notes = [target.warning] if target.warning else []
    if global_.true_peak_db == target.true_peak_dbtp_when_louder and global_.target_lufs > (
        target.integrated_lufs or 0.0
    ):
        notes.append(
            f"{target.title} asks masters louder than {target.integrated_lufs:g} LUFS to stay under "
            f"{global_.true_peak_db:g} dBTP"
        )
    gain_db = playback_gain_db(target, global_.target_lufs, global_.true_peak_db)
    if gain_db < 0.0:
        notes.append(
            f"{target.title} plays at about {target.normalises_to_lufs:g} LUFS: a master of "
            f"{global_.target_lufs:g} LUFS would be turned down by {-gain_db:.1f} dB"
        )
    return notes
