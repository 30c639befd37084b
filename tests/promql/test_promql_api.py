from __future__ import annotations

import doctest
import subprocess
import sys

import pytest

from generators import promql


def test_the_examples_of_the_package_are_true() -> None:
    results = doctest.testmod(promql)
    assert results.attempted >= 10
    assert results.failed == 0


def test_reading_and_checking_imports_no_numpy() -> None:
    program = "import sys; from generators.promql import parse, check; import generators.promql.rules; "
    program += "print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_name_that_is_offered_is_there() -> None:
    for name in promql.__all__:
        assert getattr(promql, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'evalute'"):
        _ = promql.evalute  # type: ignore[attr-defined]
