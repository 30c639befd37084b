"""Screening: ranks fine-needle aspirates for the pathologist, malignant first.

    WATCHSPEC_INSTRUMENTS=rendered/instruments uvicorn service:app

A sample unlike those that the model was trained on is put first whatever the model says: a person reads it anyway.
"""

from __future__ import annotations

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import otel
from otel import asgi, logs

MALIGNANT, BENIGN = "malignant", "benign"
THRESHOLD = 0.4


def train() -> tuple[tuple[str, ...], Pipeline]:
    """Return the names of the features in their order, and a model; a real service loads an artefact instead."""
    data = load_breast_cancer()
    names = tuple(each.replace(" ", "_") for each in data.feature_names)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return names, pipeline.fit(data.data, data.target == 0)


FEATURES, model = train()
monitor = otel.monitor("health/screening")
logs.configure()
app = asgi.install(FastAPI(title="Screening"))


class Sample(BaseModel):
    """One aspirate."""

    features: dict[str, float]
    site: str
    scanner: str
    age_group: str | None = None


class Finding(BaseModel):
    """What the pathologist sees; the id comes back with the label."""

    id: str
    finding: str
    score: float


class Label(BaseModel):
    """What the pathologist found."""

    actual: str


@app.post("/samples")
def rank(sample: Sample) -> Finding:
    """Score one sample."""
    with monitor.prediction() as p:
        p.segment(site=sample.site, scanner=sample.scanner)
        p.group(age_group=sample.age_group)
        with p.stage("feature_vectorize"):
            p.features(sample.features)
            reason = p.guard(sample.features, complete=True)
            if reason == "schema":
                raise HTTPException(422, "every feature needs a number")
            row = [[sample.features[name] for name in FEATURES]]
        with p.stage("model_infer"):
            score = float(model.predict_proba(row)[0, 1])
            p.output(MALIGNANT if score >= THRESHOLD else BENIGN, score=score)
        with p.stage("post_process"):
            first = score >= THRESHOLD or reason == "outlier"
            return Finding(id=p.id, finding=MALIGNANT if first else BENIGN, score=score)


@app.post("/samples/{prediction_id}/label", status_code=204)
def label(prediction_id: str, truth: Label) -> None:
    """Take what a pathologist found."""
    if not monitor.label(prediction_id, truth.actual):
        raise HTTPException(404, "no such sample waits for a label")


@app.post("/overrides", status_code=204)
def override(reason: str) -> None:
    """Take note that a pathologist disagreed, and why."""
    monitor.override("against", reason)
