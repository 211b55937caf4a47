"""Values and texts as Python code: what is read back is what was written, and nothing else runs."""

from collections.abc import Mapping
from keyword import iskeyword

import numpy as np

from dryfit.facts.visible_text import escape


def code(value: object) -> str:
    """Write a value as Python has it; a number as short as float32 allows.

    >>> print(code({"loss": [0.1, float("inf")], "a b": "it's"}))
    {'loss': [0.1, inf], 'a b': "it's"}
    """
    if isinstance(value, dict):
        return f"{{{', '.join(f'{code(k)}: {code(v)}' for k, v in value.items())}}}"
    if isinstance(value, set):
        return f"{{{', '.join(sorted(map(code, value)))}}}" if value else "set()"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(code, value))}]"
    if isinstance(value, float):
        return str(np.float32(value)) if np.isfinite(value) else str(value)
    return repr(value)


def call_of(name: str, arguments: Mapping[str, str]) -> str:
    """Write a call.

    Args:
        name: of what is called.
        arguments: keyword arguments, as code. A name that Python has no keyword for is the key
            of a mapping.

    >>> call_of("f", {"x": "1", "a b": "2", "class": "3"})
    "f(x=1, **{'a b': 2, 'class': 3})"
    """
    named = {key: value for key, value in arguments.items() if _is_keyword(key)}
    given = [f"{key}={value}" for key, value in named.items()]
    if rest := [f"{key!r}: {value}" for key, value in arguments.items() if key not in named]:
        given.append(f"**{{{', '.join(rest)}}}")
    return f"{name}({', '.join(given)})"


def in_docstring(text: str) -> str:
    r"""Write a text into a docstring of three double quotes.

    >>> print(in_docstring("C:\\Users"))
    C:\\Users
    """
    written = (c if c == "\n" or _as_it_is(c) else escape(c) for c in text)
    return "".join(written).replace('"""', r"\"\"\"")


def _is_keyword(name: str) -> bool:
    # Python brings other letters than ASCII into a normal form, and would call with another name.
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def _as_it_is(character: str) -> bool:
    return character.isprintable() and character != "\\"
