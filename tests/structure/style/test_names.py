"""One name means one thing: no two modules or classes are called the same, but for the roles that are listed here."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import PurePath

from tests.structure.code import files, tree

ROLES = {
    "actions": "what a deciding part has its shell do",
    "bodies": "bodies of HTTP calls",
    "errors": "errors of a package",
    "faults": "what the simulator does wrong, by subject",
    "memory": "a worker's state file",
    "model": "the types of a package",
    "requests": "the requests that a worker serves, and how the bus carries them",
    "run": "what runs an integration until it is cancelled",
    "state": "what a worker publishes; state files",
    "surroundings": "what a part needs from its worker",
    "worker": "the shell of a worker",
}
"""Module names that say which part a file plays in its folder. The folder says whose."""
SUBJECTS = (
    "benchmarks", "captures/tell", "captures/scrub", "cli", "common/messages", "common/requests", "simulator/facts",
    "simulator/hosts", "simulator/scenarios",
)  # fmt: skip
"""Folders whose files are called after what they are about: a message, a fact, a host, a command, a measurement."""
SAME_SUBJECT = {
    "diagnosis": "why something did not come up: a connection, a join",
    "frames": "frames of a protocol: Miranda, push",
    "keychain": "the system's words for what a keychain refuses; where the tokens are kept",
    "links": "share links; links of consoles",
    "moves": "an address that moves; moves between parties",
    "oauth": "OAuth: the client, and the simulator's server",
    "offers": "the offers of a negotiation: ours, and the consoles'",
    "paths": "paths on the disk; paths of the party API",
    "platforms": "the codes of platforms: read, and checked",
    "publisher": "who publishes: on the bus, our member entry",
    "refusals": "refusals of Sony's servers: read, and made",
    "text": "text for people; text of SDP",
    "tokens": "tokens: held, and issued",
    "unsaved": "files that could not be saved, and the problem that says so",
}
"""Modules of one name for two things that nobody mixes up, mostly the client's side and the simulator's."""
CLASS_ROLES = {"Row": "a row of a benchmark's table"}


def _same_name(found: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def modules() -> dict[str, list[str]]:
    """Return name → modules, outside the folders whose files are called after subjects."""
    found = defaultdict(list)
    for module in files():
        *folder, name = module.split(".")
        place = PurePath(*folder)
        if (
            name != "__main__"
            and not _is_package(module)
            and not any(place.is_relative_to(subjects) for subjects in SUBJECTS)
        ):
            found[name].append(module)
    return _same_name(found)


def _is_package(module: str) -> bool:
    return files()[module].name == "__init__.py"


def classes() -> dict[str, list[str]]:
    found = defaultdict(list)
    for module in files():
        for node in tree(module).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(module)
    return _same_name(found)


def test_two_modules_of_one_name_play_one_role_or_stand_on_two_sides_of_a_subject() -> None:
    unsaid = {name: places for name, places in modules().items() if name not in ROLES | SAME_SUBJECT}
    assert not unsaid, f"rename one, or say here what they have in common: {unsaid}"


def test_two_classes_of_one_name_are_of_one_role() -> None:
    unsaid = {name: places for name, places in classes().items() if name not in CLASS_ROLES}
    assert not unsaid, f"one name means one thing: {unsaid}"


def test_what_is_allowed_to_recur_does() -> None:
    assert set(CLASS_ROLES) <= set(classes())
    assert set(ROLES | SAME_SUBJECT) <= set(modules())
