"""Bearer tokens: who has one, and what it allows."""

import pytest

from trunkline.config.errors import Forbidden
from trunkline.web.tokens import FirstOf, KnownTokens, Principal, demand, digest_of, new_token

ADA = Principal(name="ada", scopes=frozenset({"tickets:read"}), agent="ada")
ADMIN = Principal(name="admin", scopes=frozenset({"admin"}))


def test_tokens_are_long_random_and_recognisable() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("tlk_") and len(token) >= 47 for token in tokens)


async def test_a_token_is_found_by_its_digest_in_the_first_place_that_knows_it() -> None:
    places = FirstOf([KnownTokens({"one": ADMIN}), KnownTokens({"one": ADA, "two": ADA})])
    assert await places.principal(digest_of("one")) == ADMIN
    assert await places.principal(digest_of("two")) == ADA
    assert await places.principal(digest_of("three")) is None
    assert await places.principal("one") is None


def test_admin_may_everything_and_others_what_they_were_given() -> None:
    demand(ADMIN, "feed:read")
    demand(ADA, "tickets:read")
    with pytest.raises(Forbidden, match="tickets:write"):
        demand(ADA, "tickets:write")
