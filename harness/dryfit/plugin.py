"""The pytest plugin: wiring only.

Neither Keras nor numpy is imported before a fixture is used.
"""

import sys
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dryfit.lanes.fake import ScriptedModel
    from dryfit.run import Run
    from dryfit_fakes.script import Script

_RUNS = pytest.StashKey[list["Run | ScriptedModel"]]()


@pytest.fixture
def scripted_fit(request: pytest.FixtureRequest) -> Callable[..., "Run"]:
    """Play a script to callbacks: ``scripted_fit(metrics, callbacks=[...], epochs=...)``.

    Takes what `dryfit.play` takes: a `Script` or its metrics, ``callbacks``,
    ``lane="fake"``, ``after=`` an earlier run, and the keys of a script. Returns
    a `dryfit.Run`.
    """

    def fit(script: "Script | Mapping[str, Any]", callbacks: Any = None, **options: Any) -> "Run":
        __tracebackhide__ = True
        from dryfit.lanes import play

        try:
            run = play(script, callbacks, **options)
        except BaseException as error:
            _keep(request, getattr(error, "run", None))
            raise
        _keep(request, run)
        return run

    return fit


@pytest.fixture
def scripted_model(request: pytest.FixtureRequest) -> Callable[..., "ScriptedModel"]:
    """Make a model that follows a script: ``scripted_model(metrics, epochs=...)``.

    Takes a `Script` or its metrics, the keys of a script, and ``model=`` a
    ``keras.Model`` to lend.
    """

    def make(
        script: "Script | Mapping[str, Any]", *, model: Any = None, **keys: Any
    ) -> "ScriptedModel":
        __tracebackhide__ = True
        from dryfit.lanes.fake import ScriptedModel
        from dryfit_fakes.script import Script

        scripted = ScriptedModel(Script.of(script, **keys), model=model)
        _keep(request, scripted)
        return scripted

    return make


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the epoch tables of a test that fails in its call."""
    report = yield
    if report.failed and call.when == "call":
        for number, run in enumerate(_runs(item, call)):
            report.sections.append((f"dryfit: epoch table of run {number}", run.table()))
    return report


def _keep(request: pytest.FixtureRequest, run: "Run | ScriptedModel | None") -> None:
    if run is not None:
        request.node.stash.setdefault(_RUNS, []).append(run)


def _runs(item: pytest.Item, call: pytest.CallInfo[None]) -> list["Run"]:
    """The runs of the fixtures, and those that the failing test holds in its variables."""
    module = sys.modules.get("dryfit.run")
    if module is None:
        return []
    found: list[Any] = []
    for made in item.stash.get(_RUNS, []):
        found += getattr(made, "runs", [made])
    if call.excinfo is not None:
        frames = [entry.frame for entry in call.excinfo.traceback]
        found += [value for frame in frames for value in frame.f_locals.values()]
    runs = [run for run in found if isinstance(run, module.Run)]
    return list({id(run): run for run in runs}.values())
