"""The battery over every callback of Keras, the tutorial's, and those of other packages.

``python tests/wall/wall.py --write docs/compatibility.md`` writes the page.
"""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dryfit.tools.check.battery import CHECKS, check_callback
from dryfit.tools.check.report_card import Card
from dryfit_fakes.backend import keras

_BASES = ("Callback", "CallbackList", "MonitorCallback")  # what others are made of
# Settings of Keras' own where the defaults do not do, and what is worth a second look.
_SETTINGS: dict[str, tuple[str, ...]] = {
    "BackupAndRestore": ("{backup_dir: backup}",),
    "CSVLogger": ("{filename: log.csv}",),
    "EarlyStopping": ("{patience: 3}", "{patience: 3, restore_best_weights: true}"),
    "LearningRateScheduler": ('{schedule: {import: "dryfit.demo:step_decay"}}',),
    "ModelCheckpoint": (
        "{filepath: last.keras}",
        "{filepath: best.keras, save_best_only: true}",
        "{filepath: best.keras, save_best_only: true, monitor: loss, save_freq: 1}",
    ),
    "ReduceLROnPlateau": ("{patience: 2}",),
    "TensorBoard": ("{log_dir: logs}",),
}
_TUTORIAL = (
    "dryfit.demo:MyEarlyStopping: {patience: 5}",
    "ReduceLROnPlateau: {factor: 0.1, patience: 2, min_lr: 1.0e-7}",
    'LearningRateScheduler: {schedule: {import: "dryfit.demo:respectful_decay"}}',
)
# What is known of a failure: by callback's name, check, and a part of the reason.
_KNOWN: tuple[tuple[str, str, str, str], ...] = (
    (
        "EarlyStopping",
        "NaN first",
        "",
        "Keras keeps a NaN of the first epoch as the best for good (since 3.9): scenarios/defects",
    ),
    ("ReduceLROnPlateau", "NaN first", "", "the same in ReduceLROnPlateau (since 3.11)"),
    ("ModelCheckpoint", "NaN first", "", "the same in ModelCheckpoint (since 3.11)"),
    (
        "ModelCheckpoint",
        "plain run",
        "NoneType",
        "Keras finds out whether higher is better at an epoch's end only (since 3.11)",
    ),
    (
        "ModelCheckpoint",
        "resumed",
        "",
        "Keras begins with no best value; initial_value_threshold says what the last training had",
    ),
    (
        "ReduceLROnPlateau",
        "learning rate schedule",
        "",
        "Keras cannot set a rate that a schedule gives, and ReduceLROnPlateau finds out late",
    ),
    (
        "TqdmCallback",
        "deep copy",
        "",
        "tqdm wraps its stream in an object that looks for itself before it is made",
    ),
    (
        "MyEarlyStopping",
        "",
        "",
        'the tutorial\'s reads logs["val_loss"] without asking whether it is there',
    ),
)


@dataclass(frozen=True)
class Brick:
    """One callback of the wall.

    Attributes:
        name: as the page calls it.
        package: the distribution that must be installed.
        check: plays the battery to it.
    """

    name: str
    package: str
    check: Callable[[], Card] = field(compare=False)


def bricks() -> Iterator[Brick]:
    """Every callback of the wall, Keras' own found and not listed."""
    for name in sorted(vars(keras.callbacks)):
        kind = getattr(keras.callbacks, name)
        if isinstance(kind, type) and name not in _BASES:
            yield from _builtin(name)
    for text in _TUTORIAL:
        yield _of_text(text, "tutorial")
    yield from _foreign()


def _builtin(name: str) -> Iterator[Brick]:
    if name == "SwapEMAWeights":
        own = keras.callbacks.SwapEMAWeights
        yield Brick(name, "keras", lambda: check_callback(own, check_model=_averaging))
    elif name == "OrbaxCheckpoint":
        own_orbax = keras.callbacks.OrbaxCheckpoint
        yield Brick(
            name,
            "orbax-checkpoint",
            lambda: check_callback(own_orbax, directory="orbax"),
        )
    elif name == "RemoteMonitor":  # a text that names it is refused, as in a scenario
        yield Brick(name, "keras", lambda: check_callback(keras.callbacks.RemoteMonitor))
    else:
        for settings in _SETTINGS.get(name, ("",)):
            yield _of_text(f"{name}: {settings}" if settings else name, "keras")


def _of_text(text: str, package: str) -> Brick:
    return Brick(text, package, lambda: check_callback(text))


def _averaging() -> Any:
    from dryfit.lanes.networks import small_network

    model, _ = small_network()
    model.compile(keras.optimizers.SGD(0.01, use_ema=True), "mean_absolute_error")
    model.optimizer.build(model.trainable_variables)
    return model


def _foreign() -> Iterator[Brick]:
    yield Brick("TqdmCallback", "tqdm", _tqdm)
    yield Brick("KerasPruningCallback", "optuna-integration", _optuna)
    yield Brick("PlotLossesKeras", "livelossplot", _livelossplot)
    yield Brick("DVCLiveCallback", "dvclive", _dvclive)
    yield Brick("MlflowCallback", "mlflow-skinny", _mlflow)
    yield Brick("WandbMetricsLogger", "wandb", _wandb)


def _tqdm() -> Card:
    from tqdm.keras import TqdmCallback

    return check_callback(TqdmCallback, verbose=1)


def _optuna() -> Card:
    import optuna
    from optuna_integration.keras import KerasPruningCallback

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    trial = optuna.create_study(pruner=optuna.pruners.NopPruner()).ask()
    return check_callback(KerasPruningCallback, trial, "val_loss")


def _livelossplot() -> Card:
    import livelossplot

    return check_callback(livelossplot.PlotLossesKerasTF, outputs=["ExtremaPrinter"])


def _dvclive() -> Card:
    from dvclive import Live
    from dvclive.keras import DVCLiveCallback

    return check_callback(
        lambda: DVCLiveCallback(
            live=Live(dir="dvclive", save_dvc_exp=False, dvcyaml=None, report=None)
        )
    )


def _mlflow() -> Card:
    import mlflow
    from mlflow.keras import MlflowCallback

    with tempfile.TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(f"file://{folder}")
        mlflow.set_experiment("wall")
        with mlflow.start_run():
            return check_callback(MlflowCallback)


def _wandb() -> Card:
    import wandb
    from wandb.integration.keras import WandbMetricsLogger

    wandb.init(mode="disabled")
    return check_callback(WandbMetricsLogger)


def main() -> int:
    """Play the wall, print or write the page; 1 if a built-in fails in a way unknown."""
    options = _options()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("MPLBACKEND", "Agg")
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # mlflow-skinny has no database
    page_at = options.write and options.write.absolute()
    results = []
    with contextlib.chdir(tempfile.mkdtemp(prefix="dryfit-wall-")):  # dvc marks the repository
        for brick in bricks():
            if brick.package in ("keras", "tutorial") or options.foreign:
                results.append((brick, *_played(brick)))
    page = _page(results)
    if page_at is None:
        print(page, end="")
    else:
        page_at.write_text(page, encoding="utf-8")
    unknown = [
        (brick.name, result.name, result.reason)
        for brick, card, _ in results
        if card is not None
        for result in card.results
        if result.outcome == "failed"
        and brick.package in ("keras", "tutorial")
        and not _known(brick, result)
    ]
    for line in unknown:
        print("not understood:", *line, file=sys.stderr)
    return 1 if unknown else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="wall.py")
    parser.add_argument("--write", type=Path, metavar="PAGE.md", help="write the page there")
    parser.add_argument(
        "--built-ins", action="store_false", dest="foreign", help="leave other packages out"
    )
    return parser.parse_args()


def _played(brick: Brick) -> tuple[Card | None, str]:
    """The card, or why there is none."""
    if brick.package not in ("keras", "tutorial"):
        try:
            version(brick.package)
        except PackageNotFoundError:
            return None, f"{brick.package} is not installed"
    try:
        return brick.check(), ""
    except Exception as error:
        return None, f"{type(error).__name__}: {str(error).partition(chr(10))[0][:120]}"


def _known(brick: Brick, result: Any) -> str:
    for name, check, part, text in _KNOWN:
        if name in brick.name and check in ("", result.name) and part in result.reason:
            return text
    return ""


def _page(results: list[tuple[Brick, Card | None, str]]) -> str:
    lines = [*_HEAD.format(count=len(CHECKS), versions=_versions(results)).splitlines(), ""]
    lines += ["| callback | package | passed | failed | not applicable |", "|---|---|--:|--:|--:|"]
    for brick, card, why in results:
        place = _place(brick)
        name = f"`{brick.name}`"
        if card is None:
            lines.append(f"| {name} | {place} | | | not played: {why} |")
        else:
            counts = (len(card.passed), len(card.failed), len(card.not_applicable))
            lines.append(f"| {name} | {place} | {' | '.join(map(str, counts))} |")
    lines += ["", "## What failed", ""]
    lines += ["| callback | check | what was seen | what it is |", "|---|---|---|---|"]
    for brick, card, _ in results:
        for result in () if card is None else card.results:
            if result.outcome == "failed":
                known = _known(brick, result)
                seen = result.reason.replace("|", "\\|")
                lines.append(f"| `{brick.name}` | {result.name} | {seen} | {known} |")
    lines += ["", "## What is remarked", ""]
    for brick, card, _ in results:
        for result in () if card is None else card.results:
            if result.remark:
                lines.append(f"- `{brick.name}`, {result.name}: {result.remark}")
    lines += ["", "## What is not applicable", ""]
    for brick, card, _ in results:
        for reason, names in _by_reason(card).items():
            lines.append(f"- `{brick.name}`: {names}. {reason}")
    lines += ["", "## The checks", ""]
    lines += [f"- **{check.name}**: {check.asks}" for check in CHECKS]
    return "\n".join(lines) + "\n"


def _by_reason(card: Card | None) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for result in () if card is None else card.results:
        if result.outcome == "not_applicable":
            found.setdefault(result.reason, []).append(result.name)
    return {
        reason: ", ".join(names) if len(names) < 4 else f"{len(names)} checks"
        for reason, names in found.items()
    }


def _place(brick: Brick) -> str:
    return {"keras": "Keras", "tutorial": "the tutorial"}.get(brick.package, brick.package)


def _versions(results: list[tuple[Brick, Card | None, str]]) -> str:
    packages = {b.package for b, card, _ in results if card is not None} - {"keras", "tutorial"}
    told = [f"keras {keras.__version__}", *(f"{p} {version(p)}" for p in sorted(packages))]
    return ", ".join(told)


_HEAD = """# Compatibility

What became of `dryfit check`, {count} checks, with every callback of Keras, the tutorial's, and
those of other packages, unmodified. Each goes through the real `fit` first of all; hooks that are
called with `logs=None` or with empty logs, which `fit` never does, are remarks and no failures.

`python tests/wall/wall.py --write docs/compatibility.md` writes this page; `make wall` installs
the other packages first. Played with {versions}.
"""

if __name__ == "__main__":
    raise SystemExit(main())
