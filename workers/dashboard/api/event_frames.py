"""Frames of clients: decoded, and what is wrong with one in words. No sockets."""

from __future__ import annotations

import msgspec

from common.api.frames import Ask, FromClient, Subscribe, WholeNumber
from common.basic.values import refusal
from workers.dashboard.api.callers import CallRefusedError
from workers.dashboard.api.http_answers import BAD_REQUEST
from workers.dashboard.api.requests import whole


class BadFrameError(CallRefusedError):
    """A frame that is none. `frame_id` is its id, None if it has none that could be repeated in an answer."""

    def __init__(self, why: str, frame_id: int | None = None) -> None:
        super().__init__(
            400, f"This is not a frame of this API: {why}.", "See `/api/v1/asyncapi.json`.", code=BAD_REQUEST
        )
        self.frame_id = frame_id


def decode(text: str) -> Subscribe | Ask:
    """Return a client's frame. Raises `BadFrameError`."""
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadFrameError("it is no JSON") from error
    if not isinstance(raw, dict):
        raise BadFrameError("it is no JSON object")
    given = {key: whole(value) for key, value in raw.items()}
    if isinstance(since := given.get("since"), dict):
        given["since"] = {key: whole(value) for key, value in since.items()}
    try:
        frame: Subscribe | Ask = msgspec.convert(given, FromClient)
    except msgspec.ValidationError as error:
        raise BadFrameError(refusal(error), _id_of(given)) from error
    return frame


def _id_of(given: dict[str, object]) -> int | None:
    try:
        return msgspec.convert(given.get("id"), WholeNumber)
    except msgspec.ValidationError:
        return None
