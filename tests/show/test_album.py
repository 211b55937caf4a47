"""Pictures of many runs."""

from pathlib import Path
from typing import Any

import pytest
from keras.callbacks import EarlyStopping, LearningRateScheduler, ReduceLROnPlateau

from dryfit import Run, play
from dryfit.show.plot import album as module
from dryfit.show.plot import picture_cache
from dryfit.show.plot.album import Album
from dryfit.show.plot.figures import svgs_of
from dryfit.show.plot.picture import Picture
from dryfit.show.plot.picture_cache import kept_pictures
from dryfit.show.plot.picture_of_run import picture
from dryfit.show.plot.plot import as_svg

pytest.importorskip("matplotlib")


def run(loss: str) -> Run:
    return play({"loss": loss})


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each picture that is drawn, in this process."""
    drawn: list[str] = []

    def drawing(pictures: list[Picture], used: Any) -> list[str]:
        drawn.extend(map(repr, pictures))
        return svgs_of(pictures, used=used)

    monkeypatch.setattr(picture_cache, "svgs_of", drawing)
    return drawn


def test_equal_runs_are_drawn_once(drawings: list[str]) -> None:
    """And each has the picture that it has alone."""
    album = Album()
    names = [album.add(run(loss)) for loss in ("2 1", "3 1", "2 1")]
    drawn = album.drawn()
    assert [drawn[name] for name in names] == [as_svg(run(loss)) for loss in ("2 1", "3 1", "2 1")]
    assert len(drawings) == 2


def test_what_is_kept_is_not_drawn_again(tmp_path: Path, drawings: list[str]) -> None:
    """But what is new, and what does not draw as it did."""
    for losses in (["2 1"], ["2 1", "3 1"]):
        album = Album(tmp_path / "pictures")
        names = [album.add(run(loss)) for loss in losses]
        assert [album.drawn()[name] for name in names] == [as_svg(run(loss)) for loss in losses]
    assert len(drawings) == 2


def test_another_matplotlib_draws_anew(
    tmp_path: Path, drawings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept was drawn by the one before."""
    for drawn_by in ("one", "another"):
        monkeypatch.setattr(module, "_drawn_by", lambda drawn_by=drawn_by: drawn_by)
        album = Album(tmp_path)
        album.add(run("2 1"))
        album.drawn()
    assert len(drawings) == 2


def test_a_cache_that_is_none_only_takes_time(tmp_path: Path, drawings: list[str]) -> None:
    """A file stands where the folder would be."""
    (tmp_path / "pictures").touch()
    album = Album(tmp_path / "pictures")
    name = album.add(run("2 1"))
    assert album.drawn() == {name: as_svg(run("2 1"))}


def test_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache has an end."""
    monkeypatch.setattr(picture_cache, "_MOST_KEPT", 1)
    for loss in ("2 1", "3 1"):
        album = Album(tmp_path)
        name = album.add(run(loss))
        album.drawn()
    assert [file.stem for file in tmp_path.iterdir()] == [name]


def test_nothing_stays_of_the_picture_before() -> None:
    """Axes are used again, whose ticks, scale, limits and words were those of another run."""
    steps = [LearningRateScheduler(lambda epoch: 0.1 ** (epoch // 2))]
    runs = [
        play({"loss": "1 1.0001"}),
        play({"loss": "2 nan inf..."}, epochs=9, callbacks=steps),
        play({"accuracy": ".1..."}, [EarlyStopping("accuracy", patience=3)], epochs=90),
        play({"loss": "3 2 1 4x5"}, [ReduceLROnPlateau("loss", patience=1, cooldown=1)]),
        play({"loss": "2 1"}, epochs=2),
        play({"loss": "200 100", "val_loss": "5 -5"}, steps),
    ]
    pictures = [picture(run) for run in runs]
    alone = [svgs_of([one])[0] for one in pictures]
    assert svgs_of(pictures) == alone
    assert svgs_of(pictures[::-1]) == alone[::-1]


def test_they_are_kept_in_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """As XDG has it."""
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/cache")
    assert kept_pictures() == Path("/some/cache/dryfit/pictures")
