"""Show everybody's level: python show-levels.py. Needs websockets."""

import json
import os

from websockets.sync.client import connect

URL = os.environ.get("PARTYLINE_API_URL", "http://127.0.0.1:8770").replace("http", "ws", 1) + "/api/v1/events"
HEADERS = {"Authorization": f"Bearer {os.environ['PARTYLINE_API_KEY']}"}
SILENT_DB = -54


def names(party: dict | None) -> dict[str, str]:
    return {f"{m['account_id']}.{m['platform']}": m["online_id"] for m in (party or {}).get("members", ())}


def bar(peak_db: float) -> str:
    return "█" * max(0, round((peak_db - SILENT_DB) / 3))


called: dict[str, str] = {}
with connect(URL, additional_headers=HEADERS, subprotocols=["partyline.v1"], proxy=None) as socket:
    socket.send(json.dumps({"op": "subscribe", "id": 1, "topics": ["party.state", "audio.levels"]}))
    for text in socket:
        frame = json.loads(text)
        if frame["op"] == "snapshot":
            called = names(frame["topics"].get("party.state/"))
        elif frame["op"] == "event" and frame["topic"] == "party.state/":
            called = names(frame["message"])
        elif frame["op"] == "event":
            levels = {called.get(peer, peer): peak for peer, peak in frame["message"]["talkers"].items()}
            print("  ".join(f"{name} {bar(peak)}" for name, peak in levels.items() if peak > SILENT_DB), flush=True)
