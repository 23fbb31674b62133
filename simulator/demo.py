"""The demo account and its party of consoles, which exist from the start. Names are invented."""

from __future__ import annotations

import uuid

from simulator.account.accounts import Person, npsso_of
from simulator.consoles import voices
from simulator.consoles.bridge import Bridges
from simulator.consoles.console import Console
from simulator.consoles.negotiate.behaviour import Policy
from simulator.parties.bodies import NewParty
from simulator.parties.party import FRIENDS, FRIENDS_ONLY, Device
from simulator.world import World, member_body

SESSION_ID = "5a3d9c1e-7b42-4f60-9a8e-2c6b1d0f4e75"
CPSS_ID = "js_Q7mT2vXk9LwB4nRz6HcY"
"""Id of the demo party's share link. Like the session id it is the same in every run."""
GUEST = Person("5012345678901234567", "Quiet-Heron", npsso_of("Quiet-Heron"))
"""The account of the demo's sign-in."""

CAST: tuple[tuple[str, str, str, Policy], ...] = (
    ("7301928374650192837", "NovaKite", "PS5", "usual"),
    ("3456789012345678901", "Juniper_Fox", "PS5", "usual"),
    ("6102938475610293847", "tide-pool", "MOBILE_APP", "usual"),
    ("4918273645091827364", "BrassOwl", "PS5", "usual"),
    ("2837465019283746501", "Copper-Wren", "PS4", "usual"),
    ("8019283746501928374", "MossyPine", "PS5", "usual"),
    ("5647382910564738291", "late-train", "MOBILE_APP", "usual"),
    ("1928374650192837465", "Harbor_Cat", "PS5", "usual"),
    ("7465019283746501928", "SixthGear", "PS5", "usual"),
    ("3746501928374650192", "plum-cloud", "MOBILE_APP", "usual"),
    ("6501928374650192837", "TinRobin", "PS4", "usual"),
    ("2093847561029384756", "Velvet_Ant", "PS5", "usual"),
    ("8374650192837465019", "OldCompass", "PS5", "usual"),
    ("4650192837465019283", "sand-glass", "MOBILE_APP", "usual"),
    ("5102938475610293846", "Ninth_Wave", "PS5", "usual"),
)
"""(account id, online id, platform, policy), with ids below and above the guest's."""
OWN_CONSOLE: tuple[str, str, str, Policy] = (GUEST.account_id, GUEST.online_id, "PS5", "usual")
"""The guest's own console, a separate member beside the guest's phone [read]."""


def add_party(world: World, bridges: Bridges, number: int, *, own_console: bool = False) -> list[Console]:
    """Create the guest's account and the demo party with `number` consoles (1…15), and return the consoles.

    With `own_console` the guest's own console is in it too, as the last.
    """
    world.accounts.add(GUEST)
    cast = (*CAST[:number], *([OWN_CONSOLE] if own_console else []))
    speakers = voices.speakers()
    fellows = {f"{account_id}.{platform}" for account_id, _, platform, _ in cast}
    consoles = []
    for place, (account_id, online_id, platform, policy) in enumerate(cast):
        if account_id != GUEST.account_id:
            world.accounts.add(Person(account_id, online_id))
        device = Device(account_id, online_id, platform, duid=f"invented-duid-{place + 1}")
        console = Console(world, bridges, device, policy, speakers[place % len(speakers)], fellows)
        world.push.opened(console.inbox.connection(), 0.0)
        body = member_body(str(uuid.uuid5(uuid.NAMESPACE_OID, online_id)), world.ways)
        if place == 0:
            new = NewParty([body], joinableUserType=FRIENDS, visibilityType=FRIENDS_ONLY, sessionName="Demo party")
            world.create(device, new, body, session_id=SESSION_ID, cpss_id=CPSS_ID)
        else:
            world.join(device, SESSION_ID, body)
        console.enter(SESSION_ID)
        consoles.append(console)
    for console in consoles:
        console.party.name_others()
    return consoles
