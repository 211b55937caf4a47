"""Plays scenarios in cells, several at a time, and keeps what came of each."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dryfit.scenario.trust import USUAL, Trust
from dryfit.scenario.whole_file import write_text
from dryfit.tools.matrix.cells import Cell
from dryfit.tools.matrix.environments import Environment, Environments
from dryfit.tools.matrix.fingerprints import of_scenarios, unchanged
from dryfit.tools.matrix.kept_results import read_result
from dryfit.tools.matrix.processes import InterruptedRunError, ProcessError, Processes

# Only what a cell has itself is to be found there.
_NOT_FOR_CELLS = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True, slots=True)
class PlayedElsewhere:
    """What became of a cell.

    Attributes:
        rows: what came of each scenario.
        versions: what is installed in it.
        error: why there are no rows.
        how: in words, such as ``installed and played in 12 s``.
    """

    cell: Cell
    rows: tuple[dict[str, Any], ...] = ()
    versions: dict[str, str] | None = None
    error: str = ""
    how: str = ""

    @property
    def keras(self) -> str:
        """The release that was played, or that was asked for."""
        return (self.versions or {}).get(self.cell.package, self.cell.release)

    @property
    def title(self) -> str:
        """The same, and that it is Keras 2."""
        return f"tf_keras {self.keras}" if self.cell.legacy else self.keras


class Player:
    """Plays scenarios in cells.

    Args:
        paths: scenario files and folders.
        lane: ``"fake"`` or ``"real"``.
        cache: where environments and results are kept.
        environments: the environments of the cells.
        processes: runs the plays.
        trust: what the scenarios may do.
        anew: whether to make and play everything, whatever is kept.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        lane: str,
        cache: Path,
        environments: Environments,
        processes: Processes,
        *,
        trust: Trust = USUAL,
        anew: bool = False,
    ) -> None:
        self._trust = json.dumps(asdict(trust))
        self._paths, self._lane, self._anew = [str(path) for path in paths], lane, anew
        self._results = cache / "results"
        self._environments, self._processes = environments, processes
        self._scenarios = of_scenarios(paths)

    def play(self, cell: Cell) -> PlayedElsewhere:
        """Play in one cell; what is wrong with it is said in the result."""
        begun = time.monotonic()
        try:
            environment = self._environments.ready(cell, anew=self._anew)
            if (kept := self._kept(environment)) is not None:
                return _played(cell, kept, "kept from before")
            try:
                result = self._run(cell, environment)
            except ProcessError:
                if environment.made:
                    raise
                # It was whole when it was made, so perhaps something is missing now.
                environment = self._environments.ready(cell, anew=True)
                result = self._run(cell, environment)
        except ProcessError as error:
            return PlayedElsewhere(cell, error=str(error), how="failed")
        self._keep(environment, result)
        seconds = time.monotonic() - begun
        done = "installed and played" if environment.made else "played"
        return _played(cell, result, f"{done} in {seconds:.0f} s")

    def play_all(
        self,
        cells: Iterable[Cell],
        jobs: int,
        told: Callable[[PlayedElsewhere], None] = lambda _: None,
    ) -> list[PlayedElsewhere]:
        """Play in several cells, some side by side; an interrupt ends what is under way.

        Args:
            jobs: how many at a time.
            told: is called with each that is done.
        """
        wanted = list(cells)
        done: dict[Cell, PlayedElsewhere] = {}
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self.play, cell) for cell in wanted]
            try:
                for future in as_completed(futures):
                    played = future.result()
                    done[played.cell] = played
                    told(played)
            except BaseException as error:  # whoever ends this waits for no cell
                self._processes.end()
                pool.shutdown(cancel_futures=True)
                if isinstance(error, InterruptedRunError):
                    raise KeyboardInterrupt from None
                raise
        return [done[cell] for cell in wanted]

    def _run(self, cell: Cell, environment: Environment) -> dict[str, Any]:
        words = [self._lane, self._trust, *self._paths]
        return play_there(self._processes, environment.python, variables_of(cell), words)

    def _place(self, environment: Environment) -> Path:
        told = json.dumps([self._scenarios, self._lane, self._trust, self._paths, os.getcwd()])
        short = hashlib.sha256(told.encode()).hexdigest()[:16]
        return self._results / f"{environment.id}-{short}.json"

    def _kept(self, environment: Environment) -> dict[str, Any] | None:
        kept = read_result(self._place(environment))
        return kept if kept is not None and unchanged(kept["sources"]) else None

    def _keep(self, environment: Environment, result: dict[str, Any]) -> None:
        self._results.mkdir(parents=True, exist_ok=True)
        write_text(self._place(environment), json.dumps(result, ensure_ascii=False))


def play_there(
    processes: Processes, python: Path, variables: Mapping[str, str], words: Sequence[str]
) -> dict[str, Any]:
    """Play scenarios with another Python.

    Args:
        processes: runs it.
        python: it has a dryfit.
        variables: its environment.
        words: of `dryfit.tools.matrix.in_a_cell`, behind the file.

    Raises:
        ProcessError: it did not come to its end; the message is its own.
    """
    with tempfile.TemporaryDirectory(prefix="dryfit-matrix-") as folder:
        file = Path(folder) / "result.json"
        # -P: what lies in the working directory takes the place of no library.
        module = ["-P", "-m", "dryfit.tools.matrix.in_a_cell"]
        ended = processes.run([str(python), *module, str(file), *words], variables)
        if ended.status or not file.exists():
            raise ProcessError(last_words(ended.said) or f"it ended with {ended.status}")
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return result


def _played(cell: Cell, result: dict[str, Any], how: str) -> PlayedElsewhere:
    return PlayedElsewhere(cell, tuple(result["rows"]), result["versions"], how=how)


def variables_of(cell: Cell) -> dict[str, str]:
    """The environment of what runs in a cell."""
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_CELLS}
    return inherited | {
        "KERAS_BACKEND": cell.backend,
        "TF_USE_LEGACY_KERAS": str(int(cell.package == "tf-keras")),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def last_words(said: str) -> str:
    """The last line of what went wrong that names an error, or else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "Error: " in line), "".join(lines[-1:]))
