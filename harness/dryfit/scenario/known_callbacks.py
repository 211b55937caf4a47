"""Callbacks that a file may name by one word: ours, and Keras' as far as they are known unread.

Keras is not imported before a file is found to be right, and which callbacks it has is its own
business. So a name is refused only once Keras is there; here it is told beside other mistakes.
"""

from collections.abc import Iterator

from dryfit.facts.failure import Key
from dryfit.facts.scalar import Scalar, Sourced
from dryfit.facts.suggestions import did_you_mean

PLACED = ("EvaluateAt", "PredictAt", "RaiseAt", "SetLearningRateAt", "StopAt")
ACTORS = (*PLACED, "WriteLogs")
KERAS = (
    "BackupAndRestore",
    "CSVLogger",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "OrbaxCheckpoint",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
)


def misspelt(callbacks: Sourced) -> Iterator[tuple[Key, str]]:
    """Each item of a file's callbacks that is close to a known name, and is none."""
    known = (*ACTORS, *KERAS)
    for index, item in enumerate(callbacks if isinstance(callbacks, list) else ()):
        name = item.text if isinstance(item, Scalar) else ""
        if isinstance(item, dict) and item:
            name = next(iter(item))
        if name not in known and (hint := did_you_mean(name, known, cutoff=0.8)):
            yield (index,), f"unknown callback {name!r}{hint}"
