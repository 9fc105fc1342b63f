"""What `doctor` hears from partners: each is called harmlessly."""

import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from adapters.kit.partners import build
from hub.cli.watch.checks import FAIL, OK, WARN, Finding
from hub.flows.config import pause as flow
from hub.model.errors import BadData, NotAuthorised, OutcomeUnknown, Rejected, TryLater, placed
from hub.rules.ops.condition import Action, Condition, State
from hub.store.config import secrets
from hub.store.config.snapshot import Connection, Directory
from hub.store.opened import Store
from hub.store.views.connections import ConnectionItem


def connections(store: Store, directory: Directory, seen: Callable[[], None]) -> list[Finding]:
    """Call each partner harmlessly, several at a time."""
    reveal = functools.partial(secrets.reveal, store.vault)
    with store.database.begin() as db:
        now = {pair[0].code: pair for pair in flow.conditions(db, datetime.now(UTC))}

    def check(one: Connection) -> Finding:
        try:
            return _with(now.get(one.code), partner(one, directory, reveal))
        finally:
            seen()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(check, directory.connections.values()))


_WHAT_TO_DO: tuple[tuple[type[Exception], str], ...] = (
    (BadData, "mend it in the connections file"),
    (NotAuthorised, "its credentials are refused: renew them"),
    (Rejected, "it answers, and refuses: see its settings"),
    (TryLater, "it does not answer: see its address and network"),
    (OutcomeUnknown, "it does not answer: see its address and network"),
)


def partner(
    partner: Connection, directory: Directory, reveal: Callable[..., dict[str, str]]
) -> Finding:
    """Call one partner harmlessly."""
    what = f"connection {partner.code}"
    try:
        build(partner, directory.network, reveal).check()
    except Exception as error:  # noqa: BLE001  # one adapter's bug must not hide other findings
        return _refused(what, error)
    return Finding(what, OK, f"{partner.adapter} answers")


_DO: Mapping[Action, str] = {
    Action.RESUME: "mend the cause, then orderhub connections resume",
    Action.REPLACE_SECRET: "replace the secret, in the console or the connections file",
    Action.PROVIDE: "give that process what it lacks",
    Action.CHECK: "see the partner",
}


def _with(now: tuple[ConnectionItem, Condition] | None, finding: Finding) -> Finding:
    """A partner that answers may still be in a state that needs somebody."""
    if finding.state != OK or now is None:
        return finding
    item, condition = now
    if condition.state is not State.WORKS:
        return Finding(finding.what, WARN, f"it answers. {condition.says}", _DO[condition.action])
    failing = [f"{poll.topic} ({poll.error['code']})" for poll in item.polls if poll.error]
    if failing:
        says = f"it answers, and could not be asked for {', '.join(failing)}"
        return Finding(finding.what, WARN, says, "orderhub connections list --json says why")
    return finding


def _refused(what: str, error: Exception) -> Finding:
    for kind, what_to_do in _WHAT_TO_DO:
        if isinstance(error, kind):
            says = placed(getattr(error, "path", ""), error)
            return Finding(what, FAIL, says, what_to_do)
    return Finding(what, FAIL, f"its adapter fails: {type(error).__name__}", "report it")
