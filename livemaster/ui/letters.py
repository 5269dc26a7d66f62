"""Letters and figures large enough to be read from across a stage, of blocks five high."""

from __future__ import annotations

from enum import Enum

PIXEL_ROWS = 5
FONT = {
    "M": ("#...#", "##.##", "#.#.#", "#...#", "#...#"),
    "A": (".###.", "#...#", "#####", "#...#", "#...#"),
    "S": (".####", "#....", ".###.", "....#", "####."),
    "T": ("#####", "..#..", "..#..", "..#..", "..#.."),
    "E": ("#####", "#....", "####.", "#....", "#####"),
    "R": ("####.", "#...#", "####.", "#..#.", "#...#"),
    "I": ("###", ".#.", ".#.", ".#.", "###"),
    "X": ("#...#", ".#.#.", "..#..", ".#.#.", "#...#"),
    "Y": ("#...#", ".#.#.", "..#..", "..#..", "..#.."),
    "0": ("####", "#..#", "#..#", "#..#", "####"),
    "1": (".##.", "..#.", "..#.", "..#.", ".###"),
    "2": ("####", "...#", "####", "#...", "####"),
    "3": ("####", "...#", ".###", "...#", "####"),
    "4": ("#..#", "#..#", "####", "...#", "...#"),
    "5": ("####", "#...", "####", "...#", "####"),
    "6": ("####", "#...", "####", "#..#", "####"),
    "7": ("####", "...#", "...#", "...#", "...#"),
    "8": ("####", "#..#", "####", "#..#", "####"),
    "9": ("####", "#..#", "####", "...#", "####"),
    "−": ("...", "...", "###", "...", "..."),
    "–": ("...", "...", "###", "...", "..."),
    "+": ("...", ".#.", "###", ".#.", "..."),
    ".": (".", ".", ".", ".", "#"),
}
HALVES = {("#", "#"): "█", ("#", "."): "▀", (".", "#"): "▄", (".", "."): " "}


class Size(Enum):
    """How a pixel is drawn: half a cell high, a cell, or two cells wide."""

    SMALL = "small"
    TALL = "tall"
    LARGE = "large"

    @property
    def rows(self) -> int:
        """Lines that letters take."""
        return (PIXEL_ROWS + 1) // 2 if self is Size.SMALL else PIXEL_ROWS


def large(text: str, size: Size) -> list[str]:
    """The text as lines of blocks, `size.rows` of them and equally long; letters that the font lacks are left out."""
    glyphs = [FONT[letter] for letter in text if letter in FONT]
    pixels = [".".join(glyph[row] for glyph in glyphs) for row in range(PIXEL_ROWS)]
    if size is Size.SMALL:
        pixels.append("." * len(pixels[0]))
        pairs = zip(pixels[::2], pixels[1::2], strict=True)
        return ["".join(HALVES[both] for both in zip(*pair, strict=True)) for pair in pairs]
    wide = 2 if size is Size.LARGE else 1
    return ["".join(("█" if pixel == "#" else " ") * wide for pixel in row) for row in pixels]


def size_for(text: str, columns: int, rows: int) -> Size | None:
    """The largest size in which the text fits, None where none does."""
    for size in (Size.LARGE, Size.TALL, Size.SMALL):
        if size.rows <= rows and len(large(text, size)[0]) <= columns:
            return size
    return None
