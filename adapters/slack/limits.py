"""How much Slack takes of an answer: for the card and for who sends ("chat.postMessage", "files.upload").

A text may have 40,000 characters; from 4,000 on Slack advises against it, and people do not read it.
"""

from ...normalizer.sending_limits import FileLimits, Sends, TextLimit

MOST_MESSAGES = 10
LARGEST_FILE = 1024**3
TEXT = TextLimit(most=4000, parts=MOST_MESSAGES)
SENDS = Sends(text=TEXT, files=FileLimits(size=LARGEST_FILE), dialect="mrkdwn")
