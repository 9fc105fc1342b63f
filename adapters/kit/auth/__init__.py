"""Ways of proving who we are, as values that a session is given: `Session(url, auth=Bearer(...))`.

Each is a `requests.auth.AuthBase`. Where several secrets hold, while one replaces the other, the
newest comes first. What a partner refuses with a 401 is asked once more, with what is renewed or
with the other secret; refused again it is `NotAuthorised`.
"""

from adapters.kit.auth.log_in import LoggedIn
from adapters.kit.auth.oauth1 import OAuth1
from adapters.kit.auth.oauth2 import OAuth2
from adapters.kit.auth.plain import Basic, Bearer, Header
from adapters.kit.auth.top import Top

__all__ = ["Basic", "Bearer", "Header", "LoggedIn", "OAuth1", "OAuth2", "Top"]
