"""What partners' codes mean: articles and code lists, mended while messages wait for them."""

import click

from hub.cli import kit
from hub.flows.products import meanings


@click.group("map", short_help="say what a partner's code means")
def mapping() -> None:
    """Say what a partner's code means. Whatever waits for it goes on."""


@mapping.command()
@click.argument("connection")
@click.argument("codes", metavar="LIST")
@click.argument("theirs")
@click.argument("ours")
@kit.json_option
def code(*, connection: str, codes: str, theirs: str, ours: str, as_json: bool) -> None:
    """Their entry of a code list (carriers, payment_methods, ...) means ours.

    \b
    Example:
      orderhub map code wh-ams carriers PNL postnl
    """

    with kit.store() as store, kit.unit(store) as unit:
        woken = meanings.map_code(unit, connection, codes, theirs, ours, kit.actor())
    kit.say({"woken": woken}, f"{theirs} means {ours}; {woken} messages go on", as_json=as_json)


@mapping.command()
@click.argument("connection")
@click.argument("theirs")
@click.argument("merchant")
@click.argument("sku")
@kit.json_option
def sku(*, connection: str, theirs: str, merchant: str, sku: str, as_json: bool) -> None:
    """Their number of an article means a merchant's SKU.

    \b
    Example:
      orderhub map sku shop-eu variant:447654529 acme TSHIRT-M
    """

    with kit.store() as store, kit.unit(store) as unit:
        meanings.map_sku(unit, connection, theirs, merchant, sku, kit.actor())
    said = {"connection": connection, "theirs": theirs, "sku": sku}
    kit.say(said, f"{theirs} on {connection} is {sku} of {merchant}", as_json=as_json)
