"""What Weights & Biases and MLflow export: a chart's CSV, and metrics one value a row."""

from dryfit.tools.record.readers.epoch_table import Cell, Table

_WANDB_BOUNDS = ("__MIN", "__MAX")
_WANDB_CLOCKS = ("Step", "_step", "epoch", "epoch/epoch", "Relative Time (Process)", "Wall Time")
_MLFLOW_RUN = ("run_id", "run_uuid", "Run", "run")


def tables_of_wandb(table: Table) -> list[Table]:
    """The runs of a chart that Weights & Biases exported: ``Step``, ``run - loss``, its bounds."""
    clock = next(iter(table.columns))
    named = [name for name in table.columns if " - " in name and not name.endswith(_WANDB_BOUNDS)]
    others = [name for name in table.columns if name not in named]
    if not named or clock not in _WANDB_CLOCKS:
        return []
    if any(name != clock and not name.endswith(("_step", *_WANDB_BOUNDS)) for name in others):
        return []
    runs: dict[str, dict[str, list[Cell]]] = {}
    for name in named:
        run, _, metric = name.rpartition(" - ")
        if metric != "_step":
            runs.setdefault(run, {})[_metric(metric)] = list(table.columns[name])
    return [_where_it_has_values(table, clock, run, columns) for run, columns in runs.items()]


def tables_of_mlflow(table: Table) -> list[Table]:
    """The runs of MLflow's metrics: ``run_id,key,value,step``, one value a row."""
    columns = table.columns
    run_name = next((name for name in _MLFLOW_RUN if name in columns), None)
    key_name = next((name for name in ("key", "metric") if name in columns), None)
    if key_name is None or not {"value", "step"} <= set(columns):
        return []
    rows = len(columns["value"])
    whose = columns[run_name] if run_name is not None else [""] * rows
    runs: dict[str, dict[Cell, dict[str, Cell]]] = {}
    lines: dict[str, dict[Cell, int]] = {}
    for row in range(rows):
        run, step = _text(whose[row]), columns["step"][row]
        runs.setdefault(run, {}).setdefault(step, {})[_text(columns[key_name][row])] = columns[
            "value"
        ][row]
        lines.setdefault(run, {}).setdefault(step, table.lines[row])
    return [_pivoted(run, steps, lines[run]) for run, steps in runs.items()]


def _pivoted(run: str, steps: dict[Cell, dict[str, Cell]], lines: dict[Cell, int]) -> Table:
    ordered = sorted(steps, key=lambda step: step if isinstance(step, float) else -1.0)
    names = dict.fromkeys(name for step in ordered for name in steps[step])
    columns: dict[str, list[Cell]] = {"step": list(ordered)}
    columns |= {name: [steps[step].get(name) for step in ordered] for name in names}
    return Table(columns, [lines[step] for step in ordered], id=run)


def _where_it_has_values(
    table: Table, clock: str, run: str, columns: dict[str, list[Cell]]
) -> Table:
    """One run's rows: a chart has a row for each step of any run."""
    rows = [
        row
        for row in range(len(table.lines))
        if any(column[row] is not None for column in columns.values())
    ]
    kept = {name: [column[row] for row in rows] for name, column in columns.items()}
    steps = "epoch" if clock.startswith("epoch") else "step"
    return Table(
        {steps: [table.columns[clock][row] for row in rows], **kept},
        [table.lines[row] for row in rows],
        id=run,
    )


def _metric(name: str) -> str:
    return name.removeprefix("epoch/")  # WandbMetricsLogger's


def _text(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else value or ""
