"""What WeChat takes of an answer.

"Send customer service messages" and "Upload temporary material" (developers.weixin.qq.com): five messages after each of
the customer, within 48 hours; text by bytes; pictures, sounds of up to a minute, and films.
"""

from ...normalizer.sending_limits import FileLimits, Sends, TextLimit

LONGEST_TEXT = 2048
MOST_MESSAGES = 5
MIB = 1024 * 1024

KINDS = {
    "image/png": "image",
    "image/jpeg": "image",
    "image/gif": "image",
    "audio/amr": "voice",
    "audio/mpeg": "voice",
    "video/mp4": "video",
}
"""What WeChat calls what it takes, by media type."""

LARGEST = {"image": 10 * MIB, "voice": 2 * MIB, "video": 10 * MIB}

SENDS = Sends(
    text=TextLimit(most=LONGEST_TEXT, unit="bytes", parts=MOST_MESSAGES),
    files=FileLimits(
        count=MOST_MESSAGES,
        kinds={media_type: LARGEST[kind] for media_type, kind in KINDS.items()},
        others=False,
        instead="WeChat takes pictures, short sounds and films; send a link to anything else",
    ),
)
