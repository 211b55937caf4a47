"""Callbacks that each do one thing wrong, by the check that finds it."""

import gc
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import warnings
import weakref
from pathlib import Path
from typing import Any

import keras
import numpy as np


class EpochWithoutLogs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int) -> None:  # type: ignore[override]
        pass


class Misspelt(keras.callbacks.Callback):
    def on_epoch_ends(self, epoch: int, logs: Any = None) -> None:
        pass


class Broken(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.missing += 1


class SetsOldRate(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.optimizer.lr = 0.001


class DividesByEpochs(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.part = 1 / (self.params["epochs"] - 1)


class LastEpoch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.last = epoch

    def on_train_end(self, logs: Any = None) -> None:
        print(self.last)


class ReadsValLoss(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print((logs or {"val_loss": 0})["val_loss"])


class ReadsAccuracy(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print(logs["accuracy"])


class ReadsValidationOnce(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.best = min(logs.get("val_loss") + 0, 1) if epoch % 2 == 0 else 0


class ReadsLogs(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        print(logs.get("loss"))


class CountsSteps(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.part = batch / self.params["steps"]


class KeepsTheFirst(keras.callbacks.Callback):
    """Early stopping that takes whatever comes first for the best."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.wait = None, 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if self.best is None or loss < self.best:
            self.best, self.wait = loss, 0
        else:
            self.wait += 1
        if self.wait > 3:
            self.model.stop_training = True


class Averages(keras.callbacks.Callback):
    """Early stopping on a running mean, which is poisoned for good."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.mean, self.best, self.wait = 1.0, float("inf"), 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.mean = 0.5 * self.mean + 0.5 * (logs or {}).get("loss", 0.0)
        self.wait = 0 if self.mean < self.best else self.wait + 1
        self.best = min(self.best, self.mean)
        if self.wait > 5:
            self.model.stop_training = True


class Rounds(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        print(int(100 * (logs or {}).get("loss", 0.0)))


class CountsEpochs(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.losses: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append(1)
        print(self.losses[epoch])


class EveryBatch(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        assert batch == self.seen
        self.seen += 1


class NeedsTraining(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.seen = 0

    def on_test_begin(self, logs: Any = None) -> None:
        self.seen += 1

    def on_predict_begin(self, logs: Any = None) -> None:
        self.seen += 1


class GoesOn(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = False


class WholeEpochs(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.seen = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.seen += 1

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        assert self.seen == self.params["steps"]


class RemovesLoss(keras.callbacks.Callback):
    """In front of others it takes their loss, which they format a name with."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if logs:
            logs["loss"] = "low"


class RefusesOthers(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs:
            assert "learning_rate" not in logs


class NeverReset(keras.callbacks.Callback):
    """Early stopping that sets itself up in its constructor alone."""

    def __init__(self) -> None:
        super().__init__()
        self.best, self.wait = float("inf"), 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        self.wait = 0 if loss < self.best else self.wait + 1
        self.best = min(self.best, loss)
        if self.wait > 7:
            self.model.stop_training = True


class Collects(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.losses: list[Any] = []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.losses.append(epoch)


class OneAtATime(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.training = False

    def on_train_begin(self, logs: Any = None) -> None:
        if self.training:
            self.missing()
        self.training = True

    def on_train_end(self, logs: Any = None) -> None:
        self.training = False


class Shares(keras.callbacks.Callback):
    seen: list[int] = []  # noqa: RUF012  # the mistake

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)


class HandsOn(keras.callbacks.Callback):
    """A copy is made without the constructor, and looks for `inner` forever."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = "somebody"

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class OverwritesLoss(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs and "loss" in logs:
            logs["loss"] = 0.0


class LeavesRate(keras.callbacks.Callback):
    def on_train_end(self, logs: Any = None) -> None:
        self.model.optimizer.learning_rate = 1e-7


class LeavesFile(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.file = open("open.log", "w")  # noqa: SIM115  # the mistake


class LeavesThread(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        threading.Thread(target=time.sleep, args=(3,), daemon=True).start()


class LeavesVariable(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        os.environ["CARELESS"] = "1"


class LeavesFolder(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        os.makedirs("run", exist_ok=True)
        os.chdir("run")


class LeavesHandler(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        signal.signal(signal.SIGTERM, lambda *_: None)


class Seeds(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        random.seed(1)
        np.random.seed(1)


class Silences(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        warnings.simplefilter("ignore", UserWarning)


class TakesStdout(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        sys.stdout = sys.__stdout__


class ClosesStdout(keras.callbacks.Callback):
    def on_train_end(self, logs: Any = None) -> None:
        sys.stdout.close()


class ClosesItsOwn(keras.callbacks.Callback):
    def on_train_end(self, logs: Any = None) -> None:
        with open(os.dup(1), "w") as stream:
            stream.write("done\n")


class CollectsNothing(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        gc.disable()


class CollectsAgain(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        gc.disable()

    def on_train_end(self, logs: Any = None) -> None:
        gc.enable()


class GoesDeep(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        sys.setrecursionlimit(7654)


class ComesUpAgain(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.before = sys.getrecursionlimit()
        sys.setrecursionlimit(7654)

    def on_train_end(self, logs: Any = None) -> None:
        sys.setrecursionlimit(self.before)


class HearsCalls(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        sys.settrace(lambda *_: None)


class HearsForAWhile(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        before = sys.gettrace()
        sys.settrace(lambda *_: None)
        sys.settrace(before)


class OpensFigures(keras.callbacks.Callback):
    """A picture of each epoch, never closed."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        from matplotlib import pyplot

        pyplot.figure()
        pyplot.plot([0, 1])


class DrawsAnew(keras.callbacks.Callback):
    """One figure for all epochs, to be looked at when all is over, and one that is closed."""

    def on_train_begin(self, logs: Any = None) -> None:
        from matplotlib import pyplot

        self.figure = pyplot.figure()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        from matplotlib import pyplot

        self.figure.clear()
        pyplot.close(pyplot.figure())


class LeavesTemporary(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        Path(tempfile.mkdtemp(prefix="best-"), "best.txt").write_text("0.5")
        tempfile.NamedTemporaryFile(suffix=".log", delete=False).close()


class RemovesTemporary(keras.callbacks.Callback):
    """One folder goes with the callback, the other with the training."""

    def __init__(self) -> None:
        super().__init__()
        weakref.finalize(self, shutil.rmtree, tempfile.mkdtemp(), True)

    def on_train_begin(self, logs: Any = None) -> None:
        self.folder = tempfile.mkdtemp()

    def on_train_end(self, logs: Any = None) -> None:
        shutil.rmtree(self.folder)


class SetsFloats(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        keras.config.set_epsilon(1e-3)

    def __del__(self) -> None:
        keras.config.set_epsilon(1e-7)  # for the tests behind this one


class NeverAwaited(keras.callbacks.Callback):
    async def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.last = epoch


class SharesDefault(keras.callbacks.Callback):
    def __init__(self, seen: list[int] = []) -> None:  # noqa: B006  # the mistake
        super().__init__()
        self.seen = seen

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)


class OwnDefault(keras.callbacks.Callback):
    def __init__(self, seen: Any = None) -> None:
        super().__init__()
        self.seen = [] if seen is None else list(seen)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen.append(epoch)


BEST: dict[str, float] = {}
NAMES = {"loss": "the loss"}


class RemembersInModule(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        BEST["calls"] = BEST.get("calls", 0) + 1


class ReadsModule(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.told = [NAMES.get(name, name) for name in logs or {}]


class ReducesTooLate(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 4:
            self.model.optimizer.learning_rate = 0.001


class LooksFirst(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 4 and hasattr(self.model.optimizer.learning_rate, "assign"):
            self.model.optimizer.learning_rate = 0.001


class FreezesTooLate(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.layers[-1].trainable = False


class FreezesInTime(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.layers[-1].trainable = False


class MarksModel(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.marked_by = "me"


class TakesMarkAway(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.model.marked_by = "me"

    def on_train_end(self, logs: Any = None) -> None:
        del self.model.marked_by


class KeepsVariables(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.weights = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best, self.weights = loss, list(self.model.weights)


class KeepsValues(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.weights = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best, self.weights = loss, self.model.get_weights()


class SavesTheFirst(keras.callbacks.Callback):
    """After each start, whatever comes first is the best, and written over what was."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.best = float("inf")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        loss = (logs or {}).get("loss", 0.0)
        if loss < self.best:
            self.best = loss
            self.model.save_weights("best.weights.h5")


class KnowsItsBest(SavesTheFirst):
    """The best value stands beside the weights."""

    def on_train_begin(self, logs: Any = None) -> None:
        file = Path("best.txt")
        self.best = float(file.read_text()) if file.exists() else float("inf")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        super().on_epoch_end(epoch, logs)
        Path("best.txt").write_text(str(self.best))


class WritesEachBatch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        Path(f"batch-{batch}.txt").write_text("done")


class WritesEachEpoch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        Path(f"epoch-{epoch}.txt").write_text("done")


class Sleeps(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(0.004)


FAILS: dict[str, tuple[type, str]] = {
    "signatures of hooks": (
        EpochWithoutLogs,
        "on_epoch_end(epoch: int) -> None cannot be called as on_epoch_end(epoch, logs): "
        "too many positional arguments",
    ),
    "names of hooks": (Misspelt, "on_epoch_ends is never called; did you mean on_epoch_end?"),
    "hooks that run": (
        NeverAwaited,
        "on_epoch_end is a coroutine: it is called, and never run",
    ),
    "plain run": (
        Broken,
        "AttributeError: 'Broken' object has no attribute 'missing' in on_epoch_end of epoch 0",
    ),
    "left over from Keras 2": (
        SetsOldRate,
        "uses optimizer.lr (set in on_epoch_end, line 38 of careless)",
    ),
    "shortest run": (DividesByEpochs, "ZeroDivisionError: division by zero in on_train_begin"),
    "no epochs": (
        LastEpoch,
        "AttributeError: 'LastEpoch' object has no attribute 'last' in on_train_end",
    ),
    "no validation": (ReadsValLoss, "KeyError: 'val_loss' in on_epoch_end of epoch 0"),
    "rare validation": (
        ReadsValidationOnce,
        "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int' in on_epoch_end of "
        "epoch 0",
    ),
    "missing keys": (ReadsAccuracy, "KeyError: 'accuracy' in on_epoch_end of epoch 0"),
    "unknown steps": (
        CountsSteps,
        "TypeError: unsupported operand type(s) for /: 'int' and 'NoneType' in on_train_batch_end "
        "of epoch 0, batch 0",
    ),
    "NaN first": (
        KeepsTheFirst,
        "stops in on_epoch_end of epoch 4, though every value from there on is the best so far",
    ),
    "NaN later": (
        Averages,
        "stops in on_epoch_end of epoch 7, though every value from there on is the best so far",
    ),
    "inf first": (
        Averages,
        "stops in on_epoch_end of epoch 5, though every value from there on is the best so far",
    ),
    "inf later": (
        Rounds,
        "OverflowError: cannot convert float infinity to integer in on_epoch_end of epoch 2",
    ),
    "initial_epoch": (
        CountsEpochs,
        "IndexError: list index out of range in on_epoch_end of epoch 3",
    ),
    "steps_per_execution": (
        EveryBatch,
        "AssertionError in on_train_batch_end of epoch 0, batch 2",
    ),
    "evaluate only": (
        NeedsTraining,
        "AttributeError: 'NeedsTraining' object has no attribute 'seen' in on_test_begin",
    ),
    "predict only": (
        NeedsTraining,
        "AttributeError: 'NeedsTraining' object has no attribute 'seen' in on_predict_begin",
    ),
    "stopped by another": (
        GoesOn,
        "takes back the stop of a callback in front of it: 5 epochs run",
    ),
    "stopped mid-epoch": (WholeEpochs, "AssertionError in on_epoch_end of epoch 1"),
    "before the built-ins": (
        RemovesLoss,
        "TerminateOnNaN raises TypeError: ufunc 'isnan' not supported for the input types, and "
        "the inputs could not be safely coerced to any supported types according to the casting "
        "rule ''safe'' in on_train_batch_end of epoch 0, batch 0",
    ),
    "behind the built-ins": (
        RefusesOthers,
        "AssertionError in on_epoch_end of epoch 0",
    ),
    "two fits": (
        NeverReset,
        "the second fit stops in on_epoch_end of epoch 0; the first stops in on_epoch_end of "
        "epoch 10",
    ),
    "attributes reset": (Collects, "losses has 20 items after a fit, and 40 after the next"),
    "after an exception": (
        OneAtATime,
        "AttributeError: 'OneAtATime' object has no attribute 'missing' in on_train_begin",
    ),
    "two instances": (
        Shares,
        "Shares.seen belongs to the class and has grown: all instances share it",
    ),
    "one container": (
        SharesDefault,
        "seen is one list for all instances, and training changes it",
    ),
    "module state": (
        RemembersInModule,
        "BEST of the module careless is another after training",
    ),
    "deep copy": (
        HandsOn,
        "making a deep copy raises RecursionError: maximum recursion depth exceeded",
    ),
    "pickling": (
        HandsOn,
        "making a pickled copy raises RecursionError: maximum recursion depth exceeded",
    ),
    "shared logs": (OverwritesLoss, "overwrites 'loss' in the logs in on_epoch_end of epoch 0"),
    "learning rate left": (LeavesRate, "leaves the rate at 1e-07 in on_train_end"),
    "learning rate schedule": (
        ReducesTooLate,
        "sets a rate, which Keras refuses in on_epoch_end of epoch 4",
    ),
    "settings with effect": (
        FreezesTooLate,
        "sets layers[1].trainable from True to False in on_epoch_begin of epoch 1, and nothing "
        "comes of it",
    ),
    "attributes of the model": (
        MarksModel,
        "leaves model.marked_by behind, set in on_train_begin",
    ),
    "weights by reference": (
        KeepsVariables,
        "self.weights has the model's own variables since on_epoch_end of epoch 0",
    ),
    "resumed": (
        SavesTheFirst,
        "in another process saves weights in epoch 5, though it wrote best.weights.h5",
    ),
    "open files": (LeavesFile, "leaves open.log open after on_train_end"),
    "figures": (
        OpensFigures,
        "opens 1 figure of matplotlib in each epoch, and closes none of them",
    ),
    "temporary files": (
        LeavesTemporary,
        "leaves best-…/, tmp….log in the folder for temporary files, and more with each fit",
    ),
    "threads": (LeavesThread, "leaves 1 thread after a fit, 2 after two"),
    "environment": (LeavesVariable, "leaves the environment variable CARELESS"),
    "working directory": (LeavesFolder, "leaves another working directory"),
    "signal handlers": (LeavesHandler, "leaves a handler of its own for SIGTERM"),
    "global random state": (Seeds, "changes the state of numpy.random, random"),
    "warning filters": (Silences, "leaves a warning filter: ('ignore', 'UserWarning')"),
    "streams": (TakesStdout, "leaves another sys.stdout"),
    "closed streams": (ClosesStdout, "leaves sys.stdout closed"),
    "garbage collection": (CollectsNothing, "leaves garbage collection off"),
    "recursion limit": (GoesDeep, "leaves the recursion limit at 7654"),
    "trace functions": (HearsCalls, "leaves a function of its own with sys.settrace"),
    "Keras settings": (SetsFloats, "leaves keras.config.epsilon changed"),
    "output per batch": (
        WritesEachBatch,
        "writes files in 42 of 42 batches, such as batch-1.txt",
    ),
    "slow hooks": (Sleeps, "on_train_batch_end takes more than 2 ms; dryfit bench says how long"),
}

# What is a remark: `fit` never does this.
REMARKS: dict[str, tuple[type, str]] = {
    "empty logs": (ReadsAccuracy, "KeyError: 'accuracy' in on_epoch_end of epoch 0"),
    "logs=None": (
        ReadsLogs,
        "AttributeError: 'NoneType' object has no attribute 'get' in on_train_batch_end of "
        "epoch 0, batch 0",
    ),
}

# Twins of the careless ones, which do the same and do it well.
SOUND: dict[str, tuple[type, str]] = {
    "NaN first": (KnowsItsBest, "decides later epochs as it does without"),
    "one container": (OwnDefault, "each instance has its own"),
    "module state": (ReadsModule, "what it remembers, it keeps in itself"),
    "learning rate schedule": (LooksFirst, "comes to its end"),
    "settings with effect": (
        FreezesInTime,
        "sets layers[1].trainable from True to False in on_train_begin, and it has an effect",
    ),
    "attributes of the model": (TakesMarkAway, "leaves none"),
    "weights by reference": (
        KeepsValues,
        "keeps no variables of the model as if they were values",
    ),
    "resumed": (KnowsItsBest, "decides nothing"),
    "figures": (DrawsAnew, "leaves 1 for all epochs"),
    "temporary files": (RemovesTemporary, "all are gone"),
    "closed streams": (ClosesItsOwn, "as before"),
    "garbage collection": (CollectsAgain, "as before"),
    "recursion limit": (ComesUpAgain, "as before"),
    "trace functions": (HearsForAWhile, "as before"),
    "output per batch": (WritesEachEpoch, "no file and no line for each batch"),
}


# Other ways to a mistake of one of these, by the check that finds them.
class KeepsModel(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        self.best, self.best_model = float("inf"), None

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if logs["loss"] < self.best:
            self.best, self.best_model = logs["loss"], self.model


class KeepsByLayer(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.saved = {layer.name: layer.weights for layer in self.model.layers}


class LogsVariable(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs["lr"] = self.model.optimizer.learning_rate


class SeedsBackend(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        import tensorflow as tf

        tf.random.set_seed(7)


class CountsOn(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.fits = self.step = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self.fits += 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.step += 1
