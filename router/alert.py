"""An alert: something that a colleague or another system is told once, outside of the desk, by mail or signed post.

A script adds it to the queue `alerts` in the step that causes it; adapters/alerts.py sends it. What is posted names the
ticket and says nothing that a customer wrote; the text of a mail may (`{subject}` of a notice).
"""

from collections.abc import Mapping
from typing import Any

from ..normalizer.envelope import Record

QUEUE = "alerts"


class Alert(Record):
    """One alert to one receiver: an address, or the name of a webhook."""

    id: str
    address: str = ""
    webhook: str = ""
    subject: str
    text: str
    content: Mapping[str, Any]  # what is posted
    at: int

    @property
    def lane(self) -> str:
        """What must not be sent to at the same time."""
        return f"address:{self.address}" if self.address else f"webhook:{self.webhook}"
