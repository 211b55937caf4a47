"""Plays scenarios in cells, several at a time, and keeps what came of each."""

import hashlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dryfit.matrix.cells import Cell
from dryfit.matrix.environments import Environment, Environments
from dryfit.matrix.processes import InterruptedRunError, ProcessError, Processes
from dryfit.matrix.sources import of_scenarios, unchanged

# Only what a cell has itself is to be found there.
_NOT_FOR_CELLS = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__")


@dataclass(frozen=True, slots=True)
class Played:
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
        return (self.versions or {}).get("keras", self.cell.keras)


class Player:
    """Plays scenarios in cells.

    Args:
        paths: scenario files and folders.
        lane: ``"fake"`` or ``"real"``.
        cache: where environments and results are kept.
        environments: the environments of the cells.
        processes: runs the plays.
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
        anew: bool = False,
    ) -> None:
        self._paths, self._lane, self._anew = [str(path) for path in paths], lane, anew
        self._results = cache / "results"
        self._environments, self._processes = environments, processes
        self._scenarios = of_scenarios(paths)

    def play(self, cell: Cell) -> Played:
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
            return Played(cell, error=str(error), how="failed")
        self._keep(environment, result)
        seconds = time.monotonic() - begun
        done = "installed and played" if environment.made else "played"
        return _played(cell, result, f"{done} in {seconds:.0f} s")

    def play_all(
        self, cells: Iterable[Cell], jobs: int, told: Callable[[Played], None] = lambda _: None
    ) -> list[Played]:
        """Play in several cells, some side by side; an interrupt ends what is under way.

        Args:
            jobs: how many at a time.
            told: is called with each that is done.
        """
        wanted = list(cells)
        done: dict[Cell, Played] = {}
        with ThreadPoolExecutor(jobs) as pool:
            futures = [pool.submit(self.play, cell) for cell in wanted]
            try:
                for future in as_completed(futures):
                    played = future.result()
                    done[played.cell] = played
                    told(played)
            except (KeyboardInterrupt, InterruptedRunError):
                self._processes.end()
                pool.shutdown(cancel_futures=True)
                raise KeyboardInterrupt from None
        return [done[cell] for cell in wanted]

    def _run(self, cell: Cell, environment: Environment) -> dict[str, Any]:
        with tempfile.TemporaryDirectory(prefix="dryfit-matrix-") as folder:
            file = Path(folder) / "result.json"
            module = ["-m", "dryfit.matrix.player", str(file), self._lane, *self._paths]
            ended = self._processes.run(
                [str(environment.python), *module], dict(_environment(cell.backend))
            )
            if ended.status or not file.exists():
                raise ProcessError(_last_words(ended.said) or f"it ended with {ended.status}")
            result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return result

    def _place(self, environment: Environment) -> Path:
        told = json.dumps([self._scenarios, self._lane, self._paths, os.getcwd()])
        short = hashlib.sha256(told.encode()).hexdigest()[:16]
        return self._results / f"{environment.id}-{short}.json"

    def _kept(self, environment: Environment) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = json.loads(self._place(environment).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if unchanged(kept["sources"]) else None

    def _keep(self, environment: Environment, result: dict[str, Any]) -> None:
        self._results.mkdir(parents=True, exist_ok=True)
        place = self._place(environment)
        half = place.with_suffix(f".{os.getpid()}.half")
        half.write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
        half.replace(place)


def _played(cell: Cell, result: dict[str, Any], how: str) -> Played:
    return Played(cell, tuple(result["rows"]), result["versions"], how=how)


def _environment(backend: str) -> Iterator[tuple[str, str]]:
    for name, value in os.environ.items():
        if name not in _NOT_FOR_CELLS:
            yield name, value
    yield "KERAS_BACKEND", backend
    yield "TF_CPP_MIN_LOG_LEVEL", "3"


def _last_words(said: str) -> str:
    """The last line of what went wrong, which names the error."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else ""
