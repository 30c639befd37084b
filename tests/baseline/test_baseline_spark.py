"""Spark counts what DuckDB counts: the documents of both are the same bytes. `make spark`, which needs Java."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from baseline_world import NAMES, frame, model

from generators.baseline.document import About, document, windows
from generators.baseline.engines import DataError, Table, duckdb, spark
from generators.baseline.profiling import profile
from generators.baseline.roles import Names, assign

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.sql.adaptive.enabled": "false",
    }
    builder = SparkSession.builder.master("local[1]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    started = builder.getOrCreate()
    started.sparkContext.setLogLevel("ERROR")
    yield started
    started.stop()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    import duckdb as library

    data = frame(2000)
    data["plan"] = np.where(data["row"] % 97 == 0, 'it\'s \\ "odd"', data["plan"])
    data["debts"] = np.where(data["row"] % 53 == 0, np.inf, data["debts"])
    connection = library.connect()
    connection.register("given_rows", data)
    connection.execute("CREATE TABLE rows AS FROM given_rows")
    connection.execute(f"COPY rows TO '{folder}/rows.parquet'; COPY rows TO '{folder}/rows.csv' (HEADER)")
    return folder


def text_of(table: Table, names: Names, features: tuple[str, ...]) -> str:
    roles, missing = assign(model(), table.columns, names, features)
    assert missing == ()
    found = profile(table, model(), replace(roles, segments={}))
    return document(found, model(), windows(found, ("1d",)), About("1", "x"))


CASES = {
    "numbers, labels and entities": (replace(NAMES, time=""), ("debts",), "parquet"),
    "categories and truth": (Names(), ("plan", "employed"), "parquet"),
    "times": (Names(time="at"), ("income",), "parquet"),
    "texts of a file": (Names(time="at"), ("debts", "employed"), "csv"),
}


@pytest.mark.parametrize("case", CASES)
def test_both_engines_write_the_same_bytes(case: str, files: Path, session: Any) -> None:
    names, features, kind = CASES[case]
    data = f"{files}/rows.{kind}"
    assert text_of(spark.open_data(data, session), names, features) == text_of(duckdb.open_data(data), names, features)


def test_a_table_of_the_catalogue_is_read_and_its_rows_have_a_fingerprint(files: Path, session: Any) -> None:
    session.read.parquet(f"{files}/rows.parquet").createOrReplaceTempView("loans")
    table = spark.open_data("catalog::loans", session)
    assert len(table.content) == 64
    shuffled = session.table("loans").orderBy("debts")
    shuffled.createOrReplaceTempView("sorted_loans")
    assert spark.open_data("catalog::sorted_loans", session).content == table.content


def test_what_spark_cannot_read_is_an_error_with_a_remedy(session: Any) -> None:
    for data in ("catalog::nothing", "/nowhere/rows.parquet"):
        with pytest.raises(DataError) as caught:
            spark.open_data(data, session)
        assert caught.value.help
