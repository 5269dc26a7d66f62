"""A comment cut into segments, each of which makes at most one statement about one or several things."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from livemaster.personal.lexemes import Lexeme
from livemaster.personal.words import ANY, Term

CLAUSE_ENDS = ("sentence", "comma", "but")
JOINTS = ("and", "or", "with")
SILENT = frozenset(("filler", "be", "should", "could", "whole", "in", "rather", "have", "hear", "want", "welcome"))
"""Kinds of lexemes that say nothing alone."""

_DEGREES = ("soft", "strong", "rather", "filler", "be")
_OPENERS = ("more", "less", "too", "not", "no", "without", "lack", "insufficient", "excess", "boost", "reduce", "want")
_OPENERS_OF_VERBS = ("move", "verb")
_QUANTITIES = (
    "more",
    "less",
    "excess",
    "insufficient",
    "lack",
    "no",
    "enough",
    "boost",
    "reduce",
    "want",
    "have",
    "hear",
)


@dataclass(slots=True)
class CommentSegment:
    """A run of lexemes, what joins it to the segment before, and the clauses it covers."""

    lexemes: list[Lexeme]
    link: str
    clauses: set[int] = field(default_factory=set)

    def kinds(self) -> list[str]:
        """The kinds of its lexemes, in order."""
        return [lexeme.kind for lexeme in self.lexemes]

    def has(self, *kinds: str) -> bool:
        """Whether it holds a lexeme of one of these kinds."""
        return any(lexeme.kind in kinds for lexeme in self.lexemes)

    def first(self) -> Lexeme | None:
        """Its first lexeme that says something, degrees left aside."""
        return next((lexeme for lexeme in self.lexemes if lexeme.kind not in _DEGREES), None)

    def is_topic(self) -> bool:
        """Whether it only names things: `bass`, `the highs`."""
        kinds = set(self.kinds()) - {"filler", "in", "have"}
        return kinds == {"noun"} and all(lexeme.term.value != "bad" for lexeme in self.lexemes if lexeme.term)


def segments(lexemes: list[Lexeme]) -> tuple[list[CommentSegment], list[list[Lexeme]]]:
    """The segments of a comment, and its clauses."""
    clauses: list[list[Lexeme]] = [[]]
    found: list[CommentSegment] = []
    link, run = "sentence", list[Lexeme]()

    def close(next_link: str) -> None:
        nonlocal link, run
        if run:
            found.extend(_split(run, link, len(clauses) - 1))
            link, run = next_link, []
        elif next_link in ("sentence", "but") or not found:
            link = next_link

    for lexeme in lexemes:
        if lexeme.kind in CLAUSE_ENDS:
            close(lexeme.kind)
            if clauses[-1]:
                clauses.append([])
        elif lexeme.kind in JOINTS:
            close(lexeme.kind)
        else:
            run.append(lexeme)
            clauses[-1].append(lexeme)
    close("sentence")
    return _joined(found), clauses


def _split(run: list[Lexeme], link: str, clause: int) -> list[CommentSegment]:
    """Statements that follow each other without a sign between them: `more bass less treble`."""
    found, current = [], list[Lexeme]()
    run = quantified(run)
    for at, lexeme in enumerate(run):
        if current and _starts_anew(current, lexeme, run[at:]):
            found.append(CommentSegment(current, link, {clause}))
            current, link = [], "run"
        current.append(lexeme)
    return [*found, CommentSegment(current, link, {clause})]


def _starts_anew(before: list[Lexeme], lexeme: Lexeme, rest: list[Lexeme]) -> bool:
    kinds = [known.kind for known in before]
    predicate = next(
        (at for at, kind in enumerate(kinds) if kind in (*_QUANTITIES, "adjective", "verb", "down", "up")), None
    )
    if predicate is None:
        return False
    subject = "noun" in kinds[:predicate]
    said = (
        "adjective" in kinds
        or "verb" in kinds
        or "noun" in kinds[predicate:]
        or (subject and kinds[-1] in ("up", "down"))
    )
    if lexeme.kind in (*_OPENERS, *_OPENERS_OF_VERBS):
        trailing = lexeme.kind in ("more", "less", "too") and not any(
            known.kind in ("noun", "adjective") for known in rest
        )
        helped = kinds[-1] in ("want", "should", "could", "in", "be", "not") or (
            kinds[-1] == "filler" and before[-1].words == "to"
        )
        return said and not trailing and not helped and kinds[-1] not in ("too",)
    if lexeme.kind == "noun" and subject and said and kinds[-1] not in ("in", "noun"):
        if kinds[-1] in ("up", "down"):
            return True
        if "adjective" not in kinds[predicate:]:
            return False
        if kinds[-1] == "filler":
            return "in" not in kinds[predicate:]
        return kinds[-1] not in ("more", "less", "want")
    return False


def quantified(run: list[Lexeme]) -> list[Lexeme]:
    """`too much` and `too little` made one lexeme; `much`, `little` and `too` by what follows them."""
    found: list[Lexeme] = []
    at = 0
    while at < len(run):
        lexeme, after = run[at], [known.kind for known in run[at + 1 :] if known.kind not in ("filler", "rather", "in")]
        following = after[0] if after else ""
        negated = any(known.kind in ("not", "no", "without") for known in found)
        if lexeme.kind == "too" and at + 1 < len(run) and run[at + 1].kind in ("much", "little"):
            kind = "excess" if run[at + 1].kind == "much" else "insufficient"
            if kind == "excess" and len(after) > 1 and after[1] == "adjective":
                kind = "too"
            lexeme = replace(lexeme, kind=kind, end=run[at + 1].end)
            at += 1
        elif lexeme.kind == "too" and following not in ("adjective", "strong", "soft", "too", "praise"):
            lexeme = replace(lexeme, kind="excess" if following == "noun" else "filler")
        elif lexeme.kind == "much":
            amount = "have" if negated and following == "noun" else "amount"
            lexeme = replace(lexeme, kind=amount if following in ("noun", "") else "strong")
        elif lexeme.kind == "little":
            lexeme = replace(lexeme, kind="insufficient" if following == "noun" else "soft")
        found.append(lexeme)
        at += 1
    return found


def _joined(found: list[CommentSegment]) -> list[CommentSegment]:
    """Segments that only name things, made part of the statement before (`more bass, treble`) or after them."""
    joined: list[CommentSegment] = []
    pending: CommentSegment | None = None
    for segment in found:
        if pending is not None:
            if segment.link in ("sentence", "but") and segment.has("noun"):
                joined.append(pending)
            else:
                segment = CommentSegment(
                    pending.lexemes + segment.lexemes, pending.link, pending.clauses | segment.clauses
                )
            pending = None
        if not segment.is_topic():
            joined.append(segment)
        elif joined and segment.link in ("comma", "and", "or") and _ends_in_object(joined[-1]):
            joined[-1].lexemes.extend(segment.lexemes)
            joined[-1].clauses |= segment.clauses
        else:
            pending = segment
    return joined if pending is None else [*joined, pending]


def _ends_in_object(segment: CommentSegment) -> bool:
    kinds = [kind for kind in segment.kinds() if kind != "filler"]
    wants = any(kind in (*_QUANTITIES, "verb") or kind == "adjective" for kind in kinds[:-1])
    return bool(kinds) and kinds[-1] == "noun" and wants


def nouns(lexemes: list[Lexeme]) -> list[Term]:
    """What the nouns name; of `bass punch` the punch, of `bass level` and `level of the bass` the bass."""
    found = [
        (at, lexeme.term) for at, lexeme in enumerate(lexemes) if lexeme.kind == "noun" and lexeme.term is not None
    ]
    kept: list[Term] = []
    for order, (at, term) in enumerate(found):
        if order + 1 < len(found) and _owns(lexemes, at, *found[order + 1]):
            continue
        place = order > 0 and any(known.kind == "in" for known in lexemes[max(at - 2, 0) : at])
        if place and kept and not _vague(kept[-1]):
            if term.parameter in kept[-1].also:
                kept[-1] = term
            continue
        kept.append(term)
    named = [term for term in kept if not _vague(term)]
    return named if named and any(_vague(term) for term in kept) else kept


def _vague(term: Term) -> bool:
    return term.also == ANY


def _owns(lexemes: list[Lexeme], at: int, following: int, term: Term) -> bool:
    """Whether the noun at `at` only says whose the quality right behind it is, no comma or «and» between them."""
    beside = following == at + 1 and lexemes[following].start - lexemes[at].end <= 1
    return beside and not _vague(term) and not term.instrument and term.value != "neutral"
