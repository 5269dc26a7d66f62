"""What a listener's comment on a master wants: per parameter, with polarity and degree. English only.

A comment is cut into lexemes by a table of words (`words`), these into segments (`segments`) that take words over
from each other (`contexts`), and each segment is read by a handful of rules (here and in `quantities`): a complaint
("boomy") asks for the contrary, praise ("punchy") for nothing, a negation turns them round ("not punchy", "not
boomy"), a quantity ("more", "lacks", "too much") is about the nouns beside it. What no rule reads is kept and said,
never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from livemaster.personal.contexts import NEGATIONS, WANTS, Context, kinds_before, with_context
from livemaster.personal.lexemes import Lexeme, lexemes
from livemaster.personal.quantities import kept_as_is, moved_by, quantity_signs
from livemaster.personal.segments import SILENT, CommentSegment, nouns, segments
from livemaster.personal.words import ANY, BAD, GOOD, MILD, NEUTRAL, VOCAL, Term

PARAMETERS = ("bass", "mid", "treble", "width", "loudness", "dynamics")

SOFT_DEGREE, DEGREE, STRONG_DEGREE = 0.5, 1.0, 1.5
NET_LIMIT = 2.0

MAX_CHARS = 4000
"""What lies beyond is not read (the work stays bounded) and counts as not understood."""


@dataclass(frozen=True, slots=True)
class CommentWish:
    """One wish that was understood."""

    parameter: str  # one of PARAMETERS
    degree: float  # above 0 more is wanted, below 0 less: a bit ±0.5, plainly ±1, far ±1.5
    text: str  # the words it was read from


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was understood of one comment."""

    wishes: tuple[CommentWish, ...]
    praise: tuple[str, ...]  # what is liked as it is
    not_understood: tuple[str, ...]  # clauses of which nothing was understood, verbatim

    def net(self) -> dict[str, float]:
        """[control] Parameter → degree of all its wishes together, within ±2; what cancels out is left out."""
        sums = {name: sum(wish.degree for wish in self.wishes if wish.parameter == name) for name in PARAMETERS}
        return {name: max(-NET_LIMIT, min(NET_LIMIT, total)) for name, total in sums.items() if total != 0.0}


def read_comment(text: str) -> Reading:
    """[control] Wishes, praise and the rest of one comment in English; never raises, whatever the text."""
    end = len(text) if len(text) <= MAX_CHARS else max(text.rfind(" ", 0, MAX_CHARS), MAX_CHARS // 2)
    found, clauses = segments(lexemes(text[:end]))
    wishes: list[CommentWish] = []
    praise: list[str] = []
    understood: set[int] = set()
    for segment, context in with_context(found):
        words = text[segment.lexemes[0].start : segment.lexemes[-1].end]
        signs = _signs(segment, context)
        if signs is None:
            continue
        understood |= segment.clauses
        degree = _degree(context)
        wishes += [CommentWish(name, sign * degree, words) for name, sign in sorted(signs)]
        if not signs and not segment.has("without"):
            praise.append(words)
    rest = [clause for at, clause in enumerate(clauses) if at not in understood and not _says_nothing(clause)]
    not_understood = [text[clause[0].start : clause[-1].end] for clause in rest]
    if text.strip() and not any(letter.isalnum() for letter in text[:end]):  # signs, pictures
        not_understood = [text[:end].strip()]
    return Reading(tuple(wishes), tuple(praise), (*not_understood, *([text[end:]] if text[end:].strip() else [])))


def _says_nothing(clause: list[Lexeme]) -> bool:
    return all(lexeme.kind in SILENT for lexeme in clause)


def _degree(context: Context) -> float:
    kinds = context.kinds | context.taken
    if "soft" in kinds:
        return SOFT_DEGREE
    near = any(lexeme.words in ("nowhere near",) for lexeme in context.said)
    if near or (kinds & {"strong", "amount"} and not kinds & {"not", "no"}):
        return STRONG_DEGREE
    return DEGREE


def _signs(segment: CommentSegment, context: Context) -> set[tuple[str, int]] | None:
    """(parameter, +1 or −1) of each wish of a segment; empty is praise, None is not understood."""
    signs: set[tuple[str, int]] = set()
    read = False
    attributed: set[int] = set()
    for at, lexeme in enumerate(context.said):
        if lexeme.kind == "adjective" and lexeme.term is not None:
            sign = _adjective_sign(context, at, lexeme, lexeme.term)
            targets = _targets(context, lexeme.term)
            if lexeme.term.also == ANY and (named := nouns(context.said)) and all(noun.value == BAD for noun in named):
                sign = sign and (-1 if lexeme.term.sign > 0 else 0)  # "the harshness is gone" is no complaint
            attributed.add(at + 1)
            if sign is not None and targets is not None:
                read = True
                signs |= {(name, sign * direction) for name, direction in targets if sign}
    quantity = quantity_signs(context, attributed)
    if quantity is not None:
        return signs | quantity if _consistent(signs, quantity) else signs
    if read:
        return signs
    wished = "could" in context.kinds and not kept_as_is(context.said)
    praised = "praise" in context.kinds and not wished and not context.kinds & {"not", "no", "vague", "too", "lack"}
    return set() if praised else None


def _consistent(signs: set[tuple[str, int]], others: set[tuple[str, int]]) -> bool:
    return not any((name, -sign) in signs for name, sign in others)


def _adjective_sign(context: Context, at: int, lexeme: Lexeme, term: Term) -> int | None:
    """+1 where more of what the adjective says is wanted, −1 less, 0 where it is right as it is, None where unclear."""
    kinds, close = (
        context.kinds | context.taken,
        kinds_before(context.said, at) | (context.taken & {"too", "more", "less"}),
    )
    ahead = {known.kind for known in context.said[:at]} | context.taken
    negated = bool(ahead & set(NEGATIONS)) != ("lack" in ahead)  # "no lack of punchy drums" is no complaint
    wanted, possible = bool(kinds & set(WANTS)), "could" in kinds
    complaint = term.value in (MILD, BAD)
    if "too" in close:
        return 0 if negated and not wanted else -1
    if "enough" in kinds:
        return 1 if negated else 0
    if lexeme.comparative or close & {"more", "less"}:
        return _comparative_sign(context, term, -1 if "less" in close else 1, lexeme.comparative, negated)
    if negated:
        if (wanted and "should" in kinds) or (
            (wanted and any(known.words in ("so", "that") for known in context.said[:at]))
            or (wanted and context.said[at - 1].words == "this")
        ):
            return -1
        soft_spoken = (
            term.value == MILD and term.sign > 0 and term.also == ANY and "without" not in ahead
        )  # "not loud" is no praise
        return 0 if (complaint and not soft_spoken) or wanted else 1
    if complaint:
        if wanted and term.value == MILD:
            return 1
        return 0 if term.value == MILD and "praise" in kinds else -1
    if wanted or possible:
        return 1
    if term.value == NEUTRAL and at and context.said[at - 1].kind == "noun" and "praise" not in kinds:
        return -1  # "guitar-heavy"
    return _plain_sign(kinds, term)


def _plain_sign(kinds: set[str], term: Term) -> int | None:
    """Of «warm», «a bit warm», «very bright»: an adjective that is no complaint by itself."""
    if "praise" in kinds:
        return 0
    if "dislike" in kinds or ("soft" in kinds and "strong" not in kinds):
        return -1
    if term.value == NEUTRAL:
        return -1 if kinds & {"strong", "rather", "vague"} else None
    return 0


def _comparative_sign(context: Context, term: Term, direction: int, inflected: bool, negated: bool) -> int | None:
    """Of «warmer», «less harsh»: a wish, or where it is a statement («it is duller now») a complaint or praise."""
    kinds = context.kinds | context.taken
    wanted = bool(kinds & {*WANTS, "could", "reduce", "boost"})
    if negated:
        return 0
    if term.value == BAD and direction > 0 and not wanted:
        return -1
    if wanted or not (context.compared or "be" in kinds):
        return direction
    if term.value == NEUTRAL:
        return None
    if term.value == GOOD:
        return 0 if direction > 0 else 1
    if term.sign > 0 and term.value == MILD:
        return None
    return -1 if direction > 0 else 0


def _targets(context: Context, term: Term) -> list[tuple[str, int]] | None:
    """(parameter, direction) of what an adjective is said of; None where that is nothing known."""
    named = nouns(context.said)
    if term.also == ANY:
        if named or context.subject:
            return moved_by(named or context.subject, term.sign)
        if term.parameter is None or _stranger(context.said):
            return None
        return [(term.parameter, term.sign)]
    assert term.parameter is not None
    for noun in named or context.subject:
        if (
            noun.parameter in term.also
            and noun.parameter != term.parameter
            and (not noun.instrument or VOCAL in term.also)
        ):
            return [(noun.parameter, term.sign)]
    return [(term.parameter, term.sign)]


def _stranger(said: list[Lexeme]) -> bool:
    """Whether something unknown is spoken of, as in «the glockenspiel is too loud»; a place does not count."""
    return any(
        first.words in _ARTICLES and second.kind == "unknown" and (at == 0 or said[at - 1].kind != "in")
        for at, (first, second) in enumerate(pairwise(said))
    )


_ARTICLES = ("the", "a", "my", "your", "his", "her", "their", "our", "this", "that", "these", "those", "more", "much")
