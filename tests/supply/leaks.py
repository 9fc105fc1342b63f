"""Secrets in the tree: `python -m tests.supply.leaks`. `--accept` writes down that what is found
now is none: vectors of tests, examples of the documentation.

What is found is known again by its file and its digest, never by its text or its line.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from detect_secrets import SecretsCollection
from detect_secrets.settings import transient_settings

from tests.kit.fixtures import ROOT

KNOWN = ROOT / "tests" / "supply" / "leaks.json"
_BY_FORM = (
    "ArtifactoryDetector",
    "AWSKeyDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
_BY_CHANCE = (("Base64HighEntropyString", 4.5), ("HexHighEntropyString", 3.0))
"""Only outside the tests, which are full of digests and made-up secrets."""
_LOCKS = (".lock", "package-lock.json", ".mo", ".png", ".svg", "openapi.json", "leaks.json")


def found(paths: Iterable[Path]) -> Iterator[tuple[str, str, str, int]]:
    """(file, digest, what it looks like, line) of whatever looks like a secret in these files."""
    by_form: list[dict[str, Any]] = [{"name": name} for name in _BY_FORM]
    by_chance: list[dict[str, Any]] = [{"name": name, "limit": at} for name, at in _BY_CHANCE]
    named = {_name(path): path for path in paths if not _name(path).endswith(_LOCKS)}
    tests = {name for name in named if name.startswith("tests/")}
    for names, plugins in ((tests, by_form), (named.keys() - tests, by_form + by_chance)):
        with transient_settings({"plugins_used": plugins}):
            for name in sorted(names):
                secrets = SecretsCollection()
                secrets.scan_file(str(named[name]))
                for _, one in secrets:
                    yield name, one.secret_hash, one.type, one.line_number


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name


def tracked() -> list[Path]:
    """Every file that git knows."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    return [path for name in names if (path := ROOT / name).is_file()]


def main(*words: str) -> int:
    """1 where something is found that nobody accepted."""
    here = list(found(tracked()))
    if "--accept" in words:
        known = sorted({(name, digest) for name, digest, _, _ in here})
        KNOWN.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
        return 0
    accepted = {tuple(one) for one in json.loads(KNOWN.read_text("utf-8"))}
    new = [one for one in here if one[:2] not in accepted]
    for name, _, kind, line in new:
        print(
            f"{name}:{line}: {kind}: a secret? If it is none: python -m tests.supply.leaks --accept"
        )
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
