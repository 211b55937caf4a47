"""Says everything about a scenario that does not hold: each mismatch, then the epoch table."""

from dryfit.verdict import Verdict


def explain(verdict: Verdict) -> str:
    """Say everything about a scenario that does not hold."""
    scenario = verdict.scenario
    lines = [f"{scenario.file}:{scenario.line(('name',))}: {scenario.name} [{verdict.lane}]"]
    if verdict.reason:
        lines.append(f"  {verdict.reason}")
    for failure, line in verdict.failures:
        where = "" if failure.epoch is None else f", epoch {failure.epoch}"
        lines += [
            f"  {failure.what}{where}  ({scenario.file.name}:{line})",
            f"    exp: {failure.expected}",
            f"    got: {failure.got}",
        ]
    if verdict.run is not None:
        places = [(f.epoch, f.what) for f, _ in verdict.failures if f.epoch is not None]
        first = min(places, key=lambda place: place[0], default=None)
        lines += ["", verdict.run.table(mark=first)]
    return "\n".join(lines)
