"""Writing the script."""

import inspect
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from string import Template
from textwrap import fill, indent
from typing import Any

from dryfit.lanes.play import play
from dryfit.scenario.construct import import_name
from dryfit.scenario.imported import own_modules
from dryfit.scenario.playing import script_of
from dryfit.scenario.problems import Problem, ScenarioFileError
from dryfit.scenario.scenario import Call, Scenario
from dryfit.show.page.links import link
from dryfit.tools.standalone.plain_facts import plain_facts
from dryfit.tools.standalone.python_code import call_of, code, in_docstring
from dryfit_fakes.backend import LEGACY, keras
from dryfit_fakes.keras_choice import NAME
from dryfit_fakes.metrics import known_direction
from dryfit_fakes.script import Script

_TEMPLATE = Path(__file__).with_name("template.txt")
_OF_KERAS = {  # by whether it is Keras 2: what the script is for, and what it is in
    "plain": ("Plain Keras with the tensorflow or torch backend", "Plain Keras 2"),
    "weights": (".weights.h5", ".h5"),
}
_WIDTH = 99
_MOST_BATCHES = 10_000
_THERE = {"keras", "math", "np", "os", "inf", "nan"}  # what a script of ours has imported


class NotPlainError(ValueError):
    """Something of a scenario that a script for plain Keras cannot do or see."""


def standalone(scenario: Scenario) -> str:
    """Write a scenario as a Python script that needs Keras and nothing of dryfit.

    The script plays the scenario's numbers to its callbacks in a real ``fit``, compares
    with what is documented (`expect`, not a defect's `instead`), and ends with exit
    status 1 if that is not what happens.

    Raises:
        ScenarioFileError: the scenario has what plain Keras cannot play or show.
    """
    try:
        with own_modules(scenario):
            names = _functions(scenario.callbacks)
            _check_directions(scenario)
            fits = [_fit(scenario, call) for call in _played(scenario)]
            return Template(_TEMPLATE.read_text(encoding="utf-8")).substitute(
                title=in_docstring(f"{scenario.name[:1].upper()}{scenario.name[1:]}."),
                about=in_docstring(_wrapped(scenario.about)),
                sources=in_docstring(_sources(scenario)),
                functions="".join(f"\n\n{source}" for source in names.values()),
                callbacks=", ".join(_callback(*item) for item in scenario.callbacks),
                fits="\n".join(fits),
                imports=_imports(),
                **{key: values[LEGACY] for key, values in _OF_KERAS.items()},
            )
    except NotPlainError as error:
        line = scenario.line(("name",))
        raise ScenarioFileError([Problem(scenario.file, line, scenario.slug, str(error))]) from None


def _imports() -> str:
    if NAME == "keras":
        return "import keras\nimport numpy as np"
    return f"import numpy as np\nimport {NAME} as keras"


def _wrapped(about: str) -> str:
    return f"\n{fill(about.strip(), _WIDTH)}\n" if about else ""


def _sources(scenario: Scenario) -> str:
    defect = [] if scenario.known_defect is None else [scenario.known_defect.id]
    named = dict.fromkeys([*defect, *scenario.source])
    links = [link(source) or source for source in named if source != "unreported"]
    return "".join(f"{text}\n" for text in dict.fromkeys(links))


def _played(scenario: Scenario) -> Iterator[Call]:
    for call in scenario.calls:
        if call.method != "fit" or call.keys is None or call.load is not None:
            raise NotPlainError(f"has a call to {call.method} that only dryfit can set up")
        if call.killed:
            raise NotPlainError("kills the process that plays it")
        yield call


def _check_directions(scenario: Scenario) -> None:
    """Refuse ``mode="auto"`` where it works by a metric's object: the script's model has none."""
    monitored = (str(arguments.get("monitor", "")) for _, arguments in scenario.callbacks)
    for name in (metric.removeprefix("val_") for metric in monitored):
        scripts = [call.keys for call in scenario.calls if call.keys is not None]
        told = any({name, f"val_{name}"} & set(keys.directions) for keys in scripts)
        if told or known_direction(name) is not None:
            raise NotPlainError(f"monitors {name}, whose direction a metric's object tells")


def _fit(scenario: Scenario, call: Call) -> str:
    assert call.keys is not None
    if scenario.ranks > 1:
        raise NotPlainError("is of several ranks, and a script is one process")
    if scenario.loop:
        raise NotPlainError("has a training loop of its own")
    if scenario.model:
        raise NotPlainError("has a model of its own")
    script = script_of(scenario, call.keys, Path())
    if None in (script.steps, script.val_steps):
        raise NotPlainError("has data of unknown length, and the script's has a length")
    fresh = call.model == "fresh" or call is scenario.calls[0]
    documented = {} if call.expect is None else plain_facts(call.expect, script, fresh)
    if call.expect is not None and call.expect.raises is None and set(documented) == {"raises"}:
        raise NotPlainError("expects nothing that shows in plain Keras")
    if (batches := script.epochs * max(script.batches, script.val_batches)) > _MOST_BATCHES:
        raise NotPlainError(
            f"has {batches:,} batches, and a script that somebody reads lists at most "
            f"{_MOST_BATCHES:,}"
        )
    train, validation = _rows(script)
    parts = {
        "train": _listed(_interrupted(train, script)),
        "validation": _listed(validation),
        "batches": script.batches,
        "arguments": _arguments(script),
        "learning_rate": _rate(script),
        "steps": script.steps_per_execution,
        "fresh model": fresh,
        "fresh callbacks": call.callbacks == "fresh" or call is scenario.calls[0],
    }
    lines = [f'"{key}": {value},' for key, value in parts.items()]
    lines += ['"documented": {', *(f"    {k!r}: {code(v)}," for k, v in documented.items()), "},"]
    return indent("{\n" + indent("\n".join(lines), "    ") + "\n},", "    ")


def _rows(script: Script) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What is reported for each batch and each validation if nobody interferes."""
    if script.predict is not None or script.evaluate is not None or script.seconds_per_batch:
        raise NotPlainError("a script's predict, evaluate and time are dryfit's")
    if script.optimizers:
        raise NotPlainError("trains with several optimizers")
    if script.disk is not None or script.warnings is not None:
        raise NotPlainError("a script's disk and warnings are dryfit's")
    whole = {name: getattr(script, name) for name in ("epochs", "batches", "initial_epoch")}
    curves = {
        name: getattr(script, name)
        for name in ("metrics", "batch_metrics", "batch_logs", "val_batches", "validation_freq")
    }
    hooks = play(Script(**whole, **curves), []).hooks
    train = [dict(hook.logs) for hook in hooks if hook.name == "on_train_batch_end"]
    if not all(train):
        raise NotPlainError("has a training batch that reports nothing, which tensorflow refuses")
    return train, [dict(hook.logs) for hook in hooks if hook.name == "on_test_end"]


def _interrupted(rows: list[dict[str, Any]], script: Script) -> list[Any]:
    """Rows with an exception in place of the one where the script breaks off."""
    broken: Any = script.interrupt
    if broken is None:
        return rows
    if broken.hook is not None or broken.batch is None or not isinstance(broken.raises, type):
        raise NotPlainError("is interrupted outside of a training step")
    at = (broken.epoch - script.initial_epoch) * script.batches + broken.batch
    return [*rows[:at], broken.raises]


def _arguments(script: Script) -> str:
    given: dict[str, Any] = {"epochs": script.epochs}
    if script.initial_epoch:
        given["initial_epoch"] = script.initial_epoch
    epochs = script.validation_epochs
    if epochs and len(epochs) < script.epochs - script.initial_epoch:
        given["validation_freq"] = [epoch + 1 for epoch in epochs]  # Keras counts from 1 here
    return code(given)


def _rate(script: Script) -> str:
    rate = 0.01 if script.learning_rate is None else script.learning_rate
    if not isinstance(rate, int | float):
        raise NotPlainError("trains with a schedule object")
    if script.scripted_rates is not None:
        raise NotPlainError("has rates that move by themselves")
    return code(float(rate))


def _listed(rows: list[Any]) -> str:
    """Rows as code, with equal ones in a row written once."""
    groups = [(row, len(list(same))) for row, same in groupby(rows, key=_code_of_row)]
    parts = [f"[{row}] * {count}" if count > 1 else f"[{row}]" for row, count in groups]
    return " + ".join(parts) or "[]"


def _code_of_row(row: Any) -> str:
    return row.__name__ if isinstance(row, type) else code(row)


def _callback(name: str, arguments: dict[str, Any]) -> str:
    if not hasattr(keras.callbacks, name):
        raise NotPlainError(f"has {name}, which is no callback of Keras")
    given = {key: _argument(value) for key, value in arguments.items()}
    return call_of(f"keras.callbacks.{name}", given)


def _argument(value: object) -> str:
    if isinstance(value, str):
        return repr(value.replace("{run_dir}/", "").replace("{run_dir}", "."))
    if isinstance(value, dict) and set(value) == {"import"}:
        return str(value["import"]).rpartition(":")[2]
    if isinstance(value, dict) and set(value) == {"piecewise"}:
        steps = {int(epoch): float(rate) for epoch, rate in value["piecewise"].items()}
        return f"lambda epoch: {steps}[max(first for first in {sorted(steps)} if first <= epoch)]"
    return repr(value)


def _functions(items: tuple[tuple[str, dict[str, Any]], ...]) -> dict[str, str]:
    """The source of every function that an argument imports."""
    found: dict[str, str] = {}
    for _, arguments in items:
        for value in arguments.values():
            if isinstance(value, dict) and set(value) == {"import"}:
                name = str(value["import"]).rpartition(":")[2]
                if not name.isidentifier():
                    raise NotPlainError(f"imports {name}, which is no function of a module")
                found[name] = _source(name, import_name(str(value["import"])))
    return found


def _source(name: str, function: Callable[..., object]) -> str:
    """A function's source, with imports of what it takes from Keras."""
    try:
        source = inspect.getsource(function)
        known = inspect.getclosurevars(function).globals
    except (OSError, TypeError):
        raise NotPlainError(f"{name} has no source to copy") from None
    imports = [f"from keras import {n}" for n, v in known.items() if v is getattr(keras, n, None)]
    if missing := set(known) - _THERE - {line.split()[-1] for line in imports}:
        raise NotPlainError(f"{name} needs {', '.join(sorted(missing))} of its module")
    return "\n".join([*imports, "", "", source]) if imports else source
