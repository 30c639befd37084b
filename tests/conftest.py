"""How many examples properties are tried on, and what may be skipped.

Examples are enough to find a mistake in the end, and few enough to run the suite often: ``HYPOTHESIS_PROFILE=thorough
make test`` tries ten times as many. With ``CI=true`` a skip is a failure, apart from comparisons with original tools
where these are not at hand: ``make verify`` brings them.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

settings.register_profile("suite", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=250, derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or os.environ.get("CI") != "true":
        return
    at_hand = "WATCHSPEC_TOOLS" in os.environ
    reports = reporter.stats.get("skipped", ())
    skipped = [report.nodeid for report in reports if at_hand or "oracle" not in getattr(report, "keywords", ())]
    if skipped:
        reporter.write_line(f"skipped, with CI=true: {', '.join(skipped)}", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
