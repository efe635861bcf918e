#include "simtee/sample_run.hpp"

#include <stdexcept>

#include "crypto/merkle.hpp"

namespace iapp::simtee {
namespace {

constexpr std::uint64_t kChainId = 421614;
constexpr std::uint64_t kLedgerSize = 5;
constexpr std::uint64_t kLeafIndex = 3;

/// A sample that cannot be made is a defect of this file.
template <class T>
T must(Result<T> result)
{
    if (!result) throw std::logic_error(std::string(result.error().reason) + ": " + result.error().detail);
    return *std::move(result);
}

template <class Id>
Id sample(std::uint8_t byte)
{
    std::array<std::uint8_t, Id::kSize> raw;
    raw.fill(byte);
    return Id{raw};
}

std::vector<std::pair<std::string_view, Bytes>> sample_entries(const attest::Binding& binding)
{
    namespace op = attest::op;
    return {{op::kAgentConfig, to_bytes(R"({"schema":"iapp-agent-config/1"})")},
            {op::kAppImage, attest::image_payload(sample<Hash256>(0x1a))},
            {op::kAppManifest, to_bytes(R"({"schema":"iapp-manifest/1"})")},
            {op::kDeal, attest::deal_payload(binding.chain_id, binding.hub, binding.deal)},
            {op::kTask, to_bytes(binding.task.bytes())},
            {op::kReady, {}}};
}

attest::Binding sample_binding(const eth::Address& enclave)
{
    return {.nonce = sample<Hash256>(0x01).array(),
            .hpke_public_key = sample<Hash256>(0x02).array(),
            .enclave = enclave,
            .chain_id = kChainId,
            .hub = sample<eth::Address>(0x03),
            .deal = sample<Hash256>(0x04),
            .task = sample<Hash256>(0x05)};
}

}  // namespace

void SampleRun::set_log(const std::vector<std::pair<std::string_view, Bytes>>& entries)
{
    log.clear();
    for (const auto& [operation, payload] : entries) log.push_back(attest::make_entry(log.size(), operation, payload));
    parts.body.rtmr[attest::kLogRegister] = attest::replay(log);
}

attest::Evidence SampleRun::evidence() const
{
    return {attest::EvidenceKind::tdx, encode_quote(parts, authority.pck_key, authority.attestation_key)};
}

attest::TrustAnchor SampleRun::anchor() const { return must(attest::TrustAnchor::from_pem(authority.root.to_pem())); }

attest::DecisionLeaf SampleRun::leaf() const
{
    const auto quote = must(attest::parse_tdx_quote(evidence().bytes));
    return {.released = true,
            .reason = "released",
            .time = now,
            .chain_id = binding.chain_id,
            .hub = binding.hub,
            .deal = binding.deal,
            .task = binding.task,
            .datasets = {sample<eth::Address>(0x06)},
            .evidence = attest::evidence_id(quote),
            .mr_td = hex(quote.body.mr_td.bytes()),
            .enclave = binding.enclave,
            .policies = {"owner-policy-1"}};
}

attest::Decision SampleRun::decide(const attest::DecisionLeaf& decided) const
{
    const Bytes bytes = attest::encode_leaf(decided);
    crypto::MerkleTree tree;
    for (std::uint64_t i = 0; i < kLedgerSize; ++i)
        tree.append(crypto::merkle_leaf_hash(i == kLeafIndex ? ByteView(bytes) : as_bytes("another decision")));
    const auto timestamp = static_cast<std::uint64_t>(now.time_since_epoch().count());
    const Hash256 digest = attest::tree_head_digest(binding.chain_id, tree.size(), tree.root(), timestamp);
    return {.leaf = bytes,
            .index = kLeafIndex,
            .tree_head = {tree.size(), tree.root(), timestamp, ledger.sign(digest)},
            .inclusion = must(tree.inclusion_proof(kLeafIndex, tree.size()))};
}

attest::Receipt SampleRun::receipt() const
{
    return {.simulated = true,
            .chain_id = binding.chain_id,
            .hub = binding.hub,
            .deal = {.id = binding.deal,
                     .app = sample<eth::Address>(0x11),
                     .workerpool = sample<eth::Address>(0x12),
                     .requester = sample<eth::Address>(0x13),
                     .beneficiary = sample<eth::Address>(0x14),
                     .callback = eth::Address::zero(),
                     .tag = sample<Hash256>(0x15)},
            .task = binding.task,
            .task_index = 0,
            .orders = {.app = sample<Hash256>(0x21),
                       .dataset = sample<Hash256>(0x22),
                       .workerpool = sample<Hash256>(0x23),
                       .request = sample<Hash256>(0x24)},
            .image_reference = "registry.local:5000/health@sha256:" + hex(sample<Hash256>(0x1a).bytes()),
            .image_digest = sample<Hash256>(0x1a),
            .manifest_digest = crypto::sha256(as_bytes(R"({"schema":"iapp-manifest/1"})")),
            .datasets = {{.position = 0,
                          .address = sample<eth::Address>(0x06),
                          .checksum = sample<Hash256>(0x31),
                          .refused = std::nullopt}},
            .params_sha256 = sample<Hash256>(0x32),
            .result = {.files = {{"computed.json", 61, sample<Hash256>(0x33)}, {"result.txt", 5, sample<Hash256>(0x34)}},
                       .deterministic_digest = sample<Hash256>(0x35),
                       .sealing = "age",
                       .cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
                       .ciphertext_sha256 = sample<Hash256>(0x36)},
            .exit_code = 0,
            .evidence = evidence(),
            .event_log = log,
            .collateral = collateral,
            .nonce = binding.nonce,
            .hpke_public_key = binding.hpke_public_key,
            .enclave = binding.enclave,
            .decision = decide(leaf()),
            .started_at = now - std::chrono::seconds(10),
            .finished_at = now + std::chrono::seconds(20)};
}

std::string SampleRun::sign(const attest::Receipt& receipt) const
{
    return must(attest::encode_receipt({receipt, enclave.sign(must(attest::receipt_digest(receipt)))}));
}

attest::ReceiptTrust SampleRun::trust() const
{
    return {.anchors = {anchor()}, .ledger_signer = ledger.address(), .policy = policy};
}

SampleRun make_sample_run(UnixSeconds now)
{
    Authority authority = must(create_authority(CertificateWindows::for_time(now)));
    attest::Collateral collateral =
        must(issue_collateral(authority, {now - std::chrono::hours(1), now + std::chrono::days(30)}));
    eth::Wallet enclave = eth::Wallet::generate();
    const attest::Binding binding = sample_binding(enclave.address());
    const Hash384 mr_td = crypto::sha384(as_bytes("sample agent"));
    const Hash384 zero = Hash384::zero();
    const Bytes auth = simulated_qe_auth();
    QuoteParts parts{.body = simulated_body(mr_td, {zero, zero, zero, zero}, attest::report_data(binding)),
                     .qe_report = simulated_qe_report(authority.attestation_key.public_key(), auth),
                     .qe_auth = auth,
                     .pck_chain_pem = authority.pck_chain()};
    attest::AppraisalPolicy policy;
    policy.accepted = {attest::ReferenceValue{mr_td}};
    policy.dangerous_allow_simulated = true;

    SampleRun run{.now = now,
                  .authority = std::move(authority),
                  .collateral = std::move(collateral),
                  .enclave = std::move(enclave),
                  .ledger = eth::Wallet::generate(),
                  .binding = binding,
                  .log = {},
                  .parts = std::move(parts),
                  .policy = std::move(policy)};
    run.set_log(sample_entries(binding));
    return run;
}

}  // namespace iapp::simtee
