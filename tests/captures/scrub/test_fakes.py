"""Fakes have the shape of what they stand for, are the same for the same value, and differ from it."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from captures.scrub.draw import made_up
from captures.scrub.fakes import DOCUMENTATION, Fakes

KEY = bytes(32)


@pytest.fixture
def fakes() -> Fakes:
    return Fakes(KEY)


@given(st.integers(1, (1 << 64) - 1))
@example(1)
@settings(max_examples=50)
def test_a_number_keeps_its_digits_its_sign_and_its_64_bits(value: int) -> None:
    fakes = Fakes(KEY)
    fake = fakes.number(value)
    assert fake != value
    assert fake == fakes.number(value) == -fakes.number(-value)
    assert len(str(fake)) == len(str(value))
    assert fake < 1 << 64


@pytest.mark.parametrize(("value", "known"), [(10**14, True), (10**14 - 1, False), (7318264950173826495, True)])
def test_a_number_of_15_digits_is_an_id_once_it_was_seen(fakes: Fakes, value: int, known: bool) -> None:
    assert not fakes.knows(value)
    fakes.number(value)
    assert fakes.knows(value) == known


def test_a_word_keeps_letters_and_digits_and_its_case(fakes: Fakes) -> None:
    fake = fakes.token("Quux88")
    assert fake[:4].isalpha()
    assert fake[4:].isdecimal()
    assert (fake[0].isupper(), fake[1:4].islower()) == (True, True)
    assert fakes.token("QUUX88") == fake.upper()
    assert fakes.token("quux88") == fake.lower() != "quux88"
    assert made_up(fake)


def test_hexadecimal_digits_stay_hexadecimal_and_foreign_letters_become_latin(fakes: Fakes) -> None:
    fake = fakes.token("DEADBEEF00")
    assert set(fake) <= set("0123456789ABCDEF")
    assert fake == fakes.token("deadbeef00").upper()
    assert fakes.token("竜之介太郎").isascii()


def test_a_uuid_keeps_its_version_and_is_the_same_with_and_without_hyphens(fakes: Fakes) -> None:
    real = "4B7E91D2-08C5-4A36-9F1B-C3D75E208A64"
    fake = fakes.uuid(real)
    assert [len(part) for part in fake.split("-")] == [8, 4, 4, 4, 12]
    assert (fake[14], fake[19]) == ("4", "9")
    assert fakes.uuid(real.replace("-", "").lower()) == fake.replace("-", "").lower()
    assert fake.isupper()


@pytest.mark.parametrize("text", ["93.184.216.119", "10.77.213.94", "2a02:8109:9ac0:5d3c:1c2f:77ab:e19d:4b60"])
def test_an_address_is_of_a_network_for_documentation(fakes: Fakes, text: str) -> None:
    fake = ipaddress.ip_address(fakes.address(text))
    assert any(fake.version == net.version and fake in net for net in DOCUMENTATION)
    assert fakes.address(ipaddress.ip_address(text).exploded) == str(fake)


@pytest.mark.parametrize("text", ["0.0.0.0", "127.0.0.1", "::", "::1"])
def test_an_address_of_nobody_stays(fakes: Fakes, text: str) -> None:
    assert fakes.address(text) == text


def test_a_port_becomes_a_dynamic_one_but_for_those_that_mean_none(fakes: Fakes) -> None:
    assert (fakes.port(0), fakes.port(9)) == (0, 9)
    assert {fakes.port(value) for value in (1, 8, 10, 34939)}.isdisjoint({1, 8, 10, 34939})
    assert all(10_000 <= fakes.port(value) < 60_000 for value in range(1, 300) if value != 9)


def test_bytes_keep_their_number_and_depend_on_the_key(fakes: Fakes) -> None:
    assert len(fakes.octets(b"secret")) == 6
    assert fakes.octets(b"secret") == fakes.octets(b"secret") == Fakes(KEY).octets(b"secret")
    assert fakes.octets(b"secret") != Fakes(bytes([1]) * 32).octets(b"secret")
    assert Fakes().octets(b"secret") != Fakes().octets(b"secret"), "without a key it is another one each time"


def test_all_times_are_moved_back_by_the_same_one_to_four_years() -> None:
    moved = set()
    for number in range(20):
        fakes = Fakes(bytes([number]) * 32)
        days, rest = divmod(1_800_000_000 - fakes.seconds(1_800_000_000), 86_400)
        assert rest == 0
        assert 400 <= days < 1400
        assert fakes.seconds(5.0) - fakes.seconds(3.0) == 2.0
        moved.add(days)
    assert len(moved) > 10


def test_different_values_have_different_fakes_as_long_as_there_are_some(fakes: Fakes) -> None:
    drawn = [fakes.number(value) for value in range(10, 60)]
    assert len(set(drawn)) == 50
    assert all(fake != value for value, fake in zip(range(10, 60), drawn, strict=True))
    assert len({fakes.number(value) for value in range(10, 100)}) <= 90, "and then it ends"
    assert not fakes.done("anything")
