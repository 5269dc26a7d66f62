"""What the fault tests share: a song, a session on a sound card in software, and what a recording tells of a fault."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from heard import begun, compared, place_of
from jack_rig import JackServer, Recorder, Recording
from numpy.typing import NDArray

from livemaster.cli.main import run
from livemaster.mastering.job import Source
from livemaster.session.playlist import Session, SessionWish
from livemaster.snapshot import State
from livemaster.sound.supervisor import DeviceWish

RATE_HZ, BLOCK = 48000, 512
KEY_AT = 2400
"""A segment is known by frames so far from its beginning."""
HEARD = 1e-3
"""Above it there is sound; the song's noise is never below it for long, and what rings after a fade soon is."""

Audio = NDArray[np.float32]


def write_song(path: Path, seconds: float, rate_hz: int = RATE_HZ, seed: int = 0) -> Path:
    """Beats and chords with some noise among them, so that no two moments of it are alike."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    chord = sum(np.sin(2 * np.pi * hz * time_s) for hz in (110.0, 164.8, 220.0, 277.2)) / 4
    beats = np.exp(-8.0 * (time_s % 0.5)) * np.sin(2 * np.pi * 60.0 * time_s)
    noise = rng.standard_normal((2, len(time_s)))
    x = 0.15 * chord * (1.0 + 0.3 * np.sin(2 * np.pi * 0.2 * time_s)) + 0.3 * beats + 0.05 * noise
    sf.write(path, x.T.astype(np.float32), rate_hz, subtype="FLOAT")
    return path


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def processes_of(interface: int | None = None) -> tuple[int, int]:
    """The spare, and the process that plays, of this process or another one that is the interface."""
    found = [pid for pid in children(interface or os.getpid()) if b"livemaster.sound.audio_process" in _command(pid)]
    (spare,) = found
    (playing,) = children(spare)
    return spare, playing


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def alive(pid: int) -> bool:
    """Whether a process is there; of the dead only those count that we would have to bury."""
    try:
        state, parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return False
    return state != "Z" or int(parent) == os.getpid()


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait for something; how long it took, in s."""
    begun_s = time.monotonic()
    while not condition():
        if time.monotonic() - begun_s > seconds:
            pytest.fail(f"after {seconds:g} s: not {what}")
        time.sleep(0.005)
    return time.monotonic() - begun_s


def rendered(song: Path, take: Path) -> list[Audio]:
    """What `render --take` makes of each segment of a take."""
    out = take.with_name("again.wav")
    assert run(["render", str(song), "--take", str(take), "-o", str(out), "--bit-depth", "32", "--force"]) == 0
    audio = sf.read(out, dtype="float32")[0].T
    lengths = [segment["frames"] for segment in json.loads(take.read_text())["segments"]]
    assert audio.shape[1] == sum(lengths)
    return np.split(audio, np.cumsum(lengths)[:-1], axis=1)


@dataclass
class Played:
    """A song that is played to a recorder, and the take of it."""

    song: Path
    take: Path
    server: JackServer
    recorder: Recorder

    def rendered(self) -> list[Audio]:
        """What `render --take` makes of each segment of the take."""
        return rendered(self.song, self.take)


@dataclass
class Playing(Played):
    """One that a session in this process plays."""

    session: Session

    def states(self, seconds: float, done: Callable[[list[State]], bool]) -> list[State]:
        """The states that follow one another from now on, until it is done."""
        seen = [self.session.snapshot().state]
        begun_s = time.monotonic()
        while not done(seen) and time.monotonic() - begun_s < seconds:
            if (state := self.session.snapshot().state) is not seen[-1]:
                seen.append(state)
            time.sleep(0.005)
        return seen

    def played(self, seconds: float) -> None:
        """Let it play for so long."""
        begins_s = self.session.snapshot().position_s
        until(lambda: self.session.snapshot().position_s >= begins_s + seconds, seconds + 10.0, "played on")


@contextmanager
def playing(
    song: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, *, rate_hz: int = RATE_HZ, block: int = BLOCK
) -> Iterator[Playing]:
    """A session on a recorder of a server of its own, with the mix itself until a plan is there."""
    take = folder / "take.json"
    with JackServer(rate_hz, block) as server, Recorder(server) as recorder:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        device = DeviceWish(device=recorder.device)
        wish = SessionWish(sources=(Source(path=song),), device=device, take=take)
        session = begun(lambda: Session(wish))
        try:
            yield Playing(song, take, server, recorder, session)
        finally:
            session.close()


@dataclass(frozen=True)
class Break:
    """A silence in a recording: its first frame, and the first frame of sound after it."""

    begins: int
    ends: int

    @property
    def seconds(self) -> float:
        return (self.ends - self.begins) / RATE_HZ


def breaks(audio: Audio, shortest_s: float = 0.015) -> list[Break]:
    """Silences between sounds, which last at least so long."""
    at = np.flatnonzero((np.abs(audio) > HEARD).any(axis=0))
    longer = np.flatnonzero(np.diff(at) > shortest_s * RATE_HZ)
    return [Break(int(at[i]) + 1, int(at[i + 1])) for i in longer]


def timeline(recording: Recording) -> Audio:
    """A recording with silence where the recorder was not called, behind a program that stood still."""
    audio, missing = recording.audio, [(at, lost) for at, lost in recording.gaps if lost > 0]
    pieces = np.split(audio, [at for at, _ in missing], axis=1)
    silences = [np.zeros((len(audio), lost), np.float32) for _, lost in missing]
    return np.concatenate([pieces[0], *(x for pair in zip(silences, pieces[1:], strict=True) for x in pair)], axis=1)


def first_sound(audio: Audio) -> int:
    """The first frame of sound."""
    return int(np.flatnonzero((np.abs(audio) > HEARD).any(axis=0))[0])


def last_sound(audio: Audio) -> int:
    """The frame after the last one of sound."""
    return int(np.flatnonzero((np.abs(audio) > HEARD).any(axis=0))[-1]) + 1


def place_s(part: Audio, song: Path) -> float:
    """Where in the song a part of its master begins: the peak of their correlation."""
    found, rate_hz = _correlation(part, song)
    return int(found.argmax()) / rate_hz


def likeness(part: Audio, song: Path) -> float:
    """The largest correlation coefficient of a part of a recording with any part of a song."""
    found, _ = _correlation(part, song)
    return float(found.max())


def _correlation(part: Audio, song: Path) -> tuple[NDArray[np.float64], int]:
    """Correlation coefficients at each frame of the song, of second differences: of the noise, which is unique."""
    whole, rate_hz = sf.read(song, dtype="float32")
    x, y = (np.diff(each.astype(np.float64), 2) for each in (part[0], whole.T[0]))
    size = 1 << (len(x) + len(y)).bit_length()
    found = np.fft.irfft(np.fft.rfft(y, size) * np.conj(np.fft.rfft(x, size)), size)[: len(y) - len(x)]
    sums = np.concatenate([[0.0], np.cumsum(y**2)])
    return found / np.sqrt((x @ x) * (sums[len(x) :] - sums[: -len(x)])[: len(found)]), rate_hz


def assert_goes_on(audio: Audio, gap: Break, song: Path, within_s: float = 0.05) -> None:
    """What follows a silence is the song where it broke off."""
    rate_hz = sf.info(song).samplerate
    frames, ahead = rate_hz // 2, rate_hz // 10
    broke_off_s = place_s(audio[:, gap.begins - frames : gap.begins], song) + 0.5
    goes_on_s = place_s(audio[:, gap.ends + ahead : gap.ends + ahead + frames], song) - 0.1
    assert abs(goes_on_s - broke_off_s) < within_s, f"broke off at {broke_off_s:.3f} s, went on at {goes_on_s:.3f} s"


def share_of_song(
    audio: Audio, begins: int, song: Path, frames: int, part: int, rate_hz: int = RATE_HZ
) -> NDArray[np.float64]:
    """Level of the recording relative to the song's from frame `begins` on, in parts; where it has settled it is 1."""
    ahead = 9600
    anchor = begins + ahead
    at = round(place_s(audio[:, anchor : anchor + RATE_HZ // 2], song) * rate_hz) - ahead
    whole = sf.read(song, dtype="float32")[0].T
    count = frames // part

    def level(x: Audio) -> NDArray[np.float64]:
        return np.sqrt((x.reshape(2, -1, part).astype(np.float64) ** 2).mean(axis=(0, 2)))

    def ratio(first: int, count: int) -> NDArray[np.float64]:
        here, there = audio[:, begins + first :], whole[:, at + first :]
        return level(here[:, : count * part]) / level(there[:, : count * part])

    return ratio(0, count) / ratio(4800, 10).mean()


def assert_fades_in(audio: Audio, begins: int, song: Path, rate_hz: int = RATE_HZ) -> None:
    """The first 30 ms rise, from next to nothing."""
    shares = share_of_song(audio, begins, song, 30 * rate_hz // 1000, 6 * rate_hz // 1000, rate_hz)
    assert shares[0] < 0.25, shares
    rising = shares[: int(np.argmax(shares > 0.75)) + 1]
    assert len(rising) > 2, shares
    assert (np.diff(rising) > -0.05).all(), shares
    assert shares[-1] > 0.75, shares


def assert_fades_out(audio: Audio, ends: int, rate_hz: int = RATE_HZ) -> None:
    """Before frame `ends`, where silence begins, the last millisecond of sound is quiet already: no edge, no click."""
    peaks = np.abs(audio[:, max(ends - rate_hz, 0) : ends]).max(axis=0)
    last = int(np.flatnonzero(peaks > HEARD)[-1])
    assert peaks.max() > 0.2
    assert peaks[last - rate_hz // 1000 : last + 1].max() < 0.05


def assert_recorded(recording: Recording, segment: Audio) -> None:
    """A segment was recorded bit for bit, up to where the machine was late.

    Its place is found by frames a little after its beginning; where the recorder missed some in between, what came
    before that stands elsewhere, and is left out.
    """
    begins = place_of(segment, recording.audio, KEY_AT)
    missed = [at - begins for at, _ in recording.gaps if 0 < at - begins <= KEY_AT]
    left_out = max(missed, default=0)
    equal, _ = compared(recording, begins + left_out, segment[:, left_out:])
    assert equal > min(RATE_HZ // 2, segment.shape[1] // 2), "the machine was late too soon to compare"


def boards() -> set[Path]:
    """What sessions have in shared memory by name, those of other tests too."""
    return set(Path("/dev/shm").glob("livemaster-*"))


def assert_gone(files: set[Path]) -> None:
    """Soon none of them is there; a board that other tests have just made goes as soon as it is attached."""
    until(lambda: not any(path.exists() for path in files), 10.0, f"gone: {files}")
