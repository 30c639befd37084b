"""LLM overview: rate against last week, latency, errors, money, users; then calls, tokens, answers, cache, safety."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from generators.planning.dashboards.measures import bars, graph, graphs, onward, tile
from generators.planning.dashboards.page import DAY_MS, page
from generators.planning.dashboards.panels import (
    HALF,
    LARGE,
    RATE_INTERVAL,
    THIRD,
    Dashboard,
    Kind,
    Legend,
    Panel,
    Query,
    Row,
    Style,
)
from generators.planning.dashboards.subject import Subject
from generators.planning.expressions import call, total
from generators.promql.syntax.ast import Duration, MatrixSelector

TOP = {
    "request_rate": "Requests",
    "latency_p95": "Latency p95",
    "error_ratio": "Errors",
    "cost_1h": "Money in the last hour",
    "users_1d": "Users of a day",
    "first_token_p95": "First token p95",
}
CALLS = ("call_latency_p95", "call_error_ratio", "retry_ratio")
ROUTING = ("tier_share", "calls_1h", "escalation_ratio")
TOKENS = ("tokens_per_request", "call_tokens_p95", "token_efficiency")
STREAMING = ("first_token_p95", "output_token_p95")
ANSWERS = ("truncated_ratio", "refusal_ratio", "invalid_answer_ratio")
QUALITY = (
    "satisfaction",
    "thumbs_down_ratio",
    "feedback_coverage",
    "regenerated_ratio",
    "task_success",
    "similarity",
    "groundedness",
    "hallucination_ratio",
    "toxicity_ratio",
    "evaluation_score",
    "evaluation_failures",
    "citation_validity",
)
CHAT = ("conversations_1d", "solved_ratio", "abandoned_ratio", "turns_per_conversation")
RETRIEVAL = ("retrieval_p95", "empty_retrieval_ratio", "citations_1d", "index_age")
AGENT = (
    "runs_1h",
    "run_success",
    "handoff_ratio",
    "loop_ratio",
    "steps_p95",
    "run_duration_p95",
    "tool_error_ratio",
    "tool_latency_p95",
    "denied_1h",
)
CACHE = ("cache_hit_rate", "cache_hit_rate_change", "cache_age_p95", "cache_eviction_rate")
SAFETY = ("guard_ratio", "leaks_1h", "abuse_1h")


def dashboard(subject: Subject) -> Dashboard | None:
    """Return the overview of an application of language models, or None for any other model."""
    if not subject.has("tokens_per_request"):
        return None
    top = tuple(tile(subject, name, title, LARGE) for name, title in TOP.items() if subject.has(name))
    return page(
        subject,
        "llm",
        "Does the application answer, how fast, how well, and for how much? Content is not recorded, and not shown.",
        (
            Row(panels=top),
            Row(title="Requests", panels=tuple(_requests(subject))),
            Row(title="Calls of providers", panels=tuple(graphs(subject, CALLS))),
            Row(title="Streaming", panels=tuple(_streaming(subject))),
            Row(title="Tokens", panels=tuple(_tokens(subject))),
            Row(title="Routing", panels=tuple(_routing(subject))),
            Row(title="Answers", panels=tuple(graphs(subject, (*ANSWERS, *QUALITY))), folded=True),
            Row(title="Conversations", panels=tuple(graphs(subject, CHAT)), folded=True),
            Row(title="Retrieval", panels=tuple(graphs(subject, RETRIEVAL)), folded=True),
            Row(title="Agent", panels=tuple(graphs(subject, AGENT)), folded=True),
            Row(title="Cache", panels=tuple(graphs(subject, CACHE)), folded=True),
            Row(title="Safety", panels=tuple(graphs(subject, SAFETY)), folded=True),
        ),
    )


def _requests(subject: Subject) -> Iterator[Panel]:
    now = subject.recorded("request_rate")
    before = replace(now, offset=Duration(7 * DAY_MS))
    yield Panel(
        kind=Kind.TIMESERIES,
        title="Requests against last week",
        description="Requests per second now, and a week ago. A gap is a change of users or of routing.",
        unit="{request}/s",
        queries=(Query(now, Legend("now")), Query(before, Legend("a week before"), style=Style.LIMIT)),
        links=onward(subject, ()),
        minimum=0,
    )
    yield graph(subject, subject.of(("latency_p50", "latency_p95", "latency_p99")), "Time to answer")
    yield graph(subject, ("error_rate",), "Errors by reason")


def _streaming(subject: Subject) -> Iterator[Panel]:
    yield from graphs(subject, STREAMING)
    if subject.emits("time_to_first_token"):
        series = MatrixSelector(subject.emitted("time_to_first_token_bucket"), RATE_INTERVAL)
        yield Panel(
            kind=Kind.HEATMAP,
            title="Distribution of the time to the first token",
            description="How many streamed answers began how soon. Two bands are two tiers, or two lengths of prompts.",
            unit="s",
            queries=(Query(total(call("increase", series), ("le",)), Legend("", ("le",))),),
            links=onward(subject, subject.of(("first_token_p95",))),
            size=THIRD,
        )


def _tokens(subject: Subject) -> Iterator[Panel]:
    if subject.has("token_rate"):
        yield graph(subject, ("token_rate",), "Tokens by price class", HALF, Style.STACKED)
    yield from graphs(subject, TOKENS)


def _routing(subject: Subject) -> Iterator[Panel]:
    for name in subject.of(ROUTING[:2]):
        yield bars(subject, name)
    yield from graphs(subject, ROUTING[2:])
