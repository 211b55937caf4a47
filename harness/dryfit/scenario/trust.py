"""How far a scenario file is trusted: whoever plays it says so."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trust:
    """What the one who plays a scenario file lets it do.

    Attributes:
        outside: whether Keras' callbacks and ours may write, delete and send outside of
            the run's folder.
        imports: whether classes and functions that the file names are imported, which
            runs their module.

    >>> load_scenarios("theirs.scenario.yaml", trust=Trust(imports=False))  # doctest: +SKIP
    """

    outside: bool = False
    imports: bool = True


USUAL = Trust()
