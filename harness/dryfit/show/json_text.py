"""What commands print and files hold for programs: JSON that every reader reads."""

import json
import math
from typing import Any

from dryfit.facts.visible_text import is_seen


def json_text(data: object) -> str:
    r"""Write data as JSON, letters of any language as they are; nan and inf are texts.

    >>> print(json_text(["caf\xe9", float("nan"), "\x9b"]))
    [
      "café",
      "nan",
      "\u009b"
    ]
    """
    text = json.dumps(_with_texts(data), indent=2, ensure_ascii=False, allow_nan=False)
    if text.isascii():  # then JSON has escaped what is not seen, but for one
        return text.replace("\x7f", "\\u007f")
    return "".join(c if is_seen(c) else json.dumps(c)[1:-1] for c in text)


def _with_texts(value: object) -> Any:
    """Write as text, or as a list, what JSON has not."""
    if hasattr(value, "tolist"):  # a metric that is an array, or a number of numpy's
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _with_texts(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_with_texts(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if value != value else "inf" if value > 0 else "-inf"
    return value
