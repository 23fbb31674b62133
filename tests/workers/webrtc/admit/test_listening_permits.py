"""Who may listen, with the file that survives a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from common.config.pages import draw_keys
from common.files.paths import Paths
from workers.webrtc.admit.listening_permits import ListeningPermits, NotAdmittedError
from workers.webrtc.admit.tickets import VALID_S


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    made = Paths(tmp_path)
    made.make()
    draw_keys(made)
    return made


def permits(paths: Paths, clock: Clock) -> ListeningPermits:
    return ListeningPermits(paths, clock, clock)


def test_a_ticket_lets_in_one_browser_which_is_then_known_over_a_restart(paths: Paths) -> None:
    clock = Clock()
    first = permits(paths, clock)
    ticket = first.make_ticket()
    first.admit("AA", ticket, has_key=False)
    with pytest.raises(NotAdmittedError, match="used already"):
        first.admit("BB", ticket, has_key=False)
    again = permits(paths, clock)
    again.admit("AA", ticket, has_key=False)
    again.admit("AA", "", has_key=False)


def test_a_known_browser_does_not_spend_a_ticket(paths: Paths) -> None:
    one = permits(paths, Clock())
    one.admit("AA", one.make_ticket(), has_key=False)
    ticket = one.make_ticket()
    one.admit("AA", ticket, has_key=False)
    one.admit("BB", ticket, has_key=False)


def test_a_key_lets_in_and_nobody_is_known_by_it(paths: Paths) -> None:
    one = permits(paths, Clock())
    one.admit("AA", "", has_key=True)
    with pytest.raises(NotAdmittedError, match="may not listen"):
        one.admit("AA", "", has_key=False)


def test_an_old_ticket_does_not_let_in(paths: Paths) -> None:
    clock = Clock()
    one = permits(paths, clock)
    ticket = one.make_ticket()
    clock.now += VALID_S
    with pytest.raises(NotAdmittedError, match="too old"):
        one.admit("AA", ticket, has_key=False)


def test_forgotten_browsers_and_tickets_do_not_come_back(paths: Paths) -> None:
    one = permits(paths, Clock())
    one.admit("AA", one.make_ticket(), has_key=False)
    ticket = one.make_ticket()
    one.forget()
    for made in (one, permits(paths, Clock())):
        with pytest.raises(NotAdmittedError):
            made.admit("AA", ticket, has_key=False)


def test_new_keys_of_the_pages_let_nobody_in_by_an_old_link(paths: Paths) -> None:
    one = permits(paths, Clock())
    one.admit("AA", one.make_ticket(), has_key=False)
    ticket = one.make_ticket()
    draw_keys(paths)
    for made in (one, permits(paths, Clock())):
        with pytest.raises(NotAdmittedError):
            made.admit("AA", ticket, has_key=False)
