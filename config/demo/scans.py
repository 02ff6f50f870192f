"""Papers of the demo as a scanner would make them: a page with a title, some lines and a round seal."""

from __future__ import annotations

import io
from functools import cache

import pylopdf_fonts_zh_cn
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from config.demo.factory import phrases

PAGE = (620, 877)
INK, SEAL, PAPER = (40, 44, 52), (196, 43, 43), (252, 251, 247)


def paper(name: str, *, customer: str, maker: str) -> SimpleUploadedFile:
    """A file of this name (`.pdf`: a page; `.png`: a photograph of a cabinet) about this customer."""
    stem, _dot, ending = name.rpartition(".")
    if ending == "png":
        return SimpleUploadedFile(name, _photograph(stem, customer), content_type="image/png")
    return SimpleUploadedFile(name, _page(stem, customer, maker), content_type="application/pdf")


@cache
def _page(title: str, customer: str, maker: str) -> bytes:
    image = Image.new("RGB", PAGE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((PAGE[0] / 2, 90), title, font=_font(30), fill=INK, anchor="mm")
    draw.line((70, 130, PAGE[0] - 70, 130), fill=INK, width=2)
    said = phrases()["papers"].get(title, ["{customer}"])
    for row, line in enumerate(said):
        text = line.format(customer=customer, maker=maker)
        draw.text((80, 170 + 44 * row), text, font=_font(18), fill=INK)
    _sealed(draw, customer)
    return _bytes(image, "PDF", resolution=75.0)


def _sealed(draw: ImageDraw.ImageDraw, whose: str) -> None:
    x, y, radius = PAGE[0] - 180, PAGE[1] - 210, 84
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=SEAL, width=5)
    draw.text((x, y - 40), whose[:8], font=_font(16), fill=SEAL, anchor="mm")
    draw.regular_polygon((x, y, 20), 5, fill=SEAL)
    draw.text((x, y + 42), "合同专用章", font=_font(16), fill=SEAL, anchor="mm")


@cache
def _photograph(title: str, customer: str) -> bytes:
    """A cabinet in front of a wall, drawn."""
    image = Image.new("RGB", (640, 480), (206, 210, 212))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 380, 640, 480), fill=(150, 148, 142))
    for n in range(3):
        x = 110 + 150 * n
        draw.rectangle((x, 70, x + 138, 400), fill=(232, 230, 222), outline=(120, 120, 116), width=3)
        draw.rectangle((x + 30, 100, x + 108, 160), fill=(74, 92, 104), outline=(90, 90, 90))
        draw.ellipse((x + 60, 210, x + 78, 228), fill=(190, 48, 44) if n == 1 else (64, 140, 80))
        draw.rectangle((x + 112, 240, x + 120, 300), fill=(90, 90, 90))
    draw.text((16, 446), f"{title} · {customer}", font=_font(18), fill=(255, 255, 255))
    return _bytes(image, "PNG")


def _bytes(image: Image.Image, kind: str, **options: float) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(pylopdf_fonts_zh_cn.sans_path()), size)
