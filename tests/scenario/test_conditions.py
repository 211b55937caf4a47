"""What must be installed for a scenario to be played."""

from importlib import metadata

import pytest

from dryfit.scenario.conditions import Condition


@pytest.mark.parametrize(
    ("version", "unmet"),
    [
        ("3.12.0", None),
        ("3.13.0rc1", None),  # people try their callbacks with what is to come
        ("3.12.0rc1", "keras>=3.12 (here keras 3.12.0rc1)"),
    ],
)
def test_a_release_to_come_is_one(
    version: str, unmet: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A prerelease is compared as any other version is (PEP 440)."""
    monkeypatch.setattr(metadata, "version", lambda name: version)
    assert Condition("keras>=3.12").unmet() == unmet


def test_a_nightly_keras_is_keras(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed under another name, and puts its module over that of the release."""

    def version(name: str) -> str:
        return {"keras": "3.15.1", "keras-nightly": "3.16.0.dev2026102704"}[name]

    monkeypatch.setattr(metadata, "version", version)
    assert Condition("keras>=3.16.0.dev0").unmet() is None
    assert Condition("keras<3.16").unmet() == "keras<3.16 (here keras 3.16.0.dev2026102704)"
