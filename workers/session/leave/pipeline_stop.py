"""The check whether the whole pipeline is stopping, or only this worker.

A restart of session alone must not be heard, so it must not leave the party. The end of the pipeline must leave it.
supervisord knows which of the two it is.
"""

from __future__ import annotations

import asyncio
import xmlrpc.client
from typing import Any
from xml.parsers.expat import ExpatError

import httpx

SHUTDOWN_STATE = 6
"""supervisord's fault code for "I am shutting down"."""
ASK_S = 0.8
"""How long supervisord may take to answer. It leaves time for the leave itself."""


async def whole_pipeline_stops(supervisor_url: str, own_name: str) -> bool:
    """Return False only if supervisord and other workers keep running.

    `supervisor_url` is that of $SUPERVISOR_SERVER_URL. Without one, or without an answer, nobody would restart this
    worker, so the result is True.
    """
    if not supervisor_url:
        return True
    try:
        async with asyncio.timeout(ASK_S):
            processes = await _ask(supervisor_url, "supervisor.getAllProcessInfo")
    except xmlrpc.client.Fault as fault:
        return fault.faultCode == SHUTDOWN_STATE
    except (
        TimeoutError,
        httpx.HTTPError,
        httpx.InvalidURL,
        OSError,
        ExpatError,
        xmlrpc.client.Error,
        ValueError,
        LookupError,
    ):
        return True
    return not others_run(processes, own_name)


def others_run(processes: Any, own_name: str) -> bool:
    """Return whether any other program in supervisord's list is running and not being stopped."""
    if not isinstance(processes, list):
        return False
    return any(
        isinstance(process, dict)
        and process.get("name") != own_name
        and process.get("statename") in ("RUNNING", "STARTING")
        for process in processes
    )


async def _ask(url: str, method: str) -> Any:
    unix = url.startswith("unix://")  # a path may have # and ?, unlike a URL's
    transport = httpx.AsyncHTTPTransport(uds=url.removeprefix("unix://") if unix else None)
    target = "http://localhost/RPC2" if unix else url.rstrip("/") + "/RPC2"
    async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
        answer = await client.post(
            target, content=xmlrpc.client.dumps((), method), headers={"Content-Type": "text/xml"}
        )
        return xmlrpc.client.loads(answer.text)[0][0]
