"""What several commands share."""

import argparse
import json
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dryfit.scenario.load import Scenario


def add_gpu_limit(command: argparse.ArgumentParser) -> None:
    """Add the option."""
    text = "how much of a GPU's memory the real lane's backend may take (default: 1024)"
    command.add_argument("--gpu-memory-limit", metavar="MB", help=text)


def limit_gpu(options: argparse.Namespace, lanes: Sequence[str]) -> str:
    """Limit the real lane's GPU before anything uses it; say where that lane plays, if it does."""
    from dryfit.lanes import gpu

    try:
        gpu.ask_for(options.gpu_memory_limit)
        return gpu.limit_gpu_memory() if "real" in lanes else ""
    except (gpu.GpuLimitError, ValueError) as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None


def load(paths: Iterable[Path]) -> Iterator["Scenario"]:
    """Load every scenario under some paths; all problems of all files at once."""
    from dryfit.scenario.load import find_files, load_scenarios
    from dryfit.scenario.problems import Problem, ScenarioFileError

    problems: list[Problem] = []
    files = list(find_files(list(paths)))
    for file in files:
        try:
            yield from load_scenarios(file)
        except ScenarioFileError as error:
            problems += error.problems
    if problems:
        raise ScenarioFileError(problems)
    if not files:
        names = ", ".join(map(str, paths))
        raise ScenarioFileError([Problem(Path(names), 1, "", "no *.scenario.yaml file in there")])


@contextmanager
def quiet() -> Iterator[None]:
    """What callbacks print and warn is recorded, and no part of the verdicts."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def progress(items: list[Any]) -> Iterable[Any]:
    """A progress bar on a terminal, and none in a pipe."""
    if not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import track

    return track(items, description="playing", console=Console(stderr=True), transient=True)


def plain(value: Any) -> Any:
    """Write nan and inf as text, and arrays as lists: what JSON has not."""
    if hasattr(value, "tolist"):  # a metric that is an array, or a number of numpy's
        value = value.tolist()
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return value


def print_json(data: Any) -> None:
    """Print data as JSON, letters of any language as they are."""
    print(json.dumps(data, indent=2, ensure_ascii=False))
