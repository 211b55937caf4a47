"""Reading a class's source, and putting a fault into the class that there is."""

import textwrap
from pathlib import Path
from typing import Any

import keras
import pytest

from dryfit.tools.mutate.class_source import NoSourceError, put_in, source_of, sources

TEXT = """\
from __future__ import annotations

registered = []


class Base:
    def __init_subclass__(cls):
        registered.append(cls.__name__)

    def step(self):
        return 1


class Counter(Base):
    first = 10

    def step(self):
        return super().step() + self.__more()

    def __more(self: Unknown):
        return 5

    @property
    def total(self):
        return self.first + 1

    @staticmethod
    def least(a, b):
        return min(a, b)
"""


@pytest.fixture
def counter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: Any) -> Any:
    name = f"counted_{abs(hash(request.node.name))}"
    (tmp_path / f"{name}.py").write_text(TEXT)
    monkeypatch.syspath_prepend(tmp_path)
    return __import__(name)


def fault(module: Any, change: str) -> Any:
    (found,) = [f for f in source_of(module.Counter).faults() if f.change == change]
    return found


def numbers(made: Any) -> tuple[int, int, int]:
    return made.step(), made.total, made.least(1, 2)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("`super().step() + self.__more()` becomes `super().step() - self.__more()`", (-4, 11, 1)),
        ("`return 5` becomes `return 6`", (7, 11, 1)),
        ("`first = 10` becomes `first = 9`", (6, 10, 1)),
        ("`self.first + 1` becomes `self.first - 1`", (6, 9, 1)),
        ("`min(a, b)` becomes `max(a, b)`", (6, 11, 2)),
    ],
)
def test_an_instance_that_is_there_has_the_fault(
    counter: Any, change: str, expected: tuple[int, int, int]
) -> None:
    """With `super()`, private names, class attributes, properties and static methods; once."""
    made = counter.Counter()
    with put_in(fault(counter, change)):
        assert numbers(made) == expected
    assert numbers(made) == (6, 11, 1)
    assert counter.registered == ["Counter"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_class_is_put_back_however_it_ends(counter: Any, error: Any) -> None:
    """Also when somebody presses Ctrl-C."""
    before = dict(vars(counter.Counter))
    with pytest.raises(error), put_in(fault(counter, "`return 5` becomes `return 6`")):
        raise error
    assert dict(vars(counter.Counter)) == before


def test_bases_of_the_author_count_and_those_of_keras_do_not(counter: Any) -> None:
    """Keras' count where they are named."""
    stopping = keras.callbacks.EarlyStopping
    assert [source.kind for source in sources(counter.Counter)] == [counter.Counter, counter.Base]
    assert [source.kind for source in sources(stopping)] == [stopping]


def test_a_class_without_source_is_refused() -> None:
    """It says where it looked."""
    namespace: dict[str, Any] = {"__name__": __name__}
    exec(textwrap.dedent("class Made: pass"), namespace)
    with pytest.raises(NoSourceError) as error:
        source_of(namespace["Made"])
    assert str(error.value) == (
        f"no source of Made: {__file__} has no `class Made`; a class that is made otherwise "
        "cannot be changed"
    )
