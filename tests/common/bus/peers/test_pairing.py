"""Two machines exchange their keys by a code, and nobody else gets anything."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from common.bus.peers import pairing_lines
from common.bus.peers.curve import CurveKeys
from common.bus.peers.pairing import (
    Guest,
    Host,
    HostCard,
    PairingError,
    WrongCodeError,
    clean_code,
    clean_name,
    new_code,
)
from common.bus.peers.pairing_lines import MOST_GUESSES, PairingServer, pair
from tests.support.processes import free_port

DESK, SPARE = CurveKeys.new(), CurveKeys.new()
CARD = HostCard(public=SPARE.public, port=8772, right="control")


def test_who_knows_the_code_gets_the_other_sides_key() -> None:
    guest, host = Guest("123456", "desk", DESK.public), Host("123456", "spare")
    answer, name = host.hello(guest.hello())
    assert name == "desk"
    assert host.read(guest.card(answer)).public == DESK.public
    assert guest.read(host.card(CARD)) == CARD
    assert guest.host_name == "spare"


def test_a_wrong_code_opens_nothing_on_either_side() -> None:
    guest, host = Guest("123456", "desk", DESK.public), Host("123457", "spare")
    answer, _ = host.hello(guest.hello())
    with pytest.raises(WrongCodeError):
        host.read(guest.card(answer))
    with pytest.raises(WrongCodeError):
        guest.read(host.card(CARD))


def test_who_stands_between_the_two_can_change_nothing() -> None:
    """A relay that gives the guest another hello (its own SPAKE2 message, a changed name) is found out by both."""
    guest, host = Guest("123456", "desk", DESK.public), Host("123456", "spare")
    answer, _ = host.hello(guest.hello())
    changed = answer.replace(b'"spare"', b'"spar3"')
    with pytest.raises(WrongCodeError):
        host.read(guest.card(changed))
    guest, relay = Guest("123456", "desk", DESK.public), Host("000000", "spare")
    answer, _ = relay.hello(guest.hello())
    with pytest.raises(WrongCodeError):
        relay.read(guest.card(answer))


def test_a_replayed_card_is_worth_nothing() -> None:
    guest, host = Guest("123456", "desk", DESK.public), Host("123456", "spare")
    hello = guest.hello()
    card = guest.card(host.hello(hello)[0])
    again = Host("123456", "spare")
    again.hello(hello)
    with pytest.raises(WrongCodeError):
        again.read(card)


@pytest.mark.parametrize("line", [
    b"", b"{", b"[]", b'{"partyline":1,"name":"x","spake":"zz"}', b'{"partyline":1,"name":"x","spake":""}',
    b'{"partyline":1,"name":"x","spake":"41' + b"00" * 32 + b'"}', b'{"partyline":2,"name":"x","spake":"41"}', b"\xff",
])  # fmt: skip
def test_what_is_no_hello_is_refused_in_words(line: bytes) -> None:
    with pytest.raises(PairingError) as refused:
        Host("123456", "spare").hello(line)
    assert refused.value.remedy


def test_a_refusal_is_shown_in_the_other_sides_words_and_cannot_draw_on_the_terminal() -> None:
    with pytest.raises(PairingError) as refused:
        Guest("123456", "desk", DESK.public).card(b'{"error":"No \\u001b[2J machine.","remedy":"Try"}')
    assert (refused.value.message, refused.value.remedy) == ("No [2J machine.", "Try")


def test_codes_have_six_digits_and_are_forgiving_of_spaces() -> None:
    assert all(len(new_code()) == 6 for _ in range(50))
    assert clean_code(" 12 34-56") == "123456"
    for text in ("12345", "1234567", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16"):
        with pytest.raises(PairingError):
            clean_code(text)


def test_a_name_is_fit_for_a_terminal() -> None:
    assert clean_name("  Ava's\x1b[31m  Mac \n") == "Ava's[31m Mac"
    assert clean_name("\n") == "unnamed"


# --- over TCP ----------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def waiting(code: str = "123456") -> AsyncIterator[tuple[PairingServer, int]]:
    server, port = PairingServer(code, "spare", CARD), free_port()
    async with server.listening("127.0.0.1", port):
        yield server, port


def guest(code: str = "123456") -> Guest:
    return Guest(code, "desk", DESK.public)


async def test_they_are_paired_over_tcp() -> None:
    async with waiting() as (server, port):
        assert await pair("127.0.0.1", port, guest()) == (CARD, "spare")
        found = await server.paired()
        assert (found.name, found.public) == ("desk", DESK.public)
        with pytest.raises(PairingError, match="No machine is to be paired"):
            await pair("127.0.0.1", port, guest())


async def test_guesses_are_slowed_told_and_end_the_pairing(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    real = asyncio.sleep

    async def noted(seconds: float) -> None:
        waits.append(seconds)
        await real(0)

    monkeypatch.setattr(pairing_lines.asyncio, "sleep", noted)
    async with waiting() as (server, port):
        told = []
        for number in range(50):
            with pytest.raises(PairingError) as refused:
                await pair("127.0.0.1", port, guest(f"{number:06d}"))
            told.append(refused.value.message)
        with pytest.raises(WrongCodeError, match="wrong codes were tried"):
            await server.paired()
        with pytest.raises(PairingError):
            await pair("127.0.0.1", port, guest())  # the right code is worth nothing any more
    assert server.guesses == MOST_GUESSES
    assert waits == [2.0, 4.0]
    assert "The code is wrong." in told[0]


async def test_who_says_nothing_or_too_much_holds_up_nobody() -> None:
    async with waiting() as (server, port):
        _, silent = await asyncio.open_connection("127.0.0.1", port)
        _, endless = await asyncio.open_connection("127.0.0.1", port)
        endless.write(b"x" * 100_000)
        await pair("127.0.0.1", port, guest())
        assert (await server.paired()).name == "desk"
        silent.close()
        endless.close()
    assert server.guesses == 0


async def test_nobody_there_is_said_with_what_to_do() -> None:
    with pytest.raises(PairingError, match="does not answer") as refused:
        await pair("127.0.0.1", free_port(), guest())
    assert "partyline pair" in refused.value.remedy
