"""Keys that a callback asks its logs for, and goes on without: it decides nothing then."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dryfit.tools.check.check_folder import room
from dryfit.tools.check.keras2 import KEYS_GONE
from dryfit.tools.check.subject import Subject
from dryfit.tools.check.wrappers import HOOKS, Around
from dryfit_fakes.protocols import Callback, Logs

_SET_BY_OTHERS = {*KEYS_GONE, "epoch", "learning_rate"}


def asked_in_vain(subject: Subject) -> list[str]:
    """The names of metrics that its hooks look for, and that no script reports so far."""
    keys = subject.curves.keys(subject.curves.stalling(4), 4)
    asked: dict[Any, None] = {}
    written: set[Any] = set()
    with room(subject.place), suppress(Exception):  # what is raised, the plain run tells
        subject.play(keys, _Asking(subject.make(), asked, written), lane="fake")
    known = {*subject.curves.names, *_SET_BY_OTHERS, *written}
    return [key for key in asked if key not in known and could_be_a_metric(key)]


def could_be_a_metric(key: object) -> bool:
    """Whether a model could report it."""
    return isinstance(key, str) and key.replace("_", "").replace("/", "").isalnum()


class _Asking(Around):
    """Notes which keys another callback asks for in vain, and which it writes."""

    def __init__(self, callback: Callback, asked: dict[Any, None], written: set[Any]) -> None:
        super().__init__(callback)
        self.asked, self.written = asked, written


class _NotingLogs(dict[str, Any]):
    """Logs that tell what is not in them, where that raises nothing."""

    def __init__(self, logs: Logs, missed: Callable[[Any], None]) -> None:
        super().__init__(logs)
        self._missed = missed

    def get(self, key: str, default: object = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def _note(self, key: object) -> None:
        if not super().__contains__(key):
            self._missed(key)


def _noting(name: str) -> Callable[..., None]:
    def hook(self: _Asking, *args: Any, logs: Logs | None = None) -> None:
        *index, logs = args if logs is None else (*args, logs)
        if logs is None:
            getattr(self.inner, name)(*index, None)
            return
        noting = _NotingLogs(logs, self.asked.setdefault)
        try:
            getattr(self.inner, name)(*index, noting)
        finally:
            self.written |= {*noting} - {*logs}
            logs.update(noting)

    hook.__name__ = name
    return hook


for _name in HOOKS:
    setattr(_Asking, _name, _noting(_name))
