"""What the provider of a mailbox has found out about a mail counts where it stands on top, and nowhere else."""

import pytest

from trunkline.adapters.mail.origin.handed_over import handed_over
from trunkline.adapters.mail.origin.signed_message import read_signed

GOOGLE = "Authentication-Results: mx.google.com; dkim=pass header.i=@a.example; dmarc=pass header.from=a.example\r\n"
MICROSOFT = "Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dmarc=pass action=none header.from=a.example;compauth=pass reason=100\r\n"  # noqa: E501
RECEIVED = "Received: from one by another; Mon, 30 Nov 2026 10:00:00 +0000\r\n"
FROM = "From: ann@a.example\r\n\r\nHello\r\n"


def told(mail: str, provider: str) -> str | None:
    word = handed_over(read_signed(mail.encode()), "a.example", {provider}, mailbox=True)
    return word.result if word else None


@pytest.mark.parametrize(("field", "provider"), [(GOOGLE, "mx.google.com"), (MICROSOFT, "")])
def test_the_topmost_field_is_believed_below_the_hops_that_the_provider_adds(field: str, provider: str) -> None:
    assert told(3 * RECEIVED + field + RECEIVED + FROM, provider) == "pass"


def test_a_field_that_the_sender_brought_along_below_the_provider_s_is_not() -> None:
    none = "Authentication-Results: mx.google.com; dkim=none; spf=softfail smtp.mailfrom=a.example\r\n"

    assert told(RECEIVED + none + RECEIVED + GOOGLE + FROM, "mx.google.com") == "none"


def test_the_topmost_field_of_somebody_else_says_nothing() -> None:
    other = "Authentication-Results: mx.elsewhere.example; dmarc=pass header.from=a.example\r\n"

    assert told(other + FROM, "mx.google.com") is None
    assert told(other + GOOGLE + FROM, "mx.google.com") is None
    assert told(MICROSOFT + FROM, "mx.google.com") is None


def test_a_mail_that_the_provider_finds_disowned_is_proven_false() -> None:
    disowned = "Authentication-Results: mx.google.com; dmarc=fail header.from=a.example\r\n"

    assert told(disowned + FROM, "mx.google.com") == "fail"
