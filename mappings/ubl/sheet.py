"""Paper to write rows of text on, page after page.

Source: PDF 1.7, 9.7.5.2 (UniGB-UCS2-H, STSong-Light), annex D.2 (WinAnsiEncoding).
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

_WIDTH, _HEIGHT = 595.28, 841.89
_TOP, _BOTTOM, _SIZE, _LEADING = 790.0, 60.0, 9.0, 1.4
_LATIN, _BOLD, _OTHER = "Helvetica", "Helvetica-Bold", "STSong-Light"


@dataclass(frozen=True, slots=True)
class Cell:
    """Text from `x` on, or up to it where it stands `right`; it is wrapped at `width` points."""

    x: float
    width: float
    text: str
    right: bool = False


class Sheet:
    """A document of A4 pages. `head`: the row that a new page begins with."""

    def __init__(self, title: str, author: str) -> None:
        self.head: tuple[Cell, ...] = ()
        self._raw, self._title, self._y = io.BytesIO(), title, _TOP
        # `invariant`: no time and no random id goes in; not packed, an invoice is small as it is.
        self._canvas = _library().Canvas(
            self._raw, pagesize=(_WIDTH, _HEIGHT), invariant=1, pageCompression=0
        )
        self._canvas.setTitle(title)
        self._canvas.setAuthor(author)

    def row(self, *cells: Cell, size: float = _SIZE, bold: bool = False) -> None:
        """Write cells beside each other."""
        latin = _BOLD if bold else _LATIN
        wrapped = [list(_wrapped(it.text, it.width, latin, size)) for it in cells]
        for at in range(max(map(len, wrapped), default=0)):
            self._advance(size * _LEADING)
            for cell, rows in zip(cells, wrapped, strict=True):
                if at < len(rows):
                    self._write(cell, rows[at], latin, size)

    def gap(self) -> None:
        """Leave a row free."""
        self._y -= _SIZE * _LEADING

    def rule(self) -> None:
        """Draw a line across."""
        self._canvas.line(50, self._y - 3, 545, self._y - 3)
        self._y -= 4

    def done(self) -> bytes:
        """The document. Nothing is written on it afterwards."""
        self._foot()
        self._canvas.save()
        return self._raw.getvalue()

    def _advance(self, by: float) -> None:
        if self._y - by < _BOTTOM:
            self._foot()
            self._canvas.showPage()
            self._y = _TOP
            for cell in self.head:
                self._write(cell, cell.text, _BOLD, _SIZE)
            by = by * 2 if self.head else by
        self._y -= by

    def _foot(self) -> None:
        self._y, kept = _BOTTOM - 25, self._y
        number = str(self._canvas.getPageNumber())
        self._write(Cell(50, 400, self._title), self._title, _LATIN, _SIZE)
        self._write(Cell(545, 50, number, right=True), number, _LATIN, _SIZE)
        self._y = kept

    def _write(self, cell: Cell, text: str, latin: str, size: float) -> None:
        x = cell.x - (_wide(text, latin, size) if cell.right else 0)
        for font, run in _runs(text, latin):
            self._canvas.setFont(font, size)
            self._canvas.drawString(x, self._y, run)
            x += _library().width(run, font, size)


def _wrapped(text: str, width: float, latin: str, size: float) -> Iterator[str]:
    """Rows that fit, broken at a space where there is one."""
    rest = " ".join(text.split())
    while rest:
        fits = len(rest)
        while fits > 1 and _wide(rest[:fits], latin, size) > width:
            fits -= 1
        space = rest.rfind(" ", 1, fits + 1) if fits < len(rest) else -1
        end = space if space > 0 else fits
        yield rest[:end]
        rest = rest[end:].lstrip()


def _wide(text: str, latin: str, size: float) -> float:
    return sum(_library().width(run, font, size) for font, run in _runs(text, latin))


def _runs(text: str, latin: str) -> Iterator[tuple[str, str]]:
    for is_latin, letters in groupby(text, _is_latin):
        yield (latin if is_latin else _OTHER), "".join(letters)


@cache
def _is_latin(letter: str) -> bool:
    try:
        letter.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Library:
    Canvas: Any
    width: Callable[[str, str, float], float]


@cache
def _library() -> _Library:
    """What draws, loaded with the first invoice: a hub that draws none needs none of it."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    pdfmetrics.registerFont(UnicodeCIDFont(_OTHER))
    return _Library(Canvas, pdfmetrics.stringWidth)
