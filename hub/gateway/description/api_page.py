"""The description of the Open API as a page for people: one file, nothing loaded from elsewhere."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from typing import Any

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1,h2{line-height:1.2}h2{margin-top:2.5rem;border-bottom:1px solid #ccc}
article{margin:1rem 0;padding:.5rem 1rem;border-left:4px solid #888}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}
table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}
.method{font-weight:700}pre{background:#f4f4f4;padding:1rem;overflow:auto}
@media(prefers-color-scheme:dark){body{background:#181818;color:#eee}pre{background:#222}}
"""
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(sha256(STYLE.encode()).digest()).decode()}'"
)
"""The content security policy of the page: its own style and nothing else."""


def page(description: Mapping[str, Any]) -> str:
    """The page."""
    info = description["info"]
    paragraphs = "".join(f"<p>{escape(part)}</p>" for part in info["description"].split("\n\n"))
    groups: dict[str, list[str]] = {}
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    body = "".join(f"<h2>{escape(name)}</h2>{''.join(parts)}" for name, parts in groups.items())
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(info["title"])}</title>'
        f"<style>{STYLE}</style></head><body><h1>{escape(info['title'])} Open API</h1>{paragraphs}"
        f'<p><a href="/api/v1/openapi.json">openapi.json</a></p>{body}{_schemas(description)}'
        f"</body></html>"
    )


def _operation(path: str, method: str, operation: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(param['name'])}</code></td><td>{escape(param['in'])}</td>"
        f"<td>{escape(param.get('description', ''))}</td></tr>"
        for param in operation.get("parameters", ())
    )
    scope = operation.get("x-scope")
    needs = f"<p>Scope: <code>{escape(scope)}</code></p>" if scope else ""
    codes = ", ".join(sorted(operation["responses"]))
    return (
        f'<article><p><span class="method">{method.upper()}</span> <code>{escape(path)}</code></p>'
        f"<p>{escape(operation['summary'])}</p>{needs}<table>{rows}</table>"
        f"<p>Takes: {_taken(operation)} Answers: {escape(codes)}</p></article>"
    )


def _taken(operation: Mapping[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    names = [
        str(media.get("schema", {}).get("$ref", "")).rpartition("/")[2] or kind
        for kind, media in content.items()
    ]
    return "".join(f'<a href="#{escape(name)}"><code>{escape(name)}</code></a>.' for name in names)


def _schemas(description: Mapping[str, Any]) -> str:
    parts = ["<h2>schemas</h2>"]
    for name, schema in sorted(description["components"]["schemas"].items()):
        fields = "".join(
            f"<tr><td><code>{escape(field)}</code></td><td><code>{escape(_kind(of))}</code></td>"
            f"<td>{'required' if field in schema.get('required', ()) else ''}</td></tr>"
            for field, of in schema.get("properties", {}).items()
        )
        text = escape(str(schema.get("description", "")))
        parts.append(
            f'<article id="{escape(name)}"><p><code>{escape(name)}</code></p><p>{text}</p>'
            f"<table>{fields}</table></article>"
        )
    return "".join(parts)


def _kind(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_kind(option) for option in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    return str(schema.get("format") or schema.get("const") or schema.get("type") or "any")
