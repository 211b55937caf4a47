"""FILE::SLUG, and files and folders."""

from pathlib import Path

import pytest

from dryfit.scenario.by_name import (
    addressed,
    addressed_one,
    load_all,
    load_chosen,
    name_one,
)
from dryfit.scenario.problems import ScenarioFileError
from dryfit.scenario.usage import UsageError

FILE = "a.scenario.yaml"
TEXT = "name: {}\nscript: {{metrics: {{loss: 1x2}}}}\nexpect: {{epochs_run: 2}}\n"
NAMES = ("stops", "stops late", "goes on")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path(FILE).write_text("---\n".join(map(TEXT.format, NAMES)))
    return tmp_path


@pytest.mark.parametrize(
    ("target", "slugs"),
    [
        (FILE, ["stops", "stops-late", "goes-on"]),
        (f"{FILE}::", ["stops", "stops-late", "goes-on"]),
        (f"{FILE}::stops-late", ["stops-late"]),
        (f"{FILE}::stops", ["stops"]),  # the whole slug of one, though another begins so
        (f"{FILE}::stops-", ["stops-late"]),
        (f"{FILE}::g", ["goes-on"]),
        (".::g", ["goes-on"]),
    ],
)
def test_a_target_is_a_path_a_slug_or_how_one_begins(target: str, slugs: list[str]) -> None:
    """Without a slug, all are meant."""
    assert [scenario.slug for scenario in addressed(target)] == slugs


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (
            f"{FILE}::stop",
            "a.scenario.yaml::stop: several scenarios begin with 'stop'; name one of them, as "
            "a.scenario.yaml::stops. There are stops, stops-late",
        ),
        (
            f"{FILE}::goes-in",
            "a.scenario.yaml::goes-in: no scenario 'goes-in'; did you mean 'goes-on'? "
            "There are stops, stops-late, goes-on",
        ),
        (
            f"{FILE}::x",
            "a.scenario.yaml::x: no scenario 'x'. There are stops, stops-late, goes-on",
        ),
        ("nothing::x", "nothing: no *.scenario.yaml file in there"),
    ],
)
def test_a_target_that_names_none_or_several_is_refused(target: str, message: str) -> None:
    """The message says which there are."""
    Path("nothing").mkdir()
    with pytest.raises(UsageError) as error:
        addressed(target)
    assert str(error.value) == message


def test_one_is_asked_for_where_there_are_several() -> None:
    """A file of one scenario needs no slug."""
    with pytest.raises(UsageError) as error:
        addressed_one(FILE)
    assert str(error.value) == (
        "a.scenario.yaml: several scenarios; name one of them, as a.scenario.yaml::stops. "
        "There are stops, stops-late, goes-on"
    )
    Path(FILE).write_text(TEXT.format("only"))
    assert addressed_one(FILE).slug == "only"


def test_advice_takes_the_place_of_the_slug_that_was_given() -> None:
    """Not a.scenario.yaml::stop::stops."""
    assert name_one(f"{FILE}::stop", addressed(FILE)[:1]) == (
        "name one of them, as a.scenario.yaml::stops. There are stops"
    )


def test_all_problems_of_all_files_are_told_at_once() -> None:
    """And no scenario of the files that are sound."""
    Path("b.scenario.yaml").write_text("nam: b\n")
    Path("c.scenario.yaml").write_text("nam: c\n")
    with pytest.raises(ScenarioFileError) as error:
        load_all([Path()])
    files = [str(problem.file) for problem in error.value.problems]
    assert sorted(set(files)) == ["b.scenario.yaml", "c.scenario.yaml"]


@pytest.mark.parametrize(
    ("targets", "keywords", "slugs"),
    [
        ([FILE, f"{FILE}::goes"], "", ["stops", "stops-late", "goes-on"]),  # each once
        ([f"{FILE}::goes", f"{FILE}::stops-l"], "", ["goes-on", "stops-late"]),
        (["."], "stops and not LATE", ["stops"]),
        (["."], "late or goes", ["stops-late", "goes-on"]),
        (["."], "b.scenario.yml", ["of-another-ending"]),
    ],
)
def test_what_is_chosen_of_several(targets: list[str], keywords: str, slugs: list[str]) -> None:
    """Slugs, and an expression as of pytest's -k; both endings are scenario files."""
    Path("b.scenario.yml").write_text(TEXT.format("of another ending"))
    chosen = load_chosen(targets, keywords)
    assert [scenario.slug for scenario in chosen] == slugs


def test_a_file_may_have_colons_in_its_name() -> None:
    """What is there is a file, and no slug; advice names the whole of it."""
    Path("a::b.scenario.yaml").write_text(TEXT.format("odd"))
    odd = addressed("a::b.scenario.yaml")
    assert [scenario.slug for scenario in odd] == ["odd"]
    advice = "name one of them, as a::b.scenario.yaml::odd. There are odd"
    assert name_one("a::b.scenario.yaml", odd) == advice
