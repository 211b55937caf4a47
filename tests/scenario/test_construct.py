"""Arguments that are made anew for each callback, and callbacks that a function makes."""

from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit.judge.verdict import judge
from dryfit.scenario.alternatives import combinations, read_alternatives
from dryfit.scenario.construct import ConstructionError, make_callbacks
from dryfit.scenario.load import load_scenarios
from dryfit.scenario.usage import UsageError


class Reports(keras.callbacks.Callback):  # type: ignore[misc]
    """Reports to an object that it is given, and stops once that has seen enough."""

    def __init__(self, trials: list[list[int]]) -> None:
        super().__init__()
        self.trials = trials

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.trials[0].append(epoch)
        self.model.stop_training = len(self.trials[0]) == 2


def new_trial() -> list[int]:
    return []


def stopping(patience: int = 0) -> Any:
    return keras.callbacks.EarlyStopping(patience=patience)


def nothing() -> int:
    return 3


NOT_CALLABLE = 3


def made(name: str, **arguments: Any) -> Any:
    (make,) = make_callbacks(((f"{__name__}:{name}", arguments),), Path.cwd())
    return make


def test_a_factory_is_called_for_each_callback() -> None:
    """Also inside of a list; what is imported is one and the same."""
    make = made("Reports", trials=[{"call": f"{__name__}:new_trial"}])
    first, second = make(), make()
    assert (first.trials, second.trials) == ([[]], [[]])
    assert first.trials[0] is not second.trials[0]


def test_a_function_makes_a_callback() -> None:
    """It takes the arguments of the item."""
    assert made("stopping", patience=7)().patience == 7


def test_what_makes_none_is_said() -> None:
    """A function that returns something else, and a factory that cannot be called."""
    with pytest.raises(ConstructionError) as caught:
        made("nothing")()
    assert str(caught.value) == ("'test_construct:nothing' made 3, no keras.callbacks.Callback")
    with pytest.raises(ConstructionError) as caught:
        made("Reports", trials={"call": "test_construct:NOT_CALLABLE"})
    assert str(caught.value) == (
        "{call: test_construct:NOT_CALLABLE}: 3 cannot be called; "
        "write {import: test_construct:NOT_CALLABLE}"
    )


def test_a_scenario_file_has_both(tmp_path: Path) -> None:
    """Each play of a file begins with a new object."""
    file = tmp_path / "calls.scenario.yaml"
    file.write_text(
        """
        name: it reports to a trial of its own
        script: {epochs: 4, metrics: {loss: 1x4, val_loss: 1x4}}
        callbacks:
          - test_construct:Reports: {trials: [{call: "test_construct:new_trial"}]}
          - test_construct:stopping: {patience: 3}
        expect: {stopped: {epoch: 1, by: Reports}}
        """
    )
    (scenario,) = load_scenarios(file)
    assert [judge(scenario, "fake").outcome for _ in range(2)] == ["passed", "passed"]


def test_arguments_of_a_function_are_checked() -> None:
    """What it does not take is refused before anything is made; alternatives are read."""
    asked = read_alternatives("test_construct:stopping: {patience: 1..3}")
    assert asked.kind() is stopping
    assert len(list(combinations([asked]))) == 3
    with pytest.raises(UsageError) as caught:
        read_alternatives("test_construct:stopping: {patiense: 1}").kind()
    assert str(caught.value) == (
        "CALLBACK: test_construct:stopping.patiense: no such argument; did you mean "
        "'patience'? test_construct:stopping takes patience"
    )
