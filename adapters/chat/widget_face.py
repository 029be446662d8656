"""What the widget is made of: its script, what it must know before it connects, and a page of our own that hosts it.

The script has an ETag and is looked at again after five minutes; asked for with its hash (`?v=…`) it never changes and
is kept for a year. A page that may not show the chat is told so in its language, and nothing else. Our own page allows
our own script and connections and nothing else; without JavaScript it leads to a form, where there is one.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import hdrs, web
from jinja2 import Environment, StrictUndefined

from ...web.languages import accepted_languages
from .session import limits_of
from .sites import Availability, Site, Sites

_FOLDER = Path(__file__).parent
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})

_PAGE = (_FOLDER / "page.html").read_text("utf-8")
_REFUSAL = ("button", "open", "close", "unavailable")


def _hash(style: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src {' '.join(map(_hash, re.findall(r'<style>(.*?)</style>', _PAGE, re.DOTALL)))}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_PAGE_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    hdrs.CACHE_CONTROL: "no-store",
    hdrs.VARY: "Accept-Language",
}
_SHORT, _LONG = "public, max-age=300", "public, max-age=31536000, immutable"


class WidgetFace:
    """Serves the widget of all sites. Reads its files once."""

    def __init__(self, sites: Sites, availability: Availability, form: str = "") -> None:
        """`form` is the path of a form for those whose browser runs no scripts; empty when there is none."""
        self._sites = sites
        self._form = form
        self._availability = availability
        self._texts: Mapping[str, Mapping[str, str]] = json.loads((_FOLDER / "texts.json").read_text("utf-8"))
        self._script = (_FOLDER / "widget.js").read_bytes()
        self._mark = hashlib.sha256(self._script).hexdigest()[:16]
        self._page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True).from_string(_PAGE)

    async def script(self, request: web.Request) -> web.Response:
        """The aiohttp handler of the script."""
        kept = _LONG if request.query.get("v") == self._mark else _SHORT
        headers = {
            hdrs.ETAG: f'"{self._mark}"',
            hdrs.CACHE_CONTROL: kept,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        known = [tag.value for tag in request.if_none_match or ()]
        if self._mark in known or "*" in known:
            return web.Response(status=304, headers=headers)
        return web.Response(body=self._script, content_type="text/javascript", charset="utf-8", headers=headers)

    async def start(self, request: web.Request) -> web.Response:
        """The aiohttp handler of what the widget asks first. Raises NotFound, and temporary errors."""
        site = self._sites.find(request.match_info["site"])
        language = self._language(request, site)
        online, opens_at = await self._availability(site.name)
        title = self._title(site, language)
        content = {
            "site": site.name,
            "title": title,
            "color": site.settings.color,
            "language": language,
            "direction": _direction(language),
            "texts": {**self._texts[language], **({"title": title} if title else {})},
            "online": online,
            "opens_at": opens_at,
            "limits": limits_of(site),
            "identity_required": site.settings.identity == "required",
        }
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return web.json_response(text=body, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def refusal(self, request: web.Request) -> web.Response:
        """The aiohttp handler of the same question from a page that may not show the chat; anybody may read this."""
        site = self._sites.find(request.match_info["site"])
        language = self._language(request, site)
        content = {
            "language": language,
            "direction": _direction(language),
            "color": site.settings.color,
            "texts": {name: self._texts[language][name] for name in _REFUSAL},
            "detail": f"this page's origin is not in channels.chat.{site.name}.origins of the configuration",
        }
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return web.json_response(text=body, status=403, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def page(self, request: web.Request) -> web.Response:
        """The aiohttp handler of our own page. Raises NotFound."""
        site = self._sites.find(request.match_info["site"])
        language = self._language(request, site)
        facts: dict[str, Any] = {
            "site": site.name,
            "language": language,
            "direction": _direction(language),
            "title": self._title(site, language),
            "color": site.settings.color,
            "texts": self._texts[language],
            "form": self._form,
            "script": f"/chat/widget.js?v={self._mark}",
        }
        headers = {**_PAGE_HEADERS, hdrs.CONTENT_LANGUAGE: language}
        html = self._page.render(**facts)
        return web.Response(text=html, content_type="text/html", charset="utf-8", headers=headers)

    def _language(self, request: web.Request, site: Site) -> str:
        """Asked for, else the browser's first that we have, else the site's own."""
        asked = request.query.get("language", "") or request.query.get("lang", "")
        wanted = [asked, *accepted_languages(request.headers.get(hdrs.ACCEPT_LANGUAGE, ""))]
        codes = [tag.lower().partition("-")[0] for tag in wanted]
        return next((code for code in (*codes, site.settings.language) if code in self._texts), "en")

    def _title(self, site: Site, language: str) -> str:
        titles = site.settings.title
        return titles.get(language) or titles.get(site.settings.language) or self._texts[language].get("title", "")


def _direction(language: str) -> str:
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"
