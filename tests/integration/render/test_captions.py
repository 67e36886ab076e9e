"""Captions as they are seen: frames, not scripts."""

from __future__ import annotations

import dataclasses
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reelprint.adapters.media.caption_fonts import caption_fonts
from reelprint.adapters.media.ffmpeg import Ffmpeg
from reelprint.adapters.media.probe import probe
from reelprint.adapters.process import Limits
from reelprint.core.captions import CAPTION_LOOKS, CaptionCard, CaptionLook, CaptionTrack, CaptionWord
from reelprint.core.errors import DocumentError
from reelprint.core.plan import EditPlan, Join
from reelprint.core.progress import CancelToken, Silent
from reelprint.core.transcript import Word
from reelprint.engine.ports import Tools
from reelprint.engine.render import Rendering
from reelprint.engine.stopwatch import Stopwatch
from reelprint.plan.captions import caption_track
from reelprint.render.captions.ass import ass_text, script_name
from reelprint.render.chunks import Chunk, plan_chunks
from reelprint.render.video import chunk_argv
from tests.integration.render.films import FFMPEG, U8, decoded, edit, ffmpeg

SIZES = {"vertical": (216, 384), "square": (256, 256), "horizontal": (384, 216)}
TEXTS = {
    "en": "Have you ever wondered why nobody talks about this, even though it changes everything?",
    "de": "Die Donaudampfschifffahrtsgesellschaftskapitänswitwe wohnt im Rechtsschutzversicherungsgebäude.",
    "ar": "هل تساءلت يومًا لماذا لا يتحدث أحد عن هذا، رغم أنه يغيّر كل شيء؟",
    "he": "האם אי פעם תהית למה אף אחד לא מדבר על זה?",
    "ja": "なぜ誰もこのことについて話さないのか 不思議に思ったことはありませんか。",
    "ko": "왜 아무도 이것에 대해 말하지 않는지 궁금한 적이 있나요?",
    "hi": "क्या आपने कभी सोचा है कि कोई इस बारे में बात क्यों नहीं करता?",
}


@pytest.fixture(scope="module")
def greys(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Twenty seconds of one luma each, 10 fps: nearly black, grey, nearly white."""
    folder = tmp_path_factory.mktemp("greys")
    for luma in (20, 110, 230):
        frame = bytes([luma]) * (64 * 64) + b"\x80" * (64 * 32)
        raw = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", "64x64", "-r", "10", "-i", "-")
        ffmpeg(*raw, "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", folder / f"{luma}.mp4", data=frame * 200)
    return {luma: folder / f"{luma}.mp4" for luma in (20, 110, 230)}


def words(text: str, *, word_s: float = 0.4, joined: bool = False) -> list[Word]:
    return [
        Word(text=part, start_s=0.3 + at * word_s, end_s=0.3 + (at + 0.9) * word_s, probability=1, joined=joined)
        for at, part in enumerate(text.split())
    ]


def captioned(
    source: Path, text: str, look: CaptionLook, shape: str = "vertical", language: str = "en", **fields: Any
) -> EditPlan:
    """All of a text over the beginning of a film of 10 fps."""
    spoken = words(text)
    frames = round((spoken[-1].end_s + 1) * 10)
    plan = edit(probe(source), [{"frames": frames, "source_start_s": 0}], size=SIZES[shape], rate="10/1", **fields)
    return plan.model_copy(update={"captions": caption_track(spoken, language, plan, look)})


def _argv(plan: EditPlan, source: Path, chunk: Chunk, folder: Path, fonts: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    if plan.captions is not None:
        script = ass_text(plan.captions, plan, chunk.start_frame, chunk.end_frame)
        if script is not None:
            (folder / script_name(chunk.key)).write_text(script, encoding="utf-8")
    return chunk_argv(FFMPEG, plan, probe(source), chunk, str(source), str(folder), "-", fonts_dir=str(fonts))


def luma(plan: EditPlan, source: Path, folder: Path, *, target: int = 10**9, fonts: Path | None = None) -> U8:
    """Luma of the plan's frames without an encoder in between."""
    parts = []
    for chunk in plan_chunks(plan, probe(source), target):
        argv = _argv(plan, source, chunk, folder, fonts or caption_fonts())
        start, end = argv.index("-copyts"), argv.index("-fps_mode") + 2
        parts.append(ffmpeg(*argv[start:end], "-f", "rawvideo", "-"))
    size = plan.output
    return np.frombuffer(b"".join(parts), np.uint8).reshape(-1, size.height * 3 // 2, size.width)[:, : size.height]


@pytest.mark.parametrize("look", CAPTION_LOOKS)
@pytest.mark.parametrize("shape", SIZES)
def test_captions_stay_inside_the_margins(
    look: CaptionLook, shape: str, greys: dict[int, Path], tmp_path: Path
) -> None:
    for language, text in TEXTS.items():
        plan = captioned(greys[110], text, look, shape, language)
        track = plan.captions
        assert track is not None
        touched = (luma(plan, greys[110], tmp_path) != 110).any(0)
        columns, rows = np.flatnonzero(touched.any(0)), np.flatnonzero(touched.any(1))
        width, height = SIZES[shape]
        # A box reaches beyond its letters by its margin, and antialiasing by a pixel.
        beyond = 0.35 * track.size * height if look == "boxed" else 0.1 * track.size * height
        assert columns[0] + 1.5 >= track.side_margin * width - beyond, language
        assert columns[-1] - 0.5 <= (1 - track.side_margin) * width + beyond, language
        assert rows[-1] - 0.5 <= track.baseline * height + beyond, language
        assert rows[0] + 1.5 >= (track.baseline - 2 * track.size) * height - beyond, language
        # A full stop of Chinese or Japanese is mostly blank.
        assert abs(columns[0] + columns[-1] + 1 - width) <= 2 + 0.5 * track.size * height, "centred"


@pytest.mark.parametrize("look", CAPTION_LOOKS)
@pytest.mark.parametrize("ground", [20, 230])
def test_letters_stand_out_on_bright_and_on_dark(
    look: CaptionLook, ground: int, greys: dict[int, Path], tmp_path: Path
) -> None:
    plan = captioned(greys[ground], "Hello there my good friend", look)
    frame = luma(plan, greys[ground], tmp_path)[12].astype(int)
    assert (frame > 215).sum() > 40, "white letters"
    assert (frame < 60).sum() > 40, "something dark around them"


def test_the_spoken_word_is_lit_and_no_other_word_moves(greys: dict[int, Path], tmp_path: Path) -> None:
    plan = captioned(greys[20], "one two three", "karaoke", "horizontal")
    seen = luma(plan, greys[20], tmp_path).astype(int)
    first, second, third = (seen[round(10 * (0.3 + 0.4 * at)) + 2] for at in range(3))
    at = plan.output.width // 2
    left, right = slice(0, at - 45), slice(at + 45, None)
    assert np.array_equal(second[:, left], third[:, left]), "the first word stands still once it is spoken"
    assert np.array_equal(first[:, right], second[:, right]), "and the last one until it is"
    assert not np.array_equal(first[:, left], second[:, left])
    assert first[:, left].max() < 225 <= second[:, left].max(), "yellow, then white"


@pytest.mark.parametrize("look", CAPTION_LOOKS)
def test_chunks_change_no_frame(look: CaptionLook, greys: dict[int, Path], tmp_path: Path) -> None:
    source = greys[110]
    segments = [{"frames": 31, "source_start_s": 0}, {"frames": 37, "source_start_s": 6}]
    plan = edit(probe(source), segments, [Join(type="dissolve", frames=5)], size=(160, 284), rate="30000/1001")
    track = caption_track(words(TEXTS["en"], word_s=0.21), "en", plan, look)
    plan = plan.model_copy(update={"captions": track})
    assert track is not None
    edges = {chunk.start_frame for chunk in plan_chunks(plan, probe(source), 9)}
    inside = [
        edge for edge in edges for card in track.cards if card.start_s < edge * 1001 / 30000 - 0.04 < card.end_s - 0.08
    ]
    assert len(edges) > 4
    assert inside, "some chunk begins inside a card"
    assert np.array_equal(luma(plan, source, tmp_path / "one"), luma(plan, source, tmp_path / "many", target=9))


def test_cards_come_and_go_on_their_frames_at_any_rate(greys: dict[int, Path], tmp_path: Path) -> None:
    card = CaptionCard(start_s=0.25, end_s=0.5, rows=((CaptionWord(text="Now", start_s=0.25, end_s=0.5),),))
    track = CaptionTrack(look="plain", font="Reelprint Semi", size=0.1, baseline=0.9, side_margin=0.1, cards=(card,))
    for rate, first, end in (("24000/1001", 6, 12), ("25/1", 6, 13), ("60/1", 15, 30), ("120/1", 30, 60)):
        frames = end + 10
        plan = edit(
            probe(greys[110]), [{"frames": frames, "source_start_s": 0}], size=(160, 90), rate=rate, captions=track
        )
        seen = (luma(plan, greys[110], tmp_path, target=7) != 110).any((1, 2))
        assert np.flatnonzero(seen).tolist() == list(range(first, end)), rate


def test_only_our_fonts_are_used(greys: dict[int, Path], tmp_path: Path) -> None:
    mixed = "Hello Привет שלום مرحبا 日本 한국 你好 नमस्ते ไทย 2024 “q” — é?"
    for look in CAPTION_LOOKS:
        plan = captioned(greys[110], mixed, look, "horizontal", None)
        (chunk,) = plan_chunks(plan, probe(greys[110]), 10**9)
        argv = _argv(plan, greys[110], chunk, tmp_path, caption_fonts())
        argv[argv.index("error")] = "verbose"
        argv[argv.index("-f", argv.index("-fps_mode")) + 1] = "null"
        log = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60).stderr
        chosen = re.findall(r"fontselect: \(([^,]+), \d+, \d+\) -> ([^,]+),", log)
        assert len(chosen) >= 6
        assert all(asked.replace(" ", "") == found for asked, found in chosen), chosen
        assert not re.search(r"(?i)glyph 0x\w+ not found|failed to find any fallback", log)


def test_words_are_never_instructions(greys: dict[int, Path], tmp_path: Path) -> None:
    """A hostile word is drawn where and as large as any other: it can move, hide or enlarge nothing."""
    hostile = [
        r"{\pos(0,0)\fs300}X",
        r"}{\an8}",
        r"\N\N\N\N",
        r"\h{\p1}m 0 0 l 999 999",
        "a\nDialogue: 0,0:00:00.00,9:00:00.00,Card,,0,0,0,,Z",
        "{",
        "\\",
        r"\{\alpha&HFF&}",
    ]
    for text in hostile:
        word = CaptionWord(text=text, start_s=0.2, end_s=0.6)
        card = CaptionCard(start_s=0.2, end_s=0.6, rows=((word,),))
        track = CaptionTrack(
            look="karaoke", font="Reelprint Heavy", size=0.05, baseline=0.9, side_margin=0.05, cards=(card,)
        )
        plan = edit(
            probe(greys[110]), [{"frames": 10, "source_start_s": 0}], size=(384, 216), rate="10/1", captions=track
        )
        script = ass_text(track, plan, 0, 10)
        assert script is not None
        assert script.count("\nDialogue: ") == 2
        seen = luma(plan, greys[110], tmp_path) != 110
        rows = np.flatnonzero(seen.any((0, 2)))
        assert np.flatnonzero(seen.any((1, 2))).tolist() == [2, 3, 4, 5], text
        assert rows[0] >= 0.9 * 216 - 1.3 * 0.05 * 216, text
        assert rows[-1] <= 0.9 * 216 + 2, text


def test_a_font_that_is_not_ours_is_refused(greys: dict[int, Path]) -> None:
    word = CaptionWord(text="x", start_s=0, end_s=1)
    card = CaptionCard(start_s=0, end_s=1, rows=((word,),))
    track = CaptionTrack(font="Arial,99\nStyle: x", size=0.05, baseline=0.9, side_margin=0.05, cards=(card,))
    plan = edit(probe(greys[110]), [{"frames": 10, "source_start_s": 0}], captions=track)
    with pytest.raises(DocumentError, match="no font"):
        plan_chunks(plan, probe(greys[110]))


@pytest.mark.parametrize("name", ["it's", "a:b", "c,d;e", "[f] g", "back\\slash", "ünï 日本", "100%", "{x}=y"])
def test_folders_of_any_name_work(name: str, greys: dict[int, Path], tmp_path: Path) -> None:
    plan = captioned(greys[110], "Hello there", "plain")
    fonts = tmp_path / f"fonts {name}"
    fonts.mkdir()
    (fonts / "ReelprintSemi.ttf").symlink_to(caption_fonts() / "ReelprintSemi.ttf")
    odd = luma(plan, greys[110], tmp_path / f"work {name}", fonts=fonts)
    assert np.array_equal(odd, luma(plan, greys[110], tmp_path / "plain"))
    assert (odd != 110).any()


def test_captions_lie_over_fades_and_know_their_chunks(greys: dict[int, Path], tmp_path: Path) -> None:
    plan = captioned(
        greys[110], "Hello there my friend", "plain", opening=Join(type="fade", frames=8, direction="black")
    )
    seen = luma(plan, greys[110], tmp_path)
    assert seen[4].max() > 215, "white over a picture that is still dark"
    bare = plan.model_copy(update={"captions": None})
    assert {chunk.key for chunk in plan_chunks(plan, probe(greys[110]))}.isdisjoint(
        chunk.key for chunk in plan_chunks(bare, probe(greys[110]))
    )


def test_the_engine_burns_them_in(greys: dict[int, Path], tmp_path: Path) -> None:
    plan = captioned(greys[110], "Hello there", "boxed")
    nothing: dict[str, Any] = dict.fromkeys(field.name for field in dataclasses.fields(Tools))
    encoder = Ffmpeg(None, Limits(time_s=60, memory_mb=4000))
    parts = {"encoder": encoder, "fonts": caption_fonts(), "workers": 1, "stopwatch": Stopwatch()}
    folder, out = tmp_path / "work", tmp_path / "film.mp4"
    folder.mkdir()
    media = probe(greys[110])
    Rendering(plan, media, greys[110], folder, Tools(**(nothing | parts)), Silent(), CancelToken()).run(out)
    film = decoded(out, SIZES["vertical"])[:, : SIZES["vertical"][1]]
    assert film[7].max() > 200
    assert abs(int(film[0].max()) - 110) < 8, "nothing is said yet"
