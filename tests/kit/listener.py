"""Stands where a partner expects the hub: `asked` is what was posted to it, in order."""

from collections.abc import Callable

from adapters.kit.testing.scripted_partner import Asked, Loopback, Told

TAKEN = Told(200, b"<response><flag>success</flag></response>", {"content-type": "text/xml"})
"""As the Qimen side expects it; others look at the status alone."""


class Listener(Loopback):
    """Gives `answers` first, one each, and then what `usually` says."""

    def __init__(self, usually: Callable[[Asked], Told] = lambda _: TAKEN) -> None:
        self.answers: list[Told] = []
        self.usually = usually
        super().__init__(lambda asked: self.answers.pop(0) if self.answers else self.usually(asked))
        self.door = f"{self.url}/in/test"
