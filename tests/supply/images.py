"""Images by digest: `python -m tests.supply.images` lists what stands by its tag alone, and leaves
with 1 where any does. `--pin` asks the registry, by docker, for the digest of each and writes it
beside the tag.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.kit.fixtures import ROOT

FILES = ("Dockerfile", "docker-compose.yml", "docker-compose.scale.yml")
_NAMED = re.compile(
    r"^(?P<before>FROM |\s*image: )(?P<image>[a-z0-9./_-]+:[\w.-]+)"
    r"(?P<digest>@sha256:[0-9a-f]{64})?",
    re.MULTILINE,
)
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def images(text: str) -> Iterator[tuple[str, bool]]:
    """(image with its tag, whether a digest stands beside it)."""
    for found in _NAMED.finditer(text):
        yield found["image"], found["digest"] is not None


def pinned(text: str, digest_of: Callable[[str], str]) -> str:
    """The text with the digest of today beside each tag."""
    return _NAMED.sub(lambda one: f"{one['before']}{one['image']}@{digest_of(one['image'])}", text)


def asked(image: str) -> str:
    """The digest that the registry gives. SystemExit where it gives none."""
    command = ["docker", "buildx", "imagetools", "inspect", image]
    form = ["--format", "{{.Manifest.Digest}}"]
    done = subprocess.run([*command, *form], capture_output=True, text=True, check=False)
    digest = done.stdout.strip()
    if done.returncode or not _DIGEST.fullmatch(digest):
        why = done.stderr.strip().splitlines()[-1:] or ["no digest"]
        raise SystemExit(f"{image}: the registry was not asked: {why[0]}")
    return digest


def main(words: Sequence[str], files: Sequence[Path]) -> int:
    if "--pin" in words:
        texts = {path: pinned(path.read_text("utf-8"), asked) for path in files}
        for path, text in texts.items():  # all digests are there: nothing is written by halves
            path.write_text(text, "utf-8")
        return 0
    loose = [
        f"{path.name}: {image} stands by its tag alone: make pin-images"
        for path in files
        for image, is_pinned in images(path.read_text("utf-8"))
        if not is_pinned
    ]
    print("\n".join(loose) or "every image stands by its digest")
    return 1 if loose else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], [ROOT / name for name in FILES]))
