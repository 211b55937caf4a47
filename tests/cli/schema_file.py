"""Writes the JSON Schema that ``dryfit schema`` prints: ``python tests/cli/schema_file.py``."""

import json

from dryfit.cli.schema_command import WRITTEN
from dryfit.scenario.schema import json_schema


def text() -> str:
    """What is to stand in the file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(text(), encoding="utf-8")
