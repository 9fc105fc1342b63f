"""The faults, by name: each is one function that does it, holds it a while, ends it, and says what
must go on within which time.
"""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

import psutil
import psycopg
from amqp.exceptions import AMQPError
from sqlalchemy.exc import DBAPIError

from tests.chaos.scene import Scene, pause
from tests.chaos.watch import Watch
from tests.kit.proxy import Fault as Wrong
from tests.kit.proxy import Proxy
from tests.kit.world.processes import HubError, Process, until
from workers.app import QUEUE

LEASE_S = 45.0
_MOMENT_S = 8.0


class Ground(NamedTuple):
    """What a fault works on. `long` is true where a minute is no loss."""

    scene: Scene
    watch: Watch
    die: random.Random
    long: bool


class Kind(NamedTuple):
    """`area`: two faults of one area never hold at once. `weight`: how often it comes."""

    do: Callable[[Ground], None]
    area: str
    weight: int = 1
    long: bool = False


# --- processes


def kill_worker(on: Ground) -> None:
    """A worker dies at any moment."""
    _kill_worker(on, on.die.choice(on.scene.workers))


def kill_at(moment: str) -> Callable[[Ground], None]:
    """A worker dies at a chosen moment of its work."""

    def act(on: Ground) -> None:
        victim = on.die.choice(on.scene.workers)
        with suppress(HubError, DBAPIError):  # where the moment does not come it dies all the same
            until(
                lambda: on.scene.hub.one(MOMENTS[moment], pid=victim.pid), moment, _MOMENT_S, 0.01
            )
        _kill_worker(on, victim)

    return act


def kill_after_commit(on: Ground) -> None:
    """A worker dies when what it claimed has just been finished, its lane still in its name."""
    victim = on.die.choice(on.scene.workers)
    query = MOMENTS["claimed"]
    with suppress(HubError, DBAPIError):
        until(lambda: on.scene.hub.one(query, pid=victim.pid), "claimed", _MOMENT_S, 0.005)
        until(lambda: not on.scene.hub.one(query, pid=victim.pid), "committed", 1.0, 0.0)
    _kill_worker(on, victim)


def _kill_worker(on: Ground, victim: Process) -> None:
    on.scene.kill(victim)
    on.watch.expect("worker", "its lanes are free", on.scene.free(victim))
    pause(on.die, 0.0, 3.0)
    on.scene.again(victim)


def term_worker(on: Ground) -> None:
    """A worker is asked to stop in the middle of its work: it ends with 0 and leaves nothing."""
    victim = on.die.choice(on.scene.workers)
    with suppress(HubError, DBAPIError):
        until(lambda: on.scene.lanes_of(victim), "it holds lanes", _MOMENT_S, 0.02)
    on.scene.ask("SELECT 1")
    until(lambda: on.scene.enlisted(victim), "it is enlisted", 60.0)
    begun = time.monotonic()
    code = on.scene.end(victim)
    took = time.monotonic() - begun
    if code != 0 or took > 25.0 * on.watch.patience + 5.0:
        on.scene.bad_ends.append(f"a worker told to stop ended with {code} after {took:.1f} s")
    on.scene.again(victim)


def freeze_worker(on: Ground) -> None:
    """A worker stands still past its lease, and wakes up believing nothing happened."""
    victim = on.die.choice(on.scene.workers)
    with suppress(HubError, DBAPIError):
        until(lambda: on.scene.lanes_of(victim), "it holds lanes", _MOMENT_S, 0.01)
    victim.signal(signal.SIGSTOP)
    moved_on = on.scene.given_up(victim)
    on.watch.expect("frozen", "what it held is worked on", moved_on, LEASE_S + 10.0)
    time.sleep(LEASE_S + 5.0 if on.long else on.die.uniform(2.0, 8.0))
    victim.signal(signal.SIGCONT)


def kill_gateway(on: Ground) -> None:
    """A whole gateway dies, its processes with it."""
    victim = on.die.choice(on.scene.gateways)
    door = on.scene.doors[on.scene.gateways.index(victim)]
    on.scene.kill(victim)
    pause(on.die, 0.0, 2.0)
    on.scene.again(victim)
    on.watch.expect("gateway", "it can store again", lambda: on.scene.ready(door))


def kill_gateway_process(on: Ground) -> None:
    """One of a gateway's processes dies; the other serves on."""
    victim = on.die.choice(on.scene.gateways)
    door = on.scene.doors[on.scene.gateways.index(victim)]
    children = victim.children()
    if children:
        with suppress(psutil.Error):
            on.die.choice(children).kill()
    on.watch.expect("gateway", "it can store", lambda: on.scene.ready(door))


def kill_scheduler(on: Ground) -> None:
    """Nobody sweeps for a while."""
    victim = on.scene.schedulers[0]
    on.scene.kill(victim)
    pause(on.die, 0.0, 5.0)
    on.scene.again(victim)
    here = on.scene
    on.watch.expect("scheduler", "it is enlisted", lambda: here.enlisted(here.schedulers[0]))


def kill_everything(on: Ground) -> None:
    """The power goes: every process of the hub and the database at one moment."""
    scene = on.scene
    everybody = [*scene.gateways, *scene.workers, *scene.schedulers]
    for one in everybody:
        scene.kill(one)
    scene.postgres.kill()
    pause(on.die, 0.0, 2.0)
    scene.postgres.start()
    at = scene.clock()
    for one in everybody:
        scene.again(one)
    on.watch.expect("gateway", "it can store again", lambda: scene.ready(scene.hub.url), 25.0)
    on.watch.expect("database", "messages are finished", scene.works_since(at), 25.0)


# --- broker


def kill_broker(on: Ground) -> None:
    rabbit = _rabbit(on)
    rabbit.kill()
    pause(on.die, 0.0, 10.0)
    rabbit.start()
    _broker_is_back(on)


def freeze_broker(on: Ground) -> None:
    """Its sockets stay open and nothing moves."""
    rabbit = _rabbit(on)
    rabbit.freeze()
    time.sleep(60.0 if on.long else on.die.uniform(5.0, 15.0))
    rabbit.thaw()
    _broker_is_back(on)


def purge_queue(on: Ground) -> None:
    """Every bell that was rung is gone, again and again."""
    for _ in range(5):
        with suppress(AMQPError, OSError), _rabbit(on).connect() as session:
            session.channel().queue_purge(QUEUE)
        pause(on.die, 0.0, 0.5)


def delete_queue(on: Ground) -> None:
    with suppress(AMQPError, OSError), _rabbit(on).connect() as session:
        session.channel().queue_delete(QUEUE)
    _broker_is_back(on)


def absent_broker(on: Ground) -> None:
    """It is away for long: everything must go on without it."""
    scene = on.scene
    rabbit = _rabbit(on)
    rabbit.kill()
    time.sleep(3.0)
    at = scene.clock()
    on.watch.expect("brokerless", "work goes on without a broker", scene.works_since(at))
    time.sleep(60.0 if on.long else 15.0)
    rabbit.start()
    _broker_is_back(on)


def _rabbit(on: Ground) -> Any:
    assert on.scene.rabbit is not None, "there is no broker"
    return on.scene.rabbit


def _broker_is_back(on: Ground) -> None:
    scene = on.scene
    on.watch.expect("broker", "its consumers are back", lambda: scene.consumers() >= 2)
    on.watch.expect("broker", "messages are finished", scene.works_since(scene.clock()))


# --- database


def restart_database(mode: str) -> Callable[[Ground], None]:
    """Stopped as an operator does it, started again."""

    def act(on: Ground) -> None:
        on.scene.postgres.stop(mode)
        pause(on.die, 0.0, 5.0)
        on.scene.postgres.start()
        _database_is_back(on)

    return act


def kill_database(on: Ground) -> None:
    on.scene.postgres.kill()
    pause(on.die, 0.0, 12.0)
    on.scene.postgres.start()
    _database_is_back(on)


def end_sessions(on: Ground) -> None:
    """pg_terminate_backend, at random, several times over."""
    for _ in range(6):
        on.scene.ask(_END_SESSIONS, share=on.die.uniform(0.1, 0.7))
        pause(on.die, 0.1, 1.0)
    _database_is_back(on)


def lock_table(on: Ground) -> None:
    """Somebody holds a lock on a table that everything needs."""
    table = on.die.choice(("work", "message", "lane", "message_key", "seen", "stock_level"))
    hold = 60.0 if on.long and on.die.random() < 0.3 else on.die.uniform(2.0, 12.0)
    address = on.scene.postgres.url("chaos").replace("+psycopg", "")
    with psycopg.connect(address) as db:
        db.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
        time.sleep(hold)
        db.rollback()
    _database_is_back(on)


def _database_is_back(on: Ground) -> None:
    scene, door = on.scene, on.die.choice(on.scene.doors)
    at = scene.clock()
    on.watch.expect("database", "it can store", lambda: scene.ready(door))
    on.watch.expect("database", "messages are finished", scene.works_since(at))


# --- the lines between


def bad_line(which: str, kind: str) -> Callable[[Ground], None]:
    """The way to the database, the broker or one partner is bad."""

    def act(on: Ground) -> None:
        name, proxy = _line(on, which)
        if kind == "reset":
            for _ in range(5):
                proxy.reset_all()
                pause(on.die, 0.1, 1.0)
        else:
            with _wrong(proxy, _drawn(on, kind)):
                pause(on.die, 3.0, 10.0)
        _line_is_back(on, which, name)

    return act


def _line(on: Ground, which: str) -> tuple[str, Proxy]:
    if which == "database":
        return which, on.scene.to_database
    if which == "broker":
        assert on.scene.to_broker is not None, "there is no broker"
        return which, on.scene.to_broker
    name = on.die.choice(sorted(on.scene.to_partners))
    return name, on.scene.to_partners[name]


def _drawn(on: Ground, kind: str) -> Wrong:
    die = on.die
    return Wrong(
        kind,
        seconds=die.uniform(0.05, 0.4),
        after=die.choice((1, 7, 100, 1000, 5000, 20_000, 100_000)),
        rate=die.choice((1024.0, 20_000.0)),
    )


@contextmanager
def _wrong(proxy: Proxy, fault: Wrong) -> Iterator[None]:
    proxy.go_wrong(fault)
    try:
        yield
    finally:
        proxy.go_right()


def _line_is_back(on: Ground, which: str, name: str) -> None:
    match which:
        case "database":
            _database_is_back(on)
        case "broker":
            _broker_is_back(on)
        case _:
            _partner_is_back(on, name)


# --- partners


def bad_partner(
    rules: Callable[[random.Random], list[Mapping[str, Any]]],
) -> Callable[[Ground], None]:
    """One partner behaves by these rules for a while."""

    def act(on: Ground) -> None:
        name = on.die.choice(on.scene.connections)
        partner = on.scene.partner(name)
        partner.misbehave(rules(on.die), on.die.getrandbits(16))
        pause(on.die, 3.0, 12.0)
        partner.misbehave([])
        _partner_is_back(on, name)

    return act


def partner_down(on: Ground) -> None:
    """Nobody listens there."""
    name = on.die.choice(on.scene.connections)
    partner = on.scene.partner(name)
    partner.stop()
    pause(on.die, 3.0, 20.0)
    partner.start()
    _partner_is_back(on, name)


def refused_credentials(on: Ground) -> None:
    """401 for a while: the connection pauses, a person resumes it when it is well again."""
    name = on.die.choice(on.scene.connections)
    partner = on.scene.partner(name)
    partner.misbehave([{"do": "401"}])
    pause(on.die, 3.0, 8.0)
    partner.misbehave([])
    on.scene.resume(name, 120.0)
    _partner_is_back(on, name)


def _partner_is_back(on: Ground, name: str) -> None:
    scene = on.scene
    waits = scene.ask(_BREAKER_WAIT, connection=name)
    bound = max(60.0, float(waits[0].wait or 0) + 20.0) if waits else 60.0
    told = scene.told_since(name, scene.clock())
    on.watch.expect("partner", f"{name} is told again", told, bound)


def _always(*rules: Mapping[str, Any]) -> Callable[[random.Random], list[Mapping[str, Any]]]:
    return lambda _: list(rules)


def _some(*rules: Mapping[str, Any]) -> Callable[[random.Random], list[Mapping[str, Any]]]:
    """The rules strike a drawn share of the calls."""
    return lambda die: [{**rule, "share": die.uniform(0.2, 0.9)} for rule in rules]


def _slow(die: random.Random) -> list[Mapping[str, Any]]:
    return [{"do": "slow", "ms": die.choice((300, 1500, 8000)), "share": die.uniform(0.3, 1.0)}]


KINDS: Mapping[str, Kind] = {
    "kill_worker": Kind(kill_worker, "worker", 2),
    "kill_worker_claimed": Kind(kill_at("claimed"), "worker"),
    "kill_worker_sending": Kind(kill_at("sending"), "worker", 2),
    "kill_worker_in_transaction": Kind(kill_at("in_transaction"), "worker"),
    "kill_worker_after_commit": Kind(kill_after_commit, "worker"),
    "term_worker": Kind(term_worker, "worker"),
    "freeze_worker": Kind(freeze_worker, "worker"),
    "kill_gateway": Kind(kill_gateway, "gateway"),
    "kill_gateway_process": Kind(kill_gateway_process, "gateway"),
    "kill_scheduler": Kind(kill_scheduler, "scheduler"),
    "kill_everything": Kind(kill_everything, "all"),
    "kill_broker": Kind(kill_broker, "broker"),
    "freeze_broker": Kind(freeze_broker, "broker"),
    "purge_queue": Kind(purge_queue, "broker"),
    "delete_queue": Kind(delete_queue, "broker"),
    "absent_broker": Kind(absent_broker, "broker"),
    "restart_database": Kind(restart_database("fast"), "database"),
    "crash_database": Kind(restart_database("immediate"), "database"),
    "kill_database": Kind(kill_database, "database"),
    "end_sessions": Kind(end_sessions, "database"),
    "lock_table": Kind(lock_table, "database"),
    "database_line_reset": Kind(bad_line("database", "reset"), "database"),
    "database_line_cut": Kind(bad_line("database", "cut"), "database", 2),
    "database_line_dark": Kind(bad_line("database", "blackhole"), "database"),
    "database_line_slow": Kind(bad_line("database", "delay"), "database"),
    "broker_line_cut": Kind(bad_line("broker", "cut"), "broker"),
    "broker_line_dark": Kind(bad_line("broker", "blackhole"), "broker"),
    "partner_line_cut": Kind(bad_line("partner", "cut"), "partner", 2),
    "partner_line_dark": Kind(bad_line("partner", "blackhole"), "partner"),
    "partner_line_trickle": Kind(bad_line("partner", "throttle"), "partner"),
    "partner_down": Kind(partner_down, "partner"),
    "partner_slow": Kind(bad_partner(_slow), "partner"),
    "partner_429": Kind(bad_partner(_some({"do": "429"})), "partner"),
    "partner_429_after": Kind(bad_partner(_some({"do": "429", "retry_after": 5})), "partner"),
    "partner_500_before": Kind(bad_partner(_some({"do": "500_before"})), "partner"),
    "partner_500_after": Kind(bad_partner(_some({"do": "500_after"})), "partner"),
    "partner_lost": Kind(bad_partner(_some({"do": "lost"})), "partner", 2),
    "partner_html": Kind(bad_partner(_some({"do": "html", "done": True})), "partner"),
    "partner_cut": Kind(bad_partner(_some({"do": "cut"})), "partner"),
    "partner_401": Kind(refused_credentials, "partner"),
}
"""What may go wrong. The areas `all`, `database` and `broker` exclude each other."""

MOMENTS = {
    "claimed": """SELECT EXISTS (SELECT FROM work JOIN lane ON lane.id = work.lane_id
        JOIN worker ON worker.number = lane.holder
        WHERE work.status = 'processing' AND worker.pid = :pid)""",
    "sending": """SELECT EXISTS (SELECT FROM work JOIN lane ON lane.id = work.lane_id
        JOIN worker ON worker.number = lane.holder
        WHERE work.status = 'sending' AND worker.pid = :pid)""",
    "in_transaction": """SELECT EXISTS (SELECT FROM pg_stat_activity AS a, lane
        JOIN worker ON worker.number = lane.holder AND worker.pid = :pid
        WHERE application_name = 'worker' AND a.state = 'idle in transaction')""",
}
_END_SESSIONS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < :share"""
_BREAKER_WAIT = """SELECT extract(epoch FROM (breaker ->> 'retry_at')::timestamptz - now()) AS wait
    FROM partner_state WHERE connection = :connection"""


class Fire:
    """Runs faults, each in a thread of its own, and knows which hold now."""

    def __init__(self, scene: Scene, watch: Watch, *, long: bool) -> None:
        self._scene, self._watch, self._long = scene, watch, long
        self._running: dict[threading.Thread, str] = {}
        self._lock = threading.Lock()
        self.failed: list[str] = []

    def areas(self) -> set[str]:
        """Where something holds now."""
        with self._lock:
            self._running = {
                thread: kind for thread, kind in self._running.items() if thread.is_alive()
            }
            return {KINDS[kind].area for kind in self._running.values()}

    def names(self) -> list[str]:
        with self._lock:
            return [kind for thread, kind in self._running.items() if thread.is_alive()]

    def start(self, kind: str, seed: int) -> None:
        thread = threading.Thread(target=self._run, args=(kind, seed), name=kind, daemon=True)
        with self._lock:
            self._running[thread] = kind
        thread.start()

    def wait(self, seconds: float) -> None:
        """Until none holds any more."""
        for thread in list(self._running):
            thread.join(seconds)

    def _run(self, kind: str, seed: int) -> None:
        self._scene.history.add("fault", name=kind)
        die = random.Random(seed)  # noqa: S311  # repeatable on purpose
        try:
            KINDS[kind].do(Ground(self._scene, self._watch, die, self._long))
        except Exception as error:  # noqa: BLE001  # a fault that cannot be made must be seen
            self.failed.append(f"{kind}: {type(error).__name__}: {str(error)[:300]}")
        self._scene.history.add("fault_over", name=kind)
