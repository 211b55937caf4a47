"""What callbacks do to each other, in words and as data."""

import textwrap
from typing import Any

from dryfit.tools.together.together import Together
from dryfit_fakes.quantities import quantity

WIDTH = 80


def text_of(found: Together, most: int = WIDTH) -> str:
    """Each statement with its witness; the last line says whether anything is in the way.

    Args:
        found: what is told.
        most: characters that a line may have, if fewer than 80; a witness's lines stay whole.
    """
    width = min(most, WIDTH)
    parts = []
    for number, statement in enumerate(found.statements, 1):
        lines = textwrap.wrap(
            f"{number}. {statement.sentence}.",
            width,
            subsequent_indent="   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        if statement.witness and statement.trouble:
            lines += ["", textwrap.indent(statement.witness, "     ").rstrip()]
        parts.append("\n".join(lines) + "\n")
    return "\n".join([*parts, *textwrap.wrap(summary(found), width, break_long_words=False)])


def summary(found: Together) -> str:
    """The last line."""
    who, troubles = _listed(found.names), sum(s.trouble for s in found.statements)
    played = quantity(found.curves, "curve")
    if found.not_played:
        refused = f"{len(found.not_played)} of which some callback does not take"
        played += f", {refused}, first {found.not_played[0]}"
    if not troubles:
        return f"{who} do not get in each other's way: {played}."
    say = "statement says" if troubles == 1 else "statements say"
    return f"{who}: {troubles} {say} that one is in the other's way; {played}."


def as_data(found: Together) -> list[dict[str, Any]]:
    """What ``--format json`` prints."""
    return [
        {"statement": s.sentence, "always": s.always, "witness": s.witness or None}
        for s in found.statements
    ]


def scenarios_of(found: Together) -> str:
    """The witnesses as one scenario file."""
    return "---\n".join(s.witness for s in found.statements if s.witness)


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]])
