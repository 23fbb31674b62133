from __future__ import annotations

import re

import pytest

from captures.scrub.draw import Draws, made_up

KEYS = [bytes([number]) * 32 for number in range(200)]


@pytest.mark.parametrize("pair", ["a4", "5e", "d7", "c3", "ff"])
def test_the_fakes_of_a_hardware_addresss_parts_look_like_none(pair: str) -> None:
    drawn = {Draws(key).token(pair, 0) for key in KEYS}
    assert len(drawn) > 20
    assert set("".join(drawn)) - set("0123456789") == set("ghijklmnopqrstuvwxyz")
    assert not [fake for fake in drawn if re.fullmatch(r"[0-9a-f]{2}", fake)]


@pytest.mark.parametrize("text", ["abcd", "Nova_Kite", "a1b2c3d4e5"])
def test_a_fake_is_the_same_for_a_key_and_bears_the_mark(text: str) -> None:
    for key in KEYS[:20]:
        fake = Draws(key).token(text, 0)
        assert fake == Draws(key).token(text, 0) != text
        assert made_up(fake)
    assert len({Draws(key).token(text, 0) for key in KEYS[:20]}) > 10


@pytest.mark.parametrize(
    ("token", "passes"),
    [
        ("99999999999999", True),  # 14 digits are no id
        ("00099999999999999", True),
        (str(9973 * 10**11), True),
        (str(9973 * 10**11 + 1), False),
        (f"{9973 * 10**12:016x}", True),
        ("abc", True),
    ],
)
def test_numbers_of_15_digits_bear_a_mark_and_what_is_short_needs_none(token: str, passes: bool) -> None:
    assert made_up(token) == passes


def test_by_chance_few_words_bear_the_mark() -> None:
    words = {8: "w{:06}x", 7: "w{:06}", 4: "w{:03}", 3: "w{:02}"}
    marked = {length: sum(made_up(word.format(number)) for number in range(900)) for length, word in words.items()}
    assert marked[8] < 9  # one in 251
    assert 15 < marked[7] < 45  # one in 31
    assert 15 < marked[4] < 45


@pytest.mark.parametrize("text", ["2", "10", "999999", "10" * 7, "1" + "0" * 14, "18446744073709551615", "9" * 30])
def test_a_number_keeps_its_digits_and_an_id_its_64_bits_and_its_mark(text: str) -> None:
    for key in KEYS[:40]:
        fake = Draws(key).number(text, 0)
        assert len(fake) == len(text)
        assert made_up(fake)
        assert fake not in ("0", "1")
        if int(text) < 1 << 64:
            assert int(fake) < 1 << 64
        if len(text) >= 15:
            assert int(fake) % 9973 == 0


def test_another_try_draws_another_fake() -> None:
    for draw, text in ((Draws.number, "123456"), (Draws.token, "word"), (Draws.hex, "0a1b2c3d"), (Draws.port, "5000")):
        assert len({draw(Draws(KEYS[1]), text, turn) for turn in range(20)}) > 10


def test_hexadecimal_digits_a_uuid_and_its_version_keep_their_form() -> None:
    for key in KEYS[:20]:
        assert re.fullmatch(r"[0-9a-f]{10}", Draws(key).hex("deadbeef00", 0))
        uuid = Draws(key).uuid("4b7e91d208c54a369f1bc3d75e208a64", 0)
        assert re.fullmatch(r"[0-9a-f]{12}4[0-9a-f]{3}9[0-9a-f]{15}", uuid)
        assert made_up(uuid)


def test_addresses_and_ports_are_of_their_ranges_and_use_all_of_them() -> None:
    private = {Draws(key).address("10.77.213.94", 0) for key in KEYS}
    public = {Draws(key).address("93.184.216.119", 0) for key in KEYS}
    assert {one.rpartition(".")[0] for one in private} == {"192.0.2"}
    assert {one.rpartition(".")[0] for one in public} == {"198.51.100", "203.0.113"}
    hosts = {int(one.rpartition(".")[2]) for one in private | public}
    assert (min(hosts) >= 1, max(hosts) <= 254, len(hosts) > 100) == (True, True, True)
    assert all(Draws(key).address("2a02::1", 0).startswith("2001:db8:") for key in KEYS[:9])
    ports = {int(Draws(key).port("5000", 0)) for key in KEYS}
    assert 10_000 <= min(ports) < 15_000
    assert 50_000 < max(ports) < 60_000
