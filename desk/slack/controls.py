"""The names of the controls and views: what a click, a choice or a submitted view of ours is called by Slack.

An action id says what is to be done, a callback id which view was submitted, a block id where a complaint of a view
belongs (`response_action: errors`). They are the same on every surface, so one handler serves a button of a card, of a
message and of the App Home.
"""

# On a ticket: the value is a handle of it
TAKE = "take"
RELEASE = "release"
REPLY = "reply"
STATUS = "status"  # a menu; `about` is the status, `reopen` for a finished one
CUSTOMER = "customer"
MORE = "more"  # the menu behind ⋯; `about` is one of MORE_*
MORE_EDIT, MORE_ASSIGN, MORE_ESCALATE, MORE_MERGE, MORE_RELEASE = "edit", "assign", "escalate", "merge", "release"
MORE_REOPEN, MORE_CUSTOMER, MORE_TAKE_OVER, MORE_SPAM = "reopen", "customer", "take_over", "spam"
OPEN = "open_card"  # a button that leads to the card of a ticket
ACCEPT = "accept"
DECLINE = "decline"  # a menu; `about` is the number of a reason of desk/views/labels.py, or `other`

# On a message of a thread: `about` is the article or the held reply
UNDO = "undo"
MAKE_NOTE = "make_note"
SEND_NOW = "send_now"
SEND_TO_CUSTOMER = "send_to_customer"
TAKE_AND_SEND = "take_and_send"
RETRY = "retry"
MARK_SENT = "mark_sent"
FULL_TEXT = "full_text"  # `about` is the article, with `:2` behind it for the second page
WRITE_AGAIN = "write_again"  # opens the composer with what was written

# In views
TEXT = "text"
CANNED = "canned"
TEMPLATE = "template"
MODE = "mode"
AFTERWARDS = "afterwards"  # the status after an answer
COPIES = "copies"
PREVIEW = "preview"
REASON = "reason"
AGENT = "agent"
QUEUE = "queue"
PRIORITY = "priority"
TAGS = "tags"
LANGUAGE = "language"
SUBJECT = "subject"
ADDRESS = "address"
CHANNEL = "channel"
TICKET = "ticket"
TICKETS = "tickets"
WORDS = "words"
NOTE = "note"
PLACE = "place_"  # a value of a template, with its number
DECIDE = "decide"  # a proposal; `about` is `join:` or `apart:` and the two records
PAGE = "page"  # `about` is where the next or previous page begins

# Of the App Home
PRESENCE = "presence"  # a menu; the value is a presence, or `away:30` for so many minutes
HAND_OVER = "hand_over"
FIND = "find"
NEW_TICKET = "new_ticket"
HELP = "help"
SECTION = "section"  # `about` is the section of the inbox and how many rows of it
DESK_PAGE = "desk_page"

# Views
COMPOSER = "composer"
DECLINING = "declining"
EDITING = "editing"
ASSIGNING = "assigning"
ESCALATING = "escalating"
MERGING = "merging"
HANDING_OVER = "handing_over"
CUSTOMER_RECORD = "customer_record"
SEARCHING = "searching"
OPENING = "opening"
READING = "reading"

# Metadata of messages
TICKET_EVENT = "trunkline_ticket"
ARTICLE_EVENT = "trunkline_article"
OTHER_EVENT = "trunkline_message"
