"""Save a clip when a line from stdin has a word: speech-to-text | python clip-on-word.py wow. Needs httpx."""

import os
import sys

import httpx

URL = os.environ.get("PARTYLINE_API_URL", "http://127.0.0.1:8770") + "/api/v1"
HEADERS = {"Authorization": f"Bearer {os.environ['PARTYLINE_API_KEY']}"}


def main(word: str) -> None:
    with httpx.Client(headers=HEADERS, timeout=70) as http:
        for line in sys.stdin:
            if word.casefold() not in line.casefold():
                continue
            response = http.post(f"{URL}/requests/SaveClip", json={})
            if response.is_error:
                error = response.json()["error"]
                print(error["message"], error["remedy"], file=sys.stderr, flush=True)
            else:
                saved = response.json()
                print(f"{saved['seconds']:.0f} s are in {saved['folder']}.", flush=True)


main(sys.argv[1])
