"""A reader that goes to any frame at once: what cannot is copied to a temporary file first."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from livemaster.audio.chunks import PcmLayout
from livemaster.audio.pcm import PcmSource
from livemaster.audio.reader import CHUNK_FRAMES, Reader
from livemaster.audio.resample import ResampledSource
from livemaster.audio.spool import new_spool, no_room, remove


def spooled(reader: Reader, stack: ExitStack) -> Reader:
    """[control] The same audio, to be read from any frame on; `stack` closes what is opened for it.

    Only resampled audio is copied, all of it, as float32. OutputError when there is no room.
    """
    if not isinstance(reader.source, ResampledSource):
        return reader
    path = new_spool()
    stack.callback(remove, path)
    try:
        with path.open("wb") as spool:
            for block in reader.chunks(CHUNK_FRAMES):
                spool.write(block.T.tobytes())
    except OSError as error:
        raise no_room(error) from error
    file = path.open("rb")
    stack.callback(file.close)
    remove(path)  # the name; what is open stays, and goes with the process, however that ends
    layout = PcmLayout(reader.rate_hz, reader.channels, reader.frames, 0, "<f4")
    return Reader(replace(reader.info), PcmSource(file, layout, reader.info.name), reader.path, lambda: None)
