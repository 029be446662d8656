"""What agents know a message by: the product, such as WhatsApp, where a channel is several. Pure functions."""

from ...normalizer.channel_facts import MESSAGE, Channels, Product
from ...normalizer.sending_limits import Destination
from ...router.records import Article
from ...router.reply_route import ReplyAddress
from ...router.stored_ticket import StoredTicket


def ticket_product(stored: StoredTicket, channels: Channels) -> Product:
    """What a ticket came by."""
    channel, address = stored.record.channel, stored.work.reply_to
    to = _destination(address) if address is not None and address.channel == channel else Destination()
    return channels[channel].known_as(to, str(stored.work.facts.get("came_as", MESSAGE)))


def reply_product(address: ReplyAddress, channels: Channels) -> Product:
    """What a reply to this address goes by."""
    return channels[address.channel].known_as(_destination(address), MESSAGE)


def article_product(article: Article, address: ReplyAddress | None, channels: Channels) -> Product:
    """What an article came or went by, in a ticket whose replies go to this address."""
    to = _destination(address) if address is not None and address.channel == article.channel else Destination()
    named = article.author.identity.partition(":")[2] or article.to
    came_as = MESSAGE if article.to else ""
    return channels[article.channel].known_as(to.model_copy(update={"to": named or to.to}), came_as)


def _destination(address: ReplyAddress) -> Destination:
    return Destination(account=address.account, to=address.to, conversation=address.conversation)
