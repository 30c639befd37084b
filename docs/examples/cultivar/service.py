"""Cultivar: tells which of three cultivars a wine is made of, one analysis at a time or a batch of them.

WATCHSPEC_INSTRUMENTS=rendered/instruments uvicorn service:app
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier

import otel
from otel import asgi, logs


def train() -> tuple[tuple[str, ...], tuple[str, ...], RandomForestClassifier]:
    """Return the names of features and classes, and a model; a real service loads an artefact instead."""
    data = load_wine()
    names = tuple(data.feature_names)
    model = RandomForestClassifier(n_estimators=50, random_state=0).fit(data.data, data.target)
    return names, tuple(data.target_names), model


FEATURES, CLASSES, model = train()
monitor = otel.monitor("wine/cultivar")
logs.configure()
app = asgi.install(FastAPI(title="Cultivar"))


class Analysis(BaseModel):
    """One bottle."""

    features: dict[str, float]
    region: str


class Batch(BaseModel):
    """What a laboratory measured in a day: columns of equal length."""

    features: dict[str, list[float]]
    regions: list[str]


class Label(BaseModel):
    """What the register says."""

    actual: str


@monitor.inference
def classify(features: dict[str, float], region: str) -> otel.Answer:
    """Return the most likely cultivar; the decorator counts and traces the call."""
    with otel.stage("model_infer"):
        shares = model.predict_proba([[features[name] for name in FEATURES]])[0]
    best = int(shares.argmax())
    answer = {"id": monitor.current().id, "cultivar": CLASSES[best], "confidence": shares[best]}
    return otel.Answer(CLASSES[best], confidence=shares[best], segments={"region": region}, value=answer)


@app.post("/analyses")
def analyse(analysis: Analysis) -> dict[str, Any]:
    """Classify one bottle."""
    if not analysis.features.keys() >= set(FEATURES):
        monitor.reject("schema")
        raise HTTPException(422, "every feature needs a number")
    answer: dict[str, Any] = classify(analysis.features, analysis.region)
    return answer


@app.post("/batches")
def analyse_batch(batch: Batch) -> dict[str, list[str]]:
    """Classify a day's bottles at once; each counts on its own."""
    began = time.perf_counter()
    columns = {name: np.array(batch.features[name]) for name in FEATURES}
    shares = model.predict_proba(np.column_stack(list(columns.values())))
    found = [CLASSES[best] for best in shares.argmax(axis=1)]
    seconds = time.perf_counter() - began
    segments = {"region": batch.regions}
    monitor.predictions(columns, found, confidence=shares.max(axis=1), seconds=seconds, segments=segments)
    return {"cultivars": found}


@app.post("/analyses/{prediction_id}/label", status_code=204)
def label(prediction_id: str, truth: Label) -> None:
    """Take what the register says, weeks later."""
    if not monitor.label(prediction_id, truth.actual):
        raise HTTPException(404, "no such analysis waits for a label")
