"""Everything that is kept of a listener, as one archive: taken along, brought back, or deleted."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path, PurePosixPath

from livemaster.documents import write_bytes
from livemaster.documents.hidden import owned
from livemaster.errors import InputError, OutputError, SettingsError
from livemaster.personal.home import LOCK, OURS, PROFILE, make_private

MOST_BYTES, MOST_FILES = 2_000_000_000, 1_000_000
"""More than a life of ratings."""


def export(folder: Path, path: str | Path, *, force: bool = False) -> int:
    """[control] Write all files of the folder as tar.gz; how many they are. OutputError when it cannot be written."""
    if not folder.is_dir():
        raise InputError(f"{folder}: nothing is kept there yet")
    ours = (each for name in OURS for each in ((folder / name).rglob("*") if name == PROFILE else [folder / name]))
    files = sorted(each for each in ours if each.is_file() and each.name != LOCK)
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for each in files:
            archive.add(each, each.relative_to(folder).as_posix(), filter=_nobody)
    write_bytes(path, data.getvalue(), force=force, private=True)
    return len(files)


def import_(folder: Path, path: str | Path) -> int:
    """[control] Unpack an export into the folder, which must not hold anything yet; how many files there were.

    The archive may come from anywhere: only regular files within the folder are taken. SettingsError names the fault.
    """
    if not Path(path).is_file():
        raise SettingsError(f"{path}: {'is no file' if Path(path).exists() else 'no such file'}")
    if any((folder / name).exists() for name in OURS):
        raise OutputError(f"{folder}: something is kept there already; export it and delete it first")
    try:
        with tarfile.open(path, "r:gz") as archive:
            members = _checked(archive, path)
            for member in members:
                _unpack(archive, member, folder)
    except (OSError, tarfile.TarError, EOFError):
        raise SettingsError(f"{path}: is no tar.gz that can be read") from None
    return len(members)


def delete_all(folder: Path) -> None:
    """[control] Delete everything of the listener, and the folder unless others keep something there too.

    OutputError when that cannot be.
    """
    try:
        for name in (*OURS, LOCK):
            path = folder / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise OutputError(f"{folder}: cannot be deleted: {error.strerror}") from None


_TOP = {(name,) for name in OURS}


def _nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _checked(archive: tarfile.TarFile, path: str | Path) -> list[tarfile.TarInfo]:
    """The files of an archive, none of them anything else or anywhere else."""
    members: list[tarfile.TarInfo] = []
    size = 0
    for member in archive:
        name = PurePosixPath(member.name)
        size += member.size
        foreign = name.is_absolute() or ".." in name.parts or "\\" in member.name or name.parts[:1] not in _TOP
        if not member.isfile() or foreign:
            raise SettingsError(f"{path}: holds '{member.name[:100]}', only files of a listener's folder are wanted")
        if size > MOST_BYTES or len(members) >= MOST_FILES:
            raise SettingsError(f"{path}: unpacks to more than {MOST_BYTES / 1e9:g} GB or {MOST_FILES} files")
        members.append(member)
    return members


def _unpack(archive: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    target = folder / member.name
    make_private(target.parent)
    source = archive.extractfile(member)
    assert source is not None
    with source, open(target, "xb", opener=owned) as file:
        shutil.copyfileobj(source, file)
