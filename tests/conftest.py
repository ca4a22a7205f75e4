"""Shared set-up: how hard Hypothesis tries, what happens without a browser, and no test left out unnoticed."""

from __future__ import annotations

import functools
import os

import pytest
from hypothesis import HealthCheck, settings

from tools.find_browser import find

EVERY_TEST = os.environ.get("ZHUNSHENG_ALL_TESTS") == "1"

# No deadline anywhere: how long one example takes on a busy machine says nothing about the code.
# `ci` tries more examples, and the same ones each time: one commit, one verdict. Desks explore at random.
settings.register_profile("default", deadline=None)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=300,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


@functools.cache
def installed_browser() -> str | None:
    return find()


@pytest.fixture(scope="session")
def browser_path() -> str:
    """Give the path of the browser to drive; only for tests marked `browser`, which are left out where there is none."""
    path = installed_browser()
    assert path, "no browser: mark this test with @pytest.mark.browser"
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    needing = [item for item in items if item.get_closest_marker("browser")]
    if needing and installed_browser() is None:
        for item in needing:
            item.add_marker(pytest.mark.skip(reason="no browser here: run tools/find_browser.py --install"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = terminalreporter.stats.get("skipped", [])
    if left_out:
        colour = {"red": True} if EVERY_TEST else {"yellow": True}
        terminalreporter.section(f"{len(left_out)} LEFT OUT, NOT TESTED", sep="!", **colour)
        for report in left_out:
            terminalreporter.line(f"{report.nodeid}: {_reason(report)}")
        if EVERY_TEST:
            terminalreporter.line("ZHUNSHENG_ALL_TESTS=1: the run fails, every test must run.", **colour)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if EVERY_TEST and reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _reason(report: pytest.TestReport) -> str:
    return str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let a change in the recorded scorecards be accepted on purpose."""
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/ anew")
