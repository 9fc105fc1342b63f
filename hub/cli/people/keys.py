"""Commands about keys of the Open API: add, list and revoke them."""

from datetime import timedelta
from uuid import UUID

import click

from hub.cli import kit
from hub.flows.unit import Unit
from hub.model.errors import BadData, NotFound
from hub.model.merchant import OPERATOR
from hub.store.people import accounts, api_keys, audit_trail


@click.group(short_help="keys of the Open API")
def key() -> None:
    """Keys of the Open API."""


@key.command()
@click.option("--scopes", required=True, multiple=True, help="all, or several (repeat, or commas).")
@click.option("--merchant", help="Sees this merchant's rows only; without it, all.")
@click.option("--name", default="", help="What it is for.")
@click.option("--for", "person", metavar="LOGIN", help="Whom it acts for; without it, nobody.")
@click.option("--days", type=click.IntRange(1, 3650), help="Ends after so many days.")
@kit.json_option
def add(
    *,
    scopes: tuple[str, ...],
    merchant: str | None,
    name: str,
    person: str | None,
    days: int | None,
    as_json: bool,
) -> None:
    """Make a key and print it, this once. `--scopes all` makes an operator's key.

    What needs four eyes needs two persons: keys of one person, and the person, count as one. A key
    of nobody is a program's own, and counts as itself.

    \b
    Example:
      orderhub key add --scopes settlement:approve --for ann --name approvals
      orderhub key add --scopes orders:read,orders:write --merchant acme --name webshop
    """
    wanted = [scope for text in scopes for scope in text.replace(",", " ").split()]
    with kit.store() as store, kit.unit(store) as unit:
        known = unit.directory.merchants
        if merchant is not None and merchant not in known:
            message = f"there is no merchant {merchant}; known are {', '.join(known) or 'none'}"
            raise BadData(message, path="merchant", code="unknown_code")
        owner = _owner(unit, person)
        ends = unit.at + timedelta(days=days) if days else None
        made, text = api_keys.make(
            unit.db, name or kit.actor(), wanted, merchant, ends, owner=owner
        )
        detail = {
            "owner": owner,
            "scopes": made.scopes,
            "merchant": merchant,
            "prefix": made.prefix,
        }
        subject = f"key:{made.id}"
        audit_trail.record(
            unit.db, merchant or OPERATOR, kit.actor(), "key.add", subject, detail, unit.at
        )
    data = {"id": made.id, "key": text, "scopes": sorted(made.scopes), "merchant": merchant}
    data["owner"] = owner
    kit.say(data | {"expires_at": ends}, text, as_json=as_json)


def _owner(unit: Unit, person: str | None) -> str:
    """Whom a key acts for, as an actor. BadData for a login that is none."""
    if person is None:
        return ""
    if all(it.login != person or it.status != "active" for it in accounts.listed(unit.db)):
        raise BadData(f"there is no account {person}", path="for", code="unknown_code")
    return f"user:{person}"


@key.command("list")
@kit.json_option
def list_(*, as_json: bool) -> None:
    """List keys, also those that ended. The keys themselves are not kept.

    \b
    Example:
      orderhub key list
    """
    with kit.store() as store, kit.unit(store) as unit:
        keys = api_keys.listed(unit.db)
    head = ("id", "name", "owner", "prefix", "scopes", "merchant", "last used", "ended")
    rows = [
        (
            key.id,
            key.name,
            key.owner,
            key.prefix,
            "all" if key.scopes == set(api_keys.SCOPES) else sorted(key.scopes),
            key.merchant or "all",
            key.last_used_at,
            key.revoked_at or key.expires_at,
        )
        for key in keys
    ]
    data = [
        {
            "id": key.id,
            "name": key.name,
            "owner": key.owner,
            "prefix": key.prefix,
            "scopes": sorted(key.scopes),
            "merchant": key.merchant,
            "created_at": key.created_at,
            "expires_at": key.expires_at,
            "last_used_at": key.last_used_at,
            "revoked_at": key.revoked_at,
        }
        for key in keys
    ]
    kit.say({"items": data}, kit.table(head, rows, "no keys"), as_json=as_json)


@key.command()
@click.argument("key_id", metavar="ID", type=click.UUID)
@kit.json_option
def revoke(*, key_id: UUID, as_json: bool) -> None:
    """End a key at once.

    \b
    Example:
      orderhub key revoke 01930c5e-7d1a-7c3b-8f00-5b7e1c2d3e4f
    """
    with kit.store() as store, kit.unit(store) as unit:
        if not api_keys.revoke(unit.db, key_id):
            raise NotFound(f"no living key {key_id}")
        audit_trail.record(
            unit.db, OPERATOR, kit.actor(), "key.revoke", f"key:{key_id}", {}, unit.at
        )
    kit.say({"id": key_id, "revoked": True}, f"revoked: {key_id}", as_json=as_json)
