"""The party's bridges, as its view and push events name them. No I/O."""

from __future__ import annotations

from collections.abc import Container

from common.psn.party import bridges
from common.psn.party.bridges import BridgeRef


class KnownBridges:
    """The bridges by id, the newest last. A member may link any number, so the oldest are discarded."""

    def __init__(self) -> None:
        self._refs: dict[str, BridgeRef] = {}

    def __len__(self) -> int:
        return len(self._refs)

    def add(self, ref: BridgeRef) -> None:
        self._refs.pop(ref.bridge_id, None)
        self._refs[ref.bridge_id] = ref
        if len(self._refs) > bridges.MOST:
            del self._refs[next(iter(self._refs))]

    def remove(self, bridge_id: str) -> None:
        self._refs.pop(bridge_id, None)

    def clear(self) -> None:
        self._refs.clear()

    def get(self, bridge_id: str) -> BridgeRef | None:
        return self._refs.get(bridge_id)

    def newest(self, without: Container[str]) -> BridgeRef | None:
        """Return the newest bridge whose id is not in `without`."""
        found = [ref for ref in self._refs.values() if ref.bridge_id not in without]
        return found[-1] if found else None
