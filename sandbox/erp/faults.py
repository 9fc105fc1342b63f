"""How the ERP says no: HTTP 200 with `error`, a list whose first entry names the kind."""

from typing import Any


class Fault(Exception):
    """`shown` is what stands under `error` in the answer."""

    def __init__(self, *shown: Any) -> None:
        super().__init__(str(shown[0]))
        self.shown = list(shown)


class UserError(Fault):
    """A business refusal, in words for people."""

    def __init__(self, message: str) -> None:
        super().__init__("UserError", [message, "", None])


class UserWarning_(Fault):  # noqa: N801 - Tryton's name, and Python has one of its own
    """The server asks for confirmation: acknowledge `name`, then call again."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__("UserWarning", [name, message, ""])
        self.name = name


class WrongCall(Fault):
    """A mistake of the caller's programmer: an unknown field, a value of the wrong type."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "")


class Concurrent(Fault):
    def __init__(self) -> None:
        super().__init__("ConcurrencyException", "Records were modified in the meanwhile")


class Forbidden(Exception):
    """A method that is not public: HTTP 403."""
