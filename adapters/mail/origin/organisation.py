"""Which organisation a domain belongs to, by the Public Suffix List that comes with the package `publicsuffixlist`.

`mail.example.co.uk` and `example.co.uk` are one organisation, `one.github.io` and `other.github.io` are two. Nothing is
fetched; the list is as old as the installed package. RFC 9989 finds organisations by walking up the DNS instead; the
list can only be narrower than that where somebody publishes a policy above a registered domain, so both agree or the
list is the more careful one (docs/decisions/0017-proof-of-origin.md).
"""

from functools import cache

from publicsuffixlist import PublicSuffixList


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()  # a quarter of a second


def organisation(domain: str) -> str:
    """The organisational domain; a public suffix is its own."""
    return _suffixes().privatesuffix(domain) or domain


def aligned(domain: str, author: str, *, strict: bool = False) -> bool:
    """Whether both domains (in lower case) are one's own: the same, or of one organisation."""
    return bool(domain) and (domain == author or (not strict and organisation(domain) == organisation(author)))
