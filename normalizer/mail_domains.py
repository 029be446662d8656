"""Domains of mail that tell nothing about who has a mailbox there: those of public providers.

The list, `mail_domains.txt`, has the large providers of free mail and of internet access of most countries, relays that
hide an address, and providers of mailboxes for minutes. It cannot have all: what is not on it counts as a company's.
"""

from functools import cache
from pathlib import Path


def is_public(domain: str) -> bool:
    """Whether anybody can have a mailbox at this domain, given in lower case."""
    families, domains = _known()
    return domain in domains or domain.partition(".")[0] in families


@cache
def _known() -> tuple[frozenset[str], frozenset[str]]:
    """The first labels of families of domains, and whole domains."""
    lines = Path(__file__).with_name("mail_domains.txt").read_text("utf-8").splitlines()
    names = {name for line in lines if not line.startswith("#") for name in line.split()}
    whole = frozenset(name for name in names if "." in name)
    return frozenset(names) - whole, whole
