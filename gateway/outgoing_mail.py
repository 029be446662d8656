"""The way by mail that is handed to channels which are not mail themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from ..adapters.alerts import Alerts
from ..adapters.code_mails import CodeMail, CodeMails
from ..adapters.contract import Adapter
from ..adapters.outgoing_mail import Forward, MailOut, UnreadAnswers
from ..config.secret_store import Secrets
from ..config.settings import Settings
from ..queue.clock import Clock
from ..queue.connection import Engine
from ..queue.work import WorkQueue
from ..router.actions import Actions
from ..router.alert import QUEUE as ALERTS
from ..router.policy import CurrentPolicy
from ..router.proof_request import ProofRequest
from ..router.proof_requests import QUEUE, ProofStore
from ..router.ticket_requests import Writing
from ..web.signed_posts import SignedPosts, webhook_secret
from .channels import ReplyRoutes


def mail_out(settings: Settings, channels: Callable[[], Mapping[str, Adapter]]) -> MailOut | None:
    """The way out for mails that belong to no ticket; None when nothing writes to e-mail addresses."""
    route = ReplyRoutes(settings)("", "")
    if route is None:
        return None
    return MailOut(
        channel=route.channel,
        account=route.account,
        adapter=lambda: channels()[route.channel],
        templates=settings.templates,
    )


def forward_unread(actions: Callable[[], Actions]) -> Forward:
    """Answers go on by mail as messages of their ticket; an address that is only claimed gains nothing by it."""

    async def forward(unread: UnreadAnswers) -> None:
        writing = Writing(text=unread.text, actor=unread.channel, attachments=unread.attachments, key=unread.key)
        await actions().forward_by_mail(
            unread.ticket, writing, unread.address, repeats=unread.articles, proven=unread.proven
        )

    return forward


def proof_mails(engine: Engine, clock: Clock, out: MailOut | None) -> CodeMails:
    """The mails of codes by which customers prove an address, when somebody at the desk has asked them to."""
    store = ProofStore(engine)

    async def mail(order: Mapping[str, Any]) -> CodeMail:
        request = ProofRequest.model_validate(order)
        code = request.code(await store.key())
        return CodeMail(
            to=request.address,
            code=f"{code[:4]} {code[4:]}",
            key=request.nonce,
            language=order["language"],
            created_at=request.asked_at,
            until=request.until,
        )

    return CodeMails(WorkQueue(engine, QUEUE), "proof_code", mail, clock, out)


def alerts(
    engine: Engine, clock: Clock, policy: CurrentPolicy, secrets: Secrets, channels: Mapping[str, Adapter]
) -> Alerts:
    """What colleagues and other systems are told outside of the desk."""
    return Alerts(
        WorkQueue(engine, ALERTS),
        SignedPosts("the webhook", clock.true_now),
        webhooks=lambda: policy().settings.webhooks,
        secret=lambda name: secrets.get(webhook_secret(name)),
        out=mail_out(policy().settings, lambda: channels),
    )
