"""SOAP over the session: messages as the WSDL has them, faults as fates, documents from nowhere
else.
"""

import os
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree

from adapters.kit.http import Transport
from adapters.kit.http.wire_tap import recording
from adapters.kit.session import Session
from adapters.kit.soap import Soap
from adapters.kit.testing.scripted_partner import SILENCE, Loopback, Told
from hub.model.errors import (
    AlreadyDone,
    BadData,
    NotAuthorised,
    OutcomeUnknown,
    Rejected,
    TryLater,
)

LOCAL = Transport.local()
HERE = Path(__file__).parent
WSDL = HERE / "depot.wsdl"
ORDER = {"number": "F-1", "quantity": Decimal(2)}
XML = {"content-type": "text/xml; charset=utf-8"}
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"


def told(body, status=200):
    text = f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{body}</s:Body></s:Envelope>'
    return Told(status, text.encode(), XML)


PLACED = told('<PlaceOrderAnswer xmlns="urn:depot"><reference>77</reference></PlaceOrderAnswer>')


def fault(code="s:Server", words="no", detail="", status=500):
    return told(
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>{words}</faultstring>"
        f"<detail>{detail}</detail></s:Fault>",
        status,
    )


def depot(partner, wsdl=WSDL, **more):
    session = Session(partner.url, LOCAL, secrets=["pass-1"])
    return Soap(wsdl, session, address=f"{partner.url}/soap", **more)


def body(raw):
    (found,) = etree.fromstring(raw).find(f"{{{ENVELOPE}}}Body")
    return found


def test_a_message_is_as_the_wsdl_has_it_and_its_answer_is_read():
    with Loopback(lambda _: PLACED) as partner:
        assert depot(partner).tell("PlaceOrder", **ORDER) == "77"
        (asked,) = partner.asked
    assert (asked.method, asked.path) == ("POST", "/soap")
    assert asked.headers["soapaction"] == '"urn:depot#place"'
    sent = body(asked.body)
    assert sent.tag == "{urn:depot}PlaceOrder"
    assert [(one.tag, one.text) for one in sent] == [
        ("{urn:depot}number", "F-1"),
        ("{urn:depot}quantity", "2"),
    ]


def test_what_a_call_would_send_can_be_seen_without_sending_it():
    with Loopback(lambda _: PLACED) as partner:
        soap = depot(partner)
        raw = soap.message("PlaceOrder", **ORDER)
        assert [one.text for one in body(raw)] == ["F-1", "2"]
        assert partner.asked == []


@pytest.mark.parametrize("message", [{"number": "F-1"}, {**ORDER, "colour": "blue"}])
def test_a_message_that_the_wsdl_does_not_have_is_never_sent(message):
    with Loopback(lambda _: PLACED) as partner:
        for call in (depot(partner).message, depot(partner).tell):
            with pytest.raises(BadData) as bad:
                call("PlaceOrder", **message)
            assert (bad.value.code, bad.value.path) == ("bad_message", "PlaceOrder")
        for call in (depot(partner).message, depot(partner).ask):
            with pytest.raises(BadData, match="FetchOrder"):
                call("FetchOrder")
        assert partner.asked == []


FATES = {"Busy": TryLater, "DUPLICATE": AlreadyDone, "SessionEnded": NotAuthorised}


@pytest.mark.parametrize(
    ("answer", "written", "read"),
    [
        (fault("s:Server"), OutcomeUnknown, TryLater),
        (fault("s:Server", status=200), OutcomeUnknown, TryLater),
        (fault("s:Client"), Rejected, Rejected),
        (fault("s:Client", status=400), Rejected, Rejected),
        (fault("101"), Rejected, Rejected),
        (fault("s:Client.DUPLICATE"), AlreadyDone, AlreadyDone),
        (fault("s:Server.Busy"), TryLater, TryLater),
        (fault("s:Client.Odd"), Rejected, Rejected),
        (fault("s:Server.Odd"), OutcomeUnknown, TryLater),
        (fault("wsse:FailedAuthentication".replace(":", "-")), Rejected, Rejected),
        (fault("x:FailedAuthentication"), NotAuthorised, NotAuthorised),
        (fault("x:SessionEnded"), NotAuthorised, NotAuthorised),
        (fault("s:Server", detail="<Busy/>"), TryLater, TryLater),
        (fault("s:Client", detail="<e><code>DUPLICATE</code></e>"), AlreadyDone, AlreadyDone),
        (fault("s:Server", detail="<e><code>x:DUPLICATE</code></e>"), AlreadyDone, AlreadyDone),
        (SILENCE, OutcomeUnknown, TryLater),
        (Told(500, b"<html>down</html>", {"content-type": "text/html"}), OutcomeUnknown, TryLater),
        (Told(500), OutcomeUnknown, TryLater),
        (Told(200, b"not XML", XML), OutcomeUnknown, TryLater),
        (Told(200, b"<a/>", XML), OutcomeUnknown, TryLater),
        (told('<Other xmlns="urn:depot"/>'), OutcomeUnknown, TryLater),
        (
            told('<PlaceOrderAnswer xmlns="urn:depot"><x/></PlaceOrderAnswer>'),
            OutcomeUnknown,
            TryLater,
        ),
        (Told(200, b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', XML), OutcomeUnknown, TryLater),
        (Told(400, b"no"), Rejected, Rejected),
        (Told(401), NotAuthorised, NotAuthorised),
        (Told(503), TryLater, TryLater),
    ],
)
def test_a_fault_has_one_fate(answer, written, read):
    with Loopback(lambda _: answer) as partner:
        soap = depot(partner, fates=FATES)
        with pytest.raises((written,)) as fate:
            soap.tell("PlaceOrder", **ORDER)
        assert type(fate.value) is written
        assert len(partner.asked) == 1
        with pytest.raises((read,)) as fate:
            soap.ask("PlaceOrder", **ORDER)
        assert type(fate.value) is read


def test_a_fault_bears_the_partners_words_without_our_secrets():
    answer = fault("s:Client", "pass-1 is\n wrong")
    with Loopback(lambda _: answer) as partner, pytest.raises(Rejected) as refused:
        depot(partner).tell("PlaceOrder", **ORDER)
    assert str(refused.value) == "Client: *** is wrong"


def test_the_user_name_token_goes_along_and_its_password_is_in_no_recording():
    with Loopback(lambda _: PLACED) as partner, recording() as exchanges:
        depot(partner, user=("hub", "pass-1")).tell("PlaceOrder", **ORDER)
        depot(partner, user=("hub", "pass-1"), digest=True).tell("PlaceOrder", **ORDER)
        plain, digest = (asked.body for asked in partner.asked)
    assert b"<wsse:Username>hub</wsse:Username>" in plain
    assert b"pass-1" in plain
    assert b"#PasswordDigest" in digest
    assert b"pass-1" not in digest
    assert b"pass-1" not in exchanges[0].request_body


@pytest.mark.parametrize(
    ("digest", "refusals", "calls"), [(True, 1, 2), (True, 2, 2), (False, 1, 1)]
)
def test_a_digest_that_is_refused_is_made_anew_once(digest, refusals, calls):
    answers = iter([fault("x:MessageExpired")] * refusals + [PLACED])
    with Loopback(lambda _: next(answers)) as partner:
        soap = depot(partner, user=("hub", "pass-1"), digest=digest)
        if calls > refusals:
            assert soap.tell("PlaceOrder", **ORDER) == "77"
        else:
            with pytest.raises(NotAuthorised):
                soap.tell("PlaceOrder", **ORDER)
        nonces = {etree.fromstring(asked.body).findtext(".//{*}Nonce") for asked in partner.asked}
        assert (len(partner.asked), len(nonces)) == (calls, calls)


def test_soap_headers_are_made_for_each_call():
    numbers = iter("12")

    def heads(client):
        return [client.get_element("{urn:depot}Session")(id=next(numbers))]

    with Loopback(lambda _: PLACED) as partner:
        soap = depot(partner, heads=heads)
        soap.tell("PlaceOrder", **ORDER)
        soap.tell("PlaceOrder", **ORDER)
        heads_ = [etree.fromstring(asked.body)[0][0] for asked in partner.asked]
    assert [(one.tag, one[0].text) for one in heads_] == [
        ("{urn:depot}Session", "1"),
        ("{urn:depot}Session", "2"),
    ]


def test_threads_share_what_was_read_and_not_the_client():
    with Loopback(lambda _: PLACED) as partner:
        soap, answers = depot(partner), []

        def work():
            answers.append(soap.tell("PlaceOrder", **ORDER))

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == ["77"] * 6


class Publisher:
    """A partner that publishes its WSDL and schema, and counts."""

    def __init__(self, wsdl=None):
        self.wsdl, self.away, self.fetched = wsdl or WSDL.read_bytes(), False, []

    def __call__(self, asked):
        if asked.method == "POST":
            return PLACED
        self.fetched.append(asked.target)
        if self.away:
            return Told(503, headers={"retry-after": "9"})
        raw = (HERE / "goods.xsd").read_bytes() if "goods" in asked.path else self.wsdl
        return Told(200, raw, XML)


def test_a_wsdl_from_the_partner_is_fetched_once_a_day_and_kept_for_all_processes(tmp_path):
    publisher, kept = Publisher(), tmp_path / "wsdl"
    with Loopback(publisher) as partner:
        url = f"{partner.url}/api?wsdl"
        for _ in range(2):  # as in two processes
            assert depot(partner, url, kept=kept).tell("PlaceOrder", **ORDER) == "77"
        assert publisher.fetched == ["/api?wsdl", "/goods.xsd"]
        for path in (tmp_path / "wsdl").iterdir():
            os.utime(path, (1, 1))
        assert depot(partner, url, kept=kept).tell("PlaceOrder", **ORDER) == "77"
        assert publisher.fetched[2:] == ["/api?wsdl", "/goods.xsd"]
        for path in (tmp_path / "wsdl").iterdir():
            os.utime(path, (1, 1))
        publisher.away = True
        assert depot(partner, url, kept=kept).tell("PlaceOrder", **ORDER) == "77"
        with pytest.raises(TryLater):
            depot(partner, url, kept=tmp_path / "other").tell("PlaceOrder", **ORDER)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("http://169.254.169.254/latest/meta-data", "network_forbidden"),
        ("https://elsewhere.example/goods.xsd", "network_forbidden"),
        ("file:///etc/passwd", "bad_wsdl"),
        ("file:///etc/hostname", "bad_wsdl"),
    ],
)
def test_S08_a_wsdl_leads_to_no_other_host_and_to_no_file_of_this_machine(location, code):
    raw = WSDL.read_bytes().replace(b"goods.xsd", location.encode())
    with Loopback(Publisher(raw)) as partner:
        with pytest.raises(Rejected) as refused:
            depot(partner, f"{partner.url}/api?wsdl").tell("PlaceOrder", **ORDER)
        assert refused.value.code == code
        assert "root:" not in str(refused.value)


@pytest.mark.parametrize("location", ["../secret.xsd", "/etc/passwd", "file:///etc/passwd"])
def test_S08_a_wsdl_in_a_folder_reads_nothing_outside_of_it(tmp_path, location):
    (tmp_path / "secret.xsd").write_bytes((HERE / "goods.xsd").read_bytes())
    (tmp_path / "in").mkdir()
    wsdl = tmp_path / "in/depot.wsdl"
    wsdl.write_bytes(WSDL.read_bytes().replace(b"goods.xsd", location.encode()))
    with Loopback(lambda _: PLACED) as partner, pytest.raises(Rejected) as refused:
        depot(partner, wsdl).tell("PlaceOrder", **ORDER)
    assert refused.value.code == "bad_wsdl"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<html/>",
        b"not XML",
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>' + WSDL.read_bytes()[38:],
    ],
)
def test_S08_a_wsdl_that_is_none_is_refused(tmp_path, raw):
    wsdl = tmp_path / "depot.wsdl"
    wsdl.write_bytes(raw)
    with Loopback(lambda _: PLACED) as partner:
        with pytest.raises(Rejected) as refused:
            depot(partner, wsdl).tell("PlaceOrder", **ORDER)
        assert (refused.value.code, partner.asked) == ("bad_wsdl", [])
