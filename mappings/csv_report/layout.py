"""How a report in CSV is laid out, as settings describe it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from hub.model.settlement import Kind
from mappings.kit.readers.csv import Delimiter, Encoding
from mappings.kit.reports.amounts import Mark
from mappings.kit.reports.cells import Cells, name_of

# fmt: off
FIELDS = frozenset({
    "report_id", "reference", "order", "kind", "side", "gross", "fee", "net", "credit", "debit",
    "quantity", "unit_price", "currency", "at", "transaction", "original", "batch", "description",
    "weight", "weight_unit",
})
"""Our fields that a column may be."""
# fmt: on


def _names(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _folded(value: Any) -> Any:
    return {str(k).casefold(): v for k, v in value.items()} if isinstance(value, dict) else value


Weight = Literal["kg", "g", "lb", "oz"]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class Totals(BaseModel):
    """The row that adds up the others: the one whose `column` says `word`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    column: str
    word: str


class Layout(BaseModel):
    """A report. `columns`: our field -> its column, by any of its names."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: str = Field("csv", description="who pays, as it is called in the hub")
    columns: dict[str, Names]
    constants: dict[str, str] = Field(
        default_factory=dict, description="our field -> what holds where no column says it"
    )
    encoding: Encoding = Field("cp1252", description="where it is not UTF-8 and has no mark")
    delimiter: Delimiter | None = Field(None, description="absent: what separates the head")
    decimal: Mark | None = Field(".", description="where the file itself does not show it")
    date_format: str | None = Field(None, description="as strptime has it; else all usual forms")
    minor: bool = Field(default=False, description="amounts are in smallest units")
    kinds: Annotated[Mapping[str, Kind], BeforeValidator(_folded)] = Field(
        default_factory=dict, description="their word -> sale, refund, fee, payout and the like"
    )
    usual_kind: Kind = Field("adjustment", description="where no column and no word says it")
    sign: Literal["written", "kind", "side", "cost"] = Field(
        "written",
        description="as written; below zero for the kinds that leave; by a column; or as a cost"
        " is, which leaves where it is above zero",
    )
    weight_unit: Weight = Field("kg", description="where no column says it: kg, g, lb or oz")
    leaves: tuple[Kind, ...] = ("refund", "fee", "chargeback", "payout", "tax", "carriage")
    sides: Annotated[Mapping[str, Literal[1, -1]], BeforeValidator(_folded)] = Field(
        default={"cr": 1, "dr": -1, "credit": 1, "debit": -1}, description="word of a side -> 1, -1"
    )
    total: Totals | None = Field(None, description="which row adds up the others; it must be there")
    pays_out_all: bool = Field(
        default=False, description="the payout in a report is all that its other rows come to"
    )

    @field_validator("date_format")
    @classmethod
    def _is_format(cls, value: str | None) -> str | None:
        if value is not None:
            datetime.strptime(datetime(2026, 11, 24).strftime(value), value)  # noqa: DTZ001, DTZ007
        return value

    @model_validator(mode="after")
    def _knows_its_fields(self) -> "Layout":
        given = self.columns.keys() | self.constants.keys()
        if unknown := sorted(given - FIELDS):
            raise ValueError(f"{unknown[0]} is no field; known are {', '.join(sorted(FIELDS))}")
        if "at" not in self.columns or not given & {"gross", "net", "credit", "debit"}:
            raise ValueError("columns for at and for gross, net, or credit and debit are expected")
        if self.sign == "side" and "side" not in self.columns:
            raise ValueError("a column for side is expected where it tells the sign")
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """The fields whose columns must be there."""
        usual = ("at", "gross", "net", "credit", "debit", "reference", "kind", "side", "currency")
        return tuple(field for field in usual if field in self.columns)

    def has(self, field: str) -> bool:
        """Whether a column is described for it."""
        return field in self.columns

    def text(self, row: Cells, field: str) -> str | None:
        """What a row says in a field."""
        return row.text(*self.columns.get(field, ())) or self.constants.get(field)

    def is_total(self, row: Cells) -> bool:
        """Whether it adds up the others."""
        if self.total is None:
            return False
        return (row.text(self.total.column) or "").casefold() == self.total.word.casefold()

    def name(self, row: Cells) -> str:
        """What names a row: its reference, else all that it says."""
        return self.text(row, "reference") or self.whole(row)

    def whole(self, row: Cells) -> str:
        """All that a row says, in short."""
        return name_of(*sorted((name, text.strip()) for name, text in row.row.cells.items()))


PLAIN = Layout(
    columns={
        "reference": ("reference", "id"),
        "order": ("order", "order_number"),
        "kind": ("kind", "type"),
        "gross": ("gross", "amount"),
        "fee": ("fee",),
        "net": ("net",),
        "currency": ("currency",),
        "at": ("at", "date"),
    }
)
"""Columns by our own names."""
CARRIER = {
    "columns": {
        "report_id": ["invoice", "invoice_number"],
        "reference": ["tracking_number", "tracking"],
        "weight": ["weight", "weight_kg"],
        "weight_unit": ["weight_unit", "unit"],
        "gross": ["cost", "amount"],
        "currency": ["currency"],
        "at": ["date", "shipped_at"],
    },
    "usual_kind": "carriage",
    "sign": "cost",
}
"""A carrier's invoice: a row for each parcel, with what it weighs and costs."""


def described(given: Any) -> Any:
    """A layout from settings: our own column names are usual; `like: carrier_invoice` begins with
    those of a parcel.
    """
    if not isinstance(given, dict):
        return given
    tree = {name: value for name, value in given.items() if name != "like"}
    if given.get("like") is None:
        return tree
    if given["like"] != "carrier_invoice":
        raise ValueError("carrier_invoice is expected")
    columns = {**CARRIER["columns"], **(tree.get("columns") or {})}  # type: ignore[dict-item]
    return {**CARRIER, **tree, "columns": columns}
