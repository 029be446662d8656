"""An official account in plain mode for the conformance tests: only the address of a post is signed."""

from .wechat_subject import WechatSubject


class PlainSubject(WechatSubject):
    """As it stands in WeChat's console before anybody chooses to encrypt."""

    encrypted = False


SUBJECT = PlainSubject
