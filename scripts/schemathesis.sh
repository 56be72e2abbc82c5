#!/usr/bin/env bash
# Puts a running server's OpenAPI document to the test: schemathesis sends what the document allows and what it forbids,
# once as each kind of caller, and looks for server errors, answers that are not documented, and checks that can be got round.
# Starts a server of its own on a database that is thrown away. SCHEMATHESIS=/path/to/schemathesis; EXAMPLES=how many a test.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"

server=${LUUMEN_SERVER:-$top/target/debug/luumen-server}
schemathesis=${SCHEMATHESIS:-$cache/schemathesis/bin/schemathesis}
examples=${EXAMPLES:-30}
port=${PORT:-18499}
url=http://127.0.0.1:$port
state=$(mktemp -d)
database=sqlite://$state/luumen.db

if [ ! -x "$schemathesis" ]; then
  say "Installing schemathesis from PyPI into $cache/schemathesis"
  python3 -m venv "$cache/schemathesis" && "$cache/schemathesis/bin/pip" install --quiet 'schemathesis>=4.32,<5'
fi
[ -x "$server" ] || cargo build --locked -p luumen-server

run() { "$server" "$@" --database "$database" 2>>"$state/log"; }
run admin create --email admin@example.com --name Admin --workspace Demo >/dev/null
write_key=$(run api-key create --workspace Demo --name write --scope write)
agent_key=$(run api-key create --workspace Demo --name agent --scope agent)
"$server" serve --database "$database" --listen "127.0.0.1:$port" 2>>"$state/log" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$state"' EXIT
for _ in $(seq 100); do curl -fsS -o /dev/null "$url/readyz" 2>/dev/null && break || sleep 0.1; done

link=$(run admin link --email admin@example.com --public-url "$url")
curl -fsS -o /dev/null -c "$state/jar" -H 'Content-Type: application/json' -d "{\"token\":\"${link#*#}\"}" "$url/api/v1/session/link"
session=$(sed -n 's/.*luumen_session\t//p' "$state/jar")

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
    --max-examples "$examples" --phases examples,coverage,fuzzing --no-color "$@" || failed=1
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
