"""What Slack posts as people keep it: the whole post, the event alone, or as Socket Mode wraps it. Pure; for files."""

from typing import Any


def whole_of(body: Any) -> Any:
    """The whole post; whatever is none stays as it is."""
    match body:
        case {"type": "events_api", "payload": dict(payload)}:
            return payload
        case {"type": str(), "event_ts": _} | {"type": str(), "ts": _, "channel": _} if "event" not in body:
            event = {"event_ts": body.get("ts"), **body}
            return {"type": "event_callback", "event": event, "event_id": f"{event['type']}:{event['event_ts']}"}
    return body
