"""An official account in plain mode for the conformance tests: only the address of a post is signed."""

from trunkline.adapters.capability import Proof

from .wechat_subject import WechatSubject


class PlainSubject(WechatSubject):
    """As it stands in WeChat's console before anybody chooses to encrypt."""

    encrypted = False

    @property
    def proof(self) -> Proof:
        """What stands in the address of a post is no more than a token: the body is not signed."""
        return "token"


SUBJECT = PlainSubject
