"""What stands in for uv, the package index and the cells' own Pythons."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dryfit.tools.matrix.processes import PlayerEnded

NEWEST = {
    "3.6": "3.6.0",
    "3.8": "3.8.0",
    "3.9": "3.9.2",
    "3.10": "3.10.0",
    "3.11": "3.11.3",
    "latest": "3.15.1",
}


def play(facts: Mapping[str, str] | None, slug: str = "stops", **keys: Any) -> dict[str, Any]:
    """What came of a scenario in a cell."""
    row = {"file": "a.scenario.yaml", "slug": slug, "name": slug, "outcome": "passed"}
    return {**row, "reason": "", "failures": [], "facts": facts, **keys}


class StandIn:
    """Runs nothing: makes the folders that uv would, and tells what a release would.

    Args:
        rows: what each release tells, by its number; a release that is not there
            cannot be installed.
    """

    def __init__(self, rows: Mapping[str, Sequence[dict[str, Any]]]) -> None:
        self.rows = rows
        self.sources: dict[str, str] = {}
        self.installed: list[str] = []
        self.words: list[str] = []
        self.played: list[str] = []
        self.broken: dict[str, str] = {}
        self.ended = False

    def run(
        self, command: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> PlayerEnded:
        if "venv" in command:
            Path(command[-1], "bin").mkdir(parents=True)
            return PlayerEnded(0, "", "")
        if "install" in command:
            return self._install(list(command))
        return self._play(command)

    def end(self) -> None:
        self.ended = True

    def _install(self, command: list[str]) -> PlayerEnded:
        requirement = next(word for word in command if word.startswith("keras"))
        asked = requirement.removeprefix("keras==").removesuffix(".*")
        release = NEWEST.get("latest" if ">" in asked else asked, asked)
        self.words = command
        if release not in self.rows:
            return PlayerEnded(
                1, "", f"  \N{MULTIPLICATION SIGN} No solution found:\n  ╰─▶ no {asked}"
            )
        folder = Path(command[command.index("--python") + 1]).parent.parent
        (folder / "release").write_text(release)
        self.installed.append(release)
        return PlayerEnded(0, "", "")

    def _play(self, command: Sequence[str]) -> PlayerEnded:
        folder = Path(command[0]).parent.parent
        release = (folder / "release").read_text()
        self.played.append(release)
        if release in self.broken:
            return PlayerEnded(1, "", f"Traceback\n{self.broken[release]}\n")
        result = {
            "versions": {"keras": release, "jax": "0.10.2", "numpy": "2.4.6", "python": "3.11.7"},
            "rows": list(self.rows[release]),
            "sources": self.sources,
        }
        Path(command[list(command).index("dryfit.tools.matrix.in_a_cell") + 1]).write_text(
            json.dumps(result)
        )
        return PlayerEnded(0, "", "")
