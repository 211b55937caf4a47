"""The check of a training that goes on in another process."""

import gc
from pathlib import Path

from dryfit.tools.check.check_folder import folder_of_its_own
from dryfit.tools.check.finding import Finding, broken_off, failed, passed
from dryfit.tools.check.memory_checks import decisions
from dryfit.tools.check.subject import PlayedSubject, Subject

_EPOCHS = 20
_RESUMED = 5  # two epochs after the last that is better than all before


def resumed(subject: Subject) -> Finding:
    """A new instance goes on in epoch 5 as the one before would have: its state survives."""
    metrics = subject.curves.stalling(_EPOCHS)
    with folder_of_its_own("whole"):
        whole = subject.play(subject.curves.keys(metrics, _EPOCHS))
    first = {name: " ".join(series.split()[:_RESUMED]) for name, series in metrics.items()}
    with folder_of_its_own("resumed") as folder:
        began = subject.play(subject.curves.keys(first, _RESUMED))
        gc.collect()  # the process ends here: what is still open is written and closed
        files = _lines_by_file(folder)
        keys = subject.curves.keys(metrics, _EPOCHS, initial_epoch=_RESUMED)
        rates = began.run.learning_rate_after[-1:]  # the optimizer's state is not the callback's
        second = subject.play({**keys, "learning_rate": rates[0]} if rates else keys)
        gc.collect()
        gone = [name for name, old in files.items() if not _is_there(old, folder / name)]
    if second.error is not None and not (second.is_its_own and subject.meant(second.error)):
        return broken_off(second, "resumed: {}")
    old, new = _later(whole), _later(second)
    if old == new:
        said = "goes on as if nothing had been" if old else "decides nothing"
        more = f" and {len(gone) - 1} more" if len(gone) > 1 else ""
        anew = f"writes {gone[0]}{more} anew: what was in there is gone" if gone else ""
        return passed(said, anew)
    difference = _difference(old, new)
    if files:
        return failed(f"{difference}, though it wrote {next(iter(files))}")
    return passed("begins anew in another process, as it writes nothing to go on from", difference)


def _later(played: PlayedSubject) -> list[tuple[int, str]]:
    """The decisions from the resumed epoch on, without whose weights are put back."""
    every = decisions(played.run, saves=True)
    return [(epoch, _briefly(what)) for epoch, what in every if epoch >= _RESUMED]


def _lines_by_file(folder: Path) -> dict[str, list[bytes]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes().splitlines() for path in files}


def _is_there(lines: list[bytes], file: Path) -> bool:
    """Whether a file of text still has what was in it; other files are written as a whole."""
    try:
        b"".join(lines).decode()
    except UnicodeDecodeError:
        return True
    return not file.exists() or set(lines) <= set(file.read_bytes().splitlines())


def _briefly(what: str) -> str:
    """A decision without its hook, and without whose weights it is about."""
    told = what.partition(" in on_")[0]
    return "puts back weights" if told.startswith("puts back") else told


def _difference(old: list[tuple[int, str]], new: list[tuple[int, str]]) -> str:
    only = [one for one in new if one not in old]
    lacking = [one for one in old if one not in new]
    told = [f"{what} in epoch {epoch}" for epoch, what in only[:1]]
    told += [f"no longer {what} in epoch {epoch}" for epoch, what in lacking[:1]]
    return f"in another process {' and '.join(told)}"
