"""The real server: who is let in, what a key may do, what a page is told and answered."""

from __future__ import annotations

import asyncio
import json
import socket
import time

import aiohttp
import numpy as np
import pytest

from common.errors import PartyError
from common.messages import PartyState, Problem
from common.requests import FollowPlayer, JoinParty, RenameParty, SetGain, SetMute, SetVisibility, SignIn
from tests.support.waiting import eventually
from tests.workers.dashboard.client import ask, get, socket_to, until
from tests.workers.dashboard.stage import Playing, Stage, member

BO = member(1)


# --- pages ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/overlay",
        "/overlay-setup",
        "/obs-audio",
        "/static/js/shared/link.js",
        "/metrics",
        "/live",
        "/picture/" + 40 * "0",
        "/nowhere",
    ],
)
def test_another_host_name_is_refused_everywhere(stage: Stage, path: str) -> None:
    for host in ("evil.example", f"evil.example:{stage.settings.port}", f"127.0.0.1:{stage.settings.port + 1}"):
        status, _, text = get(stage, path, Host=host)
        assert status == 421
        assert "partyline dashboard" in text


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/overlay",
        "/overlay-setup",
        "/obs-audio",
        "/api",
        "/static/css/base.css",
        "/static/icon.svg",
        "/static/examples/javascript/show-levels.html",
        "/nowhere",
    ],
)
def test_everything_is_answered_with_strict_headers(stage: Stage, path: str) -> None:
    _, headers, _ = get(stage, path)
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert ("unsafe-inline" in policy) == (path in ("/overlay", "/obs-audio"))  # OBS puts its own CSS there
    assert ("data:" in policy) == (path in ("/overlay", "/obs-audio"))
    assert "img-src 'self'" in policy
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_a_wrong_key_and_a_reading_one_get_a_page_that_says_what_to_do(stage: Stage) -> None:
    assert get(stage, "/?key=wrong")[0] == 403
    status, _, text = get(stage, f"/?key={stage.keys.read}")
    assert status == 403
    assert "overlay" in text
    for path in ("/overlay", "/obs-audio"):
        assert get(stage, f"{path}?key={stage.keys.read}")[0] == 200
        assert get(stage, f"{path}?key=wrong")[0] == 403
    for path in ("/", "/overlay-setup"):
        assert get(stage, f"{path}?key={stage.keys.read}")[0] == 403
        assert get(stage, f"{path}?key={stage.keys.full}")[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../worker.py",
        "/static/%2e%2e/worker.py",
        "/static/js/..%2f..%2fworker.py",
        "/static/examples/../worker.py",
    ],
)
def test_no_other_file_can_be_had(stage: Stage, path: str) -> None:
    assert get(stage, path)[0] == 404


@pytest.mark.parametrize("name", ["python/mute-by-name.py", "javascript/show-levels.html", "shell/show-levels.sh"])
def test_an_example_is_shown_as_text_and_not_run(stage: Stage, name: str) -> None:
    status, headers, text = get(stage, f"/static/examples/{name}")
    assert (status, headers.get_content_type(), headers["X-Content-Type-Options"]) == (200, "text/plain", "nosniff")
    assert "levels" in text or "mute" in text.lower()


def test_the_page_itself_holds_nothing_of_the_party(stage: Stage) -> None:
    stage.party(1)
    assert "Bo-Streams" not in get(stage, "/")[2]


def test_the_metrics_are_there_for_this_machine(stage: Stage) -> None:
    stage.party(1)
    eventually(
        lambda: 'partyline_peer_packets_total{name="Bo-Streams"' in get(stage, "/metrics")[2], "the metrics come"
    )


# --- sockets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/live", "/people", "/sound"])
async def test_a_page_of_another_origin_gets_no_socket(stage: Stage, path: str) -> None:
    for origin in ("http://evil.example", "null", f"http://localhost:{stage.settings.port}", ""):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            async with socket_to(stage, path, stage.keys.full, origin):
                pass
        assert caught.value.status == 403


@pytest.mark.parametrize(
    ("path", "which", "code"),
    [
        ("/live", "none", 4401),
        ("/people", "none", 4401),
        ("/sound", "none", 4401),
        ("/live", "read", 4403),
        ("/people?setup=1", "read", 4403),
    ],
)
async def test_without_the_right_key_a_socket_closes_before_it_says_anything(
    stage: Stage, path: str, which: str, code: int
) -> None:
    stage.party(1)
    async with socket_to(stage, path, stage.keys.read if which == "read" else "x") as ws:
        message = await asyncio.wait_for(ws.receive(), 20)
        assert message.type is aiohttp.WSMsgType.CLOSE
        assert message.data == code


async def test_a_page_gets_everything_at_once_and_then_each_change(stage: Stage) -> None:
    stage.party(2)
    stage.problem()
    eventually(lambda: get(stage, "/metrics")[2].count("partyline_peer_packets_total{") == 2, "the dashboard knows")
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        whole = await until(ws, lambda _: True)
        assert whole["bus"] is True
        assert whole["topics"]["party.state/"]["name"] == "Friday raid"
        assert whole["about"]["npsso_url"].startswith("https://")
        stage.problem("audio.other")
        await until(ws, lambda frame: "remedy" in frame.get("topics", {}).get("problem/audio.audio.other", {}))
        stage.clear("audio", Problem, "audio.audio.other")
        await until(ws, lambda frame: frame.get("topics", {}).get("problem/audio.audio.other", "") is None)
        stage.party(2, name="Renamed")
        await until(ws, lambda frame: frame.get("topics", {}).get("party.state/", {}).get("name") == "Renamed")


async def test_a_page_acts_through_the_workers_and_hears_why_not(stage: Stage) -> None:
    def refuse(_: JoinParty) -> PartyState:
        raise PartyError("There is no such party.", "Ask for a new link.", reference_id="ref-1")

    stage.answers["JoinParty"] = refuse
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        assert "ok" in await ask(ws, "SetGain", peer=BO.peer, gain_db=-6)
        assert SetGain(peer=BO.peer, gain_db=-6.0) in stage.asked
        refused = await ask(ws, "JoinParty", target="nowhere")
        assert refused == {
            "id": 5,
            "error": {
                "code": "session.party",
                "message": "There is no such party.",
                "remedy": "Ask for a new link.",
                "reference_id": "ref-1",
            },
        }
        assert "SetMute" in (await ask(ws, "SetMute", peer=BO.peer))["error"]["message"]
        assert "Reload" in (await ask(ws, "AccessToken"))["error"]["remedy"]
        assert "partyline up" in (await ask(ws, "RestartWorker", worker="audio"))["error"]["remedy"]


async def test_a_reading_key_sees_people_and_cannot_act(stage: Stage) -> None:
    stage.party(1)
    stage.speak(BO)
    async with socket_to(stage, "/people", stage.keys.read) as ws:
        frame = await until(ws, lambda frame: any(person.get("speaking") for person in frame["people"]))
        assert [person["name"] for person in frame["people"]] == ["Ava-Desk", "Bo-Streams"]
        await ws.send_str(json.dumps({"id": 1, "do": "SetMute", "fields": {"peer": BO.peer, "muted": True}}))
        async with asyncio.timeout(20):
            while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    assert SetMute(peer=BO.peer, muted=True) not in stage.asked


@pytest.mark.parametrize("path", ["/live", "/people", "/sound"])
async def test_a_reading_key_changes_nothing_of_a_party(stage: Stage, path: str) -> None:
    before = len(stage.asked)
    for request in (RenameParty(name="x"), SetVisibility(open=True), FollowPlayer(online_id="x")):
        async with socket_to(stage, path, stage.keys.read) as ws:
            fields = {name: getattr(request, name) for name in request.__struct_fields__}
            await ws.send_json({"id": 1, "do": type(request).__name__, "fields": fields})
            async for _ in ws:
                pass  # until the server closes it
        assert ws.close_code in (1000, 1005, 4403)
    assert len(stage.asked) == before


@pytest.mark.parametrize("text", ["", "[]", '{"id": "x"}', "\x00", '{"id":1,"do":"SetMute","fields":[]}'])
async def test_nonsense_closes_that_socket_and_harms_nobody(stage: Stage, text: str) -> None:
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await ws.send_str(text)
        async with asyncio.timeout(20):
            while (await ws.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
    assert stage.dashboard.popen.poll() is None


async def test_the_npsso_reaches_auth_and_no_log(stage: Stage) -> None:
    stage.signed_in()
    pasted = "Z" * 64
    async with socket_to(stage, "/live", stage.keys.full) as ws:
        await until(ws, lambda frame: frame.get("topics", {}).get("auth.state/", {}).get("realm") == "playstation")
        assert "ok" in await ask(ws, "SignIn", pasted=pasted)
    assert SignIn(pasted=pasted, realm="playstation") in stage.asked
    assert pasted not in stage.dashboard.output
    assert stage.keys.full not in stage.dashboard.output


async def test_a_page_that_does_not_read_loses_the_oldest_sound_and_nobody_else_any(stage: Stage) -> None:
    tone = (np.sin(np.arange(48_000) / 20) * 9000).astype(np.int16)
    playing = Playing(stage.paths.run, "audio-mix", "mix", tone)
    heard: list[int] = []

    async def read(ws: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            heard.append(int.from_bytes((await ws.receive_bytes())[8:12], "little"))

    def some_are_dropped() -> bool:
        return "partyline_dashboard_sound_packets_dropped_total 0.0" not in get(stage, "/metrics")[2]

    try:
        async with socket_to(stage, "/sound", stage.keys.read) as reader:
            reading = asyncio.create_task(read(reader))
            await asyncio.to_thread(eventually, lambda: heard, "the reader hears")
            idle = raw_listener(stage)
            await asyncio.to_thread(eventually, some_are_dropped, "the other one loses some")
            idle.close()
            reading.cancel()
    finally:
        playing.stop()
    assert len(heard) > 20
    assert heard == list(range(heard[0], heard[0] + 2 * len(heard), 2))


async def test_a_talker_alone_is_held_back_as_long_as_the_mix_and_heard_to_the_end(stage: Stage) -> None:
    """How long is measured: frames' time of coming less the time at which they were due."""
    stage.party(1)
    ages: list[float] = []
    gains: list[float] = []
    tone = (np.sin(np.arange(48_000) / 20) * 9000).astype(np.int16)
    playing = Playing(stage.paths.run, "audio-media", BO.peer, tone)

    async def read(ws: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            packet = await ws.receive_bytes()
            due_ns = playing.began_ns + int.from_bytes(packet[8:12], "little") * 10_000_000
            ages.append((time.monotonic_ns() - due_ns) / 1e6)
            gains.append(float(np.frombuffer(packet[12:16], "<f4")[0]))

    async def held_back(least_ms: float, most_ms: float) -> None:
        """Wait until packets come so late, at best: a busy machine makes single ones later."""
        ages.clear()
        await asyncio.to_thread(
            eventually, lambda: len(ages) > 20 and least_ms <= min(ages[-20:]) < most_ms, f"{least_ms} ms; {ages[-20:]}"
        )

    try:
        async with socket_to(stage, "/sound?talker=bo-streams", stage.keys.read) as ws:
            reading = asyncio.create_task(read(ws))
            await held_back(0, 300)
            stage.mixer((BO,), mix={"delay_ms": 800.0}, **{BO.peer: {"gain_db": -20.0}})
            await held_back(800, 1100)
            stage.party(0, mix={"delay_ms": 800.0})
            playing.stop()
            at_end = len(ages)
            await asyncio.to_thread(eventually, lambda: len(ages) >= at_end + 30, "the last words are heard")
            reading.cancel()
    finally:
        playing.stop()
    assert gains[-1] == pytest.approx(0.1)  # as before, though audio does not know them any more


def raw_listener(stage: Stage) -> socket.socket:
    """Return a socket that asked for sound and never reads."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect(("127.0.0.1", stage.settings.port))
    raw.sendall(
        (
            f"GET /sound HTTP/1.1\r\nHost: 127.0.0.1:{stage.settings.port}\r\nOrigin: {stage.origin}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {'A' * 22}==\r\nSec-WebSocket-Protocol: partyline, key.{stage.keys.read}\r\n\r\n"
        ).encode()
    )
    return raw
