"""Stock rules: what is kept back, and how channels share the rest."""

from typing import Any

from hub.flows.config.applying.setting_stock_rules import set_rules
from hub.gateway.description.answers import stock as answers
from hub.gateway.routes import Ask, Param, Route, text
from hub.model.document import Count, OptId, Value, pieces
from hub.store.config import snapshot
from hub.store.stock import safety


class KeptBack(Value):
    """Pieces that are never promised: of one SKU or of each, in one warehouse or in each."""

    warehouse: OptId = None
    sku: OptId = None
    pieces: Count


class StockRules(Value):
    """What to set; what is not named stays. `shares` is the whole list of a merchant's rules, each
    with one of `percent`, `fixed`, `priority`, `floor` and `min_shelf_life_days`.
    """

    safety: tuple[KeptBack, ...] = ()
    shares: tuple[dict[str, Any], ...] | None = None


def shown(ask: Ask) -> dict[str, Any]:
    """A merchant's stock rules."""
    merchant = ask.whose(ask.query.get("merchant"), or_operator=True)
    return _shown(ask, merchant, _shares(ask, merchant))


def change(ask: Ask) -> dict[str, Any]:
    """Set stock rules of a merchant: levels and what channels are told follow."""
    merchant = ask.whose(ask.query.get("merchant"), or_operator=True)
    wanted = ask.read(StockRules).model_dump(mode="json", exclude_none=True)
    set_rules(ask.unit, merchant, wanted, ask.caller.actor)
    return _shown(ask, merchant, _shares(ask, merchant))


def _shares(ask: Ask, merchant: str) -> list[Any]:
    now = snapshot.shares_and_returns(ask.db, ask.directory, merchant)
    return list(now.shares.get(merchant, ()))


def _shown(ask: Ask, merchant: str, shares: list[Any]) -> dict[str, Any]:
    kept = [
        {"warehouse": it.warehouse or None, "sku": it.sku or None, "pieces": pieces(it.pieces)}
        for it in safety.rules(ask.db, [merchant])
    ]
    return {"merchant": merchant, "safety": kept, "shares": shares}


_WHOSE = (Param("merchant", "whose rules; a merchant's own key need not say", text),)

ROUTES = (
    Route("GET", "stock/rules", "stock:read", shown, answers.RulesItem, _WHOSE),
    Route(
        "POST", "stock/rules", "stock:manage", change, answers.RulesItem, _WHOSE, body=StockRules
    ),
)
