"""The optimizer that a callback sees: a learning rate kept as float32.

Source: ``keras/src/optimizers/base_optimizer.py`` (3.15.1): ``learning_rate``
is a float32 variable, ``iterations`` an integer one that counts batches.
"""

from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from dryfit_fakes.backend import keras
from dryfit_fakes.strict import NotOfferedError

_LR = (
    "`optimizer.lr` is tf_keras'; Keras 3 says `learning_rate` "
    "(and setting `optimizer.lr` there silently changes nothing)."
)
_REMEDY = (
    "To go on: lend a real model with the optimizer you need, "
    "play(script, callbacks, model=keras_model), or play it in the real lane."
)


class ScalarVariable(NDArrayOperatorsMixin):
    """A number that is read and written as a Keras variable of shape ().

    Attributes:
        number: the value as a Python number, rounded to the dtype.
    """

    shape = ()
    ndim = 0

    def __init__(self, value: Any, dtype: str, name: str) -> None:
        self.name = name
        self.dtype = np.dtype(dtype)  # equals its name, as a Keras variable's dtype is
        self._type: Any = self.dtype.type
        self.assign(value)

    def assign(self, value: Any) -> "ScalarVariable":
        """Set the value, rounded to the dtype.

        Raises:
            ValueError: the value is not a scalar.
        """
        array = np.asarray(keras.ops.convert_to_numpy(value))
        if array.dtype.kind not in "fiub":
            raise ValueError(f"a scalar variable takes a number, not {value!r}")
        if array.shape != ():
            raise ValueError(f"a scalar variable takes one number, not shape {array.shape}")
        self.number: Any = self._type(array).item()
        return self

    def assign_add(self, value: Any) -> "ScalarVariable":
        """Add to the value."""
        if type(value) is type(self.number) is int:  # once per batch: no arrays for a count
            self.number += value
            return self
        return self.assign(self.numpy() + self._type(float(value)))

    def assign_sub(self, value: Any) -> "ScalarVariable":
        """Subtract from the value."""
        return self.assign(self.numpy() - self._type(float(value)))

    def numpy(self) -> Any:
        """Return the value as a numpy scalar."""
        return self._type(self.number)

    @property
    def value(self) -> "ScalarVariable":
        """Itself, where a Keras variable has a tensor."""
        return self

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.asarray(self.numpy(), dtype=dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        numbers = [i.numpy() if isinstance(i, ScalarVariable) else i for i in inputs]
        return getattr(ufunc, method)(*numbers, **kwargs)

    def __float__(self) -> float:
        return float(self.number)

    def __int__(self) -> int:
        return int(self.number)

    def __bool__(self) -> bool:
        return bool(self.number)

    def __round__(self, digits: int | None = None) -> Any:
        return round(self.number, digits)

    def __getattr__(self, name: str) -> Any:
        raise NotOfferedError(self, name, _REMEDY)

    def __repr__(self) -> str:
        return f"<ScalarVariable dtype={self.dtype}, value={self.number}>"


class ScriptedOptimizer:
    """An optimizer that trains nothing: its learning rate, and a count of batches.

    Args:
        learning_rate: a number; or a ``LearningRateSchedule`` or a function
            without arguments, and then it cannot be set, as in Keras.
    """

    _OURS = frozenset({"rate", "settable"})
    built = True

    def __init__(self, learning_rate: Any) -> None:
        self._iterations = ScalarVariable(0, "int64", "iterations")
        self._schedule: Any = None
        self._rate = ScalarVariable(0.0, "float32", "learning_rate")
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> Any:
        """The rate: a variable, or what the schedule gives for this batch."""
        if self._schedule is not None:
            return self._schedule(self._iterations.numpy())
        return self._rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        if isinstance(value, keras.optimizers.schedules.LearningRateSchedule):
            self._schedule = value
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

    @property
    def iterations(self) -> ScalarVariable:
        """How many batches have trained."""
        return self._iterations

    @property
    def settable(self) -> bool:
        """Whether the rate can be set: not if a schedule gives it."""
        return self._schedule is None

    def rate(self) -> float:
        """The rate as a Python float that holds a float32 value."""
        if self._schedule is None:
            number: float = self._rate.number
            return number
        return float(keras.ops.convert_to_numpy(self.learning_rate))

    def __getattr__(self, name: str) -> Any:
        raise NotOfferedError(self, name, _LR if name == "lr" else _REMEDY)

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_") and not hasattr(type(self), name):
            raise NotOfferedError(self, name, _LR if name == "lr" else _REMEDY)
        object.__setattr__(self, name, value)
