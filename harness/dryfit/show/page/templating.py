"""Pages from templates: whatever a text is, a browser shows it as a text."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from dryfit.facts.visible_text import visible

if TYPE_CHECKING:
    from jinja2 import Environment


def why_no_pages(what: str, extra: str) -> str:
    """Say what to install; empty if pages can be made.

    Args:
        what: what needs them, such as ``a report``.
        extra: of dryfit, that brings what is needed.
    """
    if find_spec("jinja2") is not None:
        return ""
    return f"{what} needs jinja2: pip install 'dryfit[{extra}]'"


def templates(package: str) -> "Environment":
    """Read templates from a package's folder of that name; each fills in ``sheet.html``.

    Values are escaped for HTML, and what cannot be seen in them is its escape.
    """
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("dryfit.show.page")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )


def _shown(value: object) -> object:
    """A value as it is put into a page; what is HTML already stays."""
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value
