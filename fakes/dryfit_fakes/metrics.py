"""The metrics that a scripted model shows, so that ``mode="auto"`` works.

Keras looks for a metric object of the monitored name inside
``CompileMetrics`` and reads its ``_direction``
(``keras/src/callbacks/monitor_callback.py``, 3.15.1). A name of unknown
direction has none here either, and Keras' own error appears.
"""

from collections.abc import Iterable
from typing import Any

from dryfit_fakes.backend import CompileMetrics
from dryfit_fakes.protocols import Metric, Variable
from dryfit_fakes.releases import METRICS_HAVE_DIRECTIONS
from dryfit_fakes.script import Script

# The default names of keras.metrics' classes and the short names that compile()
# takes, by their `_direction`. Kept as a table: making the objects to ask them
# would move Keras' counter of automatic names ("auc" becomes "auc_1") for the
# user's own metrics. tests/fakes/test_metrics.py asks every class.
UP = frozenset(
    """acc accuracy auc binary_accuracy binary_io_u categorical_accuracy
    concordance_correlation cosine_similarity f1_score f_beta_score fbeta_score io_u
    mean_io_u one_hot_io_u one_hot_mean_io_u pearson_correlation precision
    precision_at_recall r2_score recall recall_at_precision
    sensitivity_at_specificity sparse_categorical_accuracy
    sparse_top_k_categorical_accuracy specificity_at_sensitivity
    top_k_categorical_accuracy""".split()
)
DOWN = frozenset(
    """BCE MAE MAPE MSE MSLE bce binary_crossentropy categorical_crossentropy
    categorical_hinge hinge kl_divergence log_cosh_error logcosh mae mape
    mean_absolute_error mean_absolute_percentage_error mean_squared_error
    mean_squared_logarithmic_error mse msle poisson root_mean_squared_error
    sparse_categorical_crossentropy squared_hinge""".split()
)


class _Named:
    """A metric's name and, if it is known, its direction."""

    def __init__(self, name: str, direction: str | None) -> None:
        self.name = name
        if direction is not None:
            self._direction = direction


class ScriptedMetrics(CompileMetrics):  # type: ignore[misc]
    """Stands where a compiled model has its metrics; holds names, no state."""

    def __init__(self, script: Script) -> None:
        super().__init__(metrics=None, weighted_metrics=None, name="scripted_metrics")
        self._named = [_Named(n, direction(n, script)) for n in script.names if n != "loss"]

    @property
    def metrics(self) -> list[Metric]:
        """One entry per scripted metric but the loss, which Keras tracks apart."""
        return list(self._named)

    def adds_to(self, metrics: Iterable[Any]) -> bool:
        """Whether it has a direction that a model's metrics do not tell.

        Those that ``compile`` was given are made in the first step: before, nobody asks.
        """
        compiled = [m for m in metrics if isinstance(m, CompileMetrics)]
        if not METRICS_HAVE_DIRECTIONS or not all(m.built for m in compiled):
            return False
        told = {metric.name for m in compiled for metric in m.metrics}
        return any(hasattr(m, "_direction") and m.name not in told for m in self._named)

    @property
    def variables(self) -> list[Variable]:
        """None: the numbers are the script's."""
        return []

    def update_state(self, *args: object, **kwargs: object) -> None:
        """Do nothing; the numbers are the script's."""

    def reset_state(self) -> None:
        """Do nothing; the playback resets its own means."""

    def result(self) -> dict[str, float]:
        """Nothing of its own; the model reports the script's row."""
        return {}


def direction(name: str, script: Script) -> str | None:
    """Return ``"up"``, ``"down"``, or ``None`` where nobody knows."""
    scripted = script.directions.get(name, script.directions.get(f"val_{name}"))
    if scripted is not None:
        return scripted
    return known_direction(name)


def known_direction(name: str) -> str | None:
    """Return the direction that ``keras.metrics`` gives a metric of this name."""
    return "up" if name in UP else "down" if name in DOWN else None
