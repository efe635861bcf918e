#include "attack/agents.hpp"

#include "blobs/client.hpp"
#include "codec/zip.hpp"
#include "poco/result.hpp"

namespace iapp::attack {

HandmadeAgent::HandmadeAgent(const World& world)
    : claims{world.agent_measurement(), must(Hash256::from_hex("0x" + world.image_digest.substr(7))), {}, {}, {}},
      world_(world),
      platform_(must(simtee::Platform::load(world.pki())))
{
}

wire::ReleaseNonce HandmadeAgent::nonce(const Task& task) const
{
    return must(wire::parse_nonce_reply(world_.ask(wire::kNoncePath, wire::encode(wire::NonceRequest{task.id})).body)).nonce;
}

attest::EventLog HandmadeAgent::measure(const Task& task) const
{
    namespace op = attest::op;
    const auto& network = world_.network();
    attest::EventLog log;
    const auto record = [&log](std::string_view operation, Bytes payload) {
        log.push_back(attest::make_entry(log.size(), operation, std::move(payload)));
    };
    wire::AgentConfig config = world_.agent_config(task);
    if (claims.believes) config.ledger_signer = *claims.believes;
    record(op::kAgentConfig, to_bytes(wire::encode(config)));
    record(op::kAppImage, attest::image_payload(claims.image));
    record(op::kAppManifest, to_bytes(claims.manifest));
    record(op::kDeal, attest::deal_payload(network.chain_id, network.contracts.hub, Hash256(task.deal.bytes())));
    record(op::kTask, to_bytes(task.id.bytes()));
    record(op::kReady, {});
    return log;
}

wire::ReleaseRequest HandmadeAgent::request(const Task& task) { return request(task, nonce(task)); }

wire::ReleaseRequest HandmadeAgent::request(const Task& task, const wire::ReleaseNonce& nonce)
{
    const auto& network = world_.network();
    const attest::EventLog log = measure(task);
    std::array<Hash384, 4> rtmr{Hash384::zero(), Hash384::zero(), Hash384::zero(), attest::replay(log)};
    if (claims.rtmr3) rtmr[attest::kLogRegister] = *claims.rtmr3;
    const auto report_data = attest::report_data({.nonce = nonce.array(),
                                                  .hpke_public_key = hpke_.public_key().array(),
                                                  .enclave = enclave_.address(),
                                                  .chain_id = network.chain_id,
                                                  .hub = network.contracts.hub,
                                                  .deal = Hash256(task.deal.bytes()),
                                                  .task = Hash256(task.id.bytes())});
    return {.chain_id = network.chain_id,
            .hub = network.contracts.hub,
            .deal = task.deal,
            .task = task.id,
            .index = 0,
            .worker = world_.pool_owner.address(),
            .nonce = nonce,
            .hpke_public_key = hpke_.public_key(),
            .enclave_address = enclave_.address(),
            .evidence = {attest::EvidenceKind::tdx, platform_.quote(claims.mr_td, rtmr, report_data)},
            .event_log = log};
}

net::Response HandmadeAgent::post(const wire::ReleaseRequest& request) const
{
    return world_.ask(wire::kReleasePath, wire::encode(request));
}

AgentAnswer run_real_agent(const World& world, const wire::AgentConfig& config, const std::string& agent)
{
    const worker::AgentProgram program{IAPP_TEE_SIM, world.pki(), agent, world.folder() / "agent.log", "simulated"};
    worker::AgentRun run(must(worker::ReadyAgent::start(program)), config, std::chrono::minutes(1), {},
                         [](const wire::AgentEvent&) {});
    return must(run.answer());
}

std::string result_file(const World& world, const wire::AgentResult& result, const std::string& name)
{
    const auto& services = world.network().services;
    const blobs::BlobClient client(world.http(), services.ipfs_api, services.ipfs_gateway);
    const auto link = must(poco::parse_result_link(result.result_link));
    const Bytes archive = must(client.fetch_bytes(link.location, 1 << 20, localchain::TestChain::call()));
    const auto reader = must(codec::ZipReader::open(codec::random_source(archive)));
    for (const auto& entry : reader.entries())
        if (entry.path == name) return to_text(must(reader.read(entry, 1 << 20)));
    return {};
}

}  // namespace iapp::attack
