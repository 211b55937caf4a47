"""Which scenarios did not hold when last played in a folder: as pytest's ``--lf`` has it."""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dryfit.scenario.bounded_file import UnreadableFileError
from dryfit.scenario.bounded_json import read_json
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.whole_file import make_folder, write_text

KEPT = Path(".dryfit") / "failed.json"


def failed_last(scenarios: list[Scenario]) -> list[Scenario]:
    """Those that failed last; none if all held, or if nothing is known of them."""
    kept = _kept()
    return [scenario for scenario in scenarios if _named(scenario) in kept]


def keep_failed(played: Iterable[tuple[Scenario, bool]]) -> None:
    """Keep which of those that were played failed; of others it stays as it was.

    Args:
        played: each, and whether it holds; one that was played in several lanes comes
            several times.

    Raises:
        UnwritableError: it cannot be kept.
    """
    kept = _kept()
    now = set(kept)
    told = [(_named(scenario), holds) for scenario, holds in played]
    now -= {name for name, holds in told if holds}
    now |= {name for name, holds in told if not holds}
    if now != kept:
        make_folder(KEPT.parent)
        write_text(KEPT, json.dumps(sorted(now), indent=1) + "\n")


def _kept() -> set[str]:
    with suppress(UnreadableFileError, OSError):
        kept = read_json(KEPT)
        if isinstance(kept, list):
            return {name for name in kept if isinstance(name, str)}
    return set()


def _named(scenario: Scenario) -> str:
    try:
        file = os.path.relpath(scenario.file)
    except ValueError:  # another drive of Windows
        file = os.path.abspath(scenario.file)
    return f"{Path(file).as_posix()}::{scenario.slug}"
