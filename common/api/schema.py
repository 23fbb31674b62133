"""The contract as OpenAPI 3.1 and AsyncAPI 3, made from the messages and requests themselves. No I/O."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

import msgspec

from common.api import PATH, SUBPROTOCOL, VERSION
from common.api.frames import (
    ErrorAnswer,
    FromClient,
    FromServer,
    Hello,
    StateSnapshot,
)
from common.api.rights import LASTING, MAY, NEEDED, NOT_OFFERED, TOPICS
from common.api.whep_schema import whep_paths
from common.basic.field_docs import field_docs

REF = "#/components/schemas/{name}"
ERRORS = {
    400: "The request has a wrong value, or is no JSON object.",
    401: "No key, or one that is not valid any more.",
    403: "The key does not allow this, or the page's site is not listed in `[api] origins`.",
    404: "There is no such request.",
    408: "The body was not here in time.",
    409: "It was refused. The error says why and what to do.",
    413: "The body is too long.",
    415: "The body is not application/json.",
    421: "The `Host` is none of this machine's.",
    429: "Too many requests. `Retry-After` says when the next one is served.",
    503: "A worker does not answer.",
}
_WAY = re.compile(r"^[\w ]+(?:, \w+)* → (?:\w+(?:, |: ))+")
"""Who sends a message or request to whom, at the head of its docstring. It is nothing for other programs."""
HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {
        "Retry-After": {
            "required": True,
            "description": "Seconds until the next request is served.",
            "schema": {"type": "integer", "minimum": 1},
        }
    },
}
CLOSE_CODES = {
    1001: "The dashboard worker ends. It is back in a moment.",
    1003: "A frame was binary.",
    1006: "No close at all: the client let too much wait, or answered no ping for 30 s.",
    1007: "A frame was no JSON object of a known `op` with an `id` that could be repeated. The reason says why.",
    1009: "A frame was longer than 64 KiB.",
    4401: "The key was revoked or changed.",
}
"""Why the server ends a connection."""
_FRAMES_OUT = get_args(FromServer)
_FRAMES_IN = get_args(FromClient)


def _words(cls: type) -> str:
    words = _WAY.sub("", " ".join((inspect.getdoc(cls) or "").split()))
    return _of_json(words[:1].upper() + words[1:])


def _of_json(words: str) -> str:
    """Return words about a Python value as words about what JSON has in its place."""
    return re.sub(r"(?<!`)\bNone\b(?!`)", "`null`", words)


def _schemas(*types: Any) -> dict[str, Any]:
    """Return the JSON schemas of classes and of all that they hold, with the docstrings of their fields."""
    _, found = msgspec.json.schema_components(types, ref_template=REF)
    by_name: dict[str, type] = {}
    for cls in types:
        _collect(cls, by_name)
    for name, schema in found.items():
        cls = by_name.get(name)
        if cls is None:
            continue
        if "description" in schema:
            schema["description"] = _words(cls)
        docs = field_docs(cls)
        for field, words in docs.items():
            key = schema.get("properties", {}).get(field)
            if key is not None:
                key["description"] = _of_json(words)
    return dict(sorted(found.items()))


def _collect(cls: Any, found: dict[str, type]) -> None:
    """Find the structs that `cls` is made of, by their names in the schema."""

    def visit(kind: Any) -> None:
        if isinstance(kind, msgspec.inspect.StructType):
            if kind.cls.__name__ in found:
                return
            found[kind.cls.__name__] = kind.cls
            for field in kind.fields:
                visit(field.type)
        for inner in ("item_type", "value_type", "key_type", "type"):
            if (below := getattr(kind, inner, None)) is not None:
                visit(below)
        for many in ("types", "item_types"):
            for below in getattr(kind, many, ()):
                visit(below)

    visit(msgspec.inspect.type_info(cls))


def _json(ref: str) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": REF.format(name=ref)}}}


def _errors(*codes: int) -> dict[str, Any]:
    return {str(code): {"$ref": f"#/components/responses/{code}"} for code in codes}


def _error_responses() -> dict[str, Any]:
    return {
        str(code): {
            "description": words,
            **({"headers": HEADERS[code]} if code in HEADERS else {}),
            "content": _json(ErrorAnswer.__name__),
        }
        for code, words in ERRORS.items()
    }


def _document(name: str, words: str) -> dict[str, Any]:
    return {
        "get": {
            "operationId": name,
            "summary": words,
            "tags": ["contract"],
            "security": [],
            "responses": {
                "200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}},
                **_errors(403, 421, 429),
            },
        }
    }


def openapi() -> dict[str, Any]:
    """Return the OpenAPI document of the HTTP side."""
    replies = sorted({cls.REPLY for cls in NEEDED}, key=lambda cls: cls.__name__)
    paths: dict[str, Any] = {
        PATH: {
            "get": {
                "operationId": "Hello",
                "summary": "What this key may do",
                "tags": ["state"],
                "responses": {
                    "200": {"description": "OK", "content": _json(Hello.__name__)},
                    **_errors(401, 403, 421, 429),
                },
            }
        },
        f"{PATH}/openapi.json": _document("OpenApi", "This document"),
        f"{PATH}/asyncapi.json": _document("AsyncApi", "The contract of the WebSocket"),
        f"{PATH}/state": {
            "get": {
                "operationId": "State",
                "summary": "The present state",
                "description": "The last message of each topic.",
                "tags": ["state"],
                "parameters": [
                    {
                        "name": "topics",
                        "in": "query",
                        "description": "Topics without keys, with commas. Left out or empty: all but levels.",
                        "allowEmptyValue": True,
                        "schema": {"type": "array", "items": {"type": "string", "enum": [cls.TOPIC for cls in TOPICS]}},
                        "style": "form",
                        "explode": False,
                        "example": ["party.state", "audio.mixer"],
                    }
                ],
                "responses": {
                    "200": {"description": "OK", "content": _json(StateSnapshot.__name__)},
                    **_errors(400, 401, 403, 421, 429),
                },
            }
        },
    }
    paths |= whep_paths(_errors)
    for cls, right in NEEDED.items():
        asks_first = {"x-confirm": LASTING[cls]} if cls in LASTING else {}
        paths[f"{PATH}/requests/{cls.__name__}"] = {
            "post": {
                "operationId": cls.__name__,
                "summary": _words(cls),
                "tags": [right],
                "x-right": right,
                **asks_first,
                "requestBody": {"required": bool(_required(cls)), "content": _json(cls.__name__)},
                "responses": {
                    "200": {"description": "Done", "content": _json(cls.REPLY.__name__)},
                    **_errors(400, 401, 403, 408, 409, 413, 415, 421, 429, 503),
                },
            }
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "partyline",
            "version": VERSION,
            "description": "State, events and controls of a running partyline. Keys: `partyline api key add NAME`.",
        },
        "servers": [{"url": "http://127.0.0.1:8770", "description": "The dashboard's address on this machine"}],
        "security": [{"key": []}],
        "tags": [
            {"name": "contract", "description": "Without a key"},
            {"name": "state", "description": "With every key"},
            {"name": "sound", "description": "With a key of the pages, or a listen link"},
            {"name": "control", "description": "With a key of the right control or admin"},
            {"name": "admin", "description": "With a key of the right admin"},
        ],
        "x-rights": dict(MAY),
        "x-not-offered": {cls.__name__: why for cls, why in NOT_OFFERED.items()},
        "paths": paths,
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "responses": _error_responses(),
            "schemas": _schemas(
                Hello, StateSnapshot, ErrorAnswer, *NEEDED, *sorted(replies, key=lambda cls: cls.__name__)
            ),
        },
    }


def asyncapi() -> dict[str, Any]:
    """Return the AsyncAPI document of the WebSocket. The payload of an event is the message of its topic."""
    messages = {
        cls.__name__: {"summary": _words(cls), "payload": {"$ref": REF.format(name=cls.__name__)}}
        for cls in (*_FRAMES_OUT, *_FRAMES_IN)
    }

    def operation(action: str, frames: tuple[type, ...]) -> dict[str, Any]:
        return {
            "action": action,
            "channel": {"$ref": "#/channels/events"},
            "messages": [{"$ref": f"#/channels/events/messages/{cls.__name__}"} for cls in frames],
        }

    return {
        "asyncapi": "3.0.0",
        "info": {"title": "partyline events", "version": VERSION},
        "defaultContentType": "application/json",
        "servers": {
            "here": {
                "host": "127.0.0.1:8770",
                "protocol": "ws",
                "security": [{"type": "http", "scheme": "bearer"}],
                "description": f"Subprotocol `{SUBPROTOCOL}`. A browser sends the key as a second one, `key.<key>`.",
            }
        },
        "channels": {
            "events": {
                "address": f"{PATH}/events",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "operations": {"receive": operation("receive", _FRAMES_OUT), "send": operation("send", _FRAMES_IN)},
        "components": {"messages": messages, "schemas": _schemas(*_FRAMES_OUT, *_FRAMES_IN, *TOPICS)},
        "x-close-codes": {str(code): words for code, words in CLOSE_CODES.items()},
        "x-topics": {
            cls.TOPIC: {
                "message": {"$ref": REF.format(name=cls.__name__)},
                "retained": cls.RETAINED,
                "about": _words(cls),
            }
            for cls in TOPICS
        },
    }


def _required(cls: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(cls) if field.required]
