"""Show how a database with a history carries out the statements of one order."""

from benchmarks.stage import say
from tests.kit.plans import GROWING, Plan


def show(found: dict[str, Plan]) -> None:
    """Each statement: time, pages, and what it visited of the tables that grow, and of work."""
    for plan in sorted(found.values(), key=lambda plan: -plan.buffers):
        touches = plan.of(*GROWING, "work")
        if touches:
            say(f"{plan.ms:8.2f} ms {plan.buffers:6} pages  {plan.statement[:110]}")
            for one in sorted({(it.how, it.relation, it.index or "") for it in touches}):
                say("            " + "  ".join(one))


def claims_touch_unfinished_rows_only(found: dict[str, Plan]) -> bool:
    """Whether a claim looked at nothing but work."""
    claims = [plan for plan in found.values() if plan.statement.startswith("WITH picked AS")]
    return bool(claims) and all(
        not plan.of(*GROWING) and plan.of("work", "work_pkey") for plan in claims
    )
