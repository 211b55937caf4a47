"""The lines of a scenario file in colours."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TypeAlias

from yaml import (
    AnchorToken,
    KeyToken,
    SafeLoader,
    ScalarToken,
    TagToken,
    YAMLError,
    scan,
)

from dryfit.scenario.bounded_parser import LIBYAML

Part: TypeAlias = tuple[str, str]  # a class of the page's style sheet, and a text

_MARK = "\ufeff"  # of a byte order
_BLOCKS = ("|", ">")
_BEFORE = (AnchorToken, TagToken)  # what may stand between a key's begin and its name
_OF_STYLE = {"'": "quoted", '"': "quoted"}
_COMMENT = re.compile(r"((?:^|(?<=\s))#.*)", re.MULTILINE)


def coloured(lines: Sequence[str]) -> list[list[Part]]:
    """Part each line of YAML into what has a colour: keys, quoted texts and comments.

    >>> coloured(["name: 'a'  # why"])
    [[('key', 'name'), ('', ': '), ('quoted', "'a'"), ('', '  '), ('comment', '# why')]]
    """
    parts: list[list[Part]] = [[] for _ in lines]
    line = 0
    for name, text in _parts("\n".join(line.replace("\n", " ") for line in lines)):
        for number, piece in enumerate(text.split("\n")):
            line += number > 0
            if piece:
                parts[line].append((name, piece))
    return parts


def _parts(text: str) -> Iterator[Part]:
    if text.startswith(_MARK):  # the scanner doesn't count it
        yield "", _MARK
        text = text.removeprefix(_MARK)
    at, is_key = 0, False
    with suppress(YAMLError, UnicodeEncodeError):  # what is no YAML has no colours
        for token in scan(text, LIBYAML or SafeLoader):
            if isinstance(token, ScalarToken) and (is_key or token.style):  # a block may have a #
                start, end = token.start_mark.index, token.end_mark.index
                yield from _with_comments(text[at:start])
                if token.style in _BLOCKS:  # behind its mark may be a comment
                    header = text[start:end].partition("\n")[0]
                    yield from _with_comments(header)
                    start += len(header)
                yield "key" if is_key else _OF_STYLE.get(token.style, ""), text[start:end]
                at = end
            is_key = isinstance(token, KeyToken) or (is_key and isinstance(token, _BEFORE))
        yield from _with_comments(text[at:])
        return
    yield "", text[at:]


def _with_comments(text: str) -> Iterator[Part]:
    for number, piece in enumerate(_COMMENT.split(text)):
        yield "comment" if number % 2 else "", piece
