"""Tests of a service: what it emits, without a network.

import otel.testing

with otel.testing.telemetry() as recorded:          # before the service makes its monitor
from service import app, monitor

def test_predictions_are_observed_as_declared():
predict(...)
otel.testing.assert_observed(monitor, recorded)

def test_the_request_id_is_kept():
with otel.testing.Downstream() as prices:       # what the service calls
otel.testing.assert_request_id_propagates(app, "/predict", downstream=prices)
"""

from otel.testing.memory import InMemoryTelemetry, telemetry
from otel.testing.observed import assert_observed
from otel.testing.requestid import Downstream, assert_request_id_propagates

__all__ = ["Downstream", "InMemoryTelemetry", "assert_observed", "assert_request_id_propagates", "telemetry"]
