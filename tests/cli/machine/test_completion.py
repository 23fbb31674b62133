"""The completion scripts: every command is in them, and the shells take them."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from cli.__main__ import COMMANDS
from cli.machine.completion import script


@pytest.mark.parametrize("shell", ["zsh", "bash", "tcsh"])
def test_a_shell_takes_its_script_which_has_every_command(shell, tmp_path):
    text = script(shell)
    assert [name for name in COMMANDS if name not in text] == []
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    file = tmp_path / "script"
    file.write_text(text)
    done = subprocess.run([shell, "-n", file], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_bash_completes_commands_parts_and_options(tmp_path):
    file = tmp_path / "script"
    file.write_text(script("bash"))
    for words, wanted in ((["partyline", "conf"], "config"), (["partyline", "config", "se"], "set"),
                          (["partyline", "logs", "--fol"], "--follow")):  # fmt: skip
        quoted = " ".join(words)
        ask = (
            f"source {file}; COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; "
            "_shtab_partyline; echo ${COMPREPLY[@]}"
        )
        done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=30, check=False)
        assert wanted in done.stdout.split(), done.stderr
