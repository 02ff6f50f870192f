"""Draws one page of a file as PNG: bytes in, bytes out, in a process that knows nothing of the house.

`python -I painter.py pdf|picture PAGE LONGEST_SIDE`; ends with 1 where there is no such page to be drawn.
"""

from __future__ import annotations

import io
import resource
import sys

MEMORY = 1024 * 1024 * 1024
SECONDS = 15
# A picture with more pixels than this is not opened: it is small as a file and immense in memory.
MOST_PIXELS = 80_000_000
# A page of a paper is drawn at most so many times larger than it says it is.
LARGEST_SCALE = 4.0


def bound() -> None:
    """Take from this process what a file from outside might use against the house."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def paper(source: bytes, page: int, side: int) -> bytes:
    """A page of a PDF. Raises IndexError where it has no such page."""
    import pypdfium2

    document = pypdfium2.PdfDocument(source)
    if page > len(document):
        raise IndexError(page)
    wanted = document[page - 1]
    scale = min(side / max(*wanted.get_size(), 1.0), LARGEST_SCALE)
    return _png(wanted.render(scale=scale, may_draw_forms=False).to_pil(), side)


def picture(source: bytes, page: int, side: int) -> bytes:
    """A picture, turned as the camera says, without anything else that the file holds."""
    from PIL import Image, ImageOps

    if page > 1:
        raise IndexError(page)
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS // 2
    opened = Image.open(io.BytesIO(source), formats=("PNG", "JPEG"))
    if opened.width * opened.height > MOST_PIXELS:
        raise ValueError("too many pixels")
    opened.draft("RGB", (side, side))
    return _png(ImageOps.exif_transpose(opened), side)


def _png(image: object, side: int) -> bytes:
    """The picture no larger than asked for, written anew."""
    from PIL import Image

    image.thumbnail((side, side))  # type: ignore[attr-defined]
    # What is transparent lies on paper.
    drawn = image.convert("RGBA")  # type: ignore[attr-defined]
    small = Image.new("RGB", drawn.size, "white")
    small.paste(drawn, mask=drawn.getchannel("A"))
    out = io.BytesIO()
    small.save(out, "PNG", optimize=False)
    return out.getvalue()


if __name__ == "__main__":
    bound()
    draw = {"pdf": paper, "picture": picture}[sys.argv[1]]
    sys.stdout.buffer.write(draw(sys.stdin.buffer.read(), int(sys.argv[2]), int(sys.argv[3])))
