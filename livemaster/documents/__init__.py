"""Files of users and of ours: presets found, JSON read and checked, anything small written whole or not at all."""

from livemaster.documents.atomic import staged, write_bytes
from livemaster.documents.hidden import unwinding_on_signals
from livemaster.documents.jsonfile import parse_json, read_json, write_json
from livemaster.documents.paths import STANDARD_STREAM, checked_target
from livemaster.documents.presets import find_name, preset_name, preset_names, preset_path, presets_dir

__all__ = [
    "STANDARD_STREAM",
    "checked_target",
    "find_name",
    "parse_json",
    "preset_name",
    "preset_names",
    "preset_path",
    "presets_dir",
    "read_json",
    "staged",
    "unwinding_on_signals",
    "write_bytes",
    "write_json",
]
