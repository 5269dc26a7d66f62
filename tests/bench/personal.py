"""How fast simulated listeners' preferences are learned, and how little ratings at random move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import simulated_listeners as simulated

from bench.bench import Bench
from bench.document import Section, Table, figure
from livemaster.personal.learning import Evidence, learn

LISTENERS, OTHERS = 300, 100
AFTER = (0, 5, 10, 20, 30, 50)
EVERY = 5
STANDARD = simulated.World()
WORLDS = {
    "as above": STANDARD,
    "two fifths as talkative": replace(STANDARD, talk=(0.1, 0.3)),
    "16 % wrong comments": replace(STANDARD, wrong=0.16),
    "25 % wrong comments": replace(STANDARD, wrong=0.25),
    "just noticeable 0.25 dB": replace(STANDARD, noticeable=0.25),
    "just noticeable 1 dB": replace(STANDARD, noticeable=1.0),
    "songs differ, σ 0.8 dB": replace(STANDARD, song_spread=0.8),
    "types alike (σ 0.6 dB around σ 1.1)": replace(
        STANDARD, common_spread=1.1, type_spread=0.6, type_spread_width=0.04
    ),
    "hardly any preferences (σ 0.4 dB)": replace(STANDARD, common_spread=0.2, type_spread=0.4, type_spread_width=0.02),
}


@dataclass(frozen=True)
class Lives:
    """Listeners with their layers after 0, 5, 10… ratings."""

    listeners: Sequence[simulated.Taste]
    layers: Sequence[Sequence[simulated.Layer]]

    def errors_db(self, ratings: int, evenly: bool = False) -> np.ndarray:
        """Of each listener, after so many ratings."""
        layers = [each[ratings // EVERY] for each in self.layers]
        pairs = zip(self.listeners, layers, strict=True)
        return np.array([simulated.error_db(listener, layer, evenly) for listener, layer in pairs])

    def width_errors(self, ratings: int) -> np.ndarray:
        """Mean absolute error of the width, types by their share in what is played."""
        layers = [each[ratings // EVERY] for each in self.layers]
        pairs = zip(self.listeners, layers, strict=True)
        return np.array([np.abs(who.hidden - simulated.whole(layer))[:, 3] @ who.mix for who, layer in pairs])

    def preferred(self) -> np.ndarray:
        """Share of comparisons in which the last layer is chosen over none."""
        last = zip(self.listeners, self.layers, strict=True)
        return np.array([simulated.preferred(who, layers[-1], seed) for seed, (who, layers) in enumerate(last)])


def measure(bench: Bench) -> Section:
    """Curves of the standard listeners and of random raters, then listeners of other kinds."""
    lives = live(STANDARD, LISTENERS)
    return Section(
        (
            f"{LISTENERS} simulated listeners and {LISTENERS} who rate and comment at random "
            "(simulated_listeners.py: synthetic, and fixed before the learner was tuned on other seeds); after "
            f"every {EVERY} ratings all is learned anew and applied. Error: mean absolute difference of the bands' "
            "layer to the hidden preference, types weighted by how often the listener plays them, or all the same. "
            "Drift: mean absolute value of the bands' layer.",
            Table(
                (
                    *("ratings", "error, mean, dB", "p90", "types the same, mean, dB", "width, mean"),
                    *("drift of random raters, mean, dB", "p90"),
                ),
                curve(lives, random_layers(LISTENERS)),
            ),
            _verdict(lives),
            f"Other listeners, {OTHERS} of each kind, after {AFTER[-1]} ratings; the learner's constants are the same.",
            Table(
                ("listeners", "error at first, dB", "error, dB", "falls by, %", "worst change, dB", "preferred, %"),
                [_kind(name, live(world, OTHERS)) for name, world in WORLDS.items()],
            ),
        )
    )


def curve(
    lives: Lives, at_random: Sequence[tuple[simulated.RandomRater, Sequence[simulated.Layer]]]
) -> list[list[str]]:
    """A row for each count of `AFTER`: errors and drift."""
    rows = []
    for ratings in AFTER:
        errors, evenly = lives.errors_db(ratings), lives.errors_db(ratings, evenly=True)
        drifts = [simulated.drift_db(rater, layers[ratings // EVERY]) for rater, layers in at_random]
        figures = (errors.mean(), np.quantile(errors, 0.9), evenly.mean(), lives.width_errors(ratings).mean())
        drift = (np.mean(drifts), np.quantile(drifts, 0.9))
        rows.append([str(ratings), *(figure(float(each), 3) for each in (*figures, *drift))])
    return rows


def live(world: simulated.World, count: int) -> Lives:
    """So many listeners of a world, with seeds from 0."""
    listeners = [simulated.make_listener(seed, world) for seed in range(count)]
    return Lives(listeners, [simulated.live(who, seed, layer_of, AFTER[-1]) for seed, who in enumerate(listeners)])


def random_layers(count: int) -> list[tuple[simulated.RandomRater, Sequence[simulated.Layer]]]:
    """So many random raters with their layers."""
    raters = [simulated.make_random_rater(seed) for seed in range(count)]
    return [(who, simulated.live(who, seed, layer_of, AFTER[-1])) for seed, who in enumerate(raters)]


def layer_of(evidence: Sequence[Evidence]) -> simulated.Layer:
    """What the program would apply."""
    by_type = learn(evidence).by_type
    return {kind: {name: each.value for name, each in found.items()} for kind, found in by_type.items()}


def _verdict(lives: Lives) -> str:
    before, after = lives.errors_db(0), lives.errors_db(AFTER[-1])
    own = 100.0 * float((1.0 - after / before).mean())
    worst, chosen = float((after - before).max()), 100.0 * float(lives.preferred().mean())
    return (
        f"After {AFTER[-1]} ratings the mean error has fallen by {figure(_fall(before, after), 1)} % (mean of each "
        f"listener's own fall {figure(own, 1)} %, wanted 60 %); the listener who fares worst ends {figure(worst)} dB "
        "from where they began (allowed +0.20). On new songs the master with the layer is preferred in "
        f"{figure(chosen, 1)} % (wanted 75 %)."
    )


def _kind(name: str, lives: Lives) -> list[str]:
    before, after = lives.errors_db(0), lives.errors_db(AFTER[-1])
    shares = (_fall(before, after), float((after - before).max()), 100.0 * float(lives.preferred().mean()))
    return [
        *(name, figure(float(before.mean())), figure(float(after.mean()))),
        *(figure(each, digits) for each, digits in zip(shares, (0, 2, 0), strict=True)),
    ]


def _fall(before: np.ndarray, after: np.ndarray) -> float:
    """Percent of the mean."""
    return 100.0 * (1.0 - float(after.mean() / before.mean()))
