"""What a chat sends by mail: codes that prove an address, and answers that a visitor has not read."""

from collections.abc import Callable

from ..adapters.chat.code_mails import MailOut
from ..adapters.chat.unread import Forward, UnreadAnswers
from ..adapters.contract import Adapter
from ..adapters.mail.settings import MailSettings
from ..config.settings import Settings
from ..router.actions import Actions

ACTOR = "chat"


def mail_out(settings: Settings, find: Callable[[str], Adapter]) -> MailOut:
    """The way out for codes; the channel mail must be configured."""
    mail = settings.channels["mail"]
    assert isinstance(mail, MailSettings)
    return MailOut(
        account=mail.addresses[0],
        outgoing_id=lambda article, account: find("mail").outgoing_id(article, account),
        send=lambda outgoing: find("mail").send(outgoing),
        templates=settings.templates,
    )


def forward_unread(actions: Callable[[], Actions]) -> Forward:
    """Answers go on by mail as messages of their ticket; an address that is only claimed gains nothing by it."""

    async def forward(unread: UnreadAnswers) -> None:
        await actions().forward_by_mail(
            unread.ticket,
            unread.articles,
            unread.text,
            unread.address,
            actor=ACTOR,
            key=unread.key,
            proven=unread.proven,
            attachments=unread.attachments,
        )

    return forward
