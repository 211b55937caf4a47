"""Steps of the small network, traced once a process and run with the variables of each.

Before its first step TensorFlow traces a model's ``train_step`` into a graph, which takes longer
than all else in a play. For a small network the graph is always the same but for the variables,
which it takes from outside (``ConcreteFunction.set_external_captures``, TensorFlow 2.21,
``tensorflow/python/eager/polymorphic_function/concrete_function.py``). A network that is not what
it was when it was made is traced by Keras for itself, as any other model is, and so is each where
a method of Keras' classes was replaced. A function of its modules that was replaced isn't seen.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any, NamedTuple

from dryfit.recorder.model_journal import own_class
from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.keras_of_process import keras as own_keras
from dryfit_fakes.protocols import TrainedModel

CAN_SHARE = keras.backend.backend() == "tensorflow" and not LEGACY

Place = tuple[str, int]
Step = Callable[[Any], Any]  # an iterator over batches; the logs of one

_CONTAINERS = (dict, list, tuple)
_PLAIN = (bool, bytes, complex, float, frozenset, int, str)
_OURS = ("dryfit.", "keras.")
_RELEASED = (str(Path(own_keras.__file__).parents[1]), str(Path(__file__).parents[2]))

# What `fit`, `evaluate` and a play give a model; no step depends on it.
_OF_A_PLAY = {
    "_dryfit_journal",
    "_eval_epoch_iterator",
    "history",
    "predict_function",
    "stop_evaluating",
    "stop_predicting",
    "stop_training",
    "test_function",
    "train_function",
}


class _Traced(NamedTuple):
    """What came of tracing a step.

    Attributes:
        graph: does it with one batch.
        taken: places of the variables that it takes from outside, among the network's.
        watched: places of those that a gradient tape is told of.
        code: what was in the classes of all that a network is made of.
    """

    graph: Any
    taken: list[Place]
    watched: list[Place]
    code: list[object]


_traced: dict[tuple[object, ...], _Traced | None] = {}


class SharedSteps:
    """The steps of a small network, which tell whether anybody has changed it since it was made.

    Args:
        network: as `small_network` has just made it, with one optimizer.
    """

    def __init__(self, network: TrainedModel) -> None:
        self._network = network
        self._settings = _settings()
        self._made = list(_parts(network))

    def step(self, method: str, own: Step) -> Step:
        """Choose a step with the first batch, as Keras traces it there, and keep to it.

        Args:
            method: ``train_step`` or ``test_step``, which it does.
            own: Keras' function for it, which traces it for this network.
        """
        chosen: Step | None = None

        def step(batches: Any) -> Any:
            nonlocal chosen
            if chosen is None:
                chosen = self._shared(method, own, batches) or own
            return chosen(batches)

        return step

    def _shared(self, method: str, own: Step, batches: Any) -> Step | None:
        import tensorflow as tf

        network: Any = self._network
        batch = getattr(batches, "element_spec", None)
        as_made = self._settings == _settings() and _alike([*_parts(network)], self._made)
        if batch is None or not as_made or _is_spread(network):
            return None
        code = _code(network)
        if method == "train_step" and not network.optimizer.built:  # the first step does it
            network.optimizer.build(network.trainable_variables)
            self._made = list(_parts(network))
        key = (method, batch, *self._settings)
        if key not in _traced:
            _traced[key] = _trace(network, method, batch, code)
        traced = _traced[key]
        if traced is None or not _alike(code, traced.code):
            return None
        graph = traced.graph
        variables = _variables(network)
        taken = [variables[place].handle for place in traced.taken]
        watched = [variables[place] for place in traced.watched]

        def step(batches: Any) -> Any:
            as_usual = getattr(batches, "element_spec", None) == batch  # in train_on_batch it isn't
            if not as_usual or not tf.executing_eagerly() or tf.config.functions_run_eagerly():
                return own(batches)
            try:
                data = next(batches)
            except StopIteration:  # a callback's own data; who asks for more hears of it from Keras
                return own(batches)
            graph.set_external_captures(taken)
            graph.graph.variables = watched
            return graph(data)

        return step


def _settings() -> tuple[str, str]:
    return keras.config.floatx(), keras.config.dtype_policy().name


def _is_spread(network: Any) -> bool:
    """Whether TensorFlow has a say in how a step runs: on several devices, or without a graph."""
    import tensorflow as tf

    spread = network.distribute_strategy is not tf.distribute.get_strategy()
    return spread or tf.distribute.has_strategy() or tf.config.functions_run_eagerly()


def _trace(network: Any, method: str, batch: Any, code: list[object]) -> _Traced | None:
    """Trace a step, with the variables of the network that comes first.

    ``None`` if others cannot do with it: it takes more than variables, or is not Keras' alone.
    """
    import tensorflow as tf

    if not all(map(_is_as_released, code)):
        return None
    step = getattr(network, method)
    converted = tf.autograph.experimental.do_not_convert(lambda data: step(data))
    with tf.device(None):  # the next play may be on another
        graph = tf.function(converted).get_concrete_function(batch)
    places = {id(variable): place for place, variable in _variables(network).items()}
    handles = {id(variable.handle): place for place, variable in _variables(network).items()}
    operations = graph.graph.get_operations()
    debugged = any(one.type.startswith(("CheckNumerics", "Debug")) for one in operations)
    try:
        taken = [handles[id(handle)] for handle in graph.captured_inputs]
        watched = [places[id(variable)] for variable in graph.graph.variables]
    except KeyError:
        return None
    return None if debugged else _Traced(graph, taken, watched, code)


def _variables(network: Any) -> dict[Place, Any]:
    """TensorFlow's variables of a network, by whose they are and in which place."""
    owners = {
        "model": network.variables,
        "optimizer": network.optimizer.variables,
        "metrics": network.metrics_variables,
    }
    return {(of, n): each.value for of, every in owners.items() for n, each in enumerate(every)}


def _parts(network: Any) -> Iterator[object]:
    """What a network is made of, down to plain values and what is not Keras' own."""
    seen = {id(network)}
    left: list[object] = []
    for name, value in vars(network).items():
        if name not in _OF_A_PLAY:
            left += [name, value]
    while left:
        part = left.pop()
        known = id(part) in seen
        if isinstance(part, _CONTAINERS):
            yield len(part)
            inner: Any = [*part, *part.values()] if isinstance(part, dict) else part
        elif isinstance(part, set):
            yield frozenset(part)
            inner = []
        else:
            yield part
            is_ours = str(type(part).__module__).startswith(_OURS) and hasattr(part, "__dict__")
            inner = [vars(part)] if is_ours else []
        if not known:
            seen.add(id(part))
            left.extend(inner)


def _code(network: Any) -> list[object]:
    """The classes of all that a network is made of, and what is in those of Keras."""
    made_of = {type(part) for part in (network, *_parts(network))}
    kinds = {kind for one in made_of for kind in own_class(one).__mro__}
    code: list[object] = []
    for kind in sorted(kinds, key=lambda kind: (kind.__module__, kind.__qualname__)):
        of_ours = vars(kind) if kind.__module__.startswith(_OURS) else {}
        code += [kind, *(of_ours[name] for name in of_ours if name != "__annotations__")]
    return code


def _is_as_released(value: object) -> bool:
    """Whether it was installed with Keras or dryfit, if it is a function at all."""
    if isinstance(value, FunctionType):
        return value.__code__.co_filename.startswith((*_RELEASED, "<"))
    return type(value).__module__ != "unittest.mock"


def _alike(some: list[object], others: list[object]) -> bool:
    return len(some) == len(others) and all(map(_same, some, others))


def _same(one: object, other: object) -> bool:
    return one is other or (isinstance(one, _PLAIN) and type(one) is type(other) and one == other)
