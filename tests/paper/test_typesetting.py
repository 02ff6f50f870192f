"""Paper is set from plain words: nothing in them is obeyed, nothing of them is lost in silence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pypdfium2
import pytest

from flow import typesetting
from flow.capitals import capitals
from flow.sheet import Cells, Checks, Column, Facts, Signs, Table, Text
from tests.paper.conftest import pages
from tests.people import NINE

HOSTILE = '#set page(width: 1cm) $x^2$ *b* _i_ [c] {d} \\ "q" \' <end> @ref // /* */ `r` ~ = - + #panic()'
COLUMNS = [Column("序", 10, "center", fixed=True), Column("名称", 3), Column("数量", 1, "right")]


def sheet(*parts: Any, **said: Any) -> dict[str, Any]:
    """A sheet with these parts, as a form would be composed."""
    head = {
        "org": {"name": "东海开关公司", "line": "扬中市 · 0511-1"}, "title": "领料单",
        "number": "LL-1", "code": "",
        "says": {"number": "编号", "code": "表号", "page": "第 {page} 页 共 {pages} 页", "scan": "扫码开单"},
        "copies": [], "chosen": [-1], "qr": typesetting.qr("https://erp.example.com/a/b/c/"), "mark": "",
        "wide": False, "foot": "", "stamp": "打印",
    }  # fmt: skip
    return {**head, "parts": [part.plain() for part in parts], **said}


def words(*parts: Any, **said: Any) -> list[str]:
    """The words of each page of such a sheet."""
    return pages(typesetting.pdf([sheet(*parts, **said)], title="t", author="a", at=NINE))


def whole(found: list[str]) -> str:
    """All words, without the breaks that the lines of the paper make."""
    return "".join("".join(found).split())


@pytest.mark.rule("SYS-14")
def test_what_is_typed_is_shown_and_never_obeyed() -> None:
    everywhere = [
        Cells([(HOSTILE, HOSTILE)]),
        Table([Column(HOSTILE, 1)], [[HOSTILE]], end=HOSTILE),
        Checks(HOSTILE, [(HOSTILE, True)], HOSTILE),
        Facts([(HOSTILE, HOSTILE)]),
        Text(HOSTILE, HOSTILE),
        Signs([(HOSTILE, HOSTILE, HOSTILE)]),
    ]
    org = {"name": HOSTILE, "line": HOSTILE}
    copies = [{"nth": "#1", "to": "[x]", "name": HOSTILE}, {"nth": "$", "to": "*", "name": "*"}]
    text = whole(
        words(
            *everywhere, org=org, title=HOSTILE, number=HOSTILE, code=HOSTILE, foot=HOSTILE, stamp=HOSTILE,
            mark="#x", copies=copies, chosen=[0],
        )
    )  # fmt: skip
    # Cells 2, table 3, boxes 3, facts 2, text 2, signatures 3; of the frame 8.
    assert text.count("".join(HOSTILE.split())) == 23


def test_letters_the_font_lacks_are_marked_and_named() -> None:
    text = whole(words(Text("姓名", "𠮷野 🎉 ok")))
    assert "〓野〓ok" in text
    assert "〓=U+1F389U+20BB7" in text
    assert "U+" not in whole(words(Text("姓名", "龘䶮𬭸 ①≤φ±°")))


@pytest.mark.parametrize("odd", ["\x00", "\x1f", "\u202e", "\ud800", "\ufeff", "\u2028", "\r\n", "\x85"])
def test_what_is_no_letter_is_left_out(odd: str) -> None:
    assert "左右" in whole(words(Text("备注", f"左{odd}右")))


def test_ten_thousand_letters_without_a_gap_stay_on_the_paper() -> None:
    table = Table(COLUMNS, [["1", "x" * 10_000, "2"], ["2", "铜" * 10_000, "1"]])
    made = typesetting.pdf([sheet(table, Text("备注", "y" * 10_000))], title="t", author="a", at=NINE)
    text = whole(pages(made))
    assert [text.count(letter) for letter in "x铜y"] == [10_000] * 3
    opened = pypdfium2.PdfDocument(made)
    for page in opened:
        letters = page.get_textpage()
        boxes = [letters.get_charbox(n) for n in range(letters.count_chars())]
        assert all(left >= 0 and right <= page.get_width() for left, _low, right, _high in boxes)
        assert all(low >= 0 for _left, low, _right, _high in boxes)
    opened.close()


@pytest.mark.rule("SYS-14")
def test_head_and_page_number_stand_on_each_page() -> None:
    found = words(Table(COLUMNS, [[n, f"零件{n}", n * 2] for n in range(1, 61)]))
    assert len(found) == 3
    for number, page in enumerate(found, start=1):
        text = whole([page])
        assert "东海开关公司" in text
        assert "序名称数量" in text
        assert f"第{number}页共3页" in text
    assert "零件12" in whole(found[:1])
    assert "零件60120" in whole(found[2:])


def test_each_copy_counts_its_own_pages() -> None:
    copies = [{"nth": n, "to": t, "name": f"{n} {t}"} for n, t in (("第一联", "质检部"), ("第二联", "仓库"))]
    rows = [[n, f"零件{n}", n] for n in range(1, 31)]
    found = words(Table(COLUMNS, rows), copies=copies, chosen=[0, 1])
    assert [whole([page]).split("页共")[0][-1] for page in found] == ["1", "2", "1", "2"]
    assert ["第一联 质检部" in page for page in found] == [True, True, False, False]


def test_the_same_words_give_the_same_bytes() -> None:
    made = [typesetting.pdf([sheet(Text("备注", "一"))], title="t", author="a", at=NINE) for _again in "12"]
    assert made[0] == made[1]
    assert b"pdfaid" in made[0], "made for the archive"


def test_several_documents_are_one_file() -> None:
    files = [
        typesetting.pdf([sheet(Text("备注", f"第{n}份"))], title="t", author="a", at=NINE) for n in range(3)
    ]
    made = typesetting.together(files)
    assert [f"第{n}份" in whole([page]) for n, page in enumerate(pages(made))] == [True, True, True]


def test_threads_do_not_disturb_each_other() -> None:
    def one(number: int) -> bool:
        return f"张{number}号" in whole(words(Text("备注", f"张{number}号")))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(one, range(12)))


def test_the_qr_code_is_drawn_from_the_address() -> None:
    assert typesetting.qr("https://a/") != typesetting.qr("https://b/")
    assert typesetting.qr("https://a/").startswith("<svg")


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("0", "零元整"), ("0.05", "伍分"), ("10.50", "壹拾元伍角整"), ("105", "壹佰零伍元整"),
        ("1486000", "壹佰肆拾捌万陆仟元整"), ("1000005", "壹佰万零伍元整"), ("-3.40", "负叁元肆角整"),
        ("20000300.07", "贰仟万零叁佰元零柒分"), ("1000200000000", "壹万零贰亿元整"),
    ],
)  # fmt: skip
def test_amounts_in_capital_numerals(amount: str, said: str) -> None:
    assert capitals(Decimal(amount)) == said
