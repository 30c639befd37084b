"""How many examples properties are tried on: enough to find a mistake in the end, few enough to run the suite often.

``HYPOTHESIS_PROFILE=thorough make test`` tries ten times as many.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("suite", max_examples=25, derandomize=True, deadline=None)
settings.register_profile("thorough", max_examples=250, derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
