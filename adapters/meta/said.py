"""What a message says, whatever of Meta it came by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...normalizer.envelope import Attachment, Contact
from ...normalizer.safe_names import safe_line, safe_text

_LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class Said:
    """`own` are the customer's own words, `told` ours about what has none; `form` is what it came as besides a message.

    `ext` has what only this channel knows.
    """

    own: str = ""
    told: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    contacts: tuple[Contact, ...] = ()
    quoted: str = ""
    form: str = ""
    ext: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All of it."""
        return "\n".join(filter(None, (self.own, *self.told)))


def words(value: Any) -> str:
    """A text of the customer. Raises TypeError for what is none."""
    if not isinstance(value, str):
        raise TypeError("no text")
    return safe_text(value)


def line(value: Any, longest: int = _LONGEST) -> str:
    """Something as one line; nothing for None."""
    return "" if value is None else safe_line(str(value), longest)


def place(latitude: Any, longitude: Any, *named: Any) -> tuple[str, ...]:
    """A place in words. Raises TypeError or ValueError for what is none."""
    where = f"{float(latitude)}, {float(longitude)}"
    return ("Location", *filter(None, (line(each) for each in named)), where)


def advertised(referral: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """What brought the customer here, an ad or a link with a name: in words, and as data."""
    if not isinstance(referral, dict):
        return (), {}
    about = referral.get("ads_context_data")
    ad: Mapping[str, Any] = about if isinstance(about, dict) else {}
    facts = {
        "source": line(referral.get("source") or referral.get("source_type")),
        "ref": line(referral.get("ref")),
        "ad": line(referral.get("ad_id") or referral.get("source_id")),
        "title": line(ad.get("ad_title") or referral.get("headline")),
        "url": line(referral.get("source_url") or referral.get("referer_uri"), 2000),
        "click": line(referral.get("ctwa_clid")),
    }
    known = {name: each for name, each in facts.items() if each}
    called = known.get("title") or known.get("ref") or known.get("ad") or known.get("url")
    kind = "the ad" if known.get("ad") else "the link"
    return ((f"(came by {kind} {called})",) if called else ()), {"referral": known} if known else {}
