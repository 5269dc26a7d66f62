"""The plan as data: settings schema, maps, formulas, targets, modes, and from wishes to one plan."""

from livemaster.planning.build import Plan, build, plan_timeline
from livemaster.planning.contrast import (
    MOST_MOVE_LU,
    by_hand_slope,
    mix_slope,
    planned_contrast,
    power_mean,
    refused_moves,
    relative,
    spread_lu,
)
from livemaster.planning.detected import arrangement_of, emotion_of
from livemaster.planning.emotion import SectionEmotion, section_emotion
from livemaster.planning.formulas import (
    EMOTION_TARGETS_LUFS,
    FormulaValues,
    formula_values,
    intensity_of,
    saturation_drive_db,
    threshold_db,
)
from livemaster.planning.maps import ArrangementMap, ArrangementSection, EmotionMap, EmotionPoint
from livemaster.planning.modes import Bell, Curve, Mode, curve, dense_headroom_db, mode
from livemaster.planning.personal import Personal
from livemaster.planning.reasons import Reason, explain
from livemaster.planning.schema import STAGES, Amounts, Eq, Global, MasterSettings, Section, Tone, Trims
from livemaster.planning.section_values import (
    SectionValues,
    clamp_notes,
    contrast_scale,
    section_values,
    stage_amounts,
    with_amounts,
)
from livemaster.planning.sections import moved_by_hand_lu, section_by_hand
from livemaster.planning.targets import Platform, ceiling_for, platform, playback_gain_db
from livemaster.planning.timeline import SectionTimeline, Span, arrangement_timeline, settings_timeline, whole_track
from livemaster.planning.tone import FreeBell, free_bells

__all__ = [
    "EMOTION_TARGETS_LUFS",
    "MOST_MOVE_LU",
    "STAGES",
    "Amounts",
    "ArrangementMap",
    "ArrangementSection",
    "Bell",
    "Curve",
    "EmotionMap",
    "EmotionPoint",
    "Eq",
    "FormulaValues",
    "FreeBell",
    "Global",
    "MasterSettings",
    "Mode",
    "Personal",
    "Plan",
    "Platform",
    "Reason",
    "Section",
    "SectionEmotion",
    "SectionTimeline",
    "SectionValues",
    "Span",
    "Tone",
    "Trims",
    "arrangement_of",
    "arrangement_timeline",
    "build",
    "by_hand_slope",
    "ceiling_for",
    "clamp_notes",
    "contrast_scale",
    "curve",
    "dense_headroom_db",
    "emotion_of",
    "explain",
    "formula_values",
    "free_bells",
    "intensity_of",
    "mix_slope",
    "mode",
    "moved_by_hand_lu",
    "plan_timeline",
    "planned_contrast",
    "platform",
    "playback_gain_db",
    "power_mean",
    "refused_moves",
    "relative",
    "saturation_drive_db",
    "section_by_hand",
    "section_emotion",
    "section_values",
    "settings_timeline",
    "spread_lu",
    "stage_amounts",
    "threshold_db",
    "whole_track",
    "with_amounts",
]
