"""What docs/security/ claims is held against what passed, at the end of every complete run."""

from collections.abc import Iterator

import pytest

from docs.evidence import lists, not_shown


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A test that is named as evidence and did not pass fails the run, also where it was skipped or renamed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not _complete(session.config):
        return
    missing = not_shown(lists(), _passed(reporter))
    if missing:
        session.exitstatus = session.exitstatus or pytest.ExitCode.TESTS_FAILED
        reporter.ensure_newline()
        reporter.write_line(f"Named as evidence in docs/security/ and not passed: {', '.join(missing)}", red=True)


def _complete(config: pytest.Config) -> bool:
    """In the one process that gathers all results, and nothing was left out."""
    gathers = not hasattr(config, "workerinput")
    everything = list(config.args) in (["tests"], list(config.getini("testpaths")))
    chosen = any(config.getoption(name) for name in ("keyword", "markexpr", "collectonly"))
    return gathers and everything and not chosen


def _passed(reporter: pytest.TerminalReporter) -> Iterator[str]:
    return (report.nodeid for report in reporter.stats.get("passed", ()) if isinstance(report, pytest.TestReport))
