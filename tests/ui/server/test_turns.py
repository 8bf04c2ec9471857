"""The queue of long work: fair, bounded, and seen on the page."""

import os
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from tests.app import open_page, words_of
from ui import training
from ui.server import turns
from ui.server.addresses import network_of
from ui.server.turns import LEASE, PATIENCE, PLACES, QUANTUM, SHARE, QueueFullError, Turns

pytestmark = pytest.mark.filterwarnings("ignore:.*missing ScriptRunContext.*")


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_first_come_first_served(clock):
    queue = Turns(1, 8, clock)
    assert [queue.ask(who) for who in "abc"] == [0, 1, 2]
    queue.leave("a")
    assert [queue.ask(who) for who in "cb"] == [2, 0]
    queue.leave("b")
    assert queue.ask("c") == 0


def test_a_long_run_lets_the_next_one_in(clock):
    queue = Turns(1, 8, clock)
    assert queue.ask("long") == 0
    assert queue.ask("short") == 1
    for clock.now in (QUANTUM / 2, QUANTUM - 0.1):
        assert queue.ask("long") == 0
    clock.now = QUANTUM + 0.1
    assert queue.ask("long") == 2  # behind the one who waits
    assert queue.ask("short") == 0
    queue.leave("short")
    assert queue.ask("long") == 0


def test_alone_nobody_is_sent_away(clock):
    queue = Turns(1, 8, clock)
    for clock.now in range(100):
        assert queue.ask("a") == 0


def test_a_closed_tab_gives_its_seat_and_its_place_back(clock):
    queue = Turns(1, 8, clock)
    assert [queue.ask(who) for who in "abc"] == [0, 1, 2]
    clock.now = LEASE + 0.1
    assert queue.ask("c") == 2  # a is gone, b is next
    clock.now = PATIENCE + 0.2
    assert queue.ask("c") == 0


def test_work_that_takes_long_keeps_its_seat(clock):
    queue = Turns(1, 8, clock)
    assert queue.ask("a") == 0
    with queue.working("a"):
        clock.now = 10 * LEASE
        assert queue.ask("b") == 1
    assert queue.ask("b") == 1  # it has just been heard of


def test_the_queue_is_bounded(clock):
    queue = Turns(1, 2, clock)
    assert [queue.ask(who) for who in "abc"] == [0, 1, 2]
    with pytest.raises(QueueFullError):
        queue.ask("d")
    assert queue.ask("c") == 2  # those who wait already stay


def test_one_address_leaves_places_to_the_others(clock):
    queue = Turns(1, clock=clock)
    let_in = 0
    for k in range(70):
        try:
            queue.ask(k, "198.51.100.7")
            let_in += 1
        except QueueFullError:
            pass
    assert let_in == SHARE
    assert queue.ask("other", "203.0.113.9") == SHARE  # one of the 64 is at work
    assert queue.ask(SHARE - 1, "198.51.100.7") == SHARE - 1  # those who wait stay where they are
    queue.leave(0)
    assert queue.ask(70, "198.51.100.7") == SHARE + 1  # who leaves makes room
    with pytest.raises(QueueFullError):
        queue.ask(71, "198.51.100.7")
    clock.now = PATIENCE + 0.1  # and so does who falls silent
    assert queue.ask(71, "198.51.100.7") == 0
    assert PLACES - SHARE >= PLACES // 3


def test_a_run_goes_on_when_its_address_has_no_place_left(clock):
    queue = Turns(1, 8, clock, share=3)
    assert [queue.ask(who, "a") for who in range(3)] == [0, 1, 2]
    clock.now = QUANTUM + 0.1
    assert queue.ask(0, "a") == 3  # to the end of the queue, not out of it


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("203.0.113.7", "::ffff:203.0.113.7", True),  # the server listens for both kinds
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),  # one household has 2^64 of them
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        (None, "anything", True),
    ],
)
def test_what_counts_as_one_address(one, other, same):
    assert (network_of(one) == network_of(other)) is same


@settings(max_examples=200)
@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["ask", "leave", "wait"]))),
    st.integers(1, 3),
)
def test_never_more_at_work_than_seats(acts, seats):
    clock = Clock()
    queue = Turns(seats, 4, clock)
    at_work = {}
    for who, act in acts:
        if act == "leave":
            queue.leave(who)
            at_work.pop(who, None)
        elif act == "wait":
            clock.now += 1.0
        else:
            try:
                place = queue.ask(who)
            except QueueFullError:
                place = -1
            at_work = {w: t for w, t in at_work.items() if clock.now - t <= LEASE}
            if place == 0:
                at_work[who] = clock.now
            else:
                at_work.pop(who, None)
            assert len(at_work) <= seats


def test_the_page_says_the_place_and_then_trains(monkeypatch):
    queue = Turns(1, 4)
    monkeypatch.setattr(training, "TURNS", queue)
    assert queue.ask("somebody") == 0
    at = open_page("hello", "en", part="word", wsteps="20")
    at.button(key="hello.wdone.start").click().run()
    assert not at.exception
    assert "place 1 in the queue" in words_of(at)
    assert at.session_state["hello.word.live"].trainer.steps == 0
    queue.leave("somebody")
    at.run()
    assert at.session_state["hello.word.live"].trainer.steps > 0
    assert "in the queue" not in words_of(at)


@pytest.mark.parametrize(("lang", "said"), [("en", "queue for computing is full"), ("ja", "順番待ちがいっぱい")])
def test_a_full_queue_is_said_and_nothing_is_lost(monkeypatch, lang, said):
    queue = Turns(1, 1)
    monkeypatch.setattr(training, "TURNS", queue)
    assert [queue.ask(who) for who in "ab"] == [0, 1]
    at = open_page("hello", lang, part="word", word="banana")
    at.button(key="hello.wdone.start").click().run()
    assert not at.exception
    assert said in words_of(at)
    assert "banana" in at.query_params["word"]
    assert not at.session_state["hello.word.live"].running
    at = open_page("adder", lang, part="train", done="500")  # a link that has to train first
    assert said in words_of(at)


def test_long_work_waits_for_its_turn(monkeypatch):
    queue = Turns(1, 4)
    monkeypatch.setattr(training, "TURNS", queue)
    monkeypatch.setattr(training, "FREE", 0.0)
    assert queue.ask("somebody") == 0
    free = threading.Timer(0.7, queue.leave, ("somebody",))
    free.start()

    def page():
        import streamlit as st

        from ui.training import computed

        def work():
            yield 0.5
            return True

        st.write(f"may: {computed('work', None, work)}")

    at = AppTest.from_function(page, default_timeout=20).run()
    assert not at.exception
    assert at.markdown[0].value == "may: True"
    assert queue.ask("next") == 0  # the seat was given back


def test_one_core_stays_free():
    assert max(1, (os.cpu_count() or 1) - 1) == turns.SEATS
