"""Where the API of a vendor is: settings whose default is the vendor, and where a stand-in can be named.

Credentials go there, so it is https; plain http only to this machine itself.
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator
from yarl import URL

from .section import wrong

EXPECTED = "the address of an API such as https://api.vendor.example"


def _api_url(value: str) -> str:
    try:
        url = URL(value)
        _ = url.port  # is computed only here, and refused when it is none
    except ValueError:
        raise wrong(EXPECTED) from None
    if url.scheme not in ("https", "http") or not url.host or url.user is not None or url.query or url.fragment:
        raise wrong(f"{EXPECTED}, without user, query and fragment")
    if url.scheme == "http" and not _is_this_machine(url.host):
        raise wrong("an https address", "credentials are sent there; plain http is for loopback only")
    return value.rstrip("/")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


ApiUrl = Annotated[str, AfterValidator(_api_url)]
