"""The command ``completion``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from generators.cli.console import Console
from generators.cli.parser import build_parser

FORMATS = ("text", "json")
_PROGRAM = "watchspec"
_UNSAFE = re.compile(r"[^A-Za-z0-9 .,;()/=_+-]")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare options."""
    parser.add_argument("shell", choices=tuple(_SCRIPTS), help="which shell")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the script."""
    script = _SCRIPTS[arguments.shell](commands(build_parser(complete=True)))
    if console.json:
        console.data({"shell": arguments.shell, "script": script})
    else:
        console.write(script)
    return 0


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its flags, what it says, and what may follow it; ``values`` None means that nothing follows."""

    flags: tuple[str, ...]
    help: str
    values: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Completed:
    """A command with its options, and the words that its first argument may be."""

    name: str
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...]


def commands(parser: argparse.ArgumentParser) -> tuple[Completed, ...]:
    """Return what can be completed of a parser with subcommands."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {each.dest: each.help or "" for each in action._choices_actions}
            return tuple(_completed(name, helps.get(name, ""), child) for name, child in action.choices.items())
    return ()


def _completed(name: str, help_: str, parser: argparse.ArgumentParser) -> Completed:
    actions = parser._actions
    options = tuple(_option(action) for action in actions if action.option_strings)
    words = next((tuple(map(str, each.choices)) for each in actions if not each.option_strings and each.choices), ())
    return Completed(name, _plain(help_), options, words)


def _option(action: argparse.Action) -> Option:
    values = None if action.nargs == 0 else tuple(map(str, action.choices or ()))
    return Option(tuple(action.option_strings), _plain(action.help or ""), values)


def _plain(text: str) -> str:
    """Return a help text without anything that a shell could take for more than text."""
    return _UNSAFE.sub("", text).strip()


# --- bash ----------------------------------------------------------------------------------------------------------


def bash(found: tuple[Completed, ...]) -> str:
    """Return a script for bash; what has no words of its own is completed as a file."""
    cases = "\n".join(f"    {each.name}) words={_quoted(_bash_words(each))} ;;" for each in found)
    values = "\n".join(
        f"    {_bash_pattern(each, option)}) words={_quoted(' '.join(option.values))} ;;"
        for each in found
        for option in each.options
        if option.values is not None
    )
    names = _quoted(" ".join(each.name for each in found))
    return f"""\
# bash completion of {_PROGRAM}; load it with: source <({_PROGRAM} completion bash)
_{_PROGRAM}() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" words="" index
  for ((index = 1; index < COMP_CWORD; index++)); do
    if [[ "${{COMP_WORDS[index]}}" != -* ]]; then command="${{COMP_WORDS[index]}}"; break; fi
  done
  if [[ -z "$command" ]]; then
    COMPREPLY=($(compgen -W {names} -- "$current"))
    return
  fi
  case "$command:$previous" in
{values}
    *) case "$command" in
{cases}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _{_PROGRAM} {_PROGRAM}
"""


def _bash_pattern(each: Completed, option: Option) -> str:
    return "|".join(f"{each.name}:{flag}" for flag in option.flags)


def _bash_words(each: Completed) -> str:
    return " ".join((*each.words, *(flag for option in each.options for flag in option.flags)))


def _quoted(text: str) -> str:
    return f'"{text}"'


# --- zsh -----------------------------------------------------------------------------------------------------------


def zsh(found: tuple[Completed, ...]) -> str:
    """Return a script for zsh."""
    names = "\n".join(f"    '{each.name}:{each.help}'" for each in found)
    cases = "\n".join(_zsh_case(each) for each in found)
    return f"""\
#compdef {_PROGRAM}
# zsh completion of {_PROGRAM}; put it into a folder of $fpath as _{_PROGRAM}
_{_PROGRAM}() {{
  local -a names
  names=(
{names}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' names
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
{cases}
  esac
}}
compdef _{_PROGRAM} {_PROGRAM}
"""


def _zsh_case(each: Completed) -> str:
    lines = [f"'{spec}'" for option in each.options for spec in _zsh_options(option)]
    lines.append(f"'1:argument:({' '.join(each.words)})'" if each.words else "'*:file:_files'")
    if each.words:
        lines.append("'*:name:_files'")
    body = " \\\n      ".join(lines)
    return f"    {each.name})\n      _arguments \\\n      {body} ;;"


def _zsh_options(option: Option) -> Iterator[str]:
    help_ = option.help.replace(":", "")
    tail = "" if option.values is None else f":value:({' '.join(option.values)})" if option.values else ":value:_files"
    return (f"{flag}[{help_}]{tail}" for flag in option.flags)


# --- fish ----------------------------------------------------------------------------------------------------------


def fish(found: tuple[Completed, ...]) -> str:
    """Return a script for fish."""
    lines = [f"# fish completion of {_PROGRAM}; load it with: {_PROGRAM} completion fish | source"]
    for each in found:
        lines.append(f"complete -c {_PROGRAM} -n __fish_use_subcommand -f -a {each.name} -d '{each.help}'")
    for each in found:
        condition = f"complete -c {_PROGRAM} -n '__fish_seen_subcommand_from {each.name}'"
        if each.words:
            lines.append(f"{condition} -a '{' '.join(each.words)}'")
        lines += [f"{condition} {_fish_option(option)}" for option in each.options]
    return "\n".join(lines) + "\n"


def _fish_option(option: Option) -> str:
    flags = (f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags)
    tail = "" if option.values is None else f" -x -a '{' '.join(option.values)}'" if option.values else " -r"
    return f"{' '.join(flags)}{tail} -d '{option.help}'"


_SCRIPTS: Final = {"bash": bash, "zsh": zsh, "fish": fish}
