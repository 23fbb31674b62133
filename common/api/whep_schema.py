"""WHEP in the OpenAPI document. No I/O."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from common.api import WHEP


def whep_paths(errors: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Return the two paths of WHEP, whose bodies are SDP. `errors` makes the responses of status codes."""
    sdp = {"application/sdp": {"schema": {"type": "string", "pattern": "^v=0"}}}
    talker = {
        "name": "talker",
        "in": "query",
        "description": "Online id, account id or peer key of one member. Left out: the mix.",
        "schema": {"type": "string"},
    }
    listening = {
        "name": "listening_id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16}$"},
    }
    return {
        WHEP: {
            "post": {
                "operationId": "Listen",
                "summary": "Sound by WebRTC (WHEP)",
                "description": "Offer to receive one audio track. The answer has all candidates. The bearer is a key "
                "of the pages or the ticket of a listen link. A browser that came by such a link before needs neither.",
                "tags": ["sound"],
                "security": [{"key": []}, {}],
                "parameters": [talker],
                "requestBody": {"required": True, "content": sdp},
                "responses": {
                    "201": {
                        "description": "The answer",
                        "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                        "content": sdp,
                    },
                    **errors(400, 401, 403, 408, 409, 413, 415, 421, 429, 503),
                },
            }
        },
        f"{WHEP}/{{listening_id}}": {
            "delete": {
                "operationId": "StopListening",
                "summary": "End one listener",
                "description": "Its id is known only to who opened it, so no key is needed.",
                "tags": ["sound"],
                "security": [],
                "parameters": [listening],
                "responses": {"200": {"description": "It is gone"}, **errors(403, 404, 409, 421, 429, 503)},
            }
        },
    }
