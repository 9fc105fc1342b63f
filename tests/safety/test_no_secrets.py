"""A whole run with planted values, and afterwards the search for them in everything it left:
logs, tables, broker, answers, command lines, files. Secrets and persons are found nowhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.journeys.test_two_workers import own_broker
from tests.kit.database import open_folder, temporary_database
from tests.safety.planted import ALL, found
from tests.safety.run import Run, whole_run

pytestmark = pytest.mark.slow


@dataclass
class Search:
    """The places of a run in which something planted was found, and what."""

    run: Run
    bells: int
    hits: dict[str, set[str]]
    places: dict[str, str]


@pytest.fixture(scope="module")
def search(server_url: str, template: str, broker_url: str | None) -> Iterator[Search]:
    with open_folder() as folder, temporary_database(server_url, template) as url:
        if broker_url is None:
            yield from _searched(whole_run(folder, url, None))
            return
        with own_broker(broker_url) as broker:
            yield from _searched(whole_run(folder, url, broker))


def _searched(going) -> Iterator[Search]:
    with going as (run, bells):
        places = run.gather().places
        planted = {**ALL, "API key": run.key}
        hits = {place: names for place in places if (names := found(places[place], planted))}
        yield Search(run, bells, hits, places)


def of(search: Search, *starts: str) -> dict[str, set[str]]:
    """What was found in the places that begin so; there must be such places."""
    assert any(place.startswith(starts) for place in search.places)
    return {place: names for place, names in search.hits.items() if place.startswith(starts)}


def test_G26_no_log_holds_a_secret_or_a_person(search: Search) -> None:
    logs = {place.removeprefix("log of ") for place in search.places if place.startswith("log of")}
    assert logs == {
        *("gateway as json", "gateway as text", "worker as json", "worker as text"),
        *("console as json", "scheduler as text"),
    }
    assert of(search, "log of") == {}


def test_G26_no_table_holds_one_in_clear(search: Search) -> None:
    hits = of(search, "table ")
    assert hits == {}


def test_G26_no_bell_in_the_broker_holds_one(search: Search) -> None:
    if search.run.broker is None:
        pytest.skip("bells ring inside the process: there is no broker")
    assert search.bells >= 3
    assert of(search, "broker") == {}


def test_G26_no_answer_holds_one(search: Search) -> None:
    assert of(search, "answers", "GET ", "POST ", "console") == {}


def test_G26_no_command_prints_one(search: Search) -> None:
    assert of(search, "orderhub ") == {}


def test_G26_no_command_line_and_no_file_but_the_keys_holds_one(search: Search) -> None:
    assert of(search, "command lines") == {}
    assert {p: n for p, n in search.hits.items() if p.startswith("file ")} == {}


def test_what_was_planted_was_worked_in_every_way(search: Search) -> None:
    """The search found nothing because it is clean, not because nothing happened."""
    hub = search.run.hub
    ends = dict(hub.sql("SELECT status, count(*) FROM sales_order GROUP BY 1"))
    assert ends["completed"] >= 3
    assert ends["held"] >= 1
    codes = {row[0] for row in hub.sql("SELECT DISTINCT error ->> 'code' FROM message")}
    assert codes >= {"bad_json", "rejected", "internal_error", "not_authorised", "try_later"}
    assert codes >= {"wrong_type", "bad_number", "bad_time", "bad_xml"}
    assert hub.sql("SELECT count(*) FROM message WHERE warnings IS NOT NULL")[0][0] > 0
    for log, events in {
        "worker": ("internal_error", "outcome_not_kept"),
        "gateway": ("not_authentic", "intake_failed", "api_failed"),
    }.items():
        whole = "".join(text for place, text in search.places.items() if f"of {log} as" in place)
        assert [event for event in events if event not in whole] == []
    assert hub.one("SELECT count(*) FROM message WHERE error ->> 'message' LIKE 'sealed:%'") > 0


def test_the_search_would_find_them() -> None:
    assert found('{"to": "ZEBULON Qu\\u00e4ckenbush"}', ALL) == {"first name", "last name"}
    assert found("\\x7468697374 " + b"Thistlewick Lane 4711".hex(), ALL) == {"street"}
    assert found("tel=31655501987&x", ALL) == {"phone"}
    assert found("nothing", ALL) == set()
