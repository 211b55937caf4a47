"""``dryfit schema``."""

from schema_file import text

from dryfit.cli.schema_command import WRITTEN


def test_what_is_printed_is_the_schema_of_what_is_read() -> None:
    """Else: ``python tests/cli/schema_file.py``."""
    assert WRITTEN.read_text(encoding="utf-8") == text()
