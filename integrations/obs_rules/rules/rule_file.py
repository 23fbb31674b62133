"""Reads a rule file's text. Whatever is wrong is told with line and key. No I/O."""

from __future__ import annotations

import re
import tomllib

import msgspec

from common.basic.values import refusal
from common.errors import PartylineError
from integrations.client.member_voices import NOBODY
from integrations.obs_rules.rules.line_numbers import Step, line_of, steps
from integrations.obs_rules.rules.model import RuleSet

REMEDY = "Correct the rule file. `partyline integration obs_rules --check` tells whether it is right."


class RuleFileError(PartylineError):
    """The rule file cannot be used."""

    code = "obs_rules.file"


def read(text: str, place: str) -> RuleSet:
    """Return the rules of a file's `text`. Raises `RuleFileError`, which names the `place`, the line and the key."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:  # its words name the line
        raise RuleFileError(f"{place} is not valid TOML: {error}.", REMEDY) from error
    try:
        rules = msgspec.convert(data, RuleSet)
    except msgspec.ValidationError as error:
        path = steps(str(error).rpartition(" - at `")[2].rstrip("`")) if " - at `" in str(error) else ()
        raise _wrong(text, place, (*path, *_unknown(error)), refusal(error)) from error
    for path, why in _contradictions(rules):
        raise _wrong(text, place, path, why)
    return rules


def _unknown(error: msgspec.ValidationError) -> tuple[Step, ...]:
    """Return the key that msgspec does not know, which its path lacks."""
    before, _, after = str(error).partition("unknown field `")
    return (after.partition("`")[0],) if before != str(error) else ()


def _wrong(text: str, place: str, path: tuple[Step, ...], why: str) -> RuleFileError:
    counted = re.sub(r"\brule\[(\d+)\]", lambda match: f"rule {int(match[1]) + 1}", why)  # people count from 1
    return RuleFileError(f"{place}, line {line_of(text, path)}: {counted}.", REMEDY)


def _contradictions(rules: RuleSet) -> list[tuple[tuple[Step, ...], str]]:
    """Return what types cannot say: where, and why it is wrong."""
    found: list[tuple[tuple[Step, ...], str]] = []
    for number, rule in enumerate(rules.rule):
        at: tuple[Step, ...] = ("rule", number)
        if not rule.people:
            found.append(((*at, "who"), "who: names nobody (to mean silence, write `nobody`)"))
        if rule.is_nobody and len(rule.people) > 1:
            found.append(((*at, "who"), "who: `nobody` stands alone"))
        if not any(rule.effects()):
            found.append((at, "this rule does nothing. Give it show, hide, enable, disable, text, scene or preview"))
    used = {rule.exclusive for rule in rules.rule}
    found += [
        (("exclusive", name), f"exclusive.{name}: no rule has `exclusive = {name!r}`")
        for name in rules.exclusive
        if name not in used
    ]
    if NOBODY in rules.exclusive:  # nothing is wrong with it, but it reads like the person
        found.append((("exclusive", NOBODY), "exclusive.nobody: choose another word, since `nobody` means silence"))
    return found
