"""A short soak: whatever hands do, nothing fails, nothing fills up, and the take tells of all that was heard."""

from __future__ import annotations

import pytest
from fault_rig import write_song
from jack_rig import JackServer
from soak import SYSTEM, failures, soak

pytestmark = pytest.mark.flaky(reruns=2)
"""A busy machine is late now and then, and a real-time server does not wait for it."""


def test_random_hands_break_nothing(tmp_path, monkeypatch):
    songs = [write_song(tmp_path / f"{number}.wav", 9.0 + number, seed=number) for number in range(2)]
    with JackServer(block=512) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        found = soak(songs, SYSTEM, 20.0, seed=1)
    assert [text for text in found["failed"] if not text.startswith("memory")] == []
    assert sum(found["moves"].values()) > 20
    assert found["figures"]["frames_played"] > 5 * 48000


def test_what_may_not_be_is_told():
    figures = {"stop_reason": "an error", "nonfinite_samples": 1}
    found = {"figures": figures, "error": "broken", "lost_log_records": 1, "longest_queues": {"log": 4000}}
    assert len(failures({**found, "memory_growth": 0.06})) == 6
    calm = {"stop_reason": "the time is over", "nonfinite_samples": 0}
    assert (
        failures({"figures": calm, "error": None, "lost_log_records": 0, "longest_queues": {}, "memory_growth": 0})
        == []
    )
