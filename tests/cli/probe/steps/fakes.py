"""A bus and an operator for the steps, without a pipeline."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

from cli.probe.observe.listener import BusListener
from cli.probe.results.run_calls import RunCallLog
from cli.probe.steps.context import StepContext, StepLimits
from cli.probe.steps.run_party import RunParty
from cli.probe.steps.runner import StepRunner
from cli.shared.terminal import Style
from common.messages import PartyState
from common.messages.wire import Header, Received
from common.psn.http.trace import CallTrace, Traced
from common.requests import Done, LeaveParty

LEAVE = "/api/sessionManager/v2/partySessions/{session_id}/members/me"


class FakeBus:
    """Answers every request with `Done`, and records them. A leave is traced with `status`, and ends the party."""

    def __init__(self, file, status):
        self.asked = []
        self.listener = BusListener(self)
        self._trace, self._status = CallTrace(file), status

    async def request(self, request, wait_s=10.0):
        self.asked.append(request)
        if isinstance(request, LeaveParty):
            call = Traced(at=time.time() + 1, method="DELETE", host="mobile", path=LEAVE, status=self._status, ms=3)
            self._trace.add(call)
            self.publish(PartyState(phase="none"))
        return Done(message="Left the party.")

    def publish(self, message):
        header = Header(sender="t", boot="", seq=1, at=1.0)
        self.listener.on_message(Received(topic=message.topic(), header=header, message=message))


class FakeOperator:
    def __init__(self, *, agrees=True, does=None):
        """`does` is called for a requested action. If it returns False, the action is declined."""
        self.agrees, self.asked, self.actions = agrees, [], []
        self._does = does

    async def agree(self, question):
        self.asked.append(question)
        return self.agrees

    async def answer(self, question):
        return ""

    @asynccontextmanager
    async def request(self, action):
        self.actions.append(action)
        declined = asyncio.Event()
        if self._does is not None and self._does() is False:
            declined.set()
        yield declined


class Rig:
    """A runner with its context, party and fake bus."""

    def __init__(self, folder, *, status=204, operator=None, limits=None):
        folder.mkdir(exist_ok=True)
        trace_file, began = folder / "trace.jsonl", time.time()
        self.bus = FakeBus(trace_file, status)
        self.party = RunParty(self.bus, self.bus.listener, trace_file)
        self.context = StepContext(
            self.bus,
            self.bus.listener,
            operator or FakeOperator(),
            self.party,
            Style(on=False),
            limits or StepLimits(),
            began=began,
        )
        self.calls = RunCallLog(trace_file, began)
        self.runner = StepRunner(self.context, self.calls)

    def enter(self):
        """Come into a party."""
        self.party.enter()
        self.bus.publish(PartyState(phase="joined", session_id="s", me="1.PS5"))

    @property
    def states(self):
        return {one.name: one.state for one in self.runner.records}
