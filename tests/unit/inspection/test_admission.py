"""Admission to inspection: a shared budget, first come first served, and a short queue."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gridboss_assets.errors import InspectionBusy
from gridboss_assets.inspection.sandbox.admission import Admission


def admission(
    *, budget: int = 10, places: int = 4, waiting: int = 8, patience: float = 30
) -> Admission:
    return Admission(budget=budget, places=places, max_waiting=waiting, patience=patience)


def test_no_more_than_the_budget_is_under_way() -> None:
    gate, lock, inside, most = admission(), threading.Lock(), [0], [0]

    def job(weight: int) -> None:
        with gate.admitted(weight):
            with lock:
                inside[0] += weight
                most[0] = max(most[0], inside[0])
            threading.Event().wait(0.005)
            with lock:
                inside[0] -= weight

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(job, [4, 4, 4, 2, 9, 1, 3, 3] * 4))
    assert 1 < most[0] <= 10


def test_no_more_than_the_places_are_taken() -> None:
    gate = admission(places=1, patience=0.01)
    with gate.admitted(1), pytest.raises(InspectionBusy), gate.admitted(1):
        pass


def test_a_job_over_the_whole_budget_is_let_in_by_itself() -> None:
    gate = admission(patience=0.01)
    with gate.admitted(1_000_000), pytest.raises(InspectionBusy), gate.admitted(1):
        pass


def test_one_that_is_alone_shares_with_nobody() -> None:
    gate = admission(patience=0.01)
    with gate.admitted(1, alone=True), pytest.raises(InspectionBusy), gate.admitted(1):
        pass


def test_a_place_is_given_back_when_the_job_fails() -> None:
    gate = admission(places=1, patience=0.01)
    with pytest.raises(ZeroDivisionError), gate.admitted(10):
        raise ZeroDivisionError
    with gate.admitted(10):
        pass


def test_a_full_queue_refuses_at_once() -> None:
    gate = admission(places=1, waiting=1)
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with gate.admitted(1):
            entered.set()
            leave.wait()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(hold)
        entered.wait()
        waiting = pool.submit(hold)
        while not gate.waiting:
            threading.Event().wait(0.001)
        with pytest.raises(InspectionBusy), gate.admitted(1):
            pass
        leave.set()
        waiting.result()


def test_a_small_job_does_not_overtake_a_large_one() -> None:
    gate, order = admission(), []
    first = gate.admitted(6)
    first.__enter__()

    def job(name: str, weight: int) -> None:
        with gate.admitted(weight):
            order.append(name)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(job, "large", 10)
        while not gate.waiting:
            threading.Event().wait(0.001)
        small = pool.submit(job, "small", 1)
        while gate.waiting < 2:
            threading.Event().wait(0.001)
        first.__exit__(None, None, None)
        small.result()
    assert order == ["large", "small"]
