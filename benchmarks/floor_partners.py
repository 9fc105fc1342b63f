"""How the bare floor calls the sandbox partners: the hub's calls, by urllib3, with nothing around
them. Addresses and prices are made up where the partners do not mind.
"""

import base64
import json
from collections.abc import Sequence
from typing import Any

import urllib3

from benchmarks.stage import SECRETS
from sandbox.qimen.wire import Account, clock, write

ACCOUNT = Account("sandbox", "sandbox", SECRETS["SANDBOX_WAREHOUSE_SECRET"])
_PLACE = {
    "name": "Ada", "mobile": "13800000000", "province": "P", "city": "C", "detailAddress": "Road 1",
}  # fmt: skip
_SALE = ["reference", "number", "state", "total_amount", "invoices", "shipments"]
_DAY = {"__class__": "date", "year": 2026, "month": 11, "day": 24}
_AT_ONCE = 15
"""Sales that one call confirms, as the hub does it."""


class Warehouse:
    """Creates delivery orders, one a call."""

    def __init__(self, url: str) -> None:
        self._url, self._pool = url, urllib3.PoolManager(maxsize=4)

    def tell(self, code: str, order: dict[str, Any]) -> None:
        now = clock()
        head = {
            "deliveryOrderCode": code, "orderType": "JYCK", "warehouseCode": "W1",
            "createTime": now, "placeOrderTime": now, "operateTime": now, "shopNick": "acme",
            "logisticsCode": "OTHER", "receiverInfo": _PLACE, "senderInfo": _PLACE,
        }  # fmt: skip
        lines = [
            {
                "ownerCode": "ACME", "itemCode": line["sku"], "planQty": line["quantity"],
                "actualPrice": line["price"],
            }
            for line in order["line_items"]
        ]  # fmt: skip
        body = write("request", {"deliveryOrder": head, "orderLines": lines})
        query = ACCOUNT.query("deliveryorder.create", body)
        answer = self._pool.request("POST", f"{self._url}/?{query}", body=body)
        if b"<flag>success</flag>" not in answer.data:
            raise AssertionError(answer.data)


class Books:
    """Books sales, many a call."""

    def __init__(self, url: str) -> None:
        self._url, self._pool = f"{url}/erp/rpc/", urllib3.PoolManager()
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
        user = self._post(
            "common.db.login", ["hub", {"password": SECRETS["SANDBOX_ERP_PASSWORD"]}, "en"]
        )
        token = base64.b64encode(f"hub:{user[0]}:{user[1]}".encode()).decode()
        self._headers["Authorization"] = f"Session {token}"
        self._context = self._post("model.res.user.get_preferences", [True, {}])
        self._products: dict[str, int] = {}
        self._unit = 1
        self._currency = self._one("currency.currency", "code", "EUR")
        self._warehouse = self._one("stock.location", "code", "WH")
        self._country = self._one("country.country", "code", "DE")

    def tell(self, sales: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """(reference, order): look for them, then party, address and sale, quoted and confirmed."""
        references = [reference for reference, _ in sales]
        self._sales(["reference", "in", references])
        self._learn({line["sku"] for _, order in sales for line in order["line_items"]})
        codes = [f"F-{reference}" for reference in references]
        self._call("party.party", "search_read", [["code", "in", codes]], 0, None, None, ["code"])
        parties = self._call(
            "party.party", "create", [{"name": "Ada", "code": code} for code in codes]
        )
        columns = ["party", "street", "postal_code", "city", "country"]
        domain = [["party", "in", parties]]
        self._call("party.address", "search_read", domain, 0, None, None, columns)
        places = self._call("party.address", "create", [self._address(it) for it in parties])
        values = [
            self._sale(reference, order, party, place)
            for (reference, order), party, place in zip(sales, parties, places, strict=True)
        ]
        made = self._call("sale.sale", "create", values)
        self._sales(["id", "in", made])
        self._call("sale.sale", "quote", made)
        for at in range(0, len(made), _AT_ONCE):
            self._call("sale.sale", "confirm", made[at : at + _AT_ONCE])
        self._call("sale.sale", "read", made, ["state"])
        self._sales(["id", "in", made])

    def _address(self, party: int) -> dict[str, Any]:
        place = {"street": "Road 1", "postal_code": "10117", "city": "Berlin"}
        return {**place, "party": party, "country": self._country}

    def _sale(
        self, reference: str, order: dict[str, Any], party: int, place: int
    ) -> dict[str, Any]:
        lines = [
            {
                "type": "line", "product": self._products[line["sku"]], "unit": self._unit,
                "quantity": line["quantity"], "description": line["title"],
                "unit_price": {"__class__": "Decimal", "decimal": line["price"]},
            }
            for line in order["line_items"]
        ]  # fmt: skip
        return {
            "reference": reference, "description": order["name"], "party": party,
            "invoice_party": party, "shipment_party": party, "invoice_address": place,
            "shipment_address": place, "company": self._context["company"],
            "currency": self._currency, "warehouse": self._warehouse, "sale_date": _DAY,
            "invoice_method": "order", "shipment_method": "order", "lines": [["create", lines]],
        }  # fmt: skip

    def _learn(self, skus: set[str]) -> None:
        missing = sorted(skus - self._products.keys())
        if missing:
            columns = ["code", "default_uom"]
            domain = [["code", "in", missing]]
            rows = self._call("product.product", "search_read", domain, 0, None, None, columns)
            self._products |= {row["code"]: row["id"] for row in rows}

    def _sales(self, wanted: list[Any]) -> None:
        self._call("sale.sale", "search_read", [wanted], 0, None, [["id", "ASC"]], _SALE)

    def _one(self, model: str, field: str, value: str) -> int:
        rows = self._call(model, "search_read", [[field, "=", value]], 0, None, None, ["id"])
        return int(rows[0]["id"])

    def _call(self, model: str, method: str, *params: Any) -> Any:
        return self._post(f"model.{model}.{method}", [*params, self._context])

    def _post(self, method: str, params: list[Any]) -> Any:
        body = json.dumps({"id": 1, "method": method, "params": params}).encode()
        answer = self._pool.request("POST", self._url, body=body, headers=self._headers).json()
        if answer.get("error"):
            raise AssertionError(answer["error"])
        return answer["result"]
