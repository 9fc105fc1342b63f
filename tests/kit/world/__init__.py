"""The one test world: what every test beyond a pure function stands in.

- `world` is one installation in this process: a real store, and workers that move when they are
  told. `vocabulary` says who there is, `clock` lets time pass, `partners` are scripted.
- `gateway` and `console` are its doors, in this process too; `running` is an installation as
  processes of its own, asked from without.
- `fixtures` hands them out: `world`, `acme` in a `shared` one, `gateway`, `console`; each on a
  database that `handed_on` brought back to what the migrations made.
- What partners say is in `tests.kit.catalogue`.

A test composes these and makes no other world (`tests/test_one_world.py`). What needs more holds
one: the stage of the simulation is a world whose database, partners and broker can fail, played
history after history, so its faults stay there and its clock and store are these.
"""

from tests.kit.world.clock import Clock
from tests.kit.world.partners import Adapters, Bells, Scripted
from tests.kit.world.settling import open_store
from tests.kit.world.vocabulary import Merchant
from tests.kit.world.world import ONCE, World

__all__ = [
    "ONCE", "Adapters", "Bells", "Clock", "Merchant", "Scripted", "World", "open_store",
]  # fmt: skip
