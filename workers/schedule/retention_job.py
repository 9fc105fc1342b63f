"""Keeping house: months of history made and dropped, finished payloads moved into archive files.
Several schedulers may try; one at a time does it.
"""

import threading
import time
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import DBAPIError

from hub import logs
from hub.store.base.failures import DatabaseAway
from hub.store.history import archiving, partitions, retention
from hub.store.history.retention import Keep
from hub.store.opened import Store
from workers.wakeups.wakeup import Bell

ARCHIVING_S = 300.0
"""No longer at a stretch: the months come first."""
_here = threading.Lock()

log = logs.get("house")


def keep_house(store: Store, _: Bell) -> None:
    """Begin to keep house, in a thread of its own: lanes must be rung meanwhile. A process that
    ends leaves nothing half done.
    """
    threading.Thread(target=_keep_house, args=(store,), name="house", daemon=True).start()


def _keep_house(store: Store) -> None:
    if not _here.acquire(blocking=False):
        return
    try:
        with retention.alone(store.database) as alone:
            if alone:
                rotate_months(store)
                archive_payloads(store)
    except (DatabaseAway, DBAPIError, OSError) as error:
        log.warning("chore_failed", chore="keep_house", reason=type(error).__name__)
    finally:
        _here.release()


def rotate_months(store: Store) -> None:
    """Make the coming months' partitions and drop those past their time. Where next month's are
    still missing afterwards (only the owner of the tables can make them), that is an alarm.
    """
    settings, shelf, now = store.settings, store.vault.shelf, datetime.now(UTC)
    keep = Keep(settings.keep_messages, settings.keep_timeline)
    done = None
    if shelf is not None:
        archived = settings.archive_after is not None
        done = retention.rotate(store.database.url, shelf, keep, now, archived=archived)
    if done is not None and done.dropped:
        log.info("months_dropped", tables=done.dropped)
    if done is not None and done.kept:
        log.warning("months_kept", tables=done.kept)
    with store.database.begin() as db:
        missing = partitions.missing(db, now)
    if missing:
        log.warning("partitions_missing", tables=missing, do="run orderhub migrate")


def archive_payloads(store: Store) -> None:
    """Move payloads of messages that finished long ago into archive files."""
    after, shelf = store.settings.archive_after, store.vault.shelf
    if after is None or shelf is None:
        return
    until, moved = time.monotonic() + ARCHIVING_S, 0
    before = datetime.now(UTC) - timedelta(days=after)
    for file in archiving.archive(store.database, shelf, before):
        moved += file.messages
        if time.monotonic() > until:
            break
    archiving.tidy(store.database, shelf)
    if moved:
        log.info("archived", messages=moved)
