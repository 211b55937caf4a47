"""Subject: the callback that is checked, and the plays with it."""

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dryfit.lanes.interrupts import came
from dryfit.lanes.play import play
from dryfit.recorder.asked_of_logs import is_of_others
from dryfit.run.run import Run
from dryfit.scenario.alternatives import Item
from dryfit.scenario.given_training import USUAL_TRAINING, GivenTraining
from dryfit.scenario.trust import USUAL, Trust
from dryfit.tools.check.situations import Curves, script_of
from dryfit_fakes.protocols import Callback, RealModel
from dryfit_fakes.script_keywords import Lane, Method

_Came = TypeVar("_Came")

_WALL_TIME_S = 30.0
_WITH_ANY_MODEL_S = 300.0  # whoever gives one knows how long it trains
_ADDRESS = re.compile(r" at 0x[0-9a-f]+|\b0x[0-9a-f]{6,}")
_LONG = 160
_TRACEBACK = "Traceback (most recent call last)"
_COLOUR = re.compile(r"\x1b\[\d*m")


@dataclass(frozen=True)
class PlayedSubject:
    """What came of one call.

    Attributes:
        position: where the callback stands in the list.
    """

    run: Run
    error: BaseException | None = None
    position: int = 0

    @property
    def by(self) -> str | None:
        """What the run calls the callback."""
        names = self.run.callbacks
        return names[self.position] if self.position < len(names) else None

    @property
    def swallowed(self) -> str:
        """The first exception that the callback printed with its traceback, and went on."""
        lines = [line.text for line in self.run.prints if line.by == self.by]
        if not any(line.startswith(_TRACEBACK) for line in lines):
            return ""
        begun = next(n for n, line in enumerate(lines) if line.startswith(_TRACEBACK))
        told = (line for line in lines[begun + 1 :] if line.strip() and not line.startswith(" "))
        return next(told, "").strip()[:_LONG]

    @property
    def is_its_own(self) -> bool:
        """Whether the exception came out of the callback's own hook."""
        raised = self.run.raised
        return raised is not None and raised.by == self.by


@dataclass
class Subject:
    """A callback that is checked.

    Attributes:
        name: as the card calls it.
        make: makes one, anew for each play.
        kind: its class.
        item: what a scenario file calls it; ``None`` where none can.
        training: the model that is trained, where it is not the small one, and its data.
        place: a context in which it can be imported.
        lane: where it is played; the real one where the fake is not enough.
        raises: gives the exceptions that somebody said it raises on purpose; imported
            where they are needed, as the callback is.
        plain: what came of the plain run, once it was played.
        trust: what it may do, and the scenarios that name it.
        unmade: what its constructor raises, if that is something of Keras 2.
    """

    name: str
    make: Callable[[], Callback]
    kind: type = object
    item: Item | None = None
    training: GivenTraining = USUAL_TRAINING
    place: Callable[[], AbstractContextManager[None]] = nullcontext
    lane: Lane = "fake"
    curves: Curves = field(default_factory=Curves)
    raises: Callable[[], tuple[type[BaseException], ...]] = tuple
    plain: Any = None
    trust: Trust = USUAL
    unmade: BaseException | None = None
    _came: dict[tuple[str, Lane], Any] = field(default_factory=dict)

    def play(
        self,
        keys: dict[str, Any],
        callback: Callback | None = None,
        *,
        before: Sequence[Callback] = (),
        after: Sequence[Callback] = (),
        call: Method = "fit",
        model: RealModel | None = None,
        lane: Lane | None = None,
    ) -> PlayedSubject:
        """Play a script to the callback, or to a new one, on a new model."""
        own = self.make() if callback is None else callback
        lane = self.lane if lane is None else lane
        model = self.model(lane) if model is None else model
        given = self.training
        data = given.batch() if lane == "real" and given.data is not None else None
        position = len(before)
        try:
            run = play(
                script_of(keys),
                [*before, own, *after],
                lane,
                model,
                data=data,
                call=call,
                wall_time_s=_WALL_TIME_S if given.model is None else _WITH_ANY_MODEL_S,
            )
        except BaseException as error:
            if came():
                raise
            told: Run | None = getattr(error, "run", None)
            if told is None:
                raise
            return PlayedSubject(told, error, position)
        return PlayedSubject(run, None, position)

    def once(self, what: str, played: Callable[[], _Came]) -> _Came:
        """What came of plays that several checks look at: made once in a lane.

        Args:
            what: they are called.
            played: makes them.
        """
        key = what, self.lane
        if key not in self._came:
            self._came[key] = played()
        came_of_it: _Came = self._came[key]
        return came_of_it

    def meant(self, error: BaseException) -> bool:
        """Whether an exception is a decision: of the callback's own package, or said to be one."""
        if isinstance(error, self.raises()):
            return True
        return package(type(error)) in self.packages

    @property
    def packages(self) -> frozenset[str]:
        """The packages that the callback's class and its bases are of, but for Keras'."""
        return packages_of(self.kind)

    @property
    def optimizes_by_itself(self) -> bool:
        """Whether the given model is compiled without an optimizer, as some GANs are."""
        made = self.training.model
        return made is not None and getattr(self.training.new_model(), "optimizer", None) is None

    def model(self, lane: Lane) -> Any:
        """Make a model to train; ``None`` where the lane has its own."""
        if lane == "fake" or self.training.model is None:
            return None
        return self.training.new_model()


def text_of(error: BaseException, folder: str = "") -> str:
    """An exception in one line, the same in every process."""
    if isinstance(error, RecursionError):  # its text depends on where the stack ended
        return "RecursionError: maximum recursion depth exceeded"
    own = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    lines = [line for line in _COLOUR.sub("", own).splitlines() if line.strip()] or [""]
    wrapped = lines[0].startswith("Exception encountered when calling") and len(lines) > 1
    first = without_addresses(lines[wrapped].strip())  # Keras says what happened in the second
    if isinstance(error, KeyError) and error.args and len(first) < 60:
        first = repr(error.args[0])
    message = first.replace(f"{folder or Path.cwd()}/", "")
    if len(message) > _LONG:
        message = f"{message[:_LONG].rpartition(' ')[0]} …"
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


def without_addresses(text: str) -> str:
    """Without what differs from process to process."""
    return _ADDRESS.sub("", text)


def functions_of(error: BaseException) -> set[tuple[str, str]]:
    """The functions that an exception came through, each with its module."""
    found, trace = set(), error.__traceback__
    while trace is not None:
        frame = trace.tb_frame
        found.add((str(frame.f_globals.get("__name__")), frame.f_code.co_name))
        trace = trace.tb_next
    return found


def packages_of(kind: type) -> frozenset[str]:
    """The packages of a class and its bases, but for Keras' and Python's."""
    return frozenset(package(base) for base in kind.__mro__ if not is_of_others(base.__module__))


def package(kind: type) -> str:
    """The package that a class is of."""
    return kind.__module__.partition(".")[0]
