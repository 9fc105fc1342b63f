"""docs/documents.md and docs/schemas/*.json, from the canonical documents."""

import json
from collections.abc import Mapping
from typing import Any

from docs._markdown import anchor, code, sentences, table
from hub.flows import HANDLERS
from hub.flows.config.applying.adapters import EVENT_OF
from hub.model.catalogue import DOCUMENTS
from hub.model.catalogue import schemas as model_schemas
from hub.model.document import Document

_Json = Mapping[str, Any]

_INTRODUCTION = """# Canonical documents

What the Open API speaks, what flows take and give, and what every mapping translates to or from.
They are immutable. Unknown fields are refused, except inside `attributes`, where a partner's own
fields are kept.

- Money and quantities are decimal text: `"12.50"`, never a JSON float. At most 14 digits before
  and 6 after the point.
- Times name their zone and come out in UTC with `Z`: `2026-11-24T10:15:00Z`.
- Countries are ISO 3166-1 alpha-2, currencies ISO 4217, languages BCP 47.
- Unknown is `null`, never an empty text. Text is trimmed and NFC.
- `source` says where a document came from; `revision` and `occurred_at` tell a late telling from
  a new one. Over `/in/` and the Open API the hub fills in the connection itself.
"""

_PARTS = """## Parts

What several documents are made of.
"""
_SHARED = frozenset({"type", "source", "attributes"})


def schemas() -> dict[str, str]:
    """The JSON schema of every document, as a file."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return {
        kind: json.dumps({**dialect, **schema}, ensure_ascii=False, indent=2) + "\n"
        for kind, schema in model_schemas().items()
    }


def page() -> str:
    """The page."""
    schemas = model_schemas()
    parts: dict[str, _Json] = {}
    for schema in schemas.values():
        parts |= {name: part for name, part in schema.get("$defs", {}).items() if name != "Value"}
    listed = "\n".join(f"- [`{kind}`](#{anchor(kind)})" for kind in schemas)
    return "\n\n".join(
        [
            _INTRODUCTION.rstrip(),
            listed,
            *(_document(kind, schema) for kind, schema in schemas.items()),
            _PARTS.rstrip(),
            *(_part(name, part) for name, part in sorted(parts.items())),
        ]
    )


def _document(kind: str, schema: _Json) -> str:
    text = sentences(schema.get("description"))
    schema_file = (
        f"Besides `type`, `source` and `attributes`. Schema: [{kind}.json](schemas/{kind}.json).\n"
        f"Class: `{_class(DOCUMENTS[kind])}`. {_use(kind)}"
    )
    return "\n\n".join([f"## `{kind}`", text, schema_file, _fields(schema, without=_SHARED)])


def _class(model: type[Document]) -> str:
    return f"{model.__module__}.{model.__name__}"


def _use(kind: str) -> str:
    """What the hub does with such a document."""
    handler, event = HANDLERS.get(DOCUMENTS[kind]), EVENT_OF.get(kind)
    taken = f"Taken by `{handler.__module__}.{handler.__name__}`." if handler else ""
    told = f"Told to partners as `{event}`." if event else ""
    nothing = "No flow takes or tells it yet: one that comes in is kept and ignored."
    return " ".join(filter(None, (taken, told))) or nothing


def _part(name: str, schema: _Json) -> str:
    return "\n\n".join(
        part
        for part in (f"### {name}", sentences(schema.get("description")), _fields(schema))
        if part
    )


def _fields(schema: _Json, without: frozenset[str] = frozenset()) -> str:
    needed = schema.get("required", ())
    rows = [
        (code(name), _form(field), "required" if name in needed else _default(field))
        for name, field in schema.get("properties", {}).items()
        if name not in without
    ]
    return table(("field", "form", "where absent"), rows)


def _default(field: _Json) -> str:
    if "default" not in field:
        return "empty"
    value = field["default"]
    if value in ([], {}) or isinstance(value, dict):
        return "empty"
    return code(json.dumps(value, ensure_ascii=False))


def _form(field: _Json) -> str:
    if "$ref" in field:
        name = str(field["$ref"]).rpartition("/")[2]
        return f"[{name}](#{anchor(name)})"
    if "anyOf" in field:
        forms = [_form(option) for option in field["anyOf"] if option.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "enum" in field:
        return ", ".join(code(str(value)) for value in field["enum"])
    if "const" in field:
        return code(str(field["const"]))
    if field.get("type") == "array":
        return f"list of {_form(field.get('items', {}))}"
    return _simple(field)


def _simple(field: _Json) -> str:
    pattern = str(field.get("pattern", ""))
    kind = str(field.get("type", "any"))
    if pattern.startswith("^-?"):
        return "decimal"
    if pattern.startswith("^[0-9]"):
        return "whole pieces"
    if field.get("format") == "date-time":
        return "time"
    if pattern == "^[A-Z]{3}$":
        return "currency"
    names = {
        "string": "text",
        "integer": "number",
        "object": "names with values",
        "boolean": "true or false",
    }
    return names.get(kind, kind)
