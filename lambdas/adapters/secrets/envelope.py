"""Envelope encryption: each text under a data key of its own, that key under the KMS key."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
NONCE_BYTES = 12


class Unopened(Exception):
    """Nothing was sealed like this under this key for this context: it was changed, or is somebody else's."""


@dataclass(frozen=True)
class Sealed:
    """A text that only the KMS key opens: nonce and AES-256-GCM ciphertext, and the encrypted data key."""

    ciphertext: bytes
    data_key: bytes


def connect() -> Any:
    """A KMS client."""
    return boto3.client("kms", config=CONFIG)


@dataclass(frozen=True)
class Envelope:
    """Seals and opens texts with a symmetric KMS key (its id or address). Both calls block.

    The context says whose a text is. KMS binds the data key to it and records it with every use; the cipher
    authenticates it once more, so that a data key which is opened all the same opens nothing else.
    """

    client: Any
    key_id: str

    def seal(self, text: bytes, context: Mapping[str, str]) -> Sealed:
        """Encrypt a text under a new data key."""
        answer = self.client.generate_data_key(KeyId=self.key_id, KeySpec="AES_256", EncryptionContext=dict(context))
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = _cipher(answer["Plaintext"]).encrypt(nonce, text, _authenticated(context))
        return Sealed(nonce + ciphertext, answer["CiphertextBlob"])

    def open(self, sealed: Sealed, context: Mapping[str, str]) -> bytes:
        """The text that was sealed for this context. Raises Unopened."""
        from cryptography.exceptions import InvalidTag

        nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        try:
            text: bytes = _cipher(self._data_key(sealed, context)).decrypt(nonce, ciphertext, _authenticated(context))
        except (InvalidTag, ValueError) as error:  # too short for a nonce: a ValueError
            raise Unopened("the ciphertext is not the one that was sealed for this context") from error
        return text

    def _data_key(self, sealed: Sealed, context: Mapping[str, str]) -> bytes:
        errors = self.client.exceptions
        try:
            answer = self.client.decrypt(
                KeyId=self.key_id, CiphertextBlob=sealed.data_key, EncryptionContext=dict(context)
            )
        except (errors.InvalidCiphertextException, errors.IncorrectKeyException) as error:
            raise Unopened("the data key was not made with this key for this context") from error
        data_key: bytes = answer["Plaintext"]
        return data_key


def _cipher(data_key: bytes) -> Any:
    # Only the functions that open secrets load the package, and only where they are sealed.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(data_key)


def _authenticated(context: Mapping[str, str]) -> bytes:
    """The context as bytes, the same whatever the order of its keys."""
    return json.dumps(dict(context), sort_keys=True).encode()
