"""Progression: how a diabetes will progress within a year, with a 90 % interval.

WATCHSPEC_INSTRUMENTS=rendered/instruments uvicorn service:app
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

import otel
from otel import asgi, logs

COVERED = (0.05, 0.95)
"""Quantiles of the residuals between which nine of ten truths lie."""

monitor = otel.monitor("health/progression")
logs.configure()
app = asgi.install(FastAPI(title="Progression"))


@monitor.predictor(entry="answer", feature_vectorize="vectorize", model_infer="infer")
class Model:
    """The model and what surrounds it; the decorator makes each answer a prediction, each other method a stage."""

    def __init__(self) -> None:
        """Train; a real service loads an artefact instead."""
        data = load_diabetes()
        self.names: tuple[str, ...] = tuple(data.feature_names)
        self.ridge = Ridge(alpha=0.1).fit(data.data, data.target)
        self.below, self.above = np.quantile(data.target - self.ridge.predict(data.data), COVERED)

    def answer(self, features: Mapping[str, float], age_group: str) -> tuple[float, tuple[float, float]]:
        """Return the measure of progression in a year, and its interval."""
        value = self.infer(self.vectorize(features))
        interval = (value + float(self.below), value + float(self.above))
        p = monitor.current()
        p.segment(age_group=age_group)
        p.output(value, interval=interval)
        return value, interval

    def vectorize(self, features: Mapping[str, float]) -> list[float]:
        """Return the features in the order of the model."""
        return [features[name] for name in self.names]

    def infer(self, row: list[float]) -> float:
        """Return what the model says."""
        return float(self.ridge.predict([row])[0])


model = Model()


class Patient(BaseModel):
    """Ten measurements, centred and scaled as the data set has them, and how old the blood sugar is."""

    features: dict[str, float]
    age_group: str
    blood_sugar_days: float = 0.0


class Forecast(BaseModel):
    """A measure of progression one year ahead."""

    id: str
    value: float
    interval: tuple[float, float]


class Label(BaseModel):
    """What was measured a year later."""

    actual: float


@app.post("/patients")
def forecast(patient: Patient) -> Forecast:
    """Predict one patient's progression."""
    if missing := set(model.names) - patient.features.keys():
        monitor.reject("schema")
        raise HTTPException(422, f"no value for {', '.join(sorted(missing))}")
    if patient.blood_sugar_days > 90:
        monitor.stale("s6")
    value, interval = model.answer(patient.features, patient.age_group)
    return Forecast(id=otel.current_request_id() or "", value=value, interval=interval)


@app.post("/patients/{prediction_id}/label", status_code=204)
def label(prediction_id: str, truth: Label) -> None:
    """Take what was measured a year later."""
    if not monitor.label(prediction_id, truth.actual):
        raise HTTPException(404, "no such forecast waits for a label")
