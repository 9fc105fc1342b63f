"""The schematrons of EN 16931 and Peppol themselves, as their makers publish them: XSLT 2 made of
their rules, run by Saxon.

Source: ISO/IEC 19757-3, 6.2 to 6.5: in a pattern only the first rule whose context fits a node is
tried on it.
"""

import gzip
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from saxonche import PySaxonProcessor

from tests.kit.fixtures import SHARED

FOLDER = SHARED / "schemas" / "ubl_peppol" / "peppol_bis3"
FILES = ("CEN-EN16931-UBL.sch.gz", "PEPPOL-EN16931-UBL.sch")
_XSL = "{http://www.w3.org/1999/XSL/Transform}"
_SCH = "{http://purl.oclc.org/dsdl/schematron}"
_NEVER = -5.0


@cache
def _saxon() -> Any:
    return PySaxonProcessor(license=False)


@cache
def _rules(name: str) -> Any:
    raw = (FOLDER / name).read_bytes()
    text = _stylesheet(gzip.decompress(raw) if name.endswith(".gz") else raw)
    return _saxon().new_xslt30_processor().compile_stylesheet(stylesheet_text=text)


def broken(raw: bytes, name: str) -> list[str]:
    """The rules of a schematron that a document breaks."""
    document = _saxon().parse_xml(xml_text=raw.decode())
    found: str = _rules(name).transform_to_string(xdm_node=document) or ""
    return found.split()


def _stylesheet(raw: bytes) -> str:
    """Each pattern as a mode, each of its rules as a template of that mode, the first foremost."""
    schema = etree.fromstring(raw)
    spaces = {it.get("prefix"): it.get("uri") for it in schema.iter(f"{_SCH}ns")}
    root = etree.Element(f"{_XSL}stylesheet", nsmap=spaces, version="2.0")
    _add(root, "output", method="text")
    root.extend(list(schema.iter(f"{_XSL}function")))
    patterns = list(schema.iter(f"{_SCH}pattern"))
    _lets(root, schema)
    start = _add(root, "template", match="/")
    for at, pattern in enumerate(patterns):
        mode = f"m{at}"
        _add(start, "apply-templates", select="/", mode=mode)
        _lets(root, pattern)
        for rank, rule in enumerate(pattern.iterchildren(f"{_SCH}rule")):
            _rule(root, rule, mode, 1000 - rank)
        quiet = _add(root, "template", match="*|/", mode=mode, priority=str(_NEVER))
        _add(quiet, "apply-templates", select="@*|node()", mode=mode)
        _add(root, "template", match="text()|@*", mode=mode, priority=str(_NEVER))
    return etree.tostring(root).decode()


def _rule(root: Any, rule: Any, mode: str, priority: int) -> None:
    context = rule.get("context")
    made = _add(root, "template", match=context, mode=mode, priority=str(priority))
    _lets(made, rule)
    for it in rule.iterchildren(f"{_SCH}assert"):
        told = _add(made, "if", test=f"not({it.get('test')})")
        _add(told, "text").text = f"{it.get('id')} "
    _add(made, "apply-templates", select="@*|node()", mode=mode)


def _lets(parent: Any, of: Any) -> None:
    for it in of.iterchildren(f"{_SCH}let"):
        _add(parent, "variable", name=it.get("name"), select=it.get("value"))


def _add(parent: Any, tag: str, /, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{_XSL}{tag}", attributes)


def examples() -> Iterator[Path]:
    """Documents that the standard's makers hold to be right."""
    return iter(sorted((SHARED / "backoffice" / "ubl_peppol").glob("bis3_*.xml")))
