"""The mark that what we send carries, so that Meta tells of it by the id of our article.

`metadata` of Messenger comes back in echoes, `biz_opaque_callback_data` of WhatsApp in receipts. Other programs may
send from the same account and mark things as well, so ours begins with our name.
"""

from typing import Any
from uuid import UUID

_OURS = "trunkline:"


def mark_of(article: str) -> str:
    """The mark of an article."""
    return f"{_OURS}{article}"


def article_of(mark: Any) -> str:
    """The article that a mark names; empty for another's."""
    if not isinstance(mark, str) or not mark.startswith(_OURS):
        return ""
    try:
        return str(UUID(mark.removeprefix(_OURS)))
    except ValueError:
        return ""
