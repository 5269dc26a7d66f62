"""A comment cut into lexemes: what each word or phrase does, by the table of words, its inflections and safe typos."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from livemaster.personal.words import FILLER, MARKERS, REAL_WORDS, TERMS, Term

LONGEST_PHRASE = 5
"""Words in the longest phrase of the table."""

SHORTEST_TYPO = 6
"""Letters a word must have before one wrong, missing or surplus letter is forgiven (swapped ones: one fewer)."""

LONGEST_TYPO = 16

_TOKEN = re.compile(r"[^\W\d_]+(?:['’`´ʼ][^\W\d_]+)*|[+−-](?=\s?\d)|\+|\d+(?:[.,]\d+)?|[^\w\s]|\n|_", re.UNICODE)
_BREAKS = {**dict.fromkeys(".!?\n;…", "sentence"), **dict.fromkeys(",:()[]—–|", "comma"), "&": "and", "/": "and"}
_NEGATED = re.compile(r"(ca|wo|do|does|did|is|are|was|were|has|have|had|would|could|should|must|need|might)n'?t$")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """One word, phrase or punctuation mark, and where it stands in the comment."""

    kind: str  # noun, adjective, verb, a kind of marker, sentence, comma, filler or unknown
    start: int
    end: int
    term: Term | None = None
    comparative: bool = False
    past: bool = False
    words: str = ""


def lexemes(text: str) -> list[Lexeme]:
    """[control] The lexemes of `text` in order: the longest phrase of the table wins."""
    tokens = list(_tokens(text))
    found: list[Lexeme] = []
    at = 0
    while at < len(tokens):
        lexeme, used = _longest(tokens, at)
        found.append(lexeme)
        at += used
    return found


def _tokens(text: str) -> Iterator[tuple[str, int, int]]:
    """Words in small letters, contractions opened up, with their place in `text`."""
    for match in _TOKEN.finditer(text):
        word = re.sub("[’`´ʼ]", "'", unicodedata.normalize("NFKC", match[0]).casefold())
        start, end = match.span()
        if word == "+" and text[start - 1 : start].isspace() and text[end : end + 1].isspace():
            word = "&"
        if word in ("-", "−") and not text[end : end + 2].strip()[:1].isdigit():
            spaced = text[start - 1 : start].isspace() and text[end : end + 1].isspace()
            word = "—" if spaced else "-"
        elif word in ("-", "−"):
            word = "less"
        if word == "+":
            word = "more"
        if word == "-":
            continue
        for part in _opened(word):
            yield part, start, end


def _opened(word: str) -> tuple[str, ...]:
    """`isn't` as `is not`, `it's` as `it is`, `soooo` as `so`."""
    if word in ("cant", "cannot", "can't"):
        return "can", "not"
    if negated := _NEGATED.match(word):
        return {"ca": "can", "wo": "will"}.get(negated[1], negated[1]), "not"
    head, mark, tail = word.partition("'")
    if mark and tail in ("d", "ve", "re", "s", "m", "ll"):
        opened = {"d": "would", "ve": "have", "re": "are", "s": "is", "m": "am", "ll": "will"}[tail]
        return (head, opened) if tail != "s" or head in _IS_NOT_OWNED else (head,)
    if mark:
        return (word.replace("'", ""),)
    return (word,)


_IS_NOT_OWNED = frozenset(["it", "that", "there", "what", "here", "where", "who", "how"])


def _longest(tokens: list[tuple[str, int, int]], at: int) -> tuple[Lexeme, int]:
    for length in range(min(LONGEST_PHRASE, len(tokens) - at), 1, -1):
        span = tokens[at : at + length]
        words = " ".join(token[0] for token in span)
        if words in TERMS or words in MARKERS:
            return _lexeme(words, span[0][1], span[-1][2]), length
        stem = span[0][0]
        for base in _verb_stems(stem):
            words = " ".join([base, *(token[0] for token in span[1:])])
            if MARKERS.get(words) in ("boost", "reduce") or (words in TERMS and TERMS[words].kind == "verb"):
                return _lexeme(words, span[0][1], span[-1][2], past=stem.endswith("ed")), length
        for base in _comparative_stems(span[-1][0]):
            words = " ".join([*(token[0] for token in span[:-1]), base])
            if words in TERMS and TERMS[words].kind == "adjective":
                return _lexeme(words, span[0][1], span[-1][2], comparative=True), length
    word, start, end = tokens[at]
    return _single(word, start, end), 1


def _lexeme(words: str, start: int, end: int, comparative: bool = False, past: bool = False) -> Lexeme:
    term = TERMS.get(words) if words not in MARKERS else None
    kind = term.kind if term else MARKERS[words]
    return Lexeme(kind, start, end, term, comparative, past, words)


def _single(word: str, start: int, end: int) -> Lexeme:
    if word in _BREAKS:
        return Lexeme(_BREAKS[word], start, end, words=word)
    known = _known(_squeezed(word))
    if known is not None:
        base, comparative, past = known
        return _lexeme(base, start, end, comparative, past) if base else Lexeme("filler", start, end, words=word)
    kind = "filler" if not word[:1].isalpha() else "unknown"
    return Lexeme(kind, start, end, words=word)


def _squeezed(word: str) -> str:
    """`basssss` as `bass`, `waaay` as `way`: a letter three times or more is meant once, or twice."""
    if not re.search(r"(.)\1\1", word):
        return word
    once, twice = re.sub(r"(.)\1{2,}", r"\1", word), re.sub(r"(.)\1{2,}", r"\1\1", word)
    return twice if _inflected(twice) else once


@cache
def _table() -> frozenset[str]:
    return frozenset(word for word in (*TERMS, *MARKERS, *FILLER) if " " not in word)


def _known(word: str) -> tuple[str, bool, bool] | None:
    """The entry a word stands for ("" for filler), whether it is a comparative, whether a past participle."""
    found = _inflected(word)
    if found is None and (meant := _meant(word)) is not None:
        found = _inflected(meant)
    return found


def _inflected(word: str) -> tuple[str, bool, bool] | None:
    if word in TERMS or word in MARKERS:
        return word, False, False
    if word in FILLER:
        return "", False, False
    for base in _comparative_stems(word):
        if base in TERMS and TERMS[base].kind == "adjective":
            return base, True, False
    for base in _verb_stems(word):
        if MARKERS.get(base) in ("boost", "reduce", "move", "over", "want"):
            return base, False, word.endswith("ed")
        if base in TERMS and TERMS[base].kind == "verb":
            return base, False, word.endswith("ed")
    if word.endswith("s") and word[:-1] in TERMS and TERMS[word[:-1]].kind == "noun":
        return word[:-1], False, False
    for ending in ("ish", "ly"):
        base = word.removesuffix(ending)
        if base != word and (base in TERMS or MARKERS.get(base) == "praise"):
            return base, False, False
    return None


def _comparative_stems(word: str) -> tuple[str, ...]:
    if not word.endswith("er") or len(word) < 5:
        return ()
    stem = word[:-2]
    undoubled = stem[:-1] if stem[-1] == stem[-2] else stem
    return (stem, stem + "e", undoubled, stem[:-1] + "y" if stem.endswith("i") else stem)


def _verb_stems(word: str) -> tuple[str, ...]:
    for ending in ("ing", "ed", "es", "s"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 1:
            undoubled = stem[:-1] if stem[-1] == stem[-2] else stem
            return (stem, stem + "e", undoubled)
    return ()


@cache
def _typo_targets() -> dict[str, frozenset[str]]:
    """A word with one letter left out → the words of the table that it may come from."""
    found: dict[str, set[str]] = {}
    for word in _table():
        if len(word) >= SHORTEST_TYPO - 1 and word not in FILLER:
            for variant in (word, *_shortened(word)):
                found.setdefault(variant, set()).add(word)
    return {variant: frozenset(words) for variant, words in found.items()}


def _shortened(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _meant(word: str) -> str | None:
    """The one word of the table that `word` misspells by a letter, or None: a real word is never a misspelling."""
    if not SHORTEST_TYPO - 1 <= len(word) <= LONGEST_TYPO or word in REAL_WORDS:
        return None
    targets = _typo_targets()
    near = {target for variant in (word, *_shortened(word)) for target in targets.get(variant, ())}
    meant = [target for target in near if target[0] == word[0] and _one_letter_apart(word, target)]
    return meant[0] if len(meant) == 1 else None


def _one_letter_apart(word: str, target: str) -> bool:
    if len(word) == len(target):
        wrong = [at for at in range(len(word)) if word[at] != target[at]]
        if len(wrong) == 1:
            return len(word) >= SHORTEST_TYPO
        swapped = len(wrong) == 2 and wrong[1] == wrong[0] + 1
        return swapped and word[wrong[0]] == target[wrong[1]] and word[wrong[1]] == target[wrong[0]]
    longer, shorter = (word, target) if len(word) > len(target) else (target, word)
    return len(longer) == len(shorter) + 1 and len(longer) >= SHORTEST_TYPO and shorter in _shortened(longer)
