"""Pages that dashboards of models consist of: their rows, by the names that panels of specs ask for them.

Which panels stand in a row is said by packs and models; what a page is made of besides is planned in
`generators.planning.dashboards`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

TOP: Final = "Now"
"""The first row of a page, which has no heading."""

MOVES_WITH: Final = "Moves with"
"""The measures that each business figure is compared with."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: the question that it answers, its rows in order, and those that are folded at first.

    ``days`` is the range that it opens with, 0 for the last hours; ``most`` is how many tiles its first row has room
    for, those with thresholds before others.
    """

    question: str
    rows: tuple[str, ...]
    folded: frozenset[str] = frozenset()
    days: int = 0
    most: int = 6


PAGES: Final[Mapping[str, Page]] = MappingProxyType(
    {
        "health": Page(
            "Is the model healthy? Four tiles answer; below are rate, errors, duration, saturation, and what changed.",
            (TOP, "Details", "Rate and errors", "Duration", "Saturation"),
        ),
        "quality": Page(
            "Is the model right, and for whom is it not? Figures stand on labels that arrive late; see how many there "
            "are.",
            (
                TOP,
                "Quality over time",
                "Predictions",
                "Confidence",
                "Confusion",
                "Segments",
                "Fairness",
                "Drift",
                "Vectors",
                "Inputs",
                "Labels and people",
            ),
            frozenset({"Vectors", "Inputs", "Labels and people"}),
            days=7,
            most=5,
        ),
        "llm": Page(
            "Does the application answer, how fast, how well, and for how much? Content is not recorded, and not "
            "shown.",
            (
                TOP,
                "Requests",
                "Calls of providers",
                "Streaming",
                "Tokens",
                "Routing",
                "Answers",
                "Conversations",
                "Retrieval",
                "Agent",
                "Cache",
                "Safety",
            ),
            frozenset({"Answers", "Conversations", "Retrieval", "Agent", "Cache", "Safety"}),
        ),
        "llm-cost": Page(
            "What does it cost, where does the money go, and will the month stay within what was agreed?",
            (TOP, "Over time", "Where it goes", "For each request and user", "Saved"),
            days=7,
        ),
        "resources": Page(
            "Is the model short of something? Latency is laid over CPU and memory, so that what moves together is "
            "seen.",
            (TOP, "Resources against latency", "Used", "Held back", "Amounts"),
            most=8,
        ),
        "business": Page(
            "What is the model worth, and what does that depend on? What moves together need not cause one another.",
            (MOVES_WITH,),
        ),
        "fleet": Page("", (TOP, "Figures of each model", "Requests, errors, duration")),
    }
)
"""The pages of a model, and that of all models of an environment."""
