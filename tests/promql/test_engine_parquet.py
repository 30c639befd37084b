"""Series from Parquet, in the types that other programs write; needs pyarrow, which is no dependency of ours."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generators.promql.engine.series.files import read_data

pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

SECONDS = [0.0, 60.0, 120.0]
VALUES = [1.0, 2.0, 3.0]
NAMES = ["x", "x", "x"]


def written(path: Path, **columns: Any) -> Path:
    parquet.write_table(pyarrow.table({"timestamp": SECONDS, "value": VALUES, "__name__": NAMES, **columns}), path)
    return path


def series(path: Path) -> dict[str, tuple[list[int], list[float]]]:
    storage, problems = read_data(path)
    assert not problems
    assert storage is not None
    return {
        ",".join(f"{name}={value}" for name, value in each.labels): (each.timestamps.tolist(), each.values.tolist())
        for each in storage
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.parquet"


@pytest.mark.parametrize(
    "times",
    [
        [0, 60, 120],
        pyarrow.array([0, 60_000, 120_000], pyarrow.timestamp("ms", "UTC")),
        pyarrow.array([0, 60_000, 120_000], pyarrow.timestamp("ms", "Europe/Berlin")),
        pyarrow.array([0, 60_000_000, 120_000_000], pyarrow.timestamp("us")),
        pyarrow.array([1, 60_000_000_001, 120_000_000_001], pyarrow.timestamp("ns")),
        ["1970-01-01T00:00:00Z", "1970-01-01T01:01:00+01:00", "120"],
    ],
)
def test_times_come_in_many_types(times: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert series(written(path, timestamp=times)) == {"__name__=x": ([0, 60_000, 120_000], VALUES)}


def test_a_date_is_its_first_moment(path: Path) -> None:
    days = [date(1970, 1, 1), date(1970, 1, 2), date(1970, 1, 3)]
    assert series(written(path, timestamp=days))["__name__=x"][0] == [0, 86_400_000, 172_800_000]


@pytest.mark.parametrize("values", [[1, 2, 3], [Decimal(1), Decimal(2), Decimal(3)], ["1", "2", "3e0"]])
def test_values_come_in_many_types(values: Any, path: Path) -> None:
    assert series(written(path, value=values))["__name__=x"][1] == VALUES


@pytest.mark.parametrize(
    ("label", "texts"),
    [
        (["a", "", None], ["l=a", "", ""]),
        (pyarrow.array(["a", "b", "a"]).dictionary_encode(), ["l=a", "l=b", "l=a"]),
        ([0, 1, None], ["l=0", "l=1", ""]),
        ([False, True, None], ["l=false", "l=true", ""]),
        ([0.5, float("inf"), 3.0], ["l=0.5", "l=+Inf", "l=3"]),
        ([b"a", b"b", b"c"], ["l=a", "l=b", "l=c"]),
    ],
)
def test_labels_are_written_as_prometheus_would(label: Any, texts: list[str], path: Path) -> None:
    assert list(series(written(path, l=label))) == [
        ",".join(filter(None, ("__name__=x", text))) for text in dict.fromkeys(texts)
    ]


def test_rows_may_come_in_any_order(path: Path) -> None:
    found = series(written(path, timestamp=[120, 0, 60], job=["a", "b", "a"]))
    assert found == {"__name__=x,job=a": ([60_000, 120_000], [3.0, 1.0]), "__name__=x,job=b": ([0], [2.0])}


def test_a_file_without_rows_has_no_series(path: Path) -> None:
    nothing = pyarrow.array([], pyarrow.float64())
    parquet.write_table(pyarrow.table({"timestamp": nothing, "value": nothing, "job": nothing}), path)
    assert series(path) == {}


def test_row_groups_are_put_together(path: Path) -> None:
    table = pyarrow.table({"timestamp": SECONDS, "value": VALUES, "job": ["a", "b", "a"]})
    parquet.write_table(table, path, row_group_size=1)
    assert series(path) == {"job=a": ([0, 120_000], [1.0, 3.0]), "job=b": ([60_000], [2.0])}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"timestamp": [0.0, None, 1.0]}, "row 2: the time or the value is null"),
        ({"value": [0.0, 1.0, None]}, "row 3: the time or the value is null"),
        ({"timestamp": [0.0, float("inf"), 1.0]}, "row 2: inf is no time"),
        ({"timestamp": [0.0, 1e300, 1.0]}, "row 2: 1e+300 is no time"),
        ({"timestamp": ["0", "never", "1"]}, "row 2: 'never' is no time"),
        ({"value": ["0", "1", "much"]}, "row 3: 'much' is no number"),
        ({"value": [[1.0], [2.0], [3.0]]}, "cannot hold a number"),
        ({"tags": [["a"], [], None]}, "label `tags` cannot be of type list"),
        ({"l": [b"\xff", b"", b"a"]}, "label `l` has a value that is not UTF-8"),
    ],
)
def test_wrong_columns_are_told_with_their_row(columns: dict[str, Any], message: str, path: Path) -> None:
    storage, problems = read_data(written(path, **columns))
    assert storage is None
    assert message in problems[0].message
    assert problems[0].help


@pytest.mark.parametrize("data", [b"", b"PAR1 no", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_no_parquet_is_told(data: bytes, path: Path) -> None:
    path.write_bytes(data)
    storage, problems = read_data(path)
    assert storage is None
    assert "a.parquet cannot be read" in problems[0].message


def test_columns_may_not_be_missing_or_doubled(path: Path) -> None:
    parquet.write_table(pyarrow.table({"time": SECONDS, "value": VALUES}), path)
    assert "no column timestamp" in read_data(path)[1][0].message
    doubled = pyarrow.Table.from_arrays([pyarrow.array(SECONDS)] * 3, names=["timestamp", "value", "value"])
    parquet.write_table(doubled, path)
    assert "cannot be read" in read_data(path)[1][0].message
