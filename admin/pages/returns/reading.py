"""What people fill in at the returns desk."""

from decimal import Decimal, InvalidOperation

from flask import abort, request

from admin import forms
from hub.flows.returns.owed import RefundWish
from hub.flows.returns.requests import Found
from hub.model.errors import BadData
from hub.model.returns import ExchangeLine

QUALITIES = ("good", "second", "defective", "missing", "wrong_article")
"""What an inspection may find, in the order of the form's columns."""
_UNSEEN = "uninspected"
_MOST_LINES, _MOST_PIECES = 200, 100_000


def wish() -> RefundWish:
    """A refund as it is filled in; empty fields are as the terms say."""
    fee = _amount("restocking_fee")
    return RefundWish(
        shipping=_amount("shipping"),
        goodwill=_amount("goodwill") or Decimal(0),
        restocking_fee=fee,
        lines=() if _given("goods") == "none" else None,
    )


def goods() -> tuple[ExchangeLine, ...]:
    """What goes out: a line each, its SKU and pieces, perhaps a price."""
    read = []
    for at, line in enumerate(_given("lines").splitlines()):
        words = line.split()
        if not words:
            continue
        if len(words) > 3 or not (len(words) < 2 or (words[1].isdigit() and int(words[1]))):
            raise BadData("SKU, pieces, and perhaps a price are expected", path=f"lines.{at}")
        price = _number(words[2], f"lines.{at}") if len(words) > 2 else None
        pieces = Decimal(int(words[1][:9])) if len(words) > 1 else Decimal(1)
        read.append(ExchangeLine(sku=words[0], quantity=pieces, unit_price=price))
    return tuple(read)


def pieces(*, unseen: bool) -> list[Found]:
    """The pieces of each line by what they are; with `unseen` also those nobody looked at."""
    read = []
    note = forms.text("note") or None
    for name in [*request.form][: _MOST_LINES * 6]:
        number, _, quality = name.partition("-")
        if not number.isdigit() or quality not in (*QUALITIES, *([_UNSEEN] if unseen else [])):
            continue
        count = request.form[name].strip()
        if count and (not count.isdigit() or int(count[:9]) > _MOST_PIECES):
            abort(400)
        if count and int(count):
            tree = {"line_no": int(number[:6]), "quality": quality, "quantity": int(count)}
            read.append(Found.model_validate({**tree, "note": note}))
    return read


def _given(name: str) -> str:
    return request.values.get(name, "")[:20_000].strip()


def _amount(name: str) -> Decimal | None:
    text = _given(name)
    return _number(text, name) if text else None


def _number(text: str, path: str) -> Decimal:
    try:
        amount = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise BadData("an amount is expected", path=path, code="bad_amount") from None
    if not amount.is_finite() or amount < 0 or amount >= 10**12:
        raise BadData("an amount is expected", path=path, code="bad_amount")
    return amount
