"""The two ends of a migration: a release of Keras, and the Python that has it."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dryfit.scenario.naming import SUFFIX
from dryfit.scenario.whole_file import write_text
from dryfit.tools.matrix.cells import LEGACY, Cell
from dryfit.tools.matrix.environments import Environments
from dryfit.tools.matrix.player import last_words, variables_of
from dryfit.tools.matrix.processes import ProcessError, Processes
from dryfit_fakes.keras_choice import ON_BOTH, installed_release

_PLATEAU = "ReduceLROnPlateau: {monitor: loss, patience: 1}"
# The checks that ask what a callback decides; what it leaves behind is the same in both.
_DECIDING = (
    *("plain run", "no validation", "rare validation", "missing keys", "NaN first", "NaN later"),
    *("inf first", "inf later", "initial_epoch", "steps_per_execution", "two fits"),
    "stopped mid-epoch",
)


@dataclass(frozen=True, slots=True)
class End:
    """A release that can be played.

    Attributes:
        cell: the release.
        python: it has that release, and dryfit.
        variables: what chooses it there.
    """

    cell: Cell
    python: Path
    variables: Mapping[str, str]


def installed_end(*, legacy: bool) -> End | None:
    """Take the Keras 2, or the Keras 3, that is installed beside this dryfit, if there is one."""
    itself = installed_release("keras")
    is_legacy = itself is not None and itself.startswith("2.")
    if legacy == is_legacy:
        found, variable = itself, "0"
    else:  # beside Keras 3, Keras 2 is another package; beside Keras 2, there is no Keras 3
        found, variable = (installed_release("tf_keras") if legacy else None), "1"
    if found is None:
        return None
    backend = "tensorflow" if legacy else os.environ.get("KERAS_BACKEND", "tensorflow")
    cell = Cell(f"{LEGACY * legacy}{found}", backend)
    chosen = {"TF_USE_LEGACY_KERAS": variable, "TF_CPP_MIN_LOG_LEVEL": "3", ON_BOTH: "1"}
    return End(cell, Path(sys.executable), os.environ | chosen)


def end_of(cell: Cell, environments: Environments) -> End:
    """Make a cell's environment, or take the one that is there.

    Raises:
        ProcessError: it cannot be made.
    """
    return End(cell, environments.ready(cell).python, variables_of(cell) | {ON_BOTH: "1"})


def write_battery(
    processes: Processes, end: End, targets: Sequence[str], folder: Path
) -> list[Path]:
    """Write scenarios that `dryfit check` plays to callbacks, a file for each callback.

    They are those that ask what is decided. One more lets the rate be cut in front of the
    callback: Keras 2 logs it by another name, and only then.

    Args:
        processes: runs `dryfit check`.
        end: where: whoever migrates has callbacks that work there.
        targets: the callbacks, as of `dryfit check`.
        folder: where the files are written.

    Raises:
        ProcessError: a target is no callback.
    """
    command = [str(end.python), "-P", "-m", "dryfit", "check", *targets, "--format", "json"]
    ended = processes.run(command, end.variables)
    if ended.status not in (0, 1):
        raise ProcessError(last_words(ended.said).removeprefix("dryfit check: "))
    told = json.loads(ended.out)
    cards = told if isinstance(told, list) else [told]
    written = []
    for number, card in enumerate(cards, 1):
        file = folder / f"{_in_a_name(card['callback'])}-{number}{SUFFIX}"
        write_text(file, "---\n".join(_documents(card)))
        written.append(file)
    return written


def _documents(card: Mapping[str, object]) -> Iterator[str]:
    results = card["results"]
    assert isinstance(results, list)
    for result in results:
        text = result["scenario"] if result["name"] in _DECIDING else ""
        if text:
            yield text
            if result["name"] == "plain run":
                named = text.replace("plain run", "behind a plateau that cuts the rate", 1)
                yield named.replace("\ncallbacks:\n", f"\ncallbacks:\n  - {_PLATEAU}\n", 1)


def _in_a_name(callback: str) -> str:
    """A callback as part of a file's name."""
    bare = callback.partition(": ")[0]
    return "".join(letter if letter.isalnum() or letter in "._" else "-" for letter in bare)
