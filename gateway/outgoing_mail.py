"""The way by mail that is handed to channels which are not mail themselves."""

from collections.abc import Callable, Mapping

from ..adapters.contract import Adapter
from ..adapters.outgoing_mail import Forward, MailOut, UnreadAnswers
from ..config.settings import Settings
from ..router.actions import Actions
from ..router.ticket_requests import Writing
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
