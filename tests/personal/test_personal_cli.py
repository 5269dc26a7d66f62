"""Rating, analysing and preferences from the command line, on a song that was mastered before."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import numpy as np
import pieces
import pytest
import soundfile as sf

from livemaster.cli.main import run
from livemaster.errors import InputError
from livemaster.personal.listener import PersonalPreferences
from livemaster.personal.preferences import Preferences
from livemaster.personal.ratings import Ratings
from livemaster.personal.validation import Validation
from livemaster.personal.versions import Versions


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder, with a song."""
    pieces.write(tmp_path / "song.wav", pieces.piece(6.0))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(capsys, *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == status, capsys.readouterr().err
    out, err = capsys.readouterr()
    return out if status == 0 else err


def rendered(name: str, *options: str) -> dict:
    assert run(["render", "song.wav", "-o", name, "--bit-depth", "32", "--force", *options]) == 0
    return json.loads(Path(f"{name}.settings.json").read_text())


def test_a_rating_knows_what_was_mastered_here(folder, nobody_at_home, capsys, monkeypatch):
    rendered("out.wav")
    monkeypatch.setattr("livemaster.personal.rate.hear", lambda *_: pytest.fail("it was heard again"))
    out = said(
        capsys, "rate", "out.wav", "--rating", "4", "--comment", "more bass, what is this bleep", "--width", "0.1"
    )
    assert "★★★★☆" in out
    assert "more bass" in out
    (rating,) = Ratings(nobody_at_home).load().ratings
    assert (rating.track, rating.rating, rating.asked.width) == ("out.wav", 4, 0.1)
    assert rating.fingerprint.crest_db is not None
    assert rating.parameters_applied.stereo_strategy.startswith("width ")
    data = json.loads(said(capsys, "rate", "out.wav", "--rating", "2", "--comment", "less bass", "--json"))
    assert data["wishes"] == {"bass": -1.0}
    assert len(json.loads(said(capsys, "feedback", "list", "--json"))) == 2
    assert len(json.loads(said(capsys, "feedback", "show", "out.wav"))) == 2


def test_a_file_from_elsewhere_is_heard_once(folder, nobody_at_home, capsys, monkeypatch):
    said(capsys, "rate", "song.wav", "--rating", "3")
    monkeypatch.setattr("livemaster.personal.rate.hear", lambda *_: pytest.fail("it was heard again"))
    said(capsys, "rate", "song.wav", "--rating", "5")
    assert [each.rating for each in Ratings(nobody_at_home).load().ratings] == [3, 5]


def test_ratings_become_preferences_and_preferences_plans(folder, nobody_at_home, capsys):
    before = rendered("before.wav")
    kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
    said(capsys, "rate", "before.wav", "--rating", "4")
    assert "need at least 5, have 1" in said(capsys, "feedback", "analyze")
    for comment in ("more bass", "more bass please", "needs more bass", "great"):
        said(capsys, "rate", "before.wav", "--rating", "4", "--comment", comment)
    found = json.loads(said(capsys, "feedback", "analyze", "--json"))[kind]
    assert found["samples"] == 5
    assert found["wishes"]["bass"] == 3.0
    (recommended,) = found["recommendations"]
    assert recommended["parameter"] == "bass"
    assert 0.3 <= recommended["change"] <= 0.5
    assert Versions(nobody_at_home / "profile").current().version == 0  # ratings alone change nothing
    assert "version 1: saved" in said(capsys, "profile", "apply-patterns")
    after = rendered("after.wav")
    moved = after["global"]["tone"]["low"] - before["global"]["tone"]["low"]
    assert moved == pytest.approx(recommended["change"], abs=1e-6)
    why = after["why"]["global.tone.low"][-1]
    assert why["source"] == "personal"
    assert rendered("without.wav", "--no-personal")["global"] == before["global"]
    assert "nothing to change" in said(capsys, "profile", "apply-patterns")


def band_db(name: str, low_hz: float, high_hz: float) -> float:
    audio, rate_hz = sf.read(name)
    power = (np.abs(np.fft.rfft(audio, axis=0)) ** 2).sum(axis=1)
    hz = np.fft.rfftfreq(len(audio), 1.0 / rate_hz)
    return float(10.0 * np.log10(power[(hz >= low_hz) & (hz < high_hz)].sum()))


def test_a_preference_is_heard_in_the_output(folder, nobody_at_home, capsys):
    """The published example, +0.3 dB, and a larger one, against the same render without."""
    for bass in ("2.1", "3.3"):
        kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
        base = 1.8 if kind == "unknown" else 1.5
        said(capsys, "profile", "set", kind, "--bass", bass, "--reason", "thin")
        with_, without = rendered("with.wav"), rendered("without.wav", "--no-personal")
        asked = float(bass) - base
        moved = with_["global"]["tone"]["low"] - without["global"]["tone"]["low"]
        assert moved == pytest.approx(asked, abs=1e-6)
        bass_db, rest_db = (
            band_db("with.wav", *hz) - band_db("without.wav", *hz) for hz in ((30.0, 80.0), (2000.0, 8000.0))
        )
        assert bass_db - rest_db == pytest.approx(asked, abs=0.15 + 0.2 * asked)


def test_versions_from_the_command_line(folder, nobody_at_home, capsys):
    assert "nothing is changed yet" in said(capsys, "profile", "show")
    said(capsys, "profile", "set", "studio", "--bass", "1.8", "--reason", "thin on my speakers")
    assert "base +1.5 + personal +0.3 = +1.8 dB (thin on my speakers)" in said(capsys, "profile", "show")
    said(capsys, "profile", "set", "--gear", "dark_speakers")
    assert said(capsys, "profile", "diff", "1", "2") == "gear_profile: neutral -> dark_speakers\n"
    said(capsys, "profile", "rollback", "1")
    rows = json.loads(said(capsys, "profile", "history", "--json"))
    assert [row["version"] for row in rows] == [1, 2, 3]
    said(capsys, "profile", "export", "-o", "mine.json")
    said(capsys, "profile", "rollback", "0")
    said(capsys, "profile", "import", "mine.json")
    assert Versions(nobody_at_home / "profile").current().profile_adjustments == {"studio_bass": 0.3}


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("rate", "song.wav", "--rating", "6"), "--rating is '6', allowed are 1, 2, 3, 4 and 5"),
        (("rate", "none.wav", "--rating", "4"), "none.wav: no such file"),
        (("rate", "song.wav", "--rating", "4", "--comment", "x" * 2001), "the comment has 2001 characters"),
        (("rate", "song.wav", "--rating", "4", "--bass", "90"), "--bass is 90, allowed are -12 to 12 dB"),
        (("feedback", "show", "song.wav"), "no rating of 'song.wav'"),
        (("feedback", "import", "none.jsonl"), "none.jsonl: no such file"),
        (("feedback", "delete"), "say which ratings to forget"),
        (("feedback", "delete", "--older-than", "old"), "--older-than is 'old'"),
        (("feedback", "analyze", "--type", "stdio"), "did you mean 'studio'"),
        (("profile", "set", "--bass", "1"), "say for which kind of recording"),
        (
            ("profile", "set", "studio", "--bass", "9"),
            "--bass is 9, allowed for studio are -1.5 to +4.5 (base model +1.5)",
        ),
        (("profile", "set", "--gear", "dark_speaker"), "did you mean 'dark_speakers'"),
        (("profile", "set"), "nothing to set"),
        (("profile", "rollback", "7"), "there is no version 7"),
        (("profile", "import", "none.json"), "none.json: cannot be read"),
    ],
)
def test_bad_input(folder, nobody_at_home, capsys, arguments, problem):
    error = said(capsys, *arguments, status=2)
    assert problem in error
    assert len(error.splitlines()) == 1
    assert not (nobody_at_home / "profile" / "personal_1.json").exists()


def test_forgetting(folder, nobody_at_home, capsys):
    for name in ("a.wav", "b.wav"):
        Path(name).write_bytes(Path("song.wav").read_bytes())
        said(capsys, "rate", name, "--rating", "3")
    assert said(capsys, "feedback", "delete", "--older-than", "1-days") == "0 ratings forgotten\n"
    assert said(capsys, "feedback", "delete", "--track", "./a.wav").endswith("  a.wav\n1 ratings forgotten\n")
    assert [each.track for each in Ratings(nobody_at_home).load().ratings] == ["b.wav"]
    said(capsys, "rate", "a.wav", "--rating", "5")
    assert "★★★★★" in said(capsys, "feedback", "delete", "--latest", "1")
    assert [each.rating for each in Ratings(nobody_at_home).load().ratings] == [3]
    said(capsys, "feedback", "delete", "--latest", "9")
    assert "no ratings yet" in said(capsys, "feedback", "list")


def test_figures_count_as_wishes_do_and_go_before_the_comment(folder, capsys, nobody_at_home):
    for _ in range(5):
        out = said(capsys, "rate", "song.wav", "--rating", "3", "--comment", "more bass", "--bass=-2", "--treble=-1.5")
    assert "bass -2, which counts, not the comment, treble -1.5" in out
    (found,) = json.loads(said(capsys, "feedback", "analyze", "--json")).values()
    assert (found["wishes"]["bass"], found["wishes"]["treble"]) == (-5.0, -5.0)
    assert all("wanted 0, unwanted 5" in each["evidence"] for each in found["recommendations"])
    assert "«more bass» bass -2 treble -1.5" in said(capsys, "feedback", "list")
    assert json.loads(said(capsys, "rate", "song.wav", "--rating", "3", "--mid", "1", "--json"))["wishes"] == {
        "mid": 1.0
    }


@pytest.mark.parametrize(
    ("comment", "answer"),
    [
        ("more bass, less bass", "bass as it is, more and less of it cancel out"),
        ("the bass is perfect", "fine as it is: the bass is perfect"),
        ("a bit harsh, way more bass", "much more bass, a bit less treble"),
        ("🔥🔥🔥", "not understood, but kept: 🔥🔥🔥"),
    ],
)
def test_a_comment_is_answered_whatever_it_says(folder, capsys, nobody_at_home, comment, answer):
    capsys.readouterr()
    assert run(["rate", "song.wav", "--rating", "3", "--comment", comment]) == 0
    assert answer in "".join(capsys.readouterr())


def test_a_comment_cannot_steer_the_terminal(folder, capsys, nobody_at_home):
    capsys.readouterr()
    assert run(["rate", "song.wav", "--rating", "3", "--comment", "more bass \x1b[31m\x07 x\x1b]0;t"]) == 0
    assert run(["rate", "song.wav", "--rating", "3", "--comment", "the bass \x1b[31m is perfect"]) == 0
    assert run(["feedback", "list"]) == 0
    assert run(["profile", "set", "studio", "--bass", "1", "--reason", "a\x1bb"]) == 2
    assert run(["profile", "set", "--gear", "car", "--reason", "a\x1bb"]) == 0
    assert run(["profile", "history"]) == 0
    assert run(["profile", "show"]) == 0
    shown = "".join(capsys.readouterr())
    assert shown.replace("\n", "").isprintable()


def test_what_feedback_shows_can_be_imported(folder, capsys, nobody_at_home):
    said(capsys, "rate", "song.wav", "--rating", "3")
    Path("shown.json").write_text(said(capsys, "feedback", "show", "song.wav"))
    assert said(capsys, "feedback", "import", "shown.json") == "0 ratings added, 1 were there already\n"
    Path("bad.jsonl").write_text("[1]")
    assert "bad.jsonl: rating 1" in said(capsys, "feedback", "import", "bad.jsonl", status=2)
    Path("bad.jsonl").write_text("{")
    assert "bad.jsonl: line 1 is no rating" in said(capsys, "feedback", "import", "bad.jsonl", status=2)


def test_analyzing_one_kind_says_nothing_of_others(folder, capsys, nobody_at_home):
    said(capsys, "rate", "song.wav", "--rating", "3", "--comment", "more bass")
    capsys.readouterr()
    assert run(["feedback", "analyze", "--type", "metal"]) == 0
    assert capsys.readouterr() == ("no ratings of metal yet\n", "")


def test_kept_trims_stop_at_the_limit_and_say_what_they_replace(folder, capsys, nobody_at_home):
    kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
    for bass, answer in (("2", "bass +2 (was +0)"), ("6", "bass +3 (was +2, the most)")):
        capsys.readouterr()
        assert run(["render", "song.wav", "-o", "out.wav", "--force", "--bass", bass, "--keep"]) == 0
        assert f"note: kept for {kind} recordings, in version" in (note := capsys.readouterr().err)
        assert answer in note
    error = said(capsys, "render", "song.wav", "-o", "no.wav", "--bass", "1", "--keep", "--no-detect", status=2)
    assert "--keep keeps trims for a kind of recording" in error
    assert not Path("no.wav").exists()


def test_a_damaged_version_is_read_from_the_history(folder, capsys, nobody_at_home):
    said(capsys, "profile", "set", "studio", "--bass", "1.8")
    said(capsys, "profile", "set", "studio", "--bass", "2")
    for path in (nobody_at_home / "profile").glob("*.json"):
        path.write_text("garbage")
    capsys.readouterr()
    assert run(["profile", "show"]) == 0
    shown, note = capsys.readouterr()
    assert "studio bass: base +1.5 + personal +0.5" in shown
    assert "personal_2.json" in note
    assert "what the history has of it is used" in note
    said(capsys, "profile", "set", "studio", "--treble", "1")
    capsys.readouterr()
    assert run(["profile", "history"]) == 0
    shown, note = capsys.readouterr()
    assert (len(shown.splitlines()), note) == (3, "")
    assert Preferences.load(nobody_at_home / "profile" / "personal_1.json").profile_adjustments == {"studio_bass": 0.3}


def test_a_damaged_history_is_said_and_what_can_be_read_counts(folder, capsys, nobody_at_home):
    said(capsys, "profile", "set", "studio", "--bass", "1.8")
    said(capsys, "profile", "set", "studio", "--bass", "2")
    (nobody_at_home / "profile" / "personal_2.json").write_text("garbage")
    for path in (nobody_at_home / "profile" / ".git" / "objects").rglob("??????*"):
        if path.is_file():
            path.chmod(0o600)
            path.write_bytes(b"garbage")
    capsys.readouterr()
    assert run(["profile", "show"]) == 0
    shown, notes = capsys.readouterr()
    assert "studio bass: base +1.5 + personal +0.3" in shown
    assert "the history cannot be read" in notes
    assert "it is passed over" in notes


def test_import_twice_adds_once(folder, nobody_at_home, capsys):
    said(capsys, "rate", "song.wav", "--rating", "3", "--comment", "more bass")
    Path("mine.jsonl").write_bytes((nobody_at_home / "ratings.jsonl").read_bytes())
    (nobody_at_home / "ratings.jsonl").unlink()
    assert said(capsys, "feedback", "import", "mine.jsonl") == "1 ratings added, 0 were there already\n"
    assert said(capsys, "feedback", "import", "mine.jsonl") == "0 ratings added, 1 were there already\n"
    assert "1 ratings, 3.0 on average" in said(capsys, "feedback", "analyze", "--monthly-summary")


def test_trims_that_are_kept_become_preferences(folder, nobody_at_home, capsys):
    kept = rendered("kept.wav", "--bass", "1", "--width", "0.1", "--keep")
    again, plain = rendered("again.wav"), rendered("plain.wav", "--no-personal")
    assert again["global"]["tone"]["low"] - plain["global"]["tone"]["low"] == pytest.approx(1.0, abs=1e-6)
    assert again["global"]["stereo_width"] - plain["global"]["stereo_width"] == pytest.approx(0.1, abs=1e-6)
    assert kept["global"]["trims"]["bass"] == 1.0
    rendered("more.wav", "--bass", "0.5", "--keep")
    (history,) = [row for row in Versions(nobody_at_home / "profile").history() if row[0] == 2]
    assert history[2].startswith("kept from song.wav")
    assert sum(Versions(nobody_at_home / "profile").current().profile_adjustments.values()) == pytest.approx(1.6)
    assert "none is given" in said(capsys, "render", "song.wav", "-o", "x.wav", "--keep", status=2)


def test_sharing_is_off_until_it_is_allowed(folder, nobody_at_home, capsys):
    for number in range(4):
        Path(f"song {number}.wav").write_bytes(Path("song.wav").read_bytes())
        said(capsys, "rate", f"song {number}.wav", "--rating", "5", "--bass", "1", "--comment", f"secret {number}")
    assert "sharing is off" in said(capsys, "share", "export", "--anonymized", "-o", "mine.json", status=2)
    assert "give --anonymized" in said(capsys, "share", "export", "-o", "mine.json", status=2)
    viewed = said(capsys, "share", "view")
    said(capsys, "share", "enable")
    said(capsys, "share", "export", "--anonymized", "-o", "mine.json")
    assert Path("mine.json").read_text() == viewed
    assert "song" not in viewed
    assert "secret" not in viewed
    assert len(json.loads(viewed)["feedback"]) == 4
    said(capsys, "share", "disable")
    assert "sharing is off" in said(capsys, "share", "export", "--anonymized", "-o", "more.json", status=2)
    assert "too small" in said(capsys, "community", "aggregate", "mine.json", "-o", "insights.json")
    assert "0 changes" in said(
        capsys, "base-model", "build", "--from", "insights.json", "--version", "2.0", "-o", "v2.0"
    )
    assert Path("v2.0/CHANGES.md").exists()


def kept(folder: Path) -> dict[Path, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".lock"]
    return {path.relative_to(folder): path.read_bytes() for path in files}


def test_all_that_is_kept_is_taken_along_and_deleted(folder, nobody_at_home, capsys):
    said(capsys, "rate", "song.wav", "--rating", "4")
    said(capsys, "profile", "set", "--gear", "car")
    before = {
        path.relative_to(nobody_at_home): path.read_bytes() for path in nobody_at_home.rglob("*") if path.is_file()
    }
    said(capsys, "personal", "export", "-o", "me.tar.gz")
    assert "something is kept there already" in said(capsys, "personal", "import", "me.tar.gz", status=2)
    said(capsys, "personal", "delete-all", "--yes")
    assert not nobody_at_home.exists()
    said(capsys, "personal", "import", "me.tar.gz")
    after = {
        path.relative_to(nobody_at_home): path.read_bytes() for path in nobody_at_home.rglob("*") if path.is_file()
    }
    assert {name: data for name, data in before.items() if name.name != ".lock"} == after
    assert all(path.stat().st_mode & 0o077 == 0 for path in nobody_at_home.rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["../outside", "/absolute", "link"])
def test_an_archive_that_reaches_outside_is_refused(folder, nobody_at_home, capsys, name):
    with tarfile.open("bad.tar.gz", "w:gz") as archive:
        member = tarfile.TarInfo(name)
        if name == "link":
            member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(member)
    assert "only files of a listener's folder are wanted" in said(capsys, "personal", "import", "bad.tar.gz", status=2)
    assert not nobody_at_home.exists()


def test_what_is_learned_is_applied_by_itself_where_that_was_asked_for(folder, nobody_at_home, capsys):
    rendered("out.wav")
    wanted = ("rate", "out.wav", "--rating", "4", "--comment", "more bass")
    assert said(capsys, "profile", "auto") == "automatic: off\n"
    for _ in range(5):
        said(capsys, *wanted)
    assert Versions(nobody_at_home / "profile").current().version == 0
    assert said(capsys, "profile", "auto", "on") == "automatic: on\n"  # and what there is already counts
    first = Versions(nobody_at_home / "profile").current()
    assert first.version == 1
    for _ in range(3):
        said(capsys, *wanted)
    assert Versions(nobody_at_home / "profile").current().version > 1
    said(capsys, "profile", "auto", "off")
    before = Versions(nobody_at_home / "profile").current().version
    for _ in range(3):
        said(capsys, *wanted)
    assert Versions(nobody_at_home / "profile").current().version == before
    assert "'maybe' is neither on nor off" in said(capsys, "profile", "auto", "maybe", status=2)


def test_what_fails_the_validation_is_not_applied_and_the_rating_is_kept(folder, nobody_at_home, capsys, monkeypatch):
    rendered("out.wav")
    said(capsys, "profile", "auto", "on")
    monkeypatch.setattr("livemaster.personal.apply.validate", lambda *_: Validation(("the ceiling does not hold",)))
    for _ in range(6):
        capsys.readouterr()
        assert run(["rate", "out.wav", "--rating", "4", "--comment", "more bass"]) == 0
    assert "nothing was changed, the validation found: the ceiling does not hold" in capsys.readouterr().err
    assert len(Ratings(nobody_at_home).load().ratings) == 6
    assert Versions(nobody_at_home / "profile").current().version == 0


def test_what_was_set_by_hand_stays_until_it_was_rated_often_enough(folder, nobody_at_home, capsys, monkeypatch):
    kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
    rendered("out.wav")
    moments = iter(f"2026-01-{day:02d}T10:00:00+00:00" for day in range(1, 29))
    for module in ("rate", "versions", "masters"):
        monkeypatch.setattr(f"livemaster.personal.{module}.now", lambda: next(moments))
    for _ in range(6):
        said(capsys, "rate", "out.wav", "--rating", "3", "--comment", "more bass")
    set_bass = 1.8 if kind == "unknown" else 1.5  # just what the base model has
    said(capsys, "profile", "set", kind, "--bass", str(set_bass), "--reason", "as it is")
    assert "bass: set by hand or rolled back, it stays until there are 5 ratings since, have 0" in said(
        capsys, "feedback", "analyze"
    )
    assert "nothing to change" in said(capsys, "profile", "apply-patterns")
    rendered("again.wav")
    for _ in range(5):
        said(capsys, "rate", "again.wav", "--rating", "3", "--comment", "more bass")
    assert "version 2: saved" in said(capsys, "profile", "apply-patterns")
    found = Versions(nobody_at_home / "profile").current()
    assert found.profile_adjustments[f"{kind}_bass"] > 0.1
    assert found.by_hand[f"{kind}_bass"] == Versions(nobody_at_home / "profile").get(1).made  # still: what came before
    assert "wanted 5, unwanted 0 in 5 ratings" in found.reasons[f"{kind}_bass"]


def test_trims_without_a_wish_are_no_preference_however_bad_the_rating(folder, nobody_at_home, capsys):
    rendered("loud.wav", "--bass", "3")
    for _ in range(6):
        said(capsys, "rate", "loud.wav", "--rating", "1")
    assert {each.trims.bass for each in Ratings(nobody_at_home).load().ratings} == {3.0}
    assert "nothing to change" in said(capsys, "profile", "apply-patterns")


@pytest.mark.parametrize("how", ["set", "rollback"])
def test_what_a_hand_did_is_not_undone_by_what_was_said_before(folder, nobody_at_home, capsys, how):
    kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
    rendered("out.wav")
    said(capsys, "profile", "auto", "on")
    for _ in range(6):
        said(capsys, "rate", "out.wav", "--rating", "4", "--comment", "more bass")
    versions = Versions(nobody_at_home / "profile")
    assert versions.current().profile_adjustments[f"{kind}_bass"] > 0.2
    said(capsys, *(("profile", "set", kind, "--bass", "3.8") if how == "set" else ("profile", "rollback", "0")))
    by_hand = versions.current()
    said(capsys, "rate", "out.wav", "--rating", "5")
    assert "nothing to change" in said(capsys, "profile", "apply-patterns")
    assert versions.current() == by_hand


def test_a_width_for_all_kinds_is_not_counted_twice(folder, nobody_at_home, capsys):
    listener = PersonalPreferences.load_or_create()
    listener.change(stereo_width_preference=0.1)
    listener.save("wider")
    rendered("out.wav")
    for _ in range(6):
        said(capsys, "rate", "out.wav", "--rating", "5")
    assert Ratings(nobody_at_home).load().ratings[-1].personal.width == 0.1
    assert "nothing to change" in said(capsys, "profile", "apply-patterns")


def test_what_was_saved_meanwhile_is_not_overwritten(folder, nobody_at_home, capsys, monkeypatch):
    """Another process sets something while this one validates."""
    versions = Versions(nobody_at_home / "profile")

    def meanwhile(*_: object) -> Validation:
        if not versions.history():
            versions.save(Preferences(profile_adjustments={"metal_treble": -0.5}), "other")
        return Validation(())

    monkeypatch.setattr("livemaster.personal.validation.validate", meanwhile)
    said(capsys, "profile", "set", "studio", "--bass", "1.8")
    assert versions.current().profile_adjustments == {"metal_treble": -0.5, "studio_bass": 0.3}
    listener = PersonalPreferences.load_or_create()
    versions.save(versions.current().changed(gear_profile="car"), "other")
    with pytest.raises(InputError, match="the preferences are in version 3 now"):
        listener.save("late")


def test_a_plan_from_a_file_has_no_layer_and_its_ratings_none(folder, nobody_at_home, capsys):
    said(capsys, "profile", "set", "unknown", "--bass", "3.8")
    rendered("first.wav", "--no-personal")
    rendered("again.wav", "--settings", "first.wav.settings.json")
    said(capsys, "rate", "again.wav", "--rating", "4")
    assert Ratings(nobody_at_home).load().ratings[-1].personal.bass == 0.0


def test_the_largest_trims_are_rated_too_and_count_as_far_as_they_are_heard(folder, nobody_at_home, capsys):
    said(capsys, "render", "song.wav", "-o", "wild.wav", "--bass", "12", "--treble", "-12", "--amount-eq", "0.5")
    said(capsys, "rate", "wild.wav", "--rating", "1")
    (rating,) = Ratings(nobody_at_home).load().ratings
    assert (rating.trims.bass, rating.trims.treble) == (6.0, -6.0)
    assert abs(rating.parameters_applied.bass_adjustment_db) > 6.0


def test_foreign_lines_do_not_keep_ratings_from_being_forgotten(folder, nobody_at_home, capsys):
    said(capsys, "rate", "song.wav", "--rating", "3")
    journal = nobody_at_home / "ratings.jsonl"
    foreign = b'{"track": "x", "of": "a later version"}\n{"torn": \n'
    journal.write_bytes(foreign + journal.read_bytes())
    assert said(capsys, "feedback", "delete", "--track", "song.wav").endswith("1 ratings forgotten\n")
    assert journal.read_bytes() == foreign


def test_what_others_keep_in_the_folder_is_left_alone(folder, nobody_at_home, capsys):
    said(capsys, "rate", "song.wav", "--rating", "3")
    said(capsys, "profile", "auto", "on")
    (nobody_at_home / "music").mkdir()
    (nobody_at_home / "music" / "mine.wav").write_bytes(b"mine")
    said(capsys, "personal", "export", "-o", "me.tar.gz")
    with tarfile.open("me.tar.gz") as archive:
        assert not any("mine" in name for name in archive.getnames())
    assert "but for what others keep there" in said(capsys, "personal", "delete-all", "--yes")
    assert [path.name for path in nobody_at_home.iterdir()] == ["music"]
    assert (nobody_at_home / "music" / "mine.wav").read_bytes() == b"mine"


def test_another_base_model_changes_the_plan(folder, nobody_at_home, capsys):
    kind = json.loads(said(capsys, "analyze", "song.wav", "--json"))["recording_type"]["type"]
    group = {"type": kind, "gear": "all", "hearing": "all", "parameter": "bass", "direction": "more"}
    share = {"share": 0.9, "interval": [0.8, 0.95], "people": 100}
    Path("insights.json").write_text(json.dumps({"groups": [group | share]}))
    said(capsys, "base-model", "build", "--from", "insights.json", "--version", "2.0", "-o", "mine")
    before, after = rendered("a.wav"), rendered("b.wav", "--base-model", "mine")
    same = rendered("c.wav", "--base-model", "1.0")
    assert before["global"] == same["global"]
    assert after["why"]["global.tone.low"] != before["why"]["global.tone.low"]
    said(capsys, "rate", "b.wav", "--rating", "4")
    assert Ratings(nobody_at_home).load().ratings[-1].base_model == "2.0"
    assert "base model" in said(capsys, "render", "song.wav", "-o", "x.wav", "--base-model", "9.9", status=2)


def test_changes_from_python_join_those_there_are_with_their_reason(folder, capsys, nobody_at_home):
    said(capsys, "profile", "set", "unknown", "--bass", "2", "--reason", "thin")
    listener = PersonalPreferences.load_or_create()
    listener.change(profile_adjustments={"studio_bass": 0.3})
    with pytest.raises(InputError, match="the reason is empty"):
        listener.save(" ")
    found = listener.save("warmer").profile_adjustments
    assert (found["studio_bass"], "unknown_bass" in found) == (0.3, True)
    assert listener.preferences.reasons == {"unknown_bass": "thin", "studio_bass": "warmer"}


def test_what_an_extract_leaves_out_is_said(folder, capsys, nobody_at_home):
    said(capsys, "rate", "song.wav", "--rating", "3")
    said(capsys, "share", "enable")
    capsys.readouterr()
    assert run(["share", "export", "--anonymized", "-o", "mine.json"]) == 0
    out, note = capsys.readouterr()
    assert out == "mine.json: 0 ratings, anonymous\n"
    assert "1 of 1 ratings are left out: those of kinds of recording with fewer than 3 tracks" in note


def test_files_that_are_no_exports_are_named_and_counted(folder, capsys, nobody_at_home):
    Path("exports").mkdir()
    assert "exports: cannot be read" in said(capsys, "community", "aggregate", "exports", "-o", "-", status=2)
    feedback = {"base_model": "1.0", "detected_type": "studio", "rating": 4}
    data = {"feedback": [feedback | {"adjustments_that_helped": {"bass": 1.0, "treble": 0.0}}]}
    Path("one.json").write_text(json.dumps(data | {"gear_profile": "car", "hearing_profile": "normal"}))
    capsys.readouterr()
    assert run(["community", "aggregate", "one.json", "none.json", "-o", "found.json"]) == 1
    assert "note: none.json: cannot be read: No such file" in capsys.readouterr().err
    assert Path("found.json").exists()


def test_a_folder_without_a_base_model_is_told_from_an_unknown_version(folder, capsys, nobody_at_home):
    Path("model").mkdir()
    assert "model: holds no base model" in said(capsys, "plan", "song.wav", "--base-model", "model", status=2)
    assert "unknown base model '7.0'" in said(capsys, "plan", "song.wav", "--base-model", "7.0", status=2)
