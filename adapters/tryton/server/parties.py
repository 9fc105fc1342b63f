"""Parties and addresses: found again by our code and by what stands in them, else created."""

from collections.abc import Sequence
from typing import Any

from adapters.tryton.server.records import Records
from adapters.tryton.server.rpc import Rpc
from mappings.kit.ledger_lines import Party, PartyAddress

PARTY, ADDRESS = "party.party", "party.address"
FIELDS = ("party_name", "street", "postal_code", "city", "country", "subdivision")
Values = dict[str, Any]


class Parties:
    """Whom goods go to, and where."""

    def __init__(self, rpc: Rpc, records: Records) -> None:
        self._rpc, self._records = rpc, records

    def numbers(self, wanted: dict[str, Party]) -> dict[str, int]:
        """Parties by code."""
        domain = [["code", "in", sorted(wanted)]]
        rows = self._rpc.call(PARTY, "search_read", domain, 0, None, None, ["code"])
        numbers = {row["code"]: int(row["id"]) for row in rows}
        missing = [party for code, party in wanted.items() if code not in numbers]
        if missing:
            created = self._rpc.call(PARTY, "create", [party_values(party) for party in missing])
            numbers |= {party["code"]: at for party, at in zip(missing, created, strict=True)}
        return numbers

    def addresses(self, places: Sequence[tuple[int, Values]]) -> list[int]:
        """The address of each (party, values of `values`)."""
        domain = [["party", "in", sorted({party for party, _ in places})]]
        columns = ["party", *FIELDS]
        rows = self._rpc.call(ADDRESS, "search_read", domain, 0, None, None, columns)
        known = {_key(row["party"], row): int(row["id"]) for row in reversed(rows)}
        missing = {
            _key(party, values): values | {"party": party}
            for party, values in places
            if _key(party, values) not in known
        }
        if missing:
            created = self._rpc.call(ADDRESS, "create", list(missing.values()))
            known |= dict(zip(missing, created, strict=True))
        return [known[_key(party, values)] for party, values in places]

    def values(self, address: PartyAddress, path: str) -> Values:
        """An address by ids. A region that Tryton does not know stands behind the city."""
        region = self._records.subdivision(address["country"], address["region_code"])
        city = address["city"]
        if address["region"] and region is None:
            city = ", ".join(filter(None, (city, address["region"])))
        return {
            "party_name": address["party_name"] or None,
            "street": address["street"] or None,
            "postal_code": address["postal_code"] or None,
            "city": city or None,
            "country": self._records.country(address["country"], f"{path}.country"),
            "subdivision": region,
        }


def party_values(party: Party) -> Values:
    """A new party with the ways to reach it."""
    ways = [
        {"type": kind, "value": value}
        for kind, value in (("email", party["email"]), ("phone", party["phone"]))
        if value
    ]
    numbers = [{"code": party["tax_id"]}] if party["tax_id"] else []
    return {
        "name": party["name"],
        "code": party["code"],
        **({"contact_mechanisms": [["create", ways]]} if ways else {}),
        **({"identifiers": [["create", numbers]]} if numbers else {}),
    }


def _key(party: int, values: Values) -> tuple[Any, ...]:
    """What makes two addresses the same; no value and an empty one are alike."""
    return (party, *(values[name] or None for name in FIELDS))
