"""Words about people: their roles."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

# fmt: off
ROLES: Mapping[str, Any] = {
    "operator":   _l("Operator"),
    "integrator": _l("Integrator"),
    "warehouse":  _l("Warehouse"),
    "finance":    _l("Finance"),
    "merchant":   _l("Merchant"),
    "auditor":    _l("Auditor"),
}
# fmt: on
