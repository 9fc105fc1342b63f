"""Bank accounts of contracts: sealed beside terms that say no more than how they end."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from hub.model.settlement import masked
from hub.store.base.sealing import Vault

_PLACE = "contract.account"


def seal(vault: Vault, merchant: str, version: int, account: str) -> bytes:
    """An account as it is kept with a version of a merchant's contract."""
    return vault.seal(account.encode(), _PLACE, merchant, _row(version))


def whole(vault: Vault, merchant: str, version: int, sealed: bytes) -> str:
    """The account itself. VaultError where its key is gone."""
    return vault.open(sealed, _PLACE, merchant, _row(version)).decode()


def seal_all(db: Connection, vault: Vault) -> int:
    """Seal the accounts that stand in clear: once, by the tables' owner, while a release takes over
    from one that kept them so. Returns how many there were.
    """
    rows = db.execute(_CLEAR).all()
    if not rows:
        return 0
    db.execute(_LET)
    for row in rows:
        values = {
            "merchant": row.merchant_id, "version": row.version, "masked": masked(row.iban),
            "account": seal(vault, row.merchant_id, row.version, row.iban),
        }  # fmt: skip
        db.execute(_SEAL, values)
    db.execute(_LET_NO_MORE)
    return len(rows)


def _row(version: int) -> UUID:
    """With the merchant a row of contracts is known by its version."""
    return UUID(int=version)


_CLEAR = sa.text(
    """SELECT merchant_id, version, terms -> 'payee' ->> 'iban' AS iban FROM contract
    WHERE account IS NULL AND terms -> 'payee' ->> 'iban' IS NOT NULL"""
)
_LET = sa.text("ALTER TABLE contract DISABLE TRIGGER only_added")
_LET_NO_MORE = sa.text("ALTER TABLE contract ENABLE TRIGGER only_added")
_SEAL = sa.text(
    """UPDATE contract SET account = :account,
      terms = jsonb_set(terms, '{payee,iban}', to_jsonb(CAST(:masked AS text)))
    WHERE merchant_id = :merchant AND version = :version"""
)
