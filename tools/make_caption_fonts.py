"""Make the fonts that captions are drawn with, and the table of their widths; run once by hand to renew them.

Needs ``fonttools``, which Reelprint itself does not: use a throw-away environment. The sources are two Debian
packages and one npm package (``SOURCES`` has versions and hashes).

    python -m venv /tmp/convert && /tmp/convert/bin/pip install fonttools==4.68.0
    mkdir /tmp/fonts && cd /tmp/fonts
    apt-get download fonts-noto-core=20201225-1 fonts-noto-cjk=1:20220127+repack1-1
    for name in *.deb; do dpkg-deb -x "$name" .; done
    npm pack @expo-google-fonts/inter@0.4.2 && tar xzf expo-google-fonts-inter-0.4.2.tgz
    cd - && /tmp/convert/bin/python tools/make_caption_fonts.py /tmp/fonts

What is changed: only the letters of one script (and what a font needs to shape them) are kept, the fonts get families
of our own (so that no font of the machine can answer to their names), and vertical metrics that fit rows of captions.
Outlines are untouched. Equal sources and an equal fonttools give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[1] / "src/reelprint"
FONTS = ROOT / "adapters/media/fonts/captions"
TABLE = ROOT / "core/typefaces.json"
NOTO = "usr/share/fonts/truetype/noto/NotoSans{}-Bold.ttf"
CJK = "usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"
_NOTO_SHA256 = {
    "Arabic": "ded6fc7359ca36d15d7aab9ef0c066e21ce48b26a069994d6602fa2cb9a1b952",
    "Armenian": "a0f398d0205f0b96d6637ac66d92e6e42b230f8ed3853a050d0aa5792eb9b7f7",
    "Bengali": "22c9ff99baca4d31c531ce450a1369beed889467e1ad964f4b8a6f810aa46955",
    "Devanagari": "77ad688cfe1dc55185bf4edb4db3c614202c65dd23a1463ad0e23fc52bcc9a5c",
    "Ethiopic": "cc16f0c43be76a2ecb5f6d08de4fe6705886b9be90251bfb5959a90955be7f1d",
    "Georgian": "2cee22513f5c94b5577fe1a91df94836dc9825ac78e5b3a9f3c49d1f038a5f11",
    "Gujarati": "db2b642c28b021da8cb0f3463bf41376549c850aa718ca863ec3ff5d5df0f2f7",
    "Gurmukhi": "ded9c1f56a7ed0b835cfef5dd642f26cfc0f41a16fbc08008d376ddcc91d606e",
    "Hebrew": "d3b01343f71e8a93fffb84c345a1aecbaf4694b98d0eaace916cb9eac9e6dcd3",
    "Kannada": "fcb9918669a24e33b1464b33eeac24e9a0f54a50393dfdaeb1e596cfcf2dac47",
    "Khmer": "cc74e7ac685da9a84e18b773ec8d80d06765aa1754bb14acc390c3620023c4dc",
    "Lao": "b87a8592f1cdd8b15e1e827967afd45a8c5ffc1123773bc4bd023fe1ccecd321",
    "Malayalam": "abe54dff7c6539899f1208672ae4235207b3e6b8d49594e9ff02d972d5975a81",
    "Myanmar": "e37e2ef189431020b1eaf4fb8d43252666dc24265d628145fff119613afea174",
    "Sinhala": "9ac3c2da2562fd3ce449e600a9954a3c5dad982145c85159449fe1c31f648a6e",
    "Tamil": "7ef7071ba2fad67dcae397dc7f5bfd4dbce69d86cdc453c2cc4abe640df0b442",
    "Telugu": "34e3a81c02ea8474f00b1046cbb183461648fd253a56475140d6b025db828b5b",
    "Thai": "97bbc8ea98328325285f2f552228c7aac1db39d8f38f0096a61ba7df1f1f780e",
}
#: SHA-256 of every file that is read.
SOURCES = {
    **{NOTO.format(name): digest for name, digest in _NOTO_SHA256.items()},
    "package/600SemiBold/Inter_600SemiBold.ttf": "f30e9d2574c3bec5144347ff965f9841c8f06857f0b7383000f8c9489a161841",
    "package/800ExtraBold/Inter_800ExtraBold.ttf": "1b9fab96ffc7bca31a9d4cd4d660cce80b94695908ec7613afdece2b8cf803c2",
    CJK: "faa5f3656a78b2e2d450d27fe8382c778bc2b6bb5ea29c986664a6a435056ceb",
}
#: Rows of letters without towers above or below, in em.
PLAIN_ROW = (0.96, 0.24)
SHAPING = ["kern", "mark", "mkmk", "ccmp", "locl", "liga", "calt", "rlig", "clig"]
SPACES_AND_MARKS = [0x20, 0xA0, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0x25CC]


@dataclass(frozen=True)
class Cut:
    """One font to make. ``number`` is its place in a collection; ``row`` its ascent and descent, None its own."""

    family: str
    source: str
    letters: tuple[int, ...]
    row: tuple[float, float] | None = PLAIN_ROW
    number: int = -1
    features: tuple[str, ...] = tuple(SHAPING)


def codes(*spans: tuple[int, int]) -> tuple[int, ...]:
    return tuple(code for first, last in spans for code in range(first, last + 1))


def encodable(codec: str, *spans: tuple[int, int]) -> tuple[int, ...]:
    """The characters of an old national standard, which holds what people really write."""
    kept = []
    for code in codes(*spans):
        try:
            chr(code).encode(codec)
        except UnicodeEncodeError:
            continue
        kept.append(code)
    return tuple(kept)


WESTERN = codes(
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x192), (0x1A0, 0x1B0), (0x1C4, 0x1DC), (0x1E6, 0x1EF), (0x1F4, 0x21B),
    (0x232, 0x233), (0x237, 0x237), (0x250, 0x2AF), (0x2B0, 0x2DD), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F),
    (0x1E00, 0x1EFF), (0x1F00, 0x1FFF), (0x2000, 0x2064), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x214F),
    (0x2150, 0x215F), (0x2190, 0x2199), (0x2202, 0x22A5), (0x25A0, 0x25FF), (0x2713, 0x2717),
)  # fmt: skip
HAN = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF))
FULL_WIDTH = codes((0x3000, 0x303F), (0xFF01, 0xFF65), (0x2010, 0x2027), (0x2030, 0x203B), (0xFFE0, 0xFFE6))
KANA = codes((0x3041, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))
CHINESE = tuple(sorted({*encodable("gb2312", *HAN), *encodable("big5", *HAN), *codes((0x3105, 0x312F))}))
JAPANESE = tuple(sorted({*encodable("shift_jis", HAN[0]), *KANA}))
#: Scripts of one font each, in the order in which a letter is looked for.
SCRIPTS = {
    "Arabic": codes((0x600, 0x6FF), (0x750, 0x77F), (0x8A0, 0x8FF), (0xFB50, 0xFDFF), (0xFE70, 0xFEFC)),
    "Hebrew": codes((0x591, 0x5F4), (0xFB1D, 0xFB4F), (0x20AA, 0x20AA)),
    "Devanagari": codes((0x900, 0x97F), (0xA8E0, 0xA8FF), (0x20B9, 0x20B9)),
    "Bengali": codes((0x980, 0x9FF)),
    "Gurmukhi": codes((0xA00, 0xA7F)),
    "Gujarati": codes((0xA80, 0xAFF)),
    "Tamil": codes((0xB80, 0xBFF)),
    "Telugu": codes((0xC00, 0xC7F)),
    "Kannada": codes((0xC80, 0xCFF)),
    "Malayalam": codes((0xD00, 0xD7F)),
    "Sinhala": codes((0xD80, 0xDFF)),
    "Thai": codes((0xE00, 0xE7F)),
    "Lao": codes((0xE80, 0xEFF)),
    "Myanmar": codes((0x1000, 0x109F), (0xA9E0, 0xA9FF), (0xAA60, 0xAA7F)),
    "Khmer": codes((0x1780, 0x17FF), (0x19E0, 0x19FF)),
    "Ethiopic": codes((0x1200, 0x139F), (0x2D80, 0x2DDF), (0xAB00, 0xAB2F)),
    "Armenian": codes((0x530, 0x58F), (0xFB13, 0xFB17)),
    "Georgian": codes((0x10A0, 0x10FF), (0x1C90, 0x1CBF), (0x2D00, 0x2D2D)),
}
#: Rows of scripts whose own metrics leave more room than captions need; the others keep their own.
ROWS = dict.fromkeys(("Hebrew", "Armenian", "Georgian"), PLAIN_ROW) | {"Arabic": (1.0, 0.5), "Myanmar": (1.1, 0.65)}
CUTS = (
    Cut("Reelprint Heavy", "package/800ExtraBold/Inter_800ExtraBold.ttf", WESTERN),
    Cut("Reelprint Semi", "package/600SemiBold/Inter_600SemiBold.ttf", WESTERN),
    *(
        Cut(f"Reelprint {name}", NOTO.format(name), letters, ROWS.get(name), features=("*",))
        for name, letters in SCRIPTS.items()
    ),
    Cut("Reelprint Japanese", CJK, (*JAPANESE, *FULL_WIDTH), number=0, features=("kern",)),
    Cut(
        "Reelprint Korean", CJK, (*codes((0xAC00, 0xD7A3), (0x3131, 0x318E)), *FULL_WIDTH), number=1, features=("kern",)
    ),
    Cut("Reelprint Chinese", CJK, (*CHINESE, *KANA, *FULL_WIDTH), number=2, features=("kern",)),
)


def cut_out(cut: Cut, folder: Path) -> TTFont:
    """The letters of a cut, under its own name and metrics."""
    font = TTFont(folder / cut.source, fontNumber=cut.number, recalcTimestamp=False)
    options = subset.Options(
        layout_features=list(cut.features), hinting=False, desubroutinize=False, notdef_outline=True,
        name_IDs=[0, 13, 14], name_languages=[0x409], glyph_names=False,
        drop_tables=["vhea", "vmtx", "VORG", "BASE", "DSIG"],
    )  # fmt: skip
    tool = subset.Subsetter(options)
    tool.populate(unicodes=[*cut.letters, *SPACES_AND_MARKS])
    tool.subset(font)
    names, family = font["name"], cut.family
    for number, text in ((1, family), (2, "Regular"), (3, family), (4, family), (6, family.replace(" ", ""))):
        names.setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames = [family.replace(" ", "")]
        top = font["CFF "].cff.topDictIndex[0]
        top.FamilyName = top.FullName = family
    em = font["head"].unitsPerEm
    head, table = font["hhea"], font["OS/2"]
    ascent, descent = cut.row or (head.ascent / em, -head.descent / em)
    head.ascent = table.usWinAscent = table.sTypoAscender = round(ascent * em)
    table.usWinDescent = round(descent * em)
    head.descent = table.sTypoDescender = -table.usWinDescent
    head.lineGap = table.sTypoLineGap = 0
    # The weight stands in the outlines: whoever asks for the regular face gets it as it is.
    table.usWeightClass, table.fsSelection, font["head"].macStyle = 400, 0x40, 0
    return font


def described(cut: Cut, font: TTFont, file: Path) -> dict[str, object]:
    """What layout has to know: runs of neighbouring letters with one advance width, in thousandths of an em."""
    em, widths, letters = font["head"].unitsPerEm, font["hmtx"].metrics, font.getBestCmap()
    wanted = {*cut.letters, *SPACES_AND_MARKS}
    advances = [(code, -(-widths[glyph][0] * 1000 // em)) for code, glyph in sorted(letters.items()) if code in wanted]
    width_of, runs = dict(advances), []
    for _, group in groupby(enumerate(advances), key=lambda item: (item[1][0] - item[0], item[1][1])):
        members = [code for _, (code, _) in group]
        runs.append([members[0], members[-1] - members[0], width_of[members[0]]])
    height = (font["OS/2"].usWinAscent + font["OS/2"].usWinDescent) / em
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {"family": cut.family, "file": file.name, "sha256": digest, "height": round(height, 4), "advances": runs}


def main(folder: Path) -> None:
    FONTS.mkdir(parents=True, exist_ok=True)
    for name, expected in SOURCES.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
            raise SystemExit(f"{name} is another file than the one that was looked at; check it and its licence first")
    table = []
    for cut in CUTS:
        font = cut_out(cut, folder)
        file = FONTS / f"{cut.family.replace(' ', '')}.{'otf' if 'CFF ' in font else 'ttf'}"
        font.save(file, reorderTables=True)
        table.append(described(cut, font, file))
        print(f"{file.stat().st_size:9d} {file.name} {table[-1]['height']} {len(table[-1]['advances'])} runs")
    TABLE.write_text(json.dumps(table, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
