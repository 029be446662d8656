"""The channels on which a customer looks on while they wait: what may take hours elsewhere may take minutes there."""

LIVE = frozenset({"chat", "voice"})
