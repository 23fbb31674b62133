"""Print who begins and ends to speak: python who-speaks.py. Needs websockets."""

import asyncio
import json
import os

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

URL = os.environ.get("PARTYLINE_API_URL", "http://127.0.0.1:8770").replace("http", "ws", 1) + "/api/v1/events"
HEADERS = {"Authorization": f"Bearer {os.environ['PARTYLINE_API_KEY']}"}


async def main() -> None:
    since, run = None, ""
    async for socket in connect(URL, additional_headers=HEADERS, subprotocols=["partyline.v1"], proxy=None):
        wanted = {"op": "subscribe", "id": 1, "topics": ["peer.speaking"]}
        try:
            await socket.send(json.dumps(wanted | ({"since": since} if since else {})))
            async for text in socket:
                frame = json.loads(text)
                run = frame.get("run", run)
                if frame["op"] in ("snapshot", "event"):  # after an interruption it goes on from here
                    since = {"run": run, "number": frame["number"]}
                if frame["op"] == "event" and frame["message"]:
                    said = frame["message"]
                    print(said["online_id"], "speaks" if said["speaking"] else "is silent", flush=True)
        except ConnectionClosed:
            continue  # it was interrupted: connect again


asyncio.run(main())
