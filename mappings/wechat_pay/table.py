"""The table of a bill of WeChat Pay, and the row of its totals.

Each value begins with a back-tick, which alone tells where it begins: names of goods have commas.
Where a spreadsheet saved it, quotation marks tell it, and the back-ticks may be gone.
"""

import csv
import re
from collections.abc import Iterator
from unicodedata import normalize

from hub.model.errors import BadData
from mappings.kit import Context
from mappings.kit.readers.csv import Row, folded
from mappings.kit.reports.cells import Cells

_YUAN = re.compile(r"\(元\)")
_HEADS = frozenset({"交易时间", "记账时间", "总交易单数", "资金流水总笔数"})
"""What a row of names begins with."""
_SAVED = re.compile(r'(?:^|,)"`')


def parted(file: str, at: Context) -> tuple[list[Cells], list[Cells]]:
    """The rows of the table, and those of its totals."""
    tables: list[list[Cells]] = []
    names: list[str] = []
    for number, cells, is_head in _rows(file):
        if is_head:
            names = [folded(_YUAN.sub("", normalize("NFKC", name))) for name in cells]
            tables.append([])
            continue
        if not tables or len(cells) != len(names):
            message = f"{len(names)} columns are expected, it has {len(cells)}"
            raise BadData(message, path=f"line {number}", code="bad_data")
        tables[-1].append(Cells(Row(number, dict(zip(names, cells, strict=True))), at))
    if len(tables) < 2 or len(tables[-1]) != 1:
        message = "a table and a row of its totals are expected: this is half of a bill"
        raise BadData(message, path="totals", code="missing_field")
    return [row for table in tables[:-1] for row in table], tables[-1]


def _rows(file: str) -> Iterator[tuple[int, list[str], bool]]:
    """Each row with its line, and whether it names columns."""
    lines = file.splitlines()
    if any(_SAVED.search(told) for told in lines) or not any(it.startswith("`") for it in lines):
        yield from _saved(lines)
        return
    for number, told in enumerate(lines, start=1):
        if told.startswith("`"):
            yield number, told[1:].split(",`"), False
        elif told.strip():
            yield number, told.split(","), True


def _saved(lines: list[str]) -> Iterator[tuple[int, list[str], bool]]:
    """Rows as a spreadsheet saved them: as wide as the widest, which is the table."""
    width = 0
    for number, told in enumerate(csv.reader(lines), start=1):
        cells = [cell.lstrip("\ufeff`") for cell in told]
        if not any(map(str.strip, cells)):
            continue
        is_head = cells[0].strip() in _HEADS
        if is_head:
            while cells and not cells[-1].strip():
                cells.pop()
            width = len(cells)
        elif not any(map(str.strip, cells[width:])):
            cells = cells[:width]
        yield number, cells, is_head
