"""The books in the console: what they lack and why, exports, closing."""

from hub.model.errors import Rejected
from tests.flows.books.test_tell import book, books, run, sale
from tests.kit.world.console import Console


def test_what_the_books_refused_stands_by_day_with_its_reason(console: Console) -> None:
    partner = books(console.world)
    partner.answers = [Rejected("period locked", code="period_locked")]
    book(console.world, sale(901))
    run(console.world)
    page = console.person("finance").get("/books").text
    assert "2026-11-20" in page
    assert "period_locked" in page
    assert "11.90" in page


def test_what_arrived_has_the_number_of_the_books_and_is_exported(console: Console) -> None:
    books(console.world)
    book(console.world, sale(902))
    run(console.world)
    reference = console.world.one("SELECT max(reference) FROM book_telling")
    person = console.person("finance")
    assert reference in person.get("/books").text
    asked = "from=2026-11-01&to=2026-11-30&connection=books"
    file = person.get(f"/books/export?{asked}&format=hledger")
    assert file.headers["Content-Disposition"].endswith('.journal"')
    assert b"order:902" in file.data
    refused = person.get(f"/books/export?{asked}&format=datev")
    assert refused.status_code == 303
    assert "merchant.receivable" in person.get("/books").text


def test_books_that_are_closed_stay_closed(console: Console) -> None:
    books(console.world)
    person = console.person("finance")
    for day, said in (
        ("2026-10-31", "The books are closed up to and with 2026-10-31."),
        ("2026-09-30", "They are closed up to that day already"),
        ("soon", "A day is expected."),
    ):
        person.post("/books/close", merchant="acme", until=day)
        assert said in person.get("/books").text
