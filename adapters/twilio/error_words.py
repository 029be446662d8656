"""What the error codes of Twilio mean, for an agent ("Error and Warning Dictionary")."""

NOTHING_LEAVES = frozenset({"30001", "30002", "63018"})
"""Those that hinder every message of the account."""

OPTED_OUT = "21610"
"""They asked to get nothing more."""

IS_OUT = "they have opted out (STOP): nothing reaches them until they write START"

_WORDS = {
    "21211": "Twilio takes it for no number that can be written to",
    "21265": "Twilio takes it for no number that can be written to",
    "21408": "messages to this country are not switched on at Twilio (Messaging, Settings, Geo permissions)",
    "21606": "our number cannot send such messages",
    OPTED_OUT: IS_OUT,
    "21612": "there is no way from our number to theirs",
    "21614": "it is no mobile number",
    "21617": "it is longer than Twilio takes",
    "21620": "Twilio cannot use the address of a file",
    "21623": "it has more files than Twilio takes",
    "21659": "our number is not of this account of Twilio",
    "21660": "our number is not of this account of Twilio",
    "30001": "too many messages were waiting at Twilio",
    "30002": "the account at Twilio is suspended",
    "30003": "their phone is off, out of reach, or takes no such messages",
    "30004": "their phone or carrier blocks it",
    "30005": "the number is not known, or no longer in use",
    "30006": "it is a landline, or a carrier that takes no SMS",
    "30007": "the carrier took it for unwanted and filtered it",
    "30008": "the carrier did not deliver it and does not say why",
    "30019": "it is larger than their carrier takes",
    "30034": "our number is not registered for messages to the USA (A2P 10DLC)",
    "63003": "the channel knows nobody at this address",
    "63005": "the channel did not take what it says",
    "63007": "our sender is not set up for this channel at Twilio",
    "63013": "the channel refuses it by its policies",
    "63015": "they have not joined the sandbox of WhatsApp",
    "63016": "the window of 24 hours for free answers on WhatsApp is shut: only a template reaches them",
    "63018": "the channel limits how much we may send",
    "63019": "Twilio could not fetch a file from us: is `address` reached from outside?",
    "63021": "the channel does not take a file of this kind, or what it says",
    "63024": "there is no WhatsApp account at this number",
    "63032": "WhatsApp limits what this customer gets",
    "63049": "WhatsApp chose not to deliver it to this customer",
}


def words_of(code: str) -> str:
    """The meaning, with the code; of one that is not known the code alone."""
    known = _WORDS.get(code)
    if known:
        return f"{known} (Twilio {code})"
    return f"Twilio could not deliver it (error {code})" if code.isdigit() else "Twilio could not deliver it"


def is_known(code: str) -> bool:
    """Whether it has words here."""
    return code in _WORDS
