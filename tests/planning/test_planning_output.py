from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from functools import cache

import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from planning_specs import ROOT, committed, organisation, texts

from generators.language.sources import Source, read_specs
from generators.pipeline import compile_artifacts

LEFT_OUT = (
    *(
        f"specs/{folder}/{name}.yaml"
        for folder in ("baselines", "models")
        for name in ("cultivar", "progression", "screening")
    ),
    "specs/environments/local.yaml",
    "specs/environments/staging.yaml",
)
"""Files without which the committed specs compile several times faster."""


def small() -> tuple[Source, ...]:
    return tuple(each for each in read_specs(ROOT / "specs") if each.file not in LEFT_OUT)


@cache
def rendered_small() -> dict[str, str]:
    compiled = compile_artifacts(small())
    assert compiled.problems == ()
    return texts(compiled)


def shuffled(node: object, chance: random.Random) -> object:
    """The same value with the keys of every mapping in another order."""
    if isinstance(node, dict):
        return {key: shuffled(node[key], chance) for key in chance.sample(list(node), len(node))}
    return [shuffled(item, chance) for item in node] if isinstance(node, list) else node


def reordered(seed: int) -> tuple[Source, ...]:
    """The specs with files and keys in another order; hand-written Collector bases keep theirs."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    sources = chance.sample(small(), len(small()))
    return tuple(
        Source(
            each.file,
            yaml.safe_dump(shuffled(yaml.safe_load(each.data), chance), sort_keys=False, allow_unicode=True).encode(),
        )
        if each.file.startswith("specs/")
        else each
        for each in sources
    )


@settings(derandomize=True, deadline=None, max_examples=4, phases=[Phase.generate])
@given(st.integers(min_value=0))
def test_order_of_files_and_of_keys_changes_nothing(seed: int) -> None:
    made = texts(compile_artifacts(reordered(seed)))
    assert [path for path in {*made, *rendered_small()} if made.get(path) != rendered_small().get(path)] == []


def test_order_of_all_committed_files_changes_nothing() -> None:
    backwards = tuple(reversed(read_specs(ROOT / "specs")))
    assert texts(compile_artifacts(backwards)) == texts(committed())


DIGEST = """
import hashlib, sys
from pathlib import Path
from generators.language.sources import read_specs
from generators.pipeline import compile_artifacts
left_out = sys.argv[2:]
sources = [each for each in read_specs(Path(sys.argv[1])) if each.file not in left_out]
made = compile_artifacts(sources).artifacts
print(hashlib.sha256("\\0".join(f"{each.path}\\0{each.text}" for each in made).encode()).hexdigest())
"""


def test_no_hash_seed_changes_anything() -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", DIGEST, str(ROOT / "specs"), *LEFT_OUT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT), "LC_ALL": "C", "TZ": "Asia/Tokyo"},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1", "4242")
    ]
    digests = {process.communicate()[0].strip() for process in running}
    made = "\0".join(f"{path}\0{text}" for path, text in sorted(rendered_small().items()))
    assert digests == {hashlib.sha256(made.encode()).hexdigest()}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {path for path in {*before, *after} if before.get(path) != after.get(path)} - {"index.json"}


def test_one_threshold_touches_only_what_depends_on_it() -> None:
    loans = {
        "apiVersion": "watchspec/v1",
        "kind": "Model",
        "metadata": {"name": "loans", "tenant": "bank", "team": "growth"},
        "spec": {"task": "scoring", "service": "loans-api"},
    }
    both = {"models/loans.yaml": loans}
    before = texts(
        compile_artifacts(
            organisation({**both, "models/churn.yaml": {"quality": {"latency_p95": {"warning": "500ms"}}}})
        )
    )
    after = texts(
        compile_artifacts(
            organisation({**both, "models/churn.yaml": {"quality": {"latency_p95": {"warning": "900ms"}}}})
        )
    )
    touched = changed(before, after)
    assert {"docs/runbooks/retail/churn/LatencyP95High.md", "production/prometheus/retail/churn.rules.yaml"} <= touched
    assert not [path for path in touched if "churn" not in path]
    assert "docs/runbooks/retail/churn/AvailabilityBurn.md" not in touched


def test_what_a_model_says_touches_no_other_model_and_no_fleet_rule() -> None:
    before = texts(committed())
    sources = tuple(
        Source(each.file, each.data.replace(b"accuracy: {warning: 92%, critical: 85%}", b"accuracy: {warning: 93%}"))
        if each.file == "specs/models/screening.yaml"
        else each
        for each in read_specs(ROOT / "specs")
    )
    touched = changed(before, texts(compile_artifacts(sources)))
    assert touched
    assert all("screening" in path for path in touched), touched
