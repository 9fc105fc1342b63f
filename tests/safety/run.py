"""A whole run with planted values: gateway, worker, scheduler and console as processes, good and
bad traffic through them, and everything that they leave behind, gathered.
"""

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psutil
from kombu import Connection, Queue

from hub.store.base.ids import short
from sandbox.erp import Erp
from sandbox.orders import generate
from sandbox.qimen import Warehouse
from sandbox.qimen.wire import Account, write
from sandbox.shopify import Shop
from tests.kit.catalogue import sales_order
from tests.kit.fixtures import ROOT
from tests.kit.world.processes import Process, free_port, until
from tests.kit.world.running import RunningHub
from tests.safety.parrot import MOODS, Parrot
from tests.safety.planted import PERSONAL, PERSONS, SECRETS, WORDS, plant, spoilt
from workers.app import QUEUE

ENVIRON = {
    "PLANTED_HOOK": SECRETS["webhook secret"],
    "PLANTED_TOKEN": SECRETS["access token"],
    "PLANTED_APP": SECRETS["app secret"],
    "PLANTED_ERP": SECRETS["password of the books"],
}
LOGS = ("json", "text")
QIMEN = Account("planted", "planted", SECRETS["app secret"])
_TAXES = ("0.0125", "0.025", "0.05", "0.06", "0.0625", "0.07", "0.1", "0.19", "0.2", "0.21", "0.25")
CODES = {mood: mood.replace("_", "-") for mood in MOODS}
"""Mood -> the merchant whose partners are in it."""
_OF_RECORD = ("id", "name", "number", "order_number", "sku", "admin_graphql_api_id", "title")
"""What may stand in clear: ids and numbers of the channel, and articles."""
_WORDS_OF_THEIRS = (
    *("currency", "presentment_currency", "financial_status", "fulfillment_status"),
    *("processStatus", "logisticsCode", "logisticsName"),
)
"""What must be readable to be mapped."""


@dataclass
class Left:
    """What a run left behind: where it was found -> its text."""

    places: dict[str, str] = field(default_factory=dict)

    def add(self, place: str, text: str | bytes) -> None:
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        self.places[place] = self.places.get(place, "") + shown + "\n"


class Run:
    """One hub with its partners, good and bad."""

    def __init__(self, hub: RunningHub, parrot: Parrot, broker: str | None) -> None:
        self.hub, self.parrot, self.broker = hub, parrot, broker
        self.left, self.key = Left(), ""
        self.logs: list[tuple[str, Process]] = []
        self._doors = [hub.url]
        self._calls = 0
        self.shop = Shop(token=ENVIRON["PLANTED_TOKEN"], secret=ENVIRON["PLANTED_HOOK"], domain="")
        self.warehouse = Warehouse(account=QIMEN, hub_url=f"{hub.url}/in/wh", auto=True, delay=0.05)
        self.erp = Erp(password=ENVIRON["PLANTED_ERP"], open_catalogue=True)
        self.partners = (self.shop, self.warehouse, self.erp)

    def start(self, command: str, log: str) -> None:
        """A process with its log in this form. A second gateway has an address of its own."""
        environ = dict(self.hub.environ)
        self.hub.environ["ORDERHUB_LOG"] = log
        if command == "gateway" and self.logs:
            port = free_port()
            self._doors.append(f"http://127.0.0.1:{port}")
            self.hub.environ["ORDERHUB_BIND"] = f"127.0.0.1:{port}"
        self.logs.append((f"log of {command} as {log}", self.hub.start(command)))
        self.hub.environ = environ

    # --- who there is

    def connections(self) -> dict[str, Any]:
        """A merchant with partners that are well, and one for each mood of the parrot."""
        merchants = ["good", *CODES.values()]
        return {
            "network": {"private": ["127.0.0.0/8"], "http": True},
            "merchants": [{"code": code, "name": code, "currency": "EUR"} for code in merchants],
            "connections": [
                _shop("good", self.shop.url),
                _warehouse("wh", None, self.warehouse.url),
                _erp("good", self.erp.url),
                *(made for mood in MOODS for made in self._bad_ones(mood)),
            ],
            "products": [
                {"merchant": code, "sku": f"{place}-{code}", "title": "An article"}
                for code in merchants
                for place in ("ALL", "OWN")
            ],
            "stock": [
                {"warehouse": "wh", "merchant": code, "sku": f"ALL-{code}", "on_hand": 10_000}
                for code in merchants
            ]
            + [
                {"warehouse": f"wh-{code}", "merchant": code, "sku": f"OWN-{code}", "on_hand": 99}
                for code in CODES.values()
            ],
            "routing": [],
        }

    def _bad_ones(self, mood: str) -> Iterator[dict[str, Any]]:
        code = CODES[mood]
        yield _shop(code, f"{self.parrot.url}/{mood}/shop")
        yield _warehouse(f"wh-{code}", code, f"{self.parrot.url}/{mood}/wh")
        yield _erp(code, f"{self.parrot.url}/{mood}/erp")

    def _order(self, number: int, sku: str | None = None) -> dict[str, Any]:
        """An order of the planted person."""
        (body,) = generate(1, number, markets=["NL"], traits=frozenset(), first=1000 + number)
        if sku is not None:
            for line in body["line_items"]:
                line["sku"] = sku
        return plant(body)

    # --- what happens

    def good_traffic(self) -> None:
        """Orders that go all the way, one changed, one refunded in part; by webhook and API."""
        for number in (1, 2, 3):
            body = self._order(number, "ALL-good")
            self.shop.place(body)
            self.delivered("shop-good", "orders/create", body)
        self.delivered("shop-good", "orders/updated", {**body, "note": f"{PERSONAL['note']}!"})
        for at, code in enumerate(CODES.values(), start=1):
            self.delivered(f"shop-{code}", "orders/create", self._order(10 * at, f"OWN-{code}"))
            self.delivered(f"shop-{code}", "orders/create", self._order(10 * at + 1, f"ALL-{code}"))

    def went_on(self) -> None:
        """Let the shop go on that was paused (it denied a stock level) before its orders were
        taken.
        """
        waiting = """SELECT count(*) FROM work JOIN connection ON code = work.connection
            WHERE direction = 'in' AND code = 'shop-denies' AND connection.status = 'paused'
              AND work.status = 'received'"""
        if self.hub.one(waiting):
            self.hub.run("connections", "resume", "shop-denies", "--reason", "its orders wait")

    def bad_traffic(self) -> None:
        """Bodies that are broken in every place, unsigned, cut, of the wrong kind."""
        for at, (_, body) in enumerate(spoilt(self._order(500), [*_OF_RECORD, *_WORDS_OF_THEIRS])):
            number = 7_000_000 + at
            fresh = {**body, "id": number, "admin_graphql_api_id": f"gid://shopify/Order/{number}"}
            self.webhook("shop-good", "orders/create", fresh)
        self.webhook("shop-good", "refunds/create", {"id": 1, "order_id": 1, "note": WORDS})
        whole = json.dumps(self._order(600), ensure_ascii=False)
        for raw in (whole[:-200], f"{whole}{WORDS}", WORDS, f'"{WORDS}"', whole.replace(":", "=")):
            self.webhook("shop-good", "orders/create", raw.encode())
            self.webhook("shop-good", "orders/create", raw.encode(), secret="wrong")
        self.post(f"/in/{quote(WORDS, safe='')}", b"{}", {})
        self.post("/in/shop-good", whole.encode(), {"X-Shopify-Hmac-SHA256": quote(WORDS)})
        self._bad_confirmations()

    def _bad_confirmations(self) -> None:
        rows = self.hub.sql(
            "SELECT id FROM fulfilment_order WHERE merchant_id = 'good' ORDER BY id"
        )
        number = short("F", rows[0].id)
        order = {"deliveryOrderCode": number, "orderConfirmTime": "2026-11-24 12:00:00"}
        process = {"processStatus": "ACCEPT", "operateTime": "2026-11-24 12:00:00"}
        confirm = {
            "deliveryOrder": {**order, "operatorName": PERSONAL["first name"], "remark": WORDS},
            "packages": [{"expressCode": "P1", "items": [{"itemCode": "A", "quantity": 1}]}],
            "orderLines": [{"orderLineNo": 1, "itemCode": "ALL-good", "actualQty": 1}],
        }
        told = {"order": {"orderCode": number}, "process": {**process, "remark": WORDS}}
        elsewhere = "SELECT id, warehouse FROM fulfilment_order WHERE warehouse <> 'wh'"
        for row in self.hub.sql(elsewhere):
            trouble = {**process, "processStatus": "EXCEPTION", "remark": PERSONS}
            body = {"order": {"orderCode": short("F", row.id)}, "process": trouble}
            self.qimen("orderprocess.report", _xml(body), door=row.warehouse)
        keep = [*_WORDS_OF_THEIRS, "deliveryOrderCode", "orderCode", "itemCode", "expressCode"]
        for method, tree in (("deliveryorder.confirm", confirm), ("orderprocess.report", told)):
            for _, body in spoilt(tree, keep):
                self.qimen(method, _xml(body))
            self.qimen(method, _xml(tree)[:-40])
            self.qimen(method, _xml(tree), secret="wrong")

    def broken_inside(self) -> None:
        """Errors of our own: the database refuses rows, in words full of planted values."""
        words = WORDS.replace("'", "''").replace("%", "%%")
        self.hub.sql(
            f"""CREATE FUNCTION planted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              RAISE EXCEPTION '{words}' USING DETAIL = '{words}', HINT = '{words}'; END $$"""
        )
        for table, when in (
            ("sales_order", "NEW.channel_order_id LIKE '666%'"),
            ("message", "NEW.topic = 'orders/paid'"),
            ("message", "NEW.status = 'delivered' AND NEW.connection = 'erp-good'"),
            ("product", "NEW.sku = 'REFUSED'"),
        ):
            event = "UPDATE" if "status" in when else "INSERT"
            self.hub.sql(
                f"""CREATE TRIGGER planted_{abs(hash(when))} BEFORE {event} ON {table}
                FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION planted()"""
            )
        for at in range(3):
            body = {**self._order(800 + at), "id": 666_000 + at}
            body["admin_graphql_api_id"] = f"gid://shopify/Order/{body['id']}"
            self.webhook("shop-good", "orders/create", body)
        self.webhook("shop-good", "orders/paid", self._order(900))
        self.webhook("shop-good", "orders/create", self._order(901, "ALL-good"))
        self.api("POST", "products?merchant=good", {"sku": "REFUSED", "title": WORDS})

    def api_traffic(self) -> None:
        """What the Open API refuses, and what it shows to a key that may not see payloads."""
        order = sales_order(
            1, channel="shop-good", note=WORDS, customer={"name": WORDS, "email": "a@b.example"}
        )
        # a revision is in clear as well: by it tellings are ordered
        keep = ("type", "connection", "order_number", "channel_order_id", "currency", "sku", "id",
                "revision")  # fmt: skip
        for _, body in spoilt(order, keep):
            self.api("POST", "orders", body)
        for path in ("orders", "stock/reports", "fulfilment-orders/F-X/shipments", "orders/x/hold"):
            self.api("POST", path, {"reason": WORDS, "document": WORDS})
            self.post(f"/api/v1/{path}", WORDS.encode(), {"Content-Type": "application/json"})
        for path in ("messages?limit=200", "connections", "orders/x", "stock"):
            self.api("GET", path)
        for row in self.hub.sql("SELECT id FROM message WHERE error IS NOT NULL"):
            self.api("GET", f"messages/{row.id}")
        for code in ("wh-refuses", "erp-reports", "shop-denies", "shop-good"):
            self.api("POST", f"connections/{code}/test", {})
        for path in ("/metrics", "/healthz", "/readyz", "/api/v1/nowhere", "/api/v1/openapi.json"):
            self.left.add(f"GET {path}", self.ask("GET", path)[1])
        for path in ("/metrics", "/healthz", "/readyz"):
            self.left.add(f"GET {path} at the ops address", self.hub.watched(path).encode())

    def commands(self, folder: Path) -> None:
        """Commands that fail, and those that only look."""
        broken = folder / "broken.json"
        broken.write_text(json.dumps({**self._order(1), "line_items": WORDS}), "utf-8")
        plain = self.connections()
        plain["connections"][0]["secrets"] = {"webhook_secret": SECRETS["webhook secret"]}
        (folder / "plain.yaml").write_text(json.dumps(plain), "utf-8")
        cut = json.dumps(plain)[:-30]
        (folder / "cut.yaml").write_text(cut, "utf-8")
        refused = {"products": [{"merchant": "good", "sku": "REFUSED", "title": "x"}]}
        (folder / "refused.yaml").write_text(json.dumps({**self.connections(), **refused}), "utf-8")
        password = SECRETS["console password"] + "\n"
        for words, stdin in (
            (("decode", "shopify", "orders/create", str(broken)), ""),
            (("apply", str(folder / "plain.yaml")), ""),
            (("apply", str(folder / "cut.yaml")), ""),
            (("apply", str(folder / "refused.yaml")), ""),
            (("user", "add", "op", "--role", "operator"), password),
            (("user", "add", "op", "--role", "operator"), password),
            (("user", "passwd", "nobody"), password),
            (("user", "list"), ""),
            (("key", "list"), ""),
            (("export",), ""),
            (("seal",), SECRETS["webhook secret"]),
            (("adapters",), ""),
            (("messages", "list", "--limit", "200", "--json"), ""),
            (("messages", "list", "--status", "parked"), ""),
            (("doctor", "--json"), ""),
        ):
            done = subprocess.run(
                [sys.executable, "-m", "hub.cli", *words],
                cwd=ROOT,
                env=self.hub.environ,
                input=stdin,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
            self.left.add(f"orderhub {words[0]}", done.stdout + done.stderr)

    def console(self) -> None:
        """Somebody tries to log in."""
        base = f"http://127.0.0.1:{self.hub.console_port}"
        form = f"login=op&password={SECRETS['console password']}".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        for path in ("/login", f"/nowhere/{PERSONAL['first name']}"):
            _, body = self.ask("POST", path, form, headers, base)
            self.left.add("console", body.replace(PERSONAL["first name"].encode(), b""))

    # --- how it is told

    def webhook(
        self, shop: str, topic: str, body: Mapping[str, Any] | bytes, secret: str | None = None
    ) -> None:
        headers, raw = self.shop.webhook(topic, body, secret=secret)
        self.post(f"/in/{shop}", raw, headers)

    def delivered(self, shop: str, topic: str, body: Mapping[str, Any]) -> None:
        """Told until it is taken, as a shop does where the door is busy."""
        headers, raw = self.shop.webhook(topic, body)
        until(lambda: self.ask("POST", f"/in/{shop}", raw, headers)[0] < 300, f"{topic} is taken")

    def qimen(self, method: str, raw: bytes, secret: str | None = None, door: str = "wh") -> None:
        account = Account(QIMEN.app_key, QIMEN.customer_id, secret or QIMEN.secret)
        self.post(f"/in/{door}?{account.query(method, raw)}", raw, {"Content-Type": "text/xml"})

    def post(self, path: str, raw: bytes, headers: Mapping[str, str]) -> None:
        _, answer = self.ask("POST", path, raw, headers)
        self.left.add("answers of the gateway", answer)

    def api(self, method: str, path: str, tree: Any = None) -> None:
        raw = None if tree is None else json.dumps(tree).encode()
        key = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        status, answer = self.ask(method, f"/api/v1/{path}", raw, key)
        if method == "POST" and status < 300 and path == "orders":
            return  # the order itself, as it was posted
        self.left.add(f"{method} {path.partition('?')[0].partition('/')[0]}", answer)

    def ask(
        self,
        method: str,
        path: str,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        base: str = "",
    ) -> tuple[int, bytes]:
        asked = urllib.request.Request(  # our own gateway
            f"{base or self._door()}{path}", raw, dict(headers or {}), method=method
        )
        try:
            with urllib.request.urlopen(asked, timeout=30) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def _door(self) -> str:
        """The gateways take turns."""
        self._calls += 1
        return self._doors[self._calls % len(self._doors)]

    def doors_answer(self) -> bool:
        return all(_listens(door) for door in self._doors)

    # --- when it is over

    def wait(self) -> None:
        """Until all that came in is worked and those who are well were told. The parrot's ears
        are closed by its breakers and its own words.
        """
        due = """SELECT count(*) FROM work JOIN connection ON code = connection
          WHERE due <= now() AND work.status NOT IN ('parked', 'waiting', 'behind')
            AND (direction = 'in' OR work.merchant_id = 'good' OR code = 'wh')"""
        until(lambda: self.hub.one(due) == 0, "what is due is done", 120)

    # --- what is looked at afterwards

    def gather(self) -> Left:
        """Everything that the run left, by place."""
        for place, process in self.logs:
            self.left.add(place, process.log)
            self.left.add("command lines", _command_lines(process.pid))
        for path in self.hub.home.rglob("*"):
            name = path.relative_to(self.hub.home)
            if path.is_file() and name.name != "keys" and path.suffix != ".log":
                self.left.add(f"file {name}", path.read_bytes())
        tables = self.hub.sql(
            """SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition
            AND relnamespace = 'public'::regnamespace AND relname <> 'scope_key'"""
        )
        for (table,) in tables:
            for (row,) in self.hub.sql(f"SELECT t::text FROM {table} AS t"):  # noqa: S608
                self.left.add(f"table {table}", row)
        return self.left

    def bells(self) -> int:
        """Look at what lies in the broker, and leave it there."""
        if self.broker is None:
            return 0
        with Connection(self.broker) as connection, connection.channel() as channel:
            queue = Queue(QUEUE, channel=channel)
            seen = []
            while (message := queue.get(no_ack=False)) is not None:
                seen.append(message)
                told = {"headers": message.headers, "properties": message.properties}
                self.left.add("broker", message.body)
                self.left.add("broker", json.dumps(told, default=str))
            for message in seen:
                message.requeue()
        return len(seen)


def _command_lines(pid: int) -> str:
    process = psutil.Process(pid)
    return "\n".join(
        " ".join(one.cmdline()) for one in [process, *process.children(recursive=True)]
    )


def _xml(tree: Mapping[str, Any]) -> bytes:
    try:
        return write("request", dict(tree))
    except (TypeError, AttributeError, KeyError):  # a list or branch that was replaced by words
        return json.dumps({"request": tree}).encode()


def _shop(code: str, url: str) -> dict[str, Any]:
    secrets = {"webhook_secret": "env:PLANTED_HOOK", "access_token": "env:PLANTED_TOKEN"}
    return {
        "code": f"shop-{code}",
        "kind": "channel",
        "adapter": "shopify",
        "merchant": code,
        "settings": {"api_url": url},
        "secrets": secrets,
    }


def _warehouse(code: str, merchant: str | None, url: str) -> dict[str, Any]:
    settings = {
        "api_url": url,
        "app_key": QIMEN.app_key,
        "customer_id": QIMEN.customer_id,
        "owner_code": "ALL",
        "warehouse_code": "ALL1",
    }
    owner = {} if merchant is None else {"merchant": merchant}
    return {
        "code": code,
        "kind": "warehouse",
        "adapter": "qimen",
        **owner,
        "settings": settings,
        "secrets": {"app_secret": "env:PLANTED_APP"},
    }


def _erp(merchant: str, url: str) -> dict[str, Any]:
    taxes = {rate: f"{float(rate) * 100:g} %" for rate in _TAXES}
    settings = {"api_url": url, "database": "erp", "user": "hub", "taxes": taxes}
    return {
        "code": f"erp-{merchant}",
        "kind": "erp",
        "adapter": "tryton",
        "merchant": merchant,
        "settings": settings,
        "secrets": {"password": "env:PLANTED_ERP"},
    }


@contextmanager
def whole_run(folder: Path, database_url: str, broker: str | None) -> Iterator[tuple[Run, int]]:
    """A run from start to end, and how many bells lay in the broker before a worker came."""
    home = folder / "var"
    with (
        RunningHub(home, database_url=database_url, broker_url=broker, **ENVIRON) as hub,
        Parrot() as parrot,
        ExitStack() as open_partners,
    ):
        run = Run(hub, parrot, broker)
        for partner in run.partners:
            open_partners.enter_context(partner)
        yield run, _go(run, folder)


def _go(run: Run, folder: Path) -> int:
    hub = run.hub
    hub.run("migrate")
    (folder / "connections.yaml").write_text(json.dumps(run.connections()), "utf-8")
    hub.run("apply", str(folder / "connections.yaml"))
    run.key = hub.run("key", "add", "--scopes", _SCOPES).strip()
    for log in LOGS:
        run.start("gateway", log)
    run.start("console", "json")
    hub.wait_ready()
    until(run.doors_answer, "both gateways are there")
    run.good_traffic()
    bells = run.bells()
    for log in LOGS:
        run.start("worker", log)
    run.start("scheduler", "text")
    everybody = {(mood, who) for mood in MOODS for who in ("shop", "wh", "erp")}
    until(
        lambda: run.parrot.heard >= everybody or run.went_on(),
        lambda: f"every partner was called, but for {sorted(everybody - run.parrot.heard)}",
        300,
    )
    run.wait()
    run.bad_traffic()
    run.broken_inside()
    run.wait()
    run.parrot.is_told_of_orders = False
    run.api_traffic()
    run.commands(folder)
    until(lambda: _listens(f"http://127.0.0.1:{hub.console_port}"), "the console is there")
    run.console()
    return bells


_SCOPES = (
    "orders:write,fulfilment:read,fulfilment:write,stock:read,stock:write,products:read,"
    "products:write,messages:read,connections:read,connections:write"
)


def _listens(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", urlsplit(url).port)) == 0
