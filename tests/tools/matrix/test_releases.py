"""Expectations for some releases, and what the fake lane's loop did in earlier ones."""

from pathlib import Path

import pytest

import dryfit_fakes.model
from dryfit import load_scenarios, play
from dryfit.judge.verdict import Verdict, judge
from dryfit.scenario.problems import ScenarioFileError
from dryfit_fakes import releases

DEFECT = """\
name: a
script: {metrics: {loss: 1x2}}
known_defect: {id: probe, when: WHEN, instead: {epochs_run: 2}}
expect: {epochs_run: PROMISED}
"""


def judged(folder: Path, when: str, promised: int) -> Verdict:
    file = folder / "a.scenario.yaml"
    file.write_text(DEFECT.replace("WHEN", when).replace("PROMISED", str(promised)))
    (scenario,) = load_scenarios(file)
    return judge(scenario, "fake")


def test_a_defect_is_expected_where_its_condition_holds(tmp_path: Path) -> None:
    """As one without a condition is."""
    assert judged(tmp_path, "keras>=3.6", 1).outcome == "known_defect"
    assert judged(tmp_path, "keras>=3.6", 2).outcome == "failed"


def test_elsewhere_the_promise_holds(tmp_path: Path) -> None:
    """And nothing else does."""
    assert judged(tmp_path, "keras<3.6", 2).outcome == "passed"
    assert judged(tmp_path, "keras<3.6", 1).outcome == "failed"


def test_a_condition_that_does_not_parse_is_an_error(tmp_path: Path) -> None:
    """With its line."""
    with pytest.raises(ScenarioFileError) as raised:
        judged(tmp_path, "keras", 1)
    assert "a.scenario.yaml:3: known_defect.when: 'keras' is no condition" in str(raised.value)


@pytest.mark.parametrize(("earlier", "ends"), [(False, [2, 5]), (True, [0, 3])])
def test_an_execution_ended_with_the_index_of_its_first_batch(
    earlier: bool, ends: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until Keras 3.10."""
    monkeypatch.setattr(releases, "_ENDS_AS_IT_BEGAN", earlier)
    run = play({"loss": "1x1"}, batches=6, steps_per_execution=3)
    assert [h.batch for h in run.hooks if h.name == "on_train_batch_end"] == ends


@pytest.mark.parametrize(
    ("earlier", "logs"), [(False, {"loss": 1.0}), (True, {"loss": 1.0, "f1": 2.0})]
)
def test_the_end_of_training_had_what_callbacks_wrote(
    earlier: bool, logs: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In Keras 3.6."""
    from dryfit_fakes import WriteLogs

    monkeypatch.setattr(dryfit_fakes.model, "EPOCH_LOGS_ARE_SHARED", earlier)
    run = play({"loss": "1x1"}, [WriteLogs(metrics={"f1": "2x1"})])
    assert run.hooks[-1].logs == logs
