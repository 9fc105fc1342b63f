"""Journals in each of their forms."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from hub.model.document import Source
from hub.model.settlement import JournalEntry, JournalLine
from mappings.kit import Context

AT = Context("books")
TEXTS = st.text(
    st.sampled_from("aZ9 ,;:\"'\\|%#*!(=[]{}@^-_.\n\t客é\u2028"), min_size=1, max_size=30
).filter(lambda it: it.strip() != "")
ACCOUNTS = st.sampled_from(
    ("receivable:channel", "revenue", "output_tax", "bank", "4000", "Fees / card", "Assets:Bank")
)
AMOUNTS = st.integers(1, 10**9).map(lambda it: Decimal(it).scaleb(-2))
DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


SIGNED = st.builds(lambda it, debit: it if debit else -it, AMOUNTS, st.booleans())
SOME = st.lists(SIGNED, min_size=1, max_size=5)
OPTIONAL = st.none() | TEXTS
IDS = st.from_regex(r"[a-z]{2,6}[:-][0-9]{1,6}", fullmatch=True)
CURRENCIES = st.sampled_from(("EUR", "USD"))


@st.composite
def entries(draw: st.DrawFn, accounts: st.SearchStrategy[str] = ACCOUNTS) -> JournalEntry:
    """A balanced entry of two to six lines, its last the rest of the others."""
    amounts = draw(SOME)
    at = draw(DAYS)
    return JournalEntry(
        source=Source(connection="books", id="x"),
        entry_id=draw(IDS),
        date=datetime.combine(at, time(12), UTC) + timedelta(seconds=draw(st.integers(0, 9))),
        description=draw(OPTIONAL),
        document=draw(OPTIONAL),
        currency=draw(CURRENCIES),
        lines=tuple(
            line(draw(accounts), amount, draw(OPTIONAL)) for amount in (*amounts, -sum(amounts))
        ),
    )


def line(account: str, amount: Decimal, reference: str | None = None) -> JournalLine:
    """Above 0 is a debit."""
    return JournalLine(
        account=account,
        debit=max(amount, Decimal(0)),
        credit=max(-amount, Decimal(0)),
        reference=reference,
    )


def entry(
    *lines: tuple[str, str], entry_id: str = "sale:1", on: str = "2026-05-08"
) -> JournalEntry:
    """An entry of accounts and amounts."""
    return JournalEntry(
        source=Source(connection="books", id=entry_id),
        entry_id=entry_id,
        date=datetime.fromisoformat(f"{on}T12:00:00+00:00"),
        currency="EUR",
        lines=tuple(line(account, Decimal(amount)) for account, amount in lines),
    )
