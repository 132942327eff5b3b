"""Safety words: derivations by the written formula, what must lead to other words, frames to take or refuse."""

import hashlib
import hmac
import re
from pathlib import Path

from tests.vectors.make.form import Vector, Vectors, flipped, lp, refused, without

LIST = Path(__file__).parents[3] / "frontend" / "static" / "js" / "room" / "wordlist.js"
BYTES = bytes(range(0xA0, 0xC0))
IN_CONTEXT = ("appointment", "call", "id_i", "id_r", "fp_i", "fp_r")


def words() -> list[str]:
    """The list, from between the only two backticks of its file."""
    found = re.findall(r"`([^`]*)`", LIST.read_text(encoding="ascii"))
    return str(found[0]).split()


def derived(vector: Vector) -> Vector:
    """c, okm, digits and words (security notes, "Safety words")."""
    raw = {name: bytes.fromhex(vector[name]) for name in (*IN_CONTEXT, "r_i", "r_r")}
    ctx = lp(b"TSAS1", *(raw[name] for name in IN_CONTEXT))
    c = hashlib.sha256(lp(b"TSAS1-commit") + ctx + lp(raw["r_i"])).digest()
    prk = hmac.new(raw["r_i"] + raw["r_r"], hashlib.sha256(ctx + c).digest(), hashlib.sha256).digest()
    okm = hmac.new(prk, b"TSAS1-sas" + b"\x01", hashlib.sha256).digest()[:6]
    bits = "".join(f"{byte:08b}" for byte in okm)
    digits = "-".join(str(int(bits[at : at + 13], 2) + 1000) for at in (0, 13, 26))
    chosen = [words()[int(bits[at : at + 10], 2)] for at in (0, 10, 20, 30)]
    return vector | {"c": c.hex(), "okm": okm.hex(), "digits": digits, "words": chosen}


def vectors() -> Vectors:
    """File name under `words/` → vector."""
    plain = {name: bytes([at + 1] * 16).hex() for at, name in enumerate(IN_CONTEXT[:4])}
    plain |= {"fp_i": "05" * 32, "fp_r": "06" * 32, "r_i": "07" * 32, "r_r": "08" * 32}
    mixed = {name: hashlib.sha256(name.encode()).hexdigest()[: len(value)] for name, value in plain.items()}
    made = {"good": derived(plain), "good-of-other-bytes": derived(mixed)}
    return made | _other_words(made["good"]) | _frames()


def _other_words(good: Vector) -> Vectors:
    """One thing differs: the words must be others."""
    changes = {
        f"{name.replace('_', '-')}-changed": {name: flipped(bytes.fromhex(good[name]), -1).hex()}
        for name in (*IN_CONTEXT, "r_i", "r_r")
    }
    changes["fingerprints-exchanged"] = {"fp_i": good["fp_r"], "fp_r": good["fp_i"]}
    changes["ids-exchanged"] = {"id_i": good["id_r"], "id_r": good["id_i"]}
    changes["nonces-exchanged"] = {"r_i": good["r_r"], "r_r": good["r_i"]}
    told = without(good, "c", "digits")
    return {
        f"refused-{name}": refused(told, "good", name.replace("-", " "), "it has other words", **change)
        for name, change in changes.items()
    }


def _frames() -> Vectors:
    value = BYTES.hex()
    good = {
        "ask": '{"type":"ask"}',
        "commit": f'{{"type":"commit","c":"{value}"}}',
        "nonce": f'{{"type":"nonce","r":"{value}"}}',
        "reveal-with-spaces": f'{{ "type": "reveal", "r": "{value}" }}',
        "heard": '{"type":"heard"}',
        "differ": '{"type":"differ"}',
        "cancel": '{"type":"cancel"}',
    }
    bad = {
        "not-json": "{",
        "no-object": '["ask"]',
        "nothing": "null",
        "no-type": f'{{"c":"{value}"}}',
        "type-is-a-number": '{"type":1}',
        "unknown-type": '{"type":"verified"}',
        "type-of-every-object": '{"type":"constructor"}',
        "field-more": f'{{"type":"commit","c":"{value}","r":"{value}"}}',
        "plain-with-a-value": f'{{"type":"ask","c":"{value}"}}',
        "value-missing": '{"type":"reveal"}',
        "value-under-another-name": f'{{"type":"commit","r":"{value}"}}',
        "value-of-31-bytes": f'{{"type":"commit","c":"{value[2:]}"}}',
        "value-of-33-bytes": f'{{"type":"commit","c":"{value}00"}}',
        "value-in-capitals": f'{{"type":"nonce","r":"{value.upper()}"}}',
        "value-no-hex": f'{{"type":"nonce","r":"{"g" * 64}"}}',
        "value-in-a-list": f'{{"type":"nonce","r":["{value}"]}}',
        "words-in-it": '{"type":"heard","words":["anchor","anchor","anchor","anchor"]}',
        "over-512-bytes": '{"type":"ask"}' + " " * 500,
    }
    return {f"good-frame-{name}": {"frame": frame} for name, frame in good.items()} | {
        f"refused-frame-{name}": {"flaw": name.replace("-", " "), "frame": frame}
        for name, frame in bad.items()
    }
