"""What holds for every page and action: headers, CSRF, origin, roles, limits."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import Rule

from admin.access import guard, roles
from hub.store.base.failures import DatabaseAway
from hub.store.people.accounts import ROLES
from hub.store.tables import metadata
from tests.kit.catalogue import sales_order
from tests.kit.world.console import ORIGIN, PASSWORD, Console

NOBODY = UUID(int=0)
CHANGES_NOTHING = {"overview.search"}


def routes(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Every (endpoint, path) that answers a method, with ids that nothing has."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method in (rule.methods or ()) and rule.endpoint != "static":
            yield rule.endpoint, _path(app, rule)


def _path(app: Flask, rule: Rule) -> str:
    values = {name: NOBODY if name.endswith("_id") else "none" for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def test_every_endpoint_stands_in_the_table_and_nothing_else_does(console: Console):
    endpoints = {rule.endpoint for rule in console.app.url_map.iter_rules()}
    assert endpoints == roles.MAY.keys() | roles.OPEN


def test_each_role_reaches_what_the_table_says_and_nothing_else(console: Console):
    for role in ROLES:
        check_role(console, role)


def check_role(console: Console, role: str) -> None:
    person = console.person(role, *(["acme"] if role == "merchant" else []))
    allowed = {endpoint for endpoint, who in roles.MAY.items() if role in who}
    for endpoint, path in routes(console.app, "GET"):
        refused = person.get(path).status_code == 403
        assert refused == (endpoint not in allowed | roles.OPEN), (role, endpoint)
    for endpoint, path in routes(console.app, "POST"):
        if endpoint in {"entry.log_in", "entry.log_out", "entry.password"}:
            continue
        refused = person.post(path).status_code == 403
        assert refused == (endpoint not in allowed | roles.OPEN), (role, endpoint)


def test_an_auditor_changes_nothing(console: Console):
    posts = {endpoint for endpoint, _ in routes(console.app, "POST")}
    own = {"entry.log_out", "entry.password", "entry.revoke"}
    assert {one for one in posts & roles.MAY.keys() if "auditor" in roles.MAY[one]} == own


def test_only_operators_see_users_and_only_those_who_see_everything(console: Console):
    users = {one for one in roles.MAY if one.startswith("people.")}
    assert {role for one in users for role in roles.MAY[one]} == {"operator"}
    assert console.person("operator").get("/users").status_code == 200
    assert console.person("operator", "acme").get("/users").status_code == 403


def test_what_is_in_no_table_is_allowed_to_nobody(console: Console):
    console.app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert console.person("operator").get("/forgotten").status_code == 403


def test_whoever_is_not_logged_in_reaches_nothing(console: Console):
    stranger = console.visitor()
    stranger.get("/login")
    for method, ask in (("GET", stranger.get), ("POST", stranger.post)):
        for endpoint, path in routes(console.app, method):
            if endpoint not in roles.OPEN:
                answer = ask(path)
                assert answer.status_code == 303, endpoint
                assert answer.location.startswith("/login"), endpoint


def test_every_change_without_a_token_is_refused(console: Console):
    person = console.person("operator")
    for endpoint, path in routes(console.app, "POST"):
        assert person.client.post(path, headers=ORIGIN).status_code == 403, endpoint
        wrong = {"csrf_token": "x"}
        assert person.client.post(path, data=wrong, headers=ORIGIN).status_code == 403, endpoint
    assert person.get("/").status_code == 200


def test_a_token_of_another_session_is_refused(console: Console):
    one, other = console.person("operator"), console.person("integrator")
    one.csrf = other.csrf
    assert one.post("/logout").status_code == 403


ELSEWHERE: list[dict[str, str]] = [
    {},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", **ORIGIN},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://evil.example"},
]


def test_a_change_that_another_site_asks_for_is_refused(console: Console):
    person = console.person("operator")
    form = {"csrf_token": person.csrf}
    for headers in ELSEWHERE:
        for endpoint, path in routes(console.app, "POST"):
            answer = person.client.post(path, data=form, headers=headers)
            assert answer.status_code == 403, (endpoint, headers)
    assert person.get("/").status_code == 200


def test_a_browser_that_names_no_origin_but_the_same_site_may(console: Console):
    person = console.person("operator")
    form = {"csrf_token": person.csrf}
    answer = person.client.post("/logout", data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303


def test_looking_changes_nothing(console: Console):
    person = console.person("operator")
    console.world.tell("shop", sales_order(), key="1001")
    console.world.run()
    kept = " UNION ALL ".join(
        f"SELECT '{name}', md5(string_agg(it::text, '' ORDER BY it::text)) FROM {name} AS it"  # noqa: S608
        for name in metadata.tables.keys() - {"session"}
    )
    before = console.world.sql(kept)
    for endpoint, path in routes(console.app, "GET"):
        assert person.get(path).status_code in {200, 303, 404, 409}, endpoint
    assert console.world.sql(kept) == before


def test_every_answer_bears_the_headers(console: Console):
    person = console.person("operator")
    for _endpoint, path in [*routes(console.app, "GET"), ("static", "/static/console.css")]:
        answer = person.get(path)
        _check_headers(answer.headers, path)
        answer.close()
    for _endpoint, path in routes(console.app, "POST"):
        if path != "/logout":
            _check_headers(person.post(path).headers, path)
    for path in ("/nothing", "/static/nothing"):
        _check_headers(person.get(path).headers, path)
    assert person.get("/").headers["Cache-Control"] == "no-store"


def _check_headers(headers: object, path: str) -> None:
    expected = {
        "Content-Security-Policy": "default-src 'self'; object-src 'none'; base-uri 'none';"
        " frame-ancestors 'none'; form-action 'self'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    assert {name: headers.get(name) for name in expected} == expected, path  # type: ignore[attr-defined]


def test_strict_transport_is_asked_for_on_https_only(console: Console):
    assert "Strict-Transport-Security" not in console.visitor().get("/login").headers
    app = Console(console.world, public_url="https://hub.example.com").app
    answer = app.test_client().get("/login", base_url="http://hub.example.com")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_other_methods_are_not_there(console: Console):
    person = console.person("operator")
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = person.client.open("/orders", method=method, headers=ORIGIN)
        assert answer.status_code == 405, method
        assert "HEAD" in answer.headers["Allow"]


def test_another_host_is_refused_and_a_proxys_headers_are_not_believed(console: Console):
    client = console.app.test_client()
    assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
    spoofed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "10.9.9.9",
    }
    answer = client.get("/orders", headers=spoofed)
    assert answer.location == "/login?next=/orders"
    assert "Strict-Transport-Security" not in answer.headers


def test_a_form_that_is_too_large_is_refused(console: Console):
    person = console.person("operator")
    answer = person.post("/users", name="x" * 70_000)
    assert answer.status_code == 413
    assert person.post(f"/messages/{NOBODY}/edit", text="x" * 3_000_000).status_code == 404


def test_a_flood_of_one_account_is_held_off_and_others_are_served(console: Console):
    flood, other = console.person("operator"), console.person("integrator")
    answers = [flood.client.get("/nothing") for _ in range(guard.REQUESTS + 1)]
    assert 429 not in {answer.status_code for answer in answers[:1000]}
    assert answers[-1].status_code == 429
    assert 0 < int(answers[-1].headers["Retry-After"]) <= guard.WITHIN_S + 1
    assert other.get("/orders").status_code == 200


def test_pages_that_strangers_ask_for_keep_nobody_out_who_shares_their_address(console: Console):
    console.add("ann", "operator")
    stranger = console.visitor()
    assert {stranger.client.get("/login").status_code for _ in range(guard.REQUESTS + 1)} == {200}
    ann = console.visitor()
    assert ann.get("/orders").location == "/login?next=/orders"
    assert ann.log_in("ann").status_code == 303
    assert ann.get("/").status_code == 200


def test_a_fault_shows_a_page_without_anything_of_the_inside(
    console: Console, monkeypatch: pytest.MonkeyPatch, capsys
):
    person = console.person("operator")
    faults = iter([ZeroDivisionError, KeyError, ValueError, UnicodeError])

    def broken(*_args: object, **_options: object) -> None:
        raise next(faults)("Ada Bakker's secret")

    monkeypatch.setattr("admin.pages.orders.orders.orders", broken)
    answers = [person.get("/orders") for _ in range(4)]
    assert {answer.status_code for answer in answers} == {500}
    answer = answers[-1]
    assert "An error of ours" in answer.text
    logged = capsys.readouterr()
    for text in ("secret", "Traceback", "Bakker"):
        assert text not in answer.text
        assert text not in logged.out + logged.err


def test_without_its_database_the_console_says_so_and_when_to_come_again(
    console: Console, monkeypatch: pytest.MonkeyPatch
):
    person = console.person("operator")

    def away(*_args: object, **_options: object) -> None:
        raise DatabaseAway("08006")

    monkeypatch.setattr("admin.request_context.Database.begin", away)
    answer = person.get("/orders")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert console.visitor().get("/healthz").status_code == 200


def test_the_page_for_nothing_is_the_same_for_what_is_not_ones_own(console: Console):
    person = console.person("operator")
    pages = {person.get(path).text for path in (f"/orders/{NOBODY}", f"/messages/{NOBODY}")}
    pages = {page.replace("/orders/", "/x/").replace("/messages/", "/x/") for page in pages}
    pages = {page.replace(' aria-current="page"', "").replace(" ", "") for page in pages}
    assert len({_without_token(page) for page in pages}) == 1


def _without_token(page: str) -> str:
    return re.sub(r'value="[^"]*"', "", page)


def test_the_password_appears_nowhere_but_in_the_form(console: Console, capsys):
    console.person("operator")
    logged = capsys.readouterr()
    assert PASSWORD not in logged.out + logged.err
    kept = console.world.sql("SELECT data::text FROM session")
    assert all(PASSWORD not in row[0] for row in kept)
