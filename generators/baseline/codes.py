"""Codes of what can be wrong with data (N): no engine, no data, or data that a profile should not be made of."""

from __future__ import annotations

from typing import Final

from generators.diagnostics import Code

NOT_INSTALLED = Code(
    "N900",
    "What reads the data is not installed",
    "Data are read by DuckDB, which `watchspec` alone does not need.",
    "pip install watchspec",
    "pip install 'watchspec[baseline]'",
)
UNREADABLE = Code(
    "N901",
    "Data cannot be read",
    "The file is not what its name says, or the engine failed at it; the message is the engine's.",
    "--data notes.docx",
    "--data train.parquet",
)
NO_SUCH_DATA = Code(
    "N902",
    "No such data",
    "There is no file by that name, or the glob names none.",
    "--data trian.parquet",
    "--data 'train/*.parquet'",
)
MISSING_COLUMN = Code(
    "N903",
    "A column is missing",
    "Each feature that is counted, and each column that an option names, is a column of the data. Its name is "
    "the feature's, apart from case and from what stands between words: `Mean radius` is `mean_radius`.",
    "radius,texture",
    "mean_radius,mean_texture",
)
OTHER_TYPE = Code(
    "N904",
    "Values of another type",
    "A number is expected, and some values are none, or a column is of a type that has no values to count. "
    "Accepted, they count as invalid.",
    "12.5, 13.1, unknown",
    "12.5, 13.1,",
)
EMPTY = Code(
    "N905",
    "A column is empty",
    "All its values are missing, so that it has no distribution.",
    "age\\n\\n\\n",
    "age\\n41\\n37",
)
CONSTANT = Code(
    "N906",
    "A feature is constant",
    "One value says nothing about what is usual; a model learns nothing of it either. Often a join failed.",
    "0, 0, 0, 0",
    "0, 1, 0, 4",
)
INFINITE = Code(
    "N907",
    "Infinite values",
    "They have no place among numbers, and usually come from a division by zero. Accepted, they count as invalid.",
    "1.5, inf, 2.5",
    "1.5, , 2.5",
)
UNLISTED = Code(
    "N908",
    "Values that the spec does not list",
    "A category has a bin for each value that the spec lists. Very many others are often an identifier or "
    "free text, which has no distribution. Accepted, they count as unseen.",
    "values: [basic, pro]  # the data have `plus`, too",
    "values: [basic, plus, pro]",
)
REPEATED = Code(
    "N909",
    "Rows that are there twice",
    "The column that `--id` names is to be different in every row; rows that a join doubled count twice.",
    "id: 7, 7, 8",
    "id: 7, 8, 9",
)
TOO_FEW = Code(
    "N910",
    "Too few rows",
    "Sixteen bins need a hundred rows; the distribution of a statistic over windows needs twenty windows with "
    "fifty values each.",
    "--windows 7d  # of four weeks of data",
    "--windows 1h,6h",
)
NO_CLASS = Code(
    "N911",
    "Labels or predictions that are no class",
    "They are compared with the classes of the spec as texts. `--classes` says what a code stands for. "
    "Accepted, rows with others are left out.",
    "--label target  # 0 and 1",
    "--label target --classes 0=benign,1=malignant",
)
WRONG_TIME = Code(
    "N912",
    "Times that cannot be",
    "Some rows have no time, or one that is still to come; often the unit or the time zone is wrong. "
    "Accepted, rows without a time count everywhere but in windows.",
    "2062-01-01",
    "2026-01-01",
)
OUT_OF_RANGE = Code(
    "N913",
    "Values outside of the range",
    "The spec says which numbers are plausible, and the reference data have others; scores are between 0 and "
    "1. One of the two is wrong.",
    "range: [0, 120]  # the data reach 999",
    "range: [0, 120]  # 999 was a code for missing, and is empty now",
)
NOTHING_TO_COMPARE = Code(
    "N914",
    "Nothing to compare with",
    "The model has no baseline, or the two baselines are not of one model.",
    "watchspec drift churn --data today.parquet",
    "watchspec baseline churn --data train.parquet",
)

ACCEPTABLE: Final = {
    each.id: each
    for each in (OTHER_TYPE, EMPTY, CONSTANT, INFINITE, UNLISTED, REPEATED, TOO_FEW, NO_CLASS, WRONG_TIME, OUT_OF_RANGE)
}
"""What `--accept` may name."""
