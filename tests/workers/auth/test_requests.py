from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec

from common.bus import Bus
from common.config.tables import PsnSettings, Settings
from common.files.paths import Paths
from common.requests import AccessToken, SignIn, SignOut, WhoAmI
from tests.workers.auth.parts import Parts
from tests.workers.auth.sign_in.test_refresh_schedule import tokens
from workers.auth.requests import AuthRequests
from workers.auth.sign_in.real_network import RealNetworkSignIn
from workers.auth.stored.store import real_store


class Served:
    """Stands in for the bus. `served` has the handlers."""

    def __init__(self) -> None:
        self.served: dict[Any, Any] = {}

    def serve(self, cls: Any, handler: Any) -> None:
        self.served[cls] = handler

    async def ask(self, request: Any) -> Any:
        return await self.served[type(request)](request)


def requests(parts: Parts, paths: Paths, realm: str) -> Served:
    settings = Settings(psn=PsnSettings(realm=realm))  # type: ignore[arg-type]
    settings = msgspec.structs.replace(settings, auth=msgspec.structs.replace(settings.auth, store="file"))
    bus = Served()
    real = RealNetworkSignIn(paths, settings)
    AuthRequests(parts.sign_in, parts.policy, parts.pasted, real, parts.issuer).serve(cast("Bus", bus))
    return bus


async def test_a_user_signs_in_is_known_gets_tokens_and_signs_out(home: Path) -> None:
    parts = await Parts().loaded()
    bus = requests(parts, Paths(home), "playstation")
    assert (await bus.ask(SignIn(pasted="7"))).account_id == "7"
    who = await bus.ask(WhoAmI())
    assert (who.auth.online_id, who.store, who.file) == ("Ava", "file", "/tokens")
    assert (await bus.ask(AccessToken())).account_id == "7"
    await bus.ask(SignOut())
    assert (await bus.ask(WhoAmI())).auth.state == "signed_out"


async def test_signing_out_in_the_demo_deletes_playstations_tokens_only(home: Path) -> None:
    parts = await Parts(tokens(), demo=True).loaded()
    paths = Paths(home)
    settings = Settings()
    settings = msgspec.structs.replace(settings, auth=msgspec.structs.replace(settings.auth, store="file"))
    await real_store(paths, settings).save(tokens())
    await requests(parts, paths, "simulator").ask(SignOut())
    assert await real_store(paths, settings).load() is None
    assert parts.memory.kept == tokens()


async def test_a_sign_in_to_playstation_is_the_users_own_where_that_is_the_network(home: Path) -> None:
    parts = await Parts().loaded()
    bus = requests(parts, Paths(home), "playstation")
    assert (await bus.ask(SignIn(pasted="7", realm="playstation"))).realm == "playstation"
    assert parts.sign_in.tokens is not None
