"""Bytes and fields: what is cleaned, what is forgiven, what refuses, and what is said of it."""

import threading
from decimal import Decimal
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from hub.model.document import NOT_TEXT, Cleaned, OptText
from hub.model.errors import BadData
from mappings.kit import Context, noting, shape, wire
from mappings.kit.fields import (
    DECIDES,
    Cash,
    CashSeen,
    Count,
    Flag,
    Key,
    Many,
    Measure,
    Moment,
    MomentSeen,
    Perhaps,
    Sku,
    Word,
)
from mappings.reading import MAX_KEY, mended_text, read_json, read_xml


class Part(BaseModel):
    name: OptText = None
    sku: Sku = None
    count: Count = None
    weight: Measure = None


class Whole(BaseModel):
    id: Key = None
    state: Word = None
    test: Flag = None
    price: Cash = None
    was: CashSeen = None
    at: Moment = None
    seen_at: MomentSeen = None
    note: OptText = None
    place: Perhaps[Part] = None
    parts: Annotated[Many[Part], DECIDES] = ()
    tags: Many[Part] = ()


def read(tree):
    at = Context("shop")
    return shape(Whole, tree, at), [(one.path, one.code) for one in at.warnings]


@pytest.mark.parametrize(
    ("tree", "expected", "warned"),
    [
        ({"note": {"a": 1}}, {}, [("note", "wrong_type")]),
        ({"note": "x" * 20_001}, {"note": "x" * 20_000}, [("note", "too_long")]),
        ({"was": "cheap"}, {}, [("was", "bad_number")]),
        ({"seen_at": "soon"}, {}, [("seen_at", "bad_time")]),
        ({"place": "here"}, {}, [("place", "wrong_type")]),
        ({"place": []}, {}, []),
        ({"place": {"sku": "None"}}, {"place": Part()}, [("place.sku", "bad_id")]),
        ({"place": {"sku": ["A"]}}, {"place": Part()}, [("place.sku", "wrong_type")]),
        ({"parts": None}, {}, []),
        ({"parts": {}}, {}, []),
        ({"parts": {"0": {"name": "a"}, "3": {"name": "b"}}},
         {"parts": (Part(name="a"), Part(name="b"))}, []),
        ({"price": "1,234.50", "was": "0.8264462809917355"},
         {"price": Decimal("1234.50"), "was": Decimal("0.826446")}, []),
        ({"parts": {"name": "a"}}, {"parts": (Part(name="a"),)}, [("parts", "wrong_type")]),
        ({"parts": [None, {"name": "a"}]}, {"parts": (Part(name="a"),)},
         [("parts.0", "wrong_type")]),
        ({"tags": "a,b"}, {}, [("tags", "wrong_type")]),
        ({"tags": [1, {"name": 5, "weight": "a"}, "b"]}, {"tags": (Part(),)},
         [("tags.0", "wrong_type"), ("tags.1.name", "wrong_type"), ("tags.1.weight", "bad_number"),
          ("tags.2", "wrong_type")]),
        ({"at": "2026-11-22 10:00:00", "state": " PAID "}, {"state": "paid"}, []),
        ({"price": "3E0", "was": "３"}, {"price": 3, "was": 3}, []),
    ],
)  # fmt: skip
def test_what_decides_nothing_is_forgiven_or_left_out_with_a_warning(tree, expected, warned):
    found, told = read(tree)
    assert found.model_dump(exclude={"at"}) == Whole(**expected).model_dump(exclude={"at"})
    assert told == warned


@pytest.mark.parametrize(
    ("tree", "path", "code"),
    [
        ({"id": "null"}, "id", "bad_id"),
        ({"id": ["9"]}, "id", "wrong_type"),
        ({"id": Cleaned("9")}, "id", "bad_text"),
        ({"price": "12,50"}, "price", "bad_number"),
        ({"price": "1,234"}, "price", "bad_number"),
        ({"price": "0.0000001"}, "price", "bad_number"),
        ({"price": Cleaned("12.50")}, "price", "bad_number"),
        ({"state": {}}, "state", "wrong_type"),
        ({"test": "perhaps"}, "test", "wrong_type"),
        ({"at": "0000-00-00"}, "at", "bad_time"),
        ({"parts": "many"}, "parts", "wrong_type"),
        ({"parts": [{"count": True}]}, "parts.0.count", "bad_quantity"),
        ({"parts": ["many"]}, "parts.0", "wrong_type"),
        ({"parts": {"count": -1}}, "parts.0.count", "bad_quantity"),
    ],
)
def test_what_decides_and_cannot_be_read_refuses_by_its_place(tree, path, code):
    with pytest.raises(BadData) as caught:
        read(tree)
    assert (caught.value.path, caught.value.code) == (path, code)


@given(st.text(st.characters(), max_size=40))
def test_a_text_that_was_mended_is_text_and_one_that_was_text_is_the_same(text):
    found = mended_text(text)
    assert not NOT_TEXT.search(found)
    assert (found is text) is (not NOT_TEXT.search(text))
    assert isinstance(found, Cleaned) is (found is not text)


def test_json_is_cleaned_by_its_place_and_strictly_refused():
    raw = rb'{"a": [{"b": "x\u000by\ud83d"}], "c\u0000": 1E+1000000, "d": -0, "e": "\ud83d\ude00"}'
    at = Context("shop")
    found = read_json(raw, at.warn)
    assert found == {"a": [{"b": "xy\ufffd"}], "c": "1E+1000000", "d": "-0", "e": "\U0001f600"}
    assert [(one.path, one.code) for one in at.warnings] == [
        ("a.0.b", "bad_text"),
        ("c", "bad_text"),
    ]
    assert read_json(rb'{"a": {"b": 1, "b\u0000": 2}}', at.warn) == {"a": {"b": "1"}}
    for strict, code in ((b'{"a": "\\u0000"}', "bad_text"), (b'{"a": 1e9}', "bad_number")):
        with pytest.raises(BadData) as caught:
            read_json(strict)
        assert caught.value.code == code


def test_keys_are_bounded_whatever_was_read_before():
    usual = b'{"id": "1", "name": null}'
    long = b'{"id": "1", "%s": 1}' % (b"k" * (MAX_KEY + 1))
    many = b"{%s}" % b", ".join(b'"k%d": 1' % n for n in range(10_001))
    for _ in range(2):
        assert read_json(usual) == {"id": "1", "name": None}
        for raw in (long, many):
            with pytest.raises(BadData) as error:
                read_json(raw)
            assert error.value.code == "too_large"
        for start in range(0, 30_000, 9_000):  # more keys than are remembered
            read_json(b"{%s}" % b", ".join(b'"%d": 1' % (start + n) for n in range(9_000)))


@pytest.mark.parametrize("before", [b"", b'"a": "b\\"c", ', b'"%s": 2, "e": 3, ' % (b"d" * 200)])
@pytest.mark.parametrize("letter", [b"k", "\u00eb".encode(), rb"\u00eb", rb"\""])
def test_a_key_is_measured_wherever_it_stands(before, letter):
    for blanks in (*range(0, MAX_KEY, 5), 3 * MAX_KEY):
        start = b"{" + b" " * blanks + before
        assert read_json(start + b'"' + letter * MAX_KEY + b'": "1"}')
        with pytest.raises(BadData) as caught:
            read_json(start + b'"' + letter * (MAX_KEY + 1) + b'": "1"}')
        assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    "head", ["", "<?xml version='1.0'?>", '<?xml version="1.0" encoding="UTF-8"?>']
)
def test_xml_that_is_gb18030_is_read_as_what_it_is(head):
    raw = f"{head}<a>绿色𠀀</a>".encode("gb18030")
    at = Context("wh")
    assert read_xml(raw, at.warn).text == "绿色𠀀"
    assert [one.code for one in at.warnings] == ["bad_encoding"]
    with pytest.raises(BadData) as caught:
        read_xml(raw)
    assert caught.value.code == "bad_xml"


@pytest.mark.parametrize("name", ["GBK", "gb2312", "GB18030"])
def test_xml_that_names_a_chinese_encoding_is_read_in_all_of_it(name):
    raw = f'<?xml version="1.0" encoding="{name}"?><a>朱镕基</a>'.encode("gb18030")
    assert read_xml(raw, Context("wh").warn).text == "朱镕基"


@pytest.mark.parametrize(
    "raw",
    [
        "<!DOCTYPE a><a>绿</a>".encode("gbk"), b"<a>\xb2</a>", "<a>绿".encode("gbk"),
        b'<?xml version="1.0" encoding="latin-1"?><a>', "<a>绿</b>".encode(),
    ],
)  # fmt: skip
def test_what_is_no_xml_in_any_encoding_is_still_refused(raw):
    with pytest.raises(BadData):
        read_xml(raw, Context("wh").warn)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"<a>P&G, tea & cups</a>", "P&G, tea & cups"),
        (b"<a>one\x0btwo</a>", "one\ufdd0two"),
        (b"<a>one&#x1;two&#11;</a>", "one\ufdd0two\ufdd0"),
        (b"<a>&#55357;&#56832; and &#xD83D;&#xde00;</a>", "\U0001f600 and \U0001f600"),
        (b"<a>half &#xD83D; of one, &#56832;</a>", "half \ufdd0 of one, \ufdd0"),
        ("<?xml version='1.0' encoding='GBK'?><a>茶 & 绿色</a>".encode(), "茶 & 绿色"),
    ],
)
def test_xml_with_what_no_xml_may_hold_is_read_as_it_is_meant(raw, text):
    at = Context("wh")
    assert read_xml(raw, at.warn).text == text
    assert [one.code for one in at.warnings] == ["bad_xml"]
    with pytest.raises(BadData):
        read_xml(raw)


def test_an_entity_that_nobody_defined_is_still_refused():
    with pytest.raises(BadData):
        read_xml(b"<a>&lol;</a>", Context("wh").warn)
    with pytest.raises(BadData) as caught:
        read_xml(b"<!DOC\x0bTYPE a [<!ENT&#x1;ITY b 'c'>]><a>&b;</a>", Context("wh").warn)
    assert caught.value.code == "bad_xml"


def test_json_is_read_as_gb18030_only_where_the_partner_is_chinese():
    raw = '{"a": "绿色"}'.encode("gbk")
    at = Context("wh")
    assert read_json(raw, at.warn, chinese=True) == {"a": "绿色"}
    assert [one.code for one in at.warnings] == ["bad_encoding"]
    with pytest.raises(BadData):
        read_json(raw, at.warn)


def test_a_field_that_must_be_there_decides():
    class Told(BaseModel):
        event: str
        note: str | None = None

    at = Context("wh")
    assert wire(Told, b'{"event": "e", "note": []}', at) == Told(event="e")
    assert [one.path for one in at.warnings] == ["note"]
    with pytest.raises(BadData) as caught:
        wire(Told, b'{"event": []}', at)
    assert caught.value.path == "event"


def test_threads_that_share_a_context_note_what_is_theirs():
    at, found, start = Context("shop"), {}, threading.Barrier(4)

    def decode(number):
        with noting() as warnings:
            start.wait()
            for _ in range(100):
                at.warn("odd", "it is odd", path=str(number))
            found[number] = {one.path for one in warnings}

    threads = [threading.Thread(target=decode, args=(number,)) for number in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == {number: {str(number)} for number in range(4)}
    assert at.warnings == []


def test_warnings_of_one_document_are_bounded():
    at = Context("shop")
    for _ in range(1_000):
        at.warn("odd", "it is odd", path="x" * 1_000)
    assert (len(at.warnings), len(at.warnings[0].path)) == (200, 200)
