"""What some tests need beyond the project: each function skips with a sentence, and fails where CI is set."""

from __future__ import annotations

import functools
import importlib.util
import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

_GAMES_FOLDERS = ("/usr/share/games", "/usr/local/share/games", "/usr/share", "/opt/homebrew/share")


def _missing(sentence: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def ffmpeg() -> str:
    """The ffmpeg program."""
    return shutil.which("ffmpeg") or _missing("ffmpeg is missing; install it with `apt-get install ffmpeg`")


def espeak() -> str:
    """The speech synthesizer espeak-ng."""
    return shutil.which("espeak-ng") or _missing("espeak-ng is missing; install it with `apt-get install espeak-ng`")


def jackd() -> str:
    """The JACK server, a sound card in software."""
    found = shutil.which("jackd")
    if found is None or importlib.util.find_spec("jack") is None or importlib.util.find_spec("sounddevice") is None:
        _missing(
            "JACK is missing; install it with `apt-get install jackd2 libportaudio2` and `pip install -e '.[dev]'`"
        )
    return found


PIPEWIRE = (
    *("dbus-daemon", "pipewire", "wireplumber", "pipewire-pulse"),
    *("pactl", "pw-jack", "pw-metadata", "pw-play", "pw-record"),
)


def pipewire() -> dict[str, str]:
    """PipeWire's programs, by name."""
    found = {name: path for name in PIPEWIRE if (path := shutil.which(name))}
    if len(found) < len(PIPEWIRE):
        packages = "pipewire wireplumber pipewire-pulse pipewire-jack pulseaudio-utils dbus"
        _missing(f"{', '.join({*PIPEWIRE} - {*found})} is missing; install it with `apt-get install {packages}`")
    return found


def rtmidi() -> None:
    """The MIDI library."""
    if importlib.util.find_spec("rtmidi") is None:
        _missing("python-rtmidi is missing; install it with `pip install python-rtmidi`")


def songs(over_s: float = 0.0) -> list[Path]:
    """The real songs of Debian's extremetuxracer-data that last longer than `over_s` seconds, by name."""
    found = [path for path, duration_s in _all_songs() if duration_s > over_s]
    return found or _missing("real songs are missing; install them with `apt-get install extremetuxracer-data`")


def peer(module: str) -> None:
    """A program to compare with, from the extra `bench`."""
    if importlib.util.find_spec(module) is None:
        _missing(f"{module} is missing; install it with `pip install -e '.[bench]'`")


@functools.cache
def _all_songs() -> tuple[tuple[Path, float], ...]:
    import soundfile as sf

    for folder in _GAMES_FOLDERS:
        paths = sorted(Path(folder).glob("*/music/*.ogg")) if Path(folder).is_dir() else []
        paths = [path for path in paths if path.parts[-3] in ("etr", "extremetuxracer")]
        if paths:
            return tuple((path, sf.info(path).duration) for path in paths)
    return ()
