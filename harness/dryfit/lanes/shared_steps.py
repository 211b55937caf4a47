"""Steps of the small network, traced once a process and run with the variables of each.

Before its first step TensorFlow traces a model's ``train_step`` into a graph, which takes longer
than all else in a play. For a small network the graph is always the same but for the variables,
which it takes from outside (``ConcreteFunction.set_external_captures``, TensorFlow 2.21,
``tensorflow/python/eager/polymorphic_function/concrete_function.py``). A network that is not what
it was when it was made is traced by Keras for itself, as any other model is.
"""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from dryfit.lanes.networks import small_network
from dryfit.recorder.model_journal import own_class
from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.protocols import TrainedModel

CAN_SHARE = keras.backend.backend() == "tensorflow" and not LEGACY

Step = Callable[[Any], Any]  # an iterator over batches; the logs of one

_PLAIN = (bool, bytes, complex, float, int, str)

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
    """A graph of a step, the batch that it takes, and the places of the variables it takes."""

    graph: Any
    batch: Any
    places: list[int]
    network: Any  # whose variables the graph was traced with, and may ask for


class SharedSteps:
    """The steps of a small network, which tell whether anybody has changed it since it was made.

    Args:
        network: as `small_network` has just made it, with one optimizer.
    """

    def __init__(self, network: TrainedModel) -> None:
        self._network = network
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
                chosen = self._traced(method, own) or own
            return chosen(batches)

        return step

    def _traced(self, method: str, own: Step) -> Step | None:
        network = self._network
        traced = _traced_here(network, method) if self._is_as_made() else None
        if traced is None:
            return None
        if not network.optimizer.built:  # the first step does it
            network.optimizer.build(network.trainable_variables)
            self._made = list(_parts(network))
        graph, batch, places, _ = traced
        variables = _variables(network)
        taken = [variables[place].value.handle for place in places]

        def step(batches: Any) -> Any:
            if getattr(batches, "element_spec", None) != batch:  # train_on_batch, say
                return own(batches)
            graph.set_external_captures(taken)
            return graph(next(batches))

        return step

    def _is_as_made(self) -> bool:
        parts = list(_parts(self._network))
        return len(parts) == len(self._made) and all(map(_same, parts, self._made))


def _traced_here(network: Any, method: str) -> _Traced | None:
    import tensorflow as tf

    if tf.config.functions_run_eagerly() or tf.distribute.has_strategy():
        return None
    step = getattr(own_class(type(network)), method)
    return _trace(step, keras.config.floatx(), keras.config.dtype_policy().name)


@cache
def _trace(step: Callable[..., Any], *_settings: str) -> _Traced | None:
    """Trace a step for a network that nobody plays with; ``None`` if it takes but variables."""
    import tensorflow as tf

    network, samples = small_network()
    network.optimizer.build(network.trainable_variables)
    batch = tuple(tf.TensorSpec(array.shape, array.dtype) for array in (samples.x, samples.y))
    converted = tf.autograph.experimental.do_not_convert(lambda data: step(network, data))
    with tf.device(None):  # the next play may be on another
        graph = tf.function(converted).get_concrete_function(batch)
    by_handle = {id(v.value.handle): place for place, v in enumerate(_variables(network))}
    places = [by_handle.get(id(handle), -1) for handle in graph.captured_inputs]
    return None if -1 in places else _Traced(graph, batch, places, network)


def _variables(network: Any) -> list[Any]:
    # Metrics come last: a play may have one more behind those of the network.
    return [*network.variables, *network.optimizer.variables, *network.metrics_variables]


def _parts(network: Any) -> Iterator[object]:
    """What a network is made of, down to plain values and what is not Keras' own."""
    seen = {id(network)}
    left: list[object] = [{k: v for k, v in vars(network).items() if k not in _OF_A_PLAY}]
    while left:
        part = left.pop()
        if isinstance(part, dict):
            yield len(part)
            left += [*part, *part.values()]
        elif isinstance(part, list | tuple):
            yield len(part)
            left += part
        else:
            yield part
            ours = type(part).__module__.startswith("keras.") and hasattr(part, "__dict__")
            if ours and id(part) not in seen:
                seen.add(id(part))
                left.append(vars(part))


def _same(part: object, made: object) -> bool:
    return part is made or (isinstance(part, _PLAIN) and type(part) is type(made) and part == made)
