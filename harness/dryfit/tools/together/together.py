"""What can be said of each pair of a list of callbacks, over many curves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from dryfit.scenario.alternatives import Item
from dryfit.scenario.construct import ConstructionError, constructed
from dryfit.scenario.trust import USUAL, Trust
from dryfit.tools.together.kinds import KINDS, Kind, Who
from dryfit.tools.together.played_pair import CannotPlayError, Take, a_folder
from dryfit.tools.together.tried_curves import is_fine, random_curves
from dryfit.tools.together.witness import scenario_of, smallest
from dryfit_fakes.protocols import Callback
from dryfit_fakes.script import Script

_SHORTEST, _LONGEST = 8, 40
_COARSE = ", unless values differ by less than min_delta ({:g})"
_FINE = ", where values differ by less than min_delta ({:g})"
_COUNTS = ("patience", "cooldown", "start_from_epoch")


class TogetherError(ValueError):
    """Callbacks of which nothing can be said."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What is true of two callbacks.

    Attributes:
        sentence: what, and in how many curves of those in which it could be.
        always: whether it is so in all of these.
        trouble: whether one gets in the other's way.
        witness: the smallest curve that shows it, as a scenario; empty if none can.
    """

    sentence: str
    always: bool
    trouble: bool
    witness: str


@dataclass(frozen=True)
class Together:
    """What came of a list.

    Attributes:
        names: the callbacks.
        curves: how many were played.
        not_played: how many of them some callback does not take, with what it raised.
    """

    names: tuple[str, ...]
    statements: tuple[Statement, ...]
    curves: int
    not_played: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    take: Take
    holds: bool
    fine: bool


def together(
    items: Sequence[Item],
    recorded: Sequence[Script] = (),
    *,
    curves: int = 200,
    seed: int = 0,
    trust: Trust = USUAL,
) -> Together:
    """Play curves to each pair of a list, in both orders and one by one.

    Args:
        items: the callbacks, in their order.
        recorded: curves that trainings did report.
        curves: how many are made at random beside.
        seed: of these.
        trust: what the callbacks may do.

    Raises:
        TogetherError: fewer than two callbacks, or some that no curve can be played to.
        ConstructionError: a name that is no callback.
    """
    if len(items) < 2:
        raise TogetherError(f"what do they do to each other? Name two or more, not {len(items)}")
    with a_folder():
        made = [_made(item, trust) for item in items]
        names = _names(made)
        delta = max(map(_min_delta, made))
        scripts = [*recorded, *_random(items, made, curves, seed, delta, trust)]
        statements: list[Statement] = []
        failed: list[str] = []
        for first, second in combinations(range(len(items)), 2):
            pair = (items[first], items[second])
            takes = _takes(pair, scripts, len(recorded), failed, trust)
            who = (names[first], names[second]), (made[first], made[second])
            for kind in KINDS:
                for one in (0, 1) if kind.directed else (0,):
                    statements += _said(kind, Who(one, *who), takes, delta)
    unique = {statement.sentence: statement for statement in statements}
    return Together(tuple(names), tuple(unique.values()), len(scripts), tuple(failed))


def _made(item: Item, trust: Trust) -> Any:
    try:
        return constructed(item, trust)
    except ConstructionError as error:
        raise TogetherError(str(error)) from error


def _names(made: Sequence[Any]) -> list[str]:
    names: list[str] = []
    for callback in made:
        kind = type(callback).__name__
        earlier = sum(name.partition("#")[0] == kind for name in names)
        names.append(f"{kind}#{earlier + 1}" if earlier else kind)
    return names


def _random(
    items: Sequence[Item],
    made: Sequence[Any],
    count: int,
    seed: int,
    delta: float,
    trust: Trust,
) -> list[Script]:
    monitors = [m for c in made if isinstance(m := getattr(c, "monitor", None), str)]
    written = {key for item in items for key in _writes(item, trust)}
    metrics = [m for m in dict.fromkeys(monitors) if m not in written] or ["val_loss"]
    waits = [n for c in made for name in _COUNTS if isinstance(n := getattr(c, name, 0), int)]
    epochs = min(max(_SHORTEST, 2 * max(waits) + 4), _LONGEST)
    return random_curves(metrics, epochs, count, seed, delta / 2 or None)


def _min_delta(callback: Callback) -> float:
    delta = getattr(callback, "min_delta", 0.0)
    return abs(float(delta)) if isinstance(delta, int | float) else 0.0


def _writes(item: Item, trust: Trust) -> set[str]:
    """What a callback writes into the logs of an epoch's end."""
    monitor = {"loss": "1 .5 2", "val_loss": "1 .5 2"}
    take = Take((item, item), Script(metrics=monitor), trust=trust)
    try:
        return {write.key for write in take.alone[0].log_writes if write.hook == "on_epoch_end"}
    except CannotPlayError:
        return set()


def _takes(
    pair: tuple[Item, Item],
    scripts: Sequence[Script],
    recorded: int,
    failed: list[str],
    trust: Trust,
) -> list[Take]:
    """The curves that the two can be played to, of which the first were recorded.

    Raises:
        TogetherError: there is none.
    """
    found = []
    told: list[str] = []
    for index, script in enumerate(scripts):
        take = Take(pair, script, index < recorded, trust)
        try:
            take.both, take.swapped, take.alone  # noqa: B018  # played here, and kept
        except CannotPlayError as error:
            told.append(str(error))
        else:
            found.append(take)
    if not found:
        raise TogetherError(f"{pair[0][0]} and {pair[1][0]} raise on every curve, first {told[0]}")
    failed += told
    return found


def _said(kind: Kind, who: Who, takes: Sequence[Take], delta: float) -> Iterator[Statement]:
    """What a kind of statement says; apart for fine curves where these say otherwise."""
    judged = []
    for take in takes:
        if (holds := kind.judge(take, who)) is not None:
            judged.append(_Judged(take, holds, is_fine(take.script, delta)))
    coarse = [one for one in judged if not one.fine]
    fine = [one for one in judged if one.fine]
    if coarse and fine and _way(coarse) == "always" != _way(fine):
        yield from _statements(kind, who, coarse, _COARSE.format(delta))
        yield from _statements(kind, who, fine, _FINE.format(delta), exception=True)
    elif judged:
        yield from _statements(kind, who, judged)


def _way(judged: Sequence[_Judged]) -> str:
    answers = {one.holds for one in judged}
    return "mixed" if len(answers) > 1 else "always" if answers == {True} else "never"


def _statements(
    kind: Kind, who: Who, judged: Sequence[_Judged], where: str = "", *, exception: bool = False
) -> Iterator[Statement]:
    way = _way(judged)
    template = getattr(kind, way) or (kind.exception if exception else "")
    if not template:
        return
    # An exception is shown by where the rule does not hold.
    holds = way == "always" or (way == "mixed" and kind.shown and bool(kind.mixed))
    showing = [one for one in judged if one.holds is holds]
    why = "" if exception else kind.why(who, [one.take for one in showing])
    what = _filled(template, who) + why + where
    could = _filled(kind.could, who)
    count = (
        f"all {len(judged)}" if len(showing) == len(judged) else f"{len(showing)} of {len(judged)}"
    )
    curves = "the one curve" if len(judged) == 1 else f"{count} curves"
    quantity = f"in {curves} in which {could}"
    least = min(showing, key=lambda one: one.take.script.epochs)
    take = smallest(
        least.take,
        lambda take: kind.judge(take, who) is holds,
        not least.fine and not least.take.recorded,
    )
    yield Statement(
        f"{what}, {quantity}",
        len(showing) == len(judged),
        way in kind.trouble,
        scenario_of(what, f"{quantity[0].upper()}{quantity[1:]}.", take, kind, who),
    )


def _filled(template: str, who: Who) -> str:
    one, other = who.names[who.one], who.names[who.other]
    return template.format(one=one, other=other, monitor=who.setting(who.one, "monitor"))
