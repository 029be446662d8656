"""How soon a customer should hear from us."""

from trunkline.router.targets import HOUR_MS, MINUTE_MS, target_ms


def test_whoever_waits_before_a_chat_is_owed_minutes_and_whoever_sent_a_letter_hours() -> None:
    assert [target_ms("mail", priority) // MINUTE_MS for priority in (1, 2, 3, 4)] == [15, 60, 240, 480]
    assert [target_ms("chat", priority) // MINUTE_MS for priority in (1, 2, 3, 4)] == [1, 2, 3, 5]
    assert target_ms("http", 3) == target_ms("api", 3) == 4 * HOUR_MS
    assert target_ms("voice", 1) == MINUTE_MS
