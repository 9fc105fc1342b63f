"""Elements of a bank's message by their names, whatever its version."""

from decimal import Decimal
from typing import TYPE_CHECKING

from hub.model.errors import BadData
from mappings.kit import numbers
from mappings.kit.fields import needed
from mappings.kit.readers.segments import unpadded
from mappings.kit.reports.told import tidied

if TYPE_CHECKING:
    from lxml.etree import _Element

SIGNS = {"CRDT": 1, "DBIT": -1}


def name(it: "_Element") -> str:
    """Its name without a namespace."""
    return str(it.tag).rpartition("}")[2]


def every(it: "_Element", *path: str) -> list["_Element"]:
    """All that stand at a path below it."""
    found = [it]
    for step in path:
        found = [child for one in found for child in one if name(child) == step]
    return found


def text(it: "_Element", *path: str) -> str | None:
    """The first text at a path; None where there is none."""
    return next((told for one in every(it, *path) if (told := (one.text or "").strip())), None)


def need(it: "_Element", *path: str) -> str:
    """Likewise, of what must be there."""
    return needed(text(it, *path), f"{name(it)}.{'.'.join(path)}")


def amount(it: "_Element", *path: str) -> tuple[str, Decimal]:
    """Its currency, and an amount without a sign. Zeros may pad it."""
    where = f"{name(it)}.{'.'.join(path)}"
    told = every(it, *path)
    said = needed(text(it, *path), where)
    currency = needed(told[0].get("Ccy"), f"{where}.Ccy")
    return currency, tidied(numbers.amount(unpadded(said), path=where), currency)


def sign(it: "_Element", usual: str | None = None) -> int:
    """1 of what came in, -1 of what went out; `usual` where nothing is told."""
    side = text(it, "CdtDbtInd") or usual or need(it, "CdtDbtInd")
    if side not in SIGNS:
        message = "CRDT or DBIT is expected"
        raise BadData(message, path=f"{name(it)}.CdtDbtInd", code="unknown_code")
    return SIGNS[side]
