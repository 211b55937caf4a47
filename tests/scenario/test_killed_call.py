"""A call that kills its process waits for no other: that has begun before."""

from pathlib import Path

import pytest

from dryfit.lanes.own_process import Apart
from dryfit.scenario import killed_call
from dryfit.scenario.killed_call import prepare
from dryfit.scenario.load import load_scenarios

KILLED = """
name: killed
callbacks: [StopAt: {epoch: 1}]
calls:
  - call: fit
    script: {metrics: {loss: 1x3}, interrupt: {epoch: 1, raises: kill}}
    expect: {files: []}
  - {call: fit, script: {metrics: {loss: 1x3}}, callbacks: fresh, model: fresh}
"""
WHOLE = """
name: whole
callbacks: [StopAt: {epoch: 1}]
script: {metrics: {loss: 1x3}}
expect: {epochs_run: 2}
"""


@pytest.mark.parametrize(("texts", "begun"), [([WHOLE], False), ([WHOLE, KILLED], True)])
def test_a_process_begins_where_it_is_needed(
    texts: list[str], begun: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is played, and once."""
    file = tmp_path / "some.scenario.yaml"
    file.write_text("---".join(texts))
    scenarios = load_scenarios(file)
    with Apart("math") as apart:
        monkeypatch.setattr(killed_call, "kept", lambda *modules: apart)
        prepare(scenarios)
        server = apart._server
        assert (server is not None) == begun
        prepare(scenarios)
        assert apart._server is server
        ended = apart.run("dryfit.lanes.own_process:say", "told")
        assert ended.status == 0
        assert server in (None, apart._server)
