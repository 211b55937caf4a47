"""What scenarios decide otherwise on Keras 3 than on Keras 2: played in a process of each."""

import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dryfit.scenario.scenario import Scenario
from dryfit.scenario.trust import Trust
from dryfit.tools.matrix.cell_facts import DECISIONS
from dryfit.tools.matrix.keras2_habits import HABITS, Habit
from dryfit.tools.matrix.processes import ProcessError, Processes

_SIDES = {"tf-keras": "1", "keras": "0"}  # the package, and TF_USE_LEGACY_KERAS
_MODULE = re.compile(r"\b([A-Za-z_]\w*(?:\.\w+)*):[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Otherwise:
    """A scenario that Keras 3 decides otherwise.

    Attributes:
        differences: what, with Keras 2, with Keras 3.
        errors: what Keras 3 raises.
        habit: what it comes from, if that is known.
    """

    file: str
    slug: str
    name: str
    differences: tuple[tuple[str, str, str], ...]
    errors: tuple[str, ...]
    habit: Habit | None

    @property
    def silent(self) -> bool:
        """Whether Keras 3 raises nothing else."""
        return not any(what.endswith("raises") for what, _, _ in self.differences)

    @property
    def telling(self) -> list[tuple[str, str, str]]:
        """The differences that a person needs: the others follow from them."""
        names = [what.rpartition(".")[2] for what, _, _ in self.differences]
        follows = {"learning_rate_after"} if "learning_rate" in names else set()
        if "epochs_run" in names:
            follows |= {"learning_rate", "learning_rate_after"}
        if "files" in names:
            follows.add("checkpoints")
        if "raises" in names:
            follows |= {*names} - {"raises"}
        pairs = zip(names, self.differences, strict=True)
        return [difference for name, difference in pairs if name not in follows]


@dataclass(frozen=True, slots=True)
class Migration:
    """Scenarios on both.

    Attributes:
        versions: the releases, Keras 2 first.
        same: how many decide the same.
        unplayed: those that were not played on one of the two.
        otherwise: the others, ranked.
    """

    versions: tuple[str, str]
    same: int
    unplayed: tuple[str, ...]
    otherwise: tuple[Otherwise, ...]


def migration(
    paths: Sequence[Path], lane: str, scenarios: Sequence[Scenario], trust: Trust
) -> Migration:
    """Play scenarios on Keras 2 and on Keras 3.

    Args:
        paths: their files and folders.
        lane: where to play.
        scenarios: what is in them.
        trust: what their files may do.

    Raises:
        ProcessError: one of the two cannot be played here.
    """
    processes = Processes()
    try:
        old, new = (_played(processes, name, paths, lane, trust) for name in _SIDES)
    finally:
        processes.end()
    texts = {str(s.file.as_posix()): s.file for s in scenarios}
    after = {(row["file"], row["slug"]): row for row in new["rows"]}
    found, same, unplayed = [], 0, []
    for row in old["rows"]:
        other = after.get((row["file"], row["slug"]))
        if row["facts"] is None or other is None or other["facts"] is None:
            unplayed.append(f"{row['file']}::{row['slug']}")
        elif _decided(row) == _decided(other):
            same += 1
        else:
            found.append(_otherwise(row, other, texts.get(row["file"])))
    versions = (old["versions"]["tf-keras"], new["versions"]["keras"])
    return Migration(versions, same, tuple(unplayed), tuple(sorted(found, key=_rank)))


def _played(
    processes: Processes, name: str, paths: Sequence[Path], lane: str, trust: Trust
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="dryfit-migrate-") as folder:
        file = Path(folder) / "result.json"
        module = ["-P", "-m", "dryfit.tools.matrix.in_a_cell"]
        asked = [str(file), lane, json.dumps(asdict(trust)), *map(str, paths)]
        variables = {"TF_USE_LEGACY_KERAS": _SIDES[name], "TF_CPP_MIN_LOG_LEVEL": "3"}
        ended = processes.run([sys.executable, *module, *asked], os.environ | variables)
        if ended.status or not file.exists():
            raise ProcessError(_last_words(ended.said) or f"it ended with {ended.status}")
        result: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return result


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return next((line for line in reversed(lines) if "Error: " in line), "".join(lines[-1:]))


def _otherwise(row: dict[str, Any], other: dict[str, Any], file: Path | None) -> Otherwise:
    old, new = _decided(row), _decided(other)
    names = dict.fromkeys([*old, *new])
    differences = tuple(
        (name, old.get(name, ""), new.get(name, ""))
        for name in names
        if old.get(name, "") != new.get(name, "")
    )
    told = "\n".join([*(f"{name}: {value}" for name, _, value in differences), *other["errors"]])
    said = "" if file is None else _said(file, row["name"])
    code = "" if file is None else _code(said, file)
    habit = next((h for h in HABITS if h.fits(told, said, code)), None)
    place = (row["file"], row["slug"], row["name"])
    return Otherwise(*place, differences, tuple(other["errors"]), habit)


def _decided(row: dict[str, Any]) -> dict[str, str]:
    """What is decided, without what is printed, counted or kept on the way."""
    return {k: v for k, v in row["facts"].items() if k.rpartition(".")[2] in DECISIONS}


def _said(file: Path, name: str) -> str:
    """The document of a file that a scenario stands in, without what it expects."""
    documents = re.split(r"(?m)^---.*\n", file.read_text(encoding="utf-8"))
    plain = name.rpartition(" [")[0] or name
    document = next((d for d in documents if plain in d), "")
    return re.sub(r"(?ms)^(expect|variants|about|known_defect):.*?(?=^\w|\Z)", "", document)


def _code(said: str, file: Path) -> str:
    """The code of the modules that it names, as far as they lie beside it or here."""
    found = []
    for module in dict.fromkeys(_MODULE.findall(said)):
        path = Path(*module.split(".")).with_suffix(".py")
        places = (place / path for place in (file.parent, Path.cwd()))
        code = next((place for place in places if place.is_file()), None)
        found += [] if code is None else _classes(code, module, said)
    return "\n".join(found)


def _classes(path: Path, module: str, said: str) -> list[str]:
    """The code of those of its classes that are named."""
    code = path.read_text(encoding="utf-8")
    names = re.findall(rf"\b{re.escape(module)}:(\w+)", said)
    return [part for part in re.split(r"(?m)^(?=class |def )", code) if _begins(part, names)]


def _begins(part: str, names: Sequence[str]) -> bool:
    return re.match(r"(?:class|def) (\w+)", part) is not None and any(
        re.match(rf"(?:class|def) {name}\b", part) for name in names
    )


def _rank(one: Otherwise) -> int:
    return len(HABITS) if one.habit is None else HABITS.index(one.habit)


def as_migration_data(found: Migration, lane: str) -> dict[str, Any]:
    """What a program reads."""
    return {
        "keras_2": found.versions[0],
        "keras_3": found.versions[1],
        "lane": lane,
        "same": found.same,
        "not_played": list(found.unplayed),
        "otherwise": [
            {
                "file": one.file,
                "slug": one.slug,
                "name": one.name,
                "silent": one.silent,
                "differences": [
                    {"what": what, "keras_2": old, "keras_3": new}
                    for what, old, new in one.differences
                ],
                "errors": list(one.errors),
                "why": one.habit.why if one.habit else None,
                "write": one.habit.write if one.habit else None,
            }
            for one in found.otherwise
        ],
    }


def as_migration_text(found: Migration, lane: str) -> str:
    """What a person reads."""
    count = found.same + len(found.otherwise)
    silent = sum(one.silent for one in found.otherwise)
    lines = [
        f"{count} scenarios on tf_keras {found.versions[0]} and Keras {found.versions[1]}, "
        f"{lane} lane: {len(found.otherwise)} decide otherwise, {silent} of them silently"
    ]
    if found.unplayed:
        lines.append(f"not played on one of the two: {', '.join(found.unplayed)}")
    for number, one in enumerate(found.otherwise, 1):
        lines += ["", f"{number}. {one.name}", f"   {one.file}::{one.slug}"]
        lines.append(f"   {'silently' if one.silent else 'with an error'}:")
        lines += [
            f"     {what}: {old or 'nothing'} on Keras 2, {new or 'nothing'} on Keras 3"
            for what, old, new in one.telling
        ]
        lines += [f"     {' '.join(error.split())}" for error in one.errors if not one.silent]
        if one.habit is not None:
            lines += [f"   why: {one.habit.why}", f"   write: {one.habit.write}"]
    return "\n".join(lines)


def as_migration_markdown(found: Migration) -> str:
    """A table for a page."""
    rows = ["| | what | Keras 2 | Keras 3 | silent | write |", "|---|---|---|---|---|---|"]
    for number, one in enumerate(found.otherwise, 1):
        what, old, new = one.telling[0]
        if one.errors:
            new = " ".join(one.errors[0].split())[:80]
        write = "" if one.habit is None else one.habit.write
        cells = [str(number), one.name, f"{what}: {old or 'none'}", new or "none"]
        cells += ["yes" if one.silent else "no", write]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)
