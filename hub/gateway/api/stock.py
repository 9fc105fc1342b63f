"""Stock: levels, the ledger behind them, and what warehouses count and correct."""

from typing import Any

from hub.gateway.api import telling
from hub.gateway.description.answers import Said
from hub.gateway.description.answers import stock as answers
from hub.gateway.routes import PAGED, Ask, Param, Route, choice, text
from hub.model.document import pieces
from hub.model.errors import NotFound
from hub.model.stock import StockChange, StockReport
from hub.store.views import stock
from hub.store.views.stock import Entry, Level, Wanted
from mappings.reading import read_json_object


def levels(ask: Ask) -> Any:
    """Levels by warehouse and SKU."""
    found = stock.levels(ask.db, _wanted(ask), after=ask.after(), limit=ask.limit())
    return ask.listed(found, _level)


def ledger(ask: Ask) -> Any:
    """Movements, newest first."""
    found = stock.ledger(ask.db, _wanted(ask), after=ask.after(), limit=ask.limit())
    return ask.listed(found, _entry)


def report(ask: Ask) -> Any:
    """A warehouse's own count; what differs is booked as a stocktake."""
    return _tell(ask, "stock_report")


def adjust(ask: Ask) -> Any:
    """A movement that no document of ours caused."""
    return _tell(ask, "stock_change")


def _tell(ask: Ask, kind: str) -> dict[str, Any]:
    named = read_json_object(ask.body).get("warehouse")
    code = named if isinstance(named, str) else None
    partner = telling.partner_of(ask, code, "warehouse", "warehouse")
    raw = telling.completed(ask.body, "warehouse", partner.code)
    return telling.tell(ask, kind, raw, partner, f"stock:{partner.code}").shown()


def _wanted(ask: Ask) -> Wanted:
    warehouse = ask.query.get("warehouse")
    if ask.caller.connection is not None:
        if warehouse not in (None, ask.caller.connection.code):
            raise NotFound
        warehouse = ask.caller.connection.code
    return Wanted(
        warehouse=warehouse,
        sku=ask.query.get("sku"),
        quality=ask.query.get("quality"),
        merchant=ask.query.get("merchant"),
    )


def _level(row: Level) -> dict[str, Any]:
    return {
        "merchant": row.merchant,
        "warehouse": row.warehouse,
        "sku": row.sku,
        "quality": row.quality,
        "on_hand": pieces(row.on_hand),
        "reserved": pieces(row.reserved),
        "safety": pieces(row.safety),
        "expiring": pieces(row.expiring),
        "available": pieces(row.available),
        "expected": pieces(row.expected),
        "counted_at": row.counted_at,
    }


def _entry(row: Entry) -> dict[str, Any]:
    return {
        "id": row.id,
        "merchant": row.merchant,
        "warehouse": row.warehouse,
        "sku": row.sku,
        "quality": row.quality,
        "delta": pieces(row.delta),
        "balance_after": pieces(row.balance_after),
        "reason": row.reason,
        "document": row.document,
        "actor": row.actor,
        "at": row.at,
        "batch": row.batch,
        "expires_on": row.expires_on,
    }


_FILTERS = (
    Param("warehouse", "the connection that holds it", text),
    Param("sku", "the merchant's article", text),
    choice("quality", "good, defective, or on its way here", "good", "defective", "in_transit"),
    Param("merchant", "whose goods they are", text),
    *PAGED,
)

ROUTES = (
    Route("GET", "stock", "stock:read", levels, answers.LevelPage, _FILTERS),
    Route("GET", "stock/ledger", "stock:read", ledger, answers.EntryPage, _FILTERS),
    Route("POST", "stock/reports", "stock:write", report, Said, body=StockReport),
    Route("POST", "stock/adjustments", "stock:write", adjust, Said, body=StockChange),
)
