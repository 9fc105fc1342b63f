"""The command that forgets a person."""

from uuid import UUID

import click

from hub.cli import kit
from hub.flows.customers import erase as flow
from hub.flows.customers import finding
from hub.flows.unit import Unit
from hub.model.errors import BadData, NotFound
from hub.store.opened import Store


@click.command()
@click.argument("who")
@click.option("--merchant", required=True, help="Of which merchant he is a customer.")
@click.option("--yes", is_flag=True, help="Do it; without this it is only said who would be.")
@kit.json_option
def erase(*, who: str, merchant: str, yes: bool, as_json: bool) -> None:
    """Forget the customer WHO (an id, e-mail, telephone with its country, or order number) in every
    table, message and archive. Amounts, dates and numbers stay. Nothing brings him back.

    \b
    Example:
      orderhub erase ada@example.com --merchant acme --yes
    """
    with kit.store() as store, kit.unit(store) as unit:
        customer = _only(store, unit, merchant, who)
        data: dict[str, object] = {"customer": str(customer), "erased": yes}
        words = f"customer {customer} would be erased: say --yes"
        if yes:
            done = flow.erase(unit, customer, kit.actor())
            data |= done._asdict()
            words = (
                f"customer {customer} is erased: {done.orders} orders, {done.documents} documents, "
                f"{done.messages} messages"
            )
    kit.say(data, words, as_json=as_json)


def _only(store: Store, unit: Unit, merchant: str, who: str) -> UUID:
    """The one customer of the merchant who is meant."""
    known = finding.of_merchant(unit.db, store.vault, merchant, who)
    if not known:
        raise NotFound(f"{merchant} has no such customer")
    if len(known) > 1:
        names = ", ".join(map(str, known))
        raise BadData(f"several customers are meant: {names}. Name one by its id", path="who")
    return known[0]
