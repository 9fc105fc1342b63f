"""Guessed passwords: few are tried, and nobody who can prove himself is kept out by it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from hub.doors.guessing import FORGOTTEN_S, Passwords
from tests.kit.world import Clock

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"


@dataclass
class Door:
    """Passwords, and who tries them."""

    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.passwords = Passwords(self.clock.seconds)

    def wrong(self, login: str, address: str, device: str | None = None) -> float:
        return self.passwords.claim(login, address, device).wait

    def right(self, login: str, address: str, device: str | None = None) -> float:
        claim = self.passwords.claim(login, address, device)
        if not claim.wait:
            claim.right()
        return claim.wait


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("device", [None, "d1"])
def test_S21_after_five_wrong_ones_the_delay_doubles_up_to_fifteen_minutes(door, device):
    waits = []
    while len(waits) < 12:
        wait = door.wrong("ann", HOME, device)
        if wait:
            waits.append(wait)
            door.clock.pass_(wait)
    assert waits[:6] == [1, 2, 4, 8, 16, 32]
    assert waits[-2:] == [900, 900]


@pytest.mark.parametrize("seconds", [0, 60, 600])
@pytest.mark.parametrize("login", ["ann", "n{}"])
def test_S21_of_ten_thousand_guesses_few_are_tried_and_the_owner_gets_in(door, login, seconds):
    tried = 0
    for guess in range(10_000):
        door.clock.pass_(seconds / 10_000)
        tried += not door.wrong(login.format(guess), f"203.0.113.{guess % 100}")
    assert 5 < tried <= 200
    assert door.right("ann", "203.0.113.1", "known") == 0
    assert door.right("ann", "203.0.113.1") <= 900
    door.clock.pass_(30)
    assert door.right("ann", ELSEWHERE) == 0  # a device and address that nobody knows yet


def test_an_ipv6_network_is_one_address(door):
    tried = [door.wrong(f"n{at}", f"2001:db8::{at:x}") for at in range(200)]
    assert tried.count(0.0) <= 21
    assert door.right("ann", "2001:db8:0:1::1") == 0


def test_a_known_device_is_slowed_down_by_its_own_failures_alone(door):
    for at in range(50):
        door.wrong("ann", f"203.0.113.{at}")
    assert [door.wrong("ann", HOME, "mine") for _ in range(6)] == [0.0] * 5 + [1.0]
    assert door.right("ann", HOME, "other") == 0


def test_proof_forgives_what_stands_against_that_account_and_nothing_else(door):
    for at in range(30):
        door.wrong(f"n{at}", HOME)
    wait = door.wrong("ann", HOME)
    assert wait > 0
    for _ in range(10):
        assert door.right("eve", HOME, "eve's") == 0
    assert door.wrong("ann", HOME) == wait


def test_right_passwords_use_nothing_up(door):
    assert [door.right("ann", HOME) for _ in range(500)] == [0.0] * 500
    assert [door.right(f"n{at}", f"10.1.{at}.1") for at in range(250)] == [0.0] * 250


def test_failures_are_forgotten_after_a_quiet_hour(door):
    for _ in range(5):
        door.wrong("ann", HOME)
    assert door.wrong("ann", HOME) == 1.0
    door.clock.pass_(FORGOTTEN_S + 2)
    assert [door.wrong("ann", HOME) for _ in range(5)] == [0.0] * 5


def test_guesses_in_parallel_are_counted_one_by_one(door):
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: door.wrong("ann", HOME), range(40)))
    assert waits.count(0.0) == 5
