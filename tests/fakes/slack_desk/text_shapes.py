"""Texts of Block Kit, as "Text object" and "Rich text block" of docs.slack.dev/reference/block-kit have them."""

from .shapes import Check, array, boolean, choice, length_of, number, record, string, typed


def _plain(most: int) -> Check:
    return record({"text": string(most, count=length_of)}, {"emoji": boolean})


def plain_text(most: int) -> Check:
    """A text without markup."""
    return typed({"plain_text": _plain(most)})


def any_text(most: int) -> Check:
    """A text with markup or without."""
    return typed({"plain_text": _plain(most), "mrkdwn": record({"text": string(most)}, {"verbatim": boolean})})


_STYLE = record({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline"), boolean))
_RUN = {"style": _STYLE}
_ID = string(255, pattern=r"[A-Z][A-Z0-9]+")

_RUNS = typed(
    {
        "text": record({"text": string(12_000, count=length_of)}, _RUN),
        "link": record({"url": string(3_000)}, {**_RUN, "text": string(3_000), "unsafe": boolean}),
        "emoji": record({"name": string(255)}, {"unicode": string(255), **_RUN}),
        "user": record({"user_id": _ID}, _RUN),
        "usergroup": record({"usergroup_id": _ID}, _RUN),
        "channel": record({"channel_id": _ID}, _RUN),
        "broadcast": record({"range": choice("here", "channel", "everyone")}, _RUN),
        "date": record(
            {"timestamp": number(0, 10**11), "format": string(255)},
            {**_RUN, "fallback": string(255), "url": string(3_000)},
        ),
    }
)
_PARTS = {"elements": array(_RUNS, 0, 1_000)}
_SECTION = record(_PARTS, {"border": number(0, 1)})
_LIST = record(
    {"elements": array(typed({"rich_text_section": _SECTION}), 1, 1_000), "style": choice("bullet", "ordered")},
    {"indent": number(0, 8), "offset": number(0, 10_000), "border": number(0, 1)},
)

rich_text_parts = array(
    typed(
        {
            "rich_text_section": _SECTION,
            "rich_text_quote": _SECTION,
            "rich_text_preformatted": _SECTION,
            "rich_text_list": _LIST,
        }
    ),
    1,
    1_000,
)
