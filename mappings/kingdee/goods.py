"""Stock documents of what came in, came back, was found or is gone."""

from mappings.kingdee.forms import BACK, FEWER, MORE, Model, Terms, by_number
from mappings.kit.ledger_lines import Moved, Movement


def movements(it: Movement, terms: Terms) -> list[tuple[str, str, Model]]:
    """Form, reference and model: what is more, and what is fewer. What cannot be sold and has no
    stock of its own is left out.
    """
    kept = terms.stocks.get(it["warehouse"], terms.stock)
    ways = []
    for more in (True, False):
        some = [
            (one, kept if one.good else terms.defective_stock)
            for one in it["moved"]
            if (one.pieces > 0) is more and (one.good or terms.defective_stock)
        ]
        if some:
            form = FEWER if not more else BACK if it["origin"] == "customer" else MORE
            reference = it["reference"] if more else f"{it['reference']}/out"
            ways.append((form, reference, _goods(form, it, some, terms)))
    return ways


_TYPES = {MORE: "QTRKD01_SYS", FEWER: "QTCKD01_SYS", BACK: "XSTHD01_SYS"}


def _goods(form: str, it: Movement, some: list[tuple[Moved, str]], terms: Terms) -> Model:
    organisation = by_number(terms.organisation)
    sale: Model = {"FSaleOrgId": organisation, "FRetcustId": by_number(terms.customer)}
    head = sale if form == BACK else {"FStockDirect": "GENERAL"}
    count = "FRealQty" if form == BACK else "FQty"
    kind: Model = {"FReturnType": by_number("THLX01_SYS")} if form == BACK else {}
    return {
        "FBillTypeID": by_number(_TYPES[form], "FNUMBER"),
        "FDate": str(it["date"]),
        **head,
        "FStockOrgId": organisation,
        "FNOTE": it["about"],
        "FEntity": [
            {
                "FMaterialId": by_number(one.sku),
                count: float(abs(one.pieces)),
                **kind,
                "FStockId": by_number(stock),
                "FOwnerTypeId": "BD_OwnerOrg",
                "FOwnerId": organisation,
            }
            for one, stock in some
        ],
    }
