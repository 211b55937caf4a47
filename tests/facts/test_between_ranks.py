"""What several ranks do alike, and where they part: `expect: {ranks: [...]}`."""

import re
from pathlib import Path

import pytest

from dryfit import load_scenarios
from dryfit.cli import main
from dryfit.judge.parity import differences_of
from dryfit.scenario.playing import play_scenario
from dryfit.scenario.problems import ScenarioFileError

# Rank 0 has no better loss after epoch 1; rank 1 has one in epoch 3.
OWN = "[{val_loss: .9 .5 .6x4}, {val_loss: .9 .5 .6 .4 .45 .46}]"
SAVES = "ModelCheckpoint: {{filepath: {}.weights.h5, save_weights_only: true{}}}"


def written(tmp_path: Path, script: str, callbacks: str, expected: str) -> Path:
    """A scenario in a file."""
    file = tmp_path / "ranks.scenario.yaml"
    file.write_text(
        f"name: ranks\nscript: {script}\ncallbacks: {callbacks}\nexpect: {expected}\n",
        encoding="utf-8",
    )
    return file


def told(file: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What the command says of each mismatch, on one line."""
    status = main(["run", str(file)])
    lines = capsys.readouterr().out.splitlines()
    found = [i for i, line in enumerate(lines) if line.startswith("    exp: ")]
    assert status == bool(found)
    return [
        " | ".join(part.strip().partition("  (")[0] for part in lines[i - 1 : i + 2]) for i in found
    ]


@pytest.mark.parametrize(
    ("script", "callbacks", "word", "expected"),
    [
        pytest.param(
            f"{{ranks: 2, metrics: {OWN}}}",
            "[EarlyStopping: {patience: 2}]",
            "stop_together",
            "ranks: stop_together, epoch 3 | exp: every rank stops in the same place | "
            "got: rank 0 stops by EarlyStopping (val_loss 0.6); "
            "rank 1 goes on (val_loss 0.4), and waits for ever",
            id="stops-alone",
        ),
        pytest.param(
            "{ranks: 2, metrics: {loss: 3 2 1}}",
            "[[], [StopAt: {epoch: 1}]]",
            "stop_together",
            "ranks: stop_together, epoch 1 | exp: every rank stops in the same place | "
            "got: rank 1 stops by StopAt; rank 0 goes on, and waits for ever",
            id="the-other-stops",
        ),
        pytest.param(
            "{ranks: 2, batches: 4, metrics: [{loss: 3 2 1}, {loss: 3 nan 1}]}",
            "[TerminateOnNaN]",
            "stop_together",
            "ranks: stop_together, epoch 1 | exp: every rank stops in the same place | "
            "got: rank 1 stops by TerminateOnNaN in batch 0 (loss nan); "
            "rank 0 goes on (loss 2), and waits for ever",
            id="in-an-epoch-that-both-end",
        ),
        pytest.param(
            "{ranks: 2, learning_rate: 1, metrics: [{val_loss: 3 3 3 3}, {val_loss: 3 2 2 2}]}",
            "[ReduceLROnPlateau: {patience: 1, factor: .5}]",
            "same_rate",
            "ranks: same_rate, epoch 2 | exp: every rank trains with the same rate | "
            "got: rank 0 trains with 0.5, set by ReduceLROnPlateau in epoch 1 (val_loss 3); "
            "rank 1 trains with 1",
            id="rates",
        ),
        pytest.param(
            "{ranks: 2, learning_rate: 1, batches: 4, metrics: {loss: 3 3}}",
            "[[], [SetLearningRateAt: "
            "{learning_rate: .5, epoch: 1, batch: 2, hook: on_train_batch_begin}]]",
            "same_rate",
            "ranks: same_rate, epoch 1 | exp: every rank trains with the same rate | "
            "got: rank 0 trains with 1; "
            "rank 1 trains with 0.5, set by SetLearningRateAt in epoch 1",
            id="rates-in-an-epoch",
        ),
        pytest.param(
            "{ranks: 2, metrics: [{val_loss: 3 2 2.5}, {val_loss: 3 3.5 1}]}",
            f"[{SAVES.format('best', ', save_best_only: true')}]",
            "same_checkpoints",
            "ranks: same_checkpoints, epoch 1 | "
            "exp: every rank writes the same files of weights | "
            "got: rank 0 writes best.weights.h5 (val_loss 2); rank 1 writes nothing (val_loss 3.5)",
            id="checkpoints",
        ),
        pytest.param(
            "{ranks: 2, metrics: {loss: 3 2}}",
            f"[{SAVES.format('last', '')}]",
            "only_rank_0_writes",
            "ranks: only_rank_0_writes, epoch 0 | exp: no rank but 0 writes files | "
            "got: rank 1 writes last.weights.h5, by ModelCheckpoint",
            id="weights-of-another",
        ),
        pytest.param(
            "{ranks: 2, metrics: {loss: 3 2}}",
            "[CSVLogger: {filename: log.csv}]",
            "only_rank_0_writes",
            "ranks: only_rank_0_writes | exp: no rank but 0 writes files | "
            "got: rank 1 writes log.csv",
            id="a-log-of-another",
        ),
    ],
)
def test_the_epoch_and_the_values_are_told(
    script: str,
    callbacks: str,
    word: str,
    expected: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Of the place where two ranks part, with who did it; and as a mapping it holds."""
    assert told(written(tmp_path, script, callbacks, f"{{ranks: [{word}]}}"), capsys) == [expected]
    file = written(tmp_path, script, callbacks, f"{{ranks: {{{word}: false}}}}")
    assert told(file, capsys) == []


def test_what_is_not_so_is_a_mismatch_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ranks with one script do everything alike."""
    script = "{ranks: 3, metrics: {val_loss: .9 .5 .6x4}}"
    stopping = "[EarlyStopping: {patience: 2}, ReduceLROnPlateau: {patience: 1}]"
    words = "stop_together, same_rate, same_checkpoints, only_rank_0_writes"
    assert told(written(tmp_path, script, stopping, f"{{ranks: [{words}]}}"), capsys) == []
    file = written(tmp_path, script, stopping, "{ranks: {stop_together: false}}")
    assert told(file, capsys) == [
        "ranks: stop_together | exp: not that every rank stops in the same place | got: they do"
    ]


def test_rates_are_compared_as_long_as_both_train(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A rank that has stopped has no other rate."""
    script = "{ranks: 2, learning_rate: 1, metrics: {loss: 3 2 1}}"
    callbacks = "[[StopAt: {epoch: 0}], [SetLearningRateAt: {learning_rate: .5, epoch: 1}]]"
    assert told(written(tmp_path, script, callbacks, "{ranks: [same_rate]}"), capsys) == []


def test_an_exception_on_another_rank_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is expected of rank 0; and it ends there alone."""
    script = "{ranks: 2, metrics: {loss: 3 2 1}}"
    raises = '[[], [RaiseAt: {epoch: 1, raises: {import: "builtins:LookupError"}}]]'
    file = written(tmp_path, script, raises, "{epochs_run: 3, ranks: [stop_together]}")
    assert told(file, capsys) == [
        "ranks: stop_together, epoch 1 | exp: every rank stops in the same place | "
        "got: rank 1 ends with LookupError; rank 0 goes on, and waits for ever",
        "raises, on rank 1, epoch 1 | exp: no exception | "
        "got: LookupError by RaiseAt in on_epoch_end",
    ]


@pytest.mark.parametrize(
    ("expected", "accepted"),
    [
        ("{ranks: [stop_together]}", "{ranks: {stop_together: false}, accepted: true}"),
        ("{ranks: {stop_together: true}}", "{ranks: {stop_together: false}, accepted: true}"),
        ("{ranks: {same_rate: false}}", "{ranks: [same_rate], accepted: true}"),
    ],
)
def test_accept_writes_what_holds(
    expected: str, accepted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a list, or as a mapping where one does not."""
    monkeypatch.delenv("CI", raising=False)
    file = written(
        tmp_path, f"{{ranks: 2, metrics: {OWN}}}", "[EarlyStopping: {patience: 2}]", expected
    )
    assert main(["accept", str(file)]) == 0
    assert file.read_text(encoding="utf-8").splitlines()[-1] == f"expect: {accepted}"
    assert main(["run", str(file)]) == 0


def test_accept_writes_all_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nothing stands there yet."""
    monkeypatch.delenv("CI", raising=False)
    file = written(tmp_path, f"{{ranks: 2, metrics: {OWN}}}", "[]", "{epochs_run: 6}")
    assert main(["accept", str(file), "--only", "ranks"]) == 0
    assert file.read_text(encoding="utf-8").splitlines()[-1] == (
        "expect: {epochs_run: 6, ranks: [stop_together, same_rate, same_checkpoints, "
        "only_rank_0_writes], accepted: true}"
    )


@pytest.mark.parametrize(
    ("script", "callbacks", "expected", "problem"),
    [
        (
            "{ranks: 1, metrics: {loss: 1x2}}",
            "[]",
            "{epochs_run: 2}",
            "2: script: ranks is 2 to 1,000, not 1",
        ),
        (
            "{ranks: 3, metrics: [{loss: 1x2}, {loss: 1x2}]}",
            "[]",
            "{epochs_run: 2}",
            "2: script: metrics is a list of 2, one for each rank, and ranks is 3; "
            "write ranks: 2, or one mapping for all",
        ),
        (
            "{batch_logs: [{loss: [1x2]}, {loss: [1x2]}]}",
            "[]",
            "{epochs_run: 2}",
            "2: script: batch_logs is a list of 2, one for each rank, and there is no ranks; "
            "write ranks: 2, or one mapping for all",
        ),
        (
            "{ranks: 2, metrics: [{loss: 1x2}, {loss: 1x3}]}",
            "[]",
            "{epochs_run: 2}",
            "2: script: the ranks have 2 and 3 epochs; one training has one number of them",
        ),
        (
            "{ranks: 2, metrics: [{loss: 1x2}, {loss: 1 a}]}",
            "[]",
            "{epochs_run: 2}",
            "2: script.metrics[1].loss: ",
        ),
        (
            "{ranks: 2, epochs: 2, metrics: [{loss: 1x2}, {loss: 1x3}]}",
            "[]",
            "{epochs_run: 2}",
            "2: script.metrics[1].loss: metrics['loss'] has 3 values, the script has 2 epochs",
        ),
        (
            "{ranks: 2, metrics: {loss: 1x2}}",
            "[[], [], []]",
            "{epochs_run: 2}",
            "3: callbacks: lists of 3 ranks, and the script has 2; write one for each",
        ),
        (
            "{metrics: {loss: 1x2}}",
            "[[]]",
            "{epochs_run: 2}",
            "3: callbacks: a list of lists is of several ranks, and the script has none",
        ),
        (
            "{ranks: 2, metrics: {loss: 1x2}}",
            "[[Early: {}], Late]",
            "{epochs_run: 2}",
            "3: callbacks[0]: a callback is a name, or one name with its arguments",
        ),
        (
            "{metrics: {loss: 1x2}}",
            "[]",
            "{ranks: [stop_together]}",
            "4: expect.ranks: the script has no ranks; write ranks: 2 there",
        ),
        (
            "{ranks: 2, metrics: {loss: 1x2}}",
            "[]",
            "{ranks: [stop_togehter]}",
            "4: expect.ranks: expected stop_together or same_rate or same_checkpoints or "
            "only_rank_0_writes, found 'stop_togehter'; did you mean 'stop_together'?",
        ),
        (
            "{ranks: 2, metrics: {loss: 1x2}}",
            "[]",
            "{ranks: {same_rate: perhaps}}",
            "4: expect.ranks: expected true or false, found 'perhaps'",
        ),
        (
            "{ranks: 2, metrics: {loss: 1x2}}",
            "[]",
            "{ranks: never}",
            "4: expect.ranks: expected a list of stop_together, same_rate, same_checkpoints, "
            "only_rank_0_writes, found 'never'",
        ),
        ("{ranks: 2, metrics: {loss: 1x2}}", "[]", "{ranks: []}", "4: expect.ranks: a list of"),
        (
            "{ranks: 2, metrics: {loss: 1x2}, interrupt: {epoch: 1, raises: kill}}",
            "[]",
            "{files: []}",
            "2: script: a script of several ranks kills no process",
        ),
    ],
    ids=range(15),
)
def test_what_cannot_be_meant_is_refused(
    script: str, callbacks: str, expected: str, problem: str, tmp_path: Path
) -> None:
    """Before anything is played, with its line."""
    file = written(tmp_path, script, callbacks, expected)
    with pytest.raises(ScenarioFileError) as refused:
        load_scenarios(file)
    assert str(refused.value).startswith(f"{file}:{problem}")


def test_calls_are_of_the_same_ranks(tmp_path: Path) -> None:
    """Who would wait for whom else?"""
    file = tmp_path / "calls.scenario.yaml"
    file.write_text(
        "name: calls\n"
        "calls:\n"
        "  - {call: fit, script: {ranks: 2, metrics: {loss: 1x2}}, expect: {epochs_run: 2}}\n"
        "  - {call: fit, script: {metrics: {loss: 1x2}}, expect: {epochs_run: 2}}\n"
    )
    with pytest.raises(ScenarioFileError) as refused:
        load_scenarios(file)
    assert str(refused.value) == (
        f"{file}:4: calls[1].script: 1 ranks, another call has 2; all calls are of the same ranks"
    )


def test_both_lanes_tell_the_same_of_every_rank(tmp_path: Path) -> None:
    """Whole timelines, histories and files of each, over two calls on the same models."""
    file = tmp_path / "calls.scenario.yaml"
    file.write_text(
        "name: calls\n"
        "calls:\n"
        f"  - {{call: fit, script: {{ranks: 2, batches: 2, metrics: {OWN}}}, "
        "expect: {epochs_run: 4}}\n"
        "  - {call: fit, script: {ranks: 2, metrics: [{val_loss: 3 2}, {val_loss: 2 3}]}, "
        "expect: {epochs_run: 2}}\n"
        "callbacks:\n"
        "  - EarlyStopping: {patience: 2, restore_best_weights: true}\n"
        "  - ReduceLROnPlateau: {patience: 1, factor: .5}\n"
        "  - ModelCheckpoint: {filepath: '{val_loss}.weights.h5', save_weights_only: true}\n"
        "  - CSVLogger: {filename: log.csv, append: true}\n"
    )
    (scenario,) = load_scenarios(file)
    fake, real = (play_scenario(scenario, lane) for lane in ("fake", "real"))
    assert differences_of(fake, real) == [[], []]
    other = fake[1].others[0]
    # The best of the first was after 8 batches, of the second after one more.
    assert (other.run.weights.fit, other.run.weights.trained_batches) == (1, 9)
    assert fake[1].run.ranks == (fake[1].run, other.run)
    assert {"3.0.weights.h5", "2.0.weights.h5"} <= set(other.written)
    # The log is appended to what rank 0 had in it, as on a disk that ranks share.
    assert other.files["log.csv"].splitlines() == [
        "epoch,learning_rate,val_loss",
        *fake[0].files["log.csv"].splitlines()[1:],
        *other.files["log.csv"].splitlines()[-2:],
    ]


def test_a_difference_on_another_rank_is_told(tmp_path: Path) -> None:
    """With the rank, where one lane's rank 1 is another's."""
    script = f"{{ranks: 2, metrics: {OWN}}}"
    (scenario,) = load_scenarios(written(tmp_path, script, "[]", "{epochs_run: 6}"))
    (one,), (other,) = (play_scenario(scenario, "fake") for _ in range(2))
    one.others = [one]
    assert [failure.what for failure in differences_of([one], [other])[0]] == [
        "the lanes' timelines, rank 1",
        "the lanes' history, rank 1",
    ]


def test_trace_shows_every_rank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table for each, or the hooks."""
    file = written(
        tmp_path,
        f"{{ranks: 2, metrics: {OWN}}}",
        "[EarlyStopping: {patience: 2}]",
        "{epochs_run: 4}",
    )
    assert main(["trace", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith(("rank", "4 epochs", "6 epochs"))] == [
        "rank 0",
        "4 epochs in the fake lane, stopped in epoch 3 by EarlyStopping; "
        "the model ends with the weights of epoch 3, batch 0",
        "rank 1",
        "6 epochs in the fake lane, stopped in epoch 5 by EarlyStopping; "
        "the model ends with the weights of epoch 5, batch 0",
    ]
    assert main(["trace", "--hooks", str(file)]) == 0
    hooks = capsys.readouterr().out.splitlines()
    ends = [line for line in hooks if line.startswith(("rank", "on_epoch_end"))]
    assert [ends.index("rank 0"), ends.index("rank 1"), len(ends)] == [0, 5, 12]
    assert "  on_train_batch_begin 0" in hooks
    assert re.fullmatch(r"on_epoch_end 0 +val_loss: \S+", ends[1])
