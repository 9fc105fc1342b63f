"""Which adapters there are, what each can do, and what its connections must say."""

from typing import Any

import click

from adapters.kit import conformance, registry
from adapters.kit.known import is_secret
from adapters.kit.manifest import Manifest
from adapters.kit.registry import Entry
from hub.cli import kit


@click.command(short_help="list adapters, or tell all of one")
@click.argument("name", required=False)
@click.option("--score/--no-score", default=True, help="Run the conformance suite on it.")
@kit.json_option
def adapters(*, name: str | None, score: bool, as_json: bool) -> None:
    """List adapters; with NAME, its capabilities, settings and score card.

    \b
    Example:
      orderhub adapters shopify
    """
    if name is None:
        found = registry.entries().values()
        head = ("name", "port", "level", "title", "api", "gives", "takes")
        rows = [_row(one.manifest) for one in found]
        items = [_manifest(one.manifest) for one in found]
        kit.say({"items": items}, kit.table(head, rows, "no adapters"), as_json=as_json)
        return
    entry = registry.entries().get(name)
    if entry is None:
        known = ", ".join(registry.entries())
        raise click.UsageError(f"there is no adapter {name!r}; known are {known}")
    settings = _settings(entry)
    card = conformance.score(name) if score else None
    data = {**_manifest(entry.manifest), "settings": settings, "score": card}
    kit.say(data, _told(entry.manifest, settings, card), as_json=as_json)


def _row(one: Manifest) -> tuple[Any, ...]:
    return (one.name, one.port, one.level, one.title, one.api_version, one.gives, one.takes)


def _manifest(one: Manifest) -> dict[str, Any]:
    return {
        "name": one.name,
        "title": one.title,
        "port": one.port,
        "api_version": one.api_version,
        "level": one.level,
        "gives": one.gives,
        "takes": one.takes,
        "topics": one.topics,
        "honours_keys": one.honours_keys,
        "settle_s": one.settle_s,
        "batch": one.batch,
    }


def _settings(entry: Entry) -> list[dict[str, Any]]:
    model = entry.settings()
    properties = model.model_json_schema().get("properties", {})
    return [
        {
            "name": name,
            "secret": is_secret(model, name),
            "required": field.is_required(),
            "default": properties.get(name, {}).get("default"),
            "meaning": field.description or "",
        }
        for name, field in model.model_fields.items()
    ]


def _told(one: Manifest, settings: list[dict[str, Any]], card: dict[str, str] | None) -> str:
    head = ("setting", "where", "default", "meaning")
    rows = [
        (
            row["name"],
            "secrets" if row["secret"] else "settings",
            "required" if row["required"] else row["default"],
            row["meaning"],
        )
        for row in settings
    ]
    keys = "honoured" if one.honours_keys else f"not honoured, asked after {one.settle_s} s"
    parts = [
        f"{one.name}: {one.title} ({one.port}, API {one.api_version}, {one.level})",
        f"gives   {kit.shown(one.gives)}\ntakes   {kit.shown(one.takes)}",
        f"topics  {kit.shown(one.topics)}\nkeys    {keys}\nbatch   {one.batch}",
        kit.table(head, rows, "no settings"),
    ]
    if card is not None:
        good = sum(result == "passed" for result in card.values())
        lines = [
            f"  {'ok  ' if result == 'passed' else 'FAIL'}  {test}" for test, result in card.items()
        ]
        parts.append("\n".join([f"conformance: {good} of {len(card)}", *lines]))
    return "\n\n".join(parts)
