"""The lines of a scenario file in colours."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeAlias

Part: TypeAlias = tuple[str, str]  # a class of the page's style sheet, and a text

_CLASSES = {"Name.Tag": "key", "Literal.String": "quoted", "Comment": "comment"}


def coloured(lines: Sequence[str]) -> list[list[Part]]:
    """Part each line of YAML into what has a colour: keys, quoted texts and comments.

    >>> coloured(["name: 'a'  # why"])
    [[('key', 'name'), ('', ': '), ('quoted', "'a'"), ('', '  '), ('comment', '# why')]]
    """
    from pygments.lexers.data import YamlLexer

    parts: list[list[Part]] = [[] for _ in lines]
    line = 0
    whole = "\n".join(line.replace("\n", " ") for line in lines)
    for _, kind, text in YamlLexer().get_tokens_unprocessed(whole):
        name = _class_of(kind)
        for number, piece in enumerate(text.split("\n")):
            line += number > 0
            if not piece:
                continue
            if parts[line] and parts[line][-1][0] == name:
                piece = parts[line].pop()[1] + piece
            parts[line].append((name, piece))
    return parts


@cache
def _class_of(kind: Any) -> str:
    return next((name for token, name in _CLASSES.items() if token in str(kind)), "")
