"""Who is sent the state, and what each of them shows already. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from integrations.osc.outgoing.feedback import is_same
from integrations.osc.wire.osc_packets import Address, Value

MOST = 32
"""Controllers that come by themselves. Beyond that the one that was silent for longest is forgotten."""
QUIET_S = 1.2
"""A fader that moves is sent nothing until it has rested for so long, as on the dashboard (`shared/dom.js`)."""


class OscTarget:
    """One receiver."""

    def __init__(self, address: Address, *, is_fixed: bool, now: float) -> None:
        self.address = address
        self.is_fixed = is_fixed
        self.heard_at = now
        self._shown: dict[str, Value] = {}
        self._held: dict[str, tuple[float, Value]] = {}

    def hold(self, address: str, value: Value, now: float) -> None:
        """Note that its user moves a control, which shows `value` by itself."""
        self._held[address] = (now + QUIET_S, value)

    def due(self, values: Mapping[str, Value], now: float) -> dict[str, Value]:
        """Return what it has to be sent, and take it as sent.

        A switch is confirmed as soon as the state is what was asked for. A fader is confirmed when it rests. So a
        controller without a state of its own shows the right thing too.
        """
        found: dict[str, Value] = {}
        for address, value in values.items():
            if address in self._held:
                until, moved_to = self._held[address]
                if now < until and (isinstance(moved_to, float) or value != moved_to):
                    continue
                del self._held[address]
                self._shown.pop(address, None)
            if not is_same(value, self._shown.get(address)):
                found[address] = self._shown[address] = value
        return found

    def next_due(self) -> float | None:
        """Return when a control that is held will have rested."""
        return min((until for until, _ in self._held.values()), default=None)

    def forget_shown(self) -> None:
        """Send everything again, but to a control that is held."""
        self._shown.clear()


class Targets:
    """All receivers. `forget_s`: for how long one that came by itself is kept without a word from it."""

    def __init__(self, forget_s: float) -> None:
        self._forget_s = forget_s
        self._of: dict[Address, OscTarget] = {}
        self._moved: dict[Address, Address] = {}
        """Where it sends from → where it wants to be answered."""

    def __iter__(self) -> Iterator[OscTarget]:
        return iter(list(self._of.values()))

    def __len__(self) -> int:
        return len(self._of)

    def fix(self, address: Address, now: float) -> None:
        """Keep a receiver for good."""
        self._of.setdefault(address, OscTarget(address, is_fixed=True, now=now)).is_fixed = True

    def heard(self, source: Address, reply_port: int, now: float) -> OscTarget:
        """Note a sign of life, and return where its sender is answered."""
        address = self._moved.get(source) or (source[0], reply_port or source[1], *source[2:])
        target = self._of.get(address)
        if target is None:
            self._make_room()
            target = self._of[address] = OscTarget(address, is_fixed=False, now=now)
        target.heard_at = now
        return target

    def answer_at(self, source: Address, port: int, now: float) -> OscTarget:
        """Answer this sender at another port from now on."""
        self.remove(source, source[1])
        self._moved[source] = (source[0], port, *source[2:])
        return self.heard(source, port, now)

    def remove(self, source: Address, reply_port: int) -> None:
        """Forget a sender, unless it is one of those that are kept for good."""
        address = self._moved.pop(source, None) or (source[0], reply_port or source[1], *source[2:])
        target = self._of.get(address)
        if target is not None and not target.is_fixed:
            self._drop(target)

    def at_host(self, host: str) -> list[OscTarget]:
        return [target for target in self if target.address[0] == host]

    def expire(self, now: float) -> list[OscTarget]:
        """Forget those that were silent for too long, and return them."""
        silent = [one for one in self if not one.is_fixed and now - one.heard_at >= self._forget_s]
        for target in silent:
            self._drop(target)
        return silent

    def _make_room(self) -> None:
        ours = sorted((one for one in self if not one.is_fixed), key=lambda one: one.heard_at)
        for target in ours[: max(0, len(ours) - MOST + 1)]:
            self._drop(target)

    def _drop(self, target: OscTarget) -> None:
        del self._of[target.address]
        self._moved = {source: address for source, address in self._moved.items() if address != target.address}
