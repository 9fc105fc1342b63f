"""Documents made to break a rule, and the rules of one XPath that they break."""

from collections.abc import Iterable

from lxml import etree

from tests.mappings.ubl.elements import NAMES

_SPACES = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMES.items())
_NUMBER = """<cac:PartyTaxScheme><cbc:CompanyID>DE123456789</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>"""


def spoil(raw: bytes, path: str, how: str | None) -> bytes:
    """A document with what stands at `path` taken away (None), with other text, with more in it
    (`<elements`), with another attribute (`@name=value`) or without one (`-name`), with another
    rate (`+Percent`), or with a VAT number before it (`+tax`).
    """
    root = etree.fromstring(raw)
    found = root.xpath(path, namespaces=NAMES)
    assert found, path
    for it in found:
        if how is None:
            it.getparent().remove(it)
        elif how == "+Percent":
            _rated(it.getparent())
        elif how == "+tax":
            it.addprevious(_elements(_NUMBER)[0])
        elif how.startswith("<"):
            it.extend(_elements(how[1:]))
        elif how.startswith("@"):
            it.set(*how[1:].split("="))
        elif how.startswith("-") and how[1:].isalpha():
            del it.attrib[how[1:]]
        else:
            it.text = how
    return bytes(etree.tostring(root))


def broken_rows(raw: bytes, rows: Iterable[tuple[str, str, str]]) -> list[str]:
    """The rules among these that a document breaks, whatever it says that it holds to."""
    root = etree.fromstring(raw)
    return [
        rule
        for rule, where, what in rows
        for it in root.xpath(where, namespaces=NAMES)
        if not it.xpath(f"boolean({what})", namespaces=NAMES)
    ]


def _elements(text: str) -> "list[etree._Element]":
    return list(etree.fromstring(f"<all {_SPACES}>{text}</all>"))


def _rated(category: "etree._Element") -> None:
    name = f"{{{NAMES['cbc']}}}Percent"
    rate = category.find(name)
    if rate is None:
        rate = etree.SubElement(category, name)
    rate.text = "19"
