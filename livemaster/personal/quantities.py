"""The wishes of quantities: «more», «too much», «lacks», «turn up», «give me», and the nouns they are about."""

from __future__ import annotations

from livemaster.personal.contexts import DEGREE_KINDS, NEGATIONS, WANTS, Context
from livemaster.personal.lexemes import Lexeme
from livemaster.personal.segments import nouns
from livemaster.personal.words import ANY, BAD, GOOD, VOCAL, Term

_QUANTITIES = (
    *(("reduce", -1), ("excess", -1), ("insufficient", 1), ("lack", 1), ("less", -1), ("over", -1), ("down", -1)),
    *(("boost", 1), ("more", 1), ("up", 1), ("no", 1)),
)
"""Markers and what they wish for their nouns; the first of them that a segment holds decides."""


def quantity_signs(context: Context, attributed: set[int]) -> set[tuple[str, int]] | None:
    """The wishes of «more», «too much», «lacks», «turn up» and the like; None where the segment has no such marker."""
    at, sign = _quantity(context, attributed)
    if at is None:
        return _bare_nouns(context)
    objects = _objects(context, at)
    if objects is None:
        return None
    if sign == 0:
        return set()
    if not objects:
        whole = any(
            lexeme.words.split()[-1:] in (["it"], ["this"], ["that"], ["everything"]) for lexeme in context.said
        )
        moved = context.kinds & {"move", "boost", "reduce", "up", "down"} and (whole or "whole" in context.kinds)
        return {("loudness", sign)} if moved else None
    if context.said[at].kind in ("no", "lack", "have", "hear") and all(term.value == BAD for term in objects):
        if "should" not in context.kinds:
            return set()
        sign = -1  # "please no harshness"
    named = moved_by(objects, sign)
    return set(named) if named else None


def _quantity(context: Context, attributed: set[int]) -> tuple[int | None, int]:
    """Where the marker that decides stands, and +1, −1 or 0 (right as it is)."""
    said = context.said
    places = {lexeme.kind: at for at, lexeme in reversed(list(enumerate(said)))}
    negation = min((places[kind] for kind in ("not", "without") if kind in places), default=None)
    wanted = bool(context.kinds & {*WANTS, "could"})
    if "enough" in places and not context.kinds & {"adjective"}:
        denied = min((places[kind] for kind in NEGATIONS if kind in places), default=len(said))
        return places["enough"], 1 if denied < places["enough"] else 0
    if "verb" in places:
        return places["verb"], _verb_sign(context, negation)
    for kind, sign in _QUANTITIES:
        at = places.get(kind)
        if at is None or _of_an_adjective(said, at, kind):
            continue
        if kind == "insufficient" and places.get("less", -1) > at:  # "could use less": what is wanted is less
            continue
        if negation is not None and negation < at and not (kind == "no" and "have" in places):
            return at, 0
        if kind == "no" and places.keys() & {"more", "less", "reduce", "boost", "lack"}:
            return at, 0
        if "no" in places and places["no"] < at:
            return at, 0
        if kind == "lack" and said[at + 1 : at + 2] and _is_none(said[at + 1]):
            return at, 0
        if kind in ("boost", "reduce") and "be" in places and not wanted and (said[at].past or kind == "reduce"):
            return at, -sign
        if kind == "over" and said[at].words.startswith("drown") and not nouns(said[at:]):
            return at, 1  # "the vocals are drowning"
        if kind in ("boost", "up") and "praise" in places and not wanted:
            return at, 0
        if kind in ("more", "less") and context.compared and not wanted and places.keys() & {"have", "hear"}:
            return (at, 1) if kind == "less" else (None, 0)
        return at, sign
    if negation is not None and not context.kinds & {"want", "should", "praise"}:
        heard = next((at for at in range(negation, len(said)) if said[at].kind in ("hear", "have")), None)
        if heard is not None and not _attributed(said, attributed):
            return heard, 1
        following = said[negation + 1] if negation + 1 < len(said) else None
        if following is not None and following.term is not None and following.kind == "noun":
            return (negation, 1) if following.term.value == GOOD else (None, 0)
    return _wanted_place(context, places)


def _is_none(lexeme: Lexeme) -> bool:
    """Whether what is lacking is nothing: «lacks nothing», «lacks no bass»."""
    return lexeme.kind == "no" or lexeme.words == "nothing"


def _verb_sign(context: Context, negation: int | None) -> int:
    """Of «compress it», «compress it less», «do not compress it» and «do not compress it so much»."""
    if negation is None:
        return -1 if context.kinds & {"less", "excess"} else 1
    words = {lexeme.words for lexeme in context.said}
    if "stop" in words or "breathe" in words:  # "stop squashing it", "it cannot breathe"
        return 1 if "breathe" in words else -1
    return -1 if context.kinds & {"amount", "strong"} else 0


def _wanted_place(context: Context, places: dict[str, int]) -> tuple[int | None, int]:
    """«give me bass», «some air would be nice»: nouns that are wanted without any quantity."""
    kinds = context.kinds
    if (kinds & {"adjective", "vague", "whole"} and "welcome" not in kinds) or kinds & {"down", "up"}:
        return None, 0
    negated = bool(kinds & {"not", "no"})
    if not kept_as_is(context.said) and ("welcome" in places or ("could" in places and "praise" in places)):
        return places.get("welcome", places.get("praise")), 0 if negated else 1
    if (
        "want" in places
        and "praise" not in places
        and any(term.value != BAD for term in nouns(context.said[places["want"] :]))
    ):
        return places["want"], 0 if negated else 1
    return None, 0


def kept_as_is(said: list[Lexeme]) -> bool:
    """Whether something is to stay as it is: «I would keep the bass»."""
    return any(lexeme.words in ("keep", "leave") for lexeme in said)


def _of_an_adjective(said: list[Lexeme], at: int, kind: str) -> bool:
    """Whether a marker belongs to the adjective behind it: `more punchy`, `less harsh`, `no harsh highs`."""
    if kind not in ("more", "less", "no", "verb", "lack"):
        return False
    following = next((lexeme.kind for lexeme in said[at + 1 :] if lexeme.kind not in (*DEGREE_KINDS, "have")), "")
    if kind == "verb":
        return False
    if following == "adjective":
        return True
    # "turn it up more", "needs the bass louder still more": more of what was said before.
    ahead = {lexeme.kind for lexeme in said[:at]}
    return kind == "more" and following == "" and bool(ahead & {"reduce", "down", "verb", "adjective"})


def _attributed(said: list[Lexeme], attributed: set[int]) -> bool:
    return any(at in attributed for at, lexeme in enumerate(said) if lexeme.kind == "noun")


def _objects(context: Context, at: int) -> list[Term] | None:
    """The nouns a quantity is about: those behind the marker, else those ahead; None where it is something unknown."""
    said = context.said
    term = said[at].term
    behind = said[at + 1 :]
    if term is not None:
        return [other for other in nouns(behind) if other.parameter in term.also] or [term]
    if said[at].kind == "over" and (ahead := nouns(said[:at])):
        return ahead
    unknown = next((lexeme.kind for lexeme in behind if lexeme.kind in ("unknown", "noun", "in", "be", "vague")), "")
    after = [lexeme.kind for lexeme in behind]
    if unknown in ("unknown", "vague") and said[at].kind not in ("up", "down"):
        first = after.index(unknown)
        nearest = next((kind for kind in after[first + 1 :] if kind in ("noun", "in")), "")
        if nearest != "noun":
            return None
    found = nouns(behind)
    if not found or said[at].kind in ("up", "down"):
        found = nouns(said[:at]) or found
    return _placed(found, [*nouns(said[:at]), *nouns(behind), *context.subject]) or context.subject


def _placed(found: list[Term], beside: list[Term]) -> list[Term]:
    """Qualities that may be about several things, made the thing beside them: `the bass lacks presence`."""
    placed: list[Term] = []
    for term in found:
        about = [other for other in beside if other.parameter in term.also and other.also == ()]
        fitting = [other for other in about if not other.instrument or VOCAL in term.also or term.also == ANY]
        placed.append(fitting[0] if fitting else term)
    return placed


def _bare_nouns(context: Context) -> set[tuple[str, int]] | None:
    """«harshness in the highs»: a bad quality that is only named is a complaint, and praise under a negation."""
    bad = [lexeme.term for lexeme in context.said if lexeme.kind == "noun" and lexeme.term and lexeme.term.value == BAD]
    if not bad or "adjective" in context.kinds or context.kinds & {"vague"}:
        return None
    if context.kinds & set(NEGATIONS):
        return set()
    return set(moved_by(bad, -1) or [])


def moved_by(terms: list[Term], sign: int) -> list[tuple[str, int]] | None:
    """(parameter, direction) of more of each of these; None where none of them is a parameter's."""
    return [(term.parameter, sign * term.sign) for term in terms if term.parameter is not None] or None
