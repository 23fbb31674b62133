"""Mute somebody by name, or unmute them: python mute-by-name.py Bo-Streams. Needs httpx."""

import os
import sys

import httpx

URL = os.environ.get("PARTYLINE_API_URL", "http://127.0.0.1:8770") + "/api/v1"
HEADERS = {"Authorization": f"Bearer {os.environ['PARTYLINE_API_KEY']}"}


def main(name: str) -> None:
    with httpx.Client(headers=HEADERS, timeout=70) as http:
        topics = told(http.get(f"{URL}/state", params={"topics": "party.state,audio.mixer"}))["topics"]
        members = topics.get("party.state/", {}).get("members", [])
        wanted = [m for m in members if m["online_id"].casefold() == name.casefold()]
        if not wanted:
            sys.exit(f"{name} is not here. Members: {', '.join(m['online_id'] for m in members) or 'nobody'}.")
        peer = f"{wanted[0]['account_id']}.{wanted[0]['platform']}"
        talkers = topics.get("audio.mixer/", {}).get("talkers", [])
        muted = not any(talker["peer"] == peer and talker["muted"] for talker in talkers)
        told(http.post(f"{URL}/requests/SetMute", json={"peer": peer, "muted": muted}))
        print(f"{name} is {'muted' if muted else 'heard'}.")


def told(response: httpx.Response) -> dict:
    if response.is_error:
        error = response.json()["error"]
        sys.exit(f"{error['message']} {error['remedy']}")
    return response.json()


main(sys.argv[1])
