"""Base of every model that is read from JSON: strict, frozen, and with one-line messages.

Messages have the form «file: sections[2].eq.low is 40, allowed are -12 to 12 dB».
"""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, PrivateAttr, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from livemaster.documents.jsonfile import read_json, shown_value
from livemaster.documents.presets import preset_name, preset_path, preset_place
from livemaster.errors import SettingsError

MAX_NAME = 100
MAX_TEXT = 500


def _printable(limit: int) -> AfterValidator:
    """Text that is safe to show: not empty, no control characters, at most `limit` characters."""

    def check(text: str) -> str:
        if not 0 < len(text) <= limit or not text.isprintable():
            context = {"value": shown_value(text), "limit": limit}
            raise PydanticCustomError("text", "is {value}, allowed are 1 to {limit} printable characters", context)
        return text

    return AfterValidator(check)


Name = Annotated[str, _printable(MAX_NAME)]
"""A section's, emotion's or preset's name."""

Text = Annotated[str, _printable(MAX_TEXT)]
"""One sentence or so of free text."""


class Strict(BaseModel):
    """Frozen data of exact types; a key that is not declared is an error which names the nearest one."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        names = {field.alias or name for name, field in cls.model_fields.items()}
        unknown = [key for key in data if key not in names and key not in cls.model_fields]
        if unknown:
            raise PydanticCustomError("unknown_key", "{problem}", {"problem": _unknown(unknown, names)})
        return data


class Document(Strict):
    """A model that is a whole file; it remembers the file's name for later messages (which equality
    ignores).
    """

    KIND: ClassVar[str] = "document"

    _origin: str = PrivateAttr("")

    @property
    def origin(self) -> str:
        """The file this was read from, or what kind of thing it is."""
        return self._origin or self.KIND

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """[control] Read and check the JSON file `path`; SettingsError names the file, the place and the
        range.
        """
        return cls.parse(read_json(path), str(path))

    @classmethod
    def parse(cls, data: Any, origin: str = "") -> Self:
        """[control] Check data as `json.loads` gives it; SettingsError begins with `origin`."""
        try:
            document = cls.model_validate(data)
        except ValidationError as error:
            raise SettingsError(f"{origin or cls.KIND}: {describe(error)}") from None
        document._origin = origin
        return document

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    __hash__ = None  # type: ignore[assignment]


D = TypeVar("D", bound=Document)


def load_preset(cls: type[D], kind: str, name: str) -> D:
    """[control] A preset, by its name in any spelling or its file, called as a plan calls it.

    UnknownNameError names the nearest one, SettingsError says what is wrong with its file.
    """
    preset: D = _loaded(cls, kind, name, preset_place(name))
    return preset


@cache
def _loaded(cls: type[Document], kind: str, name: str, _place: Path) -> Any:
    return cls.load(preset_path(kind, name)).model_copy(update={"name": preset_name(kind, name)})


def describe(error: ValidationError) -> str:
    """The first fault of a ValidationError on one line, and how many more there are."""
    faults = error.errors(include_url=False)
    # A list whose entries are faulty also counts as too short; that is not the user's fault.
    faults = [fault for fault in faults if fault["type"] != "too_short"] or faults
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return _sentence(faults[0]) + more


def _sentence(fault: ErrorDetails) -> str:
    path, kind, value = _path(fault["loc"]), fault["type"], shown_value(fault["input"])
    context = fault.get("ctx", {})
    if kind in ("range", "text", "preset"):
        return f"{path} {fault['msg']}"
    if kind in ("unknown_key", "order"):
        return f"{path}: {fault['msg']}" if path else fault["msg"]
    if kind == "missing":
        return f"{path} is missing"
    if kind == "literal_error":
        return f"{path} is {value}, allowed are {context['expected']}"
    if kind in ("too_long", "too_short"):
        limit = context.get("max_length", context.get("min_length"))
        bound = "at most" if kind == "too_long" else "at least"
        return f"{path} has {context['actual_length']} entries, allowed are {bound} {limit}"
    wanted = _WANTED.get(kind)
    subject = path or "the file"
    return f"{subject} is {value}, {wanted} is wanted" if wanted else f"{subject}: {fault['msg']}"


_WANTED = {
    "float_type": "a number",
    "finite_number": "a finite number",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "string_type": "text",
    "string_unicode": "valid text",
    "tuple_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def _path(location: tuple[int | str, ...]) -> str:
    """`("sections", 2, "eq", "low")` as `sections[2].eq.low`, safe to print."""
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += ("." if text else "") + (part if part.isidentifier() else shown_value(part))
    return text


def _unknown(keys: list[Any], names: set[str]) -> str:
    parts = []
    for key in keys[:3]:
        near = difflib.get_close_matches(str(key).lower(), sorted(names), n=1, cutoff=0.6)
        parts.append(f"unknown key {shown_value(key)}" + (f", did you mean '{near[0]}'?" if near else ""))
    if len(keys) > 3:
        parts.append(f"{len(keys) - 3} more")
    known = "" if any("mean" in part for part in parts) else f"; known are {', '.join(sorted(names))}"
    return "; ".join(parts) + known
