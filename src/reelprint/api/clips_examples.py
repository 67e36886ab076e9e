"""Examples of the clips family for the OpenAPI description. A test validates each against its schema."""

from __future__ import annotations

from typing import Any

JOB_ID = "6f1f9c1e-8a53-4d0e-9d0b-2f6f3c1a7b42"

REQUESTS: dict[str, object] = {
    "a film by its address": {"url": "https://films.example/talk.mp4"},
    "three short clips": {
        "url": "https://films.example/talk.mp4",
        "webhook_url": "https://app.example/reelprint",
        "options": {
            "target_clips": 3,
            "clip_min_seconds": 20,
            "clip_max_seconds": 45,
            "caption_style": "boxed",
            "prompt": "moments about money",
        },
    },
    "options beside the address": {"url": "https://films.example/talk.mp4", "target_clips": 3, "captions": False},
}
QUEUED: dict[str, Any] = {"job_id": JOB_ID, "status": "queued"}
CLIP: dict[str, Any] = {
    "clip_id": "clip_01",
    "video_url": f"/videos/{JOB_ID}/talk_clip_1.mp4",
    "thumbnail_url": f"/videos/{JOB_ID}/talk_clip_1.jpg",
    "srt_url": f"/videos/{JOB_ID}/talk_clip_1.srt",
    "vtt_url": f"/videos/{JOB_ID}/talk_clip_1.vtt",
    "title": "Why did nobody count the money?",
    "video_description_for_tiktok": "Why did nobody count the money? #money #story",
    "video_description_for_instagram": "Nobody counted the money, for eleven years. #money #story",
    "video_title_for_youtube_short": "Why did nobody count the money? #money",
    "start": 312.4,
    "end": 347.92,
    "duration": 35.52,
    "width": 1080,
    "height": 1920,
    "virality_score": 78,
    "score_parts": {
        "hook": {"score": 90, "reason": "begins with a question"},
        "completeness": {"score": 81, "reason": "whole sentences, no pronoun without its noun at the start"},
    },
}
STATUS: dict[str, Any] = {
    "status": "processing",
    "logs": [
        f"Job {JOB_ID} queued.",
        "Job started by worker.",
        "clip 1 of 5 is ready: Why did nobody count the money?",
    ],
    "result": {
        "clips": [CLIP],
        "cost_analysis": {
            "total_cost": 0.0,
            "gemini_api_calls": 0,
            "whisper_duration_seconds": 24.8,
            "language_model": None,
            "input_tokens": 0,
            "output_tokens": 0,
            "note": None,
        },
    },
}
WEBHOOK: dict[str, Any] = {
    "type": "job.completed",
    "timestamp": "2026-01-02T03:05:05.000000Z",
    "job_id": JOB_ID,
    "status": "completed",
    "progress_percent": 100,
    "output_video_url": None,
    "processing_time_seconds": 93.4,
    "clips": [
        CLIP | {name: f"http://localhost:8000{CLIP[name]}" for name in CLIP if name.endswith("_url")},
    ],
}
