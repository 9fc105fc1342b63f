"""Samples of stacks as a picture: a box for each function, as wide as its share of the time, on top
of what called it. One SVG file that needs nothing else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

WIDTH, ROW, TOP = 1600, 17, 30
LEAST = 0.001
"""Boxes of a smaller share are left out."""
_LETTER = 6.6
_COLOURS = {
    "hub": "#f2a65a",
    "mappings": "#f6c667",
    "adapters": "#8fb9a8",
    "workers": "#e07a5f",
    "sqlalchemy": "#a3b4d9",
    "psycopg": "#8aa0cf",
    "pydantic": "#c9a5d6",
}
_OTHERS = "#d9d4c7"


@dataclass(slots=True)
class Box:
    """A function under its callers: how many samples have it there."""

    name: str
    samples: int = 0
    inside: dict[str, "Box"] = field(default_factory=dict)


def draw(stacks: Mapping[tuple[str, ...], int], title: str) -> str:
    """The picture of these samples."""
    root = Box("all")
    for stack, samples in stacks.items():
        _add(root, stack, samples)
    rows = _depth(root, root.samples)
    height = TOP + ROW * rows + 8
    boxes = "\n".join(_boxes(root, root.samples, 0, 0, rows))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}"'
        f' font-family="monospace" font-size="11">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="8" y="19" font-size="14">{escape(title)}, {root.samples} samples</text>\n'
        f"{boxes}\n</svg>\n"
    )


def _add(root: Box, stack: tuple[str, ...], samples: int) -> None:
    root.samples += samples
    box = root
    for name in stack:
        box = box.inside.setdefault(name, Box(name))
        box.samples += samples


def _depth(box: Box, whole: int) -> int:
    shown = [one for one in box.inside.values() if one.samples >= LEAST * whole]
    return 1 + max((_depth(one, whole) for one in shown), default=0)


def _boxes(box: Box, whole: int, start: int, level: int, rows: int) -> Iterator[str]:
    share = box.samples / whole if whole else 0.0
    if share < LEAST:
        return
    x, width = WIDTH * start / whole, WIDTH * share
    y = TOP + ROW * (rows - level - 1)
    fits = int(width / _LETTER) - 1
    shown = box.name if len(box.name) <= fits else box.name[-fits:] if fits > 3 else ""
    colour = _COLOURS.get(box.name.partition(".")[0], _OTHERS)
    yield (
        f'<g><title>{escape(box.name)}: {share:.1%}</title><rect x="{x:.1f}" y="{y}"'
        f' width="{max(width - 0.5, 0.2):.1f}" height="{ROW - 1}" fill="{colour}"/>'
        + (f'<text x="{x + 3:.1f}" y="{y + 12}">{escape(shown)}</text>' if shown else "")
        + "</g>"
    )
    for inner in sorted(box.inside.values(), key=lambda box: box.name):
        yield from _boxes(inner, whole, start, level + 1, rows)
        start += inner.samples
