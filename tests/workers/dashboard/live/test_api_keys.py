"""What the dashboard's page does with the API's keys."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from common.api import keys
from common.api.key_uses import KeyUses
from common.api.rights import MAY
from common.errors import PartylineError
from common.files.paths import Paths
from workers.dashboard.live.api_keys import ApiKeyList, MadeApiKey, PageApiKeys
from workers.dashboard.live.own_requests import ListApiKeys, MakeApiKey, RenameApiKey, RevokeApiKey


async def test_a_key_is_made_shown_once_listed_renamed_and_revoked(home: Path) -> None:
    paths, uses = Paths(home), KeyUses(Paths(home))
    page = PageApiKeys(paths, uses)
    made = await page.serve(MakeApiKey(name="Stream Deck", right="control"))
    assert isinstance(made, MadeApiKey)
    assert (made.name, made.may) == ("Stream Deck", MAY["control"])
    assert made.key not in repr(made)
    (kept,) = keys.load(paths)
    assert keys.find((kept,), made.key) == kept.grant()

    uses.note(kept.key_id, 5.0)
    listed = await page.serve(ListApiKeys())
    assert isinstance(listed, ApiKeyList)
    assert [(key.name, key.right, key.used_at) for key in listed.keys] == [("Stream Deck", "control", 5.0)]
    assert made.key.rpartition(".")[2].encode() not in msgspec.json.encode(listed)
    assert kept.digest.encode() not in msgspec.json.encode(listed)

    await page.serve(RenameApiKey(key_id=kept.key_id, name="Deck"))
    assert [key.name for key in keys.load(paths)] == ["Deck"]
    await page.serve(RevokeApiKey(key_id=kept.key_id))
    assert keys.load(paths) == ()
    with pytest.raises(PartylineError, match="no key called"):
        await page.serve(RevokeApiKey(key_id=kept.key_id))
