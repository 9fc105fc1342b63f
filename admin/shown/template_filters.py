"""How values are shown: times, money, pieces, and the words of codes, for the templates."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_timedelta
from babel.numbers import format_currency
from flask import Flask, g, request
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup, escape

from admin.access.roles import may
from admin.request_context import now
from admin.shown import causes, labels, masking
from admin.shown.translated import translated
from hub.model.document import pieces
from hub.model.money import EXPONENT
from hub.store.base import ids
from hub.store.people.accounts import Account

_TRICKS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069"
    "\ufeff\ufff9-\ufffb]"
)
"""What is not seen, or turns the direction of what follows."""
LANGUAGES = {"en": "English", "zh": "中文"}
CHOSEN = {"en": "en-GB", "zh": "zh-CN"}
"""How an account remembers a language that somebody chose; plain `en` is what nobody chose."""


def install(app: Flask) -> None:
    """Give the templates what they show values with."""
    app.jinja_env.filters.update(
        ago=ago,
        absolute=absolute,
        iso=iso,
        money=money,
        pieces=lambda number: pieces(Decimal(number)),
        label=labels.label,
        event=labels.event,
        hold=labels.hold,
        clock=labels.clock,
        cause=labels.cause,
        document=labels.document,
        why_goods_come=labels.why_goods_come,
        difference=labels.difference,
        bank_says=labels.bank_says,
        line_kind=labels.line_kind,
        line_code=labels.line_code,
        entry_document=labels.entry_document,
        return_kind=labels.return_kind,
        return_cause=labels.return_cause,
        quality=labels.quality,
        outcome=labels.outcome,
        stocktake_step=labels.stocktake_step,
        refund_part=labels.refund_part,
        decision=labels.decision,
        side=labels.side,
        unmatched=labels.unmatched,
        standing_for=labels.standing_for,
        settling=labels.settling,
        proposal=labels.proposal,
        case_state=labels.case_state,
        case_event=labels.case_event,
        role=labels.role,
        kind=labels.kind,
        incident=labels.incident,
        refusal=labels.refusal,
        lacks=labels.lacks,
        moment=datetime.fromisoformat,
        state=labels.state,
        saying=labels.saying,
        said=lambda incident: labels.trouble(
            incident.kind, incident.subject, incident.sentence, incident.detail
        ),
        payment=labels.payment,
        plain=translated,
        tone=labels.tone,
        pairs=labels.pairs,
        short=lambda order_id: ids.short("F", order_id),
        size=size,
        codelist=labels.codelist,
        waiting=lambda fact: causes.waits(fact, {})[0],
        exact=exact,
        visible=visible,
    )
    app.jinja_env.globals["may"] = lambda endpoint: may(g.get("account"), endpoint)
    app.jinja_env.finalize = visible
    app.context_processor(_context)


def visible(value: Any) -> Any:
    """Plain text without tricks: invisible and turning characters are shown by their numbers."""
    if type(value) is str:
        return _TRICKS.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", value)
    return "" if value is None else value


def exact(text: str) -> Markup:
    """Text for a field of a form: escaped, and otherwise as it is."""
    return escape(text)


def chosen_language(account: Account | None) -> str | None:
    """The language that somebody chose, if they ever did."""
    kept = account.language if account else ""
    return next((code for code, tag in CHOSEN.items() if tag == kept), None)


def ago(at: datetime | None) -> Markup | str:
    """How long ago, with the time itself on hover and for machines."""
    if at is None:
        return masking.NOTHING
    html = Markup('<time datetime="{}" title="{}">{}</time>')
    return html.format(iso(at), absolute(at), relative(at))


def relative(at: datetime) -> str:
    """`3 minutes ago`, `in 2 hours`."""
    gone = at - now()
    if abs(gone.total_seconds()) < 5:
        return str(_("just now"))
    return format_timedelta(gone, add_direction=True, threshold=1.2, locale=_locale())


def absolute(at: datetime) -> str:
    """The time in UTC, the same everywhere."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(at: datetime) -> str:
    """For machines."""
    return at.astimezone(UTC).isoformat()


def money(amount: Decimal, currency: str) -> str:
    """To the places the currency has; to more where there is more."""
    places = EXPONENT.get(currency, 2)
    quantum = Decimal(1).scaleb(-places)
    if amount != amount.quantize(quantum):
        return f"{pieces(amount)} {currency}"
    return format_currency(amount.quantize(quantum), currency, locale=_locale())


def size(count: int) -> str:
    """Bytes for people."""
    if count < 1024:
        return f"{count} B"
    return f"{count / 1024:.1f} KB" if count < 1024 * 1024 else f"{count / 1024 / 1024:.1f} MB"


def _locale() -> str:
    return str(get_locale() or "en")


def _context() -> dict[str, Any]:
    return {
        "account": g.get("account"),
        "language": _locale(),
        "languages": LANGUAGES,
        "here": request.endpoint or "",
        "with_args": with_args,
    }


def with_args(**changes: str | None) -> str:
    """This page with other arguments."""
    args = {**request.args.to_dict(), **changes}
    return f"{request.path}?{urlencode({name: text for name, text in args.items() if text})}"
