"""Phone numbers as identity keys.

`e164` gives the international form (ITU-T E.164) of a number as a person writes it, whether or not such a number can
exist. `normalise` gives the key under which a person is known: only for numbers that can exist, and the same for the
spellings that networks keep side by side (Brazil's ninth digit, Mexico's old mobile 1, Argentina's 9 and 15). `aliases`
gives those other spellings back, because a WhatsApp account answers only to the one it was registered with; replies go
to the address that wrote, never to the key. Italy's leading 0 is part of the number. Nothing here raises.
"""

import re

import phonenumbers

_WHATSAPP_USER = re.compile(r"(?:whatsapp:)?\+?(\d{7,15})(?:[.:]\d{1,5}){0,2}(?:@(?:s\.whatsapp\.net|c\.us))?")
# Anatel resolution 553/2010: mobile numbers got a leading 9; those that had eight digits began with 6, 7, 8 or 9.
_BRAZIL_EIGHT = re.compile(r"\+55([1-9]\d)([6-9]\d{7})")
_BRAZIL_NINE = re.compile(r"\+55([1-9]\d)9([6-9]\d{7})")
# IFT, numbering plan of 3 August 2019: no 1 before mobile numbers, no 01, 044 and 045 inside the country.
_MEXICO_MOBILE = re.compile(r"\+521(\d{10})")
_MEXICO_PLAIN = re.compile(r"\+52(\d{10})")
_MEXICO_TRUNK = re.compile(r"(?:01|04[45])(\d{10})")
# Numbering plan of Argentina (ITU-T E.129): a call from abroad to a mobile has a 9 after the country code, one from
# within has a 15 after the area code, a short message has neither; no other line has the digits that remain.
_ARGENTINA_MOBILE = re.compile(r"\+549(\d{10})")
_ARGENTINA_PLAIN = re.compile(r"\+54([1-3]\d{9})")
_LONGEST_TEXT = 250
_SHORTEST = 7  # `+` and seven digits: no country has shorter numbers that can be called from abroad


def e164(text: str, region: str | None = None) -> str | None:
    """`+4930123456` for `030/123 456` in the region DE; None when the text holds no number."""
    number = _parsed(text, region)
    return None if number is None else _written(number)


def normalise(text: str, region: str | None = None) -> str | None:
    """The identity key of the number, or None when no such number can exist."""
    written = e164(text, region)
    if written is None or len(written) <= _SHORTEST:
        return None
    key = _canonical(written)
    number = _parsed(key, None)
    return key if number is not None and phonenumbers.is_possible_number(number) else None


def normalise_whatsapp(identifier: str) -> str | None:
    """The key of a WhatsApp id (`5531988881234`, `…@s.whatsapp.net`, `whatsapp:+…`); None for groups and hidden ids."""
    match = _WHATSAPP_USER.fullmatch(identifier.strip())
    return _canonical(e164(f"+{match[1]}") or f"+{match[1]}") if match else None


def aliases(key: str) -> tuple[str, ...]:
    """The other spellings under which the same line may be registered."""
    brazil = _BRAZIL_NINE.fullmatch(key)
    if brazil:
        return (f"+55{brazil[1]}{brazil[2]}",)
    mexico = _MEXICO_PLAIN.fullmatch(key)
    if mexico:
        return (f"+521{mexico[1]}",)
    argentina = _ARGENTINA_PLAIN.fullmatch(key)
    return (f"+549{argentina[1]}",) if argentina else ()


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    text = text[:_LONGEST_TEXT]
    if region == "MX":
        trunk = _MEXICO_TRUNK.fullmatch(re.sub(r"[\s().-]", "", text))
        text = trunk[1] if trunk else text
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _written(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _canonical(key: str) -> str:
    brazil = _BRAZIL_EIGHT.fullmatch(key)
    if brazil:
        return f"+55{brazil[1]}9{brazil[2]}"
    mexico = _MEXICO_MOBILE.fullmatch(key)
    if mexico:
        return f"+52{mexico[1]}"
    argentina = _ARGENTINA_MOBILE.fullmatch(key)
    return f"+54{argentina[1]}" if argentina else key
