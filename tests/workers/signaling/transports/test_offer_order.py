from __future__ import annotations

from workers.signaling.transports.offer_order import OfferOrder

ANN, BO = "1.PS5", "2.PS5"


def test_a_lower_number_soon_after_a_higher_one_was_overtaken() -> None:
    order = OfferOrder()
    assert [order.is_overtaken(ANN, number, 1.0) for number in (8, 7, 8, 9)] == [False, True, False, False]


def test_each_member_has_its_own_count() -> None:
    order = OfferOrder()
    assert not order.is_overtaken(ANN, 8, 1.0)
    assert not order.is_overtaken(BO, 7, 1.0)


def test_a_lower_number_later_means_that_the_sender_restarted_its_count() -> None:
    order = OfferOrder()
    order.is_overtaken(ANN, 8, 1.0)
    assert order.is_overtaken(ANN, 1, 10.9)
    assert not order.is_overtaken(ANN, 1, 11.0)


def test_a_member_that_has_left_is_forgotten() -> None:
    order = OfferOrder()
    order.is_overtaken(ANN, 8, 1.0)
    order.is_overtaken(BO, 8, 1.0)
    order.keep({BO})
    assert not order.is_overtaken(ANN, 1, 2.0)
    assert order.is_overtaken(BO, 1, 2.0)
