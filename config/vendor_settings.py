"""Where the API of a vendor is, and where the vendor reaches us.

`ApiUrl` is for settings whose default is the vendor, and where a stand-in can be named. Credentials go there, so it is
https; plain http only to this machine itself. `PublicUrl` is an address from which a vendor gets something, and
`GatewayUrl` that of this gateway as a vendor knows it: what stands before `/v1/…`. With the whole address of a webhook
in its place every post would go to a path that is not there, without a word.
"""

import ipaddress
from typing import Annotated

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
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


def _public_url(value: str) -> str:
    expected = "an address such as https://desk.example.com"
    try:
        return _api_url(value)
    except PydanticCustomError:
        remedy = "vendors post to nothing but https, at an address without user, query and fragment"
        raise wrong(expected, remedy) from None


def before_our_paths(value: str) -> str:
    """The same, or what an operator is told who has copied the address of a webhook. Raises PydanticCustomError."""
    before, webhook, _ = value.partition("/v1/")
    if webhook:
        raise wrong(f"the address before /v1/, {before}", "what vendors post to below it is added by itself")
    return value


ApiUrl = Annotated[str, AfterValidator(_api_url)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
GatewayUrl = Annotated[str, AfterValidator(_public_url), AfterValidator(before_our_paths)]
