"""Audio files: read, resampled, quantised, written whole or not at all, with their tags."""

from livemaster.audio.formats import DEFAULT_BIT_DEPTH, FORMATS, OutputFormat, output_format
from livemaster.audio.info import AudioInfo, check_for_mastering
from livemaster.audio.reader import Reader, open_reader, read_info
from livemaster.audio.resample import blocks_at, resampled
from livemaster.audio.spool import spool_folder
from livemaster.audio.spooled import spooled
from livemaster.audio.tag_fields import Picture, Tags
from livemaster.audio.tags import read_tags, write_tags
from livemaster.audio.writer import Writer, open_writer

__all__ = [
    "DEFAULT_BIT_DEPTH",
    "FORMATS",
    "AudioInfo",
    "OutputFormat",
    "Picture",
    "Reader",
    "Tags",
    "Writer",
    "blocks_at",
    "check_for_mastering",
    "open_reader",
    "open_writer",
    "output_format",
    "read_info",
    "read_tags",
    "resampled",
    "shown",
    "spool_folder",
    "spooled",
    "write_tags",
]
