"""The card, and the ways to ask for it: Python, the command line and pytest."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
import pytest
from careless import NeverReset, ReadsValLoss

from dryfit.check import CheckFailedError, Result, check_callback
from dryfit.cli import main
from dryfit.demo import MyEarlyStopping
from dryfit.tools.check.battery import CHECKS
from dryfit.tools.check.situations import Curves

CARD = """\
careless:ReadsValLoss
  ✓ signatures of hooks      1 hook, all callable
  ✓ names of hooks           every method that is named like a hook is one
  ✓ hooks that run           each runs when it is called
  ✓ plain run                comes to its end, 8 epochs
  ✓ left over from Keras 2   nothing that Keras 3 does not have
  ✓ shortest run             comes to its end, 1 epoch
  ✓ no epochs                comes to its end, 0 epochs
  ✗ no validation            KeyError: 'val_loss' in on_epoch_end of epoch 0
      at: tests/tools/check/careless.py:43, in on_epoch_end
      why: Without validation_data there are no val_ keys.
      write: logs.get("val_loss"), and what to do where it is None; --raises TYPE if it is meant
  ✗ rare validation          KeyError: 'val_loss' in on_epoch_end of epoch 0
      at: tests/tools/check/careless.py:43, in on_epoch_end
      why: With validation_freq=2 every second epoch has no val_ keys.
      write: logs.get("val_loss"), and nothing in an epoch where it is None
  ✓ missing keys             comes to its end, 4 epochs
  ✓ empty logs               comes to its end, 3 epochs
  ✓ logs=None                comes to its end, 3 epochs
  ✓ unknown steps            comes to its end, 3 epochs
  ✓ NaN first                decides later epochs as it does without
  ✓ NaN later                decides later epochs as it does without
  ✓ inf first                decides later epochs as it does without
  ✓ inf later                decides later epochs as it does without
  ✓ initial_epoch            comes to its end, 3 epochs
  ✓ steps_per_execution      comes to its end, 3 epochs
  ✓ evaluate only            comes to its end
  ✓ predict only             comes to its end
  ✓ stopped by another       comes to its end, 2 epochs
  ✓ stopped mid-epoch        comes to its end, 2 epochs
  ✓ before the built-ins     comes to its end, 4 epochs
  ✓ behind the built-ins     comes to its end, 4 epochs
  ✓ two fits                 decides nothing, both times
  ✓ attributes reset         nothing that it collects has grown with the second fit
  ✓ after an exception       the next fit comes to its end
  ✓ two instances            decides nothing, both times
  ✓ one container            each instance has its own
  ✓ module state             what it remembers, it keeps in itself
  ✓ deep copy                decides nothing, both times
  ✓ pickling                 decides nothing, both times
  ✓ shared logs              changes nothing that the model reports
  ✓ learning rate left       does not touch the rate
  ✓ learning rate schedule   comes to its end
  ✓ settings with effect     sets no number and no flag that a step is traced with
  ✓ attributes of the model  leaves none
  ✓ weights by reference     keeps no variables of the model as if they were values
  ✓ resumed                  decides nothing
  ✓ open files               all are closed
  ✓ figures                  leaves none open
  ✓ temporary files          all are gone
  ✓ threads                  leaves no thread
  ✓ environment              as before
  ✓ working directory        as before
  ✓ signal handlers          as before
  ✓ global random state      as before
  ✓ warning filters          as before
  ✓ streams                  as before
  ✓ closed streams           as before
  ✓ garbage collection       as before
  ✓ recursion limit          as before
  ✓ trace functions          as before
  ✓ Keras settings           as before
  ✓ output per batch         no file and no line for each batch
  ✓ slow hooks               does nothing in on_train_batch_end
57 checks: 55 passed, 2 failed, 0 not applicable

no validation, as a scenario:

    name: "careless:ReadsValLoss: no validation"
    about: "A run without validation: no val_ keys."
    script:
      epochs: 4
      batches: 3
      metrics:
        loss: 1-0.04x4
        accuracy: 0.1+0.04x4
    callbacks:
      - careless:ReadsValLoss
    expect:
      last_hook: on_train_end

rare validation, as a scenario:

    name: "careless:ReadsValLoss: rare validation"
    about: "Validation in every second epoch: the val_ keys come and go."
    script:
      epochs: 4
      batches: 3
      metrics:
        loss: 1-0.04x4
        accuracy: 0.1+0.04x4
        val_loss: _ 0.96 _ 0.88
        val_accuracy: _ 0.14 _ 0.22
      validation_freq: 2
    callbacks:
      - careless:ReadsValLoss
    expect:
      last_hook: on_train_end
"""


def test_the_command_prints_the_card(capsys: pytest.CaptureFixture[str]) -> None:
    """The whole card of a callback that reads what may not be there; status 1."""
    assert main(["check", "careless:ReadsValLoss"]) == 1
    assert capsys.readouterr().out == CARD


def test_json_and_scenario_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The JSON has the fixed keys; the files that are written fail as the card says."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    folder = tmp_path / "saved"
    status = main(["check", "careless:ReadsValLoss", "--format=json", f"--scenarios={folder}"])
    card: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert status == 1
    assert list(card) == ["callback", "results"]
    assert [list(r) for r in card["results"]] == [list(asdict(Result("", "", "")))] * len(CHECKS)
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{r['name'].replace(' ', '-').lower()}.scenario.yaml"
        for r in card["results"]
        if r["scenario"]
    )
    assert main(["run", str(folder / "no-validation.scenario.yaml")]) == 1
    assert main(["run", str(folder / "plain-run.scenario.yaml")]) == 0


def test_several_targets_and_bad_ones(capsys: pytest.CaptureFixture[str]) -> None:
    """Status 0 where nothing failed, 2 for what is no callback."""
    assert main(["check", "TerminateOnNaN", "CSVLogger: {filename: a.csv}"]) == 0
    assert capsys.readouterr().out.count("0 failed") == 2
    assert main(["check", "EarlyStoping"]) == 2
    assert "did you mean 'EarlyStopping'?" in capsys.readouterr().err
    assert main(["check", "ReduceLROnPlateau: {factor: 2}"]) == 2
    assert "factor" in capsys.readouterr().err
    assert main(["check", "CSVLogger"]) == 2
    assert "'filename'; arguments stand behind the name: 'Name: {" in capsys.readouterr().err
    assert main(["check", "keras.callbacks:Nothing"]) == 2
    assert "keras.callbacks has no 'Nothing'\n" in capsys.readouterr().err  # too many to name
    assert main(["check", "dryfit.demo:Nothing"]) == 2
    assert "has no 'Nothing'; its callbacks are MyEarlyStopping" in capsys.readouterr().err


def test_the_three_ways_to_name_one() -> None:
    """A class with arguments, a function that makes one and a text give the same results."""
    by_class = check_callback(MyEarlyStopping, patience=3)
    by_text = check_callback("dryfit.demo:MyEarlyStopping: {patience: 3}")
    by_function = check_callback(lambda: MyEarlyStopping(patience=3))
    assert by_class.failed == ("no validation", "rare validation")
    seen = [[(r.name, r.reason) for r in card.results] for card in (by_class, by_text, by_function)]
    assert seen[0] == seen[1] == seen[2]


def test_an_instance_is_refused() -> None:
    """Every scenario needs a fresh callback, and it is said how."""
    with pytest.raises(TypeError, match="give the class and its arguments, or a function"):
        check_callback(keras.callbacks.History())
    one = keras.callbacks.History()
    with pytest.raises(TypeError, match="the same instance twice"):
        check_callback(lambda: one)
    with pytest.raises(TypeError, match=r"no keras\.callbacks\.Callback"):
        check_callback(dict)


def test_assert_passed() -> None:
    """It raises with the card; except_ takes names, and no more of them than are needed."""
    card = check_callback(NeverReset)
    assert card.failed == ("two fits",)
    counts = f"{len(card.passed)} passed, 1 failed (two fits), {len(card.not_applicable)} not"
    assert repr(card) == f"<Card of NeverReset: {counts} applicable>"
    with pytest.raises(KeyError, match="no check 'nothing'; there are signatures of hooks"):
        card["nothing"]
    with pytest.raises(CheckFailedError, match="✗ two fits"):
        card.assert_passed()
    card.assert_passed(except_=["two fits"])
    with pytest.raises(CheckFailedError, match="does not fail 'pickling': take it out"):
        card.assert_passed(except_=["two fits", "pickling"])
    with pytest.raises(KeyError, match="no check 'two fitz'; did you mean 'two fits'"):
        card.assert_passed(except_=["two fitz"])


def test_a_card_is_saved(tmp_path: Path) -> None:
    """As text, or as JSON where the name says so."""
    card = check_callback(ReadsValLoss)
    card.save(tmp_path / "card.txt")
    card.save(tmp_path / "card.json")
    assert (tmp_path / "card.txt").read_text() == f"{card.text()}\n"
    assert json.loads((tmp_path / "card.json").read_text()) == card.as_json()


def test_a_meant_exception_is_no_defect() -> None:
    """An exception of the callback's own package ends a run, and so does one that is named."""

    class PrunedError(Exception):
        pass

    class Prunes(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if "val_loss" not in (logs or {}):
                raise ValueError("there is nothing to decide by")
            if epoch == 2:
                raise PrunedError

    card = check_callback(Prunes)
    assert card.failed == ("no validation", "rare validation")
    assert card["plain run"].reason == "raises on purpose: PrunedError in on_epoch_end of epoch 2"
    card = check_callback(Prunes, check_raises=ValueError)
    assert card.failed == ()
    assert card["no validation"].reason == (
        "raises on purpose: ValueError: there is nothing to decide by in on_epoch_end of epoch 0"
    )


def test_the_fixture(pytester: pytest.Pytester) -> None:
    """One line in a test; the failure is the card."""
    pytester.makepyfile(
        """
        from keras.callbacks import TerminateOnNaN
        from dryfit.demo import MyEarlyStopping

        def test_good(check_callback):
            check_callback(TerminateOnNaN).assert_passed()

        def test_bad(check_callback):
            check_callback(MyEarlyStopping, patience=3).assert_passed()
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*57 checks: 55 passed, 2 failed, 0 not applicable"])


BOTH = """
from dryfit.cli import main
for seed in (0, 7):
    main(["check", f"--seed={seed}", "--format=json", "EarlyStopping: {patience: 3}"])
"""


def test_the_output_is_the_same_every_time() -> None:
    """Two processes with other hash seeds print the same bytes, for each of two seeds."""
    texts = [
        subprocess.run(
            [sys.executable, "-c", BOTH],
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": hashed},
        ).stdout
        for hashed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert texts[0].count(b'"name": "NaN first"') == 2


def test_seeds_differ() -> None:
    """Another seed is other numbers."""
    assert Curves(seed=1).improving(4) != Curves(seed=2).improving(4)
    assert Curves(seed=1).improving(4) == Curves(seed=1).improving(4)


def test_there_are_enough_checks() -> None:
    """25 or more, each with a question."""
    assert len(CHECKS) >= 25
    assert all(check.asks.endswith((".", ":")) for check in CHECKS)
    assert len({check.name for check in CHECKS}) == len(CHECKS)
