"""A job from its beginning to its end: what is told, what is stored, what is not done twice."""

from __future__ import annotations

import json
import re
from pathlib import Path

import opentimelineio as otio
import pytest

from reelprint.core.errors import CorruptVideo, DocumentError, VideoNotFound
from reelprint.core.jobs import JobConfig, Source, StageStored
from reelprint.core.plan import EditPlan
from reelprint.core.progress import Stage
from reelprint.core.style import StyleJSON
from reelprint.style.clean import CLEAN_LUFS
from reelprint.style.presets import preset
from tests.factories import style
from tests.integration.stages.bench import HECTIC, JOB, Bench

SEEN = {"picture", "shots", "text", "colour", "loudness", "speech", "music", "motion"}
PNG = b"\x89PNG\r\n"


def test_footage_is_edited_after_a_template(bench: Bench, film: Path, template: Path) -> None:
    footage, like = bench.upload(film, "vid_a", "Ferien/№ 1.mov"), bench.upload(template, "vid_b", "trailer.mp4")
    log = bench.run(bench.spec("apply", footage=footage, template=like))
    assert log.began == log.stored == list(Stage)
    assert len(log.decoded) == len(set(log.decoded)) == 3, "template, footage and result, each once"
    assert log.analyzers == {*SEEN, "focus"}
    assert len(log.measured) == 3 * len(SEEN) + 1
    done = log.done
    (styled,) = [message.style for message in log.told(StageStored) if message.style is not None]
    assert StyleJSON.model_validate(styled).details.provenance.filename == "trailer.mp4"
    told = StyleJSON.model_validate(done.style)
    assert told.details.closure is not None
    assert told.model_copy(update={"details": told.details.model_copy(update={"closure": None})}) == (
        StyleJSON.model_validate(styled)
    )
    output = done.output
    assert {output.film, output.cube, output.timeline, output.report_png, output.report_svg} == {
        f"outputs/{JOB}/1/{name}" for name in ("film.mp4", "style.cube", "timeline.otio", "report.png", "report.svg")
    }
    assert output.film_type == "video/mp4"
    plan = EditPlan.model_validate_json(bench.plan())
    assert len(bench.frames(output.film)) == plan.output.frame_count
    objects = bench.shelf.objects
    assert objects[str(output.report_png)].startswith(PNG)
    report = objects[str(output.report_svg)].decode()
    assert "№ 1.mov" in report
    assert "trailer.mp4" in report
    assert "vid_" not in report, "a storage key is nobody's name for a film"
    timeline = otio.adapters.read_from_string(objects[str(output.timeline)].decode(), "otio_json")
    assert timeline.name == "Ferien/№ 1.mov"
    assert b"vid_a" not in objects[str(output.timeline)]
    assert "LUT_3D_SIZE 33" in objects[str(output.cube)].decode()[:200]


def test_an_extraction_ends_after_the_style(bench: Bench, template: Path) -> None:
    log = bench.run(bench.spec("extract", template=bench.upload(template, "vid_b", "trailer.mp4")))
    assert log.began == log.stored == list(Stage)[:4]
    assert log.analyzers == SEEN, "where the subjects are matters to edits only"
    done = log.done
    assert StyleJSON.model_validate(done.style).details.provenance.filename == "trailer.mp4"
    assert (done.output.film, done.output.film_type, done.output.timeline) == (None, None, None)
    assert done.output.cube == f"outputs/{JOB}/1/style.cube"
    assert bench.shelf.objects[str(done.output.report_png)].startswith(PNG)
    assert "trailer.mp4" in bench.shelf.objects[str(done.output.report_svg)].decode()


def test_the_style_of_footage_is_extracted_where_there_is_no_template(bench: Bench, film: Path) -> None:
    done = bench.run(bench.spec("extract", footage=bench.upload(film, "vid_a", "mine.mp4"))).done
    assert StyleJSON.model_validate(done.style).details.provenance.filename == "mine.mp4"


def test_a_given_style_is_taken_without_watching_anything(bench: Bench) -> None:
    log = bench.run(bench.spec("extract", style=preset("noir"), config=JobConfig(preset="noir")))
    assert log.began == list(Stage)[:4]
    assert (log.decoded, log.measured) == ([], [])
    assert log.done.style == preset("noir").model_dump(mode="json")
    assert "noir" in bench.shelf.objects[str(log.done.output.report_svg)].decode()


def test_footage_without_a_style_is_cleaned_and_its_edit_stays(bench: Bench, film: Path) -> None:
    log = bench.run(bench.spec("clean", footage=bench.upload(film, "vid_a", "../../etc/my footage.mp4")))
    links = re.findall(r'"target_url": ?"([^"]*)"', bench.shelf.objects[str(log.done.output.timeline)].decode())
    assert set(links) == {"my%20footage.mp4"}, "beside the time line, not on our disk, and never elsewhere"
    assert log.began == list(Stage)
    told = StyleJSON.model_validate(log.done.style)
    extracted = bench.run(bench.spec("extract", footage=bench.upload(film, "vid_a"), job_id="job_00000000000e"))
    own = StyleJSON.model_validate(extracted.done.style)
    assert (told.color_grade, told.audio_style) == (own.color_grade, own.audio_style), "its own style, as measured"
    assert told.details.closure is not None, "and how close the result came to the cleaned one"
    plan = EditPlan.model_validate_json(bench.plan())
    assert plan.pacing == "keep"
    assert plan.audio.chain.target_lufs == pytest.approx(CLEAN_LUFS)
    assert plan.output.frame_count == 96
    assert all(len(segment.crop) == 1 for segment in plan.segments), "no zoom was added"
    assert all(join.frames == 0 for join in plan.joins)


def test_one_film_in_two_roles_is_watched_once(bench: Bench, film: Path) -> None:
    footage, like = bench.upload(film, "vid_a", "footage.mp4"), bench.upload(film, "vid_b", "template.mp4")
    log = bench.run(bench.spec("apply", footage=footage, template=like))
    assert len(log.decoded) == 2, "the film and the result"
    assert len(log.measured) == 2 * len(SEEN) + 1
    assert StyleJSON.model_validate(log.done.style).details.provenance.filename == "template.mp4"


def test_a_film_that_another_job_has_seen_is_not_decoded(bench: Bench, film: Path, template: Path) -> None:
    like = bench.upload(template, "vid_b")
    bench.run(bench.spec("extract", template=like, job_id="job_00000000000a"))
    footage = bench.upload(film, "vid_a")
    first = bench.run(bench.spec("apply", footage=footage, template=like, job_id="job_00000000000b"))
    assert len(first.decoded) == 2, "footage and result"
    again = bench.run(bench.spec("apply", footage=footage, template=like, job_id="job_00000000000c"))
    assert (again.decoded, again.measured) == ([], []), "even the result is the same film as before"
    assert again.began == list(Stage)


def test_a_template_that_is_edited_later_lacks_only_its_subjects(bench: Bench, film: Path) -> None:
    source = bench.upload(film, "vid_a")
    bench.run(bench.spec("extract", template=source, job_id="job_00000000000a"))
    hash_ = json.loads(bench.shelf.objects["work/job_00000000000a/video_analysis.json"])["films"]["template"]
    log = bench.run(bench.spec("apply", footage=source, style=HECTIC))
    assert [name for name, film_hash in log.measured if film_hash == hash_["content_hash"]] == ["focus"]


@pytest.mark.parametrize(("container", "media_type"), [("mov", "video/quicktime"), ("webm", "video/webm")])
def test_other_containers(bench: Bench, film: Path, container: str, media_type: str) -> None:
    config = JobConfig(quality="draft", output_format=container, target_duration_seconds=1.0, frame_rate=30)
    footage = bench.upload(film, "vid_a", "-i [a:b];'c,\n%d\\.mp4")
    log = bench.run(bench.spec("apply", footage=footage, style=style(), config=config))
    assert log.done.output.film == f"outputs/{JOB}/1/film.{container}"
    assert log.done.output.film_type == media_type
    assert len(bench.frames(log.done.output.film)) == 30


def test_captions_are_answered_with_a_line_and_not_with_a_failure(bench: Bench, film: Path) -> None:
    config = JobConfig(quality="draft", captions=True, target_duration_seconds=0.5)
    log = bench.run(bench.spec("apply", footage=bench.upload(film, "vid_a"), style=style(), config=config))
    assert any("captions" in line for line in log.lines)
    assert log.done


def test_bad_films_are_called_what_their_owners_call_them(bench: Bench, damaged: Path, film: Path) -> None:
    with pytest.raises(CorruptVideo, match=r"^party\.mp4 is cut off"):
        bench.run(bench.spec("apply", footage=bench.upload(damaged, "vid_a", "party.mp4"), style=style()))
    gone = Source(key="videos/vid_z", filename="gone.mp4")
    with pytest.raises(VideoNotFound, match=r"^gone\.mp4 is no longer there"):
        bench.run(bench.spec("clean", footage=gone))
    with pytest.raises(DocumentError, match="longer than the footage"):
        config = JobConfig(target_duration_seconds=60)
        bench.run(bench.spec("apply", footage=bench.upload(film, "vid_b"), style=style(), config=config))
    with pytest.raises(DocumentError, match="no footage"):
        bench.run(bench.spec("apply", style=style()))
