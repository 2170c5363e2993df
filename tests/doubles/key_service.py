"""A key service that binds data keys to nothing: what holds then is the cipher alone."""

from types import SimpleNamespace


class _Refused(Exception):
    """Never raised here."""


class CarelessKeys:
    """The part of a KMS client that seals and opens; every data key is the same, whoever asks."""

    exceptions = SimpleNamespace(InvalidCiphertextException=_Refused, IncorrectKeyException=_Refused)

    def generate_data_key(self, **_: object) -> dict[str, bytes]:
        """The data key."""
        return {"Plaintext": bytes(range(32)), "CiphertextBlob": b"the data key"}

    def decrypt(self, **_: object) -> dict[str, bytes]:
        """The data key."""
        return {"Plaintext": bytes(range(32))}
