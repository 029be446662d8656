"""Signing in to the desk's pages by OpenID Connect, beside tokens.

The client secret is not in here: TRUNKLINE_SECRET_SIGN_IN, or data/secrets/sign_in.
"""

from collections.abc import Mapping
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from .fields import Name, Text
from .quantities import Duration, parse_duration
from .secret_store import Secret
from .section import Section, wrong
from .team_settings import Role

SECRET = Secret(
    "sign_in",
    make=None,
    origin="the identity provider shows it where the client is registered",
    loss="whoever is signed in by it has to sign in again",
)

Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _address(value: str) -> str:
    parts = urlsplit(value)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise wrong("an address such as https://login.example.com", "http is for this machine alone")
    return value


Address = Annotated[str, AfterValidator(_address)]


class GroupSettings(Section):
    """What people of one group of the identity provider may do, beside what the configuration says of the agent."""

    teams: tuple[Name, ...] = Field(default=(), description="They see and work the queues of these teams.")
    leads: tuple[Name, ...] = Field(default=(), description="They lead these teams.")
    role: Role | None = Field(default=None, description="They have this role.")


class SignInSettings(Section):
    """One identity provider."""

    issuer: Address = Field(description="Its issuer, exactly as its discovery document names it.")
    client_id: Text = Field(description="The id under which this desk is registered there.")
    url: Annotated[Address, AfterValidator(lambda value: value.rstrip("/"))] = Field(
        description="The desk as browsers reach it; register its /desk/sign-in/callback as the redirect address."
    )
    name: Text = Field(default="your company", description="What the button says: Sign in with …")
    scopes: tuple[Text, ...] = Field(
        default=("openid", "email", "profile"), min_length=1, description="The scopes that are asked for."
    )
    parameters: Mapping[str, str] = Field(
        default_factory=dict,
        description="Further parameters of the request, such as access_type: offline for Google.",
    )
    algorithms: tuple[Algorithm, ...] = Field(
        default=("RS256", "PS256", "ES256", "EdDSA"),
        min_length=1,
        description="The algorithms by which its tokens may be signed.",
    )
    trusts_email: bool = Field(
        default=False,
        description="true: its addresses count as verified without `email_verified`. Only for a provider whose "
        "administrators alone give addresses; otherwise name each agent's `subject`.",
    )
    groups_claim: Text = Field(default="groups", description="The claim that lists a person's groups.")
    groups: Mapping[str, GroupSettings] = Field(
        default_factory=dict, description="What people of a group may do, by the name or id of the group."
    )
    require_groups: tuple[Text, ...] = Field(
        default=(), description="Only people in one of these groups are let in; left out, every agent."
    )
    recheck: Duration = Field(
        default=parse_duration("10min"),
        description="How often the provider is asked whether a person is still there, and in which groups.",
    )
    unchecked: Duration = Field(
        default=parse_duration("8h"),
        description="How long a sign-in lasts when the provider gives nothing to ask again with (a refresh token).",
    )
    allow_private: bool = Field(
        default=False, description="true: the provider may be at an address of a private network."
    )

    @property
    def callback(self) -> str:
        """The redirect address."""
        return f"{self.url}/desk/sign-in/callback"
