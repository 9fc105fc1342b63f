"""A poll of so many orders by a process of its own: how much more memory it takes than at rest.

python -m tests.workers.polling.memory DATABASE_URL HOME ORDERS
"""

import json
import sys
from pathlib import Path

from adapters.kit.testing.scripted_partner import Told
from tests.kit.memory import from_now, peak
from tests.kit.world import World
from tests.workers.polling.tide import Shop, Tide, body, moment, served

PAGE = 100


def main(url: str, home: str, orders: int) -> None:
    shop = Shop()
    world = World(url, Path(home))
    with served(shop) as line:
        most = [2 * PAGE]

        def page(asked):
            number = int(asked.query.get("after") or 0)
            until = min(number + PAGE, most[0])
            rows = [
                {"id": f"{n:06}", "at": moment(n).isoformat(), "body": body(n, moment(n)).decode()}
                for n in range(number + 1, until + 1)
            ]
            return Told.json({"rows": rows, "more": until < most[0]})

        shop.before = page
        tide = Tide(world, shop, line.url)
        world.hurry(world.engine, tide.lane())
        rest = from_now()
        most[0] = orders
        world.sql("UPDATE poll SET due = now()")
        world.hurry(world.engine, tide.lane())
        most_kb = peak()
        heard = world.one("SELECT count(*) FROM message WHERE connection = 'tide'")
    world.close()
    print(json.dumps({"heard": heard, "more_mb": (most_kb - rest) / 1024}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
