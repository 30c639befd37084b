"""Documents: YAML nodes whose shape has been checked against their kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from pydantic import ValidationError

from generators.diagnostics import Code, Position, Problem, did_you_mean
from generators.formats.yaml.composer import MERGE_KEY
from generators.formats.yaml.nodes import Mapping, Node, Scalar, at, plain, scalars
from generators.formats.yaml.reader import load_bytes
from generators.formats.yaml.syntax import CURLY, curly_quotes
from generators.language.quantiles import without_quantiles
from generators.language.shapes import KINDS
from generators.language.shapes.documents import API_VERSION
from generators.language.shapes.problems import MISSING_KEY, shape_problems
from generators.language.sources import Source

NOT_A_MAPPING = Code(
    "S101",
    "Not a mapping",
    "A document consists of keys and values.",
    "- a\n- b",
    "apiVersion: watchspec/v1\nkind: Team",
)
FOREIGN_DOCUMENT = Code(
    "S102",
    "Not a document of this language",
    "`apiVersion` names the version of the language.",
    "apiVersion: v1",
    "apiVersion: watchspec/v1",
)
UNKNOWN_KIND = Code(
    "S103",
    "Unknown kind",
    "`kind` says what a document describes.",
    "kind: Modle",
    "kind: Model",
)


@dataclass(frozen=True, slots=True)
class Document:
    """A well-shaped document.

    ``name`` and ``tenant`` come from its metadata (``tenant`` is empty where the kind has none); ``spec`` is the
    positioned tree of what it says.
    """

    kind: str
    name: str
    tenant: str
    metadata: Mapping
    spec: Mapping

    @property
    def position(self) -> Position:
        """The place of the document's name."""
        name = self.metadata.get("name")
        return name.position if name else self.metadata.position

    @property
    def file(self) -> str:
        """The file that the document is in."""
        return self.metadata.position.file


@dataclass(frozen=True, slots=True)
class Documents:
    """What was read: well-shaped documents, every problem of every file, and the names of what was left out.

    A broken document is known by its name and by its file's, for its name may be what is wrong, so that nobody is told
    that something does not exist which is merely broken.
    """

    loaded: tuple[Document, ...]
    problems: tuple[Problem, ...]
    broken: frozenset[str]


def load(sources: Iterable[Source]) -> Documents:
    """Read documents; those with problems are left out."""
    loaded: list[Document] = []
    problems: list[Problem] = []
    broken: set[str] = set()
    for source in sorted(sources):
        nodes, found = load_bytes(source.data, source.file)
        problems += found
        if found:
            broken.add(PurePosixPath(source.file).stem)
        for node in nodes:
            curly = tuple(curly_quotes(each.position) for each in scalars(node) if _is_curly(each))
            document, wrong = _document(node)
            problems += (*curly, *_apart(wrong, (*found, *curly)))
            if curly:
                document = None
            if document is not None:
                loaded.append(document)
            else:
                name = at(node, "metadata", "name")
                broken.add(PurePosixPath(source.file).stem)
                broken.update({name.text} if isinstance(name, Scalar) else ())
    return Documents(tuple(loaded), tuple(problems), frozenset(broken))


def _is_curly(scalar: Scalar) -> bool:
    return not scalar.quoted and len(scalar.text) > 1 and scalar.text[0] in CURLY and scalar.text[-1] in CURLY


def _apart(wrong: Iterable[Problem], text: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems of a document's shape that do not follow from problems of its text."""
    places = {(problem.position.line, problem.position.column) for problem in text}
    merged = any(problem.kind == MERGE_KEY for problem in text)
    for problem in wrong:
        follows = (problem.position.line, problem.position.column) in places or (merged and problem.kind == MISSING_KEY)
        if not follows:
            yield problem


def _document(node: Node) -> tuple[Document | None, tuple[Problem, ...]]:
    if not isinstance(node, Mapping):
        help_ = "start the document with `apiVersion: watchspec/v1` and `kind: …`"
        return None, (Problem(NOT_A_MAPPING, "a document is a mapping of keys to values", node.position, help_),)
    kind, problems = _kind(node)
    if kind is None:
        return None, problems
    try:
        KINDS[kind].model_validate(plain(node))
    except ValidationError as error:
        return None, shape_problems(error, node, KINDS[kind])
    metadata, spec = node.get("metadata"), node.get("spec")
    if not isinstance(metadata, Mapping) or not isinstance(spec, Mapping):
        raise TypeError("a validated document has metadata and a spec")
    found: list[Problem] = []
    spec = without_quantiles(spec, found)
    document = Document(kind, _text(metadata, "name"), _text(metadata, "tenant"), metadata, spec)
    return None if found else document, tuple(found)


def _kind(node: Mapping) -> tuple[str | None, tuple[Problem, ...]]:
    version, kind = node.get("apiVersion"), node.get("kind")
    if not isinstance(version, Scalar) or version.value != API_VERSION:
        place = version.position if version else node.position
        return None, (
            Problem(
                FOREIGN_DOCUMENT,
                "this is not a document of the language `watchspec/v1`",
                place,
                f"write `apiVersion: {API_VERSION}`",
            ),
        )
    if isinstance(kind, Scalar) and isinstance(kind.value, str) and kind.value in KINDS:
        return kind.value, ()
    place = kind.position if kind else node.position
    found = f"unknown kind `{kind.text}`" if isinstance(kind, Scalar) else "the document has no kind"
    near = did_you_mean(kind.text, KINDS) if isinstance(kind, Scalar) else ""
    return None, (Problem(UNKNOWN_KIND, found, place, near or f"kinds are {', '.join(KINDS)}"),)


def _text(node: Mapping, key: str) -> str:
    value = node.get(key)
    return str(value.value) if isinstance(value, Scalar) else ""
