"""What callbacks for Keras 2 use and Keras 3 does not have, and what to write instead.

Found out by trying, with Keras 3.15.1: some of it raises, some of it silently does nothing.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import ModuleType, TracebackType
from typing import Any

from dryfit.tools.check.own_source import own_functions
from dryfit_fakes.backend import keras
from dryfit_fakes.model import FakeModel
from dryfit_fakes.optimizer import ScalarVariable, ScriptedOptimizer
from dryfit_fakes.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Leftover:
    """Something of Keras 2.

    Attributes:
        what: as the code has it.
        why: what Keras 3 does with it.
        write: what to write instead.
    """

    what: str
    why: str
    write: str


_RATE = "self.model.optimizer.learning_rate"
_ARRAYS = "data that is handed to the callback's constructor"
# By who is asked: the name, and what to write instead.
_GONE: dict[str, dict[str, str]] = {
    "optimizer": {
        "lr": _RATE,
        "decay": "a keras.optimizers.schedules.LearningRateSchedule",
        "_decayed_lr": _RATE,
        "_get_hyper": _RATE,
        "_set_hyper": _RATE,
        "get_updates": "optimizer.apply(grads, variables)",
        "get_weights": "optimizer.save_own_variables, or [v.numpy() for v in optimizer.variables]",
        "set_weights": "optimizer.load_own_variables, or variable.assign",
        "weights": "optimizer.variables",
        "optimizer": "optimizer.inner_optimizer, or nothing: Keras 3 wraps none",
    },
    "model": {
        "validation_data": _ARRAYS,
        "training_data": _ARRAYS,
        "uses_learning_phase": "model(x, training=False)",
        "total_loss": "logs['loss']",
        "targets": _ARRAYS,
        "sample_weights": _ARRAYS,
        "metrics_tensors": "model.metrics",
        "metrics_updates": "model.metrics",
        "stateful_metric_names": "model.metrics",
        "stateful_metric_functions": "model.metrics",
        "state_updates": "model.non_trainable_variables",
        "updates": "model.non_trainable_variables",
        "fit_generator": "model.fit",
        "evaluate_generator": "model.evaluate",
        "predict_generator": "model.predict",
        "predict_classes": "model.predict(x).argmax(-1)",
        "predict_proba": "model.predict",
        "_make_predict_function": "model.predict",
        "_make_train_function": "model.make_train_function",
    },
    "callback": {
        "validation_data": _ARRAYS,
        "model": "self.set_model(model), or a name of its own",
    },
    "params": {
        "metrics": "the keys of logs, or self.model.metrics_names",
        "samples": "self.params['steps']",
        "batch_size": "an argument of the constructor",
        "do_validation": "whether logs has val_ keys at an epoch's end",
        "nb_epoch": "self.params['epochs']",
        "nb_sample": "self.params['steps']",
    },
    "logs": {
        "lr": f"float({_RATE})",
        "batch": "the argument `batch` of the hook",
        "size": "an argument of the constructor",
    },
}
KEYS_GONE = frozenset(_GONE["logs"])
_SET_ALONE = {"lr": "In Keras 3 it is an attribute like any other: no rate changes."}
_OWNERS = {
    "ScriptedModel": "model",
    "ScriptedOptimizer": "optimizer",
    "Optimizer": "optimizer",
    "Model": "model",
    "Callback": "callback",
}
_BACKEND = ("keras.backend", "keras._tf_keras.keras.backend", "keras.api.backend")
_LEGACY = "keras.src.legacy.backend"


def of_refusals(refusals: Iterable[Refusal]) -> Iterator[Leftover]:
    """What was refused by a fake and is nobody's in Keras 3 either."""
    for refusal in refusals:
        owner = _OWNERS.get(refusal.owner, "")
        instead = _GONE.get(owner, {}).get(refusal.name)
        if instead is None or _is_compatible(refusal, instead):
            continue
        yield _leftover(f"{owner}.{refusal.name}", instead, refusal)


def of_error(error: BaseException | None) -> Iterator[Leftover]:
    """What an exception is about, if that is something of Keras 2."""
    if error is None:
        return
    name = _legacy_function(error.__traceback__)
    if name:
        yield Leftover(
            f"tf.keras.backend.{name}",
            "It takes a variable of Keras 2: a dtype is a text in Keras 3.",
            _instead_of_backend(name),
        )
    elif isinstance(error, KeyError) and error.args:
        for owner in ("params", "logs"):
            instead = _GONE[owner].get(error.args[0])
            if instead is not None:
                yield _leftover(f"{owner}[{error.args[0]!r}]", instead)
    elif isinstance(error, AttributeError):
        yield from _of_attribute(error)


def of_source(kind: type) -> Iterator[Leftover]:
    """What a class' own code asks for where no play may come by, or what gives it nothing."""
    for function in own_functions(kind):
        for key in filter(None, map(_key_of_params, ast.walk(function))):
            if key in _GONE["params"] and not _asks_first(function, key):
                why = "In Keras 3 params has verbose, epochs and steps alone."
                yield Leftover(f"params[{key!r}]", why, _GONE["params"][key])


def _asks_first(function: ast.FunctionDef, key: str) -> bool:
    """Whether a function goes on where the key is not there."""
    text = ast.unparse(function)
    asked = (f"{key!r} in self.params", f"params.get({key!r}) or ", f"params.get({key!r}) is ")
    return any(part in text for part in asked) or "except " in text


def _key_of_params(node: ast.AST) -> Any:
    """The key in ``self.params[key]`` and ``self.params.get(key)``."""
    if isinstance(node, ast.Subscript):
        asked, key = node.value, node.slice
    elif (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1
    ):
        if node.func.attr != "get":
            return None
        asked, key = node.func.value, node.args[0]
    else:
        return None
    is_params = isinstance(asked, ast.Attribute) and asked.attr == "params"
    return key.value if is_params and isinstance(key, ast.Constant) else None


def _of_attribute(error: AttributeError) -> Iterator[Leftover]:
    asked, name = error.obj, str(error.name)
    if str(error).startswith("property 'model' of"):
        yield _leftover("self.model =", _GONE["callback"]["model"])
    elif isinstance(asked, ModuleType):
        if asked.__name__ in _BACKEND:
            yield _leftover(f"keras.backend.{name}", _instead_of_backend(name))
        elif asked is keras.ops and name in _INSTEAD:  # taken for the backend of Keras 2
            yield _leftover(f"keras.ops.{name}", _INSTEAD[name])
    else:
        owner = _owner(asked)
        if name in _GONE.get(owner, {}):
            shown = "self" if owner == "callback" else owner
            yield _leftover(f"{shown}.{name}", _GONE[owner][name])


def _owner(asked: Any) -> str:
    kinds: dict[str, tuple[type, ...]] = {
        "optimizer": (keras.optimizers.Optimizer, ScriptedOptimizer),
        "model": (keras.Model, FakeModel),
        "callback": (keras.callbacks.Callback,),
        "variable": (keras.Variable, ScalarVariable),
    }
    return next((owner for owner, kind in kinds.items() if isinstance(asked, kind)), "")


def _leftover(what: str, instead: str, refusal: Refusal | None = None) -> Leftover:
    why = "Keras 3 has no such thing: it raises."
    if refusal is not None:
        where = f"{refusal.function}, line {refusal.line} of {refusal.module}"
        what = f"{what} ({'set' if refusal.how == 'sets' else 'read'} in {where})"
        if refusal.how == "sets":
            why = _SET_ALONE.get(refusal.name, "In Keras 3 it is an attribute like any other.")
    return Leftover(what, why, instead)


def _is_compatible(refusal: Refusal, instead: str) -> bool:
    """Whether the code asks first, or knows what Keras 3 has and goes on with it."""
    known = instead.rpartition(".")[2].partition("(")[0]
    return refusal.how == "probes" or (refusal.how == "reads" and known in refusal.names)


def _legacy_function(trace: TracebackType | None) -> str:
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == _LEGACY:
            return trace.tb_frame.f_code.co_name
        trace = trace.tb_next
    return ""


def _instead_of_backend(name: str) -> str:
    return _INSTEAD.get(name, f"keras.ops.{name}")


_INSTEAD = {
    "set_value": "variable.assign(value)",
    "get_value": "float(variable), or keras.ops.convert_to_numpy(variable)",
    "batch_set_value": "variable.assign(value), for each",
    "batch_get_value": "keras.ops.convert_to_numpy(variable), for each",
    "variable": "keras.Variable(value)",
    "learning_phase": "model(x, training=False)",
    "set_learning_phase": "model(x, training=False)",
    "get_session": "keras.ops.convert_to_numpy(tensor); Keras 3 has no sessions",
    "function": "keras.Model(inputs, outputs)",
}
