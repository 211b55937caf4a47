"""What callbacks are trained with where somebody gives it: a model, data for it, its metrics."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.scenario.construct import ConstructionError, import_name, importable
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Scenario
from dryfit.scenario.usage import UsageError
from dryfit_fakes.protocols import Batch, RealModel


@dataclass(frozen=True)
class GivenTraining:
    """What a training has that its callbacks need.

    Attributes:
        model: makes the compiled model; ``None`` for whatever is enough.
        data: makes one batch ``(x, y)`` to train the model with; ``None`` where its shapes tell.
        metrics: what it reports besides loss and accuracy.
        names: of the functions that make model and data, as a scenario file has them.
    """

    model: Callable[[], RealModel] | None = None
    data: "Callable[[], Batch] | None" = None
    metrics: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def reported(self) -> tuple[str, ...]:
        """The metrics, each of them of validation, too."""
        pairs = [(name, f"val_{name.removeprefix('val_')}") for name in self.metrics]
        return tuple(dict.fromkeys(name for pair in pairs for name in pair))

    def lend(self) -> RealModel:
        """Make the model to be lent: with data it is trained once, which builds it."""
        from dryfit.lanes.networks import Samples

        model: Any = self.new_model()
        if self.data is not None:
            batch = Samples(*self.batch()).batches(1)
            with _said_of(self.names.get("data", "data")):
                model.fit(batch, shuffle=False, verbose=0)  # whose train_step may take a pair alone
        return model  # type: ignore[no-any-return]

    def try_out(self) -> None:
        """Make what is given once, to say what is wrong with it before it is needed.

        Raises:
            ConstructionError: something is.
        """
        if self.model is not None:
            self.new_model()
        if self.data is not None:
            self.batch()

    def new_model(self) -> RealModel:
        """Make the model.

        Raises:
            ConstructionError: making it raises.
        """
        assert self.model is not None
        with _said_of(self.names.get("model", "model")):
            return self.model()

    def batch(self) -> Batch:
        """Make the data.

        Raises:
            ConstructionError: making it raises, or it is no pair.
        """
        assert self.data is not None
        name = self.names.get("data", "data")
        with _said_of(name):
            made = self.data()
        if not (isinstance(made, tuple | list) and len(made) == 2):
            raise ConstructionError(f"{name} makes one batch (x, y) of arrays, not {made!r}")
        return made[0], made[1]


@contextmanager
def _said_of(name: str) -> Iterator[None]:
    """Blame a function for what it raises, and no callback."""
    try:
        yield
    except ConstructionError:
        raise
    except Exception as error:
        told = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise ConstructionError(f"{name} raises {told}") from error


USUAL_TRAINING = GivenTraining()


def given_training(*, model: str = "", data: str = "", metrics: str = "") -> GivenTraining:
    """Import what the command line names: ``module:function`` twice, and names with commas.

    Raises:
        UsageError: there is no such function, or data without a model.
    """
    if data and not model:
        raise UsageError("--data", "is what --model is trained with: give --model, too")
    named = {key: name for key, name in {"model": model, "data": data}.items() if name}
    with importable(Path()):
        for key, name in named.items():
            try:
                _function(name)
            except ConstructionError as error:
                raise UsageError(f"--{key}", str(error)) from None
    asked = [name.strip() for name in metrics.split(",") if name.strip()]
    return training_of(named, Path(), asked)


def training_of(
    names: Mapping[str, str], folder: Path, metrics: Sequence[str] = ()
) -> GivenTraining:
    """Take functions by their names: each is imported whenever it is called, as callbacks are.

    Args:
        names: of ``model`` and ``data``.
        folder: where modules may lie that are not installed.
        metrics: what is reported besides.
    """
    makers = {key: partial(_call, name, folder.resolve()) for key, name in names.items()}
    return GivenTraining(makers.get("model"), makers.get("data"), metrics, names)


def training_in(scenario: Scenario) -> GivenTraining:
    """What a scenario file names.

    Raises:
        ScenarioFileError: there is no such function.
    """
    named = {"model": scenario.model, "data": scenario.data}
    names = {key: name for key, name in named.items() if name}
    with importable(scenario.file.parent) if names else nullcontext():
        for key, name in names.items():
            try:
                _function(name)
            except ConstructionError as error:
                problem = Problem(scenario.file, scenario.line((key,)), key, str(error))
                raise ScenarioFileError([problem]) from None
    return training_of(names, scenario.file.parent)


def _function(name: str) -> Callable[[], Any]:
    """Import a function.

    Raises:
        ConstructionError: there is none of that name.
    """
    found = import_name(name)
    if not callable(found):
        raise ConstructionError(f"{name} is {found!r}, no function")
    made: Callable[[], Any] = found
    return made


def _call(name: str, folder: Path) -> Any:
    with importable(folder):
        return _function(name)()
