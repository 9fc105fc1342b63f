"""What is published: SERVICE.md for whoever writes the ERP's side; and the ERP's own WSDL, of which
what is missing is named before anything is sent.
"""

import re

import pytest
from lxml import etree

from adapters.soap_erp import WSDL
from hub.model.errors import BadData
from tests.adapters.soap_erp.erp import NS
from tests.adapters.soap_erp.test_books import small

PAGE = WSDL.with_name("SERVICE.md").read_text("utf-8")
NAMES = r' xmlns(:[\w-]+)?="[^"]*"|(?<=[</])\w+:'


def shown(raw: bytes) -> str:
    """A message as a page shows it."""
    body = next(iter(etree.fromstring(raw).find("{*}Body")))
    etree.indent(body)
    text = re.sub(NAMES, "", etree.tostring(body, encoding="unicode"))
    return text.replace(">", f' xmlns="{NS}">', 1).strip()


def test_the_pages_examples_are_what_goes_over_the_wire(erp, books):
    document = small(bill_to=None)
    books.send(document, "key")
    books.find(document)
    assert [
        raw for raw in (*(raw for _, raw in erp.calls), *erp.said) if shown(raw) not in PAGE
    ] == []
    assert len(erp.said) == 2


def test_the_page_names_every_operation_kind_of_line_and_fault():
    wsdl = etree.parse(WSDL)
    names = {it.get("name") for it in wsdl.iterfind(".//{*}portType/{*}operation")}
    names |= {it.get("value") for it in wsdl.iterfind(".//{*}enumeration")}
    assert len(names) == 22
    assert {name for name in names if f"`{name}`" not in PAGE} == set()


def without(operation):
    """The WSDL without that operation, in its port and in its binding."""
    pattern = rf'<wsdl:operation name="{operation}">.*?</wsdl:operation>'
    return lambda text: re.sub(pattern, "", text, flags=re.DOTALL)


def renamed(old, new):
    return lambda text: text.replace(f'<xs:element name="{old}"', f'<xs:element name="{new}"')


def demanding(text):
    """The WSDL with one more element that must be there."""
    place = '<xs:element name="orderNumber"'
    return text.replace(place, f'<xs:element name="costCentre" type="xs:string"/>{place}')


def published(erp, change):
    erp.wsdl = change(erp.wsdl.decode()).encode()
    return f"{erp.url}?wsdl"


def test_the_wsdl_may_come_from_the_erp(erp, connected):
    books = connected(wsdl_url=published(erp, lambda text: text))
    books.check()
    assert books.send(small(), "key") == books.find(small())


@pytest.mark.parametrize(
    ("change", "path", "named"),
    [
        (without("PutRefund"), "PutRefund", "PutRefund"),
        (renamed("net", "netAmount"), "PutSalesOrder", "net"),
        (demanding, "PutSalesOrder", "costCentre"),
    ],
    ids=["operation gone", "element within renamed", "element added"],
)
def test_a_wsdl_that_changed_says_what_is_missing(erp, connected, change, path, named):
    with pytest.raises(BadData, match=named) as bad:
        connected(wsdl_url=published(erp, change)).check()
    assert (bad.value.code, bad.value.path, erp.calls) == ("bad_message", path, [])
