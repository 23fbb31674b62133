"""Record while somebody speaks: python record-speech.py [SECONDS of silence that end it]. Needs websockets."""

import asyncio
import json
import os
import sys

from websockets.asyncio.client import connect

URL = os.environ.get("PARTYLINE_API_URL", "http://127.0.0.1:8770").replace("http", "ws", 1) + "/api/v1/events"
HEADERS = {"Authorization": f"Bearer {os.environ['PARTYLINE_API_KEY']}"}
SILENCE_S = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0


async def main() -> None:
    speaking, recording = set(), False
    async with connect(URL, additional_headers=HEADERS, subprotocols=["partyline.v1"], proxy=None) as socket:
        await socket.send(json.dumps({"op": "subscribe", "id": 1, "topics": ["peer.speaking"]}))
        while True:
            try:
                frame = json.loads(
                    await asyncio.wait_for(socket.recv(), SILENCE_S if recording and not speaking else None)
                )
            except TimeoutError:
                frame = {"op": "silence"}
            changes = frame.get("topics") or {frame.get("topic"): frame.get("message")}
            for topic, message in changes.items() if frame["op"] in ("snapshot", "event") else ():
                (speaking.add if message and message["speaking"] else speaking.discard)(topic)
            if frame["op"] in ("answer", "error"):
                print(frame["error"]["message"] if frame["op"] == "error" else "Done.", flush=True)
                recording = recording and frame["op"] == "answer"  # it may record already, for somebody else
                continue
            if bool(speaking) != recording and (speaking or frame["op"] == "silence"):
                recording = bool(speaking)
                do = "StartRecording" if recording else "StopRecording"
                await socket.send(json.dumps({"op": "request", "id": 2, "do": do}))


asyncio.run(main())
