"""What is needed of Keras' objects, which come without types.

A protocol asks for no more than is used of the object, and names the file of Keras 3.15.1
that has the interface. Keras' own classes offer all of it, and whatever else does may be
handed in as well. Tensors are each backend's own: they are `object`, handed on and never
looked into. Nothing here loads Keras.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, Protocol, SupportsFloat, TypeAlias

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

# What trainers report to hooks (keras/src/utils/python_utils.py, pythonify_logs).
Logs: TypeAlias = dict[str, float]

# A model's file, as save and load_weights take it (keras/src/saving/saving_api.py).
FilePath: TypeAlias = str | PathLike[str]

# Arrays, or batches of them, as fit, evaluate and predict take them
# (keras/src/trainers/data_adapters/__init__.py).
Data: TypeAlias = "ArrayLike | Iterable[object] | None"

# Inputs and targets of one batch, each as the model takes them.
Batch: TypeAlias = "tuple[Data, Data]"

# Whether fit, evaluate and predict show a bar (keras/src/trainers/trainer.py).
Verbose: TypeAlias = Literal["auto"] | int

# What an optimizer takes for a rate: a number, a LearningRateSchedule, or a function without
# arguments (keras/src/optimizers/base_optimizer.py).
Rate: TypeAlias = "SupportsFloat | ArrayLike | Callable[..., object]"

# A rate: of several optimizers, by their names; none where there is none to read.
Rates: TypeAlias = float | dict[str, float] | None

# What JSON and YAML can say.
Plain: TypeAlias = str | int | float | bool | Sequence["Plain"] | Mapping[str, "Plain"] | None


class Variable(Protocol):
    """A variable of any backend (``keras/src/backend/common/variables.py``)."""

    @property
    def value(self) -> object:
        """The tensor in it."""

    def assign(self, value: "ArrayLike", /) -> object:
        """Put a value in."""


class Optimizer(Protocol):
    """What has a rate (``keras/src/optimizers/base_optimizer.py``)."""

    built: bool

    @property
    def learning_rate(self) -> Any:
        """A variable, or the tensor that a schedule gives for this batch."""

    @learning_rate.setter
    def learning_rate(self, learning_rate: "Rate", /) -> None: ...

    @property
    def iterations(self) -> Any:
        """A variable that counts batches."""


class Model(Protocol):
    """What a callback finds (``keras/src/models/model.py``, ``trainers/trainer.py``)."""

    stop_training: bool

    @property
    def optimizer(self) -> Any:
        """An `Optimizer`; ``None`` before ``compile``."""

    def get_weights(self) -> "list[NDArray[Any]]":
        """Copies of the weights (``keras/src/layers/layer.py``)."""

    def set_weights(self, weights: "Sequence[ArrayLike]", /) -> None:
        """Put weights in."""

    def save(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Write the whole model."""

    def save_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Write the weights and the optimizer's state."""

    def load_weights(self, filepath: FilePath, *args: object, **kwargs: object) -> None:
        """Read them back."""


class RealModel(Model, Protocol):
    """A model with layers (``keras/src/models/model.py``): what can be trained, or lent."""

    built: bool
    compiled: bool
    trainable: bool

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Make outputs of inputs."""

    def predict_on_batch(self, x: Data, /) -> Any:
        """Make them of one batch."""

    def summary(self, *args: object, **kwargs: object) -> None:
        """Print what layers there are."""

    @property
    def layers(self) -> Sequence[Any]:
        """Its layers, in order."""

    @property
    def weights(self) -> Sequence[Variable]:
        """All its variables (``keras/src/layers/layer.py``)."""

    @property
    def variables(self) -> Sequence[Variable]:
        """The same, and those of metrics and of random numbers."""

    @property
    def trainable_variables(self) -> Sequence[Variable]:
        """Those that a step changes (``keras/src/layers/layer.py``)."""


class TrainedModel(RealModel, Protocol):
    """A model that is trained, and how (``keras/src/trainers/trainer.py``).

    On jax a step keeps the variables' values for itself (``keras/src/backend/jax/trainer.py``).
    """

    steps_per_execution: int
    train_function: Callable[..., Any] | None
    test_function: Callable[..., Any] | None
    predict_function: Callable[..., Any] | None
    _jax_state: dict[str, Any]
    _jax_state_synced: bool

    def _get_jax_state(self, **wanted: bool) -> tuple[object, ...]: ...


class Callback(Protocol):
    """Whose hooks are called (``keras/src/callbacks/callback.py``).

    Hooks are found by their names, so that one that a later Keras dispatches is called too.
    Here are those of every batch, which are called directly, and what comes before any hook.
    """

    def set_params(self, params: dict[str, Any], /) -> None:
        """Take the params of a call."""

    def set_model(self, model: Any, /) -> None:
        """Take the model of a call; a callback may say which kind it needs, so here is any."""

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch begins to train."""

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """It has trained."""

    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch begins to be evaluated."""

    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """It has been evaluated."""


class CallbackList(Callback, Protocol):
    """Callbacks that are called as one (``keras/src/callbacks/callback_list.py``)."""

    callbacks: list[Callback]

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        """A prediction begins."""

    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """A batch of it begins."""

    def on_predict_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """A batch of it has ended; its outputs are in the logs."""

    def on_predict_end(self, logs: Logs | None = None) -> None:
        """It has ended."""


# What fit takes as callbacks, flattened by CallbackList (keras/src/callbacks/callback_list.py).
Callbacks: TypeAlias = Callback | Sequence["Callbacks"] | Mapping[str, "Callbacks"] | None


class Metric(Protocol):
    """What ``mode="auto"`` looks at (``keras/src/callbacks/monitor_callback.py``)."""

    name: str


class FitHistory(Protocol):
    """What ``fit`` returns (``keras/src/callbacks/history.py``)."""

    @property
    def history(self) -> dict[str, list[Any]]:
        """What each epoch's end reported, by metric."""

    @property
    def epoch(self) -> list[int]:
        """The epochs that ended."""

    @property
    def params(self) -> dict[str, Any]:
        """Those of the call."""


# A training loop of one's own: of the model, a list of callbacks and the number of epochs.
Loop: TypeAlias = Callable[[Any, list[Any], int], object]
