"""Callbacks that each do one thing wrong with hooks, or with what they remember."""

from typing import Any

import keras


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


class SixInARow(keras.callbacks.Callback):
    """Stops when a condition has held for six epochs, whatever the best was."""

    count = 0

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.count = self.count + 1 if (logs or {}).get("loss", 0.0) < 1e6 else 0
        self.model.stop_training = self.model.stop_training or self.count >= 6


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


class CountsOn(keras.callbacks.Callback):
    def __init__(self) -> None:
        super().__init__()
        self.fits = self.step = 0

    def on_train_begin(self, logs: Any = None) -> None:
        self.fits += 1

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.step += 1
