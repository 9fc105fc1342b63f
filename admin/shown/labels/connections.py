"""Words about connections: what partners are, how each does, what a process lacks to use one."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
KINDS: Mapping[str, Any] = {
    "channel":   _l("channel"),
    "warehouse": _l("warehouse"),
    "erp":       _l("ERP"),
    "crm":       _l("CRM"),
    "finance":   _l("finance"),
    "carrier":   _l("carrier"),
}

CODE_LISTS: Mapping[str, Any] = {
    "carriers":             _l("a carrier"),
    "countries":            _l("a country"),
    "fulfilment_statuses":  _l("a status of fulfilment"),
    "qualities":            _l("a kind of stock"),
    "stock_reasons":        _l("a reason for a change of stock"),
    "products":             _l("a product"),
    "taxes":                _l("a tax"),
}

STATES: Mapping[str, Any] = {
    "works":               _l("works"),
    "returning":           _l("coming back"),
    "away":                _l("does not answer"),
    "deliveries_refused":  _l("deliveries refused"),
    "unusable":            _l("cannot be used"),
    "paused":              _l("paused"),
    "credentials_refused": _l("credentials refused"),
    "address_gone":        _l("address gone"),
    "given_up":            _l("away too long"),
}
"""How a connection does, on its badge."""

SAYINGS: Mapping[str, Any] = {
    "credentials_refused": _l("Paused: the partner does not accept its credentials."),
    "address_gone":        _l("Paused: nothing is at its address."),
    "given_up":            _l("Paused: it has not answered for three days."),
    "paused":              _l("Paused: %(because)s."),
    "unusable":            _l("Cannot be used by %(process)s, for want of %(lacks)s %(name)s."),
    "away":                _l("Does not answer: nothing is sent but a probe now and then."),
    "deliveries_refused":  _l("Its deliveries are refused as %(code)s: see %(secrets)s."),
    "returning":           _l("Answers again by and by: one call at a time."),
    "works":               _l("Works."),
}
"""The same as a sentence, as `hub/rules/ops/condition.py` has it."""

LACKS: Mapping[str, Any] = {
    "env":     _l("the environment variable"),
    "file":    _l("the file"),
    "enc":     _l("the data key of"),
    "adapter": _l("the adapter"),
    "setting": _l("a fitting value of"),
}
"""What a process can lack to use a connection, before its name."""
# fmt: on
