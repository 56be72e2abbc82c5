#!/usr/bin/env bash
# `make run`: server, agent, web app and at least three hosts on this machine, from the sources.
# Everything it keeps is under .local/run, and Ctrl-C ends exactly the processes it started.
# `make run` again goes on with the same data; `make clean-run` forgets it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$top"
usual_mask=$(umask)
umask 077

state=$top/.local/run
workspace=Demo
email=admin@luumen.local
throw_away_hosts=3

pids=()
names=()

# start NAME COMMAND…: runs it in the background with its own log, and ends it when this script ends, however that is.
start() {
  local name=$1 die_with_us=()
  shift
  have setpriv && die_with_us=(setpriv --pdeathsig TERM --)
  "${die_with_us[@]}" "$@" >>"$state/log/$name.log" 2>&1 9>&- &
  pids+=($!)
  names+=("$name")
}

# Ends what was started, the last first: the agent before the server and the hosts it talks to.
stop() {
  trap - EXIT INT TERM HUP
  local at waited
  for ((at = ${#pids[@]} - 1; at >= 0; at--)); do
    kill -TERM "${pids[at]}" 2>/dev/null || continue
    for ((waited = 0; waited < 100; waited++)); do
      kill -0 "${pids[at]}" 2>/dev/null || break
      sleep 0.1
    done
    kill -KILL "${pids[at]}" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}

still_running() {
  local at
  for at in "${!pids[@]}"; do
    if ! kill -0 "${pids[at]}" 2>/dev/null; then
      warn "The last lines of $state/log/${names[at]}.log:"
      tail -n 15 "$state/log/${names[at]}.log" >&2
      fail "${names[at]} has ended"
    fi
  done
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# The first port from $1 on that nobody listens on.
free_port() {
  local port=$1
  while taken "$port"; do port=$((port + 1)); done
  printf '%s\n' "$port"
}

build() {
  say "Building the web app"
  npm run --silent build -w @luumen/web -- --logLevel warn
  say "Building server, agent and command line (the first time takes some minutes)"
  cargo build --locked --bins -p luumen -p luumen-server -p luumen-agent
  bin=$(target_dir)/debug
}

# A line of the host list: name, address, port, user, credential, tags.
host_line() { printf '%s,127.0.0.1,%s,%s,%s,%s\n' "$1" "$2" "$user" "$3" "$4" >>"$state/hosts.csv"; }

# This machine's own sshd, if a key of this user opens it without a question.
own_sshd() {
  local key
  taken 22 || return 0
  for key in "$HOME"/.ssh/id_*; do
    [ -f "$key" ] && [ "$key" = "${key%.pub}" ] || continue
    if ssh -F none -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=3 -o StrictHostKeyChecking=no \
      -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR 127.0.0.1 true 2>/dev/null </dev/null; then
      own_key=$key
      host_line this-machine 22 own demo
      say "  this-machine       127.0.0.1:22    this machine's own sshd, with your key $key"
      return
    fi
  done
}

# An unprivileged sshd on loopback with a host key, a port and a configuration of its own.
throw_away_sshd() {
  local name=demo-$1 port=$2
  local home=$state/ssh/$name
  mkdir -p "$home"
  [ -f "$home/host_key" ] || ssh-keygen -q -t ed25519 -N '' -C "$name" -f "$home/host_key"
  # An account that is locked in /etc/shadow may enter through PAM only; anyone else needs no PAM.
  local pam=no
  if [ "$(id -u)" -eq 0 ]; then
    mkdir -p /run/sshd
    case $(getent shadow root | cut -d: -f2) in '!'*) pam=yes ;; esac
  fi
  cat >"$home/sshd_config" <<CONFIG
Port $port
ListenAddress 127.0.0.1
HostKey "$home/host_key"
AuthorizedKeysFile "$state/ssh/key.pub"
AllowUsers $user
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM $pam
StrictModes no
AllowAgentForwarding no
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
PidFile none
LogLevel ERROR
CONFIG
  start "$name" "$sshd" -D -e -f "$home/sshd_config"
  host_line "$name" "$port" demo demo
  say "  $name             127.0.0.1:$port  a throw-away sshd of this run, as $user"
}

hosts() {
  say "Hosts, all on this machine:"
  printf 'name,address,port,username,credential,tags\n' >"$state/hosts.csv"
  [ -f "$state/ssh/key" ] || ssh-keygen -q -t ed25519 -N '' -C luumen-demo -f "$state/ssh/key"
  own_key=
  own_sshd
  local port=8430 n
  for ((n = 1; n <= throw_away_hosts; n++)); do
    port=$(free_port $((port + 1)))
    throw_away_sshd "$n" "$port"
  done
}

# A catalogue of sample data, so that findings show without the internet; `luumen feeds pull` and `build` replace it.
sample_catalogue() {
  [ -f "$state/library/catalogue/current.json" ] && return
  say "Building a catalogue of sample data (content/sample)"
  "$bin/luumen" feeds build --dir "$state/library" --from content/sample --sample >"$state/log/feeds.log" 2>&1 || {
    cat "$state/log/feeds.log" >&2
    fail "the sample catalogue could not be built"
  }
}

server() { "$bin/luumen-server" "$@"; }

start_server() {
  url=http://127.0.0.1:$(free_port 8420)
  say "Starting the server at $url"
  LUUMEN_CATALOGUE_DIR=$state/library/catalogue start server "$bin/luumen-server" serve --database "$database" --listen "${url#http://}" --public-url "$url"
  local waited
  for ((waited = 0; waited < 300; waited++)); do
    curl -fsS -o /dev/null "$url/readyz" 2>/dev/null && return
    still_running
    sleep 0.1
  done
  fail "the server is not ready after 30 s; see $state/log/server.log"
}

# The keys are made once and kept in files that only this user can read.
api_key() {
  local name=$1 scope=$2
  [ -s "$state/$name.key" ] ||
    server api-key create --database "$database" --workspace "$workspace" --name "$name" --scope "$scope" \
      >"$state/$name.key" || fail "no API key could be made"
}

start_agent() {
  api_key agent agent
  cat >"$state/config.yaml" <<CONFIG
luumen:
  api:
    key: $(cat "$state/agent.key")
    base_url: $url/api/v1
agent_name: make-run
log_dir: $state/log
state_dir: $state
jitter_s: 0
ssh:
  host_key_policy: tofu
credentials:
  demo:
    username: $user
    key_file: $state/ssh/key
CONFIG
  if [ -n "$own_key" ]; then
    printf '  own:\n    username: %s\n    key_file: %s\n' "$user" "$own_key" >>"$state/config.yaml"
  fi
  say "Starting the agent"
  start agent "$bin/luumen-agent" --config "$state/config.yaml" run
}

# How many hosts the API shows with a snapshot.
collected() {
  curl -fsS -K - "$url/api/v1/hosts?limit=100" 2>/dev/null <<<"header = \"authorization: Bearer $(cat "$state/reader.key")\"" |
    grep -o '"last_seen_at":"' | wc -l
}

wait_for_hosts() {
  api_key reader read
  say "Waiting for the first visits"
  local waited n=0
  for ((waited = 0; waited < 120; waited++)); do
    n=$(collected) || n=0
    [ "$n" -ge 3 ] && { say "Collected: $n hosts"; return; }
    still_running
    sleep 0.5
  done
  warn "Only $n hosts are collected after a minute; the agent's log says why: $state/log"
}

# Hosts are judged by a job a moment after they were collected.
wait_for_findings() {
  local waited
  for ((waited = 0; waited < 60; waited++)); do
    if curl -fsS -K - "$url/api/v1/vulnerabilities?limit=1" 2>/dev/null \
      <<<"header = \"authorization: Bearer $(cat "$state/reader.key")\"" | grep -q '"vulnerability"'; then
      say "Judged: findings are shown under Vulnerabilities, out of sample data"
      return
    fi
    still_running
    sleep 0.5
  done
  warn "No findings yet; the server's log says more: $state/log/server.log"
}

sign_in() {
  local link
  link=$(server admin link --database "$database" --email "$email" --public-url "$url")
  say ""
  say "Luumen runs. Open this link to sign in; it works once, and make run prints a new one each time:"
  say ""
  say "  $link"
  say ""
  say "Ctrl-C ends it."
  if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && have xdg-open; then
    open_link "$link" "$usual_mask"
  fi
}

mkdir -p "$state/log" "$state/ssh"
# Held until this script ends. Nothing that may outlive it inherits the descriptor: the lock would be held with it.
exec 9>"$state/lock"
flock -w 3 9 || fail "make run is already running in this checkout"
scripts/setup.sh run 9>&-
use_tools
user=$(id -un)
database=sqlite://$state/luumen.db
sshd=$(command -v sshd || echo /usr/sbin/sshd)

build 9>&-
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
server admin create --database "$database" --email "$email" --name Admin --workspace "$workspace" >/dev/null
hosts
server hosts import --update --database "$database" --workspace "$workspace" "$state/hosts.csv" >/dev/null
sample_catalogue
start_server
start_agent
wait_for_hosts
wait_for_findings
sign_in
while still_running; do sleep 1; done
