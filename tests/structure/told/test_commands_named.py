"""Every `partyline …` that a text or a sentence of the code names is a command that exists, with parts and options."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from cli.__main__ import COMMANDS
from cli.shared.command import Parts
from tests.structure.code import CHECKOUT, PRODUCT, files, tree
from tests.structure.told.test_readme import parser, parts

TEXTS = [*CHECKOUT.glob("*.md"), *CHECKOUT.glob("notes/*.md"), *CHECKOUT.glob("captures/*.md")]
TEXTS += CHECKOUT.glob(".github/**/*.*")
_QUOTED = re.compile(r"`partyline ([a-z][^`]*)`")
_LINE = re.compile(r"^ *(?:\.venv/bin/)?partyline ([a-z][^`\n]*)", re.MULTILINE)


def named(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in backticks, or on a line of a fenced block; comments left out."""
    fenced = "".join(text.split("```")[1::2])
    for line in _QUOTED.findall(text) + _LINE.findall(fenced):
        yield line.partition(" #")[0].split()


def wrong(words: list[str]) -> str:
    """Return what is wrong with a command line; "" for nothing."""
    name, *more = words
    if name not in COMMANDS:
        return f"no command {name!r}"
    if parts(name) and more and re.fullmatch(r"[a-z]+", more[0]) and more[0] not in parts(name):
        return f"{name} has no part {more[0]!r}"
    text = help_of(name, more)
    options = [option for word in more for option in re.findall(r"^\[?(--[\w-]+)", word)]
    return next((f"{name} has no option {option}" for option in options if option not in text), "")


def help_of(name: str, more: list[str]) -> str:
    below = [
        action.choices[more[0]].format_help()
        for action in parser(name)._actions
        if isinstance(action, Parts) and more and more[0] in action.choices
    ]
    return "".join([parser(name).format_help(), *below])


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: file.name)
def test_a_command_that_a_text_names_exists(file) -> None:
    assert [(words, why) for words in named(file.read_text()) if (why := wrong(words))] == []


def test_a_command_that_a_sentence_of_the_code_names_exists() -> None:
    """Above all a remedy: it must not send people to a command that is gone."""
    found = [
        (module, line, why)
        for module in files()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for line in _QUOTED.findall(node.value)
        if (why := wrong(line.split()))
    ]
    assert found == []


def test_a_command_that_the_page_names_exists() -> None:
    for file in CHECKOUT.glob("workers/dashboard/static/**/*.*"):
        if file.suffix in (".js", ".html"):
            lines = re.findall(r"[`>]partyline ([a-z][^`<$]*)", file.read_text())
            assert [(line, why) for line in lines if (why := wrong(line.split()))] == [], file.name


def test_a_module_that_a_text_runs_exists() -> None:
    for file in TEXTS:
        for name in re.findall(r"python -m ([\w.]+)", file.read_text()):
            if name.partition(".")[0] in PRODUCT:
                assert name in files() or f"{name}.__main__" in files(), f"{file.name}: python -m {name}"
