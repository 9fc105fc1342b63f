"""A caller of the ERP that tags and reads values by itself, without the sandbox's own codec."""

import base64
import json
from decimal import Decimal
from typing import Any

from sandbox.erp import Erp
from tests.sandbox.client import Got, call

JSON = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
TODAY = {"__class__": "date", "year": 2026, "month": 11, "day": 22}


def dec(text: str) -> dict[str, str]:
    return {"__class__": "Decimal", "decimal": text}


def untagged(it: dict[str, Any]) -> Any:
    match it.get("__class__"):
        case "Decimal":
            return Decimal(it["decimal"])
        case "date":
            return "{year}-{month:02}-{day:02}".format(**it)
        case _:
            return it


class Client:
    """Logged in by session; `call` answers what stands under result or error."""

    def __init__(self, erp: Erp, **headers: str) -> None:
        self.erp, self.ids = erp, erp.ids
        self.headers = {**JSON, **headers}
        login = self.post("common.db.login", "hub", {"password": "hub"}, "en").json["result"]
        token = f"hub:{login[0]}:{login[1]}".encode()
        self.headers["Authorization"] = f"Session {base64.b64encode(token).decode()}"
        self.context = self.call("model.res.user.get_preferences", True, {})

    def post(self, method: str, *params: Any) -> Got:
        body = json.dumps({"id": 1, "method": method, "params": list(params)}).encode()
        return call("POST", f"{self.erp.url}/erp/rpc/", body, self.headers)

    def call(self, method: str, *params: Any) -> Any:
        got = self.post(method, *params)
        assert got.status == 200, got
        answer = json.loads(got.body, object_hook=untagged)
        return answer["error"] if "error" in answer else answer["result"]

    def model(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        return self.call(f"model.{model}.{method}", *params, {**self.context, **context})

    def read(self, model: str, number: int, *fields: str, **context: Any) -> dict[str, Any]:
        (record,) = self.model(model, "read", [number], list(fields), **context)
        return record

    # --- what most tests begin with

    def party(self) -> tuple[int, int]:
        """A customer and the address of it."""
        address = {"street": "s 1", "postal_code": "69001", "city": "Lyon",
                   "country": self.ids["countries"]["FR"]}  # fmt: skip
        (party,) = self.model(
            "party.party", "create", [{"name": "Zoë", "addresses": [["create", [address]]]}]
        )
        return party, self.read("party.party", party, "addresses")["addresses"][0]

    def line(self, code: str, pieces: float, price: str, rate: str = "0.2") -> dict[str, Any]:
        taxes = [["add", [self.ids["taxes"][rate]]]] if rate else []
        return {
            "type": "line", "product": self.ids["products"][code], "quantity": pieces,
            "unit": self.ids["unit"], "unit_price": dec(price), "taxes": taxes,
        }  # fmt: skip

    def sale_values(self, reference: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
        party, address = self.party()
        return {
            "party": party, "invoice_address": address, "shipment_address": address,
            "reference": reference, "company": self.ids["company"],
            "currency": self.ids["currency"], "warehouse": self.ids["warehouse"],
            "sale_date": TODAY, "lines": [["create", list(lines)]], **more,
        }  # fmt: skip

    def sale(self, reference: str, *lines: dict[str, Any], **more: Any) -> int:
        (number,) = self.model("sale.sale", "create", [self.sale_values(reference, *lines, **more)])
        return number

    def confirmed(self, reference: str, *lines: dict[str, Any], **more: Any) -> int:
        number = self.sale(reference, *lines, **more)
        assert self.model("sale.sale", "quote", [number]) is None
        assert self.model("sale.sale", "confirm", [number]) is None
        return number

    def press(self, model: str, number: int, *buttons: str) -> None:
        for button in buttons:
            assert self.model(model, button, [number]) is None, button
