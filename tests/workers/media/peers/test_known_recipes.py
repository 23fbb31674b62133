"""What worked is tried first, with the same kind if possible."""

from __future__ import annotations

from common.psn.unknowns import BY_NAME, DEFAULT
from workers.media.peers.known_recipes import KnownRecipes, Worked

ODD = {name: BY_NAME[name].values[-1] for name in DEFAULT}
NAME = next(iter(DEFAULT))
OTHER = DEFAULT | {NAME: BY_NAME[NAME].values[1]}


def worked(platform: str, recipe: dict[str, str], at: float, version: str = "1") -> Worked:
    return Worked(platform=platform, app_version=version, recipe=recipe, at=at)


def test_the_kind_comes_before_the_platform_and_the_platform_before_anybody() -> None:
    known = KnownRecipes((worked("PS5", ODD, 1.0), worked("PS5", OTHER, 2.0, "2"), worked("PS4", DEFAULT, 3.0)))
    assert known.likeliest(("PS5", "1")) == ODD
    assert known.likeliest(("PS5", "3")) == OTHER, "the newest of the platform"
    assert known.likeliest(("MOBILE_APP", "1")) == DEFAULT, "the newest of all"
    assert KnownRecipes(()).likeliest(("PS5", "1")) == DEFAULT


def test_a_success_is_the_newest_even_if_the_clock_was_set_back() -> None:
    known = KnownRecipes((worked("PS4", ODD, 1000.0),))
    assert known.record(("PS5", "1"), OTHER, 5.0)
    assert [one.platform for one in known.to_store()] == ["PS4", "PS5"]
    assert known.newest is not None
    assert known.newest.platform == "PS5"


def test_only_another_recipe_is_a_change() -> None:
    known = KnownRecipes(())
    assert known.record(("PS5", "1"), ODD, 5.0)
    assert not known.record(("PS5", "1"), ODD, 6.0)
    assert known.record(("PS5", "1"), OTHER, 7.0)
