"""Rows by the names of their columns, whatever their order, and what else stands beside them."""

import csv
import io
import zipfile
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.errors import BadData, Ignored
from mappings.kit import Context
from mappings.kit.reports.bodies import bodies, text
from mappings.kit.reports.cells import Table, cells, heads, moment

AT = Context("money")
TABLE = Table((("reference",), ("amount",)), lambda name: name == "amount")
CELL = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=9)
PLAIN = CELL.filter(lambda it: not set(it) & set("`\"'") and not it.casefold().startswith("sep="))
ROWS = st.lists(
    st.fixed_dictionaries({"Reference": PLAIN, "Amount": st.just("1.00"), "Extra": CELL}),
    min_size=1,
    max_size=5,
)


@given(
    ROWS,
    st.permutations(["Reference", "Amount", "Extra"]),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_a_table_is_read_in_any_order_form_and_encoding(rows, columns, delimiter, encoding):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    read = cells(out.getvalue().encode(encoding), TABLE, AT)
    assert [cell.needed("reference") for cell in read] == [row["Reference"] for row in rows]
    assert [str(cell.amount("amount")) for cell in read] == ["1.00"] * len(rows)


def test_bytes_of_windows_and_of_china_are_text():
    assert text("Gebühr".encode("cp1252")) == "Gebühr"
    assert text("服务费".encode("gb18030"), "gb18030") == "服务费"
    assert text("服务费".encode()) == "服务费"


def test_a_row_that_ends_too_early_spoils_the_file():
    with pytest.raises(BadData) as caught:
        cells(b"reference,amount\nA,1.00\nB", TABLE, AT)
    assert caught.value.path == "line 3"


def test_a_column_that_is_missing_is_named_before_anything_is_read():
    with pytest.raises(BadData, match="amount"):
        cells(b"reference,sum\nA,1.00\n", TABLE, AT)


def test_a_file_of_nothing_is_of_no_consequence():
    with pytest.raises(Ignored):
        bodies(b" \r\n")
    with pytest.raises(Ignored):
        cells(b"reference,amount\n", TABLE, AT)


def test_an_archive_is_opened_and_half_of_one_is_none():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "reference,amount\n" * 40)
        archive.writestr("b.csv", "more")
    found = {it.name: len(it.raw) for it in bodies(out.getvalue())}
    assert found == {"a.csv": 680, "b.csv": 4}
    with pytest.raises(BadData) as caught:
        bodies(out.getvalue()[:60])
    assert caught.value.code == "bad_archive"


def test_a_date_with_dots_begins_with_its_day():
    assert moment("05.06.2026") == datetime(2026, 6, 5, tzinfo=UTC)
    assert moment("05.06.2026 18:00:00 UTC") == datetime(2026, 6, 5, 18, tzinfo=UTC)


def test_the_first_line_tells_what_a_file_is():
    assert heads(b'"Transaction ID";Gross Amount\n1;2') == {"transactionid", "grossamount"}
