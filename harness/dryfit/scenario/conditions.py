"""Conditions on what is installed: ``keras>=3.12, backend!=jax``."""

import re
from collections.abc import Sequence

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from dryfit_fakes.keras_choice import LEGACY, NAME, installed_release

KERAS = ("keras", "tf_keras")  # Keras 3 and Keras 2, of which a process has one
_PART = re.compile(r"(?P<name>[A-Za-z][\w.-]*)\s*(?P<rule>[<>=!~].*)")


class Condition:
    """What must hold for a scenario to be played.

    Args:
        text: parts with commas between them: a package with a PEP 440
            specifier, or ``backend==NAME`` or ``backend!=NAME``.

    Raises:
        ValueError: the text does not parse.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._parts = [_parse(part.strip()) for part in text.split(",")]

    def unmet(self, without: Sequence[str] = ()) -> str | None:
        """Say what does not hold, ``None`` if all does.

        Args:
            without: packages whose releases are of no concern.
        """
        for name, rule in self._parts:
            if name in without:
                continue
            if isinstance(rule, SpecifierSet):
                version = _version(name)
                if version is None or not rule.contains(version, prereleases=True):
                    return f"{self.text} ({_here(name, version)})"
            else:
                from dryfit_fakes.backend import keras

                backend = keras.backend.backend()
                if (rule[:2] == "==") != (backend == rule[2:].strip()):
                    return f"{self.text} (here the backend is {backend})"
        return None


def _parse(part: str) -> tuple[str, SpecifierSet | str]:
    match = _PART.fullmatch(part)
    if match is None:
        raise ValueError(f"{part!r} is no condition; write such as keras>=3.12 or backend!=jax")
    name, rule = match["name"].replace("tf-keras", "tf_keras"), match["rule"]
    if name == "backend":
        if rule[:2] not in ("==", "!="):
            raise ValueError(f"backend is compared with == or !=, not {rule!r}")
        return name, rule
    try:
        return name, SpecifierSet(rule)
    except InvalidSpecifier:
        raise ValueError(f"{rule!r} is no version specifier (PEP 440), such as >=3.12") from None


def _here(name: str, version: str | None) -> str:
    if version is not None or name not in KERAS:
        return f"here {name} {version or 'is not installed'}"
    return f"here Keras is {NAME} {_version(KERAS[LEGACY])}"


def _version(name: str) -> str | None:
    if name in KERAS and name != KERAS[LEGACY]:
        return None  # it may be installed too, and nobody plays it
    return installed_release(NAME if name in KERAS else name)
