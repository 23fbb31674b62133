"""What partyline tells, and what the rules make of it: speech, levels, other rules, a connection that is lost."""

from __future__ import annotations

from typing import Any

from integrations.obs_rules.decide.engine import LOST_S
from integrations.obs_rules.party_listener import PartyListener
from integrations.obs_rules.rules.model import PROGRAM, Target
from integrations.obs_rules.rules.rule_file import read

SOURCE = Target("item", scene="G", source="X")
RULES = '[[rule]]\nwho = "Bo"\nshow = { scene = "G", source = "X" }\nattack_s = 0\nhold_s = 0\nminimum_s = 0\n'


def topics(*, speaking: bool, **desk: Any) -> dict[str, Any]:
    return {
        "party.state/": {"members": [
            {"account_id": "1", "platform": "PS5", "online_id": "Me", "is_me": True},
            {"account_id": "2", "platform": "PS5", "online_id": "Bo"},
        ]},
        "audio.mixer/": {"own_account": "2", "talkers": [{"peer": "2.PS5", **desk}]},
        "peer.speaking/2.PS5": {"speaking": speaking},
    }  # fmt: skip


async def test_it_decides_by_what_it_hears() -> None:
    looks: list[bool] = []
    listener = PartyListener(read(RULES, "f"), lambda: looks.append(True))
    assert listener.decide(0.0).is_over, "nothing is known yet"
    state = topics(speaking=False)
    listener.on_state(state)
    assert listener.decide(0.0).wanted == {SOURCE: False}
    state["peer.speaking/2.PS5"] = {"speaking": True}
    listener.on_event("peer.speaking/2.PS5", {"speaking": True})
    assert listener.decide(0.0).wanted == {SOURCE: True}
    listener.on_event("audio.levels/", {"talkers": {"2.PS5": -12.0}, "mix": -12.0})
    assert len(looks) == 2, "no rule asks how loud anybody is"
    listener.use(read(f'{RULES}exclusive = "e"\n[exclusive.e]\nwins = "loudest"\n', "f"))
    listener.on_event("audio.levels/", {"talkers": {"2.PS5": -12.0}, "mix": -12.0})
    listener.on_event("audio.levels/", None)
    assert len(looks) == 5
    assert listener.targets() == {SOURCE: ()}
    listener.on_lost()
    lost = listener.decide(0.0)
    assert (lost.wanted, lost.is_over) == ({}, False)
    assert listener.decide((lost.due or 0.0) + LOST_S).is_over


async def test_a_scene_chosen_by_hand_is_left_alone() -> None:
    listener = PartyListener(read('[[rule]]\nwho = "Bo"\nscene = "S"\n[scenes]\nwhen_on = ["A"]\n', "f"), lambda: None)
    listener.on_state(topics(speaking=False))
    now = listener.decide(0.0).due or 0.0
    assert PROGRAM not in listener.decide(now).wanted
    listener.scene_is("A")
    assert PROGRAM in listener.decide(now).wanted
    assert listener.pause(PROGRAM, now) == 60.0
    assert PROGRAM not in listener.decide(now + 59).wanted
