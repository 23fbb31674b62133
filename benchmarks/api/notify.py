"""Benchmark of the way from an event on the bus to a webhook's receiver, and to a subscriber of the MQTT broker.

    python -m benchmarks.api.notify [--events 300] [--json FILE]

A member begins and ends to speak. Broker, dashboard worker and integrations are the real processes, mosquitto is the
real one too. What is published and received is timed by one clock in the benchmark's own process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from aiomqtt import Client

from common.config.integration_tables import SPEECH_EVENTS
from tests.integrations.mqtt.broker import Broker
from tests.support.processes import free_port, running, short_folder
from tests.support.waiting import until
from tests.workers.dashboard.stage import Stage, member, staged

BO = member(1)
PAUSE_S = 0.15
"""Between two events. Speech has pauses, and the bridge to MQTT sends at most 20 rounds a second."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--json", type=Path, help="also write the result there")
    arguments = parser.parse_args()
    with short_folder() as folder, staged() as stage, running() as start:
        broker = Broker(folder)
        port = free_port()
        stage.furnish()
        stage.party(4)
        stage.paths.settings_file.write_text(_settings(port, broker.port))
        try:
            start("integrations", stage.paths.home, {"PARTYLINE_DASHBOARD__PORT": str(stage.settings.port)})
            rows = asyncio.run(_measure(stage, broker, port, arguments.events))
        finally:
            broker.kill()
    for name, row in rows.items():
        times = f"median {row['median_ms']} ms, p95 {row['p95_ms']} ms, worst {row['worst_ms']} ms"
        print(f"{name:8} {row['events']} events: {times}")
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


def _settings(port: int, mqtt_port: int) -> str:
    return (
        '[integrations]\nrun = ["webhooks", "mqtt"]\n[webhooks]\nspeech_hold_s = 0\n'
        f'[webhooks.hooks.bench]\nurl = "http://127.0.0.1:{port}/"\nevents = {json.dumps(SPEECH_EVENTS)}\n'
        f'secret = "whsec_{"A" * 32}"\n[mqtt]\nhost = "127.0.0.1"\nport = {mqtt_port}\n'
    )


class _Arrivals:
    """When which state of speech arrived."""

    def __init__(self) -> None:
        self.last: bool | None = None
        self.at = 0.0

    def note(self, speaking: bool) -> None:
        if speaking is not self.last:
            self.last, self.at = speaking, time.monotonic()


async def _measure(stage: Stage, broker: Broker, port: int, count: int) -> dict[str, Any]:
    webhook, mqtt = _Arrivals(), _Arrivals()

    async def take(request: web.Request) -> web.Response:
        webhook.note((await request.json())["type"] == "speech.started")
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post("/", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    listening = asyncio.create_task(_listen(broker, mqtt))
    found: dict[str, list[float]] = {"webhook": [], "mqtt": []}
    try:
        stage.speak(BO)
        await until(lambda: webhook.last and mqtt.last, "both are connected")
        speaking = True
        for _ in range(count):
            await asyncio.sleep(PAUSE_S)
            speaking = not speaking
            began = time.monotonic()
            await asyncio.to_thread(stage.speak, BO, speaking=speaking)
            await until(partial(_arrived, speaking, webhook, mqtt), "it arrives")
            found["webhook"].append(webhook.at - began)
            found["mqtt"].append(mqtt.at - began)
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await runner.cleanup()
    return {name: _row(waits) for name, waits in found.items()}


def _arrived(speaking: bool, *at: _Arrivals) -> bool:
    return all(one.last is speaking for one in at)


async def _listen(broker: Broker, arrivals: _Arrivals) -> None:
    async with Client("127.0.0.1", broker.port) as client:
        await client.subscribe(f"partyline/member/{BO.account_id}/state", qos=1)
        async for message in client.messages:
            assert isinstance(message.payload, bytes)
            if message.payload:
                arrivals.note(json.loads(message.payload)["speaking"])


def _row(waits: list[float]) -> dict[str, Any]:
    ms = sorted(wait * 1000 for wait in waits)
    return {
        "events": len(ms),
        "median_ms": round(statistics.median(ms), 1),
        "p95_ms": round(statistics.quantiles(ms, n=20)[-1], 1),
        "worst_ms": round(ms[-1], 1),
    }


if __name__ == "__main__":
    main()
