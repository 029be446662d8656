"""What browsers may do with our pages: nothing but what the pages need.

Scripts, styles, frames and requests only to ourselves, nothing inline, nothing that frames us, no guessing of media
types, no device, and no page kept in a cache that somebody else may look into after sign-out. A handler that answers
with a policy of its own (the frame with a customer's HTML, downloads) keeps it; the rest is added.
"""

from collections.abc import Mapping

from aiohttp import hdrs, web

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'none'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)

_DEVICES = ("camera", "microphone", "geolocation", "payment", "usb", "serial", "hid", "midi", "display-capture")

_HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{device}=()" for device in _DEVICES),
    hdrs.CACHE_CONTROL: "no-store",
}


def guard(response: web.StreamResponse) -> None:
    """Add what the response does not say itself."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
