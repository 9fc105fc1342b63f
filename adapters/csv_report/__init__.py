"""Reports in CSV, laid out as settings describe; carriers' invoices among them."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from adapters.kit.files.posted import Posted, described
from mappings.csv_report import DECODE, Layout, decoders
from mappings.csv_report import described as laid_out
from mappings.kit import Decoders


class Settings(Posted):
    """Settings and secrets of a connection to which described reports are posted."""

    layout: Annotated[Layout, BeforeValidator(laid_out)] | None = Field(
        None, description="columns, marks, words and totals; absent: columns by our own names"
    )


def _decoders(settings: Settings) -> Decoders:
    return DECODE if settings.layout is None else decoders(settings.layout)


ADAPTER = described(Settings, _decoders)
