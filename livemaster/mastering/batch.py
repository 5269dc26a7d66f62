"""Many files at once: folders searched for audio, each file heard in turn, and what cannot be read kept for the end."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from livemaster.audio import FORMATS, read_info
from livemaster.documents import STANDARD_STREAM
from livemaster.errors import AudioFileError, InputError
from livemaster.mastering.analysis_job import Hearing, hear
from livemaster.mastering.job import Progress, no_progress
from livemaster.mastering.map_files import MapFiles
from livemaster.printable import shown_path


@dataclass(frozen=True, slots=True)
class FoundTrack:
    """One file to hear; `stem` names what is written about it: its path inside the folder given, no extension."""

    path: str
    stem: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was given, folders searched: the files in order, and what could not be searched."""

    tracks: tuple[FoundTrack, ...]
    failures: tuple[str, ...] = ()
    searched: bool = False

    @property
    def single(self) -> FoundTrack | None:
        """The only file, where just one was named."""
        return self.tracks[0] if len(self.tracks) == 1 and not self.failures and not self.searched else None


def find_tracks(paths: Sequence[str]) -> Found:
    """[control] The files named, and all audio files in the folders named and below, by extension, each once.

    Hidden files and folders are passed over, links to folders not followed. A folder without audio is a failure;
    standard input beside other files an InputError.
    """
    if STANDARD_STREAM in paths and len(paths) > 1:
        raise InputError("- reads one file from standard input, it must be given alone")
    if "" in paths:
        raise InputError("'': is not the name of a file")
    files: dict[Path, tuple[str, PurePath]] = {}
    failures: list[str] = []
    folders = [path for path in paths if path != STANDARD_STREAM and _is_folder(path)]
    for path in paths:
        below = _audio_below(path, failures) if path in folders else [(path, PurePath(Path(path).name))]
        for file, relative in below:
            files.setdefault(Path(file).absolute(), (file, relative))
    return Found(tuple(_named(list(files.values()))), tuple(failures), bool(folders))


def playlist(paths: Sequence[str], tell: Callable[[str], None]) -> list[str]:
    """[control] The files that are named, and those in folders, in order; a file may be named twice.

    What a folder holds that is no audio is told and left out. InputError for a folder without anything to play.
    """
    found: list[str] = []
    for path in paths:
        failures: list[str] = []
        inside = [path]
        if _is_folder(path):
            inside = [file for file, _ in _audio_below(path, failures) if _is_audio(file, failures)]
            if not inside:
                raise InputError(failures[0])
            for failure in failures:
                tell(f"{failure}; left out")
        found += inside
    return found


@dataclass(slots=True)
class Hearings:
    """Files heard one after the other, past those that cannot be read; their maps are written where `maps` is given.

    `failures` and `count`, the number of files heard, grow while it is iterated.
    """

    found: Found
    progress: Progress = no_progress
    maps: MapFiles | None = None
    failures: list[str] = field(default_factory=list)
    count: int = 0

    def __iter__(self) -> Iterator[tuple[FoundTrack, Hearing | AudioFileError]]:
        """Every track with what was heard, or with why it was not; other errors end it all."""
        self.failures.extend(self.found.failures)
        for done, track in enumerate(self.found.tracks):
            result = self._hear(track, _part(self.progress, done, len(self.found.tracks)))
            if isinstance(result, Hearing):
                self.count += 1
            else:
                self.failures.append(str(result))
            yield track, result

    def _hear(self, track: FoundTrack, progress: Progress) -> Hearing | AudioFileError:
        try:
            heard = hear(track.path, progress)
            if self.maps is not None:
                self.maps.write(heard, track.stem)
        except AudioFileError as error:
            return error
        return heard


def _part(progress: Progress, done: int, count: int) -> Progress:
    """Progress of one file as a part of all."""

    def report(_step: str, share: float) -> None:
        progress("analyzing", (done + share) / count)

    return report


def _is_folder(path: str) -> bool:
    """Whether it is one; of what cannot even be asked, opening it will say what is wrong."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _is_audio(path: str, failures: list[str]) -> bool:
    """Whether a file looks like audio; what does not is a failure."""
    try:
        read_info(path)
    except AudioFileError as error:
        failures.append(str(error))
        return False
    return True


def _audio_below(folder: str, failures: list[str]) -> Iterable[tuple[str, PurePath]]:
    """Audio files in a folder and below it, sorted, each with its path inside the folder.

    Hidden ones are passed over; what could not be searched, and that there are none, is added to `failures`.
    """

    def failed(error: OSError) -> None:
        failures.append(f"{shown_path(str(error.filename))}: cannot be searched: {error.strerror}")

    before, found = len(failures), []
    for base, inner, names in os.walk(folder, onerror=failed):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        for name in names:
            if Path(name).suffix.lower() in FORMATS and not name.startswith("."):
                path = Path(base) / name
                found.append((str(path), path.relative_to(folder)))
    if not found and len(failures) == before:
        failures.append(f"{shown_path(folder)}: holds no audio file, wanted are {' '.join(FORMATS)}")
    return sorted(found, key=lambda pair: pair[1])


def _named(files: Sequence[tuple[str, PurePath]]) -> list[FoundTrack]:
    """Tracks with stems that differ: where two would be alike, the extension stays, then folders go before."""
    names = [_longer_and_longer(path, relative) for path, relative in files]
    while True:
        counts = Counter(each[0] for each in names)
        alike = [each for each in names if counts[each[0]] > 1 and len(each) > 1]
        if not alike:
            return [FoundTrack(path, each[0]) for (path, _), each in zip(files, names, strict=True)]
        for each in alike:
            del each[0]


def _longer_and_longer(path: str, relative: PurePath) -> list[str]:
    """Stems for a file: without its extension, with it, and with one folder after the other before it."""
    parts = PurePath(os.path.normpath(Path(path).absolute())).parts[1:]
    known = len(relative.parts)
    longer = [str(PurePath(*parts[-count:])) for count in range(known + 1, len(parts) + 1)]
    return [str(relative.with_suffix("")), str(relative), *longer] if relative.name else [str(relative)]


def check_stems(tracks: Iterable[FoundTrack]) -> None:
    """InputError where what is written about two files would have the same name."""
    seen: dict[str, str] = {}
    for track in tracks:
        if track.stem in seen:
            both = f"{shown_path(seen[track.stem])} and {shown_path(track.path)}"
            raise InputError(f"{both}: their maps would have the same names, analyze them one by one")
        seen[track.stem] = track.path
