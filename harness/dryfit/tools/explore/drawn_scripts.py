"""Hypothesis strategies for curves, scripts and settings of callbacks.

They shrink to the shortest sequence of small, readable numbers.
"""

import inspect
import math
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from dryfit.scenario.given_training import USUAL_TRAINING
from dryfit.tools.explore.explored import Explored, Maker
from dryfit.tools.explore.schedules import halved, kept, stepped
from dryfit_fakes.script import Script

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(
        "dryfit.strategies needs Hypothesis; install the extra: pip install 'dryfit[hypothesis]'"
    ) from error

__all__ = ["VALUES", "callback_settings", "cases", "curves", "scripts"]

VALUES = (1.0, 0.5, 2.0, math.nan, math.inf, None)
"""What curves are made of by default, the plainest first; ``None`` is absent."""

_ALWAYS = (1.0, 0.5, 2.0)  # of what is only reported
_MIRRORED = tuple(None if value is None else 2.0 - value for value in VALUES)
_LONGEST = 8
_LEFT_OUT = object()
_SET_RATES = ("LearningRateScheduler", "ReduceLROnPlateau")
_Epochs = int | tuple[int, int]
_Strategies = dict[str, st.SearchStrategy[Any]]


def curves(
    epochs: _Epochs = (1, _LONGEST), *, values: Sequence[float | None] = VALUES
) -> st.SearchStrategy[list[float | None]]:
    """Make series of a metric: a value per epoch, ``None`` where it is absent.

    Args:
        epochs: how many, or the least and the most.
        values: what they are made of, the plainest first, to which examples shrink.
    """
    return _rows(st.sampled_from(list(values)), epochs)


def scripts(
    metrics: Sequence[str] = ("val_loss",),
    epochs: _Epochs = (1, _LONGEST),
    *,
    values: Sequence[float | None] = VALUES,
    batches: int = 3,
    learning_rate: float | None = None,
) -> st.SearchStrategy[Script]:
    """Make scripts, each metric with a curve of its own.

    Args:
        metrics: the names of what is reported.
        epochs: how many, or the least and the most.
        values: what curves are made of.
        batches: the most that an epoch has.
        learning_rate: as in `Script`.
    """
    return _scripts(dict.fromkeys(metrics, values), epochs, batches, learning_rate)


def _scripts(
    values: Mapping[str, Sequence[float | None]],
    epochs: _Epochs = (1, _LONGEST),
    batches: int = 3,
    learning_rate: float | None = None,
) -> st.SearchStrategy[Script]:
    """Scripts of metrics, each with what its curve is made of."""

    def script(drawn: tuple[list[Any], int]) -> Script:
        rows, count = drawn
        told = dict(zip(values, map(list, zip(*rows, strict=True)), strict=True))
        return Script(metrics=told, epochs=len(rows), batches=count, learning_rate=learning_rate)

    # Rows, not columns: that an epoch less is an epoch less for every metric is one step.
    row = st.tuples(*[st.sampled_from(list(one)) for one in values.values()])
    return st.tuples(_rows(row, epochs), st.integers(1, batches)).map(script)


def callback_settings(
    callback_class: type, given: Mapping[str, st.SearchStrategy[Any]] | None = None
) -> st.SearchStrategy[dict[str, Any]]:
    """Make arguments for a callback's constructor; what may be left out shrinks away.

    Keras' EarlyStopping, ReduceLROnPlateau, LearningRateScheduler and ModelCheckpoint, and
    what is derived from them, get settings of each documented kind that bears on what they
    decide. Another class gets numbers and switches by its constructor's annotations and
    defaults; its other parameters stay at their defaults.

    Args:
        callback_class: whose constructor it is.
        given: strategies by parameter, in place of these or beside them.

    Raises:
        TypeError: a parameter has no default and no plain annotation, or there is none of
            a name that is given.
    """
    return _settings(callback_class, callback_class, given or {})


def _settings(
    make: Maker,
    kind: type,
    given: Mapping[str, st.SearchStrategy[Any]],
    always: Container[str] = (),
) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments for what makes callbacks of a kind; some of those given are never left out."""
    parameters = inspect.signature(make).parameters
    anything = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    if unknown := [name for name in given if name not in parameters and not anything]:
        raise TypeError(
            f"{make.__name__} has no parameter {', '.join(unknown)}; "
            f"there are {', '.join(parameters)}"
        )
    documented = _documented(kind)
    required, optional = (
        {name: drawn for name, drawn in each.items() if anything or name in parameters}
        for each in documented
    )
    if not any(documented):
        required, optional = _plain(make, parameters, given)
    for name, strategy in given.items():
        needed = (
            name in required or name in always or (name in parameters and _needed(parameters[name]))
        )
        optional.pop(name, None)
        (required if needed else optional)[name] = strategy
    # Not fixed_dictionaries' own optional=: which keys it leaves out does not shrink one by one.
    left_out = st.just(_LEFT_OUT)
    whole = required | {name: left_out | strategy for name, strategy in optional.items()}
    return st.fixed_dictionaries(whole).map(_without_left_out)


def cases(callback_class: type) -> st.SearchStrategy[tuple[Script, dict[str, Any]]]:
    """Make scripts with settings for one of the four callbacks, of the metric it monitors."""
    return cases_of(Explored(callback_class, callback_class, {}, USUAL_TRAINING, {}))


def cases_of(subject: Explored) -> st.SearchStrategy[tuple[Script, dict[str, Any]]]:
    """The same for what is explored, which may monitor and be given what it likes."""
    rate = 1.0 if any(base.__name__ in _SET_RATES for base in subject.kind.__mro__) else None
    given = {name: st.sampled_from(list(values)) for name, values in subject.given.items()}

    def with_script(settings: dict[str, Any]) -> st.SearchStrategy[Any]:
        known = {**subject.kept, **settings}
        monitored = str(known.get("monitor", "val_loss"))
        # Mirrored at 1, so that an example with `max` shrinks to the same one with `min`.
        values = _MIRRORED if known.get("mode") == "max" else VALUES
        others = [name for name in subject.training.reported if name != monitored]
        script = _scripts({monitored: values} | dict.fromkeys(others, _ALWAYS), learning_rate=rate)
        return st.tuples(script, st.just(settings))

    return _settings(subject.make, subject.kind, given, given).flatmap(with_script)


def _without_left_out(settings: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if value is not _LEFT_OUT}


def _rows(row: st.SearchStrategy[Any], epochs: _Epochs) -> st.SearchStrategy[list[Any]]:
    least, most = (epochs, epochs) if isinstance(epochs, int) else epochs
    return st.lists(row, min_size=least, max_size=most)


_MONITORS = {
    "monitor": ["loss"],
    "mode": ["max", "min"],
}
_OPTIONAL: dict[str, dict[str, list[Any]]] = {
    "EarlyStopping": _MONITORS
    | {
        "patience": [1, 2, 3, 0],
        "min_delta": [1.0, 0.5],
        "restore_best_weights": [True],
        "baseline": [0.5],
        "start_from_epoch": [1, 2],
    },
    "ReduceLROnPlateau": _MONITORS
    | {
        "patience": [2, 3, 0],
        "cooldown": [1, 2, 3],
        "min_delta": [0.5, 0.0],
        "min_lr": [0.125, 1.0],
    },
    "LearningRateScheduler": {},
    "ModelCheckpoint": _MONITORS
    | {
        "save_best_only": [True],
        "save_freq": [1, 2, 3],
        "initial_value_threshold": [1.0, 0.5],
    },
}
_REQUIRED: dict[str, dict[str, list[Any]]] = {
    # The defaults of ten epochs and a tenth need long runs of long numbers.
    "ReduceLROnPlateau": {"patience": [1, 2, 3, 0], "factor": [0.5, 0.25]},
    "LearningRateScheduler": {"schedule": [halved, kept, stepped]},
    "ModelCheckpoint": {
        "filepath": ["best.weights.h5", "{epoch}.weights.h5"],
        "save_weights_only": [True],
    },
}


def _documented(callback_class: type) -> tuple[_Strategies, _Strategies]:
    for base in callback_class.__mro__:
        if base.__name__ in _OPTIONAL:
            required = _REQUIRED.get(base.__name__, {})
            optional = _OPTIONAL[base.__name__]
            rest = {name: values for name, values in optional.items() if name not in required}
            return _sampled(required), _sampled(rest)
    return {}, {}


def _sampled(values: Mapping[str, list[Any]]) -> _Strategies:
    return {name: st.sampled_from(listed) for name, listed in values.items()}


def _plain(
    make: Maker,
    parameters: Mapping[str, inspect.Parameter],
    given: Mapping[str, Any],
) -> tuple[_Strategies, _Strategies]:
    required: _Strategies = {}
    optional: _Strategies = {}
    for name, parameter in parameters.items():
        if name in given or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        strategy = _of_kind(parameter)
        if strategy is not None:
            (required if _needed(parameter) else optional)[name] = strategy
        elif _needed(parameter):
            raise TypeError(
                f"{make.__name__} needs {name!r}, and no plain annotation says what "
                f"that is; give a strategy: callback_settings({make.__name__}, "
                f"{{{name!r}: st.sampled_from([...])}})"
            )
    return required, optional


def _needed(parameter: inspect.Parameter) -> bool:
    variable = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    return parameter.default is parameter.empty and not variable


_KINDS: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    bool: st.booleans,
    int: lambda: st.sampled_from([1, 2, 3, 0]),
    float: lambda: st.sampled_from([1.0, 0.5, 2.0, 0.0]),
}


def _of_kind(parameter: inspect.Parameter) -> st.SearchStrategy[Any] | None:
    """Values for a parameter whose annotation or default is plain; not the default itself."""
    kind = parameter.annotation
    if isinstance(kind, str):  # `from __future__ import annotations`
        kind = {"bool": bool, "int": int, "float": float}.get(kind)
    if get_origin(kind) is Literal:
        return st.sampled_from(get_args(kind))
    if kind not in _KINDS:
        kind = type(parameter.default)
    if kind not in _KINDS:
        return None
    if kind is bool and not _needed(parameter):
        return st.just(not parameter.default)
    return _KINDS[kind]()
