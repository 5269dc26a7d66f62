"""Recording types of simulated masters, each simulator judged by a fit to the others; and of what is no music."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise

import needs
import not_music
import numpy as np
import simulated_masters
import simulated_sources
from hearing_rig import fingerprint_of
from recording_fit import TYPES, Fit, Heard, fit, fit_confidence, log_odds, type_shares

from bench.bench import Bench
from bench.document import Section, Table, figure
from livemaster.analysis.calibration import is_music
from livemaster.analysis.profile import SOFTNESS
from livemaster.analysis.recording import detect
from livemaster.tone.profiles import base_model

SOURCES, LENGTH_S = 24, 12.0
NO_MUSIC_SEEDS = range(1000, 1060)
"""Other ones than the gates were fitted to."""
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def measure(bench: Bench) -> Section:
    """Tables: right by simulator, confusion, reliability, and how what is no music is taken."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        each_source = list(pool.map(hear_source, range(SOURCES)))
        nothing = list(pool.map(hear_no_music, NO_MUSIC_SEEDS, chunksize=6))
    everything = [each for some in each_source for each in some]
    heard = [each for each in everything if each.arrived]
    missed = [each for each in everything if not each.arrived]
    shares, right, decided, sure = judge(heard, heard)
    still_right = judge(missed, heard)[1]
    known = np.array([each.kind != "other" for each in heard])
    with_missed = np.concatenate([right[known], still_right])
    return Section(
        (
            f"{len(heard)} masters of {SOURCES} excerpts of {LENGTH_S:.0f} s (real songs and generated ones) by "
            f"{len(simulated_masters.SIMULATORS)} simulators, simulated_masters.py. {len(missed)} more are left "
            "out, for their tone stayed far off the aim: no equalizer makes a bootleg's bass of a flute. Of these "
            f"{figure(100.0 * still_right.mean(), 0)} % would be called what they were meant to be; "
            f"counting them, {figure(100.0 * with_missed.mean(), 1)} % over the four kinds are right.",
            "**Right**: each simulator's masters by softnesses, sharpness and confidence that were fitted to the other "
            "simulators' only. «Other» lies outside of every profile, and unknown is right.",
            _right_table(heard, right),
            "**Decided**, over all simulators.",
            _confusion_table(heard, decided),
            "**Reliability** of the confidence, over all these decisions.",
            _reliability_table(sure, right),
            f"**No music**: {3 * len(NO_MUSIC_SEEDS)} sounds of not_music.py with other seeds than the gates "
            "were fitted to, by the numbers that ship.",
            _nothing_table(nothing),
            _fitted(fit(heard), fit_confidence(shares, right)),
        )
    )


def hear_source(index: int) -> list[Heard]:
    """All masters of one excerpt."""
    music, heard = simulated_sources.excerpt(index, LENGTH_S), []
    for simulator in simulated_masters.SIMULATORS:
        for kind in simulated_masters.KINDS:
            master = simulated_masters.make(simulator, kind, music, index)
            heard.append(Heard(fingerprint_of(master.audio), kind, simulator, master.arrived))
    return heard


def hear_no_music(seed: int) -> dict[str, str]:
    """What a noise, a tone and a voice are taken for."""
    sounds = {"noise": not_music.noise(seed), "tones": not_music.tone(seed)}
    sounds["speech"] = not_music.speech(seed, needs.espeak())
    return {name: detect(fingerprint_of(sound), base_model()).type for name, sound in sounds.items()}


def judge(heard: Sequence[Heard], fitted_to: Sequence[Heard]) -> tuple[np.ndarray, np.ndarray, list[str], np.ndarray]:
    """Share of the decided type, whether right, type and confidence, by a fit that left the simulator out."""
    share, right, sure = np.zeros(len(heard)), np.zeros(len(heard), bool), np.zeros(len(heard))
    decided = [""] * len(heard)
    for simulator in simulated_masters.SIMULATORS:
        others = [each for each in fitted_to if each.simulator != simulator]
        slope, offset = fit_confidence(*_left_out(others))
        where = [k for k, each in enumerate(heard) if each.simulator == simulator]
        if not where:
            continue
        shares = _decided([heard[k] for k in where], fit(others))
        for k, row in zip(where, shares, strict=True):
            best = int(row.argmax())
            decided[k], share[k] = TYPES[best], row[best]
            right[k] = decided[k] == heard[k].type
            sure[k] = 1.0 / (1.0 + np.exp(-slope * log_odds(row[best]) - offset))
    return share, right, decided, sure


def _left_out(heard: Sequence[Heard]) -> tuple[np.ndarray, np.ndarray]:
    """Shares of decisions on a simulator by what was fitted to the others, and which of them were right."""
    share, right = [], []
    for simulator in sorted({each.simulator for each in heard}):
        some = [each for each in heard if each.simulator == simulator]
        rows = _decided(some, fit([each for each in heard if each.simulator != simulator]))
        share += rows.max(axis=1).tolist()
        right += [TYPES[k] == each.type for k, each in zip(rows.argmax(axis=1), some, strict=True)]
    return np.array(share), np.array(right)


def _decided(heard: Sequence[Heard], fitted: Fit) -> np.ndarray:
    shares = type_shares(heard, fitted)
    shares[:, :-1] *= np.array([is_music(each.fingerprint) for each in heard])[:, None]
    shares[:, -1] = 1.0 - shares[:, :-1].sum(axis=1)
    return shares


def _right_table(heard: Sequence[Heard], right: np.ndarray) -> Table:
    rows = []
    for name in (*simulated_masters.SIMULATORS, "all"):
        of = np.array([name in ("all", each.simulator) for each in heard])
        known = of & np.array([each.kind != "other" for each in heard])
        row = [name, f"{figure(100.0 * right[known].mean(), 1)} % of {known.sum()}"]
        for kind in simulated_masters.KINDS:
            some = of & np.array([each.kind == kind for each in heard])
            row.append(f"{figure(100.0 * right[some].mean(), 0)} % of {some.sum()}")
        rows.append(row)
    return Table(("simulator left out", "the four kinds", *simulated_masters.KINDS), rows)


def _confusion_table(heard: Sequence[Heard], decided: Sequence[str]) -> Table:
    counts = Counter(zip((each.kind for each in heard), decided, strict=True))
    rows = [(kind, *(str(counts[kind, each]) for each in TYPES)) for kind in simulated_masters.KINDS]
    return Table(("is", *TYPES), rows)


def _reliability_table(sure: np.ndarray, right: np.ndarray) -> Table:
    rows = []
    for low, high in pairwise(BINS):
        some = (sure >= low) & ((sure < high) | (high == BINS[-1]))
        if some.any():
            rows.append(
                (f"{low:.2f} to {high:.2f}", str(some.sum()), figure(sure[some].mean()), figure(right[some].mean()))
            )
    rows.append(("all", str(len(sure)), figure(sure.mean()), figure(right.mean())))
    return Table(("confidence", "decisions", "mean confidence", "share right"), rows)


def _nothing_table(nothing: Sequence[dict[str, str]]) -> Table:
    rows = []
    for name in nothing[0]:
        counts = Counter(each[name] for each in nothing)
        rows.append((name, *(str(counts[each]) for each in TYPES)))
    return Table(("is", *TYPES), rows)


def _fitted(found: Fit, confidence: tuple[float, float]) -> str:
    softness = ", ".join(f"{name} {value:.3g}" for name, value in zip(SOFTNESS, found.softness, strict=True))
    return (
        f"Fitted to all of them: softness {softness}; sharpness {figure(found.sharpness, 1)}, even score "
        f"{figure(found.even_score, 3)}; confidence: slope {figure(confidence[0])}, offset {figure(confidence[1])}."
    )
