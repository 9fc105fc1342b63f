"""Who we are: each way of proving it, renewed once, refused twice, and never shown."""

import base64
import hmac
import json
import threading
import time
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, quote, unquote

import pytest

from adapters.kit import tokens
from adapters.kit.auth import Basic, Bearer, Header, LoggedIn, OAuth1, OAuth2, Top, oauth2
from adapters.kit.http import Transport
from adapters.kit.http.wire_tap import recording
from adapters.kit.session import Session
from adapters.kit.signature import top_sign
from adapters.kit.testing.scripted_partner import SILENCE, Loopback, Told
from adapters.kit.tokens import InProcess, Token
from hub.model.errors import NotAuthorised, OutcomeUnknown, TryLater

LOCAL = Transport.local()


def fresh():
    """A transport with tokens of its own."""
    return Transport(LOCAL.policy, tokens=InProcess())


class Issuer:
    """A partner who gives tokens at /token and takes the newest of them elsewhere."""

    def __init__(self, lives_s=3600, secrets=("newest",), refresh=None):
        self.lives_s, self.secrets, self.refresh = lives_s, secrets, refresh
        self.given, self.deaf, self.slow_s, self.lost = 0, False, 0.0, 0

    def __call__(self, asked):
        if asked.path == "/token":
            return self.token(asked)
        good = asked.headers.get("authorization") == f"Bearer token-{self.given}" and not self.deaf
        return Told.json({"ok": True}) if good else Told(401, b"who are you?")

    def token(self, asked):
        if self.lost:
            self.lost -= 1
            return SILENCE
        time.sleep(self.slow_s)
        given = base64.b64decode(asked.headers["authorization"].partition(" ")[2]).decode()
        if given not in [f"client:{secret}" for secret in self.secrets]:
            return Told.json({"error": "invalid_client"}, 401)
        form = dict(parse_qsl(asked.body.decode()))
        if self.refresh and form.get("refresh_token") != self.refresh:
            told = {"error": "invalid_grant", "error_description": f"not {form['refresh_token']}"}
            return Told.json(told, 400)
        self.given += 1
        token = {"access_token": f"token-{self.given}", "expires_in": self.lives_s}
        if self.refresh:
            self.refresh = token["refresh_token"] = f"refresh-{self.given}"
        return Told.json({"token_type": "Bearer", **token})


class Watch:
    """The clock by which tokens are due: it stands, but where a test moves it."""

    def __init__(self):
        self.now = 1_000_000.0

    def time(self):
        return self.now


@pytest.fixture
def watch(monkeypatch):
    made = Watch()
    for module in (tokens, oauth2):
        monkeypatch.setattr(module, "time", made)
    return made


def client(partner, transport=None, **more):
    transport = transport or fresh()
    secrets = more.pop("client_secrets", ("newest",))
    auth = OAuth2(f"{partner.url}/token", "client", secrets, transport=transport, **more)
    return Session(partner.url, transport, auth=auth)


def paths(partner):
    return [asked.path for asked in partner.asked]


def test_basic_bearer_and_a_header_of_the_partners_own_are_sent():
    with Loopback(lambda _: Told.json({})) as partner:
        for auth in (Basic("Zoë", ["pass:word"]), Bearer(["t0ken"]), Header("X-Api-Key", ["k1"])):
            Session(partner.url, LOCAL, auth=auth).get("/x")
        basic, bearer, header = (asked.headers for asked in partner.asked)
    given = basic["authorization"].removeprefix("Basic ")
    assert base64.b64decode(given) == "Zoë:pass:word".encode()
    assert bearer["authorization"] == "Bearer t0ken"
    assert header["x-api-key"] == "k1"


def test_of_two_secrets_the_one_that_works_is_kept_and_a_write_is_made_once():
    def script(asked):
        return Told.json({}) if asked.headers["authorization"] == "Bearer old" else Told(401)

    with Loopback(script) as partner:
        session = Session(partner.url, LOCAL, auth=Bearer(["new", "old"]))
        session.post("/1", json={"a": 1})
        session.post("/2", json={"a": 2})
        told = [(asked.path, asked.headers["authorization"], asked.body) for asked in partner.asked]
    assert told == [
        ("/1", "Bearer new", b'{"a": 1}'),
        ("/1", "Bearer old", b'{"a": 1}'),
        ("/2", "Bearer old", b'{"a": 2}'),
    ]


@pytest.mark.parametrize("secrets", [["one"], ["one", "two"]])
def test_secrets_that_are_refused_are_not_authorised_and_in_no_error_and_no_recording(secrets):
    def script(asked):
        return Told(401, f"no {asked.headers['authorization']}".encode())

    with Loopback(script) as partner, recording() as exchanges:
        session = Session(
            partner.url, LOCAL, auth=Basic("user", [f"pass-{one}" for one in secrets])
        )
        with pytest.raises(NotAuthorised) as fate:
            session.post("/x", json={"pw": "pass-one"})
        assert len(partner.asked) == len(secrets)
    shown = f"{fate.value} {exchanges} {[one.request_body for one in exchanges]}"
    assert str(fate.value) == "POST answered 401: no ***"
    assert "pass-" not in shown
    assert base64.b64encode(b"user:pass-one").decode() not in shown


def test_a_token_is_asked_for_once_and_serves_until_it_is_due():
    issuer = Issuer()
    with Loopback(issuer) as partner:
        session = client(partner, scope="orders:read")
        assert [session.get(f"/{n}").json() for n in range(3)] == [{"ok": True}] * 3
        assert paths(partner) == ["/token", "/0", "/1", "/2"]
        assert dict(parse_qsl(partner.asked[0].body.decode())) == {
            "grant_type": "client_credentials",
            "scope": "orders:read",
        }


def test_a_token_is_renewed_ahead_of_its_end_by_one_of_many_threads(watch):
    issuer = Issuer(lives_s=100)  # due a tenth before its end
    issuer.slow_s = 0.05
    with Loopback(issuer) as partner:
        transport = fresh()
        sessions = [client(partner, transport) for _ in range(2)]  # as in two workers
        answers = []

        def work(number):
            answers.append(sessions[number % 2].get(f"/{number}").json())

        for _ in range(2):
            threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            watch.now += 95
        assert (answers, paths(partner).count("/token")) == ([{"ok": True}] * 16, 2)


def test_a_token_that_is_refused_is_renewed_once_and_the_write_is_made_once():
    issuer = Issuer()
    with Loopback(issuer) as partner:
        session = client(partner)
        session.get("/0")
        issuer.given = 7  # the partner forgot the first
        assert session.post("/1", json={"a": 1}).json() == {"ok": True}
        assert paths(partner) == ["/token", "/0", "/1", "/token", "/1"]
        assert partner.asked[-1].body == b'{"a": 1}'


def test_a_token_refused_twice_is_not_authorised_and_no_loop():
    issuer = Issuer()
    with Loopback(issuer) as partner:
        session = client(partner)
        issuer.deaf = True
        with pytest.raises(NotAuthorised, match=r"^POST answered 401: who are you\?$"):
            session.post("/x")
        assert paths(partner) == ["/token", "/x", "/token", "/x"]


def test_a_token_that_another_process_renewed_meanwhile_is_taken_not_asked_for():
    issuer = Issuer()
    with Loopback(issuer) as partner:
        transport = fresh()
        ours, theirs = client(partner, transport), client(partner, transport)
        ours.get("/ours")
        theirs.get("/theirs")
        issuer.given = 5
        ours.get("/ours")
        theirs.get("/theirs")
        assert paths(partner) == [
            *("/token", "/ours", "/theirs"),
            *("/ours", "/token", "/ours", "/theirs", "/theirs"),
        ]


def test_of_two_client_secrets_the_one_that_works_is_used():
    with Loopback(Issuer(secrets=("old",))) as partner:
        session = client(partner, client_secrets=("new", "old"))
        assert session.get("/x").json() == {"ok": True}
        assert paths(partner) == ["/token", "/token", "/x"]


def test_a_refresh_token_is_exchanged_for_the_next_one_each_time():
    issuer = Issuer(refresh="consent")
    with Loopback(issuer) as partner:
        session = client(partner, refresh="consent")
        session.get("/0")
        issuer.given += 1
        issuer.refresh = "refresh-1"
        session.get("/1")
        asked = [parse_qs(one.body.decode()) for one in partner.asked if one.path == "/token"]
    assert asked == [
        {"grant_type": ["refresh_token"], "refresh_token": ["consent"]},
        {"grant_type": ["refresh_token"], "refresh_token": ["refresh-1"]},
    ]


def test_who_gives_no_token_says_why_without_our_secrets_and_nothing_was_sent():
    with Loopback(Issuer(refresh="other")) as partner, recording() as exchanges:
        with pytest.raises(NotAuthorised) as fate:
            client(partner, refresh="consent-of-zoe").post("/x")
        assert paths(partner) == ["/token"]
    assert str(fate.value) == "127.0.0.1 gives no token: invalid_grant: not ***"
    assert exchanges == []
    with (
        Loopback(Issuer(secrets=())) as partner,
        pytest.raises(NotAuthorised, match="invalid_client"),
    ):
        client(partner).post("/x")


@pytest.mark.parametrize(
    "told",
    [
        SILENCE,
        Told(503),
        Told(500, b"<html>"),
        Told(200, b"<html>", {"content-type": "text/html"}),
        Told.json({"token": "elsewhere"}),
        Told.json([]),
        Told.json({"access_token": "a", "expires_in": "soon"}),
        Told.json({"access_token": None, "expires_in": 1800}),
        Told.json({"error": "temporarily_unavailable"}, 400),
        Told.json({"error": "unknown_error", "error_description": "retry your request"}, 400),
        Told.json({"error": "invalid_grant", "error_description": "login rate exceeded"}, 400),
    ],
)
def test_where_no_token_comes_nothing_was_done_even_by_a_write(told):
    with Loopback(lambda _: told) as partner, pytest.raises(TryLater):
        client(partner).post("/x")


def test_asking_for_a_token_is_repeated_within_the_call_and_the_write_is_not():
    issuer = Issuer()
    issuer.lost = 2
    with Loopback(issuer) as partner:
        assert client(partner).post("/x").json() == {"ok": True}
        assert paths(partner) == ["/token", "/token", "/token", "/x"]

    def lost(asked):
        return issuer(asked) if asked.path == "/token" else SILENCE

    with Loopback(lost) as partner:
        with pytest.raises(OutcomeUnknown):
            client(partner).post("/x")
        assert paths(partner) == ["/token", "/x"]


def test_a_token_that_is_due_serves_on_while_nobody_gives_another(watch):
    issuer = Issuer(lives_s=100)
    with Loopback(issuer) as partner:
        session = client(partner)
        session.get("/0")
        watch.now += 92
        issuer.lost = 3
        assert session.get("/1").json() == {"ok": True}


def test_tokens_are_shown_nowhere():
    def script(asked):
        return issuer(asked) if asked.path == "/token" else Told(400, b"bad token-1")

    issuer = Issuer()
    with Loopback(script) as partner, recording() as exchanges, pytest.raises(Exception) as fate:  # noqa: PT011
        client(partner).post("/x", json={"echo": "token-1"})
    assert str(fate.value) == "POST answered 400: bad ***"
    assert [(one.request_body, one.response_body) for one in exchanges] == [
        (b'{"echo": "***"}', b"bad ***")
    ]
    token = Token.told("token-1", 100, "refresh-1", 1000)
    assert (token.renew_at, token.expires_at) == (1090, 1100)
    assert "token-1" not in repr(token)
    assert "refresh-1" not in repr(token)
    assert Token.read(token.written()) == token


def test_oauth1_signs_as_the_rfc_says_with_the_longer_digest_and_the_realm():
    with Loopback(lambda _: Told.json({})) as partner:
        auth = OAuth1(("app", "s&1"), ("account", "s 2"), realm="TSTDRV1")
        Session(partner.url, LOCAL, auth=auth).post("/orders?b=2&a=1 x", json={"z": 1})
        (asked,) = partner.asked
    header = asked.headers["authorization"]
    assert header.startswith('OAuth realm="TSTDRV1"')
    parts = dict(part.split("=", 1) for part in header.removeprefix("OAuth ").split(", "))
    given = {name: unquote(value.strip('"')) for name, value in parts.items() if name != "realm"}
    signature = given.pop("oauth_signature")
    named = sorted({**given, "a": "1 x", "b": "2"}.items())
    params = "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in named)
    base = "&".join(quote(part, safe="~") for part in ("POST", f"{partner.url}/orders", params))
    digest = hmac.digest(b"s%261&s%202", base.encode(), "sha256")
    assert signature == base64.b64encode(digest).decode()
    assert (given["oauth_token"], given["oauth_signature_method"]) == ("account", "HMAC-SHA256")
    assert asked.body == b'{"z": 1}'


def test_oauth1_signs_in_the_query_for_who_asks_for_it():
    with Loopback(lambda _: Told.json({})) as partner, recording() as exchanges:
        Session(partner.url, LOCAL, auth=OAuth1(("ck", "cs"), place="QUERY")).get("/orders?a=1")
        (asked,) = partner.asked
    assert asked.query["a"] == "1"
    assert asked.query["oauth_consumer_key"] == "ck"
    assert asked.query["oauth_signature"]
    assert "authorization" not in asked.headers
    assert "oauth_signature=***" in exchanges[0].url


def test_top_signs_query_and_body_with_the_time_in_china():
    at = datetime(2026, 5, 4, 10, tzinfo=UTC)
    with Loopback(lambda _: Told.json({})) as partner:
        auth = Top("key", "secret", lambda: at, constants={"v": "2.0", "format": "json"})
        session = Session(partner.url, LOCAL, auth=auth)
        session.post("/router?method=taobao.trade.get", data=b"<request/>")
        session.post("/router?method=a", data={"tid": "1 2"})
        body, form = partner.asked
    params = {
        "method": "taobao.trade.get",
        "v": "2.0",
        "format": "json",
        "app_key": "key",
        "sign_method": "md5",
        "timestamp": "2026-05-04 18:00:00",
    }
    assert body.query == {**params, "sign": top_sign("secret", params, b"<request/>")}
    fields = {**params, "method": "a", "tid": "1 2"}
    assert form.query == {**params, "method": "a", "sign": top_sign("secret", fields)}
    assert form.body == b"tid=1+2"


PASSWORD = "pass-1"


class Desk:
    """A partner with sessions: opened at /login, given in a cookie, ended as it likes."""

    def __init__(self):
        self.number, self.deaf = 0, False

    def __call__(self, asked):
        if asked.path == "/login":
            if json.loads(asked.body) != {"password": PASSWORD}:
                return Told(403)
            self.number += 1
            return Told(200, b"{}", {"set-cookie": f"session_id=secret-{self.number}; HttpOnly"})
        good = asked.headers.get("cookie") == f"session_id=secret-{self.number}" and not self.deaf
        return Told.json({"ok": True}) if good else Told(401)


def at_desk(partner, password=PASSWORD):
    plain = Session(partner.url, LOCAL, secrets=[password])

    def log_in():
        cookie = plain.post("/login", json={"password": password}).headers["set-cookie"]
        return {"Cookie": cookie.partition(";")[0]}

    return Session(partner.url, LOCAL, auth=LoggedIn(log_in, (password,)))


def test_a_session_is_opened_at_the_first_call_and_once_more_when_it_ended():
    desk = Desk()
    with Loopback(desk) as partner, recording() as exchanges:
        session = at_desk(partner)
        session.get("/1")
        desk.number = 8
        session.post("/2", json={})
        assert paths(partner) == ["/login", "/1", "/2", "/login", "/2"]
        desk.deaf = True
        with pytest.raises(NotAuthorised):
            session.post("/3", json={})
        assert paths(partner)[5:] == ["/3", "/login", "/3"]
    assert "secret-" not in f"{exchanges} {[one.response_body for one in exchanges]}"
    assert [one.url.rpartition("/")[2] for one in exchanges] == ["1", "2", "2", "3", "3"]


def test_one_of_many_threads_opens_the_session():
    with Loopback(Desk()) as partner:
        session = at_desk(partner)
        threads = [threading.Thread(target=session.get, args=(f"/{n}",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert paths(partner).count("/login") == 1


def test_a_log_in_that_is_refused_is_not_authorised():
    with Loopback(Desk()) as partner:
        with pytest.raises(NotAuthorised):
            at_desk(partner, "wrong").get("/x")
        assert paths(partner) == ["/login"]


def test_a_token_may_be_asked_for_in_json_and_borne_by_a_header_of_the_partners_own():
    def answer(asked):
        if asked.path != "/token":
            good = asked.headers.get("x-token") == "token-2"
            return Told.json({"ok": True}) if good else Told(401)
        given.append(json.loads(asked.body))
        return Told.json({"access_token": f"token-{len(given)}", "expires_in": 3600})

    given: list[dict[str, object]] = []
    further = {"tpl": "{7}", "user_login_id": "12"}
    with Loopback(answer) as partner:
        session = client(partner, in_json=True, bearer="x-token", further=further)
        assert session.get("/x").json() == {"ok": True}
        assert "authorization" not in partner.asked[-1].headers
        assert partner.asked[0].headers["authorization"].startswith("Basic ")
    body = {"grant_type": "client_credentials", "tpl": "{7}", "user_login_id": 12}
    assert given == [body, body]


@pytest.mark.parametrize("answer", [Told(401), Told(401, b"<html>no</html>")])
def test_a_bare_401_in_place_of_a_token_refuses_the_client(answer):
    with Loopback(lambda _: answer) as partner, pytest.raises(NotAuthorised):
        client(partner, client_secrets=("newest", "older")).get("/x")
    assert paths(partner) == ["/token", "/token"]
