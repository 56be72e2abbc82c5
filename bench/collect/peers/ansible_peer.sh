#!/bin/bash
# Peer: ansible-core gathers facts (setup) and packages (package_facts) with pipelining and one fork a host.
# usage: ansible_peer.sh INVENTORY KEY CONCURRENCY    (ansible-playbook on PATH)
set -eu
inventory=$1 key=$2 forks=$3 dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
awk -v key="$key" '{print $1, "ansible_host=" $2, "ansible_port=" $3, "ansible_user=scan", "ansible_ssh_private_key_file=" key, "ansible_python_interpreter=/usr/bin/python3"}' "$inventory" > "$dir/hosts"
cat > "$dir/facts.yml" <<Y
- hosts: all
  gather_facts: false
  tasks:
    - setup:
    - package_facts: { manager: auto }
Y
cat > "$dir/ansible.cfg" <<C
[defaults]
forks = $forks
host_key_checking = True
retry_files_enabled = False
stdout_callback = default
display_ok_hosts = no
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=$(dirname "$inventory")/known_hosts
control_path_dir = $dir/cp
C
began=$(date +%s.%N)
ANSIBLE_CONFIG=$dir/ansible.cfg ANSIBLE_HOME=$dir/home ansible-playbook -i "$dir/hosts" "$dir/facts.yml" > "$dir/out" 2>&1 || true
ended=$(date +%s.%N)
ok=$(grep -cE ' ok=2 .*unreachable=0 +failed=0' "$dir/out" || true)
[ "$ok" -gt 0 ] || tail -20 "$dir/out" >&2
for socket in "$dir"/cp/*; do [ -S "$socket" ] && ssh -o ControlPath="$socket" -O exit x 2>/dev/null || true; done
echo "{\"hosts\": $(wc -l < "$inventory"), \"ok\": $ok, \"bytes\": 0, \"wall_s\": $(echo "$ended - $began" | bc)}"
