"""What codes are called in front of people. A code that stands in no table is shown as it is."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from hub.rules.detectors import what_of

# fmt: off
STATUSES: Mapping[str, Any] = {
    # messages
    "received":         _l("received"),
    "behind":           _l("behind another"),
    "processing":       _l("being worked"),
    "retry":            _l("tried again later"),
    "waiting":          _l("waiting"),
    "parked":           _l("parked"),
    "done":             _l("done"),
    "ignored":          _l("ignored"),
    "discarded":        _l("discarded"),
    "pending":          _l("to be sent"),
    "sending":          _l("being sent"),
    "unknown":          _l("outcome unknown"),
    "delivered":        _l("delivered"),
    "superseded":       _l("overtaken by a newer one"),
    # orders and fulfilment orders
    "held":             _l("held"),
    "open":             _l("open"),
    "cancel_requested": _l("cancel asked for"),
    "cancelled":        _l("cancelled"),
    "completed":        _l("completed"),
    "planned":          _l("planned"),
    "notified":         _l("warehouse told"),
    "accepted":         _l("accepted"),
    "picking":          _l("picking"),
    "packed":           _l("packed"),
    "shipped":          _l("shipped"),
    "short":            _l("short"),
    "rejected":         _l("rejected"),
    # of connections, accounts, incidents and breakers
    "active":           _l("active"),
    "paused":           _l("paused"),
    "disabled":         _l("disabled"),
    "closed":           _l("closed"),
    "half_open":        _l("probing"),
    # routing
    "chosen":           _l("chosen"),
    "not_needed":       _l("not needed"),
    "no_stock":         _l("no stock"),
    "ruled_out":        _l("ruled out"),
}

EVENTS: Mapping[str, Any] = {
    "received":              _l("Order received"),
    "changed":               _l("Order changed by the channel"),
    "change_refused":        _l("Change came too late"),
    "held":                  _l("Held"),
    "released":              _l("Released"),
    "release_asked":         _l("Release asked for"),
    "recorded":              _l("Recorded, nothing to ship"),
    "routed":                _l("Routed"),
    "backordered":           _l("Waits for stock"),
    "withdrawn":             _l("Taken back before the warehouse was told"),
    "cancel_asked":          _l("Warehouse asked to let go"),
    "cancel_requested":      _l("Cancel asked for"),
    "cancelled":             _l("Cancelled"),
    "cancel_refused":        _l("Warehouse could not stop it"),
    "completed":             _l("Completed"),
    "reroute_asked":         _l("Reroute asked for"),
    "reconsidered":          _l("Judged anew"),
    "refunded":              _l("Refunded"),
    "shipped":               _l("Shipped"),
    "shipped_in_part":       _l("Shipped in part"),
    "told":                  _l("Partner told"),
    "telling_parked":        _l("Telling a partner failed"),
    "contradiction":         _l("Contradiction"),
    "warehouse_accepted":    _l("Warehouse accepted"),
    "warehouse_rejected":    _l("Warehouse rejected"),
    "warehouse_picking":     _l("Warehouse is picking"),
    "warehouse_packed":      _l("Warehouse packed"),
    "warehouse_shipped":     _l("Warehouse says it left"),
    "warehouse_delivered":   _l("Carrier delivered"),
    "warehouse_short":       _l("Warehouse is short"),
    "warehouse_cancelled":   _l("Warehouse let go"),
    "warehouse_cancel_refused": _l("Warehouse cannot stop it"),
    "warehouse_exception":   _l("Warehouse reports a problem"),
    # what people ask for
    "hold":                  _l("Hold"),
    "release":               _l("Release"),
    "cancel":                _l("Cancel"),
    "ask_cancel":            _l("Cancel"),
    "reroute":               _l("Reroute"),
    "replay":                _l("Replay"),
    "edit":                  _l("Edit and replay"),
    "discard":               _l("Discard"),
    "settle":                _l("Settle"),
    "pause":                 _l("Pause"),
    "resume":                _l("Resume"),
    "close":                 _l("Close"),
}

HOLDS: Mapping[str, Any] = {
    "test_order":         _l("Test order"),
    "awaiting_payment":   _l("Awaiting payment"),
    "unknown_sku":        _l("Unknown article"),
    "totals_mismatch":    _l("Amounts do not add up"),
    "no_address":         _l("No address"),
    "bad_address":        _l("Address incomplete"),
    "unmapped_code":      _l("Code without entry"),
    "unknown_currency":   _l("Unknown currency"),
    "risk":               _l("Risk"),
    "possible_duplicate": _l("Possible duplicate"),
    "customer_note":      _l("Customer left a note"),
    "refund_in_progress": _l("Refund under way"),
    "no_route":           _l("No warehouse may ship it"),
    "out_of_stock":       _l("Out of stock"),
    "merchant_suspended": _l("Merchant not active"),
    "manual":             _l("Held by a person"),
}

CAUSES: Mapping[str, Any] = {
    "bad_data":            _l("The document is wrong"),
    "bad_json":            _l("Not valid JSON"),
    "bad_xml":             _l("Not valid XML"),
    "bad_encoding":        _l("Not valid text"),
    "bad_number":          _l("A number is wrong"),
    "bad_quantity":        _l("A quantity is wrong"),
    "bad_time":            _l("A time is wrong"),
    "bad_id":              _l("An id is wrong"),
    "bad_text":            _l("A text is wrong"),
    "missing_field":       _l("A field is missing"),
    "unknown_field":       _l("A field nobody knows"),
    "wrong_type":          _l("A field is of the wrong type"),
    "unknown_code":        _l("A code without entry"),
    "unknown_sku":         _l("An unknown article"),
    "empty_body":          _l("Nothing in it"),
    "too_deep":            _l("Nested too deep"),
    "too_large":           _l("Too large"),
    "too_long":            _l("Too long"),
    "duplicate_key":       _l("A field stands twice"),
    "rejected":            _l("The partner refused it"),
    "not_authorised":      _l("The partner refuses our credentials"),
    "contradiction":       _l("Contradicts what is settled"),
    "gave_up":             _l("Tried for too long"),
    "try_later":           _l("Could not be reached"),
    "outcome_unknown":     _l("No answer came"),
    "already_done":        _l("They had it already"),
    "unknown_outcome":     _l("Nobody knows whether it arrived"),
    "internal_error":      _l("A fault of the hub"),
    "stale":               _l("Older than what is known"),
    "repeated":            _l("Known already"),
    "late":                _l("Overtaken by events"),
    "not_subscribed":      _l("Not asked for"),
    "bad_body":            _l("Cut off on its way"),
    "unknown_encoding":    _l("Packed in a way nobody knows"),
    "xml_forbidden":       _l("XML of a kind that is not read"),
    "bad_tax":             _l("A tax is wrong"),
    "no_lines":            _l("It has no lines"),
    "conflicting_lines":   _l("A line stands twice and differs"),
    "connection_paused":   _l("The connection is paused"),
    "connection_unusable": _l("The connection's settings do not fit"),
    "sealed":              _l("What is stored does not open"),
    "crashes_worker":      _l("It ended workers three times"),
    "needs_person":        _l("A person must look"),
    "endpoint_missing":    _l("Nothing is at the partner's address"),
    "network_forbidden":   _l("The address is not allowed"),
    "differs_at_partner":  _l("They have it with other content"),
    "partner_error":       _l("The partner failed"),
    "warning":             _l("The partner asks to be confirmed"),
    "missing_master_data": _l("The books lack master data"),
    "totals_differ":       _l("The books come to another total"),
    "nothing_to_ship":     _l("Nothing is left to ship"),
    "shipment_stuck":      _l("The shipment does not move on"),
    "unchanged":           _l("Stored exactly so already"),
    "nothing_in_it":       _l("It holds no document"),
    "no_consequence":      _l("It changes nothing"),
    "told_by_order":       _l("The order itself tells it"),
    "own_stock":           _l("Our own stock, told back"),
    "kept":                _l("Taken off a channel, still known"),
    "deleted_at_channel":  _l("Deleted at the channel"),
    "no_sku":              _l("No variant has a SKU"),
}

DOCUMENTS: Mapping[str, Any] = {
    "sales_order":             _l("order"),
    "refund":                  _l("refund"),
    "product":                 _l("product"),
    "fulfilment_order":        _l("fulfilment order"),
    "fulfilment_cancellation": _l("cancellation"),
    "fulfilment_status":       _l("warehouse status"),
    "shipment":                _l("shipment"),
    "stock_level":             _l("stock level"),
    "stock_report":            _l("stock report"),
    "stock_change":            _l("stock change"),
    "inbound_notice":          _l("inbound notice"),
    "goods_receipt":           _l("goods receipt"),
    "return":                  _l("return"),
    "return_receipt":          _l("return receipt"),
    "settlement_report":       _l("settlement report"),
    "journal_entry":           _l("journal entry"),
    "customer":                _l("customer"),
    "acknowledgement":         _l("acknowledgement"),
}

ROLES: Mapping[str, Any] = {
    "operator":   _l("Operator"),
    "integrator": _l("Integrator"),
    "warehouse":  _l("Warehouse"),
    "finance":    _l("Finance"),
    "merchant":   _l("Merchant"),
    "auditor":    _l("Auditor"),
}

KINDS: Mapping[str, Any] = {
    "channel":   _l("channel"),
    "warehouse": _l("warehouse"),
    "erp":       _l("ERP"),
    "crm":       _l("CRM"),
    "finance":   _l("finance"),
}

PAYMENTS: Mapping[str, Any] = {
    "pending":            _l("payment pending"),
    "authorized":         _l("payment authorized"),
    "partially_paid":     _l("partly paid"),
    "paid":               _l("paid"),
    "partially_refunded": _l("partly refunded"),
    "refunded":           _l("refunded"),
    "voided":             _l("payment voided"),
}

INCIDENTS: Mapping[str, Any] = {
    "contradiction":          _l("Contradiction"),
    "connection_paused":      _l("Connection paused"),
    "shipment_differs":       _l("Shipment differs"),
    "warehouse_exception":    _l("Warehouse reports a problem"),
    "return_proposed":        _l("Return to be arranged"),
    "counted_below_reserved": _l("Counted below what is promised"),
    "worker_dead":            _l("A worker died"),
    "worker_frozen":          _l("A worker is frozen"),
    "no_worker":              _l("No worker runs"),
    "worker_silent":          _l("A worker does not get on"),
    "lease_expired":          _l("A lane was not given back"),
    "backlog_old":            _l("The backlog grows old"),
    "bulk_old":               _l("Bulk waits for long"),
    "orders_silent":          _l("No orders come in"),
    "key_blocked":            _l("Parked messages hold back others"),
    "partner_away":           _l("A partner does not answer"),
    "long_transaction":       _l("A transaction stays open"),
    "clock_apart":            _l("A clock is wrong"),
    "broker_away":            _l("The broker is away"),
    "disk_low":               _l("A disk is nearly full"),
}

TROUBLES: Mapping[str, Any] = {
    "worker_dead":
        _l("Worker %(what)s died, and none was started in its place."),
    "worker_frozen":
        _l("Worker %(what)s is not heard any more: others took its work; end and restart it."),
    "no_worker":
        _l("No worker runs, and work waits: start one."),
    "worker_silent":
        _l("Worker %(what)s lives but does not get on, while work waits: restart it."),
    "lease_expired":
        _l("Lane %(what)s was not given back in time: it is freed for others."),
    "backlog_old":
        _l("Messages of %(what)s wait longer than they should: more workers, or a slow partner."),
    "bulk_old":
        _l("Bulk messages of %(what)s have waited for an hour."),
    "orders_silent":
        _l("No order has come from %(what)s for longer than is usual: see its webhooks."),
    "key_blocked":
        _l("Parked messages of %(what)s hold back others: mend or discard them."),
    "partner_away":
        _l("%(what)s has not answered for an hour: what is to be told waits."),
    "long_transaction":
        _l("A transaction of %(what)s has been open for over a minute: it slows everything down."),
    "clock_apart":
        _l("The clock of %(what)s differs from the database's: set both by NTP."),
    "broker_away":
        _l("%(what)s does not reach the broker: nothing is lost, everything is slower."),
    "disk_low":
        _l("The disk of %(what)s is nearly full: make room."),
}
"""What the hub says of its own trouble, as `hub/rules/detectors.py` has it."""

DETAILS: Mapping[str, Any] = {
    "account":           _l("account"),
    "because":           _l("because"),
    "channel":           _l("channel"),
    "code":              _l("code"),
    "document":          _l("document"),
    "fallback":          _l("fallback"),
    "fulfilment_order":  _l("fulfilment order"),
    "fulfilment_orders": _l("fulfilment orders"),
    "kind":              _l("kind"),
    "merchants":         _l("merchants"),
    "message":           _l("message"),
    "packages":          _l("packages"),
    "partner":           _l("partner"),
    "pieces":            _l("pieces"),
    "reason":            _l("reason"),
    "reasons":           _l("reasons"),
    "reference":         _l("reference"),
    "role":              _l("role"),
    "said":              _l("said"),
    "sentence":          _l("sentence"),
    "to":                _l("to"),
    "verdict":           _l("verdict"),
    "waived":            _l("waived"),
    "warehouse":         _l("warehouse"),
}

_TONES: Mapping[str, str] = {
    **dict.fromkeys(
        ("done", "delivered", "already_done", "completed", "shipped", "active", "chosen"), "good"),
    **dict.fromkeys(
        ("parked", "rejected", "short", "disabled", "unknown", "no_stock", "half_open", "gave_up",
         "outcome_unknown", "unknown_outcome", "internal_error"), "bad"),
    **dict.fromkeys(
        ("held", "waiting", "retry", "try_later", "cancel_requested", "paused", "behind",
         "ruled_out"), "warn"),
    **dict.fromkeys(
        ("open", "received", "processing", "pending", "sending", "notified", "accepted", "picking",
         "packed", "planned"), "busy"),
}
# fmt: on


def _said(table: Mapping[str, Any], code: object) -> str:
    text = str(code)
    return str(table.get(text) or text.replace("_", " "))


def label(code: object) -> str:
    """A status."""
    return _said(STATUSES, code)


def event(code: object) -> str:
    """What happened, or what is asked for."""
    return _said(EVENTS, code)


def hold(code: object) -> str:
    """Why an order is held."""
    return _said(HOLDS, code)


def cause(code: object) -> str:
    """Why a message stands still or came to nothing."""
    return _said(CAUSES, code)


def document(topic: object) -> str:
    """What a message is about."""
    return _said(DOCUMENTS, topic) if str(topic) in DOCUMENTS else str(topic)


def role(code: object) -> str:
    """A role."""
    return _said(ROLES, code)


def kind(code: object) -> str:
    """What a partner is."""
    return _said(KINDS, code)


def payment(state: object) -> str:
    """How far an order is paid."""
    return _said(PAYMENTS, state)


def incident(code: object) -> str:
    """What kind of incident."""
    return _said(INCIDENTS, code)


def trouble(kind: object, subject: str, sentence: str) -> str:
    """What an incident says: in the reader's language where the hub found it by itself."""
    known = TROUBLES.get(str(kind))
    return str(known) % {"what": what_of(subject)} if known else sentence


def pairs(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What an entry of the timeline or the audit says besides, named and in words."""
    return [(_said(DETAILS, name), _value(value)) for name, value in detail.items() if value]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(_value(one) for one in value.values())
    if isinstance(value, list | tuple):
        return ", ".join(_value(one) for one in value)
    for table in (HOLDS, DOCUMENTS, CAUSES):
        if str(value) in table:
            return str(table[str(value)])
    return str(value)


def tone(status: object) -> str:
    """How a status is to be felt: good, warn, bad, busy or calm."""
    return _TONES.get(str(status), "calm")
