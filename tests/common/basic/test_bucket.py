"""A bucket of tokens: so many at once, and so many a second."""

from __future__ import annotations

from common.basic.bucket import Bucket


def test_so_many_are_taken_at_once_and_no_more() -> None:
    bucket = Bucket(per_s=2.0, at_once=3)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]


def test_a_full_bucket_has_all_that_it_holds_and_not_more() -> None:
    bucket = Bucket(per_s=2.0, at_once=3)
    assert bucket.has(0.0, 3.0)
    assert not bucket.has(0.0, 3.001)
    assert bucket.take(0.0, 3.0)
    assert not bucket.has(0.0, 0.001)


def test_it_gains_so_many_a_second_up_to_what_it_holds() -> None:
    bucket = Bucket(per_s=2.0, at_once=3)
    assert bucket.take(10.0, 3.0)
    assert not bucket.take(10.25)
    assert bucket.take(10.5)
    assert not bucket.has(10.5, 0.001)
    assert bucket.has(12.0, 3.0)
    assert not bucket.has(1000.0, 3.001)


def test_a_refusal_takes_nothing() -> None:
    bucket = Bucket(per_s=1.0, at_once=2)
    assert not bucket.take(5.0, 2.5)
    assert bucket.take(5.0, 2.0)


def test_asking_takes_nothing() -> None:
    bucket = Bucket(per_s=1.0, at_once=1)
    assert [bucket.has(5.0) for _ in range(3)] == [True, True, True]
    assert bucket.take(5.0)
    assert not bucket.has(5.0)


def test_a_clock_that_goes_back_gains_and_loses_nothing() -> None:
    bucket = Bucket(per_s=1.0, at_once=4)
    assert bucket.take(100.0, 4.0)
    assert not bucket.take(50.0)
    assert not bucket.has(50.5, 0.75)
    assert bucket.has(51.0, 1.0)
