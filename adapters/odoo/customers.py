"""Customers as partners under our number: made once, then written whenever they are told anew."""

from typing import Any

from adapters.odoo.lookup import Lookup, related
from adapters.odoo.rpc import Odoo
from adapters.odoo.sales import PARTNER
from adapters.ports import Receipt

Row = dict[str, Any]


class Customers:
    """One database's partners."""

    def __init__(self, odoo: Odoo, lookup: Lookup) -> None:
        self._odoo, self._lookup = odoo, lookup

    def send(self, told: Row) -> Receipt:
        """Make it, or write what is said of it now."""
        values = self._values(told)
        there = self._there(values)
        if there is None:
            return Receipt(str(self._odoo.create(PARTNER, values)))
        if _differs(values, there):
            self._odoo.write(PARTNER, [int(there["id"])], values)
        return Receipt(str(there["id"]))

    def find(self, told: Row) -> Receipt | None:
        """The partner, where it says what was told."""
        values = self._values(told)
        there = self._there(values)
        return None if there is None or _differs(values, there) else Receipt(str(there["id"]))

    def _values(self, told: Row) -> Row:
        country = told["country"]
        number = self._lookup.number("res.country", "code", country) if country else False
        return {**told["values"], "country_id": number}

    def _there(self, values: Row) -> Row | None:
        domain = [["ref", "=", values["ref"]], ["active", "in", [True, False]]]
        return next(iter(self._odoo.rows(PARTNER, domain, list(values), limit=1)), None)


def _differs(values: Row, there: Row) -> bool:
    """Unset is false there, and a record is named by number and words."""
    seen = {name: related(it) if isinstance(it, list) else it for name, it in there.items()}
    return any((seen.get(name) or False) != (value or False) for name, value in values.items())
