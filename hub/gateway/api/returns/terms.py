"""What a merchant takes back, until when, and what is decided by itself."""

from typing import Any

from hub.flows.config.applying.setting_return_terms import set_terms
from hub.gateway.description.answers import returns as answers
from hub.gateway.http.problems import Stop
from hub.gateway.routes import Ask, Param, Route, text
from hub.model.document import Instant
from hub.rules.returns import policy
from hub.rules.returns.policy import Policy
from hub.store.config import snapshot


class Wish(Policy):
    """Terms, and from when on they shall count."""

    valid_from: Instant | None = None


def shown(ask: Ask) -> dict[str, Any]:
    """A merchant's terms for returns, as they count."""
    return _shown(ask, _merchant(ask))


def change(ask: Ask) -> dict[str, Any]:
    """Put a merchant's terms for returns in force, the whole of them, from `valid_from` or from now
    on: a new version, where something else counts then. An object without terms takes them away,
    and those of the operator hold.
    """
    merchant = _merchant(ask)
    wish = ask.read(Wish)
    own = wish.model_dump(mode="json", exclude_unset=True, exclude={"valid_from"})
    set_terms(ask.unit, merchant, own, ask.caller.actor, wish.valid_from)
    return _shown(ask, merchant)


def _shown(ask: Ask, merchant: str) -> dict[str, Any]:
    returns = snapshot.shares_and_returns(ask.db, ask.directory, merchant).returns
    return {
        "merchant": merchant,
        "own": bool(policy.own(returns, merchant, ask.at)),
        "terms": policy.of(returns, merchant, ask.at).model_dump(mode="json"),
        "versions": [
            {
                "version": it.number,
                "valid_from": it.valid_from,
                "terms": it.terms,
                "author": it.author,
                "at": it.at,
            }
            for it in returns.get(merchant, ())
        ],
    }


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
          body=Wish),
)
# fmt: on
