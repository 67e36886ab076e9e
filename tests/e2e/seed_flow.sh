#!/usr/bin/env bash
# The flow of an outside client, with nothing but curl: upload, create, poll, result, film, list.
#   seed_flow.sh BASE_URL FOOTAGE TEMPLATE OUT
# Writes every answer to OUT/<step>.json with its HTTP status in OUT/<step>.status.
set -euo pipefail
base=$1 footage=$2 template=$3 out=$4

ask() { # step, then curl's arguments
    local step=$1
    shift
    curl --silent --show-error --noproxy '*' --max-time 60 --output "$out/$step.json" --write-out '%{http_code}' \
        "$@" >"$out/$step.status"
}
field() { # step, name: the value of a string field, without a JSON parser
    grep -o "\"$2\": *\"[^\"]*\"" "$out/$1.json" | head -n 1 | sed 's/.*: *"//; s/"$//'
}

ask health "$base/api/v1/health"
ask upload -F "file=@$footage" "$base/api/v1/videos/upload"
ask template -F "file=@$template" "$base/api/v1/videos/upload"
body="{\"video_id\": \"$(field upload video_id)\", \"template_video_id\": \"$(field template video_id)\","
body="$body \"config\": {\"quality\": \"draft\"}}"
ask create -H 'Content-Type: application/json' -d "$body" "$base/api/v1/jobs"
job=$base/api/v1/jobs/$(field create job_id)
ask early "$job/result"
for _ in $(seq 600); do
    ask poll "$job"
    case $(field poll status) in completed | failed | cancelled) break ;; esac
    sleep 0.2
done
ask result "$job/result"
ask film "$job/output"
ask events "$job/events"
ask list "$base/api/v1/jobs?page=1&page_size=10"
ask missing "$base/api/v1/jobs/job_000000000000"
