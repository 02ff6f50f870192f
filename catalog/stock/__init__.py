"""The stock ledger: the only code that writes moves, balances, reservations, lots and serial numbers.

Every function that writes runs in the transaction of the action that says so, does all it is asked or
nothing, and answers `Refused` with a sentence for every item that falls short.
"""

from catalog.stock.ledger import post, register
from catalog.stock.lots import judge, open_lot, split
from catalog.stock.reads import Level, available, balances, kept_for, moves_of
from catalog.stock.reserving import issue, release, reserve
from catalog.stock.terms import Move, Opening, Place, Subject, Voucher, Want, transfer

__all__ = [
    "Level",
    "Move",
    "Opening",
    "Place",
    "Subject",
    "Voucher",
    "Want",
    "available",
    "balances",
    "issue",
    "judge",
    "kept_for",
    "moves_of",
    "open_lot",
    "post",
    "register",
    "release",
    "reserve",
    "split",
    "transfer",
]
