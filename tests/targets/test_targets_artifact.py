from __future__ import annotations

import hashlib
import pickle

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.artifact import Artifact

TEXTS = st.builds(lambda text, times: text * times, st.text(st.characters(exclude_categories=())), st.integers(0, 3000))


@settings(derandomize=True, deadline=None)
@given(TEXTS)
def test_a_text_comes_back_as_it_was_however_large_and_across_processes(text: str) -> None:
    kept = Artifact("a", text, ("specs/a.yaml",))
    assert kept.text == text
    assert pickle.loads(pickle.dumps(kept)) == kept  # noqa: S301 - our own


@settings(derandomize=True, deadline=None)
@given(st.builds(lambda text, times: text * times, st.text(), st.integers(0, 3000)))
def test_size_and_digest_are_those_of_the_file(text: str) -> None:
    kept = Artifact("a", text, ())
    assert kept.data == text.encode()
    assert (kept.size, kept.sha256) == (len(kept.data), hashlib.sha256(kept.data).hexdigest())


def test_a_large_text_takes_a_fraction_of_its_size() -> None:
    assert len(Artifact("a", "- alert: LatencyBurn\n" * 10_000, ()).packed) < 10_000
