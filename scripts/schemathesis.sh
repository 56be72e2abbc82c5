#!/usr/bin/env bash
# Puts a running server's OpenAPI document to the test: schemathesis sends what the document allows and what it forbids,
# once as each kind of caller, and looks for server errors, answers that are not documented, and checks that can be got round.
# Starts a server of its own on a database that is thrown away. EXAMPLES=how many a test; SEED=a number, to send the same
# again; SCHEMATHESIS=/path/to/schemathesis. `schemathesis.sh install` only fetches it. `make test` runs this with few examples
# and a fixed seed; by hand, a run without a seed and with more of both time and examples finds what those do not.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

# What a seed means depends on both of them.
wanted=(schemathesis==4.32.5 hypothesis==6.170.17)
examples=${EXAMPLES:-30}
seed=${SEED:-}
port=${PORT:-$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}

# Fetches what is wanted, unless it is there already.
install() {
  local stamp=$cache/schemathesis/luumen-wanted
  [ "$(cat "$stamp" 2>/dev/null)" = "${wanted[*]}" ] && return
  say "Installing from PyPI into $cache/schemathesis: ${wanted[*]}"
  python3 -m venv "$cache/schemathesis" &&
    "$cache/schemathesis/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}" &&
    printf '%s\n' "${wanted[*]}" >"$stamp"
}

schemathesis=${SCHEMATHESIS:-$cache/schemathesis/bin/schemathesis}
[ -n "${SCHEMATHESIS:-}" ] || install || fail "schemathesis cannot be had from PyPI"
[ "${1:-}" != install ] || exit 0

server=${LUUMEN_SERVER:-$(target_dir)/debug/luumen-server}
[ -x "$server" ] || cargo build --locked -p luumen-server
url=http://127.0.0.1:$port
state=$(mktemp -d)
database=sqlite://$state/luumen.db

run() { "$server" "$@" --database "$database" 2>>"$state/log"; }
run admin create --email admin@example.com --name Admin --workspace Demo >/dev/null
write_key=$(run api-key create --workspace Demo --name write --scope write)
agent_key=$(run api-key create --workspace Demo --name agent --scope agent)
"$server" serve --database "$database" --listen "127.0.0.1:$port" 2>>"$state/log" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$state"' EXIT
for _ in $(seq 600); do curl -fsS -o /dev/null "$url/readyz" 2>/dev/null && break || sleep 0.1; done
# Else something other than our server may be what answers there.
kill -0 "$pid" 2>/dev/null || { cat "$state/log" >&2; fail "the server did not start on $url"; }

link=$(run admin link --email admin@example.com --public-url "$url")
curl -fsS -o /dev/null -c "$state/jar" -H 'Content-Type: application/json' -d "{\"token\":\"${link#*#}\"}" "$url/api/v1/session/link"
session=$(sed -n 's/.*luumen_session\t//p' "$state/jar")

generation=(--max-examples "$examples")
# What earlier runs have found is not brought up again, so that a seed means the same on every machine.
[ -z "$seed" ] || generation+=(--seed "$seed" --generation-database none)

failed=0
# as WHO OPTION…: one pass as that caller. What a caller may not do answers 403, which is documented too.
# Not checked: that whatever fits the schema is taken (there are rules that no schema can say, such as "no control characters"),
# and, where a header carries the caller, that other credentials fail (it would overwrite them; the last pass does that).
as() {
  local who=$1 checks=positive_data_acceptance
  shift
  say "== as $who"
  [ "$who" = nobody ] || checks+=,ignored_auth,negative_data_rejection
  "$schemathesis" run "$url/api/v1/openapi.json" --checks all --exclude-checks "$checks" \
    "${generation[@]}" --phases examples,coverage,fuzzing --no-color "$@" || failed=1
}
as "a key that may write" -H "Authorization: Bearer $write_key" --exclude-path-regex '^/(agent/|config|session|setup)'
as "an agent" -H "Authorization: Bearer $agent_key" --include-path-regex '^/(agent/|config)'
as "a person" -H "Cookie: luumen_session=$session" -H 'Sec-Fetch-Site: same-origin' \
  --include-path-regex '^/(session|setup)' --exclude-method DELETE
as nobody
if grep -q ' ERROR ' "$state/log"; then
  say "The server's log has errors:"
  grep ' ERROR ' "$state/log" | head -n 20
  failed=1
fi
exit "$failed"
