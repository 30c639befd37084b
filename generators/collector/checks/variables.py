"""Variables of the environment: one that is not set is empty, in silence; only a secret may have no default."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generators.collector.view import View, leaves
from generators.diagnostics import Code, Finding, Severity

VARIABLE_WITHOUT_A_DEFAULT = Code(
    "C918",
    "Variable without a default",
    "A variable that is not set is empty, in silence.",
    "endpoint: ${env:GATEWAY}",
    "endpoint: ${env:GATEWAY:-gateway:4317}",
)

VARIABLE = re.compile(r"(?<!\$)\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)(:[-?][^}]*)?\}")
SECRETS = ("hmac_key", "token", "password", "client_secret")


def variables(view: View) -> Iterator[Finding]:
    """Yield variables that may be empty, and secrets that may be something else."""
    for path, value in leaves(view.document):
        if not isinstance(value, str):
            continue
        secret = bool(path) and path[-1] in SECRETS
        if path and path[-1] == "hmac_key":
            continue
        for name, default in VARIABLE.findall(value):
            if default.startswith(":?"):
                message = f"`${{{name}{default}}}` is shell: the Collector knows only `:-`"
                yield Finding(VARIABLE_WITHOUT_A_DEFAULT, message, path, f"write `${{env:{name}:-…}}`")
            elif not default and not secret:
                message = f"`{name}` may be unset, and is then empty without a word"
                yield Finding(
                    VARIABLE_WITHOUT_A_DEFAULT.as_(Severity.WARNING), message, path, f"write `${{env:{name}:-…}}`"
                )
