"""Commands about people who may use the console: add and list them, give a new password."""

import secrets
import sys

import click

from hub.cli import kit
from hub.model.merchant import OPERATOR
from hub.store.people import accounts, audit_trail


@click.group(short_help="people who may use the console")
def user() -> None:
    """People who may use the console."""


@user.command()
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(accounts.ROLES), help="What they may do.")
@click.option("--name", default="", help="Their name; else the login.")
@click.option("--merchant", "merchants", multiple=True, help="Sees this merchant's rows only.")
@click.option("--generate", is_flag=True, help="Make a password and print it, this once.")
@kit.json_option
def add(
    *,
    login: str,
    role: str,
    name: str,
    merchants: tuple[str, ...],
    generate: bool,
    as_json: bool,
) -> None:
    """Make an account. The password is asked for, or read from standard input.

    \b
    Example:
      orderhub user add ann@example.com --role operator --name "Ann Lee"
    """
    password = _password(generate=generate)
    with kit.store() as store, kit.unit(store) as unit:
        made = accounts.add(unit.db, login, name, password, role=role, merchants=merchants)
        detail = {"account": made, "role": role, "merchants": merchants}
        audit_trail.record(
            unit.db, OPERATOR, kit.actor(), "user.add", f"account:{made}", detail, unit.at
        )
    _told({"id": made, "login": login}, password if generate else None, as_json=as_json)


@user.command()
@click.argument("login")
@click.option("--generate", is_flag=True, help="Make a password and print it, this once.")
@kit.json_option
def passwd(*, login: str, generate: bool, as_json: bool) -> None:
    """Change a password. All sessions of the account end.

    \b
    Example:
      orderhub user passwd ann@example.com
    """
    password = _password(generate=generate)
    with kit.store() as store, kit.unit(store) as unit:
        changed = accounts.set_password(unit.db, login, password)
        subject = f"account:{changed}"
        audit_trail.record(unit.db, OPERATOR, kit.actor(), "user.passwd", subject, {}, unit.at)
    _told({"id": changed, "login": login}, password if generate else None, as_json=as_json)


@user.command("list")
@kit.json_option
def list_(*, as_json: bool) -> None:
    """List accounts.

    \b
    Example:
      orderhub user list
    """
    with kit.store() as store, kit.unit(store) as unit:
        users = accounts.listed(unit.db)
    head = ("login", "name", "role", "merchants", "status")
    rows = [
        (user.login, user.name, user.role, user.merchants or "all", user.status) for user in users
    ]
    data = [
        {"id": user.id, **dict(zip(head, row, strict=True)), "merchants": user.merchants}
        for user, row in zip(users, rows, strict=True)
    ]
    kit.say({"items": data}, kit.table(head, rows, "no accounts"), as_json=as_json)


def _password(*, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(15)
    if sys.stdin.isatty():
        return str(click.prompt("password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _told(data: dict[str, object], password: str | None, *, as_json: bool) -> None:
    if password is not None:
        kit.say(data | {"password": password}, password, as_json=as_json)
    else:
        kit.say(data, f"done: {kit.shown(data['login'])}", as_json=as_json)
