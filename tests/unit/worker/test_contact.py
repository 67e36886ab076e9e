"""Silence is judged only by those who could have heard."""

from __future__ import annotations

from reelprint.worker.reconcile import Contact


def rounds(contact: Contact, start_s: float, stop_s: float, every_s: float = 2.0) -> list[bool]:
    judged, now_s = [], start_s
    while now_s < stop_s:
        judged.append(contact.made(now_s))
        now_s += every_s
    return judged


def test_a_new_observer_waits_before_it_judges() -> None:
    assert rounds(Contact(), 100.0, 112.0) == [False, False, False, False, True, True]


def test_after_a_break_everybody_gets_time_to_be_heard_again() -> None:
    contact = Contact()
    rounds(contact, 0.0, 20.0)
    assert rounds(contact, 30.0, 40.0) == [False, False, False, False, True]
