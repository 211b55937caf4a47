"""The kinds of fault: what each makes of a line, and what is not made."""

import ast

import pytest

from dryfit.tools.mutate.class_source import ClassSource, source_of


def changes(body: str, tmp_path, monkeypatch) -> list[tuple[str, str]]:
    """The faults of a method `f` with some lines, but its early return."""
    lines = "".join(f"        {line}\n" for line in body.split("\n"))
    (tmp_path / "changed.py").write_text(f"class K:\n    def f(self, logs=None):\n{lines}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "changed", raising=False)
    faults = source_of(__import__("changed").K).faults()
    return [(f.operator.name, f.change) for f in faults if f.operator.name != "early return"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "return a < b",
            [
                ("left out", "`return a < b` is left out"),
                ("boundary", "`a < b` becomes `a <= b`"),
                ("comparison", "`a < b` becomes `a >= b`"),
            ],
        ),
        ("assert a is b", [("comparison", "`a is b` becomes `a is not b`")]),
        ("assert a or b", [("and/or", "`a or b` becomes `a and b`")]),
        ("assert not a", [("negation", "`not a` becomes `a`")]),
        ("assert f(True)", [("flag", "`f(True)` becomes `f(False)`")]),
        (
            "assert a + 1",
            [
                ("arithmetic", "`a + 1` becomes `a - 1`"),
                ("constant", "`a + 1` becomes `a + 2`"),
                ("constant", "`a + 1` becomes `a + 0`"),
            ],
        ),
        ("assert -a", [("arithmetic", "`-a` becomes `+a`")]),
        ("assert np.less(a, b)", [("twin", "`np.less(a, b)` becomes `np.greater(a, b)`")]),
        ("assert min(a, b)", [("twin", "`min(a, b)` becomes `max(a, b)`")]),
        (
            "if self.x():\n    pass",
            [("negation", "`self.x()` becomes `not (self.x())`")],
        ),
        (
            "a: int = b",
            [("left out", "`a: int = b` is left out")],
        ),
        ("super().f()", [("left out", "`super().f()` is left out")]),
        ("super().__init__()", []),
        (
            "print(f'{a + 1} of {len(b) < 3}')",
            [("left out", "`print(f'{a + 1} of {len(b) < 3}')` is left out")],
        ),
        (
            "raise ValueError(1 < 2)",
            [("left out", "`raise ValueError(1 < 2)` is left out")],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_line_has_these_faults(line, expected, tmp_path, monkeypatch) -> None:
    """Each once, and no other."""
    assert changes(line, tmp_path, monkeypatch) == expected


@pytest.mark.parametrize(
    "line",
    ["'''A docstring.'''", "logs = logs or {}", "pass", "return", "return None", "assert 'a' + b"],
)
def test_what_changes_nothing_is_not_made(line, tmp_path, monkeypatch) -> None:
    """No run can show it, or no value of it is a number."""
    assert changes(line, tmp_path, monkeypatch) == []


def test_defaults_are_swapped_and_logs_is_not(tmp_path, monkeypatch) -> None:
    """A number, a flag, a text and None each have another; positional and keyword alike."""
    text = "class D:\n    def f(self, a=1, b='x', *, c=True, d=None, logs=None): pass\n"
    (tmp_path / "defaults.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert [fault.change for fault in source_of(__import__("defaults").D).faults()] == [
        "default `a=1` becomes `a=2`",
        "default `b='x'` becomes `b='not x'`",
        "default `c=True` becomes `c=False`",
        "default `d=None` becomes `d=0`",
    ]


def test_listing_faults_leaves_the_source_as_it_was(tmp_path, monkeypatch) -> None:
    """Each change is shown and taken back."""
    (tmp_path / "kept.py").write_text("class K:\n    def f(self): return not (1 < 2 and -3)\n")
    monkeypatch.syspath_prepend(tmp_path)
    source: ClassSource = source_of(__import__("kept").K)
    before = ast.dump(source.tree)
    assert len(list(source.faults())) == 12
    assert ast.dump(source.tree) == before
