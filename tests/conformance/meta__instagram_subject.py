"""The channel meta for the conformance tests, as an Instagram account."""

from .meta_subject import MetaSubject


class InstagramSubject(MetaSubject):
    """One Instagram account."""

    product = "instagram"


SUBJECT = InstagramSubject
