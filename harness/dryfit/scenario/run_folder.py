"""What a scenario writes stays in its run's folder.

Keras' callbacks and ours do to paths what their arguments say: `BackupAndRestore`
deletes its folder at the end of a training, and `CSVLogger` empties its file at the
begin of one. So an argument that is a path may not lead out of the folder, and nothing
is sent anywhere. What a project's own class does with a path is its own affair: to run
it is to trust it.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

# ModelCheckpoint, CSVLogger, BackupAndRestore, TensorBoard, OrbaxCheckpoint, our Recorder.
PATHS = ("filepath", "filename", "backup_dir", "log_dir", "directory", "save")

_OURS = ("dryfit", "dryfit_fakes", "keras", "tf_keras")
_SENDS = "RemoteMonitor"
# A format without a fill: "{epoch:/>9}" would write a path of its own. Neither "c", which
# makes a dot of epoch 46 and a slash of epoch 47, nor "s", which may leave nothing.
_FORMAT = re.compile(r"[<>=^]?[-+ ]?#?0?\d*[,_]?(\.\d+)?[bdeEfFgGnoxX%]?")
_TRUST = (
    "a file that you trust may do otherwise with --allow-outside (pytest: --dryfit-allow-outside)"
)


class OutsideError(ValueError):
    """What leads out of the run's folder."""


def check_arguments(kind: type, arguments: Mapping[str, Any], run_dir: Path) -> None:
    """Refuse what leads a callback of Keras' or ours out of a run's folder.

    Args:
        kind: the callback's class.
        arguments: of its constructor, resolved.
        run_dir: the folder; relative paths are relative to it.

    Raises:
        OutsideError: with the argument, and what to write.
    """
    if kind.__module__.partition(".")[0] not in _OURS:
        return
    if kind.__name__ == _SENDS:
        raise OutsideError(
            f"{_SENDS} sends what it is told to a server; a scenario reaches nothing outside of "
            f"its run's folder. Leave it out; {_TRUST}"
        )
    for name in PATHS:
        value = arguments.get(name)
        if isinstance(value, str | os.PathLike) and (why := leads_out(os.fspath(value), run_dir)):
            raise OutsideError(
                f"{kind.__name__}({name}={value!r}): {why}; a scenario writes and deletes in its "
                f"run's folder alone. Write a relative path, or '{{run_dir}}/...'; {_TRUST}"
            )


def leads_out(path: str | bytes, run_dir: Path) -> str:
    """Say how a path leads out of a folder; empty if it does not.

    >>> leads_out("a/{epoch:02d}.keras", Path("/run")), leads_out("../a.csv", Path("/run"))
    ('', 'it leads to /a.csv, outside')
    """
    text = os.fsdecode(path)
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        parts = [(text, None, None, None)]  # Keras' own error comes when it is formatted
    for _, name, form, conversion in parts:
        written = f"{{{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}}}"
        if name and (conversion or re.search(r"[.\[]", name)):
            return f"{written} can make a path of its own; a field is a name, such as {{epoch:02d}}"
        if form and not _FORMAT.fullmatch(form):
            return f"the format {written} can make a path of its own"
    # A number is one part of a path, whatever the name of its metric has in it.
    shown = "".join(literal + ("" if name is None else "0") for literal, name, _, _ in parts)
    for formatted in (text, shown):  # CSVLogger and others take a path as it stands
        if not _is_in(formatted, run_dir):
            return f"it leads to {_target(formatted, run_dir)}, outside"
    return ""


def to_be_read(path: str, run_dir: Path, beside: Path) -> str:
    """Where a file of weights is: in the run's folder, or below the scenario file's.

    Raises:
        OutsideError: it is in neither.
    """
    if _is_in(path, run_dir) and os.path.exists(_target(path, run_dir)):
        return path
    if _is_in(path, beside) and os.path.exists(_target(path, beside)):
        return _target(path, beside)
    if _is_in(path, run_dir) or _is_in(path, beside):
        return path  # Keras says that it is not there
    raise OutsideError(
        f"load: {path}: it leads to {_target(path, run_dir)}, outside; a scenario reads weights of "
        f"its run's folder, and those below the folder of its file; {_TRUST}"
    )


def _target(path: str, folder: Path) -> str:
    return os.path.realpath(os.path.join(os.path.realpath(folder), path))


def _is_in(path: str, folder: Path) -> bool:
    root, target = os.path.realpath(folder), _target(path, folder)
    return target == root or target.startswith(os.path.join(root, ""))
