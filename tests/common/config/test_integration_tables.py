"""The tables of webhooks and MQTT: what is refused, and what is hidden."""

from __future__ import annotations

import pytest

from common.config.integration_tables import MOST_HOOKS
from common.config.settings import of_text
from common.errors import SettingsError
from common.log import logs

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def hook(**keys: str) -> str:
    return "[webhooks.hooks.lights]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items())


@pytest.mark.parametrize("url", [
    "http://10.0.0.5:1880/party", "https://discord.com/api/webhooks/1/abc", "http://[fd00::5]/x", "http://nas.local",
    "https://me:word@example.com/", "http://localhost:1/?a=b",
])  # fmt: skip
def test_addresses_on_the_internet_and_at_home_are_taken(url: str) -> None:
    assert of_text(hook(url=url), "f").webhooks.hooks["lights"].url == url


@pytest.mark.parametrize(("text", "words"), [
    (hook(url="ftp://planted.example/x"), "url must be an address"),
    (hook(url="planted"), "url must be an address"), (hook(url="http://"), "url must be an address"),
    (hook(url="http://planted:99999"), "url must be an address"),
    (hook(url="http://[planted"), "url must be an address"),
    (hook(url="http://hook.invalid", secret="planted-word"), "secret must be whsec_"),
    (hook(url="http://hook.invalid", secret=SECRET.removeprefix("whsec_")), "secret must be whsec_"),
    (hook(url="http://hook.invalid", secret="whsec_cGxhbnRlZA=="), "secret must be whsec_"),
    (hook(url="http://hook.invalid", secret="whsec_" + "A" * 100), "secret must be whsec_"),
    (hook(), "url"), (hook(url="http://hook.invalid", format="xml"), "format"),
    (hook(url="http://hook.invalid", nix="1"), "nix"),
    (hook(url="http://hook.invalid") + 'events = ["speech"]', "events"),
    (hook(url="http://hook.invalid") + "min_interval_s = -1", "min_interval_s"),
    ("[webhooks.hooks.Lights]\nurl = 'http://hook.invalid'", "hooks"),
    ("".join(f"[webhooks.hooks.h{n}]\nurl = 'http://hook.invalid'\n" for n in range(MOST_HOOKS + 1)), "hooks"),
    ('[mqtt]\nbase_topic = "a/#"', "base_topic"), ('[mqtt]\nbase_topic = "/a"', "base_topic"),
    ('[mqtt]\nbase_topic = ""', "base_topic"), ('[mqtt]\ndiscovery_prefix = "+"', "discovery_prefix"),
    ("[mqtt]\nport = 70000", "port"), ('[mqtt]\nallow = "all"', "allow"),
])  # fmt: skip
def test_what_cannot_be_is_refused_by_its_key_and_without_the_value(text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        of_text(text, "f")
    assert words in refused.value.message
    assert "planted" not in refused.value.message


def test_an_address_is_hidden_as_a_whole_and_its_token_alone() -> None:
    url = "https://me:planted-word@planted.example/api/webhooks/planted-token?k=planted-query"
    of_text(hook(url=url, secret=SECRET), "f")
    said = logs.redact(f"POST {url} /api/webhooks/planted-token?k=planted-query me:planted-word {SECRET}")
    assert "planted" not in said
    assert SECRET not in said
    assert "/api/webhooks/" in said, "usual words are not hidden"


def test_nothing_of_it_is_in_the_repr() -> None:
    settings = of_text(hook(url="http://planted.example", secret=SECRET) + '[mqtt]\npassword = "planted-word"', "f")
    assert "planted" not in repr(settings)
    assert SECRET not in repr(settings)
