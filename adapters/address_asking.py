"""Whether files of answers can be fetched from us: is there an address, and does this gateway answer there?

Asked from here, which tells much and not all: a network may lead to its own address by no way, or only from within.
"""

from ..config.errors import TrunklineError
from ..web.vendor_api import ApiAnswer, VendorApi
from .findings import Finding

_PATH = "/files/x"
_SUBJECT = "files of answers"


async def asked_for_files(account: str, setting: str, address: str | None) -> Finding:
    """Of one account; `setting` is the path of the setting that says the address."""
    if not address:
        words = "they cannot be sent: the vendor fetches them from this gateway, whose address is not set"
        return Finding(account, _SUBJECT, "look", words, f"write into {setting} where the world reaches this gateway")
    api = VendorApi(address, address)
    try:
        answer = await api.call("GET", _PATH, repeatable=True, also=(404,))
    except TrunklineError as error:
        remedy = f"is {setting} right, and does a proxy let {address}/files/… through?"
        return Finding(account, _SUBJECT, "look", f"from here: {error.detail}", remedy)
    finally:
        await api.close()
    if not _is_ours(answer):
        remedy = f"a proxy has to lead {address}/files/… to this gateway"
        return Finding(account, _SUBJECT, "wrong", f"something else answers at {address}/files/…", remedy)
    return Finding(account, _SUBJECT, "good", f"this gateway gives them out at {address}/files/…")


def _is_ours(answer: ApiAnswer) -> bool:
    told = answer.json()
    return answer.status == 404 and isinstance(told, dict) and told.get("code") == "not_found"
