"""The files of a new partner, at level draft: its conformance is red until they are filled in.

Inside this repository they go to their rooms; for a package of one's own, into one folder. A
partner that posts signs what it posts; one that is polled is asked what changed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Literal

from adapters.ports import Port
from hub.model import catalogue
from hub.model.errors import BadData

_TEMPLATES = Path(__file__).parent / "templates"
Talks = Literal["posts", "polled"]
"""How a partner's news come. What is written otherwise for one has its template in a folder."""


@dataclass(frozen=True, slots=True)
class Starter:
    """What a partner of a port gives and takes at first, the topic of what it gives, and the list
    that it is asked for where it is polled.
    """

    gives: str
    takes: str
    topic: str
    listed: str


STARTERS: Mapping[Port, Starter] = {
    "channel": Starter("sales_order", "shipment", "order.placed", "orders"),
    "warehouse": Starter("shipment", "fulfilment_order", "order.shipped", "shipments"),
    "erp": Starter("product", "sales_order", "product.changed", "products"),
    "crm": Starter("customer", "sales_order", "customer.changed", "customers"),
    "finance": Starter("settlement_report", "journal_entry", "report.made", "reports"),
    "carrier": Starter("fulfilment_status", "shipment", "parcel.moved", "parcels"),
}
_INSIDE = {
    "adapter.py.txt": "adapters/$name/__init__.py",
    "manifest.toml.txt": "adapters/$name/manifest.toml",
    "README.md.txt": "adapters/$name/README.md",
    "conformance.py.txt": "adapters/$name/conformance.py",
    "transcript.yaml.txt": "adapters/$name/transcript.yaml",
    "sample.txt": "adapters/$name/samples/$topic.json",
    "mapping.py.txt": "mappings/$name.py",
}
"""Its conformance is run with that of all others."""
_OUTSIDE = {
    "adapter.py.txt": "$name/__init__.py",
    "manifest.toml.txt": "$name/manifest.toml",
    "README.md.txt": "README.md",
    "conformance.py.txt": "$name/conformance.py",
    "transcript.yaml.txt": "$name/transcript.yaml",
    "sample.txt": "$name/samples/$topic.json",
    "mapping.py.txt": "$name/mapping.py",
    "test.py.txt": "tests/test_$name.py",
    "pyproject.toml.txt": "pyproject.toml",
}


def files(name: str, port: Port, *, outside: bool, talks: Talks = "posts") -> dict[Path, str]:
    """Path -> text of every file."""
    if not name.isidentifier() or name != name.lower():
        raise BadData("a name such as northdock or north_dock is expected", path="name")
    starter = STARTERS[port]
    words = {
        "name": name,
        "title": name.replace("_", " ").title(),
        "port": port,
        "topic": starter.topic,
        "listed": starter.listed,
        "gives": starter.gives,
        "takes": starter.takes,
        **_imported("given", starter.gives),
        **_imported("taken", starter.takes),
        "package": name if outside else f"adapters.{name}",
        "mapping": f"{name}.mapping" if outside else f"mappings.{name}",
    }
    return dict(_written(_OUTSIDE if outside else _INSIDE, talks, words))


def write(files: Mapping[Path, str], into: Path) -> list[Path]:
    """Write them where nothing is yet. BadData names a file that is there."""
    there = [path for path in files if (into / path).exists()]
    if there:
        raise BadData("this file is there already", path=str(into / there[0]))
    for path, text in files.items():
        (into / path).parent.mkdir(parents=True, exist_ok=True)
        (into / path).write_text(text, "utf-8")
    return [into / path for path in files]


def entered(project: str, name: str) -> str:
    """This repository's pyproject.toml with the new adapter's entry point."""
    head = '[project.entry-points."orderhub.adapters"]\n'
    return project.replace(head, f'{head}{name} = "adapters.{name}:ADAPTER"\n')


def _written(
    places: Mapping[str, str], talks: Talks, words: Mapping[str, str]
) -> Iterator[tuple[Path, str]]:
    for template, place in places.items():
        own = _TEMPLATES / talks / template
        file = own if own.is_file() else _TEMPLATES / template
        text = Template(file.read_text("utf-8")).substitute(words)
        yield Path(Template(place).substitute(words)), text


def _imported(role: str, kind: str) -> dict[str, str]:
    """The class of a document, and where it is imported from."""
    document = catalogue.DOCUMENTS[kind]
    return {role: document.__name__, f"{role}_module": document.__module__}
