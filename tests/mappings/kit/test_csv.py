"""Files of separated values: every row that can be read is, every other is named by its number."""

import io
import subprocess
import sys

import pytest

from hub.model.errors import BadData
from mappings.kit.readers.csv import LONGEST_LINE, Form, rows
from tests.kit.fixtures import ROOT

SKU = [("sku",)]


def read(raw, form=Form(), needed=SKU):  # noqa: B008  # it is frozen
    return [(row.line, row.cells or row.wrong) for row in rows(io.BytesIO(raw), form, needed)]


def cells(raw, form=Form()):  # noqa: B008
    return [list(row.cells.values()) for row in rows(io.BytesIO(raw), form, SKU)]


@pytest.mark.parametrize(
    ("encoding", "raw"),
    [
        ("utf-8", "sku,title\nA,Größe 商品\n".encode()),
        ("utf-8", "sku,title\nA,Größe 商品\n".encode("utf-8-sig")),
        ("utf-16", "sku,title\nA,Größe 商品\n".encode("utf-16")),
        ("utf-16", "\ufeffsku,title\r\nA,Größe 商品\r\n".encode("utf-16-be")),
        ("gb18030", "sku,title\nA,Größe 商品\n".encode("gb18030")),
        ("cp1252", "sku,title\nA,Größe 商品\n".replace(" 商品", "").encode("cp1252")),
    ],
)
def test_each_encoding_is_read_by_setting_with_its_mark_or_without(encoding, raw):
    assert [row[1].rstrip(" 商品") for row in cells(raw, Form(encoding))] == ["Größe"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_quotes_and_line_ends(delimiter, end):
    told = [["sku", "title"], ["A", f'"5"" pipe{delimiter} blue"'], ["B", '"two' + end + 'lines"']]
    raw = end.join(delimiter.join(row) for row in told).encode()
    assert cells(raw, Form(delimiter=delimiter)) == [
        ["A", f'5" pipe{delimiter} blue'],
        ["B", f"two{end}lines"],
    ]


def test_names_of_columns_count_whatever_their_case_blanks_and_order():
    raw = b" Quantity ,Order-Number,SKU\n2,1001,A\n"
    assert read(raw, needed=[("order_number", "order"), ("sku",), ("quantity",)]) == [
        (2, {"quantity": "2", "ordernumber": "1001", "sku": "A"})
    ]


def test_without_names_columns_go_by_number():
    assert read(b"A,5\nB,6,7\n", Form(header=False), []) == [
        (1, {"1": "A", "2": "5"}),
        (2, "2 columns are expected, it has 3"),
    ]


def test_a_spreadsheets_rows_of_nothing_and_its_first_line_are_passed_over():
    raw = b'sep=;\nsku;qty;\nA;5;;;\n;;\n\n"";"";""\nB;6;\n'
    found = cells(raw, Form(delimiter=";"))
    assert [row[:2] for row in found] == [["A", "5"], ["B", "6"]]


@pytest.mark.parametrize(
    ("raw", "form", "code", "message"),
    [
        (b"", Form(), "missing_field", "names of columns are expected, the file is empty"),
        (
            b"name;sku;qty\n",
            Form(),
            "missing_field",
            "the columns sku are expected, the file has name;sku;qty",
        ),
        (
            b"sku,SKU\nA,B\n",
            Form(),
            "duplicate_key",
            "each name is expected once in the head, not several times: sku",
        ),
        (
            "sku,qty\n".encode("utf-16"),
            Form(),
            "bad_encoding",
            "utf-8 is expected, the file is written in utf-16",
        ),
        (
            "sku,qty\n".encode("utf-16-le"),
            Form("cp1252"),
            "bad_encoding",
            "cp1252 is expected, the file is written in utf-16",
        ),
        (
            "sku,qty\n".encode("utf-8-sig"),
            Form("gb18030"),
            "bad_encoding",
            "gb18030 is expected, the file is written in utf-8",
        ),
        (
            "sku,Stück\n".encode("cp1252"),
            Form(),
            "bad_encoding",
            "the names of the columns are not written in utf-8",
        ),
    ],
)
def test_what_is_wrong_with_a_whole_file_is_said_before_its_first_row(raw, form, code, message):
    with pytest.raises(BadData) as wrong:
        read(raw, form)
    assert (wrong.value.code, str(wrong.value)[: len(message)]) == (code, message)


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (b"B", "2 columns are expected, it has 1"),
        (b"B,6,7", "2 columns are expected, it has 3"),
        (b"Gr\xf6\xdfe,6", "it has bytes that are no text in utf-8"),
        (b'"B,6', "its quotation marks do not close"),
        (b'"B"x,6', "its quotation marks do not close"),
        (b"B" * 2 * LONGEST_LINE + b",6", f"a line of at most {LONGEST_LINE} characters"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_the_rest_goes_on(bad, why):
    found = read(b"sku,qty\nA,5\n" + bad + b"\nC,7\n" + b"D,8\n" * 50)
    assert [line for line, _ in found] == list(range(2, 55))
    assert found[1][1].startswith(why)
    assert [told["sku"] for _, told in (found[0], *found[2:])] == ["A", "C", *["D"] * 50]


def test_an_inch_mark_within_a_text_is_no_quotation():
    assert cells(b'sku,title\nA,5" pipe\nB,"6"" pipe"\n') == [["A", '5" pipe'], ["B", '6" pipe']]


def test_a_half_written_file_lacks_its_last_row_only():
    assert read(b"sku,qty\nA,5\nB") == [
        (2, {"sku": "A", "qty": "5"}),
        (3, "2 columns are expected, it has 1"),
    ]


_MILLION = """
import tempfile, time
from mappings.kit.readers.csv import Form, rows
from tests.kit.memory import from_now, peak
with tempfile.TemporaryFile() as file:
    file.write(b"sku,title,quantity\\n")
    for start in range(0, 1_000_000, 1_000):
        file.write(b"".join(
            b'SKU-%d,"A cup, blue",%d\\n' % (at, at % 100) if at != 777_777 else b"SKU,half\\n"
            for at in range(start, start + 1_000)))
    file.seek(0)
    before, begun = from_now(), time.monotonic()
    read, bad = 0, []
    for row in rows(file, Form(), [("sku",)]):
        read += not row.wrong
        bad += [row.line] if row.wrong else []
    grown = peak() - before
    print(read, bad, grown, round(time.monotonic() - begun, 1))
"""


@pytest.mark.slow
def test_a_million_lines_are_read_in_bounded_memory():
    told = subprocess.run(
        [sys.executable, "-c", _MILLION], check=True, capture_output=True, text=True, cwd=ROOT
    ).stdout
    print("rows, bad lines, KiB more at the peak, seconds:", told)
    read, bad, grown, _ = told.split()
    assert (read, bad) == ("999999", "[777779]")
    assert int(grown) < 4 * 1024


@pytest.mark.parametrize(
    "row", ["Ada Bakker,ada@example.com", "Ada Bakker,1015 CJ", '{"name": "Ada Bakker"}']
)
def test_a_first_row_that_may_be_data_is_not_repeated(row):
    with pytest.raises(BadData) as caught:
        read(row.encode())
    assert (caught.value.code, caught.value.path) == ("missing_field", "columns")
    assert "bakker" not in str(caught.value).casefold()
