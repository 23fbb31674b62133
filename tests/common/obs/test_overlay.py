"""The overlay in OBS by itself, against the fake one."""

from __future__ import annotations

import pytest

from common.messages import ObsSetup
from common.obs.connection import ObsError
from common.obs.overlay import put_overlay, take_overlay
from common.requests import PutOverlayIntoObs
from tests.common.obs.test_setup import Hands, hands, view  # noqa: F401  # a fixture

ROW = "layout=row&max=5"
NAME = "partyline overlay"


async def put(hands: Hands, **wanted) -> str:  # noqa: F811
    """Put it into OBS. Return what was done."""
    changes = await hands._with(view(), lambda studio: put_overlay(studio, PutOverlayIntoObs(**wanted)))
    (change,) = changes
    assert change.name == NAME
    return change.done


def address(hands: Hands) -> str:  # noqa: F811
    return hands.obs.url(NAME)


async def overlays(hands: Hands) -> list[tuple[str, tuple[str, ...], str]]:  # noqa: F811
    return [(one.name, one.scenes, one.look) for one in (await hands.state()).sources if one.carries == "overlay"]


async def test_it_is_made_as_it_was_set_up_and_changed_in_place_when_it_is_put_again(hands: Hands):  # noqa: F811
    assert await put(hands, look=ROW, width=600, height=300) == "created"
    assert address(hands) == f"http://127.0.0.1:8770/overlay?key=k&{ROW}"
    settings = hands.obs.inputs[NAME]["settings"]
    assert (settings["width"], settings["height"]) == (600, 300)
    assert await overlays(hands) == [(NAME, ("Scene",), ROW)]
    assert await put(hands, look=ROW, width=600, height=300) == "unchanged"
    assert await put(hands, look="layout=bubbles") == "updated"
    assert address(hands).endswith("key=k&layout=bubbles")
    assert hands.obs.inputs[NAME]["settings"]["width"] == 600
    assert len(hands.obs.inputs) == 1


async def test_without_a_look_it_keeps_its_own_and_gets_the_present_key(hands: Hands):  # noqa: F811
    hands.obs.add(NAME, "browser_source", {"url": "http://127.0.0.1:8770/overlay?key=old&layout=row"})
    assert await put(hands) == "updated"
    assert address(hands) == "http://127.0.0.1:8770/overlay?key=k&layout=row"


@pytest.mark.parametrize("look", [f"http://other:1/overlay?key=theirs&talker=x&{ROW}", f"?{ROW}", f"&{ROW}", ROW])
async def test_a_pasted_address_brings_its_look_and_no_key(hands: Hands, look: str):  # noqa: F811
    await put(hands, look=look)
    assert address(hands) == f"http://127.0.0.1:8770/overlay?key=k&{ROW}"


async def test_it_goes_into_the_scene_that_was_chosen_and_stays_in_the_others(hands: Hands):  # noqa: F811
    await put(hands, scene="break")
    assert await overlays(hands) == [(NAME, ("Break",), "")]
    await put(hands, scene="Scene")
    assert await overlays(hands) == [(NAME, ("Scene", "Break"), "")]
    with pytest.raises(ObsError, match="no scene 'Nowhere'"):
        await put(hands, scene="Nowhere")


async def test_a_source_of_the_users_with_its_name_is_left_alone(hands: Hands):  # noqa: F811
    hands.obs.add(NAME, "color_source")
    changes = await hands._with(view(), lambda studio: put_overlay(studio, PutOverlayIntoObs()))
    assert [change.name for change in changes] == [f"{NAME} 2"]
    await take_overlay(hands.there, hands.memory)
    assert set(hands.obs.inputs) == {NAME}


async def test_an_obs_without_browser_sources_says_so(hands: Hands):  # noqa: F811
    hands.obs.kinds.remove("browser_source")
    with pytest.raises(ObsError, match="no Browser Source") as caught:
        await put(hands)
    assert caught.value.code == "obs.no-browser"
    assert "official build" in caught.value.remedy
    assert hands.obs.inputs == {}


async def test_the_voices_stay_and_a_set_up_knows_of_it(hands: Hands):  # noqa: F811
    await hands.set_up(ObsSetup(route="mix", overlay=False))
    await put(hands, look=ROW)
    assert hands.memory.now.setup == ObsSetup(route="mix", overlay=True)
    assert set(hands.memory.now.made) == {"mix", "overlay"}
    assert await hands.follow() == []  # and keeps its look
    assert address(hands).endswith(ROW)
    removed = await take_overlay(hands.there, hands.memory)
    assert [(one.name, one.done) for one in removed] == [(NAME, "removed")]
    assert set(hands.obs.inputs) == {"partyline voices"}
    assert await hands.follow() == []  # nor does it come back
    assert await take_overlay(hands.there, hands.memory) == []


async def test_by_itself_it_starts_no_set_up(hands: Hands):  # noqa: F811
    await put(hands)
    await hands.follow()
    assert hands.memory.now.setup is None
    assert hands.memory.now.made == ()
