"""What is tried again, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import stamina

from common.psn import errors
from common.psn.http.client import Call, PsnClient
from common.psn.http.repeats import PATIENT_S, Repeats, _passing
from tests.common.psn.http.server import Scripted, Tokens, json_answer, settings, source

GET = Call("GET", "mobile", "/api/thing")
OK = json_answer(200, {"fine": True})


async def test_what_passes_by_itself_is_repeated_with_a_limit(fake: Scripted, client: PsnClient) -> None:
    fake.script(json_answer(503, {}), json_answer(500, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}
    fake.script(json_answer(503, {}))
    with pytest.raises(errors.ServerFaultError):
        await client.call(GET)
    assert len(fake.asked) == 6


async def test_a_host_that_failed_to_the_last_try_is_tried_once_until_it_answers(
    fake: Scripted, client: PsnClient
) -> None:
    fake.script(json_answer(503, {}))
    for asked in (3, 4, 5):
        with pytest.raises(errors.ServerFaultError):
            await client.call(GET)
        assert len(fake.asked) == asked
    fake.script(OK)
    await client.call(GET)
    fake.script(json_answer(503, {}), json_answer(503, {}), OK)
    assert (await client.call(GET)).data == {"fine": True}


async def test_a_broken_connection_is_repeated(home: Path) -> None:
    met = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal met
        met += 1
        await reader.readuntil(b"\r\n\r\n")
        if met > 1:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    made = settings(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", backoff_max_s=0.05)
    client = PsnClient(made.psn, source(made, home), Tokens())
    assert (await client.call(GET)).data == {}
    assert met == 2
    await client.close()
    server.close()


@pytest.fixture(autouse=True)
def no_waits() -> Iterator[None]:
    stamina.set_testing(True, attempts=10, cap=True)
    yield
    stamina.set_testing(False)


class Host:
    """What a call to it comes to, one after the other."""

    def __init__(self, *outcomes: Exception | str) -> None:
        self.left = list(outcomes)
        self.calls = 0

    async def __call__(self) -> str:
        self.calls += 1
        outcome = self.left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def fault() -> errors.ServerFaultError:
    return errors.ServerFaultError("It failed.", status=503)


def limited(seconds: float) -> errors.RateLimitedError:
    return errors.RateLimitedError("Slowly.", retry_after=seconds)


@pytest.mark.parametrize("error", [fault(), errors.UnreachableError("No answer.")])
def test_what_may_pass_is_tried_again(error: Exception) -> None:
    assert _passing(error) is True


@pytest.mark.parametrize(
    "error", [errors.NoWayOutError("", "no certificates"), errors.BadAnswerError("Odd."), ValueError()]
)
def test_what_does_not_pass_is_not(error: Exception) -> None:
    assert _passing(error) is False


def test_a_short_limit_is_waited_for_to_its_end_and_a_long_one_is_not() -> None:
    assert PATIENT_S == 20
    assert _passing(limited(PATIENT_S)) == PATIENT_S + 0.1
    assert _passing(limited(0)) == 0.1
    assert _passing(limited(PATIENT_S + 0.1)) is False


async def test_a_call_is_tried_so_often_and_its_last_error_raised() -> None:
    host, repeats = Host(fault(), fault(), fault(), "late"), Repeats(3, 1.0)
    with pytest.raises(errors.ServerFaultError):
        await repeats.run("mobile", 0, host)
    assert host.calls == 3


async def test_another_host_is_not_ailing_with_it() -> None:
    repeats = Repeats(2, 1.0)
    with pytest.raises(errors.UnreachableError):
        await repeats.run("mobile", 0, Host(*[errors.UnreachableError("No answer.")] * 2))
    assert await repeats.run("account", 0, Host(fault(), "there")) == "there"


async def test_who_names_a_number_of_tries_gets_them_from_an_ailing_host_too() -> None:
    repeats = Repeats(2, 1.0)
    for _ in range(2):
        host = Host(*[fault()] * 3)
        with pytest.raises(errors.ServerFaultError):
            await repeats.run("mobile", 3, host)
        assert host.calls == 3


async def test_a_host_to_which_nothing_could_be_sent_is_not_ailing() -> None:
    repeats, host = Repeats(2, 1.0), Host(errors.NoWayOutError("", "no certificates"), "never")
    with pytest.raises(errors.NoWayOutError):
        await repeats.run("mobile", 0, host)
    assert host.calls == 1
    assert await repeats.run("mobile", 0, Host(fault(), "there")) == "there"


async def test_a_refusal_is_raised_at_once_and_leaves_its_host_with_all_its_tries() -> None:
    repeats, host = Repeats(2, 1.0), Host(errors.RefusedError("No."), "never")
    with pytest.raises(errors.RefusedError):
        await repeats.run("mobile", 0, host)
    assert host.calls == 1
    assert await repeats.run("mobile", 0, Host(fault(), "there")) == "there"


async def test_the_waits_between_tries_begin_short_and_end_at_the_longest(monkeypatch: pytest.MonkeyPatch) -> None:
    stamina.set_testing(False)
    waits: list[float] = []

    async def waited(seconds: float) -> None:
        waits.append(seconds)

    monkeypatch.setattr("asyncio.sleep", waited)
    for _ in range(20):
        await Repeats(4, 1.0).run("mobile", 0, Host(fault(), fault(), fault(), "there"))
    assert all(0.3 <= first <= 0.8 for first in waits[::3])
    assert max(waits) <= 1.0
    assert max(waits[::3]) - min(waits[::3]) > 0.1
