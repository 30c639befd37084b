"""What all shapes share: strictness, and the named texts whose grammar is read later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic_core import CoreSchema


class Shape(BaseModel):
    """A mapping with known keys; every attribute's docstring is its description in the editors' schema."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        strict=True,
    )
    short: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """What people write in place of the mapping, as patterns, and the key that it is the value of."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is written, apart from what it says: what a field says is the docstring of the field.

    ``free`` tells that a number in quotes may be such a text.
    """

    words: str
    free: bool = False

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe the text where the field does not."""
        return {**handler(schema), "description": self.words}


Name: TypeAlias = Annotated[
    str, Field(pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"), Form("A DNS label: a-z, 0-9 and `-`.", free=True)
]
Identifier: TypeAlias = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$"), Form("A name in snake_case: a-z, 0-9 and `_`, a letter first.")
]
AlertName: TypeAlias = Annotated[
    str, Field(pattern=r"^[A-Z][A-Za-z0-9]{1,62}$"), Form("An alert name in CamelCase: letters and digits only.")
]
LabelName: TypeAlias = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$"), Form("A label of Prometheus: a-z, 0-9 and `_`, a letter first.")
]
AttributeKey: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9]*([._][a-z0-9]+)*$"),
    Form("An OpenTelemetry name: words of a-z and 0-9, joined by `.` or `_`."),
]
FeatureName: TypeAlias = Annotated[
    str,
    Field(pattern=r"^[^\s.\x00-\x1f\x7f]([^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?$"),
    Form(
        "The name that the data have for it, such as `V1` or `Annual Income (k$)`: up to 128 characters in one line, "
        "the first of them no dot.",
        free=True,
    ),
]
Text: TypeAlias = Annotated[
    str,
    Field(min_length=1, max_length=10_000),
    Form("Free text, up to 10,000 characters; it is escaped wherever it is shown.", free=True),
]
DurationText: TypeAlias = Annotated[
    str, Field(examples=["30s", "5m", "1h30m", "30d"]), Form("A duration: `30s`, `5m`, `1h30m`, `30d`.")
]
QuantityText: TypeAlias = Annotated[
    str | int | float,
    Field(examples=["0.05 USD", "500ms", "80%", "12/s", "512MiB", 20000]),
    Form("A number with its unit: `0.05 USD`, `500ms`, `80%`, `12/s`, `512MiB`, or a bare number."),
]
ComparisonText: TypeAlias = Annotated[
    str | int | float,
    Field(examples=["< 20000", ">= 80%"]),
    Form("A comparison with a quantity: `< 20000`, `>= 80%`."),
]
PromQLText: TypeAlias = Annotated[
    str,
    Field(min_length=1),
    Form(
        "PromQL. `$name` reads a metric, tile or measure declared by this spec or its packs; "
        "`$by` is the list of identity labels."
    ),
]
UnitText: TypeAlias = Annotated[
    str,
    Field(examples=["s", "1", "By", "{request}", "{USD}"]),
    Form(
        "A unit in UCUM, currencies in braces; `{currency}` is that of the model's price list, `{target}` the unit of "
        "what it predicts."
    ),
]
PinnedInstall: TypeAlias = Annotated[
    str,
    Field(
        pattern=r"^(https://[A-Za-z0-9][A-Za-z0-9.:-]*/([A-Za-z0-9._~%+-]+/)*watchspec-[A-Za-z0-9._+-]+\.whl#sha256=[0-9a-f]{64}"
        r"|git\+(https|ssh)://(git@)?[A-Za-z0-9][A-Za-z0-9.:-]*/[A-Za-z0-9._~%/+-]+@[0-9a-f]{40})$"
    ),
    Form(
        "A wheel with its hash, `https://HOST/PATH/watchspec-0.1.0-py3-none-any.whl#sha256=HASH` (64 digits), "
        "or a commit of a repository, `git+https://HOST/PATH.git@COMMIT` (40 digits)."
    ),
]
Level: TypeAlias = Literal["info", "warning", "critical"]
Alerting: TypeAlias = Literal["lean", "standard", "thorough"]
Tier: TypeAlias = Literal["critical", "high", "medium", "low"]
