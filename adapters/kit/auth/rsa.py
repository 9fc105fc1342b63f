"""RSA with SHA-256 (PKCS #1 v1.5), as Alipay (RSA2) and WeChat Pay (SHA256-RSA2048) sign.

Keys are read in every form in which providers hand them out: PEM, or the base64 of it alone.
"""

import base64
import binascii
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    load_der_private_key,
    load_der_public_key,
    load_pem_private_key,
    load_pem_public_key,
)
from cryptography.x509 import load_pem_x509_certificate

from hub.model.errors import NotAuthorised

_PEM, _CERTIFICATE = "-----BEGIN ", "-----BEGIN CERTIFICATE"
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error)


def signature(private_key: str, raw: bytes) -> str:
    """The signature in base64. NotAuthorised where the key is none, which is never repeated."""
    return base64.b64encode(_private(private_key).sign(raw, PKCS1v15(), SHA256())).decode()


def is_signed(public_key: str, raw: bytes, given: str) -> bool:
    """Whether the owner of a public key, or of a certificate, signed this. NotAuthorised where the
    key is none.
    """
    key = _public(public_key)
    try:
        key.verify(base64.b64decode(given, validate=True), raw, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


@lru_cache(maxsize=64)
def _private(text: str) -> RSAPrivateKey:
    key = _read(text, load_pem_private_key, load_der_private_key, None)
    if not isinstance(key, RSAPrivateKey):
        raise NotAuthorised("the private key is no RSA key: PKCS #8 or PKCS #1 is expected")
    return key


@lru_cache(maxsize=64)
def _public(text: str) -> RSAPublicKey:
    if text.strip().startswith(_CERTIFICATE):
        key = _read(text, lambda raw: load_pem_x509_certificate(raw).public_key(), _no_key)
    else:
        key = _read(text, load_pem_public_key, load_der_public_key)
    if not isinstance(key, RSAPublicKey):
        raise NotAuthorised("the public key is no RSA key, nor a certificate with one")
    return key


def _read(text: str, pem: Callable[..., Any], der: Callable[..., Any], *more: Any) -> Any:
    """A key, None where it is none."""
    text = text.strip()
    try:
        if text.startswith(_PEM):
            return pem(text.encode(), *more)
        return der(base64.b64decode("".join(text.split()), validate=True), *more)
    except _UNREADABLE:
        return None


def _no_key(_: bytes) -> None:
    return None
