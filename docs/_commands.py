"""docs/commands.md, from the command line itself."""

import inspect
import re
from collections.abc import Iterator

import click

from docs._markdown import anchor, fenced, table
from hub.cli.main import cli

_EXAMPLE = re.compile(r"\x08\nExample:\n(?P<text>.*)", re.DOTALL)


def page() -> str:
    """The page."""
    found = list(_commands(cli, "orderhub"))
    listed = "\n".join(
        f"- [`{name}`](#{anchor(name)}): {_summary(command)}" for name, command in found
    )
    parts = [_section(name, command) for name, command in found]
    return "\n\n".join(["# Commands", _help(cli), listed, *parts])


def names() -> list[str]:
    """Every command as it is typed."""
    return [name for name, _ in _commands(cli, "orderhub")]


def _commands(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def _summary(command: click.Command) -> str:
    text = command.get_short_help_str(100).rstrip(".")
    return text[:1].lower() + text[1:]


def _section(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=name, max_content_width=100)
    usage = command.get_usage(context).removeprefix("Usage: ")
    example = _EXAMPLE.search(_clean(command.help))
    parts = [f"## {name}", fenced(usage), _help(command), _options(command)]
    if example:
        parts.append(fenced(inspect.cleandoc(example["text"]), "sh"))
    return "\n\n".join(part for part in parts if part)


def _options(command: click.Command) -> str:
    rows = [
        (f"`{', '.join(one.opts)}`", _kind(one), one.help or "")
        for one in command.params
        if isinstance(one, click.Option)
    ]
    return table(("option", "takes", "meaning"), rows)


def _kind(option: click.Option) -> str:
    if option.is_flag:
        return "-"
    if isinstance(option.type, click.Choice):
        kind = ", ".join(f"`{choice}`" for choice in option.type.choices)
    else:
        kind = option.type.name
    more = [
        word
        for word, is_so in (("required", option.required), ("repeatable", option.multiple))
        if is_so
    ]
    return f"{kind} ({', '.join(more)})" if more else kind


def _help(command: click.Command) -> str:
    """The help text: paragraphs joined, blocks that must stay as they are kept in lines."""
    parts = re.split(r"\n\s*\n", _EXAMPLE.sub("", _clean(command.help)).strip())
    return "\n\n".join(
        part.removeprefix("\x08\n") if part.startswith("\x08") else " ".join(part.split())
        for part in parts
        if part
    )


def _clean(text: str | None) -> str:
    return inspect.cleandoc(text or "")
