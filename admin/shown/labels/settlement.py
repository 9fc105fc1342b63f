"""Statements: what their lines are, and what stands behind them."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

# fmt: off
LINE_KINDS: Mapping[str, Any] = {
    "sales":       _l("sold"),
    "refunds":     _l("taken back"),
    "charge":      _l("charged"),
    "tax":         _l("tax on charges"),
    "adjustment":  _l("correction"),
    "carried_in":  _l("from the statement before"),
    "hold_in":     _l("held until now"),
    "hold_out":    _l("held for the next"),
    "reserve_in":  _l("reserve let go"),
    "reserve_out": _l("kept in reserve"),
}
BANK_SAYS: Mapping[str, Any] = {
    "pending":  _l("the bank looks at it"),
    "accepted": _l("taken by the bank"),
    "executed": _l("carried out by the bank"),
    "refused":  _l("refused by the bank"),
}
"""Where a payout stands there."""
# fmt: on

# fmt: off
CODES: Mapping[str, Mapping[str, Any]] = {
    "sales": {
        "sale":           _l("goods"),
        "shipping":       _l("delivery, as customers paid for it"),
        "fee":            _l("surcharges"),
        "rounding":       _l("rounding"),
    },
    "refunds": {
        "refund":         _l("refunds"),
        "chargeback":     _l("lost chargebacks"),
        "chargeback_fee": _l("fees of chargebacks"),
    },
    "charge": {
        "commission":     _l("commission"),
        "subscription":   _l("subscription"),
        "payment":        _l("payment fees"),
        "promotion":      _l("promotions"),
        "fulfilment":     _l("fulfilment"),
        "packing":        _l("packing"),
        "parcel":         _l("parcels"),
        "carriage":       _l("carriage"),
        "receipt":        _l("goods received"),
        "return":         _l("goods that came back"),
        "storage":        _l("storage"),
        "chargeback":     _l("chargebacks"),
    },
    "hold_out": {
        "delivered":      _l("days counted from delivery, as it was told"),
        "shipped":        _l("days counted from shipping: nobody told of delivery"),
    },
}
"""Kind of line -> its codes in words. Names of charges are the contract's own: others stay."""
DOCUMENTS: Mapping[str, Any] = {
    "order":      _l("order"),
    "refund":     _l("refund"),
    "shipment":   _l("shipment"),
    "statement":  _l("statement"),
    "goods":      _l("goods handled"),
    "adjustment": _l("correction"),
    "chargeback": _l("chargeback"),
}
"""What an entry comes from, by the beginning of its document."""
# fmt: on


def line_code(kind: str, code: str) -> str:
    """What a line is of, in words; empty where its kind says it all. A code that nobody knows, such
    as a charge of the contract's own name, stays as it is.
    """
    if kind == "adjustment":
        return str(_("by hand"))
    if kind == "reserve_out":
        return str(_("until %(day)s", day=code[:10]))
    name, _plus, days = code.partition("+")
    words = str(CODES.get(kind, {}).get(name, code))
    if days and days != "0":
        return str(_("%(what)s, and %(days)s days for it", what=words, days=days))
    return words


def entry_document(document: str) -> str:
    """What an entry comes from, in words, with the day it is of."""
    name, _colon, rest = document.partition(":")
    words = str(DOCUMENTS.get(name, name))
    return f"{words} {rest}" if name in _NAMED_ON else words


_NAMED_ON = frozenset({"statement", "goods"})
"""Whose names people know: others are shown as a link, or have none."""
