"""The OpenAPI document as it is served, made without a running gateway."""

from typing import Any

from ..desk.api import DeskParts, desk_api
from ..desk.board.board_api import BoardApi
from ..web.openapi import Api
from ..web.tokens import KnownTokens, Tokens
from .assembly import Assembly
from .channels import configured
from .configuration import configure_or_built_in


def build_api(assembly: Assembly, tokens: Tokens) -> Api:
    """The API with everything that is published in its document."""
    parts = DeskParts(
        engine=assembly.engine,
        clock=assembly.clock,
        blobs=assembly.blobs,
        policy=assembly.policy,
        actions=assembly.actions,
        reader=assembly.reader,
        agents=assembly.agents,
        tokens=tokens,
    )
    api = desk_api(parts)
    api.add(*BoardApi(assembly.board).operations())
    for card, _ in configured(assembly.settings):
        for path, item in card.paths().items():
            api.describe(path, item)
    return api


def api_document() -> dict[str, Any]:
    """The document; nothing is connected to."""
    assembly = Assembly(configure_or_built_in(None, {}), "redis://127.0.0.1")
    return build_api(assembly, KnownTokens({})).document()
