"""Network documents of others, which may lack what ours say."""
from __future__ import annotations

from harness import Cli, case, contains, equal
from world import World


@case("a network document without trust: iExec's forms are written, what needs trust refuses by name")
def without_trust(world: World) -> None:
    text = world.network.document.read_text()
    lines = [line for line in text.splitlines() if not line.startswith(("core =", "registry ="))]
    tables = "\n".join(lines).split("\n[")
    document = world.file("foreign.toml", "\n[".join(table for table in tables if not table.startswith("trust]")).replace('"devnet"', '"foreign"'))
    app, user = world.probe_app(), world.person("requester")
    cli = Cli(world.cli.program, world.cli.home, document, world.cli.password_file)
    world.person("owner")
    dataset = cli.good("protect", str(world.file("x.csv", "a\n1\n")), "--name", "x", "--wallet", "owner")["dataset"]
    cli.bad("protect", str(world.file("x.csv", "a\n")), "--format", "v2", "--wallet", "owner", code=1, error="network.no_trust")
    cli.good("grant", dataset, "--app", app, "--user", user, "--wallet", "owner")
    cli.bad("grant", dataset, "--app", app, "--user", user, "--until", "1h", "--wallet", "owner", code=1, error="network.no_trust")
    cli.bad("audit", code=1, error="network.no_trust")
    cli.bad("deploy", str(world.image()), "--name", "nowhere", "--wallet", "developer", code=1, error="network.no_registry")
    answer = cli("run", app, "--data", dataset, "--wallet", "requester", "--out", str(world.new_path("out")), "--json")
    equal((answer.code, answer.json()["level"]), (6, "NO TRUST"), f"a run that worked and proves nothing ({answer.err})")
    second = cli.good("grant", dataset, "--app", app, "--user", user, "--wallet", "owner")["orderHash"]
    equal(cli.good("revoke", dataset, "--app", app, "--user", user, "--wallet", "owner")["revoked"], [second], "revoked")
    for name in ("arbitrum-sepolia", "arbitrum-one"):
        world.cli.bad("--network", name, "audit", code=1, error="network.no_trust")
    contains(world.cli.bad("--network", "arbitrum-two", "audit", code=3, error="cli.network").err, "arbitrum-one, arbitrum-sepolia", "message")
