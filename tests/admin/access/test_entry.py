"""The way in and out: who gets in, for how long, and what a stolen or old cookie is worth."""

import re

from tests.kit.world.clock import MINUTE
from tests.kit.world.console import ORIGIN, PASSWORD, Console, Person

WRONG = "acht gruene Segel am Strand"


def session_id(person: Person) -> str:
    cookie = person.client.get_cookie("orderhub")
    assert cookie is not None
    return cookie.value


def with_id(console: Console, value: str) -> Person:
    """Somebody who has nothing but a session's id."""
    found = console.visitor()
    found.client.set_cookie("orderhub", value)
    return found


def stored(console: Console) -> int:
    return console.world.one("SELECT count(*) FROM session")


def test_whoever_is_not_logged_in_is_sent_to_the_login_and_then_on(console: Console):
    console.add("ann", "operator")
    ann = console.visitor()
    assert ann.get("/orders?status=held").location == "/login?next=/orders?status%3Dheld"
    ann.get("/login?next=/orders?status%3Dheld")
    answer = ann.post("/login", login="ANN ", password=PASSWORD, next="/orders?status=held")
    assert (answer.status_code, answer.location) == (303, "/orders?status=held")
    assert ann.get("/").status_code == 200


def test_the_login_leads_nowhere_but_into_the_console(console: Console):
    console.add("ann", "operator")
    evil = ("//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)")
    for elsewhere in (*evil, "evil", "/\tx", "/%0d%0aX: y\r\n"):
        ann = console.visitor()
        ann.get("/login")
        answer = ann.post("/login", login="ann", password=PASSWORD, next=elsewhere)
        assert answer.location == "/", elsewhere


def test_a_wrong_password_and_an_unknown_login_read_the_same(console: Console):
    console.add("ann", "operator")
    answers = []
    for login in ("ann", "bob"):
        person = console.visitor()
        person.get("/login")
        answer = person.post("/login", login=login, password=WRONG)
        page = re.sub(r'value="[^"]*"', "", answer.text)
        answers.append((answer.status_code, page))
    assert answers[0] == answers[1]
    assert answers[0][0] == 401
    assert stored(console) == 0


def test_guessing_is_slowed_down_and_the_owner_still_gets_in(console: Console):
    console.clock.stop()
    console.add("ann", "operator")
    ann = console.visitor(REMOTE_ADDR="10.0.0.1")
    assert ann.log_in("ann").status_code == 303
    thief = console.visitor(REMOTE_ADDR="10.0.0.1")
    thief.get("/login")
    codes = [thief.post("/login", login="ann", password=WRONG).status_code for _ in range(8)]
    assert codes == [401] * 5 + [429] * 3
    refused = thief.post("/login", login="ann", password=PASSWORD)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) >= 1
    ann.post("/logout")
    assert ann.log_in("ann").status_code == 303
    new = console.visitor(REMOTE_ADDR="10.0.0.2")
    assert new.log_in("ann").status_code == 303


def test_made_up_names_from_an_address_keep_nobody_out_who_shares_it(console: Console):
    console.add("ann", "operator")
    stranger = console.visitor()
    stranger.get("/login")
    codes = {
        stranger.post("/login", login=f"n{at}", password=WRONG).status_code for at in range(17)
    }
    assert codes == {401}
    assert console.visitor().log_in("ann").status_code == 303


def test_who_may_log_in_forgives_nobody_else_from_the_same_address(console: Console):
    console.clock.stop()
    console.add("ann", "operator")
    console.add("eve", "auditor")
    eve, codes = console.visitor(), []
    for _ in range(8):
        eve.get("/login")
        codes.append(eve.post("/login", login="ann", password=WRONG).status_code)
        assert eve.log_in("eve").status_code == 303
        eve.post("/logout")
    assert codes == [401] * 5 + [429] * 3


def test_a_device_is_known_to_those_who_used_it_and_to_nobody_else(console: Console):
    console.clock.stop()
    console.add("ann", "operator")
    console.add("eve", "auditor")
    shared = console.visitor()
    assert shared.log_in("eve").status_code == 303
    cookie = shared.client.get_cookie("orderhub-device")
    assert cookie is not None
    assert "eve" not in cookie.value
    for value, codes in ((cookie.value, [401] * 5 + [429]), (f"{cookie.value}x", [429] * 6)):
        guest = console.visitor()
        guest.client.set_cookie("orderhub-device", value)
        guest.get("/login")
        tried = [guest.post("/login", login="ann", password=WRONG) for _ in range(6)]
        assert [answer.status_code for answer in tried] == codes
    guest.client.set_cookie("orderhub-device", cookie.value)
    assert guest.log_in("eve").status_code == 303


def test_refused_logins_store_nothing(console: Console):
    console.add("ann", "operator")
    thief = console.visitor()
    thief.get("/login")
    for at in range(30):
        thief.post("/login", login=f"name{at}", password=WRONG)
    assert stored(console) == 0


def test_the_session_in_the_database_is_not_the_one_in_the_cookie(console: Console):
    ann = console.person("operator")
    digest = console.world.one("SELECT encode(digest, 'hex') FROM session")
    assert session_id(ann) not in digest
    assert len(session_id(ann)) == 43


def test_logging_in_makes_a_new_session_and_ends_the_one_before(console: Console):
    console.add("ann", "operator")
    ann = console.visitor()
    ann.log_in("ann")
    first = session_id(ann)
    ann.client.post("/language", data={"csrf_token": ann.csrf}, headers=ORIGIN)
    assert ann.get("/login").status_code == 303
    ann.post("/login", login="ann", password=PASSWORD)
    assert session_id(ann) != first
    assert with_id(console, first).get("/").status_code == 303


def test_an_id_that_somebody_planted_is_worth_nothing(console: Console):
    console.add("ann", "operator")
    ann = with_id(console, "planted")
    ann.get("/login")
    ann.post("/login", login="ann", password=PASSWORD)
    assert session_id(ann) != "planted"
    assert with_id(console, "planted").get("/").status_code == 303


def test_after_logging_out_the_old_id_is_refused(console: Console):
    ann = console.person("operator")
    old = session_id(ann)
    assert ann.post("/logout").location == "/login"
    assert ann.client.get_cookie("orderhub") is None
    assert with_id(console, old).get("/").status_code == 303
    assert stored(console) == 0


def test_an_idle_session_ends_after_half_an_hour(console: Console):
    ann = console.person("operator")
    console.clock.pass_(29 * MINUTE)
    assert ann.get("/").status_code == 200
    console.clock.pass_(29 * MINUTE)
    assert ann.get("/").status_code == 200
    console.clock.pass_(31 * MINUTE)
    assert ann.get("/").status_code == 303
    assert stored(console) == 0


def test_a_page_that_asks_by_itself_keeps_no_session_alive(console: Console):
    ann = console.person("operator")
    for _ in range(3):
        console.clock.pass_(11 * MINUTE)
        answer = ann.get("/overview/numbers", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login"


def test_every_session_ends_after_twelve_hours(console: Console):
    ann = console.person("operator")
    for _ in range(35):
        console.clock.pass_(20 * MINUTE)
        assert ann.get("/").status_code == 200
    console.clock.pass_(21 * MINUTE)
    assert ann.get("/").status_code == 303


def test_a_new_password_ends_all_sessions_of_the_account(console: Console):
    console.add("ann", "operator")
    here, there = console.visitor(), console.visitor()
    here.log_in("ann")
    there.log_in("ann")
    answer = here.post("/account/password", old=PASSWORD, new="neun rote Boote vor Anker")
    assert answer.location == "/login"
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 303
    assert here.log_in("ann").status_code == 401
    assert here.log_in("ann", "neun rote Boote vor Anker").status_code == 303
    assert ("operator", "user:ann", "user.passwd") in console.audited()


def test_a_password_is_not_changed_without_the_present_one_or_to_a_weak_one(console: Console):
    ann = console.person("operator")
    for old, new in ((WRONG, "neun rote Boote vor Anker"), (PASSWORD, "passwordpassword")):
        assert ann.post("/account/password", old=old, new=new).location == "/account"
        assert 'class="flash bad"' in ann.get("/account").text
    assert console.visitor().log_in("operator-x").status_code == 303


def test_a_change_of_rights_ends_the_session(console: Console):
    ann = console.person("operator")
    console.world.sql("UPDATE account SET role = 'auditor'")
    assert ann.get("/").status_code == 303


def test_a_disabled_account_is_out_at_once_and_stays_out(console: Console):
    operator, ann = console.person("operator"), console.person("integrator")
    found = console.world.one("SELECT id FROM account WHERE login = 'integrator-x'")
    operator.get("/users")
    assert operator.post(f"/users/{found}/disable").status_code == 303
    assert ann.get("/").status_code == 303
    assert ann.log_in("integrator-x").status_code == 401
    operator.post(f"/users/{found}/enable")
    assert ann.log_in("integrator-x").status_code == 303


def test_a_person_sees_and_ends_their_own_sessions_and_no_others(console: Console):
    console.add("ann", "operator")
    here, there, other = console.visitor(), console.visitor(), console.person("integrator")
    here.log_in("ann")
    there.log_in("ann")
    page = here.get("/account").text
    digests = re.findall(r"/account/sessions/([0-9a-f]{64})/revoke", page)
    assert len(digests) == 1
    other.post(f"/account/sessions/{digests[0]}/revoke")
    assert there.get("/").status_code == 200
    here.post(f"/account/sessions/{digests[0]}/revoke")
    assert there.get("/").status_code == 303
    assert here.get("/").status_code == 200
    assert here.post("/account/sessions/zz/revoke").status_code == 303


def test_the_cookie_is_for_this_host_only_and_not_for_scripts(console: Console):
    console.add("ann", "operator")
    ann = console.visitor()
    ann.get("/login")
    plain = ann.post("/login", login="ann", password=PASSWORD).headers.getlist("Set-Cookie")
    assert plain[0].endswith("; HttpOnly; Path=/; SameSite=Lax")
    secure = Console(console.world, public_url="https://hub.example.com").app.test_client()
    page = secure.get("/login", base_url="https://hub.example.com")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    answer = secure.post(
        "/login",
        base_url="https://hub.example.com",
        data={"csrf_token": token and token[1], "login": "ann", "password": PASSWORD},
        headers={"Origin": "https://hub.example.com"},
    )
    assert answer.status_code == 303
    given = {cookie.partition("=")[0]: cookie for cookie in answer.headers.getlist("Set-Cookie")}
    assert {"__Host-orderhub", "__Host-orderhub-device"} < given.keys()
    for cookie in given.values():
        assert cookie.endswith("; Secure; HttpOnly; Path=/; SameSite=Lax")
        assert "Domain" not in cookie


def test_the_console_speaks_the_language_of_the_browser_until_another_is_chosen(console: Console):
    console.add("ann", "operator")
    chinese = {"Accept-Language": "zh-CN,zh;q=0.9"}
    ann = console.visitor()
    assert 'lang="zh"' in ann.get("/login", headers=chinese).text
    ann.log_in("ann")
    assert "<h1>概览</h1>" in ann.get("/", headers=chinese).text
    ann.post("/language", language="en", next="/orders")
    assert "<h1>Overview</h1>" in ann.get("/", headers=chinese).text
    later = console.visitor()
    later.log_in("ann")
    assert "<h1>Overview</h1>" in later.get("/", headers=chinese).text
    ann.post("/language", language="xx")
    assert "<h1>Overview</h1>" in ann.get("/", headers=chinese).text
