"""Who may do what: one table of every page and action, deny by default."""

from collections.abc import Mapping

from hub.store.accounts import Account

OPEN = frozenset({"static", "entry.login", "entry.log_in", "entry.language", "watch.healthz"})
"""What anybody may reach without having logged in."""

_LETTERS = {
    "o": "operator",
    "i": "integrator",
    "w": "warehouse",
    "f": "finance",
    "m": "merchant",
    "a": "auditor",
}

_ALL = "oiwfma"

# fmt: off
_TABLE: Mapping[str, str] = {
    # endpoint               who
    "entry.log_out":         _ALL,
    "entry.account":         _ALL,
    "entry.password":        _ALL,
    "entry.revoke":          _ALL,
    "overview.home":         _ALL,
    "overview.numbers":      _ALL,
    "overview.search":       _ALL,
    "messages.listed":       "oima",
    "messages.one":          "oima",
    "messages.unmask":       "oi",
    "mending.edit":          "oi",
    "mending.preview":       "oi",
    "mending.confirm":       "oi",
    "mending.replay":        "oi",
    "mending.discard":       "oi",
    "mending.settle":        "oi",
    "mending.selection":     "oi",
    "mending.replay_all":    "oi",
    "waiting.listed":        "oima",
    "orders.listed":         _ALL,
    "orders.one":            _ALL,
    "orders.unmask":         "oiwm",
    "order_desk.cancel":     "om",
    "order_desk.hold":       "oiwm",
    "order_desk.release":    "oim",
    "order_desk.reroute":    "oiw",
    "order_desk.sku":        "oim",
    "order_desk.product":    "oim",
    "connections.listed":    "oima",
    "connections.one":       "oima",
    "connections.pause":     "oi",
    "connections.resume":    "oi",
    "stock.levels":          _ALL,
    "stock.ledger":          _ALL,
    "incidents.listed":      _ALL,
    "incidents.close":       "oiw",
    "people.listed":         "o",
    "people.add":            "o",
    "people.disable":        "o",
    "people.enable":         "o",
    "audit.listed":          "oa",
}
# fmt: on

MAY: Mapping[str, frozenset[str]] = {
    endpoint: frozenset(_LETTERS[letter] for letter in who) for endpoint, who in _TABLE.items()
}

WHOLE_HUB = frozenset({"people.listed", "people.add", "people.disable", "people.enable"})
"""Nobody whose account is bound to some merchants: they could make themselves one that is not."""


def may(account: Account | None, endpoint: str) -> bool:
    """Whether an account may reach an endpoint. What stands in no table is allowed to nobody."""
    if endpoint in OPEN:
        return True
    if account is None or account.role not in MAY.get(endpoint, frozenset()):
        return False
    return endpoint not in WHOLE_HUB or not account.merchants
