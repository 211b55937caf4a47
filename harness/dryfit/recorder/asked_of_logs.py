"""Which keys a callback's own hooks get from their logs, as they are written down.

``logs.get("val_los")`` raises nothing, and is told of no difference either; handing on other
logs than Keras' would change what is recorded. So the code is read in place of the logs.
"""

import dis
from collections.abc import Iterator
from itertools import pairwise
from types import CodeType, FunctionType

_OTHERS = ("builtins", "dryfit_fakes", "keras", "tensorflow", "tf_keras")


def asked_of_logs(kind: type) -> tuple[str, ...]:
    """The constant keys that hooks of a class get, whatever from; none of Keras' own classes.

    >>> class Mine:
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         return logs.get("val_los", 0.0)
    >>> asked_of_logs(Mine)
    ('val_los',)
    """
    own = [base for base in kind.__mro__ if base.__module__.partition(".")[0] not in _OTHERS]
    hooks = [
        function
        for base in own
        for name, function in vars(base).items()
        if name.startswith("on_") and isinstance(function, FunctionType)
    ]
    return tuple(dict.fromkeys(key for hook in hooks for key in _got(hook.__code__)))


def _got(code: CodeType) -> Iterator[str]:
    if "get" not in code.co_names:
        return
    for before, after in pairwise(dis.get_instructions(code)):
        is_get = before.opname in ("LOAD_ATTR", "LOAD_METHOD") and before.argval == "get"
        if is_get and after.opname == "LOAD_CONST" and isinstance(after.argval, str):
            yield after.argval
