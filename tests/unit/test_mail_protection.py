"""Signed and encrypted mails are shown as what they are, and replies that are only files as files."""

import base64

import pytest

from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.settings import MailSettings
from trunkline.normalizer.envelope import Envelope

SETTINGS = MailSettings(addresses=("support@example.test",))
HEAD = "From: Maria <maria@example.org>\nTo: support@example.test\nSubject: Lamp\nMIME-Version: 1.0\n"
ENVELOPED = bytes.fromhex("3080") + bytes.fromhex("06092a864886f70d010703") + bytes.fromhex("a0803000000000000000")
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\nVersion: X\n\niQEzBAEB\n=abcd\n-----END PGP SIGNATURE-----\n"
KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
SECRET = "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n=abcd\n-----END PGP MESSAGE-----\n"


def read(mail: str) -> Envelope:
    return read_file(mail.encode(), SETTINGS).envelopes[0]


def marks(envelope: Envelope) -> list[tuple[str, str]]:
    return [(each.scheme, each.kind) for each in envelope.protection]


def names(envelope: Envelope) -> list[str]:
    return [each.name for each in envelope.attachments]


def multipart(kind: str, *parts: str) -> Envelope:
    return read(
        f"{HEAD}Content-Type: multipart/{kind}; boundary=b\n\n"
        + "".join(f"--b\n{part}\n" for part in parts)
        + "--b--\n"
    )


TEXT = "Content-Type: text/plain\n\nMy lamp is broken.\n"
PICTURE = 'Content-Type: image/png; name="lamp.png"\nContent-Transfer-Encoding: base64\n\niVBORw==\n'


@pytest.mark.parametrize(
    ("kind", "part", "scheme"),
    [
        (
            'signed; protocol="application/pkcs7-signature"; micalg=sha-256',
            'application/pkcs7-signature; name="smime.p7s"',
            "S/MIME",
        ),
        ('signed; protocol="application/x-pkcs7-signature"', "application/x-pkcs7-signature", "S/MIME"),
        (
            'signed; protocol="application/pgp-signature"; micalg=pgp-sha512',
            'application/pgp-signature; name="signature.asc"',
            "PGP",
        ),
        ("mixed", 'application/pgp-signature; name="OpenPGP_signature.asc"', "PGP"),
        ("mixed", 'application/octet-stream; name="smime.p7s"', "S/MIME"),
    ],
)
def test_a_signature_is_a_mark_and_no_file(kind: str, part: str, scheme: str) -> None:
    envelope = multipart(kind, TEXT, f"Content-Type: {part}\n\nAAAA\n")
    assert marks(envelope) == [(scheme, "signed")]
    assert (envelope.text, names(envelope)) == ("My lamp is broken.", [])


def test_a_signature_that_a_list_left_as_text_is_one_too() -> None:
    part = (
        'Content-Type: application/octet-stream; name="signature.asc"\nContent-Disposition: attachment\n\n' + SIGNATURE
    )
    assert (marks(multipart("mixed", TEXT, part)), names(multipart("mixed", TEXT, part))) == ([("PGP", "signed")], [])


@pytest.mark.parametrize(
    "kind",
    ["application/pgp-keys", 'application/octet-stream; name="OpenPGP_0x1234.asc"', 'text/plain; name="key.asc"'],
)
def test_a_public_key_is_a_mark_and_no_file(kind: str) -> None:
    envelope = multipart("mixed", TEXT, f"Content-Type: {kind}\nContent-Disposition: attachment\n\n{KEY}", PICTURE)
    assert (marks(envelope), names(envelope)) == ([("PGP", "key")], ["lamp.png"])


def test_what_is_signed_may_be_anything_and_both_marks_may_stand_together() -> None:
    inner = "Content-Type: multipart/mixed; boundary=c\n\n--c\n" + TEXT + "--c\n" + PICTURE + "--c--\n"
    key = f"Content-Type: application/pgp-keys\n\n{KEY}"
    envelope = multipart(
        'signed; protocol="application/pgp-signature"', inner, f"Content-Type: application/pgp-signature\n\n{SIGNATURE}"
    )
    assert (marks(envelope), names(envelope), envelope.text) == (
        [("PGP", "signed")],
        ["lamp.png"],
        "My lamp is broken.",
    )
    assert marks(multipart("mixed", TEXT, key, f"Content-Type: application/pgp-signature\n\n{SIGNATURE}")) == [
        ("PGP", "key"),
        ("PGP", "signed"),
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m",
        "application/x-pkcs7-mime; name=smime.p7m",
        "application/pkcs7-mime",
        'application/octet-stream; name="smime.p7m"',
    ],
)
def test_an_encrypted_smime_mail_says_so_and_what_to_do(kind: str) -> None:
    body = base64.b64encode(ENVELOPED).decode()
    envelope = read(f"{HEAD}Content-Type: {kind}\nContent-Transfer-Encoding: base64\n\n{body}\n")
    assert marks(envelope) == [("S/MIME", "encrypted")]
    assert "encrypted with S/MIME" in envelope.text
    assert "ask the sender to send it again without encryption" in envelope.text
    assert len(envelope.attachments) == 1
    assert envelope.language.code == "unknown"


@pytest.mark.parametrize("kind", ['encrypted; protocol="application/pgp-encrypted"', "mixed"])
def test_an_encrypted_pgp_mail_says_so_and_keeps_what_can_be_opened(kind: str) -> None:
    version = "Content-Type: application/pgp-encrypted\n\nVersion: 1\n"
    envelope = multipart(kind, version, f'Content-Type: application/octet-stream; name="encrypted.asc"\n\n{SECRET}')
    assert (marks(envelope), names(envelope)) == ([("PGP", "encrypted")], ["encrypted.asc"])
    assert envelope.text.startswith("This mail is encrypted with PGP")
    assert "file encrypted.asc with your key" in envelope.text


def test_armour_in_the_text_becomes_a_file() -> None:
    envelope = read(f"{HEAD}\n{SECRET}")
    assert (marks(envelope), names(envelope)) == ([("PGP", "encrypted")], ["encrypted.asc"])
    assert "encrypted with PGP" in envelope.text
    assert "BEGIN PGP" not in envelope.text
    envelope = read(f"{HEAD}\nPlease read this:\n\n{SECRET}\n{SECRET}\nMaria\n")
    assert envelope.text.split() == ["Please", "read", "this:", "Maria"]
    assert names(envelope) == ["encrypted.asc", "encrypted-2.asc"]


def test_armour_in_html_is_found_too() -> None:
    html = SECRET.replace("\n", "<br>\n")
    envelope = read(f"{HEAD}Content-Type: text/html\n\n<html><body><div>{html}</div></body></html>\n")
    assert (marks(envelope), names(envelope)) == ([("PGP", "encrypted")], ["encrypted.asc"])


def test_text_that_is_signed_within_itself_is_the_text() -> None:
    signed = f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nMy lamp is broken.\n- -- \nMaria\n\n{SIGNATURE}"
    envelope = read(f"{HEAD}\n{signed}\n")
    assert (marks(envelope), envelope.text, envelope.signature) == (
        [("PGP", "signed")],
        "My lamp is broken.",
        "--\nMaria",
    )
    assert envelope.attachments == ()


def test_armour_that_is_quoted_or_has_no_end_stays_text() -> None:
    quoted = "".join(f"> {line}\n" for line in SECRET.splitlines())
    assert marks(read(f"{HEAD}\nI cannot open this:\n\n{quoted}")) == []
    assert (
        "BEGIN PGP MESSAGE"
        in read(f"{HEAD}\nWhat does -----BEGIN PGP MESSAGE----- mean?\n-----BEGIN PGP MESSAGE-----\n").text
    )


def test_time_is_linear_in_armour_without_an_end() -> None:
    assert read(HEAD + "\n" + "-----BEGIN PGP MESSAGE-----\n" * 30_000).text


# Files alone

QUOTED = (
    "On 1 Jul 2003 at 10:52, Support <support@example.test> wrote:\n> Which lamp is it?\n> Please send a picture.\n"
)
REPLY = HEAD + "In-Reply-To: <1@example.test>\n"
PHOTO = (
    "Content-Type: image/jpeg; name=lamp.jpg\nContent-Disposition: {}; filename=lamp.jpg\nContent-ID: <p@x>\n\nJPEG\n"
)


def reply(*parts: str) -> Envelope:
    return read(
        f"{REPLY}Content-Type: multipart/mixed; boundary=b\n\n"
        + "".join(f"--b\n{part}\n" for part in parts)
        + "--b--\n"
    )


@pytest.mark.parametrize("disposition", ["attachment", "inline"])
@pytest.mark.parametrize("above", ["", "Sent from my iPhone\n\n", "\n\n-- \nMaria\n\n"])
def test_a_reply_that_is_only_a_picture_shows_the_picture(disposition: str, above: str) -> None:
    envelope = reply(f"Content-Type: text/plain\n\n{above}{QUOTED}", PHOTO.format(disposition))
    assert envelope.text == ""
    assert "Which lamp is it?" in envelope.quoted
    assert [(each.name, each.inline) for each in envelope.attachments] == [("lamp.jpg", False)]


def test_a_picture_above_the_quotation_in_html_is_what_the_reply_says() -> None:
    html = (
        '<div><img src="cid:p@x"></div><div class="gmail_quote"><div class="gmail_attr">On Tue, 1 '
        "Jul 2003 at 10:52, Support "
        "&lt;support@example.test&gt; wrote:<br></div><blockquote class=gmail_quote>Which lamp is "
        "it?</blockquote></div>"
    )
    envelope = reply(f"Content-Type: text/html\n\n{html}", PHOTO.format("inline"))
    assert (envelope.text, envelope.attachments[0].inline) == ("", False)
    assert "Which lamp is it?" in envelope.quoted


def test_a_picture_of_the_quotation_is_no_answer() -> None:
    html = (
        '<div class="gmail_quote"><div class="gmail_attr">On Tue, 1 Jul 2003 at 10:52, Support '
        "&lt;support@example.test&gt; "
        'wrote:<br></div><blockquote class=gmail_quote>Which lamp is it? <img src="cid:p@x"></blockquote></div>'
    )
    envelope = reply(f"Content-Type: text/html\n\n{html}", PHOTO.format("inline"))
    assert "Which lamp is it?" in envelope.text


def test_words_beside_a_picture_stay_the_text() -> None:
    envelope = reply(f"Content-Type: text/plain\n\nThis one.\n\n{QUOTED}", PHOTO.format("inline"))
    assert (envelope.text, envelope.attachments[0].inline) == ("This one.", True)
