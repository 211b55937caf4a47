"""How sharply the scenario pack pins Keras: single faults, and whether the pack notices.

The faults are those of ``dryfit mutate``, played here to Keras' own classes; each that no
scenario notices has its reason in ``survivors.txt``. `make adequacy` runs this; it is no
part of the tests.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

PACK = Path(__file__).parent.parent.parent / "scenarios"
REASONS = Path(__file__).parent / "survivors.txt"
CLASSES = {
    "early_stopping": "EarlyStopping",
    "reduce_lr_on_plateau": "ReduceLROnPlateau",
    "learning_rate_scheduler": "LearningRateScheduler",
    "terminate_on_nan": "TerminateOnNaN",
    "monitor_callback": "MonitorCallback",
    "model_checkpoint": "ModelCheckpoint",
}


def measured(module: str) -> tuple[str, int, list[str]]:
    """A module, how many faults its class has, and those that no scenario notices."""
    from dryfit.scenario.construct import callback_class
    from dryfit.tools.mutate.mutate import mutate
    from dryfit.tools.mutate.scenarios_and_tests import Pack

    kind = callback_class(f"keras.src.callbacks.{module}:{CLASSES[module]}")
    mutation = mutate(kind, Pack([PACK]))
    missed = [f"{module}:{s.fault.line}: {s.fault.change}" for s in mutation.survivors]
    return module, len(mutation.faults), missed


def main() -> int:
    """Print what the pack notices, and every survivor with its reason; 1 if one has none."""
    reasons = dict(_reasons())
    faults = noticed = same = unexplained = 0
    for module, count, missed in map(measured, CLASSES):
        nothing = sum(reasons.get(fault, "").startswith("same") for fault in missed)
        counted, told = count - nothing, count - len(missed)
        print(f"{CLASSES[module]}: {told} of {counted} noticed, {told / counted:.1%}")
        for fault in missed:
            print(f"    {fault}  [{reasons.get(fault, 'UNEXPLAINED')}]")
            unexplained += fault not in reasons
        faults, noticed, same = faults + count, noticed + told, same + nothing
    print(f"all: {noticed} of {faults - same} noticed, {noticed / (faults - same):.1%}; ", end="")
    print(f"{same} change nothing, {unexplained} unexplained")
    return int(unexplained > 0)


def _reasons() -> Iterator[tuple[str, str]]:
    """Survivors and why: `module:line: change` and the reason behind ` ## `."""
    for line in REASONS.read_text(encoding="utf-8").splitlines():
        fault, _, reason = line.rpartition(" ## ")
        if fault:
            yield fault, reason


if __name__ == "__main__":
    sys.exit(main())
