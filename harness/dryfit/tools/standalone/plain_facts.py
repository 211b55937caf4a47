"""What a script for plain Keras can see of what a scenario expects."""

from typing import Any

from dryfit.facts.expect_keys import FACTS
from dryfit.facts.final_weights import by_batches
from dryfit.scenario.schema import Expect
from dryfit_fakes.script import Script


def plain_facts(expect: Expect, script: Script, fresh: bool) -> dict[str, Any]:
    """The part of an expectation that shows from outside.

    Args:
        fresh: whether the model was new; else its weights have a history that a count
            of batches does not tell.
    """
    given = expect.given()
    found: dict[str, Any] = {}
    for fact in FACTS:
        if fact.name in given:
            found |= dict(fact.plain(given[fact.name], script))
    if fresh and (batches := by_batches(given.get("weights"), script)) is not None:
        found["batches in the final weights"] = batches
    broken: Any = script.interrupt
    found.setdefault("raises", None if broken is None else {broken.raises.__name__})
    return found
