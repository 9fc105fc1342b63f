"""Small words of the conformance suite: what must hold, what must be the same, what must fail.

Plain functions, so that the suite means the same with and without a test runner.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from adapters.kit.http.wire_tap import Exchange
from adapters.kit.testing.scripted_partner import Asked, Told


@contextmanager
def fails(*kinds: type[BaseException], what: str = "it") -> Iterator[None]:
    """AssertionError unless the block raises one of these."""
    names = " or ".join(kind.__name__ for kind in kinds)
    try:
        yield
    except kinds:
        return
    except Exception as error:
        raise AssertionError(f"{what} must raise {names}, raised {error!r}") from error
    raise AssertionError(f"{what} must raise {names}, raised nothing")


def holds(fact: bool, what: str) -> None:  # noqa: FBT001  # a fact is what it is about
    """AssertionError, with what should hold, where it does not."""
    if not fact:
        raise AssertionError(f"does not hold: {what}")


def same(found: object, expected: object, what: str) -> None:
    """AssertionError where two things differ that must be the same."""
    holds(found == expected, f"{what}: {found!r} is {expected!r}")


def always(told: Told) -> Callable[[Asked], Told]:
    """A partner with one answer to everything."""

    def script(_: Asked) -> Told:
        return told

    return script


def flipped(body: bytes) -> bytes:
    """The body with one bit changed in its middle."""
    middle = len(body) // 2
    return body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]


def identity(asked: Asked) -> tuple[str, str, bytes, str | None]:
    """What must be the same when the same thing is told again."""
    key = asked.headers.get("idempotency-key")
    return asked.method, asked.path, asked.body, key


def record(exchange: Exchange) -> str:
    """Everything that a recorded exchange shows."""
    return f"{exchange!r} {exchange.request_body!r} {exchange.response_body!r}"
