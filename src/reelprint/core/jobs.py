"""A job of the service: what was asked for, where it stands, what the process that runs it is told (CONTRACT 1, 2)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from reelprint.core.clips import ClipsAsked, CostAnalysis, LanguageModelAsked, StoredClip
from reelprint.core.document import Document
from reelprint.core.plan import OutputFormat, Pacing, Quality
from reelprint.core.progress import Stage
from reelprint.core.style import AspectRatio, FrameRate, StyleJSON

JobStatus = Literal["queued", "processing", "completed", "failed", "cancelled"]
JobKind = Literal["style", "clips"]
JobTask = Literal["apply", "extract", "clean", "clips"]
"""``clean``: footage without any style; its own style, levels and loudness put right, the edit untouched."""

TERMINAL: frozenset[JobStatus] = frozenset({"completed", "failed", "cancelled"})
LIVE: frozenset[JobStatus] = frozenset({"queued", "processing"})


class JobConfig(Document):
    """``config`` of a job request. Unknown keys are refused."""

    mode: Literal["apply", "extract"] = Field(default="apply", description="extract: measure the template only")
    quality: Quality = "standard"
    output_format: OutputFormat = "mp4"
    strength: float = Field(default=1.0, ge=0, le=1, description="how much of the grade is applied")
    aspect_ratio: AspectRatio | None = Field(default=None, description="overrides the style's")
    frame_rate: FrameRate | None = Field(default=None, description="overrides the style's")
    pacing: Pacing = "match"
    target_duration_seconds: float | None = Field(default=None, gt=0, le=43_200)
    captions: bool = Field(default=False, description="burn in what is said, as captions")
    seed: int = Field(default=0, ge=-(2**63), lt=2**63, description="same inputs and same seed: same output")
    style_id: str | None = Field(default=None, description="a saved style")
    style_json: StyleJSON | None = Field(default=None, description="a style given inline")
    preset: str | None = Field(default=None, description="a built-in style")


class JobOutput(Document):
    """Where the files of a finished job are (keys in storage). ``film`` is null for an extraction."""

    film: str | None = None
    film_type: str | None = Field(default=None, description="media type of the film")
    cube: str | None = None
    timeline: str | None = None
    report_png: str | None = None
    report_svg: str | None = None


class JobError(Document):
    """Why a job failed."""

    stage: str | None = None
    message: str


class Job(Document):
    """A row of the job table: the truth that clients see."""

    job_id: str
    owner: str
    kind: JobKind = "style"
    task: JobTask
    video_id: str | None = None
    template_video_id: str | None = None
    config: JobConfig
    style: StyleJSON | None = Field(default=None, description="the style asked for, unless a template is measured")
    clips: ClipsAsked | None = Field(default=None, description="of a clips job")
    webhook_url: str | None = None
    base_url: str = Field(description="where the client reached the API; result links start with it")
    request_id: str | None = None

    status: JobStatus = "queued"
    progress_percent: int = Field(default=0, ge=0, le=100)
    current_stage: Stage | None = None
    attempt: int = Field(default=0, ge=0, description="fences: only the newest attempt may change the row")
    lost_workers: int = Field(default=0, ge=0)
    worker: str | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    style_json: dict[str, Any] | None = Field(default=None, description="the measured style, once extracted")
    output: JobOutput | None = None
    clips_done: tuple[StoredClip, ...] = Field(default=(), description="in order of score; grows while the job runs")
    cost: CostAnalysis | None = None
    error: JobError | None = None

    @property
    def view(self) -> JobView:
        """The part that polling clients see."""
        return JobView.model_validate({name: getattr(self, name) for name in JobView.model_fields})

    @property
    def processing_time_seconds(self) -> float | None:
        """From the first start to the end, null while it runs or when it never started."""
        if self.started_at is None or self.completed_at is None:
            return None
        return round((self.completed_at - self.started_at).total_seconds(), 3)


class JobView(Document):
    """What a client sees while it polls (JobResponse): a job without its long documents."""

    job_id: str
    video_id: str | None
    template_video_id: str | None
    status: JobStatus
    progress_percent: int
    current_stage: Stage | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    error: JobError | None


class Source(Document):
    """A film that a job reads: the key of its bytes in storage and the name its owner gave it."""

    key: str
    filename: str


class RunSpec(Document):
    """One attempt at a job, complete: what the child process reads from its standard input."""

    job_id: str
    attempt: int
    task: JobTask
    footage: Source | None = None
    template: Source | None = None
    style: StyleJSON | None = None
    config: JobConfig
    clips: ClipsAsked | None = None
    clips_done: tuple[str, ...] = Field(default=(), description="ids of the clips that earlier attempts handed out")
    language_model: LanguageModelAsked | None = None
    scratch: str = Field(description="a folder of this attempt only; whoever started the child removes it")

    @property
    def listens(self) -> bool:
        """Whether what is said in the footage has to be written down."""
        return self.task == "clips" or (self.task in ("apply", "clean") and self.config.captions)


class StageBegan(Document):
    """The attempt works on this stage now; the stages before it are stored."""

    event: Literal["stage"] = "stage"
    stage: Stage


class StageMoved(Document):
    """``share`` of a stage's work is done."""

    event: Literal["progress"] = "progress"
    stage: Stage
    share: float = Field(ge=0, le=1)


class StageStored(Document):
    """A stage's result is in storage. ``style`` comes with style_extraction."""

    event: Literal["stored"] = "stored"
    stage: Stage
    seconds: float = Field(ge=0)
    style: dict[str, Any] | None = None


class RunLog(Document):
    """A line for the person who waits."""

    event: Literal["log"] = "log"
    line: str


class ClipDone(Document):
    """A clip's files are whole and in storage."""

    event: Literal["clip"] = "clip"
    clip: StoredClip


class CostKnown(Document):
    """What the job has cost so far."""

    event: Literal["cost"] = "cost"
    cost: CostAnalysis


class MustEnd(Document):
    """The next work cannot stop by itself: if it takes longer than this, the process is to be ended and the job fails.
    ``within_s`` null: the work is over.
    """

    event: Literal["must_end"] = "must_end"
    what: str
    within_s: float | None = Field(default=None, gt=0)


class RunDone(Document):
    """The attempt reached the end; its files are in storage. A clips job has neither style nor output."""

    event: Literal["done"] = "done"
    style: dict[str, Any] | None = None
    output: JobOutput | None = None


class RunFailed(Document):
    """The work itself failed: trying again would fail again."""

    event: Literal["failed"] = "failed"
    stage: Stage | None = None
    code: str
    message: str


RunMessage = StageBegan | StageMoved | StageStored | RunLog | ClipDone | CostKnown | MustEnd | RunDone | RunFailed
"""What the child writes to its standard output, one JSON document a line; ``event`` tells them apart."""
