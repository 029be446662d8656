"""The ids that Twilio gives: letters that say of what, and 32 hexadecimal digits.

What Twilio posts is believed in that form alone (parameters.py says why). A recording that somebody passes on may have
its ids crossed out or cut, so one that is read from a file is taken with less.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_MESSAGE_NAMES = ("MessageSid", "SmsMessageSid", "SmsSid")


@dataclass(frozen=True)
class Sids:
    """What an id has to be behind its letters."""

    rest: str

    def is_message(self, sid: str) -> bool:
        """Whether it is that of a message."""
        return self._is("SM|MM", sid)

    def is_call(self, sid: str) -> bool:
        """Whether it is that of a call."""
        return self._is("CA", sid)

    def is_recording(self, sid: str) -> bool:
        """Whether it is that of a recording."""
        return self._is("RE", sid)

    def _is(self, letters: str, sid: str) -> bool:
        return re.fullmatch(f"(?:{letters}){self.rest}", sid, re.ASCII) is not None


GIVEN = Sids("[0-9a-fA-F]{32}")
CROSSED_OUT = Sids("[0-9a-zA-Z_-]{1,64}")


def message_sid(fields: Mapping[str, str]) -> str:
    """The id of a message, which had other names once; empty for what is of none."""
    return next((fields[name] for name in _MESSAGE_NAMES if fields.get(name)), "")
