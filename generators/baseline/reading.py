"""A file with a Baseline, read without the specs that it belongs to: its features are what it says of them."""

from __future__ import annotations

from generators.baseline.codes import NOTHING_TO_COMPARE
from generators.diagnostics import NOWHERE, Problem, sort_problems
from generators.formats.yaml.nodes import Mapping, Sequence, at, plain
from generators.language.catalog import Baseline, Feature
from generators.language.documents import Document, load
from generators.language.resolve.baselines import of_document
from generators.language.sources import Source


def read_baseline(source: Source) -> tuple[Baseline | None, str, tuple[Problem, ...]]:
    """Return the baseline of a file, the model that it belongs to as TENANT/NAME, and what is wrong with it."""
    documents = load((source,))
    found = [each for each in documents.loaded if each.kind == "Baseline"]
    if documents.problems or len(found) != 1:
        place = found[1].position if len(found) > 1 else NOWHERE
        message = "the file holds several baselines" if found else "the file holds no baseline"
        other = Problem(NOTHING_TO_COMPARE, f"{source.file}: {message}", place, "name a file of the kind Baseline")
        return None, "", sort_problems(documents.problems) or (other,)
    problems: list[Problem] = []
    features = {each.name: each for each in _features(found[0])}
    read = of_document(found[0], features, _values(at(found[0].spec, "prediction", "values")), problems)
    owner = f"{found[0].tenant}/{plain(found[0].spec.get('model') or found[0].metadata)}"
    return (None if problems else read), owner, sort_problems(problems)


def _features(document: Document) -> list[Feature]:
    listed = document.spec.get("features")
    found = []
    for entry in listed.entries if isinstance(listed, Mapping) else ():
        values = _values(at(entry.value, "values"))
        found.append(Feature(entry.key, "category" if values else "number", "1", None, values, "", None))
    return found


def _values(node: object) -> tuple[str, ...]:
    return tuple(str(plain(item)) for item in node.items) if isinstance(node, Sequence) else ()
