"""Evidence by itself: what a run's receipt carries, taken apart and judged again with `iapp attest`, offline."""
from __future__ import annotations

import base64
import json
import re
import threading
import tomllib
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cases_verify import REFUSED, made, offline
from harness import Answer, case, check, contains, equal
from world import World


@dataclass(frozen=True)
class Evidence:
    quote: Path
    collateral: Path
    log: Path
    root: Path
    policy: Path


def policy_text(mrtd: str, image: bytes = b"", **more: object) -> str:
    """Names the guest, and of what it measured later the image of the app."""
    return json.dumps({
        "schema": "iapp-appraisal-policy/1", "name": "agents of this network", "tees": ["tdx"],
        "references": [{"name": "agent", "tee": "tdx", "registers": {"mrtd": mrtd}, "events": {"app-image": image.hex()}}],
        "dangerousAllowSimulated": True, "dangerousAnyReportData": True, **more})


def evidence_of(world: World) -> Evidence:
    """The parts of one run's receipt as files; one for all cases."""
    if not hasattr(world, "evidence_files"):
        _, folder = made(world)
        receipt = json.loads((folder / "receipt.json").read_text())
        trust = tomllib.loads(world.network.document.read_text())["trust"]
        place = world.new_path("evidence")
        place.mkdir()
        out = Evidence(*(place / name for name in ("quote.bin", "collateral.json", "log.json", "root.pem", "policy.json")))
        out.quote.write_bytes(base64.b64decode(receipt["evidence"]["quote"]))
        out.collateral.write_text(json.dumps(receipt["collateral"]))
        out.log.write_text(json.dumps(receipt["eventLog"]))
        out.root.write_text(trust["root_certificate"])
        image = next(base64.b64decode(entry["payload"]) for entry in receipt["eventLog"] if entry["op"] == "app-image")
        out.policy.write_text(policy_text(trust["agent_measurements"][0], image))
        world.evidence_files = out  # type: ignore[attr-defined]
    return world.evidence_files  # type: ignore[attr-defined]


def attest(world: World, *arguments: str) -> Answer:
    return offline(world)("attest", *arguments, through=("unshare", "-n"))


def judge(world: World, *more: str, quote: Path | None = None, policy: Path | None = None) -> Answer:
    e = evidence_of(world)
    return attest(world, "verify", str(quote or e.quote), "--collateral", str(e.collateral), "--root", str(e.root), "--policy",
                  str(policy or e.policy), "--event-log", str(e.log), *more, "--json")


def check_reason(answer: Answer, reason: str) -> None:
    document = answer.json()
    equal((answer.code, document["verdict"], document["reason"]), (REFUSED, "refused", reason), "exit code and verdict")


@case("the evidence of a run is accepted under the network's root and policy; the document has its members")
def accepted(world: World) -> None:
    answer = judge(world)
    document = answer.json()
    equal((answer.code, document["verdict"], document["tee"], document["tcb_status"]), (0, "accepted", "tdx", "UpToDate"),
          f"verdict ({document.get('reason')})")
    check(document["simulated"] is True and document["advisories"] == [], "simulated, no advisories")
    equal(len(document["measurements"]["mrtd"]), 96, "digits of mrtd")
    outcomes = {entry["id"]: entry["outcome"] for entry in document["checks"]}
    equal((outcomes["attest.signature"], outcomes["attest.event_log_replay"], outcomes["attest.report_data"]),
          ("passed", "passed", "skipped"), "outcomes")


@case("hex, base64 and the parts as loose files say the same; the text names the verdict first")
def forms(world: World) -> None:
    e = evidence_of(world)
    raw = e.quote.read_bytes()
    for text in (raw.hex(), base64.b64encode(raw).decode(), json.dumps({"quote": raw.hex()})):
        path = world.new_path("quote.txt")
        path.write_text(text)
        equal(judge(world, quote=path).code, 0, text[:20])
    folder = world.new_path("loose")
    folder.mkdir()
    c = json.loads(e.collateral.read_text())
    (folder / "a.json").write_text('{"tcbInfo":%s,"signature":"%s"}' % (c["tcb_info"], c["tcb_info_signature"]))
    (folder / "b.json").write_text('{"enclaveIdentity":%s,"signature":"%s"}' % (c["qe_identity"], c["qe_identity_signature"]))
    for name in ("root_ca_crl", "pck_crl"):
        (folder / f"{name}.der").write_bytes(bytes.fromhex(c[name]))
    for name in ("tcb_info_issuer_chain", "pck_crl_issuer_chain"):
        (folder / f"{name}.pem").write_text(c[name])
    answer = attest(world, "verify", str(e.quote), "--collateral", str(folder), "--root", str(e.root), "--policy", str(e.policy),
                    "--event-log", str(e.log))
    equal(answer.code, 0, answer.out)
    contains(answer.out.splitlines()[0], "SIMULATED", "first line")


@case("each change is refused with exit code 6 and the id of the check that failed")
def refused(world: World) -> None:
    e = evidence_of(world)
    bent = world.new_path("bent.bin")
    quote = bytearray(e.quote.read_bytes())
    quote[200] ^= 1
    bent.write_bytes(quote)
    check_reason(judge(world, quote=bent), "attest.signature")
    other = world.new_path("policy.json")
    other.write_text(policy_text(96 * "a"))
    check_reason(judge(world, policy=other), "attest.measurement")
    strict = world.new_path("policy.json")
    strict.write_text(policy_text(96 * "a", dangerousAllowSimulated=False))
    check_reason(judge(world, policy=strict), "attest.simulated")
    check_reason(judge(world, "--at", "2020-01-01T00:00:00Z"), "attest.certificate_expired")
    check_reason(judge(world, "--report-data", 128 * "0"), "attest.report_data")
    answer = attest(world, "verify", str(e.quote), "--collateral", str(e.collateral), "--json")
    check_reason(answer, "attest.root")
    nothing = attest(world, "verify", str(e.policy), "--json")
    check_reason(nothing, "attest.evidence_kind")
    equal(nothing.json()["tee"], None, "tee of a file that is no evidence")


@case("show reads quote, log and collateral without judging them; lint reads a policy")
def show(world: World) -> None:
    e = evidence_of(world)
    for path, name in ((e.quote, "tdx quote"), (e.log, "measured log"), (e.collateral, "intel collateral"), (e.root, "certificates")):
        answer = attest(world, "show", str(path), "--json")
        equal((answer.code, answer.json()["format"], answer.json()["verified"]), (0, name, False), str(path))
    contains(attest(world, "show", str(e.quote)).out.splitlines()[0], "NOT VERIFIED", "first line")
    answer = attest(world, "policy", "lint", str(e.policy), "--json")
    equal(answer.code, 0, "lint")
    contains(json.dumps(answer.json()["findings"]), "dangerousAllowSimulated", "findings")
    broken = world.new_path("policy.json")
    broken.write_text('{"schema":"iapp-appraisal-policy/1","name":"x"}')
    equal(attest(world, "policy", "lint", str(broken), "--json").code, REFUSED, "a policy without tees")


@contextmanager
def pccs(collateral: dict[str, str]) -> Iterator[str]:
    """A PCCS on loopback that serves one platform's collateral."""
    tcb = '{"tcbInfo":%s,"signature":"%s"}' % (collateral["tcb_info"], collateral["tcb_info_signature"])
    qe = '{"enclaveIdentity":%s,"signature":"%s"}' % (collateral["qe_identity"], collateral["qe_identity_signature"])
    routes = {"/tdx/certification/v4/tcb": (tcb.encode(), "TCB-Info-Issuer-Chain", "tcb_info_issuer_chain"),
              "/tdx/certification/v4/qe/identity": (qe.encode(), "SGX-Enclave-Identity-Issuer-Chain", "qe_identity_issuer_chain"),
              "/sgx/certification/v4/pckcrl": (bytes.fromhex(collateral["pck_crl"]), "SGX-PCK-CRL-Issuer-Chain", "pck_crl_issuer_chain"),
              "/sgx/certification/v4/rootcacrl": (collateral["root_ca_crl"].encode(), "", "")}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, header, chain = routes.get(urllib.parse.urlsplit(self.path).path, (b"", "", ""))
            self.send_response(200 if body else 404)
            if header:
                self.send_header(header, urllib.parse.quote(collateral[chain], safe=""))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Bundle:
    file: Path
    cache: Path
    answer: Answer


def bundle_of(world: World) -> Bundle:
    """The collateral of this network's platform, exported from a PCCS of ours; one for all cases."""
    if not hasattr(world, "bundle"):
        e = evidence_of(world)
        out, cache = world.new_path("bundle.json"), world.new_path("cache")
        with pccs(json.loads(e.collateral.read_text())) as url:
            answer = offline(world)("attest", "bundle", "export", str(e.quote), "--pccs", url, "--root", str(e.root), "--cache",
                                    str(cache), "--out", str(out), "--json")
        world.bundle = Bundle(out, cache, answer)  # type: ignore[attr-defined]
    return world.bundle  # type: ignore[attr-defined]


@case("a bundle carries the collateral of a platform to a machine without a network, and older ones are refused there")
def bundle(world: World) -> None:
    e = evidence_of(world)
    out, answer = bundle_of(world).file, bundle_of(world).answer
    equal((answer.code, len(answer.json()["entries"])), (0, 1), answer.err)
    check(re.fullmatch(r"intel-tdx-[0-9a-f]{12}-platform", answer.json()["entries"][0]), "key of the platform")
    judged = attest(world, "verify", str(e.quote), "--collateral", str(out), "--root", str(e.root), "--policy", str(e.policy),
                    "--event-log", str(e.log), "--json")
    equal((judged.code, judged.json()["verdict"]), (0, "accepted"), "verdict under the bundle")
    elsewhere = world.new_path("cache")
    first = attest(world, "bundle", "import", str(out), "--root", str(e.root), "--cache", str(elsewhere), "--json").json()
    again = attest(world, "bundle", "import", str(out), "--root", str(e.root), "--cache", str(elsewhere), "--json").json()
    equal((len(first["imported"]), len(again["imported"]), len(again["kept"])), (1, 0, 1), "imported once")
    bent = world.new_path("bundle.json")
    bent.write_text(out.read_text().replace("UpToDate", "Outdated"))
    refused_one = attest(world, "bundle", "import", str(bent), "--root", str(e.root), "--cache", str(elsewhere), "--json")
    equal(refused_one.error_id, "endorse.unverified", "error of a bent bundle")
    foreign = attest(world, "bundle", "import", str(out), "--cache", str(world.new_path("cache")), "--json")
    equal(foreign.error_id, "endorse.unverified", "error under the vendor's root")
