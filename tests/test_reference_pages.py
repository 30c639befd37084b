from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import generators
from generators.diagnostics.catalogue import codes

ROOT = Path(generators.__file__).parents[1]


@cache
def reference_pages() -> ModuleType:
    path = ROOT / "tools" / "reference_pages.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path[:] = before
    return module


@cache
def pages() -> dict[str, str]:
    result: dict[str, str] = reference_pages().render()
    return result


def anchors(text: str) -> set[str]:
    """The anchors of headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.replace("\\", "")).strip().lower().replace(" ", "-") for title in headings}


def test_the_committed_pages_are_those_that_the_code_writes() -> None:
    assert reference_pages().main(["--check"]) == 0


def test_a_missing_a_stale_and_an_orphaned_page_are_found(tmp_path: Path) -> None:
    for name, text in {**pages(), "old.md": "x"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "kinds.md").unlink()
    (tmp_path / "packs.md").write_text("other", encoding="utf-8")
    found = reference_pages().differences(pages(), tmp_path)
    assert found == ["missing: kinds.md", "orphaned: old.md", "stale: packs.md"]


def test_every_code_has_an_anchor() -> None:
    assert {code.lower() for code in codes(("generators",))} <= anchors(pages()["problems.md"])


@pytest.mark.parametrize("name", ["commands.md", "kinds.md", "metrics.md", "packs.md", "problems.md", "promql.md"])
def test_every_link_leads_to_a_heading(name: str) -> None:
    for page, anchor in re.findall(r"\]\(([a-z]*(?:\.md)?)#([^)]+)\)", pages()[name]):
        assert anchor in anchors(pages()[page or name]), anchor


def test_headings_of_a_page_differ() -> None:
    for name, text in pages().items():
        outside_blocks = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)
        headings = re.findall(r"^#+ .+$", outside_blocks, flags=re.MULTILINE)
        assert len(headings) == len(set(headings)), name
