#!/bin/sh
# spec-diff.sh REV: shows what changed since a git revision in the effective document (oasdiff) and in the exported API
# of gen/ (apidiff). Run it in the root of the module. Exit status: 1 if a change breaks callers, 2 if it cannot compare.
set -eu
fail() { echo "spec-diff: $*" >&2; exit 2; }

here=$(cd "$(dirname "$0")" && pwd)
rev=${1:?give a git revision}
git rev-parse --quiet --verify --end-of-options "$rev^{commit}" >/dev/null || fail "git knows no revision '$rev'"
oasdiff=$(go -C "$here" tool -n oasdiff) && apidiff=$(go -C "$here" tool -n apidiff) || fail "the tools cannot be built"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git archive --output "$work/base.tar" "$rev" && mkdir "$work/base" && tar -xf "$work/base.tar" -C "$work/base"
[ -f "$work/base/api/openapi.json" ] || fail "revision $rev has no api/openapi.json"

"$oasdiff" changelog "$work/base/api/openapi.json" api/openapi.json --allow-external-refs=false \
	--format singleline --severity-levels "$here/severities.txt" >"$work/document" || fail "the documents cannot be compared"
(cd "$work/base" && "$apidiff" -w "$work/gen.export" ./gen) || fail "gen/ of $rev cannot be read"
"$apidiff" "$work/gen.export" ./gen >"$work/gen" || fail "gen/ cannot be read"

# Leave out the methods that new operations add to the generated interfaces: they are also reported for the client.
{
	sed -nE -e 's/^error at [^,]*, (in API )?/BREAKING  /p' -e 's/^(warning|info) at [^,]*, (in API )?/          /p' "$work/document"
	sed -E -e '/^- Client(WithResponses)?Interface\.[[:alnum:]]+: added$/d' "$work/gen" |
		sed -nE -e '/^Incompatible/,/^Compatible/s/^- /BREAKING  gen: /p' -e '/^Compatible/,$s/^- /          gen: /p'
} >"$work/report"
cat "$work/report"
[ -s "$work/report" ] || echo "nothing that matters to a caller changed since $rev"
! grep -q '^BREAKING' "$work/report"
