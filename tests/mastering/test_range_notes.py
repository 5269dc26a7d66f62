"""Loudness range and spread of sections: told beside the mix's own, and where they went when much of them is gone."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

import numpy as np
import pieces
import pytest

import livemaster
from livemaster import RenderReport
from livemaster.documents import preset_names
from livemaster.mastering.notes import Finished
from livemaster.mastering.range_loss import range_notes
from livemaster.metering.loudness import loudness_range
from livemaster.planning import Span

NAMES = ("A", "B", "C", "D")
LEVELS_DB = (-12.0, 0.0, -8.0, -2.0)
PART_S = 12.0
KEPT = 0.8
NOTE = re.compile(
    r"^the loudness range falls from ([\d.]+) to ([\d.]+) LU \((\d+) %\), above all \(([\d.]+) LU\) by (.+?): "
    r"(.+?)(?:; .*)?$"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four sections of different level, with maps that agree with the mix and that contradict it."""
    folder = tmp_path_factory.mktemp("range")
    pieces.write(folder / "mix.wav", pieces.piece(len(NAMES) * PART_S, levels_db=LEVELS_DB))
    pieces.write(folder / "waves.wav", pieces.piece(48.0, levels_db=(0.0, -12.0) * 4))
    pieces.write_json(folder / "arrangement.json", {"structure": [{"section": name} for name in NAMES]})
    for name, intensities in (("agrees", (0.1, 0.9, 0.4, 0.7)), ("contradicts", (0.9, 0.1, 0.7, 0.2))):
        curve = [
            {"time": PART_S * k + at, "emotion": "felt", "intensity": i}
            for k, i in enumerate(intensities)
            for at in (0.0, PART_S)
        ]
        pieces.write_json(folder / f"{name}.json", {"curve": curve})
    return folder


def rendered(folder: Path, mix: str = "mix.wav", emotion: str | None = None, **wishes: Any) -> RenderReport:
    maps = {} if emotion is None else {"emotion": folder / emotion, "arrangement": folder / "arrangement.json"}
    return livemaster.render(
        folder / mix, folder / "master.wav", force=True, **{"target_lufs": -16.0, **maps, **wishes}
    )


class Told(NamedTuple):
    """The note in parts."""

    own_lu: float
    left_lu: float
    percent: float
    lost_lu: float
    what: str
    keeps: str


def told(report: RenderReport) -> Told | None:
    """The note about the range, of which there is one at most."""
    found = [note for note in report.notes if "loudness range falls" in note]
    if not found:
        return None
    (note,) = found
    match = NOTE.match(note)
    assert match is not None, note
    return Told(*map(float, match.groups()[:4]), *match.groups()[4:])


def wish(keeps: str) -> dict[str, Any]:
    """The option that a note names, as an argument."""
    match = re.match(r"--([a-z-]+) (\S+) keeps", keeps)
    assert match is not None, keeps
    name, value = match[1].replace("-", "_"), match[2]
    return {name: value if name == "mode" else float(value)}


# -- the table and the report ----------------------------------------------------------------------------------


def test_the_spread_is_the_loudest_section_minus_the_quietest(folder):
    report = rendered(folder, emotion="agrees.json")
    for spread_lu, name in (
        (report.input_spread_lu, "input_lufs"),
        (report.output_spread_lu, "output_lufs"),
        (report.planned_spread_lu, "planned_lufs"),
    ):
        levels = [getattr(section, name) for section in report.sections]
        assert spread_lu == max(levels) - min(levels)
    assert report.input_spread_lu == pytest.approx(12.0, abs=0.3)
    data = report.to_dict()
    assert (data["input_spread_lu"], data["output_spread_lu"]) == (report.input_spread_lu, report.output_spread_lu)


def test_one_section_has_no_spread_and_silence_counts_for_none(folder, tmp_path):
    report = rendered(folder, detect=False)
    assert (report.input_spread_lu, report.output_spread_lu) == (None, None)
    assert report.to_dict()["output_spread_lu"] is None
    x = pieces.piece(9.0, levels_db=(0.0, 0.0, -6.0))
    x[:, : 3 * 44_100] = 0.0
    pieces.write(tmp_path / "mix.wav", x)
    arrangement = pieces.write_json(tmp_path / "a.json", {"structure": [{"section": name} for name in NAMES[:3]]})
    report = rendered(tmp_path, arrangement=arrangement, detect=False)
    assert report.input_spread_lu == pytest.approx(6.0, abs=0.3)
    assert report.output_spread_lu == report.sections[1].output_lufs - report.sections[2].output_lufs


# -- the note --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "mix", "wishes"),
    [
        ("reactivity 1, which leads the sections to their emotion", "mix.wav", {"emotion": "contradicts.json"}),
        (
            "the compressor with the rest of the chain",
            "waves.wav",
            {"detect": False, "mode": "radio_loud", "dynamics": -1.0},
        ),
        ("the limiter", "waves.wav", {"detect": False, "amount_compression": 0.0, "target_lufs": -8.0}),
    ],
)
def test_what_took_the_range_is_named_with_what_keeps_it(folder, what, mix, wishes):
    """The figures are the report's, and a master with the option that is named has at least half of the loss again."""
    report = rendered(folder, mix, **wishes)
    note = told(report)
    own_lu, left_lu = report.input.loudness_range_lu, report.output.loudness_range_lu
    assert note is not None
    assert note[:3] == pytest.approx((own_lu, left_lu, 100.0 * left_lu / own_lu), abs=0.501)
    assert note.what == what
    kept = rendered(folder, mix, **wishes | wish(note.keeps))
    assert kept.output.loudness_range_lu - left_lu >= 0.5 * note.lost_lu
    assert note.lost_lu >= 0.5 * (own_lu - left_lu)


def test_a_settings_file_that_levels_the_sections_is_named(folder):
    """Without its levels the sections keep the mix's own, as the note says."""
    sections = [{"section": name, "lufs": -14.0} for name in NAMES]
    path = pieces.write_json(folder / "level.json", {"sections": sections})
    note = told(rendered(folder, settings=path))
    assert note is not None
    assert (note.what, note.keeps) == (f"the section levels of {path}", "sections without lufs keep the mix's own")
    unlevelled = pieces.write_json(folder / "own.json", {"sections": [{"section": name} for name in NAMES]})
    assert told(rendered(folder, settings=unlevelled)) is None


@pytest.mark.parametrize("mode", preset_names("mode"))
@pytest.mark.parametrize("dynamics", [-1.0, 0.0])
def test_in_every_mode_the_note_is_there_when_the_range_is_gone_and_its_option_helps(folder, mode, dynamics):
    wishes = {"emotion": "agrees.json", "mode": mode, "dynamics": dynamics}
    report = rendered(folder, **wishes)
    note, left_lu = told(report), report.output.loudness_range_lu
    assert (note is not None) == (left_lu < KEPT * report.input.loudness_range_lu)
    if note is not None:
        kept = rendered(folder, **wishes | wish(note.keeps))
        assert kept.output.loudness_range_lu > left_lu


def test_a_mix_without_a_range_has_none_to_lose(tmp_path):
    pieces.write(tmp_path / "mix.wav", pieces.piece(20.0, levels_db=(0.0, -0.9)))
    report = rendered(tmp_path, detect=False, dynamics=-1.0, mode="radio_loud", target_lufs=-10.0)
    assert report.input.loudness_range_lu < 1.0
    assert told(report) is None


# -- whose the planned levels are ------------------------------------------------------------------------------

LENGTH = round(PART_S * 10)


def levelled(*shares: float) -> np.ndarray:
    """Energies of four steady sections, of whose contrast so much is left."""
    lufs = [-20.0 + db * float(np.prod(shares)) for db in LEVELS_DB]
    return np.repeat([10.0 ** (each / 10.0) for each in lufs], LENGTH)


def finished(mode: str, reactivity: float, dynamics: float, kept: dict[tuple[float, float], float]) -> Finished:
    """A master that lost nothing but by its plan; `kept`: share of the contrast, by reactivity and dynamics."""
    energies, planned = levelled(), levelled(kept[reactivity, dynamics])
    spans = tuple(Span(name, PART_S * k, PART_S * (k + 1)) for k, name in enumerate(NAMES))
    global_ = SimpleNamespace(reactivity=reactivity, dynamics=dynamics)
    prepared = SimpleNamespace(
        plan=SimpleNamespace(global_=global_, spans=spans, mode=SimpleNamespace(name=mode)),
        facts=SimpleNamespace(
            energies=energies, measurement=SimpleNamespace(loudness_range_lu=loudness_range(energies))
        ),
        mix_lufs=[-20.0 + db for db in LEVELS_DB],
        performed=None,
    )
    leveller = SimpleNamespace(
        share=1.0,
        headroom_db=0.0,
        contrast=lambda reactivity, dynamics: [kept[reactivity, dynamics] * db for db in LEVELS_DB],
        track=SimpleNamespace(
            range_lu=lambda gains_db, ceiling_dbtp: loudness_range(planned),
            levelled_range_lu=lambda section_lufs: loudness_range(planned),
        ),
    )
    solution = SimpleNamespace(
        gains_db=np.zeros(len(NAMES)), section_lufs=[kept[reactivity, dynamics] * db for db in LEVELS_DB]
    )
    output = SimpleNamespace(loudness_range_lu=loudness_range(planned), integrated_lufs=-14.0)
    return Finished(*(cast(Any, each) for each in (prepared, leveller, solution, output)), ceiling_dbtp=-1.0)


def test_a_mode_that_keeps_half_of_the_contrast_is_named():
    (note,) = range_notes(finished("radio_loud", 1.0, 0.0, {(1.0, 0.0): 0.6, (0.0, 0.0): 0.5}))
    assert note == (
        "the loudness range falls from 12.0 to 7.2 LU (60 %), above all (4.8 LU) by mode radio_loud, which keeps 50 % "
        "of the contrast between sections: --mode cinematic keeps more of it"
    )


def test_dynamics_that_narrows_the_contrast_is_named():
    (note,) = range_notes(finished("cinematic", 1.0, -1.0, {(1.0, -1.0): 0.6, (1.0, 0.0): 0.95, (0.0, 0.0): 1.0}))
    assert note == (
        "the loudness range falls from 12.0 to 7.2 LU (60 %), above all (4.8 LU) by dynamics -1: --dynamics 0 keeps "
        "more of it"
    )


@pytest.mark.parametrize("kept", [0.81, 1.0, 1.3])
def test_a_range_that_is_kept_is_no_matter(kept):
    assert range_notes(finished("cinematic", 1.0, 0.0, {(1.0, 0.0): kept, (0.0, 0.0): 1.0})) == []


def test_a_calm_section_that_the_meter_takes_for_a_pause_is_named_where_the_sections_stand_further_apart():
    """Loudness range counts only what is within 20 LU of the whole."""
    (note,) = range_notes(finished("cinematic", 1.5, 0.0, {(1.5, 0.0): 3.2, (0.0, 0.0): 1.0}))
    assert f"though the sections span 38.4 LU instead of 12.0: '{NAMES[0]}' is so calm" in note
    assert "reactivity" not in note
