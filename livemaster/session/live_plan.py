"""What music that nobody has heard yet is mastered by: a plan without an end, sections of a map to step through."""

from __future__ import annotations

from pathlib import Path

from livemaster.errors import InputError
from livemaster.mastering.program import BY_HAND, CORNERS, Levels, start_positions
from livemaster.mastering.score import Score
from livemaster.plan_options import PlanOptions
from livemaster.planning import (
    ArrangementMap,
    EmotionMap,
    Personal,
    arrangement_timeline,
    build,
    by_hand_slope,
    contrast_scale,
    dense_headroom_db,
    moved_by_hand_lu,
    section_emotion,
)
from livemaster.snapshot import SectionView

NOMINAL_S = 3600.0
"""Length that a plan without an end is made for."""


def live_score(options: PlanOptions, personal: Personal | None = None) -> Score:
    """[control] A plan for what is not known yet: the mode and platform, intensity by hand, no level of its own."""
    plan = build(options, duration_s=NOMINAL_S, personal=personal)
    settings = plan.settings
    global_, section = settings.global_, settings.sections[0]
    unknown = 0.0  # how far the music follows its emotion by itself
    by_hand = [
        contrast_scale(dynamics) * by_hand_slope(unknown, global_, reactivity) * moved_by_hand_lu(section, intensity)
        for reactivity, dynamics, intensity in BY_HAND
    ]
    gains = ((*((0.0,) * len(CORNERS)), *by_hand),)
    headroom_db = dense_headroom_db(plan.mode, global_.target_lufs, global_.true_peak_db)
    headroom_db *= not plan.platform.limiter_idle
    return Score(settings, Levels(plan.mode.drive_db, gains, global_.true_peak_db, headroom_db=headroom_db))


def first_positions(score: Score, options: PlanOptions) -> dict[str, float]:
    """[control] Where the controls begin: the emotion is followed, as far as was asked for."""
    asked = options.reactivity
    return start_positions(score.settings.global_) | {"reactivity": 1.0 if asked is None else asked}


def steps_of(arrangement: str | Path | None, emotion: str | Path | None) -> tuple[SectionView, ...]:
    """[control] The sections of a map to step through, each with its emotion; times do not count.

    SettingsError for maps that make no sense, InputError for an emotion map without sections.
    """
    if arrangement is None:
        if emotion is not None:
            raise InputError(f"{emotion}: an emotion map of live sound needs an arrangement map with its sections")
        return ()
    felt_in = None if emotion is None else EmotionMap.load(emotion)
    found = []
    for number, span in enumerate(arrangement_timeline(ArrangementMap.load(arrangement), NOMINAL_S).spans):
        felt = None if felt_in is None else section_emotion(felt_in, span, number)
        name, intensity = (felt.name, felt.intensity) if felt is not None else (None, None)
        found.append(SectionView(span.section, span.start, span.end, name, intensity))
    return tuple(found)
