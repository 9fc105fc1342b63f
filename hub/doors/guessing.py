"""What wrong guesses cost, and whom: never somebody who proves who he is.

A key or a signature is checked whoever else has failed: nobody guesses 256 bits, so all that is
bounded is what strangers are told and what is logged of them. A password can be guessed, so it is
claimed before it is tried: from a device known to the account by that device's own count, from any
other by the account's, the address's and the door's together. What is right is given back.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from hub.doors.limits import Buckets
from hub.doors.origin import neighbourhood

FREE, LONGEST_S, FORGOTTEN_S = 5, 900.0, 3600.0
NEW_AGAIN_S = 24 * 3600.0
"""After so long without a wrong password an address is a new one again."""
_MOST_KNOWN = 10_000
Clock = Callable[[], float]


class Waits:
    """For each name five failures for nothing, then pauses that double up to a quarter of an hour;
    forgotten after a quiet hour.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def wait(self, name: str) -> float:
        """Seconds until it may try again; 0 for now."""
        return max(0.0, self._failed.get(name, (0, 0.0))[1] - self._clock())

    def failed(self, name: str) -> None:
        """It was wrong, or is about to be tried."""
        now = self._clock()
        count, until = self._failed.pop(name, (0, now))
        count = 1 if now - until > FORGOTTEN_S else count + 1
        pause = 0.0 if count < FREE else min(LONGEST_S, 2.0 ** min(count - FREE, 20))
        self._failed[name] = (count, now + pause)
        if len(self._failed) > _MOST_KNOWN:
            self._failed.popitem(last=False)

    def forget(self, name: str) -> None:
        """It was right."""
        self._failed.pop(name, None)


class Strangers:
    """Who shows a key or signature that is wrong. None who shows a right one ever asks here."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._address = Waits(clock)
        self._door = Buckets(0.2, 80, clock)
        self._lock = threading.Lock()

    def count(self, address: str) -> float:
        """One more of an address. 0 where it is told so and logged, else seconds to be quiet."""
        name = neighbourhood(address)
        with self._lock:
            wait = self._address.wait(name) or self._door.take("")
            if not wait:
                self._address.failed(name)
            return wait


class Passwords:
    """Whether a password may be tried now. Claimed first: parallel tries are counted as well."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._device, self._account = Waits(clock), Waits(clock)
        self._address, self._door = Buckets(1 / 15, 20, clock), Buckets(1 / 20, 40, clock)
        self._first = Buckets(1 / 30, 100, clock)
        self._seen: OrderedDict[str, float] = OrderedDict()
        self._lock = threading.Lock()

    def claim(self, login: str, address: str, device: str | None) -> "Claim":
        """A try, or for how long there is none. `device`: one known to be this login's own."""
        with self._lock:
            if device is not None:
                return self._own(f"{login} {device}")
            name = neighbourhood(address)
            if self._is_new(name) and not self._first.take(""):
                return self._granted(login, name, new=True)
            wait = self._account.wait(login) or self._spend(name)
            return Claim(wait) if wait else self._granted(login, name, new=False)

    def _own(self, name: str) -> "Claim":
        wait = self._device.wait(name)
        if wait:
            return Claim(wait)
        self._device.failed(name)
        return Claim(0.0, lambda: self._device.forget(name))

    def _granted(self, login: str, address: str, *, new: bool) -> "Claim":
        self._account.failed(login)

        def right() -> None:
            with self._lock:
                self._account.forget(login)
                if new:
                    self._seen.pop(address, None)
                    self._first.give_back("")
                else:
                    self._address.give_back(address)
                    self._door.give_back("")

        return Claim(0.0, right)

    def _spend(self, address: str) -> float:
        wait = self._address.take(address)
        if wait:
            return wait
        wait = self._door.take("")
        if wait:
            self._address.give_back(address)
        return wait

    def _is_new(self, address: str) -> bool:
        """Whether nothing wrong came from there for a day. From now on something may have."""
        now = self._clock()
        before = self._seen.pop(address, None)
        self._seen[address] = now
        if len(self._seen) > _MOST_KNOWN:
            self._seen.popitem(last=False)
        return before is None or now - before > NEW_AGAIN_S


class Claim:
    """`wait` is 0 where the password may be tried; `right` is called where it was right."""

    def __init__(self, wait: float, right: Callable[[], None] = lambda: None) -> None:
        self.wait, self.right = wait, right
