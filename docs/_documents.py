"""docs/documents.md and docs/schemas/*.json, from the canonical documents."""

import json
from collections.abc import Mapping
from typing import Any

from docs._markdown import anchor, code, sentences, table
from hub.model.catalogue import schemas as model_schemas

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
    found = model_schemas()
    parts: dict[str, _Json] = {}
    for schema in found.values():
        parts |= {name: part for name, part in schema.get("$defs", {}).items() if name != "Value"}
    listed = "\n".join(f"- [`{kind}`](#{anchor(kind)})" for kind in found)
    return "\n\n".join(
        [
            _INTRODUCTION.rstrip(),
            listed,
            *(_document(kind, schema) for kind, schema in found.items()),
            _PARTS.rstrip(),
            *(_part(name, part) for name, part in sorted(parts.items())),
        ]
    )


def _document(kind: str, schema: _Json) -> str:
    text = sentences(schema.get("description"))
    schema_file = (
        f"Besides `type`, `source` and `attributes`. Schema: [{kind}.json](schemas/{kind}.json)."
    )
    return "\n\n".join([f"## `{kind}`", text, schema_file, _fields(schema, without=_SHARED)])


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
        forms = [_form(one) for one in field["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(forms))
    if "enum" in field:
        return ", ".join(code(str(one)) for one in field["enum"])
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
