"""The optimizer that a callback sees: a learning rate kept as float32.

Source: ``keras/src/optimizers/base_optimizer.py`` (3.15.1): ``learning_rate``
is a float32 variable, ``iterations`` an integer one that counts batches.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn, SupportsFloat

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import ArrayLike, DTypeLike, NDArray

from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.keras2_tensor import tensor_class
from dryfit_fakes.protocols import Optimizer, Rate
from dryfit_fakes.releases import RATE_IS_LR_TOO, SCHEDULED_RATE_IS_A_VARIABLE
from dryfit_fakes.strict import NotOfferedError

_LR = (
    "`optimizer.lr` is tf_keras'; Keras 3 says `learning_rate` "
    "(and setting `optimizer.lr` there silently changes nothing)."
)
REMEDY = (
    "To go on: lend a real model with the optimizer you need, "
    "play(script, callbacks, model=keras_model), or play it in the real lane."
)


# What `K.get_value` of Keras 2 reads; it hands on all else as it is.
_TENSOR: Any = tensor_class() if LEGACY else object


class ScalarVariable(NDArrayOperatorsMixin, _TENSOR):  # type: ignore[misc]
    """A number that is read and written as a Keras variable of shape ()."""

    shape = ()
    ndim = 0
    name = ""  # attributes of ours, where a tensor has properties
    dtype = ""

    def __init__(self, value: ArrayLike, dtype: str, name: str) -> None:
        self.name = name
        self.dtype = dtype  # a text, as a Keras variable's is: it has no .name
        self._type: Any = np.dtype(dtype).type
        self.assign(value)

    def assign(self, value: ArrayLike | SupportsFloat) -> "ScalarVariable":
        """Set the value, rounded to the dtype.

        Raises:
            ValueError: the value is not a scalar.
        """
        plain = type(value) in (float, int)
        array = np.asarray(value if plain else keras.ops.convert_to_numpy(value))
        if array.dtype.kind not in "fiub":
            raise ValueError(f"a scalar variable takes a number, not {value!r}")
        if array.shape != ():
            raise ValueError(f"a scalar variable takes one number, not shape {array.shape}")
        self._number: Any = self._type(array).item()
        return self

    def assign_add(self, value: SupportsFloat) -> "ScalarVariable":
        """Add to the value."""
        if type(value) is type(self._number) is int:  # once per batch: no arrays for a count
            self._number += value
            return self
        return self.assign(self.numpy() + self._type(float(value)))

    def assign_sub(self, value: SupportsFloat) -> "ScalarVariable":
        """Subtract from the value."""
        return self.assign(self.numpy() - self._type(float(value)))

    def numpy(self) -> np.generic:
        """Return the value as a numpy scalar."""
        number: np.generic = self._type(self._number)
        return number

    def _itself(self) -> "ScalarVariable":
        """Itself, where a Keras variable has a tensor."""
        return self

    value: Any = numpy if LEGACY else property(_itself)  # TensorFlow's variable has a method

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        return np.asarray(self.numpy(), dtype=dtype)

    def __jax_array__(self) -> np.generic:
        return self.numpy()  # jax takes no dtype that is a text

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> Any:
        numbers = [i.numpy() if isinstance(i, ScalarVariable) else i for i in inputs]
        return getattr(ufunc, method)(*numbers, **kwargs)

    def __float__(self) -> float:
        return float(self._number)

    def __int__(self) -> int:
        return int(self._number)

    def __bool__(self) -> bool:
        return bool(self._number)

    def __round__(self, digits: int | None = None) -> float:
        rounded: float = round(self._number, digits)
        return rounded

    def __getattr__(self, name: str) -> NoReturn:
        raise NotOfferedError(self, name, REMEDY)

    def __repr__(self) -> str:
        return f"<ScalarVariable dtype={self.dtype}, value={self._number}>"


class ScriptedOptimizer:
    """An optimizer that trains nothing: its learning rate, and a count of batches.

    Args:
        learning_rate: a number; or a ``LearningRateSchedule`` or a function
            without arguments, and then it cannot be set, as in Keras.
        name: as ``keras.optimizers`` take it.
    """

    built = True

    def __init__(self, learning_rate: Rate, name: str = "scripted") -> None:
        self._name = name
        self._iterations = ScalarVariable(0, "int64", "iterations")
        self._schedule: Any = None
        self._rate = ScalarVariable(0.0, "float32", "learning_rate")
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> Any:
        """The rate: a variable, or what the schedule gives for this batch."""
        if self._schedule is not None and not SCHEDULED_RATE_IS_A_VARIABLE:
            return self._schedule(self._iterations.numpy())
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Rate) -> None:
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            self._schedule = value
            if SCHEDULED_RATE_IS_A_VARIABLE:
                self._rate.assign(float(_number(value(self._iterations._number))))
        elif callable(value):
            self._schedule = lambda iterations: value()
        elif self._schedule is not None:
            raise TypeError(
                "This optimizer was created with a `LearningRateSchedule` object as its "
                "`learning_rate` constructor argument, hence its learning rate is not settable. "
                "If you need the learning rate to be settable, you should instantiate the "
                "optimizer with a float `learning_rate` argument."
            )
        else:
            self._rate.assign(value)

    if RATE_IS_LR_TOO:
        lr = learning_rate

    @property
    def name(self) -> str:
        """Its name, by which it is told from others."""
        return self._name

    @property
    def iterations(self) -> ScalarVariable:
        """How many batches have trained."""
        return self._iterations

    def __getattr__(self, name: str) -> NoReturn:
        raise NotOfferedError(self, name, _LR if name == "lr" else REMEDY)

    def __setattr__(self, name: str, value: object) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise NotOfferedError(self, name, _LR if name == "lr" else REMEDY)
        object.__setattr__(self, name, value)


# What a Keras optimizer has no name for stands beside the class: a callback sees nothing of it.


def is_settable(optimizer: ScriptedOptimizer) -> bool:
    """Whether the rate can be set: not if a schedule gives it."""
    return optimizer._schedule is None


def rate_of(optimizer: ScriptedOptimizer) -> float:
    """The rate as a Python float that holds a float32 value."""
    if optimizer._schedule is None or SCHEDULED_RATE_IS_A_VARIABLE:
        number: float = optimizer._rate._number
        return number
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def counter(optimizer: Optimizer) -> Callable[[int], object]:
    """What counts batches of an optimizer, a scripted one or a real one."""
    count: Callable[[int], object] = optimizer.iterations.assign_add
    if SCHEDULED_RATE_IS_A_VARIABLE and isinstance(optimizer, ScriptedOptimizer):
        return count if optimizer._schedule is None else partial(_count_and_move, optimizer)
    return count


def _count_and_move(optimizer: ScriptedOptimizer, batches: int) -> None:
    last = optimizer._iterations._number + batches - 1
    optimizer._rate.assign(float(_number(optimizer._schedule(last))))
    optimizer._iterations.assign_add(batches)


def _number(tensor: object) -> Any:
    return keras.ops.convert_to_numpy(tensor)
