"""`partyline login --phone`: where the page is offered, and what the person at the terminal reads."""

from __future__ import annotations

import asyncio
import re
import threading

import aiohttp
import pytest

from cli.account.phone import from_phone as command
from cli.account.phone.from_phone import from_phone, own_address
from cli.account.ways import SignedIn
from cli.shared.failures import CommandError, UsageError
from common.config.tables import Settings
from tests.cli.account.phone.phone import Phone
from tests.support.waiting import eventually

NPSSO = "aB3" * 21 + "x"


def test_it_is_offered_at_a_private_address_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "addresses", lambda host: [host] if host[0] != "0" else ["203.0.113.5", "10.0.0.7"])
    assert own_address("") == "10.0.0.7"
    assert own_address("192.168.1.2") == "192.168.1.2"
    with pytest.raises(UsageError, match="no private IPv4"):
        own_address("203.0.113.5")
    monkeypatch.setattr(command, "addresses", lambda _: ["203.0.113.5", "127.0.0.1"])
    with pytest.raises(CommandError, match="no private IPv4 address"):
        own_address("")


def test_a_phone_signs_in_while_the_command_waits(capsys: pytest.CaptureFixture[str]) -> None:
    pasted, found, seen = list[str](), list[SignedIn](), [""]

    def way(text: str) -> SignedIn:
        pasted.append(text)
        return SignedIn("Ava", 60.0)

    waiting = threading.Thread(target=lambda: found.append(from_phone(Settings(), way, "127.0.0.1")), daemon=True)
    waiting.start()

    def url() -> str:
        seen[0] += capsys.readouterr().out
        shown = re.search(r"By hand: (\S+)", seen[0])
        return shown[1] if shown else ""

    address, _, code = eventually(url, "the code is shown").partition("#")
    assert "█" in seen[0]

    async def scan() -> dict[str, object]:
        phone = Phone(code)
        origin = address[: address.index("/", 8)]
        async with (
            aiohttp.ClientSession() as http,
            http.post(address, data=phone.sealed(NPSSO), headers={"Origin": origin}) as answer,
        ):
            return phone.opened(await answer.read())

    assert asyncio.run(scan())["name"] == "Ava"
    waiting.join(60)
    assert found == [SignedIn("Ava", 60.0)]
    assert pasted == [NPSSO]


def test_nobody_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cli.account.phone.one_time.LASTS_S", 0.05)
    with pytest.raises(CommandError, match="are over") as refused:
        from_phone(Settings(), lambda _: SignedIn("x", 0.0), "127.0.0.1")
    assert "login --phone" in refused.value.remedy
