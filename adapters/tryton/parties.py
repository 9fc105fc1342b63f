"""The parties and addresses of sales."""

from collections.abc import Sequence

from adapters.tryton.server import parties
from adapters.tryton.server.parties import Values
from mappings.kit.bills.sale import Sale


class Parties(parties.Parties):
    """The customers of sales."""

    def check(self, sale: Sale) -> None:
        """Raise what stands against the addresses of one sale, before a batch is begun."""
        self.values(sale["invoice_address"], "bill_to")
        self.values(sale["shipment_address"], "ship_to")

    def resolve(self, sales: Sequence[Sale]) -> list[Values]:
        """For each sale the fields that name its party and addresses."""
        wanted = {sale["party"]["code"]: sale["party"] for sale in sales}
        numbers = self.numbers(wanted)
        places = [
            (numbers[sale["party"]["code"]], self.values(address, path))
            for sale in sales
            for address, path in (
                (sale["invoice_address"], "bill_to"),
                (sale["shipment_address"], "ship_to"),
            )
        ]
        addresses = self.addresses(places)
        return [
            {
                "party": party,
                "invoice_party": party,
                "shipment_party": party,
                "invoice_address": invoice,
                "shipment_address": shipment,
            }
            for (party, _), invoice, shipment in zip(
                places[::2], addresses[::2], addresses[1::2], strict=True
            )
        ]
