"""The keys of our signatures, as they lie in secrets."""

from ...config.problems import Problem, misconfigured
from ...config.secret_store import Secrets
from .settings import DkimKey, MailSettings
from .signing_keys import SigningKey, UnusableKeyError

EXPECTED = "a private key in PEM without a passphrase, RSA with 2048 bits or more or Ed25519"


def read_keys(section: MailSettings, secrets: Secrets, *, only_those_there: bool = False) -> list[SigningKey]:
    """The keys that the settings name. Raises Misconfigured with everything that is wrong, or missing."""
    pems = [(key, secrets.find(key.secret) if only_those_there else secrets.get(key.secret)) for key in section.dkim]
    tried = [_read(key, secrets, pem) for key, pem in pems if pem]
    if problems := [each for each in tried if isinstance(each, Problem)]:
        raise misconfigured(problems)
    return [each for each in tried if isinstance(each, SigningKey)]


def _read(key: DkimKey, secrets: Secrets, pem: str) -> SigningKey | Problem:
    try:
        return SigningKey.read(key.domain, key.selector, pem)
    except UnusableKeyError as error:
        return Problem(secrets.position(key.secret), str(error), EXPECTED, key.secret.origin)
