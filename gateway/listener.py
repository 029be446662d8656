"""Listeners that say what to do when their address cannot be had: the setting that names it, and the variable.

What opens the port knows the address only; which setting it comes from is known here.
"""

from collections.abc import Callable

from ..config.errors import Misconfigured
from ..config.quantities import HostPort
from ..config.settings import Settings
from ..queue.service import Service

_FURTHER = 1000  # from a port that is taken to the one that is suggested
_LAST_PORT = 65535


class Listener:
    """A service that opens a port; `setting` is the path of the setting with its address, which is `written` there."""

    def __init__(
        self,
        service: Service,
        settings: Settings,
        address: HostPort,
        *setting: str,
        written: Callable[[HostPort], str] = str,
    ) -> None:
        self._service = service
        self._settings = settings
        self._address = address
        self._setting = setting
        self._written = written

    async def start(self) -> None:
        """Start it. Raises Misconfigured with the remedy when the port cannot be had."""
        try:
            await self._service.start()
        except Misconfigured as error:
            if not isinstance(error.__cause__, OSError):
                raise
            raise Misconfigured(f"{error.detail}; {self._remedy()}", **error.facts) from error

    async def stop(self) -> None:
        """Stop it."""
        await self._service.stop()

    def _remedy(self) -> str:
        place = self._settings.where(*self._setting)
        variable = f"TRUNKLINE_{'__'.join(self._setting).upper()}"
        other = self._written(_another(self._address))
        return f"choose another: {'.'.join(self._setting)} ({place}), or {variable}={other}"


def _another(address: HostPort) -> HostPort:
    port = address.port + _FURTHER
    return HostPort(address.host, port if port <= _LAST_PORT else address.port - _FURTHER)
