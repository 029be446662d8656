"""A stranger's HTML as harmless HTML: what is not on the list goes, and nothing in it is loaded from elsewhere.

The parsing and the rebuilding are nh3's, which follows the HTML standard; before it flatten_html.py sees to it that
this takes little time, and each value that stays is looked at here. There are no scripts, styles, forms, frames, SVG or
MathML, and no ids, names or classes by which a page could be reached. Links lead to http, https and mailto, in a new
tab, without a word about where they came from. Of pictures only those stay that came along: as `data:` of the four
common bitmap types, or by `cid:` when they are handed in. Any other becomes a tile, and is counted, because a picture
that is fetched tells its sender who reads when.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import nh3

from .flatten_html import flat_html

TILE = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='96' height='64' viewBox='0 0 96 64'%3E"
    "%3Crect x='.5' y='.5' width='95' height='63' rx='6' fill='%238882' stroke='%23888' stroke-dasharray='4 3'/%3E"
    "%3Cg fill='none' stroke='%23888' stroke-width='2' stroke-linejoin='round'%3E"
    "%3Cpath d='m36 42 8-10 6 7 4-5 6 8z'/%3E%3Ccircle cx='56' cy='25' r='3'/%3E%3C/g%3E%3C/svg%3E"
)
"""What stands where a picture was not loaded."""

_KEPT = (
    "a abbr address article aside b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn "
    "div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q "
    "rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul "
    "var wbr"
)
_GONE_WITH_CONTENT = (
    "applet audio button canvas iframe math noembed noframes noscript object option plaintext script select style svg "
    "template textarea title video xmp"
)
TAGS, _GONE = frozenset(_KEPT.split()), frozenset(_GONE_WITH_CONTENT.split())

_DIGITS = re.compile(r"[0-9]{1,4}%?\Z")
_SMALL = re.compile(r"[0-9]{1,3}\Z")
_SIDE = re.compile(r"(?:left|right|center|justify|top|middle|bottom|baseline)\Z", re.IGNORECASE)
_ANY = re.compile(r"[^\x00]{0,500}\Z")

_VALUES: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "*": {
        "dir": re.compile(r"(?:ltr|rtl|auto)\Z", re.IGNORECASE),
        "lang": re.compile(r"[A-Za-z0-9-]{1,35}\Z"),
        "title": _ANY,
    },
    "a": {"href": re.compile(r"(?:https?://|mailto:)[^\x00-\x20]{1,4000}\Z", re.IGNORECASE)},
    "img": {"src": _ANY, "alt": _ANY, "width": _DIGITS, "height": _DIGITS},
    "td": {"colspan": _SMALL, "rowspan": _SMALL, "align": _SIDE, "valign": _SIDE, "width": _DIGITS},
    "th": {"colspan": _SMALL, "rowspan": _SMALL, "align": _SIDE, "valign": _SIDE, "width": _DIGITS},
    "table": {"width": _DIGITS, "align": _SIDE},
    "col": {"span": _SMALL, "width": _DIGITS},
    "colgroup": {"span": _SMALL},
    "ol": {"start": _SMALL, "type": re.compile(r"[1aAiI]\Z"), "reversed": _ANY},
    "li": {"value": _SMALL},
    "time": {"datetime": re.compile(r"[0-9A-Za-z:.+ -]{1,40}\Z")},
    "details": {"open": _ANY},
}
_ADDED = {"target": "_blank"}
_BITMAP = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/\s]+=*\s*\Z", re.IGNORECASE)
_LINK_REL = "noopener noreferrer nofollow"


@dataclass(frozen=True)
class Harmless:
    """HTML that can be shown, and how many pictures were not loaded for it."""

    html: str
    left_out: int


class _Values:
    """Looks at each value that nh3 would keep."""

    def __init__(self, pictures: Mapping[str, str]) -> None:
        self._pictures = pictures
        self.left_out = 0

    def __call__(self, tag: str, attribute: str, value: str) -> str | None:
        if tag == "a" and attribute in ("target", "rel"):
            return value  # ours
        if (tag, attribute) == ("img", "src"):
            return self._picture(value)
        pattern = _VALUES.get(tag, {}).get(attribute) or _VALUES["*"].get(attribute)
        return value if pattern is not None and pattern.match(value.strip()) else None

    def _picture(self, source: str) -> str:
        source = source.strip()
        if _BITMAP.match(source):
            return source
        if source[:4].lower() == "cid:" and (known := self._pictures.get(unquote(source[4:]))):
            return known
        self.left_out += 1
        return TILE


def sanitise(html: str, pictures: Mapping[str, str] | None = None) -> Harmless:
    """The harmless part of `html`; `pictures` are `data:` addresses by Content-ID (RFC 2392)."""
    values = _Values(pictures or {})
    cleaned = nh3.clean(
        flat_html(html, TAGS | _GONE),
        tags=set(TAGS),
        clean_content_tags=set(_GONE),
        attributes={tag: set(names) for tag, names in _VALUES.items()},
        attribute_filter=values,
        url_schemes={"http", "https", "mailto", "data", "cid"},
        set_tag_attribute_values={"a": _ADDED},
        link_rel=_LINK_REL,
        strip_comments=True,
    )
    return Harmless(cleaned, values.left_out)
