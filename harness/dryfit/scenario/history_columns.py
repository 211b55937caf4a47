"""A ``History`` as columns: a list of numbers for each metric, all of one length."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from dryfit.facts.notation import LARGEST
from dryfit_fakes.protocols import FitHistory

RATES = ("learning_rate", "lr")  # Keras' name and tf_keras'


# What fit returned, or its `history`; numbers in whatever has them in order.
ReportedHistory: TypeAlias = FitHistory | Mapping[str, Iterable[Any]]


class HistoryError(ValueError):
    """Numbers that are no training's; the message says which, and what to do.

    Attributes:
        key: the metric it is about, if it is about one.
    """

    def __init__(self, message: str, key: str | None = None) -> None:
        super().__init__(message)
        self.key = key


def by_epoch(
    history: ReportedHistory, initial_epoch: int | None = None, validation_freq: int = 1
) -> tuple[int, dict[str, list[float | None]]]:
    """Read what a training reported: the first epoch, and each metric's value in every epoch.

    Raises:
        HistoryError: lists of unequal lengths, or a value that is no number.
    """
    if initial_epoch is None:
        initial_epoch = next(iter(getattr(history, "epoch", ())), 0)
    columns = _columns(getattr(history, "history", history))
    if validation_freq > 1:
        columns = spread(columns, initial_epoch, validation_freq)
    one_length(columns)
    return initial_epoch, columns


def _columns(values: object) -> dict[str, list[Any]]:
    if not isinstance(values, Mapping) or not values:
        raise HistoryError(
            "expected a History.history, a list of numbers for each metric, such as "
            f'{{"loss": [1.0, 0.5]}}; found {_kind(values)}'
        )
    return {str(key): _column(str(key), column) for key, column in values.items()}


def _column(key: str, column: object) -> list[float | None]:
    column = column.tolist() if hasattr(column, "tolist") else column
    if isinstance(column, str | Mapping) or not isinstance(column, Iterable):
        raise HistoryError(f"{key}: expected a list of numbers, found {_kind(column)}", key)
    return [_number(key, epoch, value) for epoch, value in enumerate(column)]


def _number(key: str, index: int, value: object) -> float | None:
    value = value.item() if hasattr(value, "item") and getattr(value, "shape", 0) == () else value
    if value is None:
        raise HistoryError(f"{key}[{index}] is null; write NaN if that is what it was", key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise HistoryError(f"{key}[{index}] is {value!r}, no number", key)
    if LARGEST < abs(value) < float("inf"):
        raise HistoryError(f"{key}[{index}] is {value!r}, beyond float32, which Keras has", key)
    return float(value)


def spread(columns: dict[str, list[Any]], first: int, freq: int) -> dict[str, list[Any]]:
    """Put the values of validations into the epochs in which they ran."""
    epochs = max(map(len, columns.values()))
    ran = [index for index in range(epochs) if (first + index + 1) % freq == 0]
    for key, column in columns.items():
        if key.startswith("val_") and len(column) == len(ran):
            by_index = dict(zip(ran, column, strict=True))
            columns[key] = [by_index.get(index) for index in range(epochs)]
    return columns


def one_length(columns: Mapping[str, Sequence[Any]]) -> None:
    """Refuse lists of unequal lengths.

    Raises:
        HistoryError: with the lengths.
    """
    lengths = {key: len(column) for key, column in columns.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{key} has {length}" for key, length in lengths.items())
        shorter = min(lengths, key=lambda key: lengths[key])
        raise HistoryError(
            f"unequal lengths: {told}. Where validation ran every N epochs, say validation_freq=N "
            "(--validation-freq N); else the file is not whole",
            shorter,
        )
    if not any(lengths.values()):
        raise HistoryError("no epochs: every list is empty")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "a mapping" if value else "nothing in it"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value) if isinstance(value, str | int | float) else type(value).__name__
