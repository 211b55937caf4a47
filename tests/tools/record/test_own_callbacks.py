"""A recording has no callback whose decisions a replay cannot make again, and says why."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import own_callbacks as own
import pytest

from dryfit import Recorder, load_scenarios
from dryfit.judge.verdict import judge
from dryfit.tools.record.code_needs import what_it_needs

K = keras.callbacks


def fit(file: Path, callbacks: list[Any], **keys: Any) -> str:
    """Record a fit of three epochs; return the text of the file, whose replay holds."""
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((4, 1), "float32")
    recorder = Recorder(callbacks, save=file, **keys)
    model.fit(x, x, batch_size=2, epochs=3, verbose=0, callbacks=[recorder])
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, "fake")
    assert (verdict.outcome, verdict.failures) == ("passed", ())
    return file.read_text(encoding="utf-8")


SAYS_NOTHING = ", of which a script says nothing"


@pytest.mark.parametrize(
    ("callback", "told"),
    [
        (own.Layers(), f"it uses model.layers{SAYS_NOTHING}"),
        (own.Losses(), f"it uses model.losses{SAYS_NOTHING}"),
        (
            own.Evaluates(),
            f"it calls model.evaluate{SAYS_NOTHING}; WriteLogs, StopAt in its place",
        ),
        (own.Calls(), "it calls its model"),
        (own.Asserts(), "it asks what its model is"),
        (own.Limited(0), "it looks at the clock (monotonic); StopAt in its place"),
        (own.Chance(), "it draws at random (random.random); StopAt in its place"),
        (own.Looks(), "it reads files (os.path.exists)"),
        (own.Reads(), "it reads files (Path('STOP').exists)"),
        (own.Posts(), "it reaches outside (urllib.request.urlopen)"),
        (
            own.Norm(),
            "it looks into weights, whose numbers are nobody's; WriteLogs, StopAt in its place",
        ),
        (own.Momentum(), f"it uses optimizer.momentum{SAYS_NOTHING}"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, K.Callback) else "",
)
def test_what_is_left_out(
    file: Path, callback: Any, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With actors in its place; in the file and on the screen."""
    line = f"left out: {type(callback).__name__}: {told}\n"
    assert f"  {line}" in fit(file, [callback])
    assert f"run.scenario.yaml: {line}" in capsys.readouterr().err


@pytest.mark.parametrize(
    "callback",
    [own.WarmUp(0.1), own.Harmless(), own.Resets()],
    ids=["WarmUp", "Harmless", "Resets"],
)
def test_what_is_kept(file: Path, callback: Any) -> None:
    """A scheduler with a schedule of its own by default; one that asks for what is there."""
    name = type(callback).__name__
    text = fit(file, [callback])
    assert f"  - own_callbacks:{name}" in text
    told = (
        f"  not replayed: {name} may act on more than the model; Recorder(verify=True) replays it\n"
    )
    assert told in text


def test_keras_and_ours_ask_for_nothing() -> None:
    """What they need is known, and their files are replayed."""
    kinds = [getattr(K, name) for name in dir(K) if name[0].isupper()]
    needs = {kind.__name__: what_it_needs(object.__new__(kind)) for kind in kinds}
    assert {name: need for name, need in needs.items() if need} == {}


def test_a_schedule_of_a_scheduler_with_logic_of_its_own(file: Path) -> None:
    """The rates that it gave do not say what it does."""
    text = fit(file, [own.WarmUp(0.1, lambda epoch, rate: 0.5)])
    assert "  left out: WarmUp: its schedule is function, no plain value" in text


def test_a_training_replays_its_own_file(file: Path) -> None:
    """What raises in the replay is left out, if its own callbacks may be played again."""
    text = fit(file, [own.FailsAgain(), K.TerminateOnNaN()], verify=True)
    assert "  left out: FailsAgain: its replay raised AssertionError" in text
    assert "not replayed" not in text


def test_what_decides_otherwise_in_the_replay_is_left_out(file: Path) -> None:
    """An actor stands in its place; whoever did as before stays."""
    text = fit(file, [own.Harmless(), own.Once()], verify=True)
    told = "left out: Once: it did not decide the same in its replay; StopAt in its place"
    assert f"  {told}\n" in text
    assert "  stopped: {epoch: 1, by: StopAt}\n" in text
    assert "  - own_callbacks:Harmless\n" in text


def test_what_a_replay_does_not_meet_is_not_expected(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said what was recorded, and what came; here of weights that nobody can say."""
    monkeypatch.setattr("dryfit.tools.record.decisions.Whose.now", {"epoch": 1})
    text = fit(file, [K.TerminateOnNaN()])
    assert "weights:" not in text.partition("expect:\n")[2]
    assert (
        "  left out of expect: weights: epoch 1 was recorded, and the replay has the weights of "
        "epoch 2, batch 1\n"
    ) in text


def test_a_replay_that_takes_too_long(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file stands, and says that nobody knows whether it holds."""
    monkeypatch.setattr("dryfit.tools.record.own_replay.MOST_S", 1e-6)
    text = fit(file, [K.TerminateOnNaN()])
    assert "  not replayed to its end: it took longer than 1e-06 s\n" in text


def test_verify_without_a_file() -> None:
    """There is nothing to replay."""
    with pytest.raises(ValueError, match="verify= replays what is saved, and save= says where"):
        Recorder([], verify=True)
