"""What ``lint rules`` looks at."""

from __future__ import annotations

import argparse
from collections.abc import Container, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from generators.cli.console import GREEN, Console
from generators.cli.input_files import UnreadableError, read_text
from generators.cli.profile_options import add_profile_arguments, profile_of
from generators.cli.reporting import as_data, count, of_rules, report
from generators.cli.tables import plural
from generators.diagnostics import Problem, Severity
from generators.promql.rules.file import read_rules
from generators.promql.rules.promtool import Exit, exit_code

if TYPE_CHECKING:
    from generators.promql.profiles import Profile
    from generators.promql.rules.lint import Catalogue
    from generators.promql.rules.model import RuleFile
    from generators.promql.rules.problems import RuleProblem

SUMMARY = "Rule files: all that promtool checks, and mistakes that load without complaint and fail at night."
PROMTOOL: Final = "promtool"
ALL: Final = "all"
LEVELS: Final = tuple(severity.value for severity in Severity)
"""Severities, the worst first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    group = parser.add_argument_group("rules")
    checks = f"`{PROMTOOL}` for its checks alone, `{ALL}`, or ids such as short-for,regex (default: {ALL})"
    group.add_argument("--checks", metavar="CHECKS", default=ALL, help=checks)
    level = "the mildest findings that count and are shown (default: warning)"
    group.add_argument("--level", choices=LEVELS, default=Severity.WARNING.value, help=level)
    fatal = f"with --checks {PROMTOOL}: exit 3 for duplicate rules, as promtool does"
    group.add_argument("--lint-fatal", action="store_true", help=fatal)
    group.add_argument("--ignore-unknown-fields", action="store_true", help="let keys pass that Prometheus refuses")
    catalogue = "what is known of metrics: JSON, own or of Prometheus' /api/v1/metadata"
    group.add_argument("--catalogue", metavar="FILE", help=catalogue)
    group.add_argument("--instruments", metavar="DIR", help="the same from rendered/instruments")
    otlp = 'metrics come by OTLP, so that bounds are stored as le="1", not "1.0" (implied by --instruments)'
    group.add_argument("--otlp", action="store_true", help=otlp)
    ended = "report suppressions that ended before this day (default: none has)"
    group.add_argument("--today", metavar="DATE", type=date.fromisoformat, help=ended)
    add_profile_arguments(group)


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to check, for which Prometheus."""

    profile: Profile
    ignore_unknown: bool
    checks: frozenset[str] | None
    """Ids of checks; empty for promtool's alone, None for all."""
    catalogue: Catalogue | None
    otlp: bool
    today: date | None

    @property
    def only_promtool(self) -> bool:
        """Whether promtool's checks are all that is wanted."""
        return self.checks is not None and not self.checks


@dataclass(slots=True)
class _Found:
    """What came of all files."""

    raw: list[RuleProblem] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    rules: int = 0
    milder: int = 0
    """Findings below the level that was asked for."""

    def leave_out(self, ignored: Container[str], level: str) -> None:
        """Drop findings of some codes, and count and drop those that are milder than a level."""
        self.raw = [each for each in self.raw if each.code not in ignored]
        asked = [each for each in self.problems if each.code not in ignored]
        shown = LEVELS[: LEVELS.index(level) + 1]
        self.problems = [each for each in asked if each.severity in shown]
        self.milder = len(asked) - len(self.problems)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Check every file and report what was found, all together."""
    try:
        choice = _choice(arguments)
    except ValueError as error:
        return console.fail(str(error), code=2)
    found = _Found()
    for name in arguments.files:
        console.progress(f"checking {name}")
        _look_at(name, choice, found)
    found.leave_out(arguments.ignore, arguments.level)
    for message in found.unreadable:
        console.fail(message)
    code = _exit_code(found, choice, arguments)
    if console.json:
        counts = {"files": len(found.sources), "rules": found.rules, "milder": found.milder}
        fields = {"unreadable": found.unreadable, "problems": as_data(found.problems)}
        console.data({"ok": not code, **counts, **fields})
        return code
    report(found.problems, found.sources, console)
    if not code and not found.problems:
        console.say(console.paint(f"ok: {plural(found.rules, 'rule')} in {plural(len(found.sources), 'file')}", GREEN))
    if found.milder and console.format == "text":
        console.say(f"{plural(found.milder, 'finding')} below `{arguments.level}`; --level info shows all")
    return code


def _choice(arguments: argparse.Namespace) -> _Choice:
    """Return what the options choose; raises ValueError."""
    named = arguments.checks.split(",")
    checks: frozenset[str] | None = None if ALL in named else frozenset(named) - {PROMTOOL, ""}
    if checks:
        from generators.promql.rules.lint import all_checks  # noqa: PLC0415 - promtool's checks do without

        known = {check.id for check in all_checks()}
        unknown = sorted(checks - known)
        if unknown:
            raise ValueError(f"there is no check `{unknown[0]}`; there are {', '.join(sorted(known))}")
    return _Choice(
        profile_of(arguments),
        arguments.ignore_unknown_fields,
        checks,
        _catalogue(arguments),
        arguments.otlp or arguments.instruments is not None,
        arguments.today,
    )


def _catalogue(arguments: argparse.Namespace) -> Catalogue | None:
    if arguments.catalogue is None and arguments.instruments is None:
        return None
    from generators.cli.commands.lint.catalogues import join, of_instruments, read_catalogue  # noqa: PLC0415 - seldom wanted

    parts = []
    if arguments.catalogue is not None:
        parts.append(read_catalogue(arguments.catalogue))
    if arguments.instruments is not None:
        parts.append(of_instruments(arguments.instruments))
    return join(parts)


def _look_at(name: str, choice: _Choice, found: _Found) -> None:
    try:
        text = read_text(name)
    except UnreadableError as error:
        found.unreadable.append(str(error))
        return
    found.sources[name] = text
    rules, problems = _checked(text, name, choice)
    found.rules += rules
    found.raw += problems
    found.problems += of_rules(problems, name)


def _checked(text: str, name: str, choice: _Choice) -> tuple[int, tuple[RuleProblem, ...]]:
    """Return the number of sound rules in a text, and what is wrong there."""
    file, problems = read_rules(text, name, profile=choice.profile, ignore_unknown=choice.ignore_unknown)
    rules = 0 if file is None else sum(len(group.rules) for group in file.groups)
    if file is None or choice.only_promtool:
        return rules, problems
    return rules, (*problems, *_lint(file, text, choice))


def _lint(file: RuleFile, text: str, choice: _Choice) -> Iterator[RuleProblem]:
    """Yield what the chosen checks find beyond promtool's."""
    if not file.groups:
        from generators.promql.rules.reader import Yaml, nothing, read_yaml  # noqa: PLC0415 - seldom wanted

        yield from nothing(read_yaml(text)[0] or Yaml(), "groups")
    from generators.promql.rules.lint import Settings, lint  # noqa: PLC0415 - promtool's checks do without

    settings = Settings(integer_le_suffix=choice.profile.version >= (3, 0) and not choice.otlp)
    yield from lint(
        file, text=text, catalogue=choice.catalogue, settings=settings, today=choice.today, only=choice.checks
    )


def _exit_code(found: _Found, choice: _Choice, arguments: argparse.Namespace) -> int:
    if found.unreadable:
        return int(Exit.ERRORS)
    if choice.only_promtool:
        return int(exit_code(found.raw, lint_fatal=arguments.lint_fatal))
    failed = count(found.problems, Severity.ERROR) > 0
    return int(failed or (arguments.strict and count(found.problems, Severity.WARNING) > 0))
