"""Who somebody is by their address: letters that merely look alike, or fold to the same, are another address."""

import pytest

from trunkline.config.settings import Settings
from trunkline.desk.openid.id_token import Person, folded
from trunkline.desk.openid.signed_in_people import Stranger, agent_of

SETTINGS = Settings.model_validate(
    {
        "queues": {"support": {"fallback": True}},
        "agents": {"mike": {"name": "Mike", "email": "Mike@Example.test", "queues": ["support"]}},
        "sign_in": {"issuer": "https://login.example.test", "client_id": "desk", "url": "https://desk.example.test"},
    }
)


def test_capital_letters_make_no_difference() -> None:
    assert agent_of(Person(subject="1", email=folded(" MIKE@example.TEST ")), SETTINGS) == "mike"


@pytest.mark.parametrize("address", ["mi\u212ae@example.test", "mike@e\u017fample.test", "m\u0131ke@example.test"])
def test_an_address_that_folds_to_that_of_an_agent_is_not_theirs(address: str) -> None:
    with pytest.raises(Stranger):
        agent_of(Person(subject="1", email=folded(address)), SETTINGS)
