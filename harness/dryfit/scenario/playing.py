"""Playing a scenario in a lane: its calls, in a folder of their own."""

import builtins
import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dryfit.lanes import play
from dryfit.run import Run
from dryfit.scenario.construct import (
    ConstructionError,
    import_name,
    importable,
    make_callbacks,
    resolve,
    resolve_keys,
)
from dryfit.scenario.killed import play_killed
from dryfit.scenario.load import Call, Scenario
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.schema import ScriptKeys
from dryfit.scenario.source import Key, dotted
from dryfit_fakes.clock import virtual_clock
from dryfit_fakes.script import Script
from dryfit_fakes.weights import MIXED, Weights


@dataclass
class Played:
    """What came of one call.

    Attributes:
        run: ``None`` if the process was killed, or a callback could not be constructed.
        error: the exception that left the call, but for one that the script raised.
        files: the files of the run's folder, with the weights in them or their text.
        constructed: how many callbacks there were before one could not be constructed.
    """

    call: Call
    run: Run | None
    error: BaseException | None = None
    files: dict[str, Weights | str] = field(default_factory=dict)
    constructed: int = 0
    folder: str = ""

    @property
    def message(self) -> str:
        """What the exception says, with paths relative to the run's folder."""
        error = self.error
        text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        return text.replace(f"{self.folder}/", "")


def play_scenario(
    scenario: Scenario,
    lane: str,
    *,
    network: Callable[[], Any] | None = None,
    record_batches: bool = True,
    read_files: bool = True,
) -> list[Played]:
    """Play every call of a scenario.

    Args:
        scenario: what to play.
        lane: ``"fake"`` or ``"real"``.
        network: makes a compiled model for the real lane, in place of its small one.
        record_batches: whether every batch hook is kept in the timelines.
        read_files: whether the files of the run's folder are read after each call.

    Raises:
        ScenarioFileError: a name in the file cannot be imported or is no callback.
    """
    file = scenario.file.resolve()
    with importable(scenario.file.parent), _folder() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file says itself which warnings it expects
        read = _files if read_files else _no_files
        with virtual_clock() if _timed(scenario) else nullcontext():
            kill = partial(play_killed, scenario, file, lane=lane)
            return list(_calls(scenario, lane, folder, network, record_batches, read, kill))


def _timed(scenario: Scenario) -> bool:
    """Whether a call says how long things take; then the time of all is the script's."""
    scripts = (call.keys for call in scenario.calls)
    return any(keys.seconds_per_batch or keys.seconds_per_epoch for keys in scripts if keys)


def _calls(
    scenario: Scenario,
    lane: str,
    folder: Path,
    network: Callable[[], Any] | None,
    record_batches: bool,
    read: Callable[[Path], dict[str, Weights | str]],
    kill: Callable[[int], None],
) -> Iterator[Played]:
    callbacks: list[Any] = []
    run: Run | None = None
    script: Script | None = None
    for index, call in enumerate(scenario.calls):
        if index == 0 or call.callbacks == "fresh":
            try:
                callbacks = _callbacks(scenario, folder)
            except _ConstructorError as failed:
                files = read(folder)
                yield Played(call, None, failed.error, files, failed.constructed, str(folder))
                return
        if call.killed:
            kill(index)
            run = script = None
            yield Played(call, None, None, read(folder), folder=str(folder))
            continue
        if call.keys is not None:
            script = script_of(scenario, call.keys, folder)
        assert script is not None
        after = run if call.model == "same" else None
        error: BaseException | None = None
        try:
            run = play(
                script,
                callbacks,
                lane,
                None if after is not None or network is None else network(),
                after=after,
                call=call.method,
                load=None if call.load is None else str(resolve(call.load, folder)),
                record_batches=record_batches,
            )
        except (Exception, KeyboardInterrupt, SystemExit) as raised:
            if not hasattr(raised, "run"):  # before any hook: the file asks for what is not there
                raise _cannot_begin(scenario, index, raised) from None
            error, run = raised, raised.run
        yield Played(call, run, error, read(folder), folder=str(folder))


def play_alone(scenario: Scenario, index: int, lane: str, folder: Path) -> None:
    """Play one call by itself, in a folder that is there: for a process that it kills."""
    call = scenario.calls[index]
    assert call.keys is not None
    load = None if call.load is None else str(resolve(call.load, folder))
    with importable(scenario.file.parent), virtual_clock() if _timed(scenario) else nullcontext():
        play(script_of(scenario, call.keys, folder), _callbacks(scenario, folder), lane, load=load)


def _cannot_begin(scenario: Scenario, index: int, error: BaseException) -> ScenarioFileError:
    key: Key = ("calls", index) if scenario.calls[index].at[0] == "calls" else ()
    message = f"cannot begin: {type(error).__name__}: {error}"
    return ScenarioFileError([Problem(scenario.file, scenario.line(key), dotted(key), message)])


class _ConstructorError(Exception):
    def __init__(self, error: BaseException, constructed: int) -> None:
        super().__init__()
        self.error, self.constructed = error, constructed


def _callbacks(scenario: Scenario, folder: Path) -> list[Any]:
    made = []
    try:
        for make in make_callbacks(scenario.callbacks, folder):
            try:
                made.append(make())
            except Exception as error:
                raise _ConstructorError(error, len(made)) from error
    except ConstructionError as error:
        index = len(made)
        line = scenario.line((*scenario.callbacks_at, index))
        raise ScenarioFileError(
            [Problem(scenario.file, line, f"callbacks[{index}]", str(error))]
        ) from None
    return made


def script_of(scenario: Scenario, keys: ScriptKeys, folder: Path) -> Script:
    """Make the script of one call.

    Raises:
        ScenarioFileError: it names something that is not there.
    """
    given = {name: value for name, value in keys.given().items() if value is not None}
    try:
        given = resolve_keys(given, folder)
        if keys.interrupt is not None:
            told = keys.interrupt.given()
            given["interrupt"] = {**told, "raises": _exception(keys.interrupt.raises)}
        if keys.disk is not None:
            given["disk"] = keys.disk.given()
    except ConstructionError as error:
        key = _broken(keys)
        raise ScenarioFileError(
            [Problem(scenario.file, scenario.line(key), dotted(key), str(error))]
        ) from None
    return Script(**given)


def _broken(keys: ScriptKeys) -> Key:
    """Which key of a script names something that is not there."""
    return ("script", "interrupt", "raises") if keys.interrupt is not None else ("script",)


def _exception(name: str) -> Any:
    if name == "kill":
        return name
    found = import_name(name) if ":" in name else getattr(builtins, name, None)
    if not (isinstance(found, type) and issubclass(found, BaseException)):
        raise ConstructionError(f"{name!r} is no exception; write such as KeyboardInterrupt")
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    before = Path.cwd()
    with tempfile.TemporaryDirectory(prefix="dryfit-") as name:
        os.chdir(name)
        try:
            yield Path.cwd()
        finally:
            os.chdir(before)


def _files(folder: Path) -> dict[str, Weights | str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): _content(path) for path in paths}


def _no_files(folder: Path) -> dict[str, Weights | str]:
    return {}


def _content(path: Path) -> Weights | str:
    if path.suffix in (".h5", ".keras") or ".weights.h5" in path.name:
        return weights_in(path)
    return path.read_bytes().decode("utf-8", errors="replace").replace("\r\n", "\n")


def weights_in(path: Path) -> Weights:
    """Whose weights a file has: a scripted model's, or the real lane's with its tag."""
    import io
    import zipfile

    import h5py

    from dryfit_fakes.weights import TAG_SHAPE, decode, decode_arrays

    source: Any = path
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                source = io.BytesIO(archive.read("model.weights.h5"))
        with h5py.File(source, "r") as file:
            if "scripted_model" in file:
                group = file["scripted_model"]
                return decode_arrays([group["kernel"][()], group["bias"][()]])
            tags: list[Any] = []
            file.visititems(
                lambda _, item: (
                    tags.append(item[()]) if getattr(item, "shape", None) == TAG_SHAPE else None
                )
            )
            return decode(tags[0]) if tags else MIXED
    except OSError:
        return MIXED
