"""What every test may use: the scripts of examples/ as modules, and the demo song."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any, NamedTuple

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]

hypothesis.settings.register_profile("laws", deadline=None)  # tests assert laws, not times
hypothesis.settings.load_profile("laws")

for _number, _handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(_number) == signal.SIG_IGN:  # as in the background of a shell; programs under test would too
        signal.signal(_number, _handler)


class DemoSong(NamedTuple):
    """The demo song at 44.1 kHz with its maps; shared by all tests, so copy before changing."""

    audio: NDArray[np.float32]
    rate_hz: int
    arrangement: dict[str, Any]
    emotion_graph: dict[str, Any]

    def section(self, index: int) -> NDArray[np.float32]:
        """The audio of one section of the arrangement."""
        entry = self.arrangement["structure"][index]
        return self.audio[:, round(entry["start"] * self.rate_hz) : round(entry["end"] * self.rate_hz)]


@pytest.fixture(autouse=True)
def nobody_at_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A listener's data of its own for every test, in a folder that is not there yet."""
    folder = tmp_path_factory.getbasetemp() / "homes" / os.urandom(8).hex()
    monkeypatch.setenv("LIVEMASTER_HOME", str(folder))
    monkeypatch.setenv("LIVEMASTER_CONFIG", str(folder / "config"))
    return folder


@pytest.fixture(scope="session")
def demo_song() -> DemoSong:
    from make_demo_song import RATE_HZ, make_song

    audio, arrangement, emotion_graph = make_song()
    return DemoSong(audio, RATE_HZ, arrangement, emotion_graph)
