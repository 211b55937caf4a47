"""Callbacks that leave something in the process or on its disk, and some that do not."""

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


class SeedsBackend(keras.callbacks.Callback):
    def on_train_begin(self, logs: Any = None) -> None:
        import tensorflow as tf

        tf.random.set_seed(7)


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


class WritesEachBatch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        Path(f"batch-{batch}.txt").write_text("done")


class WritesEachEpoch(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        Path(f"epoch-{epoch}.txt").write_text("done")


class Sleeps(keras.callbacks.Callback):
    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        time.sleep(0.004)
