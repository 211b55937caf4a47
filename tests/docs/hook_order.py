"""Writes down in which order Keras calls its hooks, and with what, for ``docs/hook-order.md``.

``python tests/docs/hook_order.py`` prints what the installed Keras does in the real lane;
``--write`` puts it on the page.
"""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras

from dryfit import Script, play
from dryfit.run.timeline_events import Hook
from dryfit_fakes import RaiseAt, StopAt

PAGE = Path(__file__).parents[2] / "docs" / "hook-order.md"
BEGIN, END = "<!-- hook order: begin -->\n", "<!-- hook order: end -->\n"
TRAIN = {"loss": "1...", "accuracy": ".5..."}
BOTH = {**TRAIN, "val_loss": "1...", "val_accuracy": ".5..."}


@dataclass(frozen=True)
class Case:
    """A call whose hooks are shown.

    Attributes:
        says: what the call is, and what to see in it.
        callback: makes an actor that does something on the way.
    """

    title: str
    says: str
    script: dict[str, Any]
    call: str = "fit"
    callback: Any = None


CASES = (
    Case(
        "fit with validation",
        "Two epochs of two batches, and one batch of validation. Validation lies inside of the "
        "epoch. Its hooks' logs have no `val_`, which `on_epoch_end` has. `on_train_end` gets "
        "the logs of the last epoch once more.",
        {"epochs": 2, "batches": 2, "metrics": BOTH},
    ),
    Case(
        "validation_freq=2",
        "Two epochs of a batch. An epoch without validation has no test hooks and no `val_` keys.",
        {
            "epochs": 2,
            "validation_freq": 2,
            "metrics": {**TRAIN, "val_loss": "_ 1", "val_accuracy": "_ .5"},
        },
    ),
    Case(
        "steps_per_execution=2",
        "An epoch of five batches. Hooks are called for each execution: its begin has the index of "
        "its first batch, its end that of its last. The last execution has one batch, and ends "
        "with the index of a batch that there is not.",
        {"epochs": 1, "batches": 5, "steps_per_execution": 2, "metrics": TRAIN},
    ),
    Case(
        "data of unknown length",
        "An epoch of two batches, and one batch of validation, whose number nobody told Keras: a "
        "generator, or a `tf.data.Dataset` behind a filter. `steps` is None in every epoch. Where "
        "the data ends is found by asking for one batch more: its begin is called, and never its "
        "end. Keras warns each time that the data ran out. On torch the begin is not called. On "
        "tensorflow, with one step an execution, `optimizer.iterations` counts that batch too, so "
        "that a schedule is a step ahead after each epoch; and where the data tells the size of "
        "its batches, so does the mean loss of the epoch, which comes out too small.",
        {
            "epochs": 1,
            "batches": "unknown",
            "val_batches": "unknown",
            "batch_metrics": {"loss": ["2 1"], "accuracy": [".5 .5"]},
            "metrics": {"val_loss": 1, "val_accuracy": 0.5},
        },
    ),
    Case(
        "stop_training in the middle of an epoch",
        "Three epochs of three batches; a callback sets `model.stop_training` in "
        "`on_train_batch_end` of batch 0. The epoch's other batches are left out; its validation "
        "and its `on_epoch_end` are not.",
        {"epochs": 3, "batches": 3, "metrics": BOTH},
        callback=lambda: StopAt(epoch=0, batch=0),
    ),
    Case(
        "stop_training at the end of an epoch",
        "Three epochs; a callback sets `model.stop_training` in `on_epoch_end` of epoch 0, as "
        "EarlyStopping does. `on_train_end` is still called.",
        {"epochs": 3, "metrics": TRAIN},
        callback=lambda: StopAt(epoch=0),
    ),
    Case(
        "an exception",
        "A callback raises in `on_train_batch_end` of batch 0. No further hook is called, "
        "`on_train_end` neither.",
        {"epochs": 2, "batches": 2, "metrics": TRAIN},
        callback=lambda: RaiseAt(epoch=0, batch=0, raises=LookupError),
    ),
    Case(
        "initial_epoch=2",
        "`epochs=3`, so one epoch runs, the third. Indices are absolute.",
        {"epochs": 3, "initial_epoch": 2, "metrics": TRAIN},
    ),
    Case(
        "initial_epoch=3",
        "`epochs=3`, so no epoch runs, as in a resumed training with nothing left to do. "
        "`on_train_end` gets empty logs.",
        {"epochs": 3, "initial_epoch": 3, "metrics": TRAIN},
    ),
    Case(
        "evaluate",
        "Two batches, outside of `fit`. No train hook is called: what a callback sets up in "
        "`on_train_begin` is not there.",
        {"epochs": 1, "val_batches": 2, "metrics": TRAIN},
        call="evaluate",
    ),
    Case(
        "predict",
        "Two batches. Predictions are in the logs of each batch's end, as `outputs`, and nowhere "
        "else.",
        {"epochs": 1, "val_batches": 2, "metrics": TRAIN, "predict": lambda x, epoch: x},
        call="predict",
    ),
)


class Params(keras.callbacks.Callback):
    """Keeps the params that it was given before the first hook."""

    def on_train_begin(self, logs: Any = None) -> None:
        self.given = dict(self.params)

    on_test_begin = on_predict_begin = on_train_begin


def shown(hooks: tuple[Hook, ...]) -> str:
    """A line a hook, with its arguments, indented by what it lies in."""
    lines: list[str] = []
    depth, last = 0, ""
    for hook in hooks:
        over = last.endswith("_batch_begin") and not hook.name.endswith("_batch_end")
        depth -= hook.name.endswith("_end") + over
        last = hook.name
        index = hook.epoch if "epoch" in hook.name else hook.batch
        first = "" if index is None else f"{index}, "
        lines.append(f"{'    ' * depth}{hook.name}({first}{{{', '.join(hook.logs)}}})")
        depth += hook.name.endswith("_begin")
    return "\n".join(lines)


def section(case: Case, lane: str) -> str:
    """A case as it is on the page."""
    params = Params()
    callbacks = [params, *([case.callback()] if case.callback else [])]
    try:
        run = play(Script(**case.script), callbacks, lane=lane, call=case.call)
    except LookupError as error:  # that of the case of an exception
        run = error.run  # type: ignore[attr-defined]
    given = f"params: epochs {params.given['epochs']}, steps {params.given['steps']}"
    return f"## {case.title}\n\n{case.says}\n\n```text\n{given}\n{shown(run.hooks)}\n```\n"


def sections(lane: str = "real") -> str:
    """All cases, as they are on the page."""
    return "\n".join(section(case, lane) for case in CASES)


def main() -> None:
    """Print the sections, or put them on the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    made = f"Played with keras {keras.__version__}.\n\n{sections()}"
    if not parser.parse_args().write:
        print(made)
        return
    page = PAGE.read_text(encoding="utf-8")
    page = re.sub(f"{BEGIN}.*?{END}", lambda _: BEGIN + made + END, page, flags=re.S)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
