"""Whether what Frappe is given keeps to its DocTypes: each field is there, has its type, and what
must be said is said, but for what the server itself fills in.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from adapters.kit.testing.scripted_partner import Asked

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OWN = frozenset({"name", "docstatus", "doctype", "modified"})
_MOST = 140
_FILLED = frozenset(
    {"naming_series", "conversion_rate", "price_list_currency", "plc_conversion_rate", "status"}
    | {"posting_time", "item_name", "uom", "stock_uom", "conversion_factor", "amount", "debit_to"}
    | {"base_rate", "base_amount", "income_account", "cost_center", "base_net_total"}
    | {"base_grand_total", "grand_total", "order_type"}
)
"""What the server fills in where it is left out."""
Described = Mapping[str, Any]
Check = Callable[[Asked, str], Iterator[str]]


def doctypes(read: Callable[[Path], Any]) -> Callable[[Path], Check]:
    """The check of a folder of DocTypes, by whatever reads one; `file` is any of them."""

    @cache
    def described(folder: Path, doctype: str) -> Described | None:
        file = folder / f"{doctype.lower().replace(' ', '_')}.json"
        return read(file) if file.is_file() else None

    def of(file: Path) -> Check:
        def check(asked: Asked, _: str) -> Iterator[str]:
            doctype = "".join(unquote(asked.path).split("/")[3:4])
            if asked.method in {"POST", "PUT"} and doctype:
                known = partial(described, file.parent)
                yield from _document(json.loads(asked.body), doctype, known, asked.method == "POST")

        return check

    return of


def _document(
    body: Any,
    doctype: str,
    described: Callable[[str], Described | None],
    whole: bool,  # noqa: FBT001  # what it is about
) -> Iterator[str]:
    known = described(doctype)
    if known is None:
        yield f"there is no DocType {doctype}"
        return
    fields = {field["fieldname"]: field for field in known["fields"]}
    yield from (f"{doctype} has no {name}" for name in sorted({*body} - {*fields} - _OWN))
    for name, value in body.items():
        field = fields.get(name, {})
        if field and value is not None and name not in _FILLED:
            yield from _wrong(field, value, f"{doctype}.{name}")
        for row in value if field.get("fieldtype") == "Table" else ():
            yield from _document(row, field["options"], described, whole=True)
    needed = {name for name, field in fields.items() if field.get("reqd")}
    missing = sorted(needed - set(body) - _FILLED) if whole else ()
    yield from (f"{name} of {doctype} is missing" for name in missing)


def _wrong(field: Described, value: Any, path: str) -> Iterator[str]:
    kind, options = field["fieldtype"], str(field.get("options") or "").split("\n")
    fits = {
        "Float": isinstance(value, int | float) and not isinstance(value, bool),
        "Currency": isinstance(value, int | float) and not isinstance(value, bool),
        "Check": value in (0, 1),
        "Date": isinstance(value, str) and _DATE.fullmatch(value) is not None,
        "Select": value in options,
        "Table": isinstance(value, list),
        "Data": isinstance(value, str) and len(value) <= _MOST,
        "Link": isinstance(value, str),
    }
    if not fits.get(kind, True):
        yield f"{path} is no {kind}"
