"""Commands that translate without a database: decode and encode."""

import dataclasses
import json
from typing import Any

import click
from pydantic import BaseModel

from hub.cli import kit
from hub.cli.messages.tables import Tables, tables
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
    mapped = tables(adapter)
    name = _known(mapped.topic_of(topic), topic, mapped.decoders, f"{adapter} decodes")
    raw = _read(file)
    with mapping.noting() as warnings:
        try:
            documents = mapping.decode(mapped.decoders, name, raw, mapped.at)
        except Ignored as ignored:
            documents = []
            warnings.append(Problem("", ignored.code, str(ignored)))
    trees = [json.loads(freeze(document)) for document in documents]
    click.echo(
        kit.dumps({"documents": trees, "warnings": [warning.as_dict() for warning in warnings]})
    )


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
    mapped = tables(adapter, dict(_pair(text) for text in agreed))
    takes = {document.TYPE: document for document in mapped.encoders}
    kind = _known(topic, topic, takes, f"{adapter} is told")
    documents = _documents(read_json_object(_read(file)), kind)
    wires = [
        mapping.encode(mapped.encoders, document, _context(mapped, document))
        for document in documents
    ]
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
    if "documents" not in tree or "type" in tree:  # a fulfilment order has documents of its own
        return [_document(tree, kind, "")]
    listed = tree["documents"]
    if not isinstance(listed, list):
        raise BadData("a list is expected", path="documents", code="wrong_type")
    documents = [
        _document(tree, kind, f"documents.{at}.")
        for at, tree in enumerate(listed)
        if not isinstance(tree, dict) or tree.get("type", kind) == kind
    ]
    if not documents:
        raise BadData(f"there is no {kind} among them", path="documents", code="missing_field")
    return documents


def _document(tree: Any, kind: str, path: str) -> Document:
    if not isinstance(tree, dict):
        raise BadData("an object is expected", path=path.rstrip("."), code="wrong_type")
    type_ = tree.get("type", kind)
    if type_ != kind:
        message = f"{kind} is expected, as TOPIC says"
        raise BadData(message, path=f"{path}type", code="wrong_type")
    given = {"type": kind, "source": {"connection": "command line", "id": "1"}, **tree}
    try:
        return read(DOCUMENTS[kind].TYPE, given)
    except BadData as error:
        first, *rest = [
            Problem(path + problem.path, problem.code, problem.message)
            for problem in error.problems()
        ]
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
