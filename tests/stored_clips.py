"""Clips that nobody cut: documents as a finished clip leaves them."""

from __future__ import annotations

from reelprint.core.clips import ClipTexts, Moment, Pick, ScorePart, StoredClip


def stored_clip(
    job_id: str, number: int, *, attempt: int = 1, said: bool = True, title: str | None = None
) -> StoredClip:
    """The clip of rank ``number``; ``said`` False: without captions, since nothing is said in it."""
    stem = f"outputs/{job_id}/{attempt}/talk_clip_{number}"
    moment = Moment(
        start_s=100.0 * number,
        end_s=100.0 * number + 20.4567,
        first_word=7,
        end_word=70,
        text="nobody counted the money",
        virality_score=90 - number,
        parts={"hook": ScorePart(score=80, reason="begins with a question")},
    )
    texts = ClipTexts(
        title=title or f"Title {number}",
        tiktok="tiktok #a",
        instagram="instagram #a",
        youtube_title=f"youtube {number} #a",
    )
    return StoredClip(
        pick=Pick(clip_id=f"clip_{number:02}", number=number, moment=moment, texts=texts),
        name=f"talk_clip_{number}.mp4",
        film=f"{stem}.mp4",
        thumbnail=f"{stem}.jpg",
        srt=f"{stem}.srt" if said else None,
        vtt=f"{stem}.vtt" if said else None,
        width=1080,
        height=1920,
        duration_s=20.44,
    )
