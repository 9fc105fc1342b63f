"""The files of a new partner, at level draft: its conformance is red until they are filled in.

Inside this repository they go to their rooms; for a package of one's own, into one folder.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from adapters.ports import Port
from hub.model import catalogue
from hub.model.errors import BadData

_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Starter:
    """What a partner of a port gives and takes at first, and the topic of what it gives."""

    gives: str
    takes: str
    topic: str


STARTERS: Mapping[Port, Starter] = {
    "channel": Starter("sales_order", "shipment", "order.placed"),
    "warehouse": Starter("shipment", "fulfilment_order", "order.shipped"),
    "erp": Starter("product", "sales_order", "product.changed"),
    "crm": Starter("customer", "sales_order", "customer.changed"),
    "finance": Starter("settlement_report", "journal_entry", "report.made"),
    "carrier": Starter("fulfilment_status", "shipment", "parcel.moved"),
}
_INSIDE = {
    "adapter.py.txt": "adapters/$name/__init__.py",
    "manifest.toml.txt": "adapters/$name/manifest.toml",
    "README.md.txt": "adapters/$name/README.md",
    "conformance.py.txt": "adapters/$name/conformance.py",
    "transcript.yaml.txt": "adapters/$name/transcript.yaml",
    "sample.txt": "adapters/$name/samples/$topic.json",
    "mapping.py.txt": "mappings/$name.py",
    "test.py.txt": "tests/adapters/$name/test_$name.py",
    "empty.txt": "tests/adapters/$name/__init__.py",
}
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


def files(name: str, port: Port, *, outside: bool) -> dict[Path, str]:
    """Path -> text of every file."""
    if not name.isidentifier() or name != name.lower():
        raise BadData("a name such as northdock or north_dock is expected", path="name")
    starter = STARTERS[port]
    words = {
        "name": name,
        "title": name.replace("_", " ").title(),
        "port": port,
        "topic": starter.topic,
        "gives": starter.gives,
        "takes": starter.takes,
        **_imported("given", starter.gives),
        **_imported("taken", starter.takes),
        "package": name if outside else f"adapters.{name}",
        "mapping": f"{name}.mapping" if outside else f"mappings.{name}",
    }
    return dict(_written(_OUTSIDE if outside else _INSIDE, words))


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


def _written(places: Mapping[str, str], words: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    for template, place in places.items():
        text = Template((_TEMPLATES / template).read_text("utf-8")).substitute(words)
        yield Path(Template(place).substitute(words)), text


def _imported(role: str, kind: str) -> dict[str, str]:
    """The class of a document, and where it is imported from."""
    document = catalogue.DOCUMENTS[kind]
    return {role: document.__name__, f"{role}_module": document.__module__}
