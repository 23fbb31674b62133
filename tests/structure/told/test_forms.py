"""The forms for issues warn of secrets first; `test_commands_named` reads what they ask for."""

from __future__ import annotations

import re

import pytest

from tests.structure.code import CHECKOUT

FORMS = sorted(file for file in CHECKOUT.glob(".github/ISSUE_TEMPLATE/*.yml") if file.name != "config.yml")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_warns_of_secrets_first_and_asks_for_a_look_last(form):
    text = form.read_text()
    blocks = re.split(r"^  - type: ", text.split("\nbody:\n")[1], flags=re.MULTILINE)[1:]
    assert blocks[0].startswith("markdown")
    assert "**Never paste secrets" in blocks[0]
    assert "NPSSO" in blocks[0]
    assert blocks[-1].startswith("checkboxes")
    assert "required: true" in blocks[-1]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_a_form_is_one_that_github_takes(form):
    """What it wants: name, description and body; each question an id of its own and a label."""
    text = form.read_text()
    assert "\t" not in text
    assert all(re.search(rf"^{key}:", text, re.MULTILINE) for key in ("name", "description", "body"))
    blocks = re.split(r"^  - type: ", text, flags=re.MULTILINE)[1:]
    asked = [block for block in blocks if not block.startswith("markdown")]
    ids = [re.search(r"^    id: (\w+)$", block, re.MULTILINE)[1] for block in asked]
    assert len(set(ids)) == len(ids) > 2
    assert all(re.search(r"^      label: \S", block, re.MULTILINE) for block in asked)


@pytest.mark.parametrize("text", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_is_named_exists(text):
    names = re.findall(r"`((?:common|workers|captures|tests|notes|cli)/[\w./*-]*)`", (CHECKOUT / text).read_text())
    links = re.findall(r"\]\((?!https?:)([^)#]+)", (CHECKOUT / text).read_text())
    assert [name for name in [*names, *links] if not list(CHECKOUT.glob(name.rstrip("/")))] == []
