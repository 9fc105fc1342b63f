"""Which adapters there are, what each can do, and what its connections must say."""

from dataclasses import asdict
from typing import Any

import click

from adapters.kit import conformance, registry
from adapters.kit.manifest import Manifest
from adapters.kit.registry import Entry
from adapters.kit.settings_check import is_secret
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
        entries = registry.entries().values()
        head = ("name", "port", "level", "title", "api", "gives", "takes")
        rows = [_row(entry.manifest) for entry in entries]
        items = [_manifest(entry.manifest) for entry in entries]
        kit.say({"items": items}, kit.table(head, rows, "no adapters"), as_json=as_json)
        return
    entry = registry.entries().get(name)
    if entry is None:
        known = ", ".join(registry.entries())
        raise click.UsageError(f"there is no adapter {name!r}; known are {known}")
    settings = _settings(entry)
    card = conformance.score(name) if score else None
    data = {**_manifest(entry.manifest), "settings": settings, "score": card}
    kit.say(data, _text(entry.manifest, settings, card), as_json=as_json)


def _row(one: Manifest) -> tuple[Any, ...]:
    return (one.name, one.port, one.level, one.title, one.api_version, one.gives, one.takes)


def _manifest(manifest: Manifest) -> dict[str, Any]:
    return {
        "name": manifest.name,
        "title": manifest.title,
        "port": manifest.port,
        "api_version": manifest.api_version,
        "level": manifest.level,
        "gives": manifest.gives,
        "takes": manifest.takes,
        "topics": manifest.topics,
        "polls": {topic: asdict(terms) for topic, terms in manifest.polls.items()},
        "honours_keys": manifest.honours_keys,
        "ask_after_s": manifest.ask_after_s,
        "settle_s": manifest.settle_s,
        "batch": manifest.batch,
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


def _mark(result: str) -> str:
    return "ok  " if result in conformance.GOOD else "FAIL"


def _text(manifest: Manifest, settings: list[dict[str, Any]], card: dict[str, str] | None) -> str:
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
    asked = f"not honoured, asked after {manifest.ask_after_s} s"
    keys = "honoured" if manifest.honours_keys else asked
    about = f"{manifest.port}, API {manifest.api_version}, {manifest.level}"
    parts = [
        f"{manifest.name}: {manifest.title} ({about})",
        f"gives   {kit.shown(manifest.gives)}\ntakes   {kit.shown(manifest.takes)}",
        f"topics  {kit.shown(manifest.topics)}\npolls   {kit.shown(tuple(manifest.polls))}",
        f"keys    {keys}\nbatch   {manifest.batch}",
        kit.table(head, rows, "no settings"),
    ]
    if card is not None:
        good = sum(result in conformance.GOOD for result in card.values())
        lines = [
            f"  {_mark(result)}  {test}{'' if result == 'passed' else f': {result}'}"
            for test, result in card.items()
        ]
        parts.append("\n".join([f"conformance: {good} of {len(card)}", *lines]))
    return "\n\n".join(parts)
