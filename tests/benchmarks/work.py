"""Callbacks whose cost per batch is known, for the measurements of the measurements."""

import time
from typing import Any

from keras.callbacks import Callback


class Burns(Callback):
    """Works for a time by the clock in every batch."""

    def __init__(self, us: float) -> None:
        super().__init__()
        self.ns = int(us * 1000)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        until = time.perf_counter_ns() + self.ns
        while time.perf_counter_ns() < until:
            pass


class Computes(Callback):
    """Does the same work in every batch, however long it takes: about 20 us a round."""

    def __init__(self, rounds: int = 1) -> None:
        super().__init__()
        self.rounds = rounds

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        for _ in range(self.rounds):
            sum(range(1_500))


class Idles(Callback):
    """Has batch hooks that do nothing."""

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        pass

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        pass
