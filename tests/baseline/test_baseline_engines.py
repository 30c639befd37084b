"""Data are read from every kind of file, with the same profile; what cannot be read is a problem with a remedy."""

import gzip
import hashlib
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from baseline_world import NAMES, counted, frame, model
from hypothesis import given
from hypothesis import strategies as st

from generators.baseline import codes
from generators.baseline.document import About, document
from generators.baseline.engines import DataError
from generators.baseline.engines.duckdb import open_data
from generators.baseline.profile import Profile
from generators.baseline.profiling import profile
from generators.baseline.roles import assign
from generators.baseline.sql import DUCKDB, SPARK, Column, Infix, Literal, Query

duckdb = pytest.importorskip("duckdb")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The usual data as files of every kind."""
    folder = tmp_path_factory.mktemp("data")
    connection = duckdb.connect()
    connection.register("given_rows", frame())
    connection.execute("CREATE TABLE rows AS SELECT * FROM given_rows")
    connection.execute(f"COPY rows TO '{folder}/rows.parquet'")
    connection.execute(f"COPY rows TO '{folder}/rows.csv' (HEADER)")
    connection.execute(f"COPY (FROM rows WHERE row < 1000) TO '{folder}/part-1.parquet'")
    connection.execute(f"COPY (FROM rows WHERE row >= 1000) TO '{folder}/part-2.parquet'")
    connection.execute(f"COPY rows TO '{folder}/rows.ndjson'")
    connection.execute(f"ATTACH '{folder}/rows.duckdb' AS kept; CREATE TABLE kept.loans AS FROM rows; DETACH kept")
    with gzip.open(folder / "rows.csv.gz", "wb") as packed:
        packed.write((folder / "rows.csv").read_bytes())
    return folder


SOME = replace(NAMES, key="")


def profile_of(data: str) -> Profile:
    table = open_data(data, threads=1)
    roles, missing = assign(model(), table.columns, SOME)
    assert missing == ()
    return profile(table, model(), roles)


def without_origin(found: Profile) -> str:
    """The document of data, without what says where they are from."""
    lines = document(found, model(), {}, About("1", "x")).splitlines()
    return "\n".join(line for line in lines if not line.startswith(("    content:", "    query:")))


@cache
def expected() -> str:
    return without_origin(counted(frame(), SOME)[0])


KINDS = [
    "rows.parquet",
    "rows.csv",
    "rows.csv.gz",
    "rows.ndjson",
    "part-*.parquet",
    "rows.duckdb::loans",
    "rows.duckdb::main.loans",
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_has_the_profile_of_the_rows_in_memory(kind: str, files: Path) -> None:
    assert without_origin(profile_of(f"{files}/{kind}")) == expected()


def test_the_fingerprint_is_that_of_sha256sum_and_does_not_depend_on_the_name(files: Path, tmp_path: Path) -> None:
    data = (files / "rows.parquet").read_bytes()
    (tmp_path / "other.parquet").write_bytes(data)
    assert open_data(f"{tmp_path}/other.parquet").content == hashlib.sha256(data).hexdigest()
    assert open_data(f"{files}/part-*.parquet").content != open_data(f"{files}/rows.parquet").content


def refused(data: str) -> DataError:
    with pytest.raises(DataError) as caught:
        open_data(data)
    assert caught.value.help
    return caught.value


def test_what_cannot_be_read_says_why_and_what_to_do(files: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_text("no parquet")
    (tmp_path / "notes.docx").write_text("words")
    (tmp_path / "some.csv").write_text("a\n1\n")
    (tmp_path / "some.parquet").write_bytes((files / "rows.parquet").read_bytes())
    (tmp_path / "rows.db").write_text("")
    assert refused(f"{tmp_path}/none.parquet").kind is codes.NO_SUCH_DATA
    assert refused(f"{tmp_path}/*.gz").kind is codes.NO_SUCH_DATA
    assert refused(f"{tmp_path}/none.db::loans").kind is codes.NO_SUCH_DATA
    assert refused(f"{tmp_path}/broken.parquet").kind is codes.UNREADABLE
    assert "docx" in str(refused(f"{tmp_path}/notes.docx"))
    assert "several kinds" in str(refused(f"{tmp_path}/some.*"))
    assert "no such table" in str(refused(f"{files}/rows.duckdb::nothing")) or "nothing" in str(
        refused(f"{files}/rows.duckdb::nothing")
    )


def test_without_duckdb_the_message_is_the_command_that_installs_it(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    error = refused(f"{files}/rows.parquet")
    assert error.kind is codes.NOT_INSTALLED
    assert "pip install" in error.help


def test_an_extension_that_is_not_there_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    (tmp_path / "rows.db").write_text("")
    installed = duckdb.connect().execute(
        "SELECT count(*) FROM duckdb_extensions() WHERE extension_name = 'sqlite_scanner' AND installed"
    )
    error = refused(f"{tmp_path}/rows.db::loans")
    assert "sqlite" in f"{error} {error.help}" or installed.fetchone()[0]


def test_pandas_and_arrow_are_read_where_they_are_installed() -> None:
    pandas, arrow = pytest.importorskip("pandas"), pytest.importorskip("pyarrow")
    from generators.baseline.engines.duckdb import open_frame

    data = frame(500)
    plain = counted(data)[0]
    for each in (pandas.DataFrame(data), arrow.table(data)):
        table = open_frame(each)
        roles, missing = assign(model(), table.columns, NAMES)
        assert missing == ()
        assert (
            profile(table, model(), roles).features["debts"].counts.tolist() == plain.features["debts"].counts.tolist()
        )


@cache
def one_row() -> Any:
    connection = duckdb.connect()
    connection.register("rows", {"x": np.array([1])})
    return connection


def echoed(value: str | float) -> Any:
    return one_row().execute(DUCKDB.print(Query((("same", Literal(value)),), "rows"))).fetchone()[0]


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20))
def test_any_text_comes_back_as_it_was_given(value: str) -> None:
    """No text ends its literal or its name early; DuckDB itself is asked."""
    assert echoed(value) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_double_comes_back_as_it_was_given(value: float) -> None:
    assert echoed(value) == value


def test_dialects_write_texts_and_names_as_their_engines_read_them() -> None:
    query = Query((("a", Infix("=", Column('x"`'), Literal("it's \\n"))),), "rows")
    assert DUCKDB.print(query) == """SELECT ("x""`" = 'it''s \\n') AS "watchspec_a" FROM "rows\""""
    assert SPARK.print(query) == """SELECT (`x"``` = 'it\\'s \\\\n') AS `watchspec_a` FROM `rows`"""
