"""Addresses of files for vendors, behind which nothing is."""

from trunkline.adapters.public_files import DAY_MS


class MemoryAddresses:
    """As `FileAddresses`; an address says all that it was made from."""

    async def address(self, base: str, article: str, sha256: str, lifetime: int = DAY_MS) -> str:
        return f"{base}/files/{article}-{sha256}-{lifetime}"
