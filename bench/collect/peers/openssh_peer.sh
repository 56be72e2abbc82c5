#!/bin/bash
# Peer: OpenSSH's client under xargs runs the same script on the same hosts.
# usage: openssh_peer.sh INVENTORY KEY SCRIPT CONCURRENCY
set -eu
inventory=$1 key=$2 script=$3 concurrency=$4 dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
began=$(date +%s.%N)
# shellcheck disable=SC2016  # the inner shell expands them
awk '{print $1, $2, $3}' "$inventory" | xargs -P "$concurrency" -L 1 sh -c '
  ssh -F none -i "$1" -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile="$(dirname "$3")/known_hosts" -p "$6" "scan@$5" "/bin/sh -s" < "$2" > "$0/$4" 2>"$0/$4.err"' "$dir" "$key" "$script" "$inventory" || true
ended=$(date +%s.%N)
ok=$(find "$dir" -name '*.err' -prune -o -type f -size +1k -print | wc -l)
bytes=$(cat "$dir"/* | wc -c)
echo "{\"hosts\": $(wc -l < "$inventory"), \"ok\": $ok, \"bytes\": $bytes, \"wall_s\": $(echo "$ended - $began" | bc)}"
