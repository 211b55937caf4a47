"""Which keys hooks get from their logs is read in their code."""

from typing import Any, ClassVar

from dryfit.recorder.asked_of_logs import asked_of_logs


class Asks:
    options: ClassVar[dict[str, Any]] = {}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        logs.get("plain")
        (logs or {}).get("either", 0.0)
        self.options.get("an option")
        self.options.get(logs.get("within"))

    def on_train_batch_end(self, batch: int, values: Any = None) -> None:
        logs = self.options
        values.get("by another name")
        logs.get("no logs")

    def helper(self, logs: Any) -> None:
        logs.get("in no hook")


def test_keys_of_logs_are_read_and_no_others() -> None:
    """Whatever the parameter is called; other mappings have a ``get`` as well."""
    assert asked_of_logs(Asks) == ("plain", "either", "within", "by another name")
