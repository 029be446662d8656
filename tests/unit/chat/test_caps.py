"""Caps: what one network address asks for leaves room for all others."""

import pytest

from trunkline.adapters.chat.caps import Caps
from trunkline.adapters.chat.settings import ChatCaps
from trunkline.config.errors import Overloaded

KIB = 1024


def test_slow_uploads_from_one_address_leave_room_for_others() -> None:
    caps = Caps(ChatCaps(file=KIB, uploading=8 * KIB))
    with caps.upload("192.0.2.1", KIB), caps.upload("192.0.2.1", KIB):
        with pytest.raises(Overloaded), caps.upload("192.0.2.1", 1):
            pass
        with caps.upload("192.0.2.2", KIB):
            pass
    with caps.upload("192.0.2.1", KIB):
        pass


def test_one_file_can_always_be_uploaded() -> None:
    caps = Caps(ChatCaps(file=KIB, uploading=KIB))
    with caps.upload("192.0.2.1", KIB), pytest.raises(Overloaded), caps.upload("192.0.2.2", 1):
        pass
