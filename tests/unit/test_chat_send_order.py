"""Nothing overtakes a message that was refused for now."""

import pytest

from trunkline.adapters.chat.frame_errors import FrameRefused
from trunkline.adapters.chat.send_order import SendOrder
from trunkline.queue.clock import ManualClock


def test_what_came_behind_a_refused_message_waits_until_that_comes_again() -> None:
    order = SendOrder(ManualClock().now)
    order.demand("a")
    order.refused("a", 5)

    with pytest.raises(FrameRefused) as refusal:
        order.demand("b")
    assert (refusal.value.code, refusal.value.retry_after) == ("busy", 6)
    order.refused("b", 6)

    order.demand("a")
    order.demand("b")


def test_nobody_waits_for_a_message_that_does_not_come_again() -> None:
    clock = ManualClock()
    order = SendOrder(clock.now)
    order.refused("a", 5)

    clock.advance(5_000)
    order.demand("b")
    order.refused("c", 5)
    with pytest.raises(FrameRefused):
        order.demand("b")
