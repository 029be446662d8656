"""The words of which conditions and rule tests take one."""

from typing import Literal

AssuranceName = Literal["A0", "A1", "A2", "A3", "A4"]
AutomationName = Literal["none", "auto_reply", "bounce", "bulk"]
SaysName = Literal["thanks", "resolved", "cancelled"]
StatusName = Literal["new", "open", "pending", "on_hold", "solved", "closed"]
ActorName = Literal["customer", "agent", "token", "router"]
CountName = Literal["attachments", "recipients", "words", "links", "messages", "reopened"]
SpamWord = Literal["spam", "unsure", "ham", "none"]
