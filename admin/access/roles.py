"""Who may do what: one table of every page and action, deny by default."""

from collections.abc import Mapping

from hub.store.people.accounts import Account

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
    "replays.selection":     "oi",
    "replays.replay_all":    "oi",
    "waiting.listed":        "oima",
    "waiting.clock":         "oima",
    "orders.listed":         _ALL,
    "orders.one":            _ALL,
    "orders.products":       "oim",
    "orders.unmask":         "oiwm",
    "order_desk.cancel":     "om",
    "order_desk.hold":       "oiwm",
    "order_desk.release":    "oim",
    "order_desk.reroute":    "oiw",
    "order_desk.address":    "oim",
    "order_edits.form":      "oim",
    "order_edits.propose":   "oim",
    "order_edits.apply":     "oim",
    "routing.form":          "oi",
    "routing.try_out":       "oi",
    "order_bulk.selection":  "oiwm",
    "order_bulk.ask_all":    "oiwm",
    "order_desk.sku":        "oim",
    "order_desk.product":    "oim",
    "codes.say":             "oi",
    "connections.listed":    "oima",
    "connections.one":       "oima",
    "connections.pause":     "oi",
    "connections.resume":    "oi",
    "connections.check":     "oi",
    "connections.poll":      "oi",
    "connections.replace":   "oi",
    "warehouses.board":      "oiwma",
    "warehouses.one":        "oiwma",
    "returns.listed":        "oiwfma",
    "returns.one":           "oiwfma",
    "returns.unmatched":     "oiwma",
    "return_terms.listed":   "oiwfma",
    "return_terms.one":      "oiwfma",
    "return_terms.preview":  "om",
    "return_terms.agree":    "om",
    "return_desk.approve":   "oim",
    "return_desk.reject":    "oim",
    "return_desk.cancel":    "oim",
    "return_desk.waive":     "om",
    "return_desk.receive":   "ow",
    "return_desk.inspect":   "ow",
    "return_desk.confirm":   "ofm",
    "return_desk.refund":    "ofm",
    "return_desk.exchange":  "ofm",
    "return_desk.close":     "oim",
    "return_desk.match":     "oiw",
    "inbound.listed":        "oiwma",
    "inbound.one":           "oiwma",
    "inbound.notify":        "oim",
    "inbound.cancel":        "oim",
    "inbound.close":         "oiwm",
    "inbound.differences":   "oiwma",
    "inbound.decide":        "oim",
    "announcing.form":       "oim",
    "announcing.announce":   "oim",
    "stocktakes.listed":     "oiwfma",
    "stocktakes.one":        "oiwfma",
    "stocktakes.form":       "owm",
    "stocktakes.open":       "owm",
    "stocktakes.count":      "ow",
    "stocktakes.submit":     "ow",
    "stocktakes.recount":    "ofm",
    "stocktakes.approve":    "ofm",
    "stocktakes.cancel":     "ofm",
    "customers.listed":      "oima",
    "customers.search":      "oim",
    "customers.single":      "oima",
    "customers.unmask":      "om",
    "customers.merge":       "om",
    "customers.unmerge":     "om",
    "customers.distinct":    "om",
    "customers.forget":      "om",
    "customer_retention.listed":  "oima",
    "customer_retention.preview": "om",
    "customer_retention.say":     "om",
    "reconciliation.listed":      "ofma",
    "reconciliation.one":         "ofma",
    "reconciliation.decide":      "of",
    "reconciliation.undo":        "of",
    "reconciliation.match":       "of",
    "reconciliation.chargebacks": "ofma",
    "reconciliation.move":        "of",
    "stock.levels":          _ALL,
    "stock.ledger":          _ALL,
    "stock.explain":         _ALL,
    "settlement.listed":     "oifma",
    "settlement.one":        "oifma",
    "settlement.line":       "oifma",
    "settlement.calculate":  "of",
    "settlement.approve":    "of",
    "settlement.pay":        "of",
    "settlement.take_back":  "of",
    "settlement.dispute":    "ofm",
    "settlement.resolve":    "of",
    "settlement.close":      "of",
    "settlement.payout_file": "of",
    "contracts.listed":      "oifma",
    "contracts.one":         "oifma",
    "contracts.preview":     "of",
    "contracts.agree":       "of",
    "adjustments.listed":    "oifma",
    "adjustments.enter":     "of",
    "adjustments.decide":    "of",
    "books.listed":          "oifma",
    "books.exported":        "ofma",
    "books.close":           "of",
    "invoices.file":         "ofm",
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

WHOLE_HUB = frozenset(
    {
        *("people.listed", "people.add", "people.disable", "people.enable"),
        *("settlement.calculate", "settlement.approve", "settlement.pay", "settlement.take_back"),
        *("settlement.resolve", "settlement.close", "settlement.payout_file"),
        *("contracts.preview", "contracts.agree", "adjustments.enter", "adjustments.decide"),
    }
)
"""Nobody whose account is bound to some merchants: they could make themselves one that is not, or
decide about their own money.
"""


def may(account: Account | None, endpoint: str) -> bool:
    """Whether an account may reach an endpoint. What stands in no table is allowed to nobody."""
    if endpoint in OPEN:
        return True
    if account is None or account.role not in MAY.get(endpoint, frozenset()):
        return False
    return endpoint not in WHOLE_HUB or not account.merchants
