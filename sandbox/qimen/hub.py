"""The warehouse's line to the hub: signed messages, each repeated until it is taken."""

import threading
from dataclasses import dataclass, field
from typing import Any

from sandbox import outgoing
from sandbox.qimen.wire import Account, Garbled, Tree, read, write
from sandbox.record import Journal


@dataclass(slots=True)
class Line:
    url: str  # the hub's /in/{connection}; empty: nothing can be told
    account: Account
    sent: Journal
    tries: int
    halt: threading.Event = field(default_factory=threading.Event)

    def tell(self, method: str, key: str, tree: Tree, url: str = "") -> dict[str, Any]:
        """Sends until flag=success, the tries are used up, or `halt`; the entry of `sent`."""
        address, body = url or self.url, write("request", tree)
        answers: list[dict[str, Any]] = []
        for attempt in range(self.tries if address else 0):
            if self.halt.wait(min(2.0, 0.05 * 2 ** min(attempt, 6)) if attempt else 0):
                break
            query = self.account.query(method, body)
            reply = outgoing.post(f"{address}?{query}", body, {"Content-Type": "text/xml"})
            answers.append({"status": reply.status, **flag_of(reply)})
            if answers[-1]["flag"] == "success":
                break
        ok = bool(answers) and answers[-1]["flag"] == "success"
        document = {"body": tree, "ok": ok, "tries": len(answers), "answers": answers[-10:]}
        return self.sent.add(method, key, document)


def flag_of(reply: outgoing.Reply) -> dict[str, Any]:
    """What the hub's answer says; an answer that cannot be read is no success."""
    try:
        tree = read(reply.body, "response") if reply.status else {}
    except Garbled:
        tree = {}
    return {name: tree.get(name) for name in ("flag", "code", "message")}
