"""Live sound is rated by the name that its player or its tags give, else as «live input», by how it sounds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pieces
import pytest
import soundfile as sf
from fault_rig import until

from livemaster.analysis.recent import KEPT_S, Latest
from livemaster.controls import Move
from livemaster.personal.ratings import Ratings
from livemaster.personal.versions import Versions
from livemaster.plan_options import PlanOptions
from livemaster.session.identity import title_of_file, title_of_player
from livemaster.session.live_input import Listening, ListeningWish
from livemaster.sound.supervisor import DeviceWish
from livemaster.studio.opinions import Opinions
from livemaster.tone.profiles import base_model

RATE = 44100
PAUSED = {"PlaybackStatus": "Paused", "Metadata": {"xesam:title": {"type": "s", "data": "Not this"}}}


def player(title: str, *artists: str) -> dict[str, Any]:
    found: dict[str, Any] = {"xesam:title": {"type": "s", "data": title}}
    return {
        "PlaybackStatus": "Playing",
        "Metadata": found | ({"xesam:artist": {"type": "as", "data": list(artists)}} if artists else {}),
    }


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A bus on which these players are, by a busctl of our own that writes as the real one does."""

    def made(**players: dict[str, Any]) -> None:
        names = {f"org.mpris.MediaPlayer2.{name}": each for name, each in players.items()}
        (tmp_path / "bus.json").write_text(json.dumps({"org.freedesktop.DBus": {}, **names}))
        busctl = tmp_path / "busctl"
        busctl.write_text(
            "#!/bin/sh\nexec python3 - \"$@\" <<'P'\nimport json, sys\n"
            f"bus = json.load(open({str(tmp_path / 'bus.json')!r}))\n"
            "if sys.argv[-1] == 'list':\n    print(*(f'{name} 1 app user :1.5' for name in bus), sep='\\n')\n"
            "elif sys.argv[-1] in bus[sys.argv[4]]:\n"
            "    print(json.dumps({'type': 'v', 'data': bus[sys.argv[4]][sys.argv[-1]]}))\n"
            "else:\n    sys.exit('Failed to get property')\nP\n"
        )
        busctl.chmod(0o755)
        monkeypatch.setattr("livemaster.session.identity.BUSCTL", (str(busctl), "--user"))

    return made


def test_the_one_player_that_plays_names_what_is_heard(desktop):
    desktop(vlc=PAUSED, spotify=player("Café\n\x1b[31m", "A", "B"), broken={})
    assert title_of_player() == "A, B – Café [31m"
    desktop(spotify=player("Alone"))
    assert title_of_player() == "Alone"


def test_of_several_players_or_none_nobody_knows_which_is_heard(desktop, monkeypatch):
    desktop(one=player("X"), two=player("Y"))
    assert title_of_player() == ""
    for players in ({}, {"vlc": PAUSED}, {"odd": {"PlaybackStatus": "Playing", "Metadata": [1]}}):
        desktop(**players)
        assert title_of_player() == ""
    monkeypatch.setattr("livemaster.session.identity.BUSCTL", ("/no/such/program",))
    assert title_of_player() == ""


def test_a_file_is_named_by_its_tags_or_as_it_is_called(tmp_path):
    with sf.SoundFile(tmp_path / "a.flac", "w", 44100, 1) as file:
        file.title, file.artist = "Song", "Band"
        file.write(np.zeros(1000))
    sf.write(tmp_path / "b.wav", np.zeros(1000), 44100)
    assert title_of_file(tmp_path / "a.flac") == "Band – Song"
    assert title_of_file(tmp_path / "b.wav") == "b.wav"


@pytest.mark.parametrize("rate_hz", [44100, 48000])
def test_what_sounds_is_known_by_its_latest_seconds(rate_hz):
    latest = Latest(rate_hz, base_model(None))
    noise = np.random.default_rng(1).standard_normal((2, rate_hz)).astype(np.float32)
    for _ in range(round(KEPT_S) - 1):
        latest.push(0.1 * noise)
    assert latest.sound is None
    for _ in range(60):
        latest.push(0.1 * noise)
    assert sum(block.shape[1] for block in latest._blocks) <= (KEPT_S + 1.0) * rate_hz
    sound = latest.sound
    assert sound is not None
    assert sound.recording is not None
    assert sound.fingerprint["stereo_width"] == pytest.approx(0.5, abs=0.02)
    for _ in range(round(KEPT_S) + 1):
        latest.push(np.zeros((2, rate_hz), np.float32))
    assert latest.sound is None


def test_live_sound_is_rated_and_its_trims_are_kept(tmp_path, nobody_at_home, monkeypatch):
    pieces.write(tmp_path / "set.wav", pieces.piece(40.0))
    device, said = DeviceWish(device="null"), list[str]()
    session = Listening(ListeningWish(device=device, options=PlanOptions(), file=tmp_path / "set.wav"))
    opinions = Opinions(said.append)
    try:
        assert session.now_playing() is None
        until(lambda: session.snapshot().position_s > KEPT_S + 0.5, 60.0, "enough was heard")
        session.do(Move("bass", 1.0))
        playing = session.now_playing()
        assert playing is not None
        opinions.rate(playing, 4, "more bass")
        opinions.keep(playing)
        session.do(Move("blind", 1.0))
        session.do(Move("vote"))
    finally:
        opinions.close()
        session.close()
    (rating,) = Ratings(nobody_at_home).load().ratings
    assert (rating.track, rating.rating, rating.trims.bass) == ("set.wav", 4, 1.0)
    assert rating.fingerprint.centroid_hz is not None
    assert [*Versions(nobody_at_home / "profile").current().profile_adjustments.values()] == [1.0]
