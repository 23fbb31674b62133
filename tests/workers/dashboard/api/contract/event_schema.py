"""Frames of clients drawn from the AsyncAPI document, and what the server sends held against it.

schemathesis draws from OpenAPI documents only. So each kind of frame, and each request's fields, is told to it as the
body of an operation.
"""

from __future__ import annotations

import functools
from typing import Any

import jsonschema_rs
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode

from common.api.frames import Ask, Subscribe

DIALECT = "https://json-schema.org/draft/2020-12/schema"
KINDS = (Subscribe.__name__, Ask.__name__)


class Frames:
    """What clients may send: valid by a mode `POSITIVE`, or not by `NEGATIVE`."""

    def __init__(self, asyncapi: dict[str, Any], openapi: dict[str, Any]) -> None:
        self._topics = sorted(asyncapi["x-topics"])
        bodies = {name: {"$ref": f"#/components/schemas/{name}"} for name in KINDS}
        document = {
            "openapi": "3.1.0",
            "info": {"title": "frames", "version": "1"},
            "paths": {
                f"/{name}": {
                    "post": {
                        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
                        "responses": {"200": {"description": "OK"}},
                    }
                }
                for name, schema in bodies.items()
            },
            "components": {"schemas": asyncapi["components"]["schemas"]},
        }
        config = schemathesis.Config.from_dict({"generation": {"database": "none"}})
        self._frames = schemathesis.openapi.from_dict(document, config=config)
        self._requests = schemathesis.openapi.from_dict(openapi, config=config)
        self.names = [path.rpartition("/")[2] for path in openapi["paths"] if "/requests/" in path]

    def any(self, kind: str, mode: GenerationMode) -> st.SearchStrategy[Any]:
        """Return frames of a kind as the schema has them, or not."""
        return self._frames[f"/{kind}"]["POST"].as_strategy(generation_mode=mode).map(lambda case: case.body)

    def subscriptions(self) -> st.SearchStrategy[dict[str, Any]]:
        """Return valid subscriptions to topics that there are."""
        topics = st.lists(st.sampled_from(self._topics), max_size=4)
        return st.builds(
            lambda frame, topics: {**frame, "topics": topics},
            self.any(Subscribe.__name__, GenerationMode.POSITIVE),
            topics,
        )

    def requests(self, mode: GenerationMode) -> st.SearchStrategy[dict[str, Any]]:
        """Return valid frames with a request that there is, whose fields are valid or not."""

        @functools.cache
        def of(name: str) -> st.SearchStrategy[dict[str, Any]]:
            cases = self._requests[f"/api/v1/requests/{name}"]["POST"].as_strategy(generation_mode=mode)
            fields = cases.map(lambda case: case.body).filter(lambda body: isinstance(body, dict))
            return st.builds(
                lambda number, given: {"op": "request", "id": number, "do": name, "fields": given}, IDS, fields
            )

        return st.sampled_from(self.names).flatmap(of)


IDS = st.integers(-(2**53) + 1, 2**53 - 1)


class Judge:
    """What the server may send."""

    def __init__(self, asyncapi: dict[str, Any], openapi: dict[str, Any]) -> None:
        self._close_codes = set(asyncapi["x-close-codes"])
        components = asyncapi["components"]["schemas"]

        def validator(ref: str, schemas: dict[str, Any]) -> jsonschema_rs.Validator:
            return jsonschema_rs.validator_for({"$schema": DIALECT, "$ref": ref, "components": {"schemas": schemas}})

        sent = asyncapi["operations"]["receive"]["messages"]
        names = [message["$ref"].rpartition("/")[2] for message in sent]
        self._frames = {
            components[name]["properties"]["op"]["enum"][0]: validator(f"#/components/schemas/{name}", components)
            for name in names
        }
        self._messages = {
            topic: validator(about["message"]["$ref"], components) for topic, about in asyncapi["x-topics"].items()
        }
        self._replies = {
            path.rpartition("/")[2]: validator(
                at["post"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"],
                openapi["components"]["schemas"],
            )
            for path, at in openapi["paths"].items()
            if "/requests/" in path
        }

    def faults(self, frame: Any, do: str = "") -> list[str]:
        """Return what does not fit in a frame of the server. `do` is the request that it answers."""
        op = frame.get("op") if isinstance(frame, dict) else None
        if op not in self._frames:
            return [f"a frame of an unknown kind: {frame!r}"[:300]]
        found = [*_errors(op, self._frames[op], frame)]
        if op == "snapshot":
            for topic, message in frame["topics"].items():
                found += self._message(topic, message)
        elif op == "event" and frame["message"] is not None:
            found += self._message(frame["topic"], frame["message"])
        elif op == "answer" and do:
            found += _errors(do, self._replies[do], frame["result"])
        return found

    def close_faults(self, code: int | None) -> list[str]:
        return [] if str(code) in self._close_codes else [f"closed with {code}, of which the document says nothing"]

    def _message(self, topic: str, message: Any) -> list[str]:
        name = topic.partition("/")[0]
        if name not in self._messages:
            return [f"a topic that is not in the document: {topic}"]
        return _errors(topic, self._messages[name], message)


def _errors(what: str, validator: jsonschema_rs.Validator, value: Any) -> list[str]:
    return [f"{what}: {error.message} at {list(error.instance_path)}" for error in validator.iter_errors(value)]
