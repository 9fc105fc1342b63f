"""docs/kit.md: what an adapter and its mapping are written with, from the code's signatures."""

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from docs._markdown import code, sentences, table

_INTRODUCTION = """# The adapter kit

What an adapter and its mapping are written with. How they are put together:
[adapters](adapters.md).
"""

_MODULES = re.compile(r"(?:\b[a-z_]\w*\.)+(?=\w)|~")
_STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}

# fmt: off
_SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What an adapter is", "adapters.ports", (
        "Adapter", "Parts", "Call", "Delivery", "Receipt", "Answer", "Check", "Verify", "Decode",
        "Send", "Find", "SendMany", "Cursor", "Listed", "Page", "Listing", "Fetch")),
    ("Calling a partner", "adapters.kit.session", ("Session",)),
    ("Calling a partner through requests", "adapters.kit.http.meaning", ("meant",)),
    ("Calling a partner on the pool itself", "adapters.kit.http", ("Transport", "Http")),
    ("Proving who we are", "adapters.kit.auth", (
        "Basic", "Bearer", "Header", "OAuth2", "OAuth1", "Top", "LoggedIn")),
    ("Signing with RSA", "adapters.kit.auth.rsa", ("signature", "is_signed")),
    ("Lists in pages", "adapters.kit.paging", (
        "by_page", "by_offset", "by_cursor", "by_link", "next_link", "by_place")),
    ("GraphQL", "adapters.kit.graphql", ("GraphQL", "read_operations")),
    ("What is told, by type", "adapters.kit.tellings", (
        "Way", "by_type", "by_content", "listed", "once", "ours", "together")),
    ("JSON-RPC", "adapters.kit.jsonrpc", ("JsonRpc",)),
    ("SOAP", "adapters.kit.soap", ("Soap",)),
    ("Talking in files", "adapters.kit.files", (
        "Folders", "Drop", "Visit", "Taken", "Folder", "Sftp", "Ftps")),
    ("Reports of each day", "adapters.kit.files.daily", ("Calendar", "by_day", "of_file")),
    ("Conformance", "adapters.kit.conformance", ("Conformance", "Sample", "Contract")),
    ("Samples of every document", "adapters.kit.samples", ("sample",)),
    ("Signatures", "adapters.kit.signature", (
        "digest", "single", "hmac_sha256", "base64_hmac", "hex_hmac", "check_hmac_sha256_base64",
        "check_hmac_sha256_hex", "check_constant", "check_standard", "sign_standard",
        "check_top_sign", "top_sign")),
    ("Settings", "adapters.kit.settings", ("RotatingSecret", "OutwardSecret", "revealed")),
    ("Fates", "hub.model.errors", (
        "TryLater", "OutcomeUnknown", "AlreadyDone", "Ignored", "NotAuthentic", "NotAuthorised",
        "Rejected", "BadData", "UnknownCode")),
    ("Reading and writing documents", "mappings.kit", (
        "Context", "wire", "shape", "decode", "encode", "word", "tracking_numbers", "zone")),
    ("Marks of ours", "mappings.kit.marks", ("mark", "marked", "unmarked", "order_of")),
    ("Dates", "mappings.kit.times", ("moment", "day")),
    ("Numbers", "mappings.kit.numbers", ("decimal", "measure", "whole")),
    ("Fields of a wire model", "mappings.kit.fields", (
        "Cash", "CashSeen", "Count", "CountSeen", "Pieces", "Rate", "Measure", "Moment",
        "MomentSeen", "Key", "Sku", "Word", "WordSeen", "Flag", "Many", "Perhaps")),
    ("Orders, shipments and refunds for any books", "mappings.kit.ledger_lines", (
        "items", "Item", "Part", "Taxed", "party", "address", "delivered", "credit", "Sold",
        "articles", "unexplained", "restocked", "credit_total", "is_anything")),
    ("Canonical JSON", "mappings.generic", (
        "document_type", "document_key", "decoders", "encoders")),
)
# fmt: on


def page() -> str:
    """The page."""
    return "\n\n".join([_INTRODUCTION.rstrip(), *(_section(*one) for one in _SECTIONS)])


def _section(title: str, name: str, words: tuple[str, ...]) -> str:
    module = import_module(name)
    rows = [row for word in words for row in _rows(module, word)]
    return f"## {title}\n\n`{name}`\n\n{table(('name', 'what'), rows)}"


def _rows(module: ModuleType, name: str) -> Iterator[tuple[str, str]]:
    """A function is one row, a class one for itself and one for each of its methods."""
    value = getattr(module, name)
    if inspect.isclass(value):
        yield code(_shown(name, value)), sentences(inspect.getdoc(value))
        for method, function in vars(value).items():
            if not method.startswith("_") and inspect.isfunction(function) and function.__doc__:
                yield (
                    code(f"{name}.{_shown(method, function)}"),
                    sentences(inspect.getdoc(function)),
                )
    elif callable(value) and inspect.isfunction(value):
        yield code(_shown(name, value)), sentences(inspect.getdoc(value))
    else:
        yield code(name), sentences(_said_of(module, name))


def _shown(name: str, value: Any) -> str:
    """Its name and parameters; of an exception, what it is raised with."""
    if getattr(value, "_is_protocol", False):
        return name
    try:
        signature = inspect.signature(value)
    except ValueError:
        return name
    hidden = ("self", "cls")
    words = [
        _parameter(parameter)
        for parameter in signature.parameters.values()
        if parameter.name not in hidden
    ]
    back = signature.return_annotation
    answer = (
        "" if inspect.isclass(value) or back in (inspect.Signature.empty, None) else _type(back)
    )
    return f"{name}({', '.join(words)})" + (f" -> {answer}" if answer else "")


def _parameter(one: inspect.Parameter) -> str:
    name = f"{_STARS.get(one.kind, '')}{one.name}"
    text = name if one.annotation is one.empty else f"{name}: {_type(one.annotation)}"
    if one.default is one.empty:
        return text
    plain = isinstance(one.default, str | bytes | int | float | None)
    return f"{text} = {one.default!r}" if plain else f"{text} = …"


def _type(found: Any) -> str:
    """An annotation by its last names."""
    text = found if isinstance(found, str) else inspect.formatannotation(found)
    return _MODULES.sub("", text).replace("NoneType", "None")


def _said_of(module: ModuleType, name: str) -> str:
    """The text that stands below a constant."""
    body = ast.parse(inspect.getsource(module)).body
    for at, node in enumerate(body[:-1]):
        names = [
            target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)
        ]
        after = body[at + 1]
        if name in names and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            return str(after.value.value)
    return ""
