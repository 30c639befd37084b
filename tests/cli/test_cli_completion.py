import re
import subprocess

import pytest

from generators.cli import main
from generators.cli.commands.completion import commands
from generators.cli.parser import COMMANDS, build_parser


def script(shell: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["completion", shell]) == 0
    return capsys.readouterr().out


def completed(text: str, *words: str) -> list[str]:
    line = " ".join(f"'{word}'" for word in words)
    program = (
        f"{text}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _watchspec; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_options_and_values(capsys):
    text = script("bash", capsys)
    assert completed(text, "watchspec", "") == list(COMMANDS)
    assert completed(text, "watchspec", "ren") == ["render"]
    assert "--exit-code" in completed(text, "watchspec", "diff", "--e")
    assert completed(text, "watchspec", "diff", "--format", "m") == ["markdown"]
    assert completed(text, "watchspec", "explain", "r") == ["rule", "route"]
    assert completed(text, "watchspec", "check", "--specs", "") == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_know_every_command_and_option(shell, capsys):
    text = script(shell, capsys)
    for command in commands(build_parser(complete=True)):
        assert re.search(rf"\b{command.name}\b", text)
        for option in command.options:
            flag = option.flags[-1]
            written = f"-{'l' if flag.startswith('--') else 's'} {flag.lstrip('-')}" if shell == "fish" else flag
            assert written in text
    assert text.count("'") % 2 == 0


def test_completion_names_the_shells_that_it_knows(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["completion", "tcsh"])
    assert stopped.value.code == 2
    assert "fish" in capsys.readouterr().err
