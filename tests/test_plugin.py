"""The pytest plugin, as a user meets it."""

import subprocess
import sys

import keras  # noqa: F401  # loaded for good: pytester unloads what its tests load
import pytest


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")


README_TEST = """
    from keras.callbacks import EarlyStopping

    def test_stops(scripted_fit):
        run = scripted_fit(
            {"loss": 1, "val_loss": ".9 .5 .6x4"},
            callbacks=[EarlyStopping(patience=2, restore_best_weights=True)],
            batches=4,
        )
        assert run.stopped_epoch == STOPPED
        assert run.weights_epoch == 1
"""


def test_installing_is_enough(pytester: pytest.Pytester) -> None:
    """The fixture is there, and the test passes."""
    pytester.makepyfile(README_TEST.replace("STOPPED", "3"))
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_a_failing_assertion_shows_the_epoch_table(pytester: pytest.Pytester) -> None:
    """One table, with what happened in words, under the assertion."""
    pytester.makepyfile(README_TEST.replace("STOPPED", "4"))
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E       assert 3 == 4",
            "*- dryfit: epoch table of run 0 -*",
            " epoch   loss   val_loss   learning rate   state * what happened",
            "     2      1        0.6            0.01   EarlyStopping: wait=1",
            "     3      1        0.6            0.01   EarlyStopping: wait=2 * stops training",
            "4 epochs in the fake lane, stopped in epoch 3 by EarlyStopping; *",
        ]
    )
    assert result.stdout.str().count("dryfit: epoch table") == 1


def test_every_run_of_a_failing_test_is_shown(pytester: pytest.Pytester) -> None:
    """Also a model's, and one that was played without a fixture."""
    pytester.makepyfile(
        """
        from dryfit import play

        def test_three(scripted_fit, scripted_model):
            scripted_fit({"loss": "1x1"})
            model = scripted_model({"loss": "1x2"})
            model.fit(verbose=0)
            run = play({"loss": "1x3"})
            assert run.epochs_run == model.run.epochs_run
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(
        ["1 epoch in *", "*table of run 1*", "2 epochs in *", "*table of run 2*", "3 epochs in *"]
    )


def test_a_callbacks_own_error_points_at_the_users_line(pytester: pytest.Pytester) -> None:
    """The traceback has the test and the callback, not dryfit's insides; the table is below."""
    pytester.makepyfile(
        """
        import keras

        class Broken(keras.callbacks.Callback):
            def on_epoch_end(self, epoch, logs=None):
                logs["val_acc"]

        def test_it(scripted_fit):
            scripted_fit({"loss": "1x2"}, [Broken()])
        """
    )
    result = pytester.runpytest("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(
        [
            ">       scripted_fit({*",
            '>       logs?"val_acc"?',
            "E       KeyError: 'val_acc'",
            "*Broken raises KeyError: 'val_acc'*",
        ]
    )
    assert "callback_list.py" not in result.stdout.str()
    assert "hook_methods.py" not in result.stdout.str()


def test_options_of_play_go_through(pytester: pytest.Pytester) -> None:
    """lane=, after= and a whole Script."""
    pytester.makepyfile(
        """
        from dryfit import Script

        def test_it(scripted_fit, scripted_model):
            first = scripted_fit(Script(metrics={"loss": "1x2"}), lane="real")
            second = scripted_fit({"loss": "1x1"}, lane="real", after=first)
            assert second.weights.trained_batches == 3
            assert scripted_model(Script(metrics={"loss": "1x2"})).script.epochs == 2
        """
    )
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)


@pytest.mark.parametrize("modules", ["dryfit.plugin, dryfit, dryfit_fakes", "dryfit.scenario.load"])
def test_loading_the_plugin_imports_neither_keras_nor_numpy(modules: str) -> None:
    """A suite that uses none of it pays for none of it; nor does collecting scenario files."""
    code = (
        f"import sys, {modules}\n"
        "print([n for n in ('keras', 'numpy', 'tensorflow', 'rich', 'h5py') if n in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "[]"


def test_a_suite_that_uses_none_of_it_is_not_affected(pytester: pytest.Pytester) -> None:
    """No Keras is imported, and a failing test looks as it did."""
    pytester.makepyfile(
        """
        import sys

        def test_fails():
            run = 3
            assert "keras" in sys.modules, "not loaded"
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["E       AssertionError: not loaded"])
    result.stdout.no_fnmatch_line("*dryfit: epoch table*")
