"""How the books behind a connection want the ledger: by entry or by day, and under which accounts.

An account that no chart names keeps its own name; `merchant.fees:card` is then looked for as
`merchant.fees`. A chart holds from a day on, until the next one does.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hub.model.document import read_day

MERCHANT, OPERATOR = "merchant", "operator"
"""Whose half of an entry books are told."""


def _day(value: Any) -> Any:
    """A day as its text, as files and settings keep it."""
    return str(read_day(value))


Day = Annotated[str, BeforeValidator(_day)]


class _Row(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Chart(_Row):
    """Our account -> theirs, our tax code -> theirs, from a day on."""

    since: Day = "0001-01-01"
    accounts: dict[str, Annotated[str, Field(min_length=1, max_length=200)]] = {}
    taxes: dict[str, str] = {}


class Books(_Row):
    """What a connection says of its books (`books`)."""

    each: Literal["entry", "day"] = "entry"
    since: Day | None = None
    charts: tuple[Chart, ...] = ()

    def chart(self, on: date) -> Chart:
        """The one that holds on a day."""
        day = str(on)
        return max(
            (it for it in self.charts if it.since <= day), key=lambda it: it.since, default=Chart()
        )


def books_of(options: Mapping[str, Any]) -> Books:
    """What the options of a connection say of its books."""
    return Books.model_validate(options.get("books") or {})


def their_account(chart: Chart, account: str) -> str:
    """What an account of ours is called there."""
    general = account.partition(":")[0]
    return chart.accounts.get(account) or chart.accounts.get(general) or account
