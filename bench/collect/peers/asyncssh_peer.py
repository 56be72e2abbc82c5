"""Peer: asyncssh runs the same script on the same hosts and keeps the output.

usage: asyncssh_peer.py INVENTORY KEY SCRIPT CONCURRENCY
Prints one JSON line: hosts, ok, bytes, wall_s.
"""
import asyncio, json, sys, time
import asyncssh


async def visit(gate, host, key, known_hosts, script):
    name, address, port = host
    async with gate:
        try:
            async with asyncssh.connect(
                address, port=int(port), username="scan", client_keys=[key],
                known_hosts=known_hosts, agent_path=None, config=None,
            ) as connection:
                done = await connection.run("/bin/sh -s", input=script, encoding=None)
                return len(done.stdout) + len(done.stderr)
        except Exception as error:  # a peer that fails is shown, not hidden
            print(f"{name}: {error!r}", file=sys.stderr)
            return None


async def main(inventory, key_file, script_file, concurrency):
    hosts = [line.split()[:3] for line in open(inventory)]
    key = asyncssh.read_private_key(key_file)
    known_hosts = asyncssh.read_known_hosts(inventory.rsplit("/", 1)[0] + "/known_hosts")
    script = open(script_file, "rb").read()
    gate = asyncio.Semaphore(int(concurrency))
    began = time.monotonic()
    sizes = await asyncio.gather(*(visit(gate, host, key, known_hosts, script) for host in hosts))
    wall = time.monotonic() - began
    ok = [size for size in sizes if size]
    print(json.dumps({"hosts": len(hosts), "ok": len(ok), "bytes": sum(ok), "wall_s": wall}))


asyncio.run(main(*sys.argv[1:]))
