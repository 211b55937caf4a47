"""`callback_overhead`, the fixture of `dryfit bench`, in a pytest of its own."""

import pytest
from ready_python import run_pytest

PLAIN = """
    import pytest
    from keras.callbacks import EarlyStopping, TerminateOnNaN

    def test_instance(callback_overhead):
        overhead = callback_overhead(TerminateOnNaN(), batches=500)  # a few blocks come and go
        assert overhead.ns_per_batch > 0
        assert set(overhead.by_hook) == {"on_train_batch_end"}
        assert overhead.allocations_per_batch < .1
        overhead.assert_under(us_per_batch=10_000, ratio_to_noop=100_000)

    def test_over(callback_overhead):
        callback_overhead(TerminateOnNaN, batches=50).assert_under(us_per_batch=.001)

    def test_no_limit(callback_overhead):
        with pytest.raises(TypeError, match="assert_under takes a limit"):
            callback_overhead(lambda: EarlyStopping(), batches=50).assert_under()

    def test_no_callback(callback_overhead):
        with pytest.raises(TypeError, match="callback_overhead takes a callback or what makes one"):
            callback_overhead(3)
"""


# What is asserted here is not how long things take: other work does not make it "too busy".
UNDISTURBED = """
from dryfit.tools.bench import stopwatch

stopwatch._switches = lambda: (0, 0)
"""


def test_the_fixture_measures_and_asserts(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an instance, a class and a function; what is over the limit names its hook."""
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)  # of the run that this test is in
    pytester.makepyfile(PLAIN)
    pytester.makeconftest(UNDISTURBED)
    result = run_pytest(pytester, "-p", "no:xdist", "--benchmark-json=rounds.json")
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines(
        ["*AssertionError: TerminateOnNaN costs * the costliest hook is on_train_batch_end with *"]
    )
    stored = (pytester.path / "rounds.json").read_text()
    assert '"callback_overhead: TerminateOnNaN"' in stored
    assert '"ratio_to_noop"' in stored


def test_the_fixture_needs_pytest_benchmark(pytester: pytest.Pytester) -> None:
    """And says how to get it."""
    pytester.makepyfile(PLAIN)
    result = run_pytest(pytester, "-p", "no:benchmark", "-k", "instance")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*callback_overhead needs pytest-benchmark: pip install*"])
