"""Where the configuration comes from: `--config`, else TRUNKLINE_CONFIG, else ./trunkline.yaml, else
./config/example.yaml; and the secrets that go with it.

Every variable TRUNKLINE_… that is not about secrets or the log overrides a setting (config/environment.py). Secrets are
made up by themselves only while all listeners are loopback.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..config import loader
from ..config.secret_store import Secrets
from ..config.settings import Settings
from ..queue.data_folder import ERASED, DataFolder
from ..queue.keys import Keys
from .channels import models
from .logs import LEVEL_VARIABLE

CONFIG_VARIABLE = "TRUNKLINE_CONFIG"
USUAL_PLACES = (Path("trunkline.yaml"), Path("config/example.yaml"))
BUILT_IN = Path(loader.__file__).with_name("example.yaml")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One reading of the configuration; `environ` is what it was read with."""

    path: Path
    environ: Mapping[str, str]
    settings: Settings

    @property
    def folder(self) -> DataFolder:
        """The data folder; a relative one counts from the working directory."""
        return DataFolder.at(self.settings.data)

    @property
    def erasure_ledger(self) -> Path:
        """The folder that tells who was erased."""
        return (self.settings.erasure_ledger or self.folder.root / ERASED).expanduser().resolve()

    @property
    def secrets(self) -> Secrets:
        """The secrets of this gateway."""
        return Secrets(self.folder.root / "secrets", self.environ, self.settings.listen.loopback)

    @property
    def keys(self) -> Keys:
        """The names of keys in the workspace."""
        return Keys(self.settings.workspace)

    @property
    def is_embedded(self) -> bool:
        """Whether the engine is our own, in the data folder."""
        return not self.settings.redis.url

    def again(self) -> "Configuration":
        """Read the same file once more. Raises Misconfigured."""
        return _read(self.path, self.environ)


def place_of(asked: Path | None, environ: Mapping[str, str]) -> Path:
    """The file to read; the first usual place when there is none, so that its absence is complained of."""
    if asked is not None:
        return asked
    if environ.get(CONFIG_VARIABLE):
        return Path(environ[CONFIG_VARIABLE])
    return next((place for place in USUAL_PLACES if place.is_file()), USUAL_PLACES[0])


def configure(asked: Path | None, environ: Mapping[str, str]) -> Configuration:
    """Read the configuration. Raises Misconfigured with everything that is wrong."""
    return _read(place_of(asked, environ), environ)


def configure_or_built_in(asked: Path | None, environ: Mapping[str, str]) -> Configuration:
    """The same for commands that also help people who have no configuration: the example then stands in."""
    place = place_of(asked, environ)
    unnamed = asked is None and not environ.get(CONFIG_VARIABLE)
    return _read(BUILT_IN if unnamed and not place.is_file() else place, environ)


def _read(path: Path, environ: Mapping[str, str]) -> Configuration:
    meant = {name: value for name, value in environ.items() if name.upper() != LEVEL_VARIABLE}
    return Configuration(path=path, environ=environ, settings=loader.load(path, models(), meant))
