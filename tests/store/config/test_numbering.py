"""Running numbers: one for each thing, for ever, whoever asks at once."""

from concurrent.futures import ThreadPoolExecutor

from hub.store.base.database import Database
from hub.store.config.numbering import Numbering


def test_a_thing_has_one_number_and_a_number_one_thing(db_url):
    database = Database(db_url, pool=8)
    depot, other = (Numbering(database, "acme", code) for code in ("wh-a", "wh-b"))
    assert [depot.of("a"), depot.of("b"), depot.of("a"), other.of("b")] == [1, 2, 1, 1]
    assert (depot.thing(2), depot.thing(3)) == ("b", None)
    things = [f"thing-{at % 40}" for at in range(200)]
    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(depot.of, things))
    by_thing = dict(zip(things, numbers, strict=True))
    assert sorted(by_thing.values()) == list(range(3, 43))
    assert numbers == [by_thing[thing] for thing in things]
    database.dispose()
