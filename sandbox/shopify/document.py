"""Reads a GraphQL document as far as a partner needs: its root fields, arguments and directives.

Selection sets below the root are skipped, not interpreted: an answer always bears every field that
the sandbox knows. Aliases, variables with defaults, literals, several root fields, several
operations, comments and block strings are understood; fragments are passed over.
"""

import json
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

TOKEN = re.compile(
    r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|\.\.\.|[!():=@\[\]{}|]'
)
IGNORED = re.compile(r"[\s,\ufeff]*")
CONSTANTS = {"true": True, "false": False, "null": None}


class SyntaxFault(Exception):
    """The text is no GraphQL document."""


@dataclass(frozen=True, slots=True)
class Variable:
    name: str


@dataclass(frozen=True, slots=True)
class Field:
    alias: str
    name: str
    arguments: dict[str, Any]  # literals, or Variable anywhere inside
    directives: dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    kind: str  # query | mutation
    name: str
    types: dict[str, str]  # variable -> its type as written, blanks taken out
    defaults: dict[str, Any]
    directives: dict[str, dict[str, Any]]
    fields: tuple[Field, ...] = field(default=())


@lru_cache(maxsize=512)
def parse(text: str) -> dict[str, Operation]:
    """The operations of a document by name; raises SyntaxFault."""
    reader = Reader(tokens(text))
    operations: dict[str, Operation] = {}
    while reader.more():
        if reader.peek() == "fragment":
            reader.skip_to_block()
            continue
        operation = reader.operation()
        operations[operation.name] = operation
    if not operations:
        raise SyntaxFault("no operation")
    return operations


def tokens(text: str) -> list[str]:
    words: list[str] = []
    place = 0
    while True:
        skipped = IGNORED.match(text, place)
        place = skipped.end() if skipped else place
        if place == len(text):
            return words
        match = TOKEN.match(text, place)
        if match is None:
            raise SyntaxFault(f"unexpected {text[place]!r} at {place}")
        place = match.end()
        if not match[0].startswith("#"):
            words.append(match[0])


class Reader:
    def __init__(self, found: list[str]) -> None:
        self._tokens, self._at = found, 0

    def more(self) -> bool:
        return self._at < len(self._tokens)

    def peek(self) -> str:
        return self._tokens[self._at] if self.more() else ""

    def take(self, expected: str | None = None) -> str:
        word = self.peek()
        if not word or (expected is not None and word != expected):
            raise SyntaxFault(f"expected {expected or 'more'}, got {word or 'the end'}")
        self._at += 1
        return word

    def took(self, word: str) -> bool:
        if self.peek() != word:
            return False
        self._at += 1
        return True

    def operation(self) -> Operation:
        kind, name = "query", ""
        types: dict[str, str] = {}
        defaults: dict[str, Any] = {}
        directives: dict[str, dict[str, Any]] = {}
        if self.peek() != "{":
            kind = self.take()
            if kind not in {"query", "mutation"}:
                raise SyntaxFault(f"unexpected {kind}")
            if self.peek() not in {"(", "{", "@"}:
                name = self.take()
            types, defaults = self.variables()
            directives = self.directives()
        return Operation(kind, name, types, defaults, directives, tuple(self.fields()))

    def variables(self) -> tuple[dict[str, str], dict[str, Any]]:
        types: dict[str, str] = {}
        defaults: dict[str, Any] = {}
        if self.took("("):
            while not self.took(")"):
                name = self.take().removeprefix("$")
                self.take(":")
                written = ""
                while self.peek() in {"[", "]", "!"} or self.peek().isidentifier():
                    written += self.take()
                types[name] = written
                if self.took("="):
                    defaults[name] = self.value()
        return types, defaults

    def fields(self) -> list[Field]:
        self.take("{")
        selected = []
        while not self.took("}"):
            if self.took("..."):
                raise SyntaxFault("fragments at the root are not read here")
            alias = name = self.take()
            if self.took(":"):
                name = self.take()
            arguments = self.arguments()
            directives = self.directives()
            if self.peek() == "{":
                self.skip_block()
            selected.append(Field(alias, name, arguments, directives))
        return selected

    def arguments(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.took("("):
            while not self.took(")"):
                name = self.take()
                self.take(":")
                found[name] = self.value()
        return found

    def directives(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        while self.took("@"):
            name = self.take()
            found[name] = self.arguments()
        return found

    def value(self) -> Any:
        word = self.take()
        if word.startswith("$"):
            return Variable(word[1:])
        if word == "[":
            items = []
            while not self.took("]"):
                items.append(self.value())
            return items
        if word == "{":
            fields: dict[str, Any] = {}
            while not self.took("}"):
                name = self.take()
                self.take(":")
                fields[name] = self.value()
            return fields
        return literal(word)

    def skip_block(self) -> None:
        depth = 0
        while True:
            word = self.take()
            depth += (word == "{") - (word == "}")
            if depth == 0:
                return

    def skip_to_block(self) -> None:
        while self.peek() != "{":
            self.take()
        self.skip_block()


def literal(word: str) -> Any:
    if word.startswith('"""'):
        return word[3:-3].strip()
    if word.startswith('"'):
        return json.loads(word)
    if word in CONSTANTS:
        return CONSTANTS[word]
    if word.lstrip("-").isdigit():
        return int(word)
    if word.isidentifier():
        return word  # an enum value
    try:
        return float(word)
    except ValueError:
        raise SyntaxFault(f"unexpected {word}") from None


def filled(value: Any, variables: dict[str, Any]) -> Any:
    """The value with its variables put in."""
    match value:
        case Variable(name=name):
            return variables.get(name)
        case dict():
            return {key: filled(item, variables) for key, item in value.items()}
        case list():
            return [filled(item, variables) for item in value]
        case _:
            return value
