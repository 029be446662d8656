"""What vendors post, a row of `ROWS` for each webhook channel: where to, a recorded body, what proves it.

A body is one of tests/fixtures as vendors send it, without the indentation. In each post the texts named in `varied`
become those of another message and another person: `{n}` is the number of the message, nine digits.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import parse_qsl

FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
SECRET = "5ec2e7" * 5 + "00"
WORD = "aTokenOfTheBenchmark"
SID = "AC" + "0a" * 16
PUBLIC = "https://desk.example"
KINDS = {".json": "application/json", ".txt": "application/x-www-form-urlencoded", ".xml": "text/xml"}

Signer = Callable[["Row", bytes], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Row:
    """A channel. `config` is its section in one line; `secrets` are those it needs, by name."""

    path: str
    recorded: str
    varied: Mapping[str, str]
    sign: Signer
    config: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    query: Callable[[], str] = str
    """What proves a post in its address."""

    @cached_property
    def template(self) -> str:
        """The recorded body, as the vendor would send it."""
        text = (FIXTURES / self.recorded).read_text()
        if self.recorded.endswith(".json"):
            text = json.dumps(json.loads(text), separators=(",", ":"))
        return text.strip()

    def post(self, number: int, host: str) -> bytes:
        """A whole request."""
        text = self.template
        for recorded, given in self.varied.items():
            text = text.replace(recorded, given.replace("{n}", f"{number:09d}"))
        body = text.encode()
        kind = KINDS[Path(self.recorded).suffix]
        headers = {"Host": host, "Content-Type": kind, "Content-Length": str(len(body)), **self.sign(self, body)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path}{self.query()} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _line(_: Row, body: bytes) -> Mapping[str, str]:
    return {"x-line-signature": base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()}


def _telegram(_: Row, __: bytes) -> Mapping[str, str]:
    return {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def _twilio(row: Row, body: bytes) -> Mapping[str, str]:
    fields = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    signed = f"{PUBLIC}{row.path}{''.join(name + value for name, value in fields)}"
    return {"X-Twilio-Signature": base64.b64encode(hmac.digest(SECRET.encode(), signed.encode(), "sha1")).decode()}


def _meta(_: Row, body: bytes) -> Mapping[str, str]:
    return {"X-Hub-Signature-256": f"sha256={hmac.digest(SECRET.encode(), body, 'sha256').hex()}"}


def _slack(_: Row, body: bytes) -> Mapping[str, str]:
    stamp = str(int(time.time()))
    signed = hmac.digest(SECRET.encode(), f"v0:{stamp}:".encode() + body, "sha256").hex()
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={signed}"}


def _basic(_: Row, __: bytes) -> Mapping[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'us:{SECRET}'.encode()).decode()}"}


def _x(_: Row, body: bytes) -> Mapping[str, str]:
    signed = base64.b64encode(hmac.digest(SECRET.encode(), body, "sha256")).decode()
    return {"x-twitter-webhooks-signature": f"sha256={signed}"}


def _in_the_address(_: Row, __: bytes) -> Mapping[str, str]:
    return {}


def _wechat() -> str:
    stamp, nonce = str(int(time.time())), "4711"
    signed = hashlib.sha1("".join(sorted((WORD, stamp, nonce))).encode(), usedforsecurity=False).hexdigest()
    return f"?signature={signed}&timestamp={stamp}&nonce={nonce}"


ROWS: Mapping[str, Row] = {
    "line": Row(
        path="/v1/line/shop",
        recorded="line/text.json",
        varied={"593000000000000001": "593000000{n}", "Ua1a1a1a1a1a1": "U0000{n}"},
        sign=_line,
        config="line: {shop: {}}",
        secrets={"line_shop": SECRET, "line_shop_token": SECRET},
    ),
    "telegram": Row(
        path="/v1/telegram/support",
        recorded="telegram/text.json",
        varied={'"message_id":501': '"message_id":1{n}', "870000502": "1{n}", '"id":1001': '"id":1{n}'},
        sign=_telegram,
        config="telegram: {support: {}}",
        secrets={"telegram_support": f"4711:{SECRET}", "telegram_support_webhook": SECRET},
    ),
    "twilio": Row(
        path="/v1/twilio/support",
        recorded="twilio/sms.txt",
        varied={"SM5a000000000000000000000000000001": "SM5a000000000000000000000{n}", "12345678&Api": "1{n}&Api"},
        sign=_twilio,
        config=f'twilio: {{support: {{sid: {SID}, address: "{PUBLIC}"}}}}',
        secrets={"twilio_support": SECRET},
    ),
    "meta (WhatsApp)": Row(
        path="/v1/meta/shop",
        recorded="meta/whatsapp_text.json",
        varied={"wamid.HBgL0001": "wamid.HBgL{n}", "4915112345678": "4915{n}"},
        sign=_meta,
        config='meta: {shop: {product: whatsapp, id: "106540352242922"}}',
        secrets={"meta_shop": SECRET, "meta_shop_token": SECRET},
    ),
    "meta (Messenger)": Row(
        path="/v1/meta/page",
        recorded="meta/messenger_text.json",
        varied={"m_AbC001": "m_{n}", "7001002003004005": "7001{n}"},
        sign=_meta,
        config='meta: {page: {product: messenger, id: "104211223344556"}}',
        secrets={"meta_page": SECRET, "meta_page_token": SECRET},
    ),
    "wechat": Row(
        path="/v1/wechat/shop",
        query=_wechat,
        recorded="wechat/text.xml",
        varied={"7713761267910967303": "7713761267{n}", "oa1a1a1a1a1a": "o000{n}"},
        sign=_in_the_address,
        config="wechat: {shop: {app_id: wxba5fad812f8e6fb9, encrypted: false}}",
        secrets={"wechat_shop": SECRET, "wechat_shop_token": WORD},
    ),
    "slack": Row(
        path="/v1/slack/acme",
        recorded="slack/text.json",
        varied={"1796000001": "1{n}", "U0MARIA": "U{n}", "Ev0000000001": "Ev0{n}"},
        sign=_slack,
        config='slack: {acme: {api: "http://127.0.0.1:1"}}',
        secrets={"slack_acme": SECRET, "slack_acme_token": f"xoxb-{SECRET}"},
    ),
    "x": Row(
        path="/v1/x/shop",
        recorded="x/dm_text.json",
        varied={"2080000000000000001": "2080000000{n}", "1590231456789012345": "1590231456{n}"},
        sign=_x,
        config='x: {shop: {id: "1720665183188922368"}}',
        secrets={
            **dict.fromkeys(("x_shop", "x_shop_key", "x_shop_token_secret"), SECRET),
            "x_shop_token": f"1720665183188922368-{SECRET}",
        },
    ),
    "mail (Postmark)": Row(
        path="/v1/mail/inbound",
        recorded="mail/postmark.json",
        varied={"parcel-000000001": "parcel-{n}", "maria@example.org": "maria-{n}@example.org"},
        sign=_basic,
        config="mail: {addresses: [support@example.com], webhooks: {inbound: {provider: postmark}}}",
        secrets={"mail_inbound": f"us:{SECRET}"},
    ),
}
