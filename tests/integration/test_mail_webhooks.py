"""Mail that a provider posts: proven, stored as it came, and what the provider says of it kept as far as it counts."""

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer

from tests.conformance.subject import MemoryIntake, url_of
from tests.fakes.mail_providers import (
    CERTIFICATE,
    KEY,
    MAIL,
    RECEIVED,
    SUPPORT,
    SVIX,
    TOPIC,
    USER,
    Resend,
    Sns,
    basic,
    form,
    mailgun,
    postmark,
    ses,
    svix,
)
from trunkline.adapters.mail.channel import MailChannel
from trunkline.adapters.mail.file_reading import read_file
from trunkline.adapters.mail.parsing import MailReader
from trunkline.adapters.mail.recipients import OwnAddresses
from trunkline.adapters.mail.settings import MailSettings
from trunkline.adapters.mail.webhook_face import UNREADABLE, MailWebhooks
from trunkline.config.errors import EngineUnavailable, Unreadable
from trunkline.config.quantities import HostPort
from trunkline.config.secret_store import Secrets
from trunkline.web.service import WebService, new_application

OTHER = "support@kiln.example"
SETTINGS = MailSettings.model_validate({"addresses": [OTHER]})
_FOLDER = Path(__file__).parents[1] / "fixtures" / "mail" / "other_desks"
RECORDED = sorted([*_FOLDER.glob("postmark_*.json"), *_FOLDER.glob("sendgrid_*.txt")])
BOUNCE = b"From: <>\r\nTo: support@example.com\r\nMessage-ID: <2@a.example>\r\n\r\nNo\r\n"


class Provider:
    """Posts to us."""

    def __init__(self, folder: Path, resend: str, **given: Any) -> None:
        self.sns = Sns()
        self.intake: Any = MemoryIntake()
        secrets = Secrets(folder / "secrets", {}, allow_generate=False)
        secrets.keep({"mail_postmark": USER, "mail_sendgrid": USER, "mail_mailgun": KEY, "mail_resend": SVIX})
        secrets.keep({"mail_resend_key": "re_key"})
        webhooks = {name: {"provider": name} | given for name in ("postmark", "sendgrid", "mailgun")}
        webhooks |= {
            "ses": {"provider": "ses", "topic": TOPIC} | given,
            "resend": {"provider": "resend", "api": resend},
        }
        section = MailSettings.model_validate({"addresses": [SUPPORT], "max_size": "1MiB", "webhooks": webhooks})
        self.face = MailWebhooks(section, secrets, self.intake, fetch=self.sns.fetch)
        application = new_application()
        self.face.mount(application)
        self.service = WebService(application, "127.0.0.1", 0)

    async def post(self, name: str, body: Any, **headers: str) -> int:
        given = {key.replace("_", "-"): value for key, value in headers.items()}
        address = url_of(self.service, f"v1/mail/{name}")
        async with ClientSession() as session, session.post(address, data=body, headers=given) as response:
            return response.status

    @property
    def stored(self) -> list[Any]:
        return list(self.intake.raws)


@pytest.fixture
async def resend() -> AsyncIterator[Resend]:
    made = Resend()
    async with TestServer(made.application()) as server:
        made.url = str(server.make_url("")).rstrip("/")
        yield made


@pytest.fixture
async def provider(tmp_path: Path, resend: Resend) -> AsyncIterator[Provider]:
    made = Provider(tmp_path, resend.url)
    await made.service.start()
    yield made
    await made.service.stop()
    await made.face.close()


async def test_postmark(provider: Provider) -> None:
    received = "Pass (sender SPF authorized) identity=mailfrom; client-ip=192.0.2.7; helo=mx.a.example; receiver=x"
    headers = [{"Name": "Received-SPF", "Value": received}, {"Name": "X-Spam-Status", "Value": "No"}]

    assert await provider.post("postmark", postmark(Headers=headers), Authorization=basic()) == 200

    [raw] = provider.stored
    assert raw.content == MAIL.decode("latin-1").encode()
    assert raw.account == SUPPORT
    assert raw.external_id.startswith("1@a.example#")
    facts = raw.transport
    assert (facts["rcpt_to"], facts["peer"], facts["helo"]) == ([SUPPORT], "192.0.2.7", "mx.a.example")
    assert facts["spam"]["verdict"] == "ham"
    assert facts["trusted"] is False


async def test_a_header_of_the_mail_itself_does_not_stand_for_that_of_postmark(provider: Provider) -> None:
    theirs, forged = (f"Pass identity=mailfrom; client-ip={peer}; helo=mx.a.example;" for peer in ("192.0.2.7", "::1"))
    spam = [{"Name": "X-Spam-Status", "Value": value} for value in ("No", "Yes, score=9", "No")]
    scores = [{"Name": "X-Spam-Score", "Value": value} for value in ("9", "-5")]
    received = [{"Name": "Received-SPF", "Value": value} for value in (theirs, forged)]

    assert await provider.post("postmark", postmark(Headers=[*spam, *scores, *received]), Authorization=basic()) == 200

    facts = provider.stored[0].transport
    assert not facts["peer"]
    assert (facts["spam"]["verdict"], facts["spam"]["score"]) == ("spam", 9)


async def test_sendgrid(provider: Provider) -> None:
    envelope = json.dumps({"to": [SUPPORT], "from": "ann@a.example"})
    body, headers = form({"envelope": envelope, "sender_ip": "192.0.2.7", "spam_score": "5.1", "email": MAIL})

    assert await provider.post("sendgrid", body, Authorization=basic(), **headers) == 200

    [raw] = provider.stored
    assert raw.content == MAIL
    assert raw.transport["mail_from"] == "ann@a.example"
    assert raw.transport["spam"] == {"verdict": "spam", "score": 5.1, "by": "sendgrid"}
    assert raw.transport["peer"] == "192.0.2.7"


@pytest.mark.parametrize("kind", ["multipart", "urlencoded"])
async def test_mailgun(kind: str, provider: Provider) -> None:
    fields = mailgun() | {"body-mime": MAIL}
    body, headers = form(fields)
    if kind == "urlencoded":
        body, headers = urlencode(fields).encode(), {"Content_Type": "application/x-www-form-urlencoded"}

    assert await provider.post("mailgun", body, **headers) == 200

    [raw] = provider.stored
    assert raw.content == MAIL
    assert raw.transport["mail_from"] == "ann@a.example"
    assert raw.transport["spam"] == {"verdict": "spam", "score": 7.5, "by": "mailgun"}


@pytest.mark.parametrize("version", ["1", "2"])
async def test_ses_by_way_of_sns(version: str, provider: Provider) -> None:
    body = provider.sns.message(ses(), SignatureVersion=version)

    assert await provider.post("ses", body) == await provider.post("ses", body) == 200

    raw = provider.stored[0]
    assert raw.content == MAIL
    assert (raw.transport["trusted"], raw.transport["authserv_id"]) == (True, "amazonses.com")
    assert provider.sns.fetched == [CERTIFICATE]


async def test_the_subscription_is_confirmed_by_a_visit_and_stores_nothing(provider: Provider) -> None:
    visit = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
    body = provider.sns.message("confirm", Type="SubscriptionConfirmation", SubscribeURL=visit, Token="t")

    assert await provider.post("ses", body) == 200
    assert provider.sns.fetched == [CERTIFICATE, visit]
    assert provider.stored == []


@pytest.mark.parametrize(
    "given",
    [
        {"TopicArn": TOPIC + "x"},
        {"SigningCertURL": CERTIFICATE.replace("amazonaws.com", "amazonaws.com.evil.example")},
        {"SigningCertURL": CERTIFICATE.replace("https", "http")},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com/other.pem"},
        {"SigningCertURL": "https://sns.eu-west-1.amazonaws.com:8443/SimpleNotificationService-a.pem"},
        {"SignatureVersion": "3"},
        {"Timestamp": "2020-01-01T00:00:00.000Z"},
        {"Timestamp": "soon"},
        {"Signature": "é"},
        {"Signature": "AAAA"},
        {"Type": "UnsubscribeConfirmation"},
    ],
)
async def test_what_sns_did_not_sign_for_our_topic_is_forged(given: dict[str, str], provider: Provider) -> None:
    body = json.dumps(json.loads(provider.sns.message(ses(), **({} if "Type" in given else given))) | given).encode()

    assert await provider.post("ses", body) == 401
    assert not [url for url in provider.sns.fetched if url != CERTIFICATE]
    assert provider.stored == []


async def test_sns_being_away_is_a_temporary_error(provider: Provider) -> None:
    provider.sns.away = True
    assert await provider.post("ses", provider.sns.message(ses())) == 503


async def test_resend(provider: Provider) -> None:
    assert await provider.post("resend", RECEIVED, **svix(RECEIVED)) == 200
    assert [raw.content for raw in provider.stored] == [MAIL]
    other = b'{"type": "email.delivered", "data": {}}'
    assert await provider.post("resend", other, **svix(other)) == 200
    assert len(provider.stored) == 1


@pytest.mark.parametrize(("status", "answer"), [(503, 503), (429, 503), (401, 503)])
async def test_a_mail_that_resend_does_not_give_now_is_posted_again(
    status: int, answer: int, provider: Provider, resend: Resend
) -> None:
    resend.status = status
    assert await provider.post("resend", RECEIVED, **svix(RECEIVED)) == answer
    assert provider.stored == []


@pytest.mark.parametrize("url", ["https://evil.example/raw", "http://cdn.resend.com/raw", "file:///etc/passwd", "x"])
async def test_a_mail_is_fetched_from_hosts_of_resend_alone(url: str, provider: Provider, resend: Resend) -> None:
    resend.elsewhere = url

    assert await provider.post("resend", RECEIVED, **svix(RECEIVED)) == 200
    assert [raw.transport[UNREADABLE] for raw in provider.stored] == [True]


GARBAGE = (b"", b"\xff\x00{", b'{"Type": ' * 5000, json.dumps({"TopicArn": TOPIC}).encode())
STRANGE = (
    {},
    {"Authorization": "Basic é"},
    {"Authorization": basic("us:wrong")},
    {"svix_id": "a", "svix_timestamp": "9" * 400, "svix_signature": "v1,é"},
    {"Content_Type": "multipart/form-data; boundary=" + "x" * 300},
    {"Content_Type": "multipart/form-data; boundary=x"},
)


@pytest.mark.parametrize("name", ["postmark", "sendgrid", "mailgun", "ses", "resend"])
async def test_garbage_is_forged_and_never_an_error_of_ours(name: str, provider: Provider) -> None:
    assert {await provider.post(name, body, **headers) for body in GARBAGE for headers in STRANGE} == {401}
    assert provider.stored == []


async def test_a_stale_or_wrongly_signed_post_is_forged(provider: Provider) -> None:
    for fields in (mailgun(10 * 3600), mailgun(key="other"), mailgun(token="x"), mailgun(timestamp="-1")):
        body, headers = form(fields | {"body-mime": MAIL})
        assert await provider.post("mailgun", body, **headers) == 401
    assert await provider.post("resend", RECEIVED, **svix(RECEIVED, int(time.time()) - 400)) == 401
    assert provider.stored == []


async def test_what_a_provider_that_is_not_set_up_right_posts_is_stored_whole_and_says_so(provider: Provider) -> None:
    body = postmark(RawEmail=None)

    assert await provider.post("postmark", body, Authorization=basic()) == 200
    assert await provider.post("ses", provider.sns.message(ses(content=b"") | {"content": None})) == 200

    assert [raw.transport[UNREADABLE] for raw in provider.stored] == [True, True]
    assert provider.stored[0].content == body


@pytest.mark.parametrize("name", [path.name for path in RECORDED])
async def test_what_other_desks_recorded_is_taken_and_read_as_from_a_file(name: str, provider: Provider) -> None:
    (path,) = (each for each in RECORDED if each.name == name)
    headers = {"Content_Type": "multipart/form-data; boundary=xYzZY"} if path.suffix == ".txt" else {}

    assert await provider.post(name.partition("_")[0], path.read_bytes(), Authorization=basic(), **headers) == 200

    [raw] = provider.stored
    if raw.transport.get(UNREADABLE):
        with pytest.raises(Unreadable):
            read_file(path.read_bytes(), SETTINGS)
        return
    [told] = MailReader(OwnAddresses([OTHER]), b"k" * 32).read(raw).envelopes
    [filed] = read_file(path.read_bytes(), SETTINGS).envelopes
    assert (told.sender, told.text, told.subject, told.attachments) == (
        filed.sender,
        filed.text,
        filed.subject,
        filed.attachments,
    )
    assert told.external_id == filed.external_id == raw.external_id


async def test_a_mail_that_came_in_pieces_is_proven_by_nothing_and_known_again(provider: Provider) -> None:
    path = next(each for each in RECORDED if each.stem == "postmark_in_pieces")
    await provider.post("postmark", path.read_bytes(), Authorization=basic())
    await provider.post("postmark", path.read_bytes(), Authorization=basic())
    assert [raw.transport["trusted"] for raw in provider.stored] == [False]


async def test_a_provider_that_is_not_trusted_says_nothing_but_whom_a_mail_is_for(
    tmp_path: Path, resend: Resend
) -> None:
    made = Provider(tmp_path, resend.url, trust=False)
    await made.service.start()
    await made.post("ses", made.sns.message(ses()))
    body, headers = form(mailgun() | {"body-mime": MAIL})
    await made.post("mailgun", body, **headers)
    await made.service.stop()
    await made.face.close()

    for raw in made.stored:
        assert not {"spam", "authserv_id"} & set(raw.transport)
        assert (raw.transport["trusted"], raw.transport["peer"], raw.transport["rcpt_to"]) == (False, "", [SUPPORT])


async def test_a_bounce_has_no_reverse_path(provider: Provider) -> None:
    body, headers = form(mailgun(sender="") | {"body-mime": BOUNCE})
    await provider.post("mailgun", body, **headers)
    assert provider.stored[0].transport["mail_from"] == ""


async def test_an_engine_that_is_away_is_a_temporary_error(provider: Provider) -> None:
    async def away(**_: Any) -> None:
        raise EngineUnavailable("away")

    provider.intake.accept = away
    assert await provider.post("postmark", postmark(), Authorization=basic()) == 503


async def test_a_name_that_is_not_configured_is_not_found(provider: Provider) -> None:
    assert await provider.post("other", postmark(), Authorization=basic()) == 404


async def test_what_is_posted_is_read_like_any_mail_with_what_the_provider_thinks_of_it(provider: Provider) -> None:
    body, headers = form(mailgun() | {"body-mime": MAIL})
    await provider.post("mailgun", body, **headers)

    [envelope] = MailReader(OwnAddresses([SUPPORT]), b"k" * 32).read(provider.stored[0]).envelopes

    assert (envelope.account, envelope.sender.identities[0].value) == (SUPPORT, "ann@a.example")
    assert envelope.text == "Grüße"  # below it stands what reads as the line of a signature
    assert envelope.spam is not None
    assert envelope.spam.verdict == "spam"


async def test_what_has_no_mail_in_it_is_set_aside_with_where_to_look(provider: Provider) -> None:
    await provider.post("postmark", postmark(RawEmail=None), Authorization=basic())
    settings = MailSettings.model_validate({"addresses": [SUPPORT]})
    listen, nothing = HostPort("127.0.0.1", 0), provider.intake
    channel = MailChannel(settings, intake=nothing, token_key=b"k" * 32, read_blob=nothing.accept, listen=listen)

    with pytest.raises(Unreadable, match=r"docs/channels/mail_webhooks\.md"):
        await channel.parse(provider.stored[0])
    await channel.stop()
