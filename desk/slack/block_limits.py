"""What Slack takes of a payload of Block Kit, and how much of that we use.

The numbers are those of Slack's SDKs (slack_sdk.models.blocks and .views), but for what no page tells: a message is
refused as `msg_blocks_too_long` at about 13,200 characters over all of its blocks. We stay well below, since Slack
counts `&`, `<` and `>` as what they are escaped to.
"""

BLOCKS_OF_A_MESSAGE = 50
BLOCKS_OF_A_VIEW = 100
CONTEXT_ELEMENTS = 10
ACTIONS_ELEMENTS = 25
FIELDS = 10
OPTIONS = 100
OVERFLOW_OPTIONS = 5

SECTION_TEXT = 3_000
FIELD_TEXT = 2_000
CONTEXT_TEXT = 2_000
HEADER_TEXT = 150
LABEL_TEXT = 2_000  # of an input, and its hint
BUTTON_TEXT = 75
OPTION_TEXT = 75
PLACEHOLDER_TEXT = 150
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
INPUT_TEXT = 3_000
VIEW_TITLE = 24  # also of its buttons

IDENTIFIER = 255
BUTTON_VALUE = 2_000
OPTION_VALUE = 150
PRIVATE_METADATA = 3_000

MESSAGE_TEXT = 9_000  # over all blocks of a message
CARD_TEXT = 3_000
FALLBACK_TEXT = 1_500  # what notifications and screen readers say; Slack advises below 4,000
VIEW_TEXT = 60_000
LONG_TEXT = 2_800  # of a customer's message in a thread; the rest is behind a button
EXCERPT_TEXT = 600
