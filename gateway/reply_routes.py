"""Which channel carries the replies to a message, and from which of our addresses.

    mail    mail, from the address that the message came to
    http    what the source says: its callback, or mail from our first address
    chat    the conversation that the message is a line of
    api     mail, from our first address

Without the channel mail there is no way back where mail is meant; such a ticket takes notes but no replies.
"""

from ..adapters.chat.settings import ChatSettings
from ..adapters.http_source.settings import HttpSettings
from ..adapters.mail.settings import MailSettings
from ..config.settings import Settings
from ..router.reply_route import Route


class ReplyRoutes:
    """From (channel, account) of a message to the route of its replies."""

    def __init__(self, settings: Settings) -> None:
        mail, http = settings.channels.get("mail"), settings.channels.get("http")
        self._addresses = mail.addresses if isinstance(mail, MailSettings) else ()
        sources = http.root if isinstance(http, HttpSettings) else {}
        chat = settings.channels.get("chat")
        self._sites = frozenset(chat.root) if isinstance(chat, ChatSettings) else frozenset()
        self._callbacks = frozenset(name for name, source in sources.items() if source.reply == "callback")

    def __call__(self, channel: str, account: str) -> Route | None:
        """The route, or None when there is no way back."""
        if channel == "http" and account in self._callbacks:
            return Route(channel="http", account=account)
        if channel == "chat" and account in self._sites:
            return Route(channel="chat", account=account)
        if channel == "mail" and account in self._addresses:
            return Route(channel="mail", account=account)
        return Route(channel="mail", account=self._addresses[0]) if self._addresses else None
