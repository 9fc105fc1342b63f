"""A request that was refused with a 401: nothing was done, so it may go once more."""

from collections.abc import Callable
from typing import Any

from requests import PreparedRequest, Response


def once_more(request: PreparedRequest, resign: Callable[[PreparedRequest], bool]) -> None:
    """When the request is refused, let `resign` sign a copy anew and send that. False: there is
    nothing else to sign it with.
    """

    def heard(response: Response, **options: Any) -> Response:
        if response.status_code != 401:
            return response
        again = response.request.copy()
        if not resign(again):
            return response
        second: Response = response.connection.send(again, **options)
        second.request = again
        second.history = [response]
        return second

    request.hooks["response"].append(heard)
