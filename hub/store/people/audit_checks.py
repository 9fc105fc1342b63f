"""Whether the chains of the audit hold: each entry follows the one before it, bears a mark of ours
and agrees with the heads that were kept.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.store.base.audit_marks import Keys
from hub.store.people.audit_trail import KEYED, START, Head, chained, chains, entry_of, head, sign


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold, and what is wrong: `missing`, `altered`, `unlinked`, `cut`,
    `unmarked`; or `forged`, where a mark or a kept head's signature is not ours.
    """

    chain: str
    number: int
    what: str


def verify(
    db: Connection, chain: str, known: Sequence[Head] = (), keys: Keys | None = None
) -> list[Break]:
    """Every place where the chain does not hold; none when it does. `known`: heads that were kept
    of it; they find a cut-off end, and one that was written anew. `keys`: of the marks, which are
    looked at where they are given.
    """
    breaks: list[Break] = [] if keys is None else list(_marks(db, chain, keys))
    kept = {each.number: each.hash for each in known}
    expected, previous = 1, START
    for row in db.execute(_ALL, {"chain": chain}, execution_options={"yield_per": 1000}):
        if row.number != expected:
            breaks.append(Break(chain, expected, "missing"))
        elif bytes(row.previous) != previous:
            breaks.append(Break(chain, row.number, "unlinked"))
        if bytes(row.hash) != chained(bytes(row.previous), entry_of(chain, row)):
            breaks.append(Break(chain, row.number, "altered"))
        if kept.get(row.number, bytes(row.hash)) != bytes(row.hash):
            breaks.append(Break(chain, row.number, "altered"))
        expected, previous = row.number + 1, bytes(row.hash)
    if kept and max(kept) >= expected:
        breaks.append(Break(chain, expected, "cut"))
    return list(dict.fromkeys(breaks))


def _marks(db: Connection, chain: str, keys: Keys) -> Iterator[Break]:
    begun = False
    for row in db.execute(_ALL_MARKS, {"chain": chain}, execution_options={"yield_per": 1000}):
        if row.mark is None:
            if begun:
                yield Break(chain, row.number, "unmarked")
            continue
        if not begun and row.number != 1 and row.action != KEYED:
            yield Break(chain, row.number - 1, "unmarked")
        begun = True
        if not keys.holds(bytes(row.mark), chain, row.number, bytes(row.hash)):
            yield Break(chain, row.number, "forged")
    if not begun and head(db, chain) is not None:
        yield Break(chain, 1, "unmarked")


def verify_all(
    db: Connection, key: bytes, logged: Sequence[Head] = (), keys: Keys | None = None
) -> list[Break]:
    """The same for every chain, against the heads that were kept of it with our signature, and
    those that the log still has.
    """
    known: dict[str, list[Head]] = {chain: [] for chain in chains(db)}
    breaks = []
    for row in db.execute(_HEADS):
        kept = Head(row.chain, row.number, bytes(row.hash))
        if hmac.compare_digest(sign(kept, key), bytes(row.signature)):
            known[kept.chain].append(kept)
        else:
            breaks.append(Break(kept.chain, kept.number, "forged"))
    for witness in logged:
        known.setdefault(witness.chain, []).append(witness)
    return breaks + [
        broken
        for chain, heads in sorted(known.items())
        for broken in verify(db, chain, heads, keys)
    ]


_ALL = sa.text(
    """SELECT number, at, actor, action, subject, detail, previous, hash FROM audit
    WHERE chain = :chain ORDER BY number"""
)
_ALL_MARKS = sa.text(
    "SELECT number, action, hash, mark FROM audit WHERE chain = :chain ORDER BY number"
)
_HEADS = sa.text("SELECT chain, number, hash, signature FROM audit_head ORDER BY chain, number")
