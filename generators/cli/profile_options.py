"""Options that say for which Prometheus something is checked or evaluated."""

from __future__ import annotations

import argparse

from generators.promql.profiles import PROMETHEUS_2, PROMETHEUS_3, Profile


def add_profile_arguments(parser: argparse._ActionsContainer) -> None:
    """Declare the version of Prometheus."""
    parser.add_argument("--profile", choices=("2", "3"), default="3", help="major version of Prometheus (default: 3)")
    parser.add_argument("--experimental", action="store_true", help="allow what Prometheus keeps behind flags")


def profile_of(arguments: argparse.Namespace) -> Profile:
    """Return the version that the options name."""
    base = PROMETHEUS_2 if arguments.profile == "2" else PROMETHEUS_3
    return base.with_experimental() if arguments.experimental else base
