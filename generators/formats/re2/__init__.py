"""Regular expressions in RE2's dialect, as Go's ``regexp`` reads them, for Python's ``re``.

Prometheus, Alertmanager and the Collector are written in Go.  What Go refuses raises RegexError here, and what it
accepts matches the same texts, with the same groups; ``tools/re2`` asks Go itself.  Matching takes time linear in the
text in RE2 but not in ``re``: a pattern such as ``(a+)+b`` is slow on long texts.
"""

from generators.formats.re2.literals import literal_values
from generators.formats.re2.reader import RegexError
from generators.formats.re2.replacement import expand, has_references, literal_text
from generators.formats.re2.translation import compile_regex, group_names, search_regex, translate

__all__ = [
    "RegexError",
    "compile_regex",
    "expand",
    "group_names",
    "has_references",
    "literal_text",
    "literal_values",
    "search_regex",
    "translate",
]
