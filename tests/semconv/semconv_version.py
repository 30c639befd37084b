"""The version of our own conventions, which the platform's spec states."""

from pathlib import Path

import yaml

_PLATFORM = yaml.safe_load((Path(__file__).parents[2] / "specs" / "platform.yaml").read_text("utf-8"))
MAJOR = int(_PLATFORM["spec"]["telemetry"]["semconv"]["version"].partition(".")[0])
