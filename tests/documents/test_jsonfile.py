"""Untrusted JSON: every limit has its one-line message, and nothing is slow or fatal."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livemaster.documents import jsonfile, parse_json, read_json, write_bytes, write_json
from livemaster.errors import OutputError, SettingsError


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def fault(data: bytes) -> str:
    with pytest.raises(SettingsError) as caught:
        parse_json(data, "map.json")
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "map.json: the file is empty, JSON is wanted"),
        (b" \n", "map.json: the file is empty, JSON is wanted"),
        (b"\xff\xfe{}", "map.json: not UTF-8 text (byte 0)"),
        (b'{"a" 1}', "map.json: line 1, column 6: Expecting ':' delimiter"),
        (b'{"a": 1,\n "b": }', "map.json: line 2, column 7: Expecting value"),
        (b'{"a": 1,\n "b": NaN}', "map.json: line 2, column 7: NaN is not a number that JSON allows"),
        (b"[-Infinity]", "map.json: line 1, column 2: -Infinity is not a number that JSON allows"),
        (b"[1e999]", 'map.json: the number "1e999" is too large'),
        (b"[" + b"1" * 5000 + b"]", "map.json: an integer of 5000 digits, allowed are up to 18"),
        (b'[{"a": 1, "b": 2, "a": 3}]', 'map.json: the key "a" stands twice in one object'),
        (b"[" * 33, "map.json: line 1, column 33: nested deeper than the 32 levels allowed"),
        (b"RIFF\x24\x00\x00\x00WAVE", "map.json: line 1, column 1: Expecting value"),
    ],
)
def test_each_fault_has_its_one_line_message(data: bytes, message: str) -> None:
    assert fault(data) == message


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 100_000,
        b'"' + b'\\"' * 900_000,
        b'"a' * 600_000,
        b"[]," * 600_000,
        b"9" * 1_900_000,
        b"[" + b"NaN," * 400_000,
    ],
)
def test_hostile_text_is_refused_quickly(data: bytes) -> None:
    began = time.perf_counter()
    message = fault(data)
    assert "\n" not in message
    assert time.perf_counter() - began < 2.0


def test_100_mb_are_refused_by_their_size_without_reading(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    with pytest.raises(SettingsError) as caught:
        read_json(path)
    assert str(caught.value) == f"{path}: 100.0 MB of JSON, allowed are up to 2 MB"


def test_an_endless_file_is_read_only_up_to_the_limit() -> None:
    with pytest.raises(SettingsError, match=r"/dev/zero: 2\.0 MB of JSON, allowed are up to 2 MB"):
        read_json("/dev/zero")


def test_unreadable_files_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "missing.json"
    with pytest.raises(SettingsError) as caught:
        read_json(missing)
    assert str(caught.value) == f"{missing}: cannot be read: No such file or directory"
    with pytest.raises(SettingsError) as caught:
        read_json(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read: Is a directory"
    with pytest.raises(SettingsError, match="is not a file name"):
        read_json("a\0b")


def test_32_levels_and_brackets_in_strings_are_allowed() -> None:
    assert parse_json(b"[" * 32 + b"]" * 32, "x") == json.loads("[" * 32 + "]" * 32)
    brackets = '"' + "[" * 100 + 'NaN \\" {' + '"'
    assert parse_json(brackets.encode(), "x") == json.loads(brackets)


def test_a_byte_order_mark_is_allowed() -> None:
    assert parse_json(b'\xef\xbb\xbf{"a": 1}', "x") == {"a": 1}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(values)
def test_harmless_json_reads_as_the_standard_parser_reads_it(value: object) -> None:
    assert parse_json(json.dumps(value).encode(), "x") == value


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_a_settings_error(data: bytes) -> None:
    try:
        parse_json(data, "x")
    except SettingsError as error:
        assert "\n" not in str(error)  # noqa: PT017


PIECES = st.sampled_from(
    ['"', "\\", "[" * 30, "[", "]", "]" * 31, "{", "}", "NaN", "-Infinity", "N", "a", ",", "1", "\n"]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_the_quick_look_refuses_what_the_search_for_the_place_refuses(text: str) -> None:
    def refused() -> str:
        try:
            jsonfile._check_tokens(text, "map.json")
        except SettingsError as error:
            return str(error)
        return ""

    quick = refused()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonfile, "_is_harmless", lambda text: False)
        assert quick == refused()


def test_writing_refuses_what_exists_unless_forced(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_json(path, {"a": "é"})
    with pytest.raises(OutputError) as caught:
        write_json(path, {"a": 2})
    assert str(caught.value) == f"{path}: exists already"
    assert read_json(path) == {"a": "é"}
    write_json(path, {"a": 2}, force=True)
    assert read_json(path) == {"a": 2}
    assert names(tmp_path) == ["plan.json"]


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    path = tmp_path / "plan.json"
    with pytest.raises(OutputError) as caught:
        write_bytes(path, b"x" * 1000)
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert names(tmp_path) == []


def test_a_file_made_meanwhile_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "plan.json"
    monkeypatch.setattr(os, "fsync", lambda _descriptor: path.write_text("theirs"))
    with pytest.raises(OutputError, match="exists already"):
        write_bytes(path, b"ours")
    assert path.read_text() == "theirs"
    assert names(tmp_path) == ["plan.json"]


def test_unwritable_places_are_named(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder, a file name is wanted"):
        write_bytes(tmp_path, b"")
    with pytest.raises(OutputError, match="there is no folder"):
        write_bytes(tmp_path / "none" / "plan.json", b"")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="there is no folder"):
        write_bytes(tmp_path / "file" / "plan.json", b"")
    with pytest.raises(OutputError, match="is not a file name"):
        write_bytes(tmp_path / "a\0b", b"")


def test_written_files_have_the_users_usual_permissions(tmp_path: Path) -> None:
    write_bytes(tmp_path / "ours", b"")
    (tmp_path / "usual").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode
