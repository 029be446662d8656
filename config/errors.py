"""The one tree of errors.

Every error answers three questions: is it *temporary* (trying again later may help), *whose* fault is it, and what may
an *outsider* hear. The sentence of the error itself is for operators and goes to the log; only `public` crosses the
edge.

    TrunklineError
    ├── Temporary             our own trouble: 451/503 and Retry-After
    │   ├── EngineUnavailable   the engine did not answer, or answered with an error
    │   │   └── StrangeEngine     it is not the engine that the data folder belongs to
    │   ├── ScriptFailed        the engine refused a script or a command: a defect, or damaged data
    │   ├── EngineFull          memory or disk is over its mark; intake is refused until there is room
    │   ├── Overloaded          too many at once, from one peer or in total
    │   ├── DeliveryDeferred    a message cannot be sent now; nothing was sent
    │   │   └── AccountUnavailable  nor can any other of the account; all of its messages wait
    │   │       └── CredentialsRefused  it does not take our credentials; nothing is sent until somebody renews them
    │   └── NameServiceUnavailable  the DNS gave no answer, which is neither yes nor no
    ├── DeliveryUnknown       a send broke off half way; nobody knows whether it arrived
    └── Permanent             trying again will not help
        ├── Refused             the caller's fault: 4xx (Invalid, Forged, Forbidden, NotFound, Conflict, …)
        ├── DeliveryFailed      a channel refused an outgoing message for good
        ├── Unreadable          accepted bytes that cannot be read; set aside whole
        └── Misconfigured       the operator's fault: a setting, a secret, an unsafe engine

An exception from outside the tree counts as temporary at every edge.
"""

from typing import Any, ClassVar, Literal

Fault = Literal["ours", "caller", "operator", "channel"]


class TrunklineError(Exception):
    """Something went wrong in Trunkline."""

    temporary: ClassVar[bool] = True
    fault: ClassVar[Fault] = "ours"
    status: ClassVar[int] = 503
    code: ClassVar[str] = "internal"
    public: str = "temporarily unavailable, please try again"

    def __init__(self, detail: str = "", *, public: str | None = None, **facts: Any) -> None:
        super().__init__(detail or (self.__doc__ or "").strip().splitlines()[0])
        self.facts = facts
        if public is not None:
            self.public = public

    @property
    def detail(self) -> str:
        """The sentence for operators."""
        return str(self.args[0])


class Temporary(TrunklineError):
    """Our own trouble; the same request may succeed later."""

    code = "temporarily_unavailable"
    retry_after: int = 5

    def __init__(self, detail: str = "", *, retry_after: int | None = None, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.asked = retry_after
        """Seconds that whoever puts it off asks for; None when it says nothing."""
        if retry_after is not None:
            self.retry_after = retry_after


class EngineUnavailable(Temporary):
    """The engine did not answer in time, or answered with an error."""

    code = "engine_unavailable"


class StrangeEngine(EngineUnavailable):
    """The engine that answers is not the one that the data folder belongs to."""


class ScriptFailed(Temporary):
    """The engine refused a script or a command: a defect of ours, or damaged data."""

    code = "engine_refused"


class ClockAstray(Temporary):
    """Our clocks differ, so what others say of the time cannot be judged."""


class EngineFull(Temporary):
    """The engine or the disk is over its mark; intake is refused until there is room."""

    code = "engine_full"
    retry_after = 30


class Overloaded(Temporary):
    """Too many at once, from one peer or in total."""

    code = "overloaded"
    status = 429
    public = "too many requests, please slow down"


class DeliveryDeferred(Temporary):
    """The message cannot be sent now; nothing was sent."""

    fault: ClassVar[Fault] = "channel"
    code = "delivery_deferred"


class AccountUnavailable(DeliveryDeferred):
    """The channel takes nothing from the account now: it cannot be reached, fails, or wants fewer; nothing was sent."""

    code = "account_unavailable"


class CredentialsRefused(AccountUnavailable):
    """The channel does not take the credentials of the account; nothing was sent."""

    fault = "operator"
    code = "credentials_refused"


class NameServiceUnavailable(Temporary):
    """The DNS gave no answer, which is neither yes nor no."""

    fault = "channel"
    code = "name_service_unavailable"


class DeliveryUnknown(TrunklineError):
    """A send broke off half way; nobody knows whether it arrived, so it is flagged and not repeated."""

    temporary = False
    fault = "channel"
    code = "delivery_unknown"

    def __init__(self, detail: str = "", *, account_waits: bool = False, **facts: Any) -> None:
        super().__init__(detail, **facts)
        self.account_waits = account_waits
        """The channel fails, so that the other messages of the account wait as for AccountUnavailable."""


class Permanent(TrunklineError):
    """Trying again will not help."""

    temporary = False
    status = 500
    code = "permanent"
    public = "the request cannot be carried out"


class DeliveryFailed(Permanent):
    """The channel refused the message for good."""

    fault = "channel"
    code = "delivery_failed"


class Unreadable(Permanent):
    """The bytes were accepted but cannot be read; they are set aside whole."""

    fault = "caller"
    code = "unreadable"


class Misconfigured(Permanent):
    """The configuration, a secret or the engine is not as it must be."""

    fault = "operator"
    code = "misconfigured"


class Refused(Permanent):
    """The caller asked for what cannot be done; they hear the detail, unless the class says something else."""

    fault = "caller"
    status = 400
    code = "malformed"

    def __init__(self, detail: str = "", *, public: str | None = None, **facts: Any) -> None:
        super().__init__(detail, public=public, **facts)
        if public is None and type(self).public == Permanent.public:
            self.public = self.detail


class Invalid(Refused):
    """A field is missing or has a value that cannot be used."""

    status = 422
    code = "invalid"


class Unauthenticated(Refused):
    """No credentials, or credentials that are not known."""

    status = 401
    code = "unauthenticated"


class Forged(Unauthenticated):
    """A signature that does not match, or is too old."""

    code = "forged"
    public = "the signature does not match"


class Forbidden(Refused):
    """The credentials do not allow this."""

    status = 403
    code = "forbidden"


class NotFound(Refused):
    """There is no such thing."""

    status = 404
    code = "not_found"


class Conflict(Refused):
    """Somebody else was first, or the state does not allow it."""

    status = 409
    code = "conflict"


class WindowShut(Conflict):
    """The channel's window for free answers is shut."""

    code = "window_shut"


class Gone(Refused):
    """It was there and is no longer kept."""

    status = 410
    code = "gone"


class PreconditionFailed(Refused):
    """The record has changed since it was read."""

    status = 412
    code = "precondition_failed"


class TooLarge(Refused):
    """The body is over the size that is taken."""

    status = 413
    code = "too_large"


class UnsupportedMediaType(Refused):
    """The body is of a type that is not read here."""

    status = 415
    code = "unsupported_media_type"


class PreconditionRequired(Refused):
    """The change must name the revision that it is based on."""

    status = 428
    code = "precondition_required"
