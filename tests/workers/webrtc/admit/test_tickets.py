"""Tickets of listen links."""

from __future__ import annotations

from workers.webrtc.admit.tickets import MOST, VALID_S, Tickets


def test_a_ticket_opens_once() -> None:
    tickets = Tickets()
    ticket = tickets.make(100.0)
    assert tickets.spend(ticket, 101.0)
    assert not tickets.spend(ticket, 101.0)


def test_a_ticket_is_void_after_its_time() -> None:
    tickets = Tickets()
    ticket, other = tickets.make(100.0), tickets.make(100.0)
    assert not tickets.spend(ticket, 100.0 + VALID_S)
    assert tickets.spend(other, 100.0 + VALID_S - 0.1)


def test_nothing_else_opens() -> None:
    tickets = Tickets()
    ticket = tickets.make(100.0)
    assert not any(tickets.spend(wrong, 101.0) for wrong in ("", ticket[:-1], f"{ticket}x", ticket.swapcase()))
    assert tickets.spend(ticket, 101.0)


def test_the_oldest_of_many_gives_way() -> None:
    tickets = Tickets()
    made = [tickets.make(100.0 + number) for number in range(MOST + 1)]
    assert not tickets.spend(made[0], 200.0)
    assert all(tickets.spend(ticket, 200.0) for ticket in made[1:])


def test_revoked_tickets_are_void() -> None:
    tickets = Tickets()
    ticket = tickets.make(100.0)
    tickets.revoke()
    assert not tickets.spend(ticket, 100.0)
