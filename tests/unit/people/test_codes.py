"""How codes are written and read."""

from hypothesis import given
from hypothesis import strategies as st

from telehealth.people import codes


@given(st.binary(min_size=10, max_size=10))
def test_a_code_is_the_same_however_it_is_typed(chance: bytes) -> None:
    code = codes.code_of(chance)
    assert len(code) == 19
    assert codes.code_from(code) == code
    assert codes.code_from(code.lower().replace("-", "  ")) == code
    assert codes.code_from(code.replace("0", "o").replace("1", "l")) == code


def test_every_bit_of_chance_is_in_the_code() -> None:
    for size, zero in ((10, "0000-0000-0000-0000"), (15, "0000-0000-0000-0000-0000-0000")):
        flipped = {codes.code_of((1 << bit).to_bytes(size, "big")) for bit in range(8 * size)}
        assert codes.code_of(bytes(size)) == zero
        assert len(flipped) == 8 * size


@given(st.text(max_size=200))
def test_whatever_is_typed_for_a_code_has_a_form(text: str) -> None:
    assert len(codes.code_from(text)) <= 40
    codes.code_from(text).encode("ascii")
