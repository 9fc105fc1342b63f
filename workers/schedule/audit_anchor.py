"""What is written where nobody who can change the database reaches it: the heads of the audit."""

from hub import logs
from hub.store.opened import Store
from hub.store.people import audit_trail
from workers.wakeups.wakeup import Bell

security = logs.get("hub.security")


def sign_heads(store: Store, _: Bell) -> None:
    """Sign the heads of the audit chains that have grown, keep them, and log them."""
    with store.database.begin() as db:
        kept = audit_trail.keep_heads(db, store.vault.index_key)
    for head, signature in kept:
        security.info(
            "audit_head",
            chain=head.chain,
            number=head.number,
            hash=head.hash.hex(),
            signed=signature.hex(),
        )
