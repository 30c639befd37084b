"""What a change of artefacts means: texts → facts → changes, as text, Markdown or data.

Facts are read from artefact texts alone, so both sides of a comparison, rendered now or committed years ago, go
through the same code. What cannot be read as rules, routes or instruments is compared as text.
"""

from __future__ import annotations

from generators.comparison.changes import Change, ChangeSet, compare_artifacts
from generators.comparison.facts.fact import Fact, Facts
from generators.comparison.facts.reading import read_facts
from generators.comparison.impact import Impact

__all__ = ["Change", "ChangeSet", "Fact", "Facts", "Impact", "compare_artifacts", "read_facts"]
