"""Korean particles after a word that is only known when the sentence is said: 주문은, 메뉴는, orders는, menu는.

Which form follows depends on whether the last syllable ends in a consonant (받침). Hangul says so in its code point;
digits and Latin letters are read aloud in Korean.
"""

import re

BYTES = re.compile(r"\d (?:[KMGTP]i)?B$")
PAIRS = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "과": ("과", "와"), "으로": ("으로", "로")}
HANGUL_FIRST, HANGUL_LAST, FINALS = 0xAC00, 0xD7A3, 28
RIEUL = 8
DIGITS_CLOSED = "013678"  # 영 일 삼 육 칠 팔
LATIN_CLOSED = "lmnbckptgq"
CLOSED_BY_RIEUL = "178l"  # 일 칠 팔


def with_particle(word: str, particle: str) -> str:
    """Return the word with the fitting form of `은`, `이`, `을`, `과` or `으로`."""
    closed, open_form = PAIRS[particle]
    if particle == "으로" and _ends_in_rieul(word):
        return word + open_form
    return word + (closed if _ends_closed(word) else open_form)


def _ends_closed(word: str) -> bool:
    if BYTES.search(word):
        return False  # 바이트
    last = _last(word)
    if HANGUL_FIRST <= ord(last) <= HANGUL_LAST:
        return (ord(last) - HANGUL_FIRST) % FINALS != 0
    return last in DIGITS_CLOSED + LATIN_CLOSED


def _ends_in_rieul(word: str) -> bool:
    last = _last(word)
    if HANGUL_FIRST <= ord(last) <= HANGUL_LAST:
        return (ord(last) - HANGUL_FIRST) % FINALS == RIEUL
    return last in CLOSED_BY_RIEUL


def _last(word: str) -> str:
    letters = [c for c in word.lower() if c.isalnum() or c == "%"]
    return letters[-1] if letters else " "
