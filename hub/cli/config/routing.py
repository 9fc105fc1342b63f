"""Commands of routing: what other rules would have come to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import click

from hub.cli import kit
from hub.flows.config.applying import reading
from hub.flows.routing import what_if as flow
from hub.flows.routing.what_if import Run
from hub.model.errors import NotFound
from hub.store.views import orders

_WEEK = timedelta(days=7)


@click.group(short_help="try routing rules on what was decided")
def routing() -> None:
    """Routing rules, tried without touching anything."""


@routing.command(name="what-if")
@click.argument("order", required=False)
@click.option("--merchant", metavar="CODE", help="Whose decisions; without ORDER.")
@click.option("--from", "since", type=kit.INSTANT, help="From then on; a week ago, if left out.")
@click.option("--until", type=kit.INSTANT, help="Until then; now, if left out.")
@click.option("--rules", type=click.File("rb"), help="A file with `rules:` as in `routing`.")
@kit.json_option
def what_if(
    *,
    order: str | None,
    merchant: str | None,
    since: datetime | None,
    until: datetime | None,
    rules: Any,
    as_json: bool,
) -> None:
    """Make routing decisions again: those of ORDER, or of a merchant in a time.

    By the rules in a file, or by those of now. Each decision meets the stock that it met when it
    was made. Says what would have gone elsewhere, and what that does to parcels, cost and
    kilometres.

    \b
    Example:
      orderhub routing what-if --merchant acme --rules rules.yaml
    """
    if (order is None) is (merchant is None):
        raise click.UsageError("either an ORDER or --merchant is expected")
    wanted = None if rules is None else _rules(rules)
    if order is not None:
        made = _of_order(order, wanted)
        kit.say({"decisions": made}, "\n".join(map(_line, made)), as_json=as_json)
        return
    now = datetime.now(UTC)
    run = _run(str(merchant), since or now - _WEEK, until or now, wanted)
    kit.say(run.shown(), _text(run), as_json=as_json)


def _rules(file: Any) -> list[dict[str, Any]]:
    tree = reading.read(file.read(reading.LARGEST + 1))
    rules = tree.get("rules")
    if not isinstance(rules, list) or set(tree) != {"rules"}:
        raise click.UsageError("the file must hold `rules:`, a list, and nothing else")
    return rules


def _of_order(order: str, rules: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    with kit.store() as store, kit.unit(store) as unit:
        ids = orders.find(unit.db, order)
        if not ids:
            raise NotFound(f"no order {kit.shown(order)}")
        return [row for id_ in dict.fromkeys(ids) for row in flow.of_order(unit, id_, rules)]


def _run(
    merchant: str, since: datetime, until: datetime, rules: list[dict[str, Any]] | None
) -> Run:
    with kit.store() as store:
        with kit.unit(store) as unit:
            run = flow.begin(unit, merchant, since, until, rules)
        progress = kit.Progress("slice", run.total // flow.SLICE + 2)
        going = True
        while going:
            with kit.unit(store) as unit:
                going = flow.go_on(unit, run)
            progress.step()
    return run


def _line(row: dict[str, Any]) -> str:
    before, after = (_places(row[when]) for when in ("before", "after"))
    verdict = f"would go to {after}" if row["changed"] else "stays"
    return f"{kit.shown(row['order_number'])} went to {before}: {verdict}"


def _places(plan: dict[str, Any]) -> str:
    return ", ".join(sorted({gone["warehouse"] for gone in plan["went"]})) or "nowhere"


def _text(run: Run) -> str:
    counts = run.tally.counts
    head = f"{counts['decisions']} decisions, {counts['changed']} would have gone otherwise"
    rows = [
        (name, counts.get(f"{name}_before"), counts.get(f"{name}_after"), of)
        for name, of in (
            ("parcels", counts["decisions"]),
            ("pieces", counts["decisions"]),
            ("cost", counts.get("priced", 0)),
            ("km", counts.get("located", 0)),
        )
        if f"{name}_before" in counts
    ]
    table = kit.table(("", "happened", "would have", "of decisions"), rows, "nothing was decided")
    return "\n\n".join([head, table, *map(_line, run.moved)])
