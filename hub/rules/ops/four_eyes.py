"""Four eyes: who did a thing does not also approve it.

Persons are compared, not names: a key of the Open API that belongs to somebody acts for them, and
says so in its name. A key of nobody is a program's own, and counts as itself.
"""

from collections.abc import Iterable

from hub.model.errors import Contradiction

_KEY, _OF = "key:", " of "


def as_key(name: str, owner: str) -> str:
    """A key as an actor. `owner`: whose it is, such as `user:ann`; empty: nobody's."""
    return f"{_KEY}{name}{_OF}{owner}" if owner else f"{_KEY}{name.replace(_OF, ' ')}"


def refuse_same(actor: str, doers: Iterable[str | None], sentence: str, path: str = "") -> None:
    """Refuse, by a sentence, whoever is one of the persons who did it. Raises Contradiction."""
    for doer in doers:
        if doer == actor:
            raise Contradiction(sentence, path=path, code="four_eyes")
        if doer is not None and _person(actor) == _person(doer):
            message = f"{sentence}; {actor} and {doer} are one person"
            raise Contradiction(message, path=path, code="four_eyes")


def _person(actor: str) -> str:
    """A name of a key may hold anything: its owner stands last."""
    return actor.rpartition(_OF)[2] if actor.startswith(_KEY) else actor
