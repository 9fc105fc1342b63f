"""Begin an adapter: the files of a new partner."""

from pathlib import Path
from typing import get_args

import click

from adapters.kit import scaffold
from adapters.ports import Port
from hub.cli import kit


@click.group()
def adapter() -> None:
    """Begin an adapter of a new partner."""


@adapter.command()
@click.argument("name")
@click.option("--port", type=click.Choice(get_args(Port)), required=True, help="What it is.")
@click.option(
    "--talks",
    type=click.Choice(get_args(scaffold.Talks)),
    default="posts",
    show_default=True,
    help="Whether it posts what happened, or is asked what changed.",
)
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for a package of your own; without it, into this checkout of Order Hub.",
)
@kit.json_option
def new(*, name: str, port: Port, talks: scaffold.Talks, into: Path | None, as_json: bool) -> None:
    """Write the files of a new partner: its conformance is red until they are filled in.

    \b
    Example:
      orderhub adapter new northdock --port warehouse --into ../northdock
      orderhub adapter new northyard --port warehouse --talks polled --into ../northyard
    """
    texts = scaffold.files(name, port, outside=into is not None, talks=talks)
    written = [str(path) for path in scaffold.write(texts, into or Path())]
    project = Path("pyproject.toml")
    if into is None and project.is_file():
        project.write_text(scaffold.entered(project.read_text("utf-8"), name), "utf-8")
    kit.say({"files": written}, "\n".join(written), as_json=as_json)
