"""The rules in words, for `partyline integration obs_rules --check` and for the log. No I/O."""

from __future__ import annotations

from integrations.client.member_voices import NOBODY
from integrations.obs_rules.rules.model import PREVIEW, PROGRAM, Effect, Rule, RuleSet, Who


def explain(rules: RuleSet) -> list[str]:
    """Return a sentence or two for each rule, then what holds for all."""
    lines = [f"{number}. {_rule(rule)}" for number, rule in enumerate(rules.rule, 1)]
    groups: dict[str, list[str]] = {}
    for number, rule in enumerate(rules.rule, 1):
        if rule.exclusive:
            groups.setdefault(rule.exclusive, []).append(str(number))
    for name, members in groups.items():
        wins = rules.exclusive[name].wins if name in rules.exclusive else "latest"
        lines.append(f"Of the rules {_list(members)} (“{name}”) one holds at a time: {_wins(wins)}.")
    if any(effect.target in {PROGRAM, PREVIEW} for rule in rules.rule for effect in rule.effects()):
        scenes = rules.scenes
        lines.append(
            f"Where rules want different scenes, the highest priority wins, then {_wins(scenes.wins)}. "
            f"A scene that you choose by hand is left alone for {scenes.pause_s:g} s."
        )
        if scenes.when_on:
            chosen = _list([f"“{one}”" for one in scenes.when_on], "or")
            lines.append(f"The scene is switched only while the one that you chose last is {chosen}.")
    return lines


def _rule(rule: Rule) -> str:
    when = f"When {_who(rule)} for {rule.attack_s:g} s" if rule.attack_s else f"As soon as {_who(rule)}"
    does = ", ".join(_effect(effect) for effect in rule.effects())
    until = "somebody speaks" if rule.is_nobody else "the last word"
    name = f"{rule.name}: " if rule.name else ""
    return f"{name}{when}: {does}. Until {rule.hold_s:g} s after {until}, and for at least {rule.minimum_s:g} s."


def _who(rule: Rule) -> str:
    return f"{_list([_person(who) for who in rule.people], 'or')} speaks"


def _person(who: Who) -> str:
    if isinstance(who, int):
        return f"the person at place {who}"
    return {"others": "anyone but you", "me": "your own console", NOBODY: NOBODY}.get(who, who)


def _effect(effect: Effect) -> str:
    target = effect.target
    if target.kind == "text":
        return f"set {target} to “{effect.on}” (otherwise “{effect.off}”)"
    if target in {PROGRAM, PREVIEW}:
        return f"switch {target} to “{effect.on}”"
    if target.kind == "filter":
        return f"{'enable' if effect.on else 'disable'} {target}"
    return f"{'show' if effect.on else 'hide'} {target}"


def _wins(wins: str) -> str:
    return "who began to speak last" if wins == "latest" else "who is loudest"


def _list(words: list[str], last: str = "and") -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
