"""The channel meta for the conformance tests, as a number of WhatsApp."""

from .meta_subject import MetaSubject


class WhatsAppSubject(MetaSubject):
    """One number."""

    product = "whatsapp"
    person = "4915112345678"
    receipts = ("delivered", "read", "failed")


SUBJECT = WhatsAppSubject
