"""What a segment of a comment says of its own, and what it takes over from the one before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from livemaster.personal.lexemes import Lexeme
from livemaster.personal.segments import CommentSegment, nouns
from livemaster.personal.words import GOOD, NEUTRAL, Term

NEGATIONS = ("not", "no", "without")
WANTS = ("want", "should", "welcome", "move")
DEGREE_KINDS = ("soft", "strong", "rather", "filler")


@dataclass(slots=True)
class Context:
    """What a segment says of its own, and what it takes over from the one before (`too bright and harsh`)."""

    said: list[Lexeme]  # up to "than"
    kinds: set[str]
    subject: list[Term]  # what is spoken of where the segment names nothing
    taken: frozenset[str] = frozenset()
    compared: bool = False


def with_context(found: list[CommentSegment]) -> Iterator[tuple[CommentSegment, Context]]:
    """Each segment with its context, in order."""
    before: Context | None = None
    for at, segment in enumerate(found):
        said = segment.lexemes
        cut = next((at for at, lexeme in enumerate(said) if lexeme.kind == "than"), len(said))
        compared, said = cut < len(said), said[:cut] or said[1:]  # "compared to the mix the bass is weak"
        context = Context(said, {lexeme.kind for lexeme in said}, [], compared=compared)
        if before is not None and segment.link not in ("sentence", "run"):
            context.taken = _taken(context, before, _joint(found, at))
            if not segment.has("whole"):
                context.subject = before.subject
        own = _subject(said)
        context.subject = own or context.subject
        yield segment, context
        context.kinds |= context.taken
        before = context


def _joint(found: list[CommentSegment], at: int) -> str:
    """The link of a segment; the commas of a list count as what joins its last part (`bright, boomy or harsh`)."""
    for segment in found[at:]:
        first = segment.first()
        if segment.link != "comma" or first is None or first.kind != "adjective":
            return segment.link if segment.link in ("and", "or", "comma") else found[at].link
    return found[at].link


def _taken(context: Context, before: Context, joint: str) -> frozenset[str]:
    """The kinds of markers that an adjective takes over from the segment before it."""
    first = next((lexeme for lexeme in context.said if lexeme.kind not in DEGREE_KINDS), None)
    if first is None or first.kind != "adjective" or first.term is None or joint not in ("and", "or", "comma"):
        return frozenset()
    earlier = [lexeme for lexeme in before.said if lexeme.kind == "adjective" and lexeme.term is not None]
    if not earlier:
        return frozenset()
    kinds = {"want", "should", "could", "be"}
    if joint != "comma":
        kinds |= {"soft", "strong", "enough"}
        last = earlier[-1].term
        if joint == "or" or (
            last is not None and (last.value in (GOOD, NEUTRAL)) == (first.term.value in (GOOD, NEUTRAL))
        ):
            kinds |= {"not", "no", "without", "lack"}
        if not first.comparative:
            kinds |= {"too"} if "too" in before.kinds else set()
    if not first.comparative and (own := kinds_before(before.said, before.said.index(earlier[-1]))) & {"more", "less"}:
        kinds |= own & {"more", "less"}
    if context.kinds & {"soft", "strong"}:
        kinds -= {"soft", "strong"}
    return frozenset(kinds & before.kinds)


def _subject(said: list[Lexeme]) -> list[Term]:
    """The nouns ahead of everything that is said of them; all nouns where nothing is said."""
    verbs = (
        "adjective",
        "verb",
        "more",
        "less",
        "excess",
        "insufficient",
        "lack",
        "boost",
        "reduce",
        "too",
        "want",
        "no",
    )
    end = next((at for at, lexeme in enumerate(said) if lexeme.kind in verbs), len(said))
    return nouns(said[:end])


def kinds_before(said: list[Lexeme], at: int) -> set[str]:
    """The kinds of the lexemes right before the one at `at`: markers, with degrees between them."""
    kinds: set[str] = set()
    for lexeme in reversed(said[:at]):
        if lexeme.kind not in (*DEGREE_KINDS, "too", "more", "less", "not", "enough"):
            break
        kinds.add(lexeme.kind)
    return kinds
