"""The smallest curve that shows a statement, as a scenario."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dryfit.facts.expect_keys import BY_NAME
from dryfit.facts.notation import Raw, flow, number, series
from dryfit.judge.verdict import judge
from dryfit.lanes.temporary import temporary_folder
from dryfit.run.run import Run
from dryfit.scenario.alternatives import Item
from dryfit.scenario.layout import document
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.naming import SUFFIX
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.trust import Trust
from dryfit.tools.together.kinds import Kind, Who, best_epoch, differing
from dryfit.tools.together.played_pair import CannotPlayError, Take
from dryfit.tools.together.tried_curves import VALUES
from dryfit_fakes.script import Script
from dryfit_fakes.weights import Weights


def smallest(take: Take, shows: Callable[[Take], bool], plainer: bool) -> Take:
    """Take away epochs, and make values plainer, for as long as the curve shows the same.

    Args:
        take: what to begin with.
        shows: whether a curve shows it.
        plainer: whether values may be others.
    """
    while (smaller := next(_smaller(take, shows, plainer), None)) is not None:
        take = smaller
    return take


def _smaller(take: Take, shows: Callable[[Take], bool], plainer: bool) -> Iterator[Take]:
    scripts = [*_shorter(take.script), *(_plainer(take.script) if plainer else ())]
    for script in scripts:
        candidate = replace(take, script=script)
        try:
            if shows(candidate):
                yield candidate
        except CannotPlayError:
            continue


def _columns(script: Script) -> dict[str, list[Any]]:
    return {n: [script.value(n, e) for e in range(script.epochs)] for n in script.series}


def _shorter(script: Script) -> Iterator[Script]:
    for gone in reversed(range(script.epochs if script.epochs > 1 else 0)):
        kept = {
            name: [value for epoch, value in enumerate(values) if epoch != gone]
            for name, values in _columns(script).items()
        }
        yield replace(script, epochs=script.epochs - 1, metrics=kept)


def _plainer(script: Script) -> Iterator[Script]:
    """The same with one value that stands further in front of `VALUES`."""
    columns = _columns(script)
    texts = list(map(repr, VALUES))  # nan is not equal to itself
    for name, values in columns.items():
        for epoch, value in enumerate(values):
            rank = texts.index(repr(value)) if repr(value) in texts else len(texts)
            for other in VALUES[:rank]:
                changed = [*values[:epoch], other, *values[epoch + 1 :]]
                yield replace(script, metrics={**columns, name: changed})


def scenario_of(sentence: str, about: str, take: Take, kind: Kind, who: Who) -> str:
    """Write the scenario, and play it: empty where no file shows it."""
    different = differing(take) if kind.orders else set()
    if different:
        text = _swapped(sentence, about, take, different)
    else:
        text = _plain(sentence, about, take, kind, who)
    return text if _holds(text, take.trust) else ""


def _plain(sentence: str, about: str, take: Take, kind: Kind, who: Who) -> str:
    expect: dict[str, Any] = {}
    for key in kind.expect:
        expect |= _best(take.both, who) if key == "best" else _expected(take.both, key)
    callbacks = [(name, settings) for name, settings in take.items]
    return document(sentence, [about], _keys(take.script), callbacks, expect)


def _swapped(sentence: str, about: str, take: Take, keys: set[str]) -> str:
    """Both orders, as variants over one script."""
    text = document(sentence, [about], _keys(take.script), [], {}).split("callbacks: []")[0]
    lines = ["variants:"]
    orders = (("as listed", take.items, take.both), ("swapped", take.items[::-1], take.swapped))
    for title, items, run in orders:
        lines += [f"  {title}:", "    callbacks:", *_listed(items), "    expect:"]
        expect = {k: v for key in sorted(keys) for k, v in _expected(run, key).items()}
        lines += [f"      {key}: {flow(value)}" for key, value in expect.items()]
    return text + "\n".join(lines) + "\n"


def _listed(items: Sequence[Item]) -> Iterator[str]:
    for name, settings in items:
        yield f"      - {name}: {flow(dict(settings))}" if settings else f"      - {name}"


def _keys(script: Script) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    if script.learning_rate is not None:
        keys["learning_rate"] = Raw(number(script.learning_rate))
    values = {name: series(map(number, column)) for name, column in _columns(script).items()}
    return keys | {"metrics": values}


@dataclass
class _RunAlone:
    """A run as facts are asked of it: all there is of a call that raised nothing."""

    run: Run
    error: BaseException | None = None
    files: dict[str, Weights | str] = field(default_factory=dict)
    message: str = ""
    written: tuple[str, ...] = ()
    ranks: tuple["_RunAlone", ...] = ()


def _expected(run: Run, key: str) -> dict[str, Any]:
    return {key: Raw(BY_NAME[key].write(_RunAlone(run), None, exact=False))}


def _best(run: Run, who: Who) -> dict[str, Any]:
    """Who takes which epoch for the best."""
    expect: dict[str, Any] = {"state": {}}
    for index, name in enumerate(run.callbacks):
        if getattr(who.made[index], "save_best_only", False):
            saved = [c for c in run.checkpoints if c.by == name]
            expect["checkpoints"] = [{"epoch": c.epoch, "by": name} for c in saved]
        elif best_epoch(run, index, who.made[index]) is not None:
            values = run.state[f"{name}.best_epoch"]
            expect["state"][f"{name}.best_epoch"] = series(map(number, values))
    return {key: value for key, value in expect.items() if value}


def _holds(text: str, trust: Trust) -> bool:
    with temporary_folder() as folder:
        file = Path(folder, f"witness{SUFFIX}")
        file.write_text(text, encoding="utf-8")
        try:
            scenarios = load_scenarios(file, trust=replace(trust, imports=True))
            return all(judge(scenario, "fake").holds for scenario in scenarios)
        except ScenarioFileError:
            return False
