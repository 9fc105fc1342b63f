"""Qimen's kinds of document (`orderType`), and what each is to us. Source: the descriptions of
`orderType` in the metadata of deliveryorder, stockout, entryorder and returnorder.
"""

from collections.abc import Mapping
from typing import Literal

NoticeKind = Literal["purchase", "transfer", "return", "other"]

STOCKOUTS = frozenset({"DBCK", "B2BCK", "CGTH", "XNCK", "JITCK", "SCCK"})
"""What leaves by stockout.create; every other kind leaves by deliveryorder.create, ordinary ones
(PTCK) too, as real systems send them.
"""

LEAVES_AS: Mapping[str, str] = {
    "b2b": "B2BCK",
    "wholesale": "B2BCK",
    "transfer": "DBCK",
    "supplier_return": "CGTH",
}
"""A fulfilment order's delivery method -> its kind. Others have the connection's kind."""

ENTRIES: Mapping[NoticeKind, str] = {
    "purchase": "CGRK",
    "transfer": "DBRK",
    "return": "XTRK",
    "other": "QTRK",
}
"""Kind of an inbound notice -> theirs."""

RETURNS: Mapping[str, str] = {
    "refund": "THRK",
    "exchange": "HHRK",
    "resend": "HHRK",
    "repair": "HHRK",
}
"""Kind of a return -> theirs."""

ENTERS_AS: Mapping[str, NoticeKind] = {
    "CGRK": "purchase",
    "B2BRK": "purchase",
    "DBRK": "transfer",
    "XTRK": "return",
    "THRK": "return",
    "HHRK": "return",
}
"""Their kind of an entry order -> ours; whatever is not here is `other`."""

INBOUND = frozenset(
    {*ENTERS_AS, "QTRK", "SCRK", "LYRK", "CCRK", "XNRK", "CNJG"},
)
"""Kinds of documents whose progress is not a fulfilment order's."""
