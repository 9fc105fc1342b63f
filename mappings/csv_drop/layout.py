"""How a warehouse's files are laid out: described in settings, beginning from a preset."""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from mappings.kit.readers.csv import Delimiter, Encoding, Form
from mappings.reading.shipped import read_table

_NAME = re.compile(r"\{([a-z_0-9]+)\}")


def _names(value: Any) -> Any:
    return (str(value),) if isinstance(value, str | int) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_names)]
"""A column by its name, or by any of several; by its number where there are no names."""


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    folder: str
    encoding: Encoding = "utf-8"
    delimiter: Delimiter = ","
    decimal_comma: bool = False
    date_format: str | None = Field(None, description="as strptime has it; else all usual forms")

    @field_validator("date_format")
    @classmethod
    def _is_format(cls, value: str | None) -> str | None:
        if value is not None:
            datetime.strptime(datetime(2026, 11, 24).strftime(value), value)  # noqa: DTZ001, DTZ007
        return value


class Rows(BaseModel):
    """Rows that say in their first cell what they are. `columns`: our field -> the column's number;
    without any, such rows say nothing.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str
    columns: dict[str, Names] = Field(default_factory=dict)


class Incoming(_Described):
    """Files of one kind that the warehouse writes. `columns`: our field -> their column;
    `constants`: our field -> what holds where no column says it. `rows`, instead of columns, where
    rows are of several types: what one says holds for those of the types below its own after it.
    """

    folder: str = "out"
    pattern: str
    header: bool = True
    columns: dict[str, Names] = Field(default_factory=dict)
    rows: tuple[Rows, ...] = ()
    constants: dict[str, str] = Field(default_factory=dict)

    @property
    def form(self) -> Form:
        """How its files are written."""
        alike = not self.rows
        return Form(self.encoding, self.delimiter, self.header and alike, even=alike)

    @property
    def fields(self) -> frozenset[str]:
        """Our fields that it may say."""
        tables = [each.columns for each in self.rows] or [self.columns]
        return frozenset(self.constants).union(*tables)


class Outgoing(_Described):
    """Files of one kind that we write, each for one document. A cell is text in which {field}
    stands for what the document says. `taken`: folders into which the warehouse moves what it read.
    """

    folder: str = "in"
    name: str
    quoted: bool = False
    header: tuple[str, ...] = ()
    order_row: tuple[str, ...] = ()
    line_row: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _names_fields(self) -> "Outgoing":
        if "{order}" not in self.name and "{return}" not in self.name:
            raise ValueError("{order} is expected in the name of a file, of a return {return}")
        cells = (self.name, *self.order_row, *self.line_row)
        unknown = sorted({name for cell in cells for name in _NAME.findall(cell)} - TOLD)
        if unknown:
            raise ValueError(f"{unknown[0]} is no field; known are {', '.join(sorted(TOLD))}")
        return self


def filled(cell: str, said: Mapping[str, str]) -> str:
    """A cell with what is said in it."""
    return _NAME.sub(lambda match: said.get(match[1], ""), cell)


# fmt: off
TOLD = frozenset({
    "order", "order_number", "channel_order_id", "revision", "created_at", "time", "ship_by",
    "name", "company", "address_1", "address_2", "district", "city", "region", "region_code",
    "postal_code", "country", "phone", "email", "bill_name", "bill_company", "bill_address_1",
    "bill_address_2", "bill_city", "bill_region", "bill_postal_code", "bill_country",
    "method", "service", "carrier", "pickup_point", "note", "gift_message", "reason",
    "line_no", "sku", "item_code", "title", "quantity", "unit_price",
    "return", "status", "tracking_number",
})
"""What an outgoing cell may name."""
NEEDED = {
    "shipments": ("order",),
    "stock": ("sku", "on_hand"),
    "statuses": ("order", "status"),
    "return_receipts": ("sku", "quantity"),
}
HEARD = {
    "shipments": frozenset({
        "order", "shipment", "sku", "line_no", "quantity", "carrier", "service", "package",
        "tracking_number", "tracking_url", "shipped_at", "complete", "batch", "serial",
    }),
    "stock": frozenset({"sku", "on_hand", "reserved", "quality", "batch", "expires_on", "at"}),
    "statuses": frozenset({"order", "status", "at", "reason", "message", "reference"}),
    "return_receipts": frozenset({
        "return", "receipt", "channel_order_id", "order_number", "phone", "carrier",
        "tracking_number", "received_at", "sku", "line_no", "quantity", "quality", "grade", "note",
        "batch", "serial",
    }),
}
"""Kind of file -> the fields that its columns may be. Those that are needed must have one."""
# fmt: on


class Layout(BaseModel):
    """The files of one warehouse. What is None it does not write, or does not take."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    orders: Outgoing
    cancellations: Outgoing | None = None
    returns: Outgoing | None = None
    shipments: Incoming | None = None
    stock: Incoming | None = None
    statuses: Incoming | None = None
    return_receipts: Incoming | None = None

    @model_validator(mode="after")
    def _knows_its_fields(self) -> "Layout":
        for kind, known in HEARD.items():
            table: Incoming | None = getattr(self, kind)
            if table is None:
                continue
            given = table.fields
            wrong = sorted(given - known) or sorted(set(NEEDED[kind]) - given)
            if wrong:
                needed, all_ = ", ".join(NEEDED[kind]), ", ".join(sorted(known))
                message = f"columns of {kind}: {wrong[0]}; needed are {needed}, known are {all_}"
                raise ValueError(message)
        return self


@cache
def presets() -> dict[str, dict[str, Any]]:
    """Layouts to begin with."""
    raw = files("mappings").joinpath("csv_drop", "layouts.yaml").read_bytes()
    return read_table(raw)  # type: ignore[no-any-return]  # a tree of its own


def described(given: Any) -> Any:
    """A layout from settings: the name of a preset, or what differs from the one it is `like`."""
    tree = {"like": given} if isinstance(given, str) else given
    if not isinstance(tree, dict):
        return given
    name, known = tree.get("like", "plain"), presets()
    if name not in known:
        raise ValueError(f"one of {', '.join(known)} is expected")
    changed = {kind: told for kind, told in tree.items() if kind != "like"}
    laid = {kind: _over(known[name].get(kind), told) for kind, told in changed.items()}
    return {**known[name], **laid}


def _over(usual: Any, told: Any) -> Any:
    return {**usual, **told} if isinstance(usual, dict) and isinstance(told, dict) else told


PLAIN = Layout.model_validate(presets()["plain"])
