"""The keys of our signatures, as they lie in secrets."""

from ...config.problems import Problem, misconfigured
from ...config.secret_store import Secrets
from .settings import MailSettings
from .signing_keys import SigningKey, UnusableKeyError

EXPECTED = "a private key in PEM without a passphrase, RSA with 2048 bits or more or Ed25519"


def read_keys(section: MailSettings, secrets: Secrets, *, only_those_there: bool = False) -> list[SigningKey]:
    """The keys that the settings name. Raises Misconfigured with everything that is wrong, or missing."""
    found: list[SigningKey] = []
    problems: list[Problem] = []
    for key in section.dkim:
        pem = secrets.find(key.secret) if only_those_there else secrets.get(key.secret)
        try:
            found += [SigningKey.read(key.domain, key.selector, pem)] if pem else []
        except UnusableKeyError as error:
            problems.append(Problem(secrets.position(key.secret), str(error), EXPECTED, key.secret.origin))
    if problems:
        raise misconfigured(problems)
    return found
