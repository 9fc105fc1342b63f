"""The WSDLs that partners publish load, and messages of theirs are built."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from lxml import etree
from zeep.helpers import serialize_object

from adapters.kit.conformance import Contract
from adapters.kit.http import Transport
from adapters.kit.session import Session
from adapters.kit.soap import Soap
from adapters.kit.testing.scripted_partner import Loopback, Told
from tests.kit.fixtures import SHARED

BACK, CHANNELS = SHARED / "backoffice", SHARED / "channels"
WSDL, XSD = "{http://schemas.xmlsoap.org/wsdl/}", "{http://www.w3.org/2001/XMLSchema}"
SESSION = Session("https://partner.example")

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="no recorded payloads here")


def operations(soap):
    return set(soap._client()[1]._binding._operations)


def body(raw):
    return next(iter(etree.fromstring(raw).find("{*}Body")))


def texts(element):
    return {etree.QName(one).localname: one.text for one in element.iter() if len(one) == 0}


def test_netsuite_2023_2_loads_with_all_its_schemas_and_adds_a_sales_order():
    soap = Soap(BACK / "netsuite/wsdl_2023_2/netsuite.wsdl", SESSION)
    assert len(operations(soap)) == 42
    sales, core = (
        "urn:sales_2023_2.transactions.webservices.netsuite.com",
        "urn:core_2023_2.platform.webservices.netsuite.com",
    )
    record = soap.type(f"{{{core}}}RecordRef")
    item = soap.type(f"{{{sales}}}SalesOrderItem")(item=record(externalId="CUP"), quantity=2.0)
    order = soap.type(f"{{{sales}}}SalesOrder")(
        externalId="F-1",
        entity=record(internalId="7"),
        itemList={"item": [item]},
    )
    sent = body(soap.message("add", record=order))
    assert etree.QName(sent).localname == "add"
    (told,) = sent
    assert told.get("{http://www.w3.org/2001/XMLSchema-instance}type").endswith(":SalesOrder")
    assert told.get("externalId") == "F-1"
    assert texts(told)["quantity"] == "2.0"


def test_netsuite_is_told_who_asks_in_the_header_that_its_wsdl_has():
    messages = "urn:messages_2023_2.platform.webservices.netsuite.com"
    core = "urn:core_2023_2.platform.webservices.netsuite.com"

    def heads(client):
        passport = client.get_element(f"{{{messages}}}tokenPassport")
        signature = {"_value_1": "c2ln", "algorithm": "HMAC_SHA256"}
        who = {"account": "1234", "consumerKey": "key", "token": "token"}
        return [passport(**who, nonce="n1", timestamp=1, signature=signature)]

    soap = Soap(BACK / "netsuite/wsdl_2023_2/netsuite.wsdl", SESSION, heads=heads)
    record = soap.type(f"{{{core}}}RecordRef")(internalId="7", type="salesOrder")
    (head,) = etree.fromstring(soap.message("get", baseRef=record)).find("{*}Header")
    assert head.tag == f"{{{messages}}}tokenPassport"
    assert texts(head)["signature"] == "c2ln"
    assert head.find("{*}signature").get("algorithm") == "HMAC_SHA256"


def test_salesforce_is_told_the_session_in_a_header():
    name = "{urn:partner.soap.sforce.com}SessionHeader"

    def heads(client):
        return [client.get_element(name)(sessionId="s1")]

    soap = Soap(BACK / "salesforce/partner.wsdl.xml", SESSION, heads=heads)
    raw = soap.message("query", queryString="SELECT Id FROM Order")
    (head,) = etree.fromstring(raw).find("{*}Header")
    assert (head.tag, texts(head)) == (name, {"sessionId": "s1"})
    assert texts(body(raw)) == {"queryString": "SELECT Id FROM Order"}


def test_salesforce_creates_an_object():
    soap = Soap(BACK / "salesforce/partner.wsdl.xml", SESSION)
    assert len(operations(soap)) == 32
    thing = soap.type("{urn:sobject.partner.soap.sforce.com}sObject")
    sent = body(soap.message("create", sObjects=[thing(type="Account", Id="1")]))
    assert texts(sent) == {"type": "Account", "Id": "1"}


NAV = {
    "Warehouse_Shipment_Line_WS.wsdl": 10,
    "page-CustomerList.wsdl": 2,
    "codeunit-IntegrationEntry.wsdl": 1,
}


def test_dynamics_nav_loads_all_its_pages_and_reads_one():
    paths = sorted((BACK / "dynamics_nav").glob("*.wsdl"))
    counted = {path.name: len(operations(Soap(path, SESSION))) for path in paths}
    assert len(counted) == 14
    assert {name: counted[name] for name in NAV} == NAV
    soap = Soap(BACK / "dynamics_nav/Warehouse_Shipment_Line_WS.wsdl", SESSION)
    sent = body(soap.message("Read", No="WS-1", Line_No=10000))
    assert texts(sent) == {"No": "WS-1", "Line_No": "10000"}


PEOPLE = [{"No": "234567", "Name": "Happy Customer Inc"}, {"No": "345678", "Name": "Cool Guy Inc"}]


@pytest.mark.parametrize(
    ("wsdl", "operation", "message", "answer", "read"),
    [
        (
            "page-CustomerList.wsdl",
            "CreateMultiple",
            {"CustomerList_List": {"CustomerList": PEOPLE}},
            "resp_page_CreateMultiple.xml",
            PEOPLE,
        ),
        (
            "page-CustomerList.wsdl",
            "ReadMultiple",
            {"filter": [{"Field": "No", "Criteria": "1..9"}], "setSize": 2},
            "resp_page_ReadMultiple.xml",
            [{"No": "123", "Name": "Customer #1"}, {"No": "456", "Name": "Customer #2"}],
        ),
        (
            "codeunit-IntegrationEntry.wsdl",
            "HelloWorld",
            {"iName": "hub", "oGreeting": ""},
            "resp_codeunit_HelloWorld.xml",
            {"return_value": True, "oGreeting": "Test greeting"},
        ),
    ],
)
def test_dynamics_nav_is_told_by_its_own_schema_and_its_recorded_answers_are_read(
    wsdl, operation, message, answer, read
):
    path = BACK / "dynamics_nav" / wsdl
    told = Told(200, (path.parent / answer).read_bytes(), {"content-type": "text/xml"})
    with Loopback(lambda _: told) as partner:
        session = Session(partner.url, Transport.local())
        soap = Soap(path, session, address=f"{partner.url}/WS")
        assert serialize_object(soap.tell(operation, **message), dict) == read
        Contract("wsdl", wsdl).check_all(partner.asked, path.parent)


def test_sap_builds_its_order():
    paths = sorted((BACK / "sap").glob("*.wsdl"))
    assert [sorted(operations(Soap(path, SESSION))) for path in paths] == [
        ["ZWS_GEN_PED"],
        ["ZWS_GEN_NC", "ZWS_GEN_PED"],
    ]


def test_magento_1_with_generic_calls_loads_and_calls():
    for path in (
        BACK / "magento1_soap/magento_v1_generic_call.wsdl",
        CHANNELS / "magento1/soap-v1-wsdl-mule.xml",
    ):
        soap = Soap(path, SESSION)
        assert {"login", "call", "multiCall", "endSession"} <= operations(soap)
        sent = body(soap.message("login", username="hub", apiKey="key"))
        assert texts(sent) == {"username": "hub", "apiKey": "key"}


def merged(fragments: Iterable[Path], into: Path) -> Path:
    """One WSDL of the fragments of the modules, as Magento's own server makes it."""
    whole = None
    for path in fragments:
        text = path.read_text().replace("{{var wsdl.name}}", "OpenMage")
        text = text.replace("{{var wsdl.handler}}", "Magento").replace(
            "{{var wsdl.url}}", "https://shop.example/api"
        )
        tree = etree.fromstring(text.encode())
        whole = tree if whole is None else _with(whole, tree)
    into.write_bytes(etree.tostring(whole))
    return into


def _with(whole, more):
    inner = {f"{WSDL}types": f"{XSD}schema"}
    for part in more:
        if not isinstance(part.tag, str) or part.tag == f"{WSDL}service":
            continue
        same = whole.find(part.tag)
        if part.tag in inner:
            whole.find(f"{part.tag}/{inner[part.tag]}").extend(list(part.find(inner[part.tag])))
        elif part.tag in {f"{WSDL}portType", f"{WSDL}binding"} and same is not None:
            same.extend(part.findall(f"{WSDL}operation"))
        else:
            whole.insert(list(whole).index(whole.find(f"{WSDL}portType")), part)
    return whole


@pytest.mark.parametrize(("kind", "first"), [("wsdl", "Api_wsdl2.xml"), ("wsi", "Api_wsi.xml")])
def test_magento_1_with_typed_calls_merged_of_its_modules_asks_for_an_order(kind, first, tmp_path):
    own = BACK / "magento1_soap"
    others = sorted(set(own.glob(f"*_{kind}.xml")) - set(own.glob("Api_*")))
    assert len(others) == 7
    soap = Soap(merged([own / first, *others], tmp_path / "magento.wsdl"), SESSION)
    assert len(operations(soap)) > 100
    sent = body(soap.message("salesOrderInfo", sessionId="s1", orderIncrementId="100000201"))
    assert texts(sent) == {"sessionId": "s1", "orderIncrementId": "100000201"}


def test_magento_1_with_typed_calls_creates_a_shipment_of_several_lines(tmp_path):
    own = BACK / "magento1_soap"
    others = sorted(set(own.glob("*_wsi.xml")) - set(own.glob("Api_*")))
    soap = Soap(merged([own / "Api_wsi.xml", *others], tmp_path / "magento.wsdl"), SESSION)
    pieces = [{"order_item_id": 61, "qty": 2.0}, {"order_item_id": 62, "qty": 1.0}]
    raw = soap.message(
        "salesOrderShipmentCreate",
        sessionId="s1",
        orderIncrementId="100000201",
        itemsQty={"complexObjectArray": pieces},
        email=0,
        includeComment=0,
    )
    lines = body(raw).findall("itemsQty/complexObjectArray")
    assert [texts(line) for line in lines] == [
        {"order_item_id": "61", "qty": "2.0"},
        {"order_item_id": "62", "qty": "1.0"},
    ]
