"""Everything of dryfit that writes a file for its user, each in the working directory."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet  # noqa: F401  # once, and not in every process

from dryfit.cli import main
from dryfit.scenario.whole_file import append_text
from dryfit.show.page import entry
from dryfit.show.page.page import write_page
from dryfit.show.plot.plot import plot, save
from dryfit.show.result_files import TestResult, write_results
from dryfit.sweep import sweep
from dryfit.tools.check.report_card import Card, Result
from dryfit.tools.matrix.environments import Environment
from dryfit.tools.matrix.player import Player
from dryfit.tools.sweep.cells_file import write_cells
from dryfit.tools.sweep.chunks import KeptChunks
from dryfit.tools.sweep.curve_arrays import SweptCurve, as_arrays
from dryfit.tools.sweep.outcomes import empty

SCENARIO = "name: a\nscript: {metrics: {loss: 1 2}}\nexpect: {epochs_run: 3}\n"
OLD = "something that was here before\n" * 300
RESULTS = tuple(
    Result(name, "failed", "it is wrong " * 200, scenario=SCENARIO * 50) for name in ("one", "two")
)


@dataclass(frozen=True)
class Writer:
    """One of them.

    Attributes:
        write: writes into the working directory; may give an exit status.
        before: the files that are there before, with what is in them.
    """

    write: Callable[[], object]
    before: dict[str, str]


def _run() -> Any:
    from dryfit import play

    return play({"loss": "1 .9 .8"}, [])


def _page() -> None:
    write_page(Path("page.html"), [entry.of_test("a", "a.py", 1, "it failed", [])])


def _picture() -> None:
    save(plot(_run()), Path("a.svg"))


def _recording() -> None:
    from dryfit import Recorder, play

    play({"loss": "1 .9"}, Recorder([], save="a.scenario.yaml"))


def _bench() -> int:
    from dryfit.cli import bench_command

    bench_command._measure = lambda options: ([], {"batches": 10, "step": None})
    return main(["bench", "TerminateOnNaN", "--out", "cost"])


def _result_of_a_cell() -> None:
    class _Kept(Player):
        def __init__(self) -> None:
            self._results, self._trust = Path("results"), ""
            self._scenarios, self._lane, self._paths = "", "fake", []

        def _place(self, environment: Environment) -> Path:
            return self._results / "kept.json"

    _Kept()._keep(Environment(Path("python"), "id", True), {"rows": ["row"] * 2000})


def _history() -> int:
    return main(["record", "--from", "log.json", "--out", "new.scenario.yaml"])


def _results() -> None:
    results = [TestResult("a", "one", "failed", text="it is wrong " * 500)]
    list(write_results(Namespace(junitxml=Path("a.xml"), ctrf=Path("a.json")), results, 0.0, 1.0))


def _cells() -> None:
    result = sweep("curves.csv", "EarlyStopping: {patience: 1..3, monitor: loss}", audit=0)
    write_cells(replace(result, seconds=0.0, audit_seconds=0.0), Path("cells.parquet"))


def _part() -> None:
    chunk: Any = Namespace(at=(slice(0, 20), slice(0, 20)))
    curves = as_arrays([SweptCurve(f"c{n}", 0, {"loss": (1.0,)}) for n in range(20)])
    KeptChunks(Path("parts"), "of what").write(chunk, empty(20, curves))


COST = {f"cost{suffix}": OLD for suffix in (".json", ".md", ".html")}
WRITERS = {
    "accept": Writer(lambda: main(["accept", "a.scenario.yaml"]), {"a.scenario.yaml": SCENARIO}),
    "bench --out": Writer(_bench, COST),
    "run --junitxml --ctrf": Writer(_results, {"a.xml": OLD, "a.json": OLD}),
    "sweep --out": Writer(
        _cells, {"curves.csv": "epoch,loss\n0,2\n1,1\n2,3\n", "cells.parquet": OLD}
    ),
    "sweep's kept part": Writer(_part, {}),
    "card": Writer(lambda: Card("Mine", RESULTS).save("card.json"), {"card.json": OLD}),
    "check --scenarios": Writer(
        lambda: Card("Mine", RESULTS).save_scenarios("."),
        {"one.scenario.yaml": OLD, "two.scenario.yaml": OLD},
    ),
    "matrix": Writer(_result_of_a_cell, {"results/kept.json": OLD}),
    "picture": Writer(_picture, {"a.svg": OLD}),
    "record --out": Writer(_history, {"log.json": '{"loss": [1.0, 0.5]}'}),
    "recording": Writer(_recording, {"a.scenario.yaml": OLD}),
    "report": Writer(_page, {"page.html": OLD}),
    "summary": Writer(lambda: append_text(Path("summary.md"), OLD.upper()), {"summary.md": OLD}),
}


def put(writer: Writer) -> None:
    """Lay the files of before into the working directory."""
    for name, text in writer.before.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)


def files() -> dict[str, bytes]:
    """What is in the working directory, but for what a killed writer left beside a file."""
    found = (path for path in Path().rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found if path.suffix != ".part"}
