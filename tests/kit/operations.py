"""The commands of docs/operations.md that a stranger copies, by the name that stands above each."""

import re

from tests.kit.fixtures import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
_BLOCKS = re.compile(r"<!-- run: ([^>]+) -->\n```\w+\n(.*?)```", re.DOTALL)
BLOCKS = dict(_BLOCKS.findall(PAGE))
