"""Codes that people read to one another or type: random, in letters that are not taken for one another. Pure."""

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: none is taken for another when read aloud
MAX_TYPED = 32


def code_of(chance: bytes) -> str:
    """Random bytes, a multiple of 5, in groups of four letters: ABCD-EFGH-JKMN-PQRS from 10 of them."""
    number = int.from_bytes(chance, "big")
    letters = [LETTERS[(number >> shift) & 31] for shift in range(8 * len(chance) - 5, -1, -5)]
    return _grouped(letters)


def code_from(text: str) -> str:
    """What somebody typed, as `code_of` writes it: any case, anything between the letters, O for 0, I and L for 1."""
    typed = text.upper().replace("O", "0").replace("I", "1").replace("L", "1")
    return _grouped([letter for letter in typed if letter in LETTERS][:MAX_TYPED])


def _grouped(letters: list[str]) -> str:
    return "-".join("".join(letters[at : at + 4]) for at in range(0, len(letters), 4))
