"""The ends of a migration: what is installed, and what a callback is played there."""

import json
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from dryfit import load_scenarios
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.ends import End, installed_end, write_battery
from dryfit.tools.matrix.processes import PlayerEnded, ProcessError

END = End(Cell("tf_keras:2.15"), Path("python"), {})
PLAIN = """\
name: "mine:Mine: plain run"
script: {metrics: {loss: 1x2}}
callbacks:
  - mine:Mine
expect: {epochs_run: 2}
"""


def installed(versions: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def version(name: str) -> str:
        if name not in versions:
            raise metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(metadata, "version", version)


@pytest.mark.parametrize(
    ("versions", "before", "after"),
    [
        ({"keras": "3.15.1", "tf_keras": "2.21.0"}, ("tf_keras:2.21.0", "1"), ("3.15.1", "0")),
        ({"keras": "3.15.1"}, None, ("3.15.1", "0")),
        ({"keras": "2.15.0"}, ("tf_keras:2.15.0", "0"), None),
        ({"keras": "2.15.0", "tf_keras": "2.15.1"}, ("tf_keras:2.15.0", "0"), None),
    ],
)
def test_what_is_installed_is_an_end(
    versions: Mapping[str, str], before: Any, after: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With what chooses it: Keras 2 is another package beside Keras 3, or `keras` itself."""
    installed(versions, monkeypatch)
    ends = [installed_end(legacy=legacy) for legacy in (True, False)]
    found = [end and (end.cell.keras, end.variables["TF_USE_LEGACY_KERAS"]) for end in ends]
    assert found == [before, after]


class Checks:
    """Stands in for `dryfit check`, and says what it says."""

    def __init__(self, status: int, out: object, said: str = "") -> None:
        self.ended = PlayerEnded(status, json.dumps(out), said)
        self.command: Sequence[str] = ()

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> PlayerEnded:
        self.command = command
        return self.ended


def card(*results: tuple[str, str]) -> dict[str, Any]:
    told = [{"name": name, "scenario": scenario} for name, scenario in results]
    return {"callback": "mine:Mine: {a: 1}", "results": told}


def test_a_callback_is_played_what_checks_play_it(tmp_path: Path) -> None:
    """Those that ask what it decides; and one that cuts the rate in front of it."""
    checks = Checks(1, [card(("plain run", PLAIN), ("threads", PLAIN), ("NaN first", ""))] * 2)
    written = write_battery(checks, END, ["mine:Mine"] * 2, tmp_path)  # type: ignore[arg-type]
    assert [file.name for file in written] == [
        "mine-Mine-1.scenario.yaml",
        "mine-Mine-2.scenario.yaml",
    ]
    plain, cut = load_scenarios(written[0])
    assert plain.name == "mine:Mine: plain run"
    assert cut.name == "mine:Mine: behind a plateau that cuts the rate"
    assert [item[0] for item in cut.callbacks] == ["ReduceLROnPlateau", "mine:Mine"]


def test_what_is_no_callback_is_said_as_checks_say_it(tmp_path: Path) -> None:
    """In one line."""
    checks = Checks(2, None, "noise\ndryfit check: mine:Gone: mine has no Gone\n")
    with pytest.raises(ProcessError, match="^mine:Gone: mine has no Gone$"):
        write_battery(checks, END, ["mine:Gone"], tmp_path)  # type: ignore[arg-type]
