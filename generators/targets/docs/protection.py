"""What a model's page says about persons: the assessment, what leaves the service, and what metrics say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generators.formats.markdown import bullets, code, escape, heading, table
from generators.language.catalog import Model
from generators.planning.plan import ModelPlan


def protection(plans: Sequence[ModelPlan]) -> Iterator[str]:
    """Yield the chapter of a model with its plans in all environments."""
    yield heading(2, "Data protection")
    yield bullets(_statements(plans[0].deployment.model))
    about = {each.name: each.personal_data for plan in plans for each in plan.instruments if each.personal_data}
    if about:
        yield table(
            ("Metric", "What it says about persons"), ((code(name), escape(about[name])) for name in sorted(about))
        )
    else:
        yield "No metric says anything about persons."


def _statements(model: Model) -> Iterator[str]:
    yield f"Impact assessment: {escape(model.dpia)}" if model.dpia else "Impact assessment: none is named."
    yield f"Risk: {escape(model.risk)}" if model.risk else "Risk: not stated."
    yield "Values of inputs and outputs never leave the service as metrics, only counts of them."
    logged = ", ".join(map(code, model.logged))
    yield (
        f"The log of predictions holds these inputs: {logged}." if logged else "The log of predictions holds no inputs."
    )
    if model.llm and model.llm.content:
        yield (
            "Prompts and answers are recorded. Mail addresses, card and phone numbers in them are masked; names in "
            "sentences are not found."
        )
    elif model.llm:
        yield "Prompts and answers are not recorded."
