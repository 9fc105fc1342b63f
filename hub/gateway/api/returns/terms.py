"""What a merchant takes back, until when, and what is decided by itself."""

from typing import Any

from hub.flows.config.applying.setting_return_terms import set_terms
from hub.gateway.description.answers import returns as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask, Param, Route, text
from hub.rules.returns import policy
from hub.rules.returns.policy import Policy
from hub.store.config import snapshot


def shown(ask: Ask) -> dict[str, Any]:
    """A merchant's terms for returns, as they count."""
    return _shown(ask, _merchant(ask))


def change(ask: Ask) -> dict[str, Any]:
    """Replace a merchant's terms for returns: the whole of them. An empty object takes them away,
    and those of the operator hold.
    """
    merchant = _merchant(ask)
    terms = ask.read(Policy)
    own = terms.model_dump(mode="json", exclude_unset=True)
    set_terms(ask.unit, merchant, own, ask.caller.actor)
    return _shown(ask, merchant)


def _shown(ask: Ask, merchant: str) -> dict[str, Any]:
    returns = snapshot.shares_and_returns(ask.db, ask.directory, merchant).returns
    terms = policy.of(returns, merchant).model_dump(mode="json")
    return {"merchant": merchant, "own": merchant in returns, "terms": terms}


def _merchant(ask: Ask) -> str:
    """Whose terms; a connection has none to read or set."""
    if ask.caller.connection is not None:
        raise Stop(403, "not_yours", "only the merchant or the operator may do this")
    return ask.whose(ask.query.get("merchant"), or_operator=True)


_WHOSE = (Param("merchant", "whose terms; a merchant's own key need not say", text),)

# fmt: off
ROUTES = (
    Route("GET", "return-terms", "returns:read", shown, answers.TermsItem, _WHOSE),
    Route("POST", "return-terms", "returns:manage", change, answers.TermsItem, _WHOSE,
          body=Policy),
)
# fmt: on
