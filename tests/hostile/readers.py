"""The readers behind the doors, called directly: what a partner sends, and what files hold."""

import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout, suppress
from functools import cache
from random import Random
from typing import Any

from adapters.kit import registry
from adapters.kit.conformance import conformance_of
from adapters.kit.http import Transport
from adapters.ports import Parts
from hub.cli.main import main as command
from hub.flows.config import applying
from hub.model.catalogue import freeze, thaw
from hub.model.errors import Problem, TryLater
from mappings.kit import Context, code_lists, noting
from mappings.reading import read_json, read_xml
from tests.hostile import answers, mutate, seeds
from tests.hostile.judge import Fault, of_error, of_problems
from tests.hostile.seeds import Seed

_NO_DATABASE = {
    "generic_channel": ({}, {"webhook_secret": "s"}),
    "generic_warehouse": ({}, {"webhook_secret": "s"}),
    "shopify": ({"api_url": "http://127.0.0.1:9/"}, {"webhook_secret": "s", "access_token": "t"}),
    "qimen": (
        {"api_url": "http://127.0.0.1:9/", "app_key": "k", "customer_id": "c",
         "owner_code": "ACME", "warehouse_code": "AMS1"},
        {"app_secret": "s"},
    ),
}  # fmt: skip
Door = Callable[[Random], tuple[str, bytes, Callable[[bytes], Fault | None]]]
"""From chance: the name of a case, its input, and its judge."""


def adapter(name: str, connection: str = "partner", merchant: str = "acme") -> Parts:
    """An adapter that calls nobody."""
    at = Context(connection, merchant, codes=code_lists(name))
    blanks = None if name in _NO_DATABASE else conformance_of(name)
    if blanks is not None:
        return blanks.connected()
    return registry.make(name, *_NO_DATABASE[name], at, Transport.local())


_MADE: dict[str, Parts] = {}


def decoded(seed: Seed, raw: bytes) -> Fault | None:
    """A message through its adapter; what comes out must be what it is when read again."""
    made = _MADE.get(seed.adapter) or _MADE.setdefault(seed.adapter, adapter(seed.adapter))
    with noting() as warnings:
        try:
            documents = made.decode(seed.topic, raw)
            for document in documents:
                told = freeze(document)
                if freeze(thaw(document.type, told)) != told:
                    return Fault(f"{document.type} is another when read again", "")
        except TryLater:  # an edit names its order, which is then asked for; nobody answers here
            return None
        except Exception as error:  # noqa: BLE001  # that is what is judged
            return of_error(error, seed.personal)
    return of_problems(warnings, seed.personal)


def spoilt(chance: Random, seed: Seed) -> bytes:
    """A seed that is not what it was, in the way of its format."""
    if not seed.is_tree:
        return mutate.text_file(chance, seed.raw)
    return (mutate.xml_message if seed.is_xml else mutate.json_message)(chance, seed.raw)


def partner(found: tuple[Seed, ...]) -> Door:
    """A door for the messages of some partners. Short ones come more often."""
    weights = [1 / (200 + len(one.raw)) for one in found]

    def door(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
        (seed,) = chance.choices(found, weights)
        name = f"{seed.adapter}.{seed.topic.replace('/', '.')}"
        return name, spoilt(chance, seed), lambda raw: decoded(seed, raw)

    return door


def kept(name: str, raw: bytes) -> Fault | None:
    """An input of the corpus or the catalogue through the door that it is named after."""
    adapter_name, _, topic = name.partition(".")
    if adapter_name == "answers":
        return answers.kept(name, raw)
    if adapter_name in _READERS:
        return _read(_READERS[adapter_name])(raw)
    if adapter_name == "decode":
        adapter_name, _, topic = topic.partition(".")
    if adapter_name == "shopify":
        topic = topic.replace(".", "/", 1)
    seed = Seed(adapter_name, topic, raw, frozenset())
    return _command(seed, raw) if name.startswith("decode.") else decoded(seed, raw)


def _read(reader: Callable[[bytes], Any]) -> Callable[[bytes], Fault | None]:
    def judge(raw: bytes) -> Fault | None:
        try:
            reader(raw)
        except Exception as error:  # noqa: BLE001  # that is what is judged
            return of_error(error)
        return None

    return judge


def strict(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
    """The strict readers of JSON and XML alone."""
    seed = chance.choice(seeds.generic() + seeds.qimen())
    if chance.random() < 0.5:
        kind = (mutate.any_bytes, mutate.json_message)[not seed.is_xml]
        return "json", kind(chance, seed.raw), _read(read_json)
    kind = (mutate.any_bytes, mutate.xml_message)[seed.is_xml]
    return "xml", kind(chance, seed.raw), _read(read_xml)


def connections(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
    """The connections file, as far as it is read without a database."""
    return "apply", mutate.text_file(chance, seeds.CONNECTIONS), _read(applying.load)


def commanded(chance: Random) -> tuple[str, bytes, Callable[[bytes], Fault | None]]:
    """`orderhub decode`: exit 0 or 65, what is wrong as JSON, nothing on standard output then."""
    seed = chance.choice([one for one in seeds.everything() if len(one.raw) < 5_000])
    name = f"decode.{seed.adapter}.{seed.topic.replace('/', '.')}"
    _loaded(seed.adapter, seed.topic)
    return name, spoilt(chance, seed), lambda raw: _command(seed, raw)


@cache
def _loaded(adapter: str, topic: str) -> None:
    """What the command imports at its first call is no input's fault."""
    with suppress(SystemExit), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        command(["decode", adapter, topic, os.devnull])


def _command(seed: Seed, raw: bytes) -> Fault | None:
    out, err = io.StringIO(), io.StringIO()
    code: Any = 0
    given, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(raw))
    try:
        with redirect_stdout(out), redirect_stderr(err):
            command(["decode", seed.adapter, seed.topic, "-"])
    except SystemExit as left:
        code = left.code
    finally:
        sys.stdin = given
    if code == 0:
        return None if "documents" in json.loads(out.getvalue()) else Fault("no documents", "")
    if code != 65 or out.getvalue():
        return Fault(f"exit {code}", err.getvalue()[:200])
    told = [Problem(**one) for one in json.loads(err.getvalue())["errors"]]
    return of_problems(told, seed.personal) if told else Fault("exit 65 without an error", "")


def catalogue() -> list[tuple[str, str, bytes]]:
    """Bodies of the bad-input catalogue that mutation reaches seldom: adapter, topic, bytes."""
    text = b'{"type":"refund","refund_id":"r","reason":"%s"}'
    lines = b",".join([b'{"sku":"A","on_hand":"1"}'] * 20_001)
    report = b'{"type":"stock_report","warehouse":"w","at":"2026-11-24T10:00:00Z","lines":[%s]}'
    deep = b"<request>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</request>"
    wide = b"<request>" + b"<a/>" * 400_000 + b"</request>"
    return [
        ("generic_channel", "refund", text % (b"x" * 2_000_000)),
        ("generic_channel", "refund", text % (b"\\\\" * 900_000)),
        ("generic_channel", "refund", text % (b'\\"' * 900_000)),
        ("generic_channel", "refund", text % (b"\\u0000" * 300_000)),
        ("generic_channel", "refund", b'{"a":' + b"9" * 2_000_000 + b"}"),
        ("generic_channel", "refund", b"[" * 1_000_000 + b"]" * 1_000_000),
        ("generic_channel", "refund", b"[" * 2_000_000),
        ("generic_channel", "refund", b'{"a":' * 400_000),
        ("generic_channel", "refund", b"[1," * 600_000),
        ("generic_channel", "refund", b'"' * 2_000_000),
        ("generic_channel", "refund", b'"' + b"[" * 2_000_000),
        ("generic_channel", "refund", b"[{}]" * 500_000),
        ("generic_channel", "refund", (b"[" * 60 + b"]" * 60) * 16_000),
        ("generic_channel", "refund", b"[" + b"[]," * 190_000 + b"[]]"),
        ("generic_channel", "refund", b" " * 2_000_000),
        ("generic_channel", "refund", b"\xef\xbb\xbf" * 600_000),
        ("generic_channel", "refund", json.dumps({f"k{n}": n for n in range(99_000)}).encode()),
        ("generic_warehouse", "stock_report", report % lines),
        ("generic_warehouse", "stock_report", report % lines.replace(b'"1"', b'"x"')),
        ("qimen", "deliveryorder.confirm", deep),
        ("qimen", "deliveryorder.confirm", wide),
        ("qimen", "deliveryorder.confirm", b"<request>" + b"<a b='c'/>" * 199_000 + b"</request>"),
        ("qimen", "deliveryorder.confirm", b"<request " + b"a='b' " * 300_000 + b"/>"),
        ("qimen", "deliveryorder.confirm", b"<request>" + b"&lt;" * 500_000 + b"</request>"),
        ("qimen", "deliveryorder.confirm", b"<" * 2_000_000),
        ("qimen", "deliveryorder.confirm", b"<request><![CDATA[" + b"]" * 1_900_000),
        ("qimen", "deliveryorder.confirm", b"<request>" + b"<!---->" * 280_000 + b"</request>"),
        ("shopify", "orders/create", b'{"id":1,"line_items":[' + b"{}," * 60_000 + b"{}]}"),
        ("shopify", "orders/create", b'{"id":1,"note":"' + b"a\\n" * 600_000 + b'"}'),
        ("shopify", "orders/edited", b'{"admin_graphql_api_id"' + b" " * 1_900_000),
    ]


_READERS: dict[str, Callable[[bytes], Any]] = {
    "json": read_json,
    "xml": read_xml,
    "apply": applying.load,
}
DOORS: dict[str, Door] = {
    "strict": strict,
    "generic": partner(seeds.generic()),
    "shopify": partner(seeds.shopify()),
    "qimen": partner(seeds.qimen()),
    "samples": partner(seeds.samples()),
    "apply": connections,
    "decode": commanded,
    "answers": answers.door,
}
