"""The parts of this process that the desk's pages use."""

from ..desk.pages.page_parts import PageParts
from ..web.tokens import Tokens
from .assembly import Assembly


def page_parts(assembly: Assembly, tokens: Tokens) -> PageParts:
    """What the pages are handed."""
    return PageParts(
        engine=assembly.engine,
        clock=assembly.clock,
        blobs=assembly.blobs,
        policy=assembly.policy,
        actions=assembly.actions,
        reader=assembly.reader,
        agents=assembly.agents,
        tokens=tokens,
        peers=assembly.peers,
        held_replies=assembly.held_replies,
        feed=assembly.feed,
        logs=assembly.logs,
        signals=assembly.signals,
    )
