"""A stand-in for OBS with obs-websocket 5: sources, scenes, filters and meters in memory, without sound or picture.

What it answers was compared with OBS 29 by tests/cli/obs and benchmarks/obs/members.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import msgpack
import websockets
from websockets.asyncio.server import ServerConnection, serve

from common.config.tables import ObsSettings
from tests.support.processes import free_port

OK, NOT_FOUND, EXISTS, INVALID, INVALID_KIND = 100, 600, 601, 604, 605
KINDS = ["browser_source", "color_source", "ffmpeg_source", "pulse_output_capture"]
SILENT_KINDS = {"color_source"}
_PROTOCOL = websockets.Subprotocol("obswebsocket.msgpack")


class RefusedError(Exception):
    """A request that OBS refuses, with its code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class FakeObs:
    """One OBS. Tests read and change its state directly, as a user would by hand."""

    def __init__(self) -> None:
        self.port = free_port()
        self.platform = "debian"
        self.kinds = list(KINDS)
        self.collection = "Untitled"
        self.scene = "Scene"
        self.scenes: dict[str, list[dict[str, Any]]] = {"Scene": [], "Break": []}
        """Scene → its items."""
        self.inputs: dict[str, dict[str, Any]] = {}
        self.filters: dict[tuple[str, str], dict[str, Any]] = {}
        self.devices: list[tuple[str, str]] = [("Default", "default"), ("LVA", "lva.monitor")]
        self.profile: dict[tuple[str, str], str] = {}
        self.peaks: dict[str, float] = {}
        """Source → linear peak that the meters show."""
        self.asked: list[str] = []
        """The requests so far."""
        self._ids = itertools.count(1)
        self._clients: set[ServerConnection] = set()

    @property
    def settings(self) -> ObsSettings:
        return ObsSettings(port=self.port)

    def add(self, name: str, kind: str, settings: dict[str, Any] | None = None, scene: str = "Scene") -> None:
        """Make a source, as the user would."""
        self._create_input(
            {"sceneName": scene, "inputName": name, "inputKind": kind, "inputSettings": dict(settings or {})}
        )

    def drop(self, name: str) -> None:
        """Remove a source, as the user would."""
        self._remove_input({"inputName": name})

    def shown(self, scene: str = "Scene") -> set[str]:
        """Return the names of the sources that a scene shows."""
        return {item["sourceName"] for item in self.scenes[scene] if item["sceneItemEnabled"]}

    def url(self, name: str) -> str:
        return str(self.inputs[name]["settings"].get("url", ""))

    def tracks(self, name: str) -> set[int]:
        return {int(track) for track, on in self.inputs[name]["tracks"].items() if on}

    async def send(self, event: str, **data: Any) -> None:
        """Send an event to whoever is connected."""
        message = msgpack.packb({"op": 5, "d": {"eventType": event, "eventData": data}})
        for client in list(self._clients):
            await client.send(message)

    async def close_clients(self) -> None:
        for client in list(self._clients):
            await client.close()

    # --- the connection ----------------------------------------------------------------------------

    async def serve_one(self, client: ServerConnection) -> None:
        await client.send(msgpack.packb({"op": 0, "d": {"obsWebSocketVersion": "5.1.0", "rpcVersion": 1}}))
        metering = asyncio.create_task(self._meter(client))
        self._clients.add(client)
        try:
            async for raw in client:
                message = msgpack.unpackb(raw)
                if message["op"] == 1:
                    await client.send(msgpack.packb({"op": 2, "d": {"negotiatedRpcVersion": 1}}))
                else:
                    await client.send(msgpack.packb({"op": 7, "d": self._answer(message["d"])}))
        except websockets.ConnectionClosed:
            pass
        finally:
            self._clients.discard(client)
            metering.cancel()

    async def _meter(self, client: ServerConnection) -> None:
        async for _ in _each(0.05):
            inputs = [
                {"inputName": name, "inputLevelsMul": [[peak / 2, peak, peak]]} for name, peak in self.peaks.items()
            ]
            event = {"eventType": "InputVolumeMeters", "eventData": {"inputs": inputs}}
            try:
                await client.send(msgpack.packb({"op": 5, "d": event}))
            except websockets.ConnectionClosed:
                return

    def _answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        kind, data = asked["requestType"], asked.get("requestData") or {}
        self.asked.append(kind)
        name = "_" + "".join(f"_{char.lower()}" if char.isupper() else char for char in kind).lstrip("_")
        status: dict[str, Any] = {"result": True, "code": OK}
        answer: dict[str, Any] = {}
        try:
            answer = getattr(self, name)(data) or {}
        except RefusedError as refused:
            status = {"result": False, "code": refused.code, "comment": f"refused with {refused.code}"}
        return {
            "requestType": kind,
            "requestId": asked["requestId"],
            "requestStatus": status,
            "responseData": answer,
        }

    # --- what it answers ---------------------------------------------------------------------------

    def _input(self, data: dict[str, Any]) -> dict[str, Any]:
        found = self.inputs.get(data.get("inputName") or data.get("sourceName") or "")
        if found is None:
            raise RefusedError(NOT_FOUND)
        return found

    def _sounding(self, data: dict[str, Any]) -> dict[str, Any]:
        found = self._input(data)
        if found["kind"] in SILENT_KINDS:
            raise RefusedError(INVALID)
        return found

    def _get_version(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"obsVersion": "30.2.3", "obsWebSocketVersion": "5.5.2", "platform": self.platform}

    def _get_input_kind_list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"inputKinds": self.kinds}

    def _get_scene_collection_list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"currentSceneCollectionName": self.collection}

    def _get_current_program_scene(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"currentProgramSceneName": self.scene}

    def _get_scene_list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"scenes": [{"sceneName": name} for name in reversed(self.scenes)]}

    def _get_scene_item_list(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"sceneItems": self.scenes[data["sceneName"]]}

    def _get_scene_item_id(self, data: dict[str, Any]) -> dict[str, Any]:
        for item in self.scenes[data["sceneName"]]:
            if item["sourceName"] == data["sourceName"]:
                return {"sceneItemId": item["sceneItemId"]}
        raise RefusedError(NOT_FOUND)

    def _create_scene_item(self, data: dict[str, Any]) -> None:
        self._input(data)
        self.scenes[data["sceneName"]].append(
            {"sourceName": data["sourceName"], "sceneItemId": next(self._ids), "sceneItemEnabled": True}
        )

    def _set_scene_item_enabled(self, data: dict[str, Any]) -> None:
        for item in self.scenes[data["sceneName"]]:
            if item["sceneItemId"] == data["sceneItemId"]:
                item["sceneItemEnabled"] = data["sceneItemEnabled"]
                return
        raise RefusedError(NOT_FOUND)

    def _get_input_list(self, _: dict[str, Any]) -> dict[str, Any]:
        return {
            "inputs": [{"inputName": name, "unversionedInputKind": one["kind"]} for name, one in self.inputs.items()]
        }

    def _create_input(self, data: dict[str, Any]) -> None:
        if data["inputKind"] not in self.kinds:
            raise RefusedError(INVALID_KIND)
        if data["inputName"] in self.inputs:
            raise RefusedError(EXISTS)
        self.inputs[data["inputName"]] = {
            "kind": data["inputKind"],
            "settings": dict(data.get("inputSettings") or {}),
            "volume": 0.0,
            "muted": False,
            "balance": 0.5,
            "sync": 0,
            "monitor": "OBS_MONITORING_TYPE_NONE",
            "tracks": {str(track): True for track in range(1, 7)},
        }
        self._create_scene_item({"sceneName": data["sceneName"], "sourceName": data["inputName"]})

    def _remove_input(self, data: dict[str, Any]) -> None:
        self._input(data)
        name = data["inputName"]
        del self.inputs[name]
        for scene in self.scenes:
            self.scenes[scene] = [item for item in self.scenes[scene] if item["sourceName"] != name]
        self.filters = {key: one for key, one in self.filters.items() if key[0] != name}

    def _get_input_settings(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputSettings": self._input(data)["settings"]}

    def _set_input_settings(self, data: dict[str, Any]) -> None:
        self._input(data)["settings"].update(data["inputSettings"])

    def _get_source_active(self, data: dict[str, Any]) -> dict[str, Any]:
        self._input(data)
        return {"videoActive": data["sourceName"] in self.shown(self.scene)}

    def _get_input_volume(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputVolumeDb": self._sounding(data)["volume"]}

    def _set_input_volume(self, data: dict[str, Any]) -> None:
        self._sounding(data)["volume"] = data["inputVolumeDb"]

    def _get_input_mute(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputMuted": self._sounding(data)["muted"]}

    def _set_input_mute(self, data: dict[str, Any]) -> None:
        self._sounding(data)["muted"] = data["inputMuted"]

    def _get_input_audio_balance(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputAudioBalance": self._sounding(data)["balance"]}

    def _set_input_audio_balance(self, data: dict[str, Any]) -> None:
        self._sounding(data)["balance"] = data["inputAudioBalance"]

    def _get_input_audio_sync_offset(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputAudioSyncOffset": self._sounding(data)["sync"]}

    def _set_input_audio_sync_offset(self, data: dict[str, Any]) -> None:
        self._sounding(data)["sync"] = data["inputAudioSyncOffset"]

    def _get_input_audio_monitor_type(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"monitorType": self._sounding(data)["monitor"]}

    def _set_input_audio_monitor_type(self, data: dict[str, Any]) -> None:
        self._sounding(data)["monitor"] = data["monitorType"]

    def _get_input_audio_tracks(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"inputAudioTracks": self._sounding(data)["tracks"]}

    def _set_input_audio_tracks(self, data: dict[str, Any]) -> None:
        self._sounding(data)["tracks"].update(data["inputAudioTracks"])

    def _get_input_properties_list_property_items(self, data: dict[str, Any]) -> dict[str, Any]:
        self._input(data)
        return {"propertyItems": [{"itemName": name, "itemValue": value} for name, value in self.devices]}

    def _get_profile_parameter(self, data: dict[str, Any]) -> dict[str, Any]:
        return {"parameterValue": self.profile.get((data["parameterCategory"], data["parameterName"]))}

    def _get_source_filter_list(self, data: dict[str, Any]) -> dict[str, Any]:
        self._input(data)
        return {"filters": [one for (source, _), one in self.filters.items() if source == data["sourceName"]]}

    def _filter(self, data: dict[str, Any]) -> dict[str, Any]:
        found = self.filters.get((data["sourceName"], data["filterName"]))
        if found is None:
            raise RefusedError(NOT_FOUND)
        return found

    def _get_source_filter(self, data: dict[str, Any]) -> dict[str, Any]:
        return self._filter(data)

    def _create_source_filter(self, data: dict[str, Any]) -> None:
        self._input(data)
        key = (data["sourceName"], data["filterName"])
        if key in self.filters:
            raise RefusedError(EXISTS)
        self.filters[key] = {
            "filterName": data["filterName"],
            "filterKind": data["filterKind"],
            "filterSettings": dict(data.get("filterSettings") or {}),
            "filterEnabled": True,
        }

    def _remove_source_filter(self, data: dict[str, Any]) -> None:
        self._filter(data)
        del self.filters[data["sourceName"], data["filterName"]]

    def _set_source_filter_settings(self, data: dict[str, Any]) -> None:
        self._filter(data)["filterSettings"].update(data["filterSettings"])

    def _set_source_filter_enabled(self, data: dict[str, Any]) -> None:
        self._filter(data)["filterEnabled"] = data["filterEnabled"]


async def _each(seconds: float) -> AsyncIterator[None]:
    """Yield at OBS's pace."""
    never = asyncio.Event()
    for _ in itertools.count():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await never.wait()
        yield


@asynccontextmanager
async def fake_obs() -> AsyncIterator[FakeObs]:
    obs = FakeObs()
    async with serve(obs.serve_one, "127.0.0.1", obs.port, subprotocols=[_PROTOCOL]):
        yield obs


@contextmanager
def fake_obs_apart() -> Iterator[FakeObs]:
    """Yield one that runs in a thread, for code that has a loop of its own."""
    ready, ended = threading.Event(), threading.Event()
    found: list[FakeObs] = []

    async def serve_until() -> None:
        async with fake_obs() as obs:
            found.append(obs)
            ready.set()
            await asyncio.to_thread(ended.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve_until(),), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield found[0]
    finally:
        ended.set()
        thread.join(30)
