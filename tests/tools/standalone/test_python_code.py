"""Values and texts as Python code, read back by Python."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from hostile_texts import HOSTILE, TEXTS
from hypothesis import given

from dryfit import load_scenarios
from dryfit.tools.standalone.plain_script import standalone
from dryfit.tools.standalone.python_code import call_of, code, in_docstring

SCENARIO = """\
name: one
script: {metrics: {loss: 1x3}}
callbacks: [EarlyStopping: {monitor: loss}]
expect: {epochs_run: 3}
"""


@given(TEXTS)
def test_a_text_is_read_back(text: str) -> None:
    """As a value, as a key and in a docstring."""
    assert ast.literal_eval(code([text, {text: {text}}])) == [text, {text: {text}}]
    assert ast.literal_eval(f'"""{in_docstring(text)}\n"""') == f"{text}\n"


@given(TEXTS)
def test_code_has_only_what_can_be_seen(text: str) -> None:
    """Nothing in an editor is turned around or hidden."""
    assert code(text).isprintable()
    assert all(line.isprintable() for line in in_docstring(text).split("\n"))


@given(TEXTS)
def test_an_argument_keeps_its_name(text: str) -> None:
    """Also one that Python has no keyword for; nothing in it is called."""
    parsed = ast.parse(call_of("f", {text: "1"}), mode="eval").body
    assert isinstance(parsed, ast.Call)
    assert (ast.unparse(parsed.func), parsed.args) == ("f", [])
    (keyword,) = parsed.keywords
    given = {keyword.arg: 1} if keyword.arg else ast.literal_eval(keyword.value)
    assert given == {text: 1}


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_scenario_of_any_texts_makes_a_script_of_the_same_shape(
    text: str, tmp_path: Path
) -> None:
    """Its words stand in the docstring, and what Python would run is what it always is."""
    file = tmp_path / "a.scenario.yaml"
    file.write_text(SCENARIO, encoding="utf-8")
    (scenario,) = load_scenarios(file)
    expected = ast.parse(standalone(scenario))
    items = (("EarlyStopping", {"monitor": "loss", "mode": text}),)
    told = replace(scenario, name=text, about=text, source=(text,), callbacks=items)
    script = ast.parse(standalone(told))
    assert ast.get_docstring(script, clean=False).startswith(f"{text[:1].upper()}{text[1:]}.\n")
    assert f"mode={text.replace('{run_dir}', '.')!r}" in ast.unparse(script)
    assert len(script.body) == len(expected.body)
    assert [ast.dump(node) for node in script.body if not _is_told(node)] == [
        ast.dump(node) for node in expected.body if not _is_told(node)
    ]


def _is_told(node: ast.stmt) -> bool:
    """Whether it is the docstring, or the function that makes the callbacks."""
    return isinstance(node, ast.Expr) or getattr(node, "name", "") == "callbacks"
