"""The cipher knows whose a text is, even if the key service did not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdas.adapters.secrets.envelope import NONCE_BYTES, Envelope, Sealed, Unopened
from tests.doubles.key_service import CarelessKeys

CONTEXT = {"user": "user-one", "account": "zerodha-one"}
ENVELOPE = Envelope(CarelessKeys(), "key")
names = st.text(min_size=1)


@given(text=st.binary(), user=names, account=names)
def test_what_was_sealed_comes_back_for_the_same_context(text: bytes, user: str, account: str) -> None:
    sealed = ENVELOPE.seal(text, {"user": user, "account": account})
    assert ENVELOPE.open(sealed, {"account": account, "user": user}) == text


@given(user=names, account=names)
def test_another_context_opens_nothing_even_with_the_data_key(user: str, account: str) -> None:
    sealed = ENVELOPE.seal(b"text", CONTEXT)
    if (user, account) != tuple(CONTEXT.values()):
        with pytest.raises(Unopened):
            ENVELOPE.open(sealed, {"user": user, "account": account})


@pytest.mark.parametrize("context", [{}, {"user": "user-one"}, {"user": "zerodha-one", "account": "user-one"}])
def test_a_context_that_is_shorter_or_turned_round_opens_nothing(context: dict[str, str]) -> None:
    with pytest.raises(Unopened):
        ENVELOPE.open(ENVELOPE.seal(b"text", CONTEXT), context)


@given(position=st.integers(0, NONCE_BYTES + 4 + 15), flipped=st.integers(1, 255))
def test_no_byte_may_change(position: int, flipped: int) -> None:
    sealed = ENVELOPE.seal(b"text", CONTEXT)
    changed = bytearray(sealed.ciphertext)
    changed[position] ^= flipped
    with pytest.raises(Unopened):
        ENVELOPE.open(Sealed(bytes(changed), sealed.data_key), CONTEXT)


@pytest.mark.parametrize("length", [0, NONCE_BYTES - 1, NONCE_BYTES, NONCE_BYTES + 15])
def test_a_ciphertext_that_is_cut_off_is_not_opened(length: int) -> None:
    sealed = ENVELOPE.seal(b"text", CONTEXT)
    with pytest.raises(Unopened):
        ENVELOPE.open(Sealed(sealed.ciphertext[:length], sealed.data_key), CONTEXT)


def test_the_same_text_never_looks_the_same() -> None:
    first, second = ENVELOPE.seal(b"text", CONTEXT), ENVELOPE.seal(b"text", CONTEXT)
    assert first.ciphertext != second.ciphertext
