"""Connections in the console: one badge, what may be done beside it, secrets that only go in."""

import html
import re
from typing import Any

import pytest

from adapters.kit.partners import Adapters
from admin.shown import labels, masking
from hub.flows.ops import pace
from hub.model.errors import NotAuthorised, TryLater
from hub.rules.ops.condition import SENTENCES, State
from hub.store.config import hindrances, secrets
from hub.store.config.hindrances import Hindrance
from tests.admin.seeds import working_day
from tests.kit.catalogue import sales_order
from tests.kit.world.console import Console, Person

TROUBLES: dict[State, str] = {
    State.PAUSED: "UPDATE connection SET status = 'paused', paused_because = 'they move' {}",
    State.CREDENTIALS_REFUSED: (
        "UPDATE connection SET status = 'paused', paused_because = 'not_authorised' {}"
    ),
    State.ADDRESS_GONE: (
        "UPDATE connection SET status = 'paused', paused_because = 'endpoint_missing' {}"
    ),
    State.GIVEN_UP: "UPDATE connection SET status = 'paused', paused_because = 'away' {}",
    State.AWAY: """INSERT INTO partner_state (connection, breaker)
      SELECT code, '{{"mode": "open"}}' FROM connection {}""",
    State.RETURNING: """INSERT INTO partner_state (connection, breaker)
      SELECT code, '{{"mode": "half_open"}}' FROM connection {}""",
    State.UNUSABLE: """INSERT INTO hindrance (host, pid, kind, connection, direction, lacks, name)
      SELECT 'h', 41, 'worker', code, 'out', 'env', 'WH_TOKEN' FROM connection {}""",
    State.DELIVERIES_REFUSED: """INSERT INTO intake (connection, accepted_at, refused_at,
        refused_code, unproved, unproved_code, secrets)
      SELECT code, now() - interval '2 h', now(), 'bad_signature', 13, 'bad_signature',
        'app_secret' FROM connection {}""",
}


def trouble(console: Console, state: State, code: str = "wh") -> None:
    console.world.sql(TROUBLES[state].format(f"WHERE code = '{code}'"))
    console.world.sql(
        """UPDATE setting SET value = jsonb_build_object('version',
        CAST(value ->> 'version' AS int) + 1) WHERE name = 'directory'"""
    )


def text(person: Person, path: str) -> str:
    return html.unescape(person.get(path).text)


@pytest.mark.parametrize("state", list(TROUBLES))
def test_one_badge_and_one_sentence_everywhere(console: Console, state: State) -> None:
    trouble(console, state)
    person = console.person("operator")
    badge = f'">{labels.STATES[state]._args[0]}</span>'
    sentence = SENTENCES[state].partition("%(")[0]
    for path in ("/", "/connections", "/connections/wh"):
        page = text(person, path)
        assert page.count(badge) == 1, path
        assert sentence in page, path
    assert text(person, "/connections").count(">works</span>") == 2


def test_every_state_is_said_in_the_console_as_the_rules_say_it() -> None:
    assert set(labels.STATES) == set(State)
    assert {state: str(said._args[0]) for state, said in labels.SAYINGS.items()} == SENTENCES


def test_a_partner_that_is_away_with_orders_behind_it_is_a_headline(console: Console) -> None:
    trouble(console, State.AWAY, "erp")
    console.world.sql("UPDATE partner_state SET blocked_until = now() + interval '1 hour'")
    for number in (1, 2, 3):
        console.world.tell("shop", sales_order(number), key=str(number))
    console.world.run()
    page = text(console.person("operator"), "/overview/numbers")
    assert page.index("3 orders wait for it") < page.index('class="tiles"')
    assert 'action="/connections/erp/check"' in page


def test_whoever_may_only_look_is_offered_nothing(console: Console) -> None:
    trouble(console, State.CREDENTIALS_REFUSED)
    person = console.person("auditor")
    for path in ("/", "/connections/wh", "/waiting"):
        page = text(person, path)
        for action in ("check", "resume", "secrets"):
            assert f'action="/connections/wh/{action}' not in page
    assert person.post("/connections/wh/check").status_code == 403
    assert person.post("/connections/wh/secrets/app_secret", secret="x").status_code == 403


@pytest.fixture
def partner(console: Console, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The partner's answer to a harmless call."""

    class Answer:
        error: Exception | None = None

        def check(self) -> None:
            if self.error is not None:
                raise self.error

    answer = Answer()
    monkeypatch.setattr(Adapters, "of", lambda *_: answer)
    return answer


def test_check_now_lets_a_partner_that_answers_go_on_at_once(
    console: Console, partner: Any
) -> None:
    trouble(console, State.AWAY)
    console.world.sql("UPDATE partner_state SET blocked_until = now() + interval '15 minutes'")
    person = console.person("integrator")
    person.get("/connections/wh")
    partner.error = TryLater("it answered 503")
    person.post("/connections/wh/check")
    assert "It does not answer: it answered 503" in text(person, "/connections/wh")
    assert console.rung == []
    partner.error = None
    person.post("/connections/wh/check")
    assert "It answers." in text(person, "/connections/wh")
    assert console.rung == [("out", "wh", 0)]
    blocked = console.world.one("SELECT blocked_until FROM partner_state WHERE connection = 'wh'")
    assert blocked is None
    with console.world.store.database.begin() as db:
        assert pace.of(db, "wh").mode == "open"  # a probe goes, and proves it
    rows = console.world.sql("SELECT action, detail FROM audit ORDER BY number")
    assert [tuple(row) for row in rows] == [
        ("connection.check", {"reason": "try_later"}),
        ("connection.check", {"reason": ""}),
    ]


def test_a_check_says_that_credentials_are_refused(console: Console, partner: Any) -> None:
    partner.error = NotAuthorised("HTTP 401 for ada@example.com")
    person = console.person("integrator")
    person.get("/connections/wh")
    person.post("/connections/wh/check")
    said = text(person, "/connections/wh")
    assert "The partner refuses our credentials: HTTP 401" in said
    assert "ada@example.com" not in said


@pytest.fixture
def sealed(console: Console) -> Console:
    """The shop's secrets are sealed."""
    vault, owner = console.world.store.vault, ("acme", "shop")
    kept = {
        "webhook_secret": secrets.seal(vault, "old-hook", owner),
        "access_token": secrets.seal(vault, "old-token", owner),
    }
    console.world.sql(
        """UPDATE connection SET settings = '{"shop": "acme"}', secrets = jsonb_build_object(
        'webhook_secret', CAST(:webhook_secret AS text), 'access_token',
        CAST(:access_token AS text)) WHERE code = 'shop'""",
        **kept,
    )
    trouble(console, State.DELIVERIES_REFUSED, "shop")
    return console


def holding(console: Console, name: str) -> list[str]:
    partner = console.world.store.directory().connections["shop"]
    reference = str(partner.secrets[name])
    assert reference.startswith("enc:")
    owner = ("acme", "shop")
    found = secrets.reveal(console.world.store.vault, {name: reference}, owner)[name]
    return found.splitlines()


def test_a_secret_is_replaced_with_overlap_and_the_old_one_dropped(sealed: Console) -> None:
    person = sealed.person("integrator")
    page = text(person, "/connections/shop")
    assert "old-hook" not in page
    assert "old-token" not in page
    person.post("/connections/shop/secrets/webhook_secret", secret="new-hook", beside="1")
    assert holding(sealed, "webhook_secret") == ["new-hook", "old-hook"]
    page = text(person, "/connections/shop")
    assert "The new webhook_secret holds, and the old one beside it." in page
    assert "2 hold" in page
    assert "new-hook" not in page
    person.post("/connections/shop/secrets/webhook_secret", only_new="1")
    assert holding(sealed, "webhook_secret") == ["new-hook"]
    person.post("/connections/shop/secrets/access_token", secret="new-token", beside="1")
    assert holding(sealed, "access_token") == ["new-token"]  # two tokens in one header are none
    assert sealed.audited() == [("acme", "user:integrator-x", "connection.secret")] * 3
    details = [row[0] for row in sealed.world.sql("SELECT detail FROM audit ORDER BY number")]
    names = ["webhook_secret", "webhook_secret", "access_token"]
    assert details == [{"reason": name} for name in names]


def test_every_process_makes_its_adapter_anew_with_the_new_secret(sealed: Console) -> None:
    before = sealed.world.store.directory().connections["shop"].version
    person = sealed.person("integrator")
    person.get("/connections/shop")
    person.post("/connections/shop/secrets/webhook_secret", secret="new-hook")
    assert holding(sealed, "webhook_secret") == ["new-hook"]
    assert sealed.world.store.directory().connections["shop"].version == before + 1


@pytest.mark.parametrize("secret", ["", "  ", "two\nlines", "x" * 9000, "tab\there"])
def test_what_is_no_secret_is_not_taken(sealed: Console, secret: str) -> None:
    person = sealed.person("integrator")
    person.get("/connections/shop")
    person.post("/connections/shop/secrets/webhook_secret", secret=secret, beside="1")
    assert "Type the new secret: one line." in text(person, "/connections/shop")
    assert holding(sealed, "webhook_secret") == ["old-hook"]


def test_an_old_secret_that_cannot_be_read_here_cannot_hold_beside_the_new_one(
    sealed: Console,
) -> None:
    sealed.world.sql(
        """UPDATE connection SET version = version + 1,
        secrets = secrets || '{"webhook_secret": "env:NOT_SET_ANYWHERE"}' WHERE code = 'shop'"""
    )
    trouble(sealed, State.PAUSED, "erp")
    person = sealed.person("integrator")
    page = text(person, "/connections/shop")
    assert "env:NOT_SET_ANYWHERE" in page
    person.post("/connections/shop/secrets/webhook_secret", secret="new-hook", beside="1")
    assert "The old one cannot be read here" in text(person, "/connections/shop")
    person.post("/connections/shop/secrets/webhook_secret", secret="new-hook")
    assert holding(sealed, "webhook_secret") == ["new-hook"]


def test_another_merchants_connection_cannot_be_checked_or_given_a_secret(sealed: Console) -> None:
    sealed.world.merchant("beta")
    person = sealed.person("integrator", "beta")
    person.get("/connections")
    for path in ("check", "secrets/webhook_secret"):
        answer = person.post(f"/connections/shop/{path}", secret="mine")
        assert answer.status_code == 404
    assert holding(sealed, "webhook_secret") == ["old-hook"]


def test_the_page_counts_refused_deliveries_by_reason(console: Console) -> None:
    trouble(console, State.DELIVERIES_REFUSED)
    console.world.sql(
        "INSERT INTO refusal (connection, code, slot, count) VALUES "
        "('wh', 'bad_signature', now(), 13), "
        "('wh', 'missing_signature', now() - interval '3 hours', 2)"
    )
    page = text(console.person("auditor"), "/connections/wh")
    assert "the signature does not fit" in page
    rows = re.findall(
        r'<code class="dim">(\w+)</code></td><td class="right">([^<]+)<.*?>(\d+)<', page
    )
    assert rows == [("bad_signature", "13", "13"), ("missing_signature", masking.NOTHING, "2")]


def test_a_replay_on_a_paused_connection_says_that_it_is_paused(console: Console) -> None:
    seeded = working_day(console.world)
    trouble(console, State.PAUSED, "shop")
    person = console.person("integrator")
    page = text(person, f"/messages/{seeded.parked}")
    assert "Paused: they move." in page
    assert "A replay waits until it is resumed." in page
    person.post(f"/messages/{seeded.parked}/replay", reason="mended")
    said = "Replayed, and it waits: shop is paused. Resume it first."
    assert said in text(person, f"/messages/{seeded.parked}")


def test_replay_all_shows_what_it_touches_and_crosses_no_connection_unasked(
    console: Console,
) -> None:
    working_day(console.world)
    person = console.person("integrator")
    page = text(person, "/messages/replay?status=parked")
    assert "Of which connection?" in page
    assert re.findall(r'class="button" href="[^"]*connection=(\w+)"', page) == ["erp", "shop"]
    refused = person.post("/messages/replay?status=parked", count=10, reason="all")
    assert refused.status_code == 303
    assert "choose one, or all of them" in text(person, "/messages/replay?status=parked")
    assert console.audited() == []
    page = text(person, "/messages/replay?status=parked&connection=erp")
    body = page[page.index("<tbody>") : page.index("</tbody>")]
    row = " ".join(re.sub(r"<[^>]+>", " ", body).split())
    assert "erp" in row
    assert "#1007" in row
    assert "The partner refused it: party ***: the tax code is not one of ours" in row
    person.post("/messages/replay?status=parked&connection=erp", count=10, reason="mended")
    assert len(console.audited()) == 1


def test_one_cause_is_one_group_and_no_raw_key_is_a_title(console: Console) -> None:
    trouble(console, State.PAUSED)
    for number in (1, 2):
        console.world.tell("shop", sales_order(number), key=str(number))
    console.world.tell("wh", {"type": "x"}, key="w")
    console.world.run()
    person = console.person("integrator")
    for path in ("/waiting", "/"):
        page = text(person, path)
        assert "connection:wh" not in page, path
        assert page.count("wh: paused") == 1, path
    assert 'action="/connections/wh/resume"' in text(person, "/waiting")


def test_what_a_partner_means_is_asked_for_where_it_can_be_answered(console: Console) -> None:
    console.world.sql(
        """INSERT INTO message (id, merchant_id, connection, direction, topic, key, correlation_id)
        SELECT gen_random_uuid(), 'acme', 'wh', 'in', 'shipment', 'k', gen_random_uuid()"""
    )
    console.world.sql(
        """INSERT INTO work (id, merchant_id, connection, direction, shard, key, seq, topic, status,
          waits_for)
        SELECT id, 'acme', 'wh', 'in', 0, 'k', 1, 'shipment', 'waiting',
          'code:carriers:DHL:EXPRESS:wh' FROM message"""
    )
    page = text(console.person("integrator"), "/waiting")
    assert "wh: what does “DHL:EXPRESS” mean?" in page
    assert '<input type="hidden" name="theirs" value="DHL:EXPRESS">' in page
    told = text(console.person("auditor"), "/waiting")
    assert "<code>orderhub map code wh carriers DHL:EXPRESS …</code>" in told


def test_a_process_that_lacks_something_is_named_with_it_in_the_readers_language(
    console: Console,
) -> None:
    with console.world.store.database.begin() as db:
        hindrances.save(db, "h", 41, "worker", [Hindrance("wh", "out", "adapter", "northdock")])
    person = console.person("auditor")
    said = "Cannot be used by worker h:41, for want of the adapter northdock."
    assert said in text(person, "/connections")
    person.post("/language", language="zh", next="/")
    assert "缺少适配器 northdock" in text(person, "/connections/wh")


def test_a_page_says_how_polls_do_and_asks_now(console: Console) -> None:
    person = console.person("integrator")
    assert "Asked what changed" not in text(person, "/connections/shop")
    console.world.sql(
        """INSERT INTO poll (merchant_id, connection, topic, every_s, due, failures, error,
          failed_at)
        VALUES ('acme', 'shop', 'orders', 300, now() + interval '1 hour', 1,
          '{"code": "try_later", "message": "it answered 503"}', now())"""
    )
    page = text(person, "/connections/shop")
    assert "Asked what changed" in page
    assert "Could not be reached: " in page
    assert "it answered 503" in page
    person.post("/connections/shop/poll", since="at noon")
    assert "A time such as 2026-11-24T08:00 is expected." in text(person, "/connections/shop")
    person.post("/connections/shop/poll", since="2026-11-24T08:00")
    assert "It is being asked what changed." in text(person, "/connections/shop")
    asked = console.world.one("SELECT due <= now(), asked_since FROM poll")
    assert (asked[0], asked[1].isoformat()) == (True, "2026-11-24T08:00:00+00:00")
    assert console.rung == [("poll", "shop", 0)]
    assert [tuple(row) for row in console.world.sql("SELECT action FROM audit")] == [
        ("connection.poll",)
    ]
