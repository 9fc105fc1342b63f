"""What a measurement says: one JSON line."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """What the hub does beside what the bare floor does, in the same run. `more` says the rest."""

    workload: str
    hub: float
    floor: float | None
    unit: str
    more: dict[str, Any] | None = None

    def line(self) -> str:
        ratio = None if not self.floor else round(self.hub / self.floor, 2)
        floor = None if self.floor is None else round(self.floor, 1)
        shown = {"workload": self.workload, "hub": round(self.hub, 1), "floor": floor}
        return json.dumps({**shown, "ratio": ratio, "unit": self.unit, **(self.more or {})})
