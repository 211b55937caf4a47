"""Which keys a callback's own hooks get from their logs, as they are written down.

``logs.get("val_los")`` raises nothing, and is told of no difference either; handing on other
logs than Keras' would change what is recorded. So the code is read in place of the logs.
"""

import dis
from functools import lru_cache
from types import CodeType, FunctionType

_OTHERS = frozenset({"builtins", "dryfit_fakes", "keras", "tensorflow", "tf_keras"})


def is_of_others(module: str) -> bool:
    """Whether no author of callbacks has written a module: Python's, Keras', TensorFlow's, ours."""
    return module.partition(".")[0] in _OTHERS


def asked_of_logs(kind: type) -> tuple[str, ...]:
    """The constant keys that hooks of a class get from their logs; none of Keras' own classes.

    As ``logs.get("key")`` and ``(logs or {}).get("key")``, outside of comprehensions.

    >>> class Mine:
    ...     def on_epoch_end(self, epoch, logs=None):
    ...         return logs.get("val_los", 0.0)
    >>> asked_of_logs(Mine)
    ('val_los',)
    """
    own = [base for base in kind.__mro__ if not is_of_others(base.__module__)]
    hooks = [
        function
        for base in own
        for name, function in vars(base).items()
        if name.startswith("on_") and isinstance(function, FunctionType)
    ]
    return tuple(dict.fromkeys(key for hook in hooks for key in _got(hook.__code__)))


@lru_cache(1024)  # each play asks
def _got(code: CodeType) -> tuple[str, ...]:
    if "get" not in code.co_names:
        return ()
    logs = code.co_varnames[: code.co_argcount][-1:]  # the last of a hook's parameters
    told, keys = list(dis.get_instructions(code)), []
    for of, get, key in zip(told, told[1:], told[2:], strict=False):
        is_get = get.opname in ("LOAD_ATTR", "LOAD_METHOD") and get.argval == "get"
        of_logs = of.opname == "BUILD_MAP" or (of.opname.startswith("LOAD_FAST") and _is(of, logs))
        if is_get and of_logs and key.opname == "LOAD_CONST" and isinstance(key.argval, str):
            keys.append(key.argval)
    return tuple(keys)


def _is(instruction: dis.Instruction, names: tuple[str, ...]) -> bool:
    """Whether what is loaded last is one of some names; newer Pythons load two at once."""
    loaded = instruction.argval
    return (loaded[-1] if isinstance(loaded, tuple) else loaded) in names
