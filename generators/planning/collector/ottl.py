"""Text for the Collector's languages: nothing from a spec is ever read as code or as a variable."""

from __future__ import annotations

from collections.abc import Iterable


def literal(text: str) -> str:
    """Return text that the Collector takes as it is: a dollar sign would start the name of a variable."""
    return text.replace("$", "$$")


def quoted(text: str) -> str:
    """Return a string of OTTL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{literal(escaped)}"'


def attribute(owner: str, key: str) -> str:
    """Return the path of an attribute, such as ``span.attributes["model.name"]``."""
    return f"{owner}.attributes[{quoted(key)}]"


def listed(texts: Iterable[str]) -> str:
    """Return a list of strings."""
    return f"[{', '.join(quoted(text) for text in texts)}]"


def keep(owner: str, keys: Iterable[str]) -> str:
    """Return the statement that drops all other attributes."""
    return f"keep_keys({owner}, {listed(keys)})"


def equals(path: str, value: str) -> str:
    """Return the condition that a path has a value."""
    return f"{path} == {quoted(value)}"


def of_service(service: str, namespace: str) -> str:
    """Return the condition that telemetry comes from a service."""
    conditions = [equals(attribute("resource", "service.name"), service)]
    if namespace:
        conditions.append(equals(attribute("resource", "service.namespace"), namespace))
    return " and ".join(conditions)


def any_of(conditions: Iterable[str]) -> str:
    """Return the condition that one of several holds."""
    found = tuple(conditions)
    return f"({' or '.join(found)})" if len(found) > 1 else "".join(found)
