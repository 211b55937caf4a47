"""A key of `expect` that is one class: put into the list, and then whatever knows of keys.

Run as a script, it prints as JSON what each of them has of it.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

from dryfit.facts import expect_keys
from dryfit.facts.comparing import Comparing
from dryfit.facts.fact import Fact, FactOutcome, RecordedTraining
from dryfit.facts.failure import Failure
from dryfit.facts.values import Whole
from dryfit.run.run import Run


class CallbackCount(Fact):
    """How many callbacks took part."""

    name = "callback_count"
    type = Whole
    in_json = True

    def of(self, run: Run) -> int:
        return len(run.callbacks)

    def compare(self, expected: int, outcome: FactOutcome, how: Comparing) -> Iterator[Failure]:
        if (got := self.of(outcome.run)) != expected:
            yield Failure(self.name, None, str(expected), str(got), (self.name,))

    def write(self, outcome: FactOutcome, expected: Any, exact: bool) -> str:
        return str(self.of(outcome.run))

    def plain(self, expected: int, script: Any) -> Iterator[tuple[str, Any]]:
        yield "callback count", expected

    def recorded(self, training: RecordedTraining) -> int:
        return self.of(training.run)

    def summary(self, run: Run) -> Iterator[tuple[str, str]]:
        yield "callbacks", str(self.of(run))


SCENARIO = """\
name: a new key
script: {metrics: {loss: 1 1, val_loss: 1 1}}
callbacks: [EarlyStopping, TerminateOnNaN]
expect: {callback_count: 1}
"""


def main() -> None:
    """Put the key into the list before anything else loads it, and ask everything for it."""
    expect_keys.FACTS += (CallbackCount(),)
    expect_keys.BY_NAME["callback_count"] = expect_keys.FACTS[-1]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.scenario.yaml")
        file.write_text(SCENARIO, encoding="utf-8")
        print(json.dumps(dict(_told(file))))


def _told(file: Path) -> Iterator[tuple[str, Any]]:
    from keras.callbacks import EarlyStopping

    from dryfit import Recorder, Script, load_scenarios, play
    from dryfit.cli import main as dryfit
    from dryfit.judge.verdict import judge
    from dryfit.scenario.schema import json_schema
    from dryfit.show.page.entry import of_verdict
    from dryfit.tools.explore import disagreement
    from dryfit.tools.explore.promises import Promise
    from dryfit.tools.matrix.cell_facts import facts
    from dryfit.tools.standalone.plain_script import standalone

    yield "schema", json_schema()["$defs"]["Expect"]["properties"]["callback_count"]["default"]
    with redirect_stdout(StringIO()) as printed:
        dryfit(["run", str(file), "--format", "json"])
    (told,) = json.loads(printed.getvalue())
    yield "failures", [failure["got"] for failure in told["failures"]]
    yield "json", told["run"]["callback_count"]
    with redirect_stdout(StringIO()):
        dryfit(["accept", str(file)])
    yield "accepted", file.read_text(encoding="utf-8").splitlines()[-1]
    (scenario,) = load_scenarios(file)
    verdict = judge(scenario, "fake")
    yield "page", of_verdict(verdict)["runs"][0]["facts"]["callbacks"]
    yield "matrix", facts([scenario], verdict.played)["callback_count"]
    yield "standalone", "'callback count': 2," in standalone(scenario)
    play({"val_loss": "1 1"}, [Recorder([EarlyStopping()], save=file)])
    yield "recorded", "\n  callback_count: 1\n" in file.read_text(encoding="utf-8")
    promised = {"EarlyStopping": (lambda _, **__: Promise({"callback_count": 0}), ())}
    with patch.object(disagreement, "_REFERENCES", promised):
        found = disagreement.disagreement(Script(metrics={"val_loss": "1 1"}), EarlyStopping)
    assert found is not None
    yield "explored", found.happened


if __name__ == "__main__":
    main()
