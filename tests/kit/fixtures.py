"""Where real partner payloads lie: beside the checkout, never inside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "fixtures"
"""Folder of real payloads, `<port>/<partner>/…`; each partner's SOURCES.md says whence they are."""
