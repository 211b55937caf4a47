"""Texts as people see them: what is invisible, or steers what shows it, as its escape.

A metric, a scenario or an exception may be called anything. An escape sequence colours or
erases a terminal, a bidi mark turns the words around it, a lone surrogate cannot be encoded
at all: each is shown in place of what it would do.
"""

import unicodedata

# Lines and columns, and the joiners that Persian words and emoji are made of.
_KEPT = frozenset("\n\t\u200c\u200d")


def visible(text: str) -> str:
    r"""Write what cannot be seen as Python's escape of it; a line end of any system is one.

    >>> visible("caf\xe9 \x1b[31m \u202e")
    'café \\x1b[31m \\u202e'
    """
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n")
    if lines.replace("\n", "").isprintable():
        return lines
    return "".join(c if is_seen(c) else escape(c) for c in lines)


def in_a_line(text: str) -> str:
    r"""Write the same on one line, words apart by one space.

    >>> in_a_line("expected:\n  nan\0")
    'expected: nan\\x00'
    """
    return " ".join(visible(text).split())


def is_seen(character: str) -> bool:
    """Whether a character shows as itself, or is a space, and does nothing to others."""
    return character.isprintable() or character in _KEPT or unicodedata.category(character) == "Zs"


def escape(character: str) -> str:
    r"""Write a character as Python escapes it, such as ``\x1b``."""
    return character.encode("unicode_escape").decode("ascii")
