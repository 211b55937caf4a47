"""A recording: the scenario file that a recorder writes as a training goes on."""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dryfit.events import Began
from dryfit.recording.callbacks import CannotWriteError, Names, describe, is_shown_anyway
from dryfit.recording.cast import Cast, Described
from dryfit.recording.decisions import Decisions, Whose
from dryfit.recording.layout import document
from dryfit.recording.notation import Raw, number
from dryfit.recording.reported import Reported
from dryfit.run import Run
from dryfit.scenario.load import SUFFIX
from dryfit_fakes.backend import keras
from dryfit_fakes.journal import Journal
from dryfit_fakes.metrics import known_direction
from dryfit_fakes.script import MAX_BATCHES

if TYPE_CHECKING:
    from dryfit.recorder import Recorder

_BROKEN_OFF = {"raises": {"type": "KeyboardInterrupt"}}
_MOST_EPOCHS = 10_000  # of which nothing is known yet


@contextmanager
def _training_goes_on() -> Iterator[None]:
    """An hour of training is worth more than its recording."""
    try:
        yield
    except Exception as error:
        text = f"the recording is not written: {type(error).__name__}: {error}"
        warnings.warn(text, stacklevel=3)


class Recording:
    """Writes what a training reported and decided, whole, after every epoch.

    The file is replaced in one step: whoever reads it finds a whole one, however
    training ends. What cannot be written is warned of, and training goes on.

    Args:
        path: where to, ``*.scenario.yaml``. A file that is there is replaced.
        batches: whether every batch's logs are written. Those of an epoch in
            whose batches a callback acted are in any case.

    Raises:
        ValueError: the path has another ending, or there is no such folder.
        PermissionError: the folder is not to be written in.
    """

    def __init__(self, path: str | os.PathLike[str], batches: bool = False) -> None:
        self.path = _checked(path)
        self._batches = batches
        self._described: list[Described] = []
        self._planned = 0
        self._model: Any = None
        self._whose: Whose
        self._began: Began
        self._reported: Reported
        self._known: tuple[Cast, dict[str, Any]] | None = None

    @_training_goes_on()
    def begin(self, recorder: "Recorder", journal: Journal | None) -> None:
        """Read the callbacks' settings, before training changes them."""
        names = Names()
        callbacks = recorder.callbacks
        times = Counter(map(id, callbacks))
        self._described = [_described(c, names, times[id(c)]) for c in callbacks]
        self._model = recorder.model
        self._whose = Whose(journal)
        params = getattr(recorder, "params", None) or {}
        self._planned = params.get("epochs") or 0
        self._reported = Reported(params.get("steps"))
        self._began = next(e for e in recorder.trace.items if isinstance(e, Began))
        self._known = None

    @_training_goes_on()
    def epoch_ended(self, recorder: "Recorder") -> None:
        """Write what is known so far, as a training that is broken off here."""
        run = recorder.run
        cast, decisions = self._decided(recorder, run)
        self._known = cast, decisions.so_far() | _BROKEN_OFF
        self._write(f"unfinished: what is known after epoch {run.epochs[-1]}")

    @_training_goes_on()
    def broke_off(self, recorder: "Recorder") -> None:
        """Say what ended the training; what it decided is known up to the last whole epoch."""
        run = recorder.run
        cast, _ = self._decided(recorder, run)
        if self._known is None and self._reported.by_epoch:
            self._known = cast, {"epochs_run": 0} | _BROKEN_OFF
        if self._known is not None and (raised := run.raised) is not None:
            place = f"in epoch {raised.epoch}, in {raised.hook} of {raised.by}"
            self._write(f"broken off by {raised.type} {place}: {raised.message}")

    @_training_goes_on()
    def ended(self, recorder: "Recorder") -> None:
        """Write the whole training."""
        run = recorder.run
        if not run.epochs_run:
            return
        cast, decisions = self._decided(recorder, run)
        if run.stopped is None or cast.plays(run.stopped) is None:
            self._planned = run.epochs[-1] + 1
        self._known = cast, decisions.at_the_end()
        self._write()

    def _decided(self, recorder: "Recorder", run: Run) -> tuple[Cast, Decisions]:
        self._reported.read(recorder.trace)
        cast = Cast(self._began, self._described, run)
        even = self._is_even(cast, run)
        self._whose.each_batch = even and self._reported.step == 1
        if not even:
            cast.about.append(
                "what happened in batches is not compared: epochs had fewer than "
                f"{self._reported.batches}, which a replay has in each"
            )
        return cast, Decisions(run, self._began, cast, self._whose, even)

    def _is_even(self, cast: Cast, run: Run) -> bool:
        """Whether all epochs have as many batches as the replay's."""
        stop = run.stopped
        cut_short = stop.epoch if stop is not None and cast.plays(stop) is not None else None
        return all(n == self._reported.batches for n in self._reported.lengths(but=cut_short))

    def _write(self, *about: str) -> None:
        assert self._known is not None
        cast, expect = self._known
        script = self._script(cast)
        if "raises" in expect:
            script["interrupt"] = self._end_of(expect["epochs_run"])
        name = self.path.name.removesuffix(SUFFIX)
        lines = [_provenance(), *about, *cast.about]
        _replace(self.path, document(name, lines, script, cast.entries, expect))

    def _end_of(self, epochs: int) -> dict[str, Any]:
        """Where so many epochs are over."""
        first = self._reported.first or 0
        if epochs == 0:
            return {"epoch": first}
        return {"epoch": first + epochs - 1, "hook": "on_epoch_end"}

    def _script(self, cast: Cast) -> dict[str, Any]:
        reported = self._reported
        most = min(_MOST_EPOCHS, MAX_BATCHES // max(reported.batches, 1))
        epochs = max(reported.end, min(self._planned, most))
        by_batch = reported.by_epoch if self._batches else cast.epochs_with_acts_in_batches
        metrics = reported.metrics(epochs)
        keys = {
            "epochs": epochs,
            "initial_epoch": reported.first or None,
            "batches": reported.batches,
            "val_batches": reported.val_batches or None,
            "steps_per_execution": reported.step if reported.step > 1 else None,
            "learning_rate": _rate(self._began),
            "metrics": metrics,
            "batch_logs": reported.batch_logs(by_batch, epochs),
            "directions": _directions(self._model, metrics) or None,
        }
        return {name: value for name, value in keys.items() if value is not None}


def _checked(path: str | os.PathLike[str]) -> Path:
    file = Path(path).absolute()  # training may change the working directory
    if not file.name.endswith(SUFFIX) or file.name == SUFFIX:
        raise ValueError(f"save={os.fspath(path)!r}: a recording is a file NAME{SUFFIX}")
    if not file.parent.is_dir():
        raise ValueError(f"save={os.fspath(path)!r}: there is no folder {file.parent}; make it")
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise PermissionError(f"save={os.fspath(path)!r} is not to be written")
    return file


def _described(callback: Any, names: Names, times: int) -> Described:
    if is_shown_anyway(callback):
        return None
    if times > 1:  # in a file two of a class are two objects
        return CannotWriteError(f"one object stands {times} times in the list")
    try:
        return describe(callback, names)
    except CannotWriteError as reason:
        return reason


def _replace(path: Path, text: str) -> None:
    """Put a text in a file's place in one step."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # training may be in many processes
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _provenance() -> str:
    backend = keras.backend.backend()
    release = getattr(sys.modules.get(backend), "__version__", "of unknown version")
    return (
        f"recorded by {_dryfit()} from a fit with keras {keras.__version__} on {backend} {release}"
    )


def _dryfit() -> str:
    try:
        return f"dryfit {version('dryfit')}"
    except PackageNotFoundError:  # on the path, and not installed
        return "dryfit"


def _rate(began: Began) -> Raw | None:
    return None if began.learning_rate is None else Raw(number(began.learning_rate))


def _directions(model: Any, metrics: dict[str, Any]) -> dict[str, str]:
    """The directions that the model's metrics know and their names do not tell."""
    reported = {name.removeprefix("val_") for name in metrics}
    groups = getattr(model, "metrics", ())
    objects = [metric for group in groups for metric in getattr(group, "metrics", ())]
    told = {metric.name: getattr(metric, "_direction", None) for metric in objects}
    return {
        name: direction
        for name, direction in told.items()
        if name in reported and direction in ("up", "down") and direction != known_direction(name)
    }
