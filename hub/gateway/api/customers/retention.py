"""How long a merchant's customers are kept after their last order."""

from typing import Annotated, Any

from pydantic import Field

from hub.flows.customers import keeping
from hub.gateway.description.answers import customers as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask, Param, Route, text
from hub.model.document import Value
from hub.store.customers import retention

Days = Annotated[int, Field(ge=keeping.FEWEST, le=keeping.MOST)]


class Keep(Value):
    """Days after the last order; null: for ever."""

    days: Days | None


def shown(ask: Ask) -> dict[str, Any]:
    """How long a merchant's customers are kept, and how many are past that now."""
    return _shown(ask, _merchant(ask))


def say(ask: Ask) -> dict[str, Any]:
    """Say how long a merchant's customers are kept; who is past that is forgotten by the clock, as
    by an erasure that he asks for. Invoices stay.
    """
    merchant = _merchant(ask)
    keeping.say(ask.unit, merchant, ask.read(Keep).days, ask.caller.actor)
    return _shown(ask, merchant)


def preview(ask: Ask) -> dict[str, Any]:
    """How many would be forgotten if customers were kept for so many days. Nothing is kept."""
    merchant, days = _merchant(ask), ask.read(Keep).days
    return {"merchant": merchant, "days": days, "past": _past(ask, merchant, days)}


def _shown(ask: Ask, merchant: str) -> dict[str, Any]:
    kept = retention.of(ask.db, merchant)
    days = kept.days if kept else None
    return {"merchant": merchant, "days": days, "past": _past(ask, merchant, days)}


def _past(ask: Ask, merchant: str, days: int | None) -> int:
    return 0 if days is None else keeping.count(ask.unit, merchant, days)


def _merchant(ask: Ask) -> str:
    """Whose customers; a connection has none to keep."""
    if ask.caller.connection is not None:
        raise Stop(403, "not_yours", "only the merchant or the operator may do this")
    return ask.whose(ask.query.get("merchant"))


_WHOSE = (Param("merchant", "whose customers; a merchant's own key need not say", text),)
_R = "customer-retention"

# fmt: off
ROUTES = (
    Route("GET", _R, "customers:read", shown, answers.RetentionItem, _WHOSE),
    Route("POST", _R, "customers:erase", say, answers.RetentionItem, _WHOSE, body=Keep),
    Route("POST", f"{_R}/preview", "customers:read", preview, answers.RetentionItem, _WHOSE,
          body=Keep),
)
# fmt: on
