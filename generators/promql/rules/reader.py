"""The documents of a rule file or of unit tests: YAML by the rules of Go, and what is said of a file as a whole."""

from __future__ import annotations

from dataclasses import dataclass

from generators.diagnostics import Code, Severity
from generators.formats.yaml.marks import Place
from generators.formats.yaml.nodes import Mapping, Node, Scalar
from generators.formats.yaml.reader import load
from generators.formats.yaml.schema import GO
from generators.promql.rules.problems import RuleProblem

TOO_LARGE = Code(
    "Q602",
    "the file is too large",
    "A file of that size is almost always a mistake, and would take long to evaluate.",
    "one file of 300,000 rules",
    "several files",
)
WRONG_KIND = Code(
    "Q604", "a value of the wrong kind", "A list, a mapping or text is expected here.", "rules: up", "rules: []"
)
SECOND_DOCUMENT = Code(
    "Q606",
    "a second YAML document",
    "Prometheus reads only the first document of a file; the rules of the others do not exist.",
    "groups: [...]\n---\ngroups: [...]",
    "groups: [..., ...]",
    Severity.WARNING,
)
NOTHING_IN_FILE = Code(
    "Q619",
    "a file with nothing in it",
    "Whatever should have been written there was lost; promtool is content with such a file.",
    "# to do",
    "groups: []",
)


@dataclass(frozen=True, slots=True)
class Yaml:
    """What was read: the root (None for an empty document), and how many documents there are."""

    root: Node | None = None
    documents: int = 0
    manifest: tuple[Node, ...] = ()
    """The roots of all documents, where the first is a Kubernetes resource."""


def read_yaml(text: str) -> tuple[Yaml | None, tuple[RuleProblem, ...]]:
    """Read the documents of a file; None where one of them is not YAML, too large or too deep."""
    loaded = load(text, "", GO)
    problems = tuple(
        RuleProblem(each.kind, each.message, Place(each.position.line, each.position.column), each.help)
        for each in loaded.problems
    )
    if not loaded.is_whole:
        return None, problems
    root, *others = loaded.documents or (None,)
    is_manifest = isinstance(root, Mapping) and {"apiVersion", "kind"} <= set(root.keys())
    manifest = tuple(each for each in loaded.documents if each is not None) if is_manifest else ()
    second = next((each.place for each in others if each is not None), None)
    if second is not None and not is_manifest:  # what nobody reads is not wrong
        problems = tuple(each for each in problems if each.place < second)
    return Yaml(root, len(loaded.documents), manifest), problems


def nothing(yaml_file: Yaml, key: str) -> tuple[RuleProblem, ...]:
    """Return the problem of a file with nothing in it, where ``key`` should stand; promtool has none."""
    if yaml_file.root is not None and not (isinstance(yaml_file.root, Scalar) and yaml_file.root.is_null):
        return ()
    return (
        RuleProblem(
            NOTHING_IN_FILE, "there is nothing in this file", Place(1, 1), f"write `{key}:`, or delete the file"
        ),
    )


def second_document(yaml_file: Yaml) -> tuple[RuleProblem, ...]:
    """Return the warning for a file of several documents."""
    if yaml_file.documents < 2 or yaml_file.manifest:
        return ()
    message = "only the first YAML document of a rule file is used"
    return (RuleProblem(SECOND_DOCUMENT, message, Place(1, 1), "write one file each"),)
