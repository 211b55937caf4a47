"""Playing a scenario in a lane: its calls, in a folder of their own."""

import builtins
import os
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.facts.failure import Key
from dryfit.lanes.interrupts import came, held, opened
from dryfit.lanes.left_behind import LeftBehind
from dryfit.lanes.one_at_a_time import its_turn
from dryfit.lanes.play import play
from dryfit.lanes.put_back import put_back
from dryfit.lanes.recorded_play import WALL_TIME_S
from dryfit.lanes.temporary import temporary_folder
from dryfit.lanes.time_limit import insisting, ringing
from dryfit.recorder.notes import readable
from dryfit.run.run import Run
from dryfit.scenario.construct import (
    ConstructionError,
    import_name,
    make_callbacks,
    resolve,
    resolve_keys,
)
from dryfit.scenario.files_of_run import files_in
from dryfit.scenario.given_training import GivenTraining, training_in
from dryfit.scenario.imported import own_modules
from dryfit.scenario.killed_call import play_killed
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.run_folder import OutsideError, to_be_read
from dryfit.scenario.scenario import Call, Scenario
from dryfit.scenario.schema import ScriptKeys
from dryfit.scenario.source import dotted
from dryfit_fakes.clock import virtual_clock
from dryfit_fakes.protocols import Loop
from dryfit_fakes.script import Script
from dryfit_fakes.script_keywords import Lane
from dryfit_fakes.weights import Weights


@dataclass
class Played:
    """What came of one call.

    Attributes:
        run: ``None`` if the process was killed, or a callback could not be constructed.
        error: the exception that left the call, but for one that the script raised.
        files: the files of the run's folder, with the weights in them or their text.
        constructed: how many callbacks there were before one could not be constructed.
        others: what came of the call on the ranks from 1 on.
        written: the files that the call wrote, where that is known: on those ranks.
    """

    call: Call
    run: Run | None
    error: BaseException | None = None
    files: dict[str, Weights | str] = field(default_factory=dict)
    constructed: int = 0
    folder: str = ""
    others: "list[Played]" = field(default_factory=list)
    written: tuple[str, ...] = ()

    @property
    def ranks(self) -> "tuple[Played, ...]":
        """What came of the call on every rank; without ranks it is alone."""
        return (self, *self.others)

    @property
    def message(self) -> str:
        """What the exception says, with paths relative to the run's folder."""
        error = self.error
        if isinstance(error, KeyError) and error.args:
            error = ValueError(error.args[0])  # whose text is not quoted
        text = "" if error is None else readable(error)
        return text.replace(f"{self.folder}/", "")


def play_scenario(
    scenario: Scenario,
    lane: Lane,
    *,
    network: Callable[[], Any] | None = None,
    record_batches: bool = True,
    read_files: bool = True,
    wall_time_s: float = WALL_TIME_S,
) -> list[Played]:
    """Play every call of a scenario.

    Args:
        scenario: what to play.
        lane: ``"fake"`` or ``"real"``.
        network: makes a compiled model, in place of the scenario's own or the real lane's
            small one.
        record_batches: whether every batch hook is kept in the timelines.
        read_files: whether the files of the run's folder are read after each call.
        wall_time_s: seconds after which a call that does not end is ended.

    Raises:
        ScenarioFileError: a name in the file cannot be imported or is no callback.
    """
    file = scenario.file.resolve()
    with (
        its_turn(),
        held(),
        own_modules(scenario),
        _folder() as folder,
        put_back(),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")  # a file says itself which warnings it expects
        read = files_in if read_files else _no_files
        with virtual_clock() if scenario.timed else nullcontext(), opened(), insisting():
            kill = partial(play_killed, scenario, file, lane=lane)
            how = {"record_batches": record_batches, "wall_time_s": wall_time_s}
            left = LeftBehind()
            training = training_in(scenario) if network is None else GivenTraining(network)
            rank = partial(_Rank, scenario, lane, training, how, read)
            played = list(_calls(scenario, folder, rank, kill))
            played[-1].error = played[-1].error or left.found()
            return played


def _calls(
    scenario: Scenario,
    folder: Path,
    rank: "Callable[[int, Path], _Rank]",
    kill: Callable[[int], None],
) -> Iterator[Played]:
    with ExitStack() as stack:
        places = _places(folder, scenario.ranks, stack)
        first, *others = (rank(number, place) for number, place in enumerate(places))
        for index, call in enumerate(scenario.calls):
            if call.killed:
                kill(index)
                yield first.killed(index)
                continue
            beside = [rank.play_beside(first.folder, index) for rank in others]
            played = first.play(index)
            played.others = beside
            if played.run is not None:
                played.run = Run.of_ranks([p.run for p in played.ranks if p.run is not None])
            yield played
            if any(p.run is None for p in played.ranks):
                return  # a callback could not be constructed


def _places(folder: Path, ranks: int, stack: ExitStack) -> Iterator[Path]:
    """The folder of each rank: the run's own is that of rank 0."""
    yield folder
    for _ in range(1, ranks):
        yield stack.enter_context(temporary_folder()).resolve()


class _Rank:
    """A rank of a scenario, or all of one without: its callbacks and its model, call by call."""

    def __init__(
        self,
        scenario: Scenario,
        lane: Lane,
        training: GivenTraining,
        how: dict[str, Any],
        read: Callable[[Path], dict[str, Weights | str]],
        rank: int,
        folder: Path,
    ) -> None:
        self._scenario, self._lane, self._rank, self.folder = scenario, lane, rank, folder
        self._training, self._how, self._read = training, how, read
        self._callbacks: list[Any] = []
        self._run: Run | None = None
        self._script: Script | None = None

    def killed(self, index: int) -> Played:
        """What is left of a call whose process was killed: files, and nothing to go on with."""
        self._run = self._script = None
        call, files = self._scenario.calls[index], self._read(self.folder)
        return Played(call, None, None, files, folder=str(self.folder))

    def play_beside(self, first: Path, index: int) -> Played:
        """Play a call as another rank than 0, as if it was at the same time.

        It finds the files that rank 0 finds, and its own go into a folder of its own.
        """
        shutil.copytree(first, self.folder, dirs_exist_ok=True)
        before = self._read(self.folder)
        with put_back(), chdir(self.folder):
            played = self.play(index)
        written = [path for path, what in played.files.items() if before.get(path) != what]
        return replace(played, written=tuple(written))

    def play(self, index: int) -> Played:
        """Play a call."""
        scenario, folder, call = self._scenario, self.folder, self._scenario.calls[index]
        if index == 0 or call.callbacks == "fresh":
            try:
                self._callbacks = _callbacks(scenario, folder, self._rank)
            except _ConstructorError as failed:
                files = self._read(folder)
                return Played(call, None, failed.error, files, failed.constructed, str(folder))
        if call.by_rank:
            self._script = script_of(scenario, call.by_rank[self._rank], folder)
        assert self._script is not None
        after = self._run if call.model == "same" else None
        load = _to_load(scenario, index, folder)
        error: BaseException | None = None
        try:
            self._run = play(
                self._script,
                self._callbacks,
                self._lane,
                _model(self._training, self._lane) if after is None else None,
                after=after,
                data=_data(self._training, self._lane),
                call=call.method,
                loop=_loop(scenario, call),
                load=load,
                **self._how,
            )
        except BaseException as raised:
            if came():
                raise
            if not hasattr(raised, "run"):  # before any hook: the file asks for what is not there
                raise _cannot_begin(scenario, index, raised) from None
            error, self._run = raised, raised.run
        return Played(call, self._run, error, self._read(folder), folder=str(folder))


def play_alone(scenario: Scenario, index: int, lane: Lane, folder: Path) -> None:
    """Play one call by itself, in a folder that is there: for a process that it kills."""
    call = scenario.calls[index]
    assert call.keys is not None
    load = _to_load(scenario, index, folder)
    with own_modules(scenario), virtual_clock() if scenario.timed else nullcontext():
        script, callbacks = script_of(scenario, call.keys, folder), _callbacks(scenario, folder, 0)
        training = training_in(scenario)
        given = {"model": _model(training, lane), "data": _data(training, lane)}
        play(script, callbacks, lane, loop=_loop(scenario, call), load=load, **given)


def _model(training: GivenTraining, lane: Lane) -> Any:
    """The model that the real lane trains, and that the fake lane is lent."""
    if training.model is None:
        return None
    return training.lend() if lane == "fake" else training.new_model()


def _data(training: GivenTraining, lane: Lane) -> Any:
    return training.batch() if training.data is not None and lane == "real" else None


def _loop(scenario: Scenario, call: Call) -> Loop | None:
    """The training loop in place of ``fit``, if the file names one."""
    if not scenario.loop or call.method != "fit":
        return None
    try:
        loop: Loop = import_name(scenario.loop)
    except ConstructionError as error:
        line = scenario.line(("loop",))
        raise ScenarioFileError([Problem(scenario.file, line, "loop", str(error))]) from None
    return loop


def _to_load(scenario: Scenario, index: int, folder: Path) -> str | None:
    """The file of weights that a call begins with.

    Raises:
        ScenarioFileError: it lies where the scenario may not read.
    """
    if (path := scenario.calls[index].load) is None:
        return None
    written = str(resolve(path, folder))
    if scenario.trust.outside:
        return written
    try:
        return to_be_read(written, folder, scenario.file.resolve().parent)
    except OutsideError as error:
        key: Key = ("calls", index, "model", "load")
        line = scenario.line(key)
        raise ScenarioFileError([Problem(scenario.file, line, dotted(key), str(error))]) from None


def _cannot_begin(scenario: Scenario, index: int, error: BaseException) -> ScenarioFileError:
    key: Key = ("calls", index) if scenario.calls[index].at[0] == "calls" else ()
    message = f"cannot begin: {type(error).__name__}: {error}"
    return ScenarioFileError([Problem(scenario.file, scenario.line(key), dotted(key), message)])


class _ConstructorError(Exception):
    def __init__(self, error: BaseException, constructed: int) -> None:
        super().__init__()
        self.error, self.constructed = error, constructed


def _callbacks(scenario: Scenario, folder: Path, rank: int) -> list[Any]:
    made: list[Any] = []
    items, at = scenario.callbacks_of(rank)
    late = f"it did not end within {WALL_TIME_S:g} s"
    try:
        with ringing(WALL_TIME_S, late):
            for make in make_callbacks(items, folder, trust=scenario.trust):
                try:
                    made.append(make())
                except BaseException as error:
                    if came():
                        raise
                    raise _ConstructorError(error, len(made)) from error
    except ConstructionError as error:
        key = (*at, len(made))
        raise ScenarioFileError(
            [Problem(scenario.file, scenario.line(key), dotted(key), str(error))]
        ) from None
    return made


def script_of(scenario: Scenario, keys: ScriptKeys, folder: Path) -> Script:
    """Make the script of one call.

    Raises:
        ScenarioFileError: it names something that is not there.
    """
    given = {name: value for name, value in keys.given().items() if value is not None}
    at: Key = ("script",)
    try:
        given = resolve_keys(given, folder)
        if keys.interrupt is not None:
            at = ("script", "interrupt", "raises")
            told = keys.interrupt.given()
            given["interrupt"] = {**told, "raises": _exception(keys.interrupt.raises)}
        if keys.disk is not None:
            given["disk"] = keys.disk.given()
    except ConstructionError as error:
        raise ScenarioFileError(
            [Problem(scenario.file, scenario.line(at), dotted(at), str(error))]
        ) from None
    return Script(**given)


def _exception(name: str) -> Any:
    if name == "kill":
        return name
    found = import_name(name) if ":" in name else getattr(builtins, name, None)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise ConstructionError(f"{name!r} is no exception; write such as KeyboardInterrupt")
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    """Work in a folder of a run's own; nothing that is written there is a module for that."""
    here = os.getcwd()
    at = sys.path.index("") if "" in sys.path else None  # Python's word for wherever it is
    if at is not None:
        sys.path[at] = here
    try:
        with temporary_folder() as name, chdir(name):
            yield Path.cwd()
    finally:
        if at is not None and sys.path[at : at + 1] == [here]:
            sys.path[at] = ""


def _no_files(folder: Path) -> dict[str, Weights | str]:
    return {}
