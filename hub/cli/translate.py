"""Commands that translate without a database: decode and encode."""

import dataclasses
import json
from typing import Any

import click
from pydantic import BaseModel

from hub.cli import kit
from hub.cli.tables import Tables, tables
from hub.model.catalogue import DOCUMENTS, freeze, read
from hub.model.document import Document
from hub.model.errors import BadData, Ignored, Problem
from mappings import kit as mapping
from mappings.reading import read_json_object

_LARGEST = 16 * 1024 * 1024


@click.command(short_help="partner's message -> canonical documents")
@click.argument("adapter")
@click.argument("topic")
@click.argument("file", type=click.File("rb"), default="-")
@kit.json_option
def decode(*, adapter: str, topic: str, file: Any, as_json: bool) -> None:  # noqa: ARG001  # always JSON
    """Translate a partner's message from FILE (or -) into canonical documents.

    \b
    Example:
      orderhub decode shopify orders/create order.json
    """
    found = tables(adapter)
    name = _known(found.topic_of(topic), topic, found.decoders, f"{adapter} decodes")
    raw = _read(file)
    warnings: list[Problem] = []
    try:
        documents = mapping.decode(found.decoders, name, raw, found.at)
    except Ignored as ignored:
        documents = []
        warnings.append(Problem("", ignored.code, str(ignored)))
    told = [json.loads(freeze(document)) for document in documents]
    warnings += found.at.warnings
    click.echo(kit.dumps({"documents": told, "warnings": [one.as_dict() for one in warnings]}))


@click.command(short_help="canonical document -> partner's message")
@click.argument("adapter")
@click.argument("topic")
@click.argument("file", type=click.File("rb"), default="-")
@click.option(
    "--with", "agreed", multiple=True, metavar="NAME=VALUE", help="A term agreed with the partner."
)
@kit.json_option
def encode(*, adapter: str, topic: str, file: Any, agreed: tuple[str, ...], as_json: bool) -> None:
    """Translate a canonical document from FILE (or -) into a partner's message.

    TOPIC is the document's type. FILE holds one document, or what decode printed.

    \b
    Example:
      orderhub encode qimen fulfilment_order order.json --with owner_code=ACME
    """
    found = tables(adapter, dict(_pair(text) for text in agreed))
    takes = {document.TYPE: document for document in found.encoders}
    kind = _known(topic, topic, takes, f"{adapter} is told")
    documents = _documents(read_json_object(_read(file)), kind)
    wires = [mapping.encode(found.encoders, one, _context(found, one)) for one in documents]
    for wire in wires:
        click.echo(_wire(wire, as_json=as_json))


def _known(name: str, given: str, known: Any, what: str) -> str:
    if name not in known:
        listed = ", ".join(sorted(known)) or "nothing"
        raise click.UsageError(f"{given!r} is not known; {what} {listed}")
    return name


def _read(file: Any) -> bytes:
    raw: bytes = file.read(_LARGEST + 1)
    if len(raw) > _LARGEST:
        raise BadData(f"more than {_LARGEST // 1024 // 1024} MiB", code="too_large")
    return raw


def _documents(tree: dict[str, Any], kind: str) -> list[Document]:
    """One document, or those of this type among what `decode` printed."""
    if "documents" not in tree:
        return [_document(tree, kind, "")]
    listed = tree["documents"]
    if not isinstance(listed, list):
        raise BadData("a list is expected", path="documents", code="wrong_type")
    found = [
        _document(one, kind, f"documents.{at}.")
        for at, one in enumerate(listed)
        if not isinstance(one, dict) or one.get("type", kind) == kind
    ]
    if not found:
        raise BadData(f"there is no {kind} among them", path="documents", code="missing_field")
    return found


def _document(tree: Any, kind: str, path: str) -> Document:
    if not isinstance(tree, dict):
        raise BadData("an object is expected", path=path.rstrip("."), code="wrong_type")
    told = tree.get("type", kind)
    if told != kind:
        message = f"{kind} is expected, as TOPIC says"
        raise BadData(message, path=f"{path}type", code="wrong_type")
    given = {"type": kind, "source": {"connection": "command line", "id": "1"}, **tree}
    try:
        return read(DOCUMENTS[kind].TYPE, given)
    except BadData as error:
        first, *rest = [Problem(path + one.path, one.code, one.message) for one in error.problems()]
        raise BadData(first.message, path=first.path, code=first.code, more=tuple(rest)) from None


def _context(found: Tables, document: Document) -> mapping.Context:
    """A merchant where the document names one."""
    merchant = getattr(document, "merchant", None)
    return dataclasses.replace(found.at, merchant=merchant) if merchant else found.at


def _wire(wire: Any, *, as_json: bool) -> str:
    if isinstance(wire, bytes | str):
        text = wire.decode() if isinstance(wire, bytes) else wire
        return kit.dumps({"wire": text}) if as_json else text
    return json.dumps(wire, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
    return kit.plain(value)


def _pair(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not given:
        raise click.UsageError(f"--with takes NAME=VALUE, got {text!r}")
    return name, value
