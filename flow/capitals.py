"""An amount of yuan in the capital numerals that contracts and bills ask for (大写金额)."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ((10**8, "亿"), (10**4, "万"))
FEN = Decimal("0.01")


def capitals(amount: Decimal) -> str:
    """An amount in yuan, rounded to the fen: 1486000 → 壹佰肆拾捌万陆仟元整."""
    whole = int((abs(amount) / FEN).quantize(Decimal(1), ROUND_HALF_UP))
    yuan, fen = divmod(whole, 100)
    tens, ones = divmod(fen, 10)
    said = f"{_yuan(yuan)}元" if yuan or not fen else ""
    if not fen:
        said += "整"
    elif not tens:
        said += f"{'零' if yuan else ''}{DIGITS[ones]}分"
    else:
        said += f"{DIGITS[tens]}角" + (f"{DIGITS[ones]}分" if ones else "整")
    return f"负{said}" if amount < 0 and whole else said


def _yuan(number: int) -> str:
    for unit, word in GROUPS:
        if number >= unit:
            high, low = divmod(number, unit)
            gap = DIGITS[0] if 0 < low < unit // 10 else ""
            return _yuan(high) + word + (gap + _yuan(low) if low else "")
    return _group(number) or DIGITS[0]


def _group(number: int) -> str:
    """Up to 9999; zeros between digits are said once, those at the end not at all."""
    said, gap = "", False
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            said += (DIGITS[0] if gap and said else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return said
