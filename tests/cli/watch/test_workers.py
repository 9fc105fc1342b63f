"""`orderhub workers list`: each process that works, by its own name, with what it has in hand."""

import socket

from tests.cli.conftest import Run
from tests.kit.catalogue import sales_order
from tests.kit.world import World


def test_each_is_listed_by_its_own_name_with_what_it_has_in_hand(
    on_database: Run, world: World
) -> None:
    first, second = world.engine, world.worker()
    names = [one.identity.name for one in (first, second)]
    assert names[0].startswith(f"{socket.gethostname()}:")
    message = world.tell("shop", sales_order())
    world.sql("UPDATE worker SET pid = pid + 1 WHERE number = :n", n=second.identity.number)
    world.sql(
        """UPDATE lane SET holder = :n, leased_until = now() + interval '45 s'
        WHERE connection = 'shop' AND direction = 'in' AND shard = (SELECT shard FROM work)""",
        n=second.identity.number,
    )
    world.sql(
        """UPDATE work SET status = 'processing', lane_id = (SELECT id FROM lane
        WHERE holder IS NOT NULL)"""
    )
    shard, key = world.sql("SELECT shard, key FROM work")[0]

    idle, busy = on_database("workers", "list", "--json").json["items"]
    host, _, pid = names[1].rpartition(":")
    nothing = {"lanes": [], "in_hand": []}
    assert {name: idle[name] for name in ("name", *nothing)} == {"name": names[0], **nothing}
    assert (busy["name"], busy["lanes"]) == (f"{host}:{int(pid) + 1}", [f"shop in {shard}"])
    assert busy["in_hand"] == [
        {"id": str(message.id), "connection": "shop", "topic": "sales_order", "key": key}
    ]
    told = on_database("workers", "list").out.splitlines()
    assert told[0].split() == ["name", "kind", "started", "beat", "moved", "lanes", "in", "hand"]
    assert f"shop in {shard}  sales_order {key}" in told[2]

    world.sql("UPDATE worker SET ended_at = now() WHERE number = :n", n=first.identity.number)
    (left,) = on_database("workers", "list", "--json").json["items"]
    assert left["name"] == busy["name"]

    world.sql("UPDATE worker SET ended_at = now()")
    assert on_database("workers", "list").out == "none runs\n"
