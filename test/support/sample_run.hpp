#pragma once
// One complete good run in memory: PKI, collateral, measured log, quote, ledger decision, receipt. Tests bend one thing of
// it and sign again. Not a simulator: nothing runs. Users link simtee.
#include <stdexcept>

#include "attest/receipt_verify.hpp"
#include "attest/report_data.hpp"
#include "attest/run.hpp"
#include "crypto/merkle.hpp"
#include "eth/wallet.hpp"
#include "simtee/authority.hpp"
#include "simtee/quote.hpp"

namespace iapp::test {

namespace sample_detail {

inline constexpr std::uint64_t kChainId = 421614;
inline constexpr std::uint64_t kLedgerSize = 5;
inline constexpr std::uint64_t kLeafIndex = 3;

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

inline std::vector<std::pair<std::string_view, Bytes>> sample_entries(const attest::Binding& binding)
{
    namespace op = attest::op;
    return {{op::kAgentConfig, to_bytes(R"({"schema":"iapp-agent-config/1"})")},
            {op::kAppImage, attest::image_payload(sample<Hash256>(0x1a))},
            {op::kAppManifest, to_bytes(R"({"schema":"iapp-manifest/1"})")},
            {op::kDeal, attest::deal_payload(binding.chain_id, binding.hub, binding.deal)},
            {op::kTask, to_bytes(binding.task.bytes())},
            {op::kReady, {}}};
}

inline attest::Binding sample_binding(const eth::Address& enclave)
{
    return {.nonce = sample<Hash256>(0x01).array(),
            .hpke_public_key = sample<Hash256>(0x02).array(),
            .enclave = enclave,
            .chain_id = kChainId,
            .hub = sample<eth::Address>(0x03),
            .deal = sample<Hash256>(0x04),
            .task = sample<Hash256>(0x05)};
}

}  // namespace sample_detail

struct SampleRun {
    UnixSeconds now;
    simtee::Authority authority;
    attest::Collateral collateral;
    eth::Wallet enclave;
    eth::Wallet ledger;
    attest::Binding binding;
    attest::EventLog log;
    simtee::QuoteParts parts;  ///< RTMR3 and report data follow from `log` and `binding` when made; bend them here
    attest::AppraisalPolicy policy;

    /// Puts `entries` into the log, with seq and digests recomputed, and RTMR3 into the TD report.
    void set_log(const std::vector<std::pair<std::string_view, Bytes>>& entries);

    /// Signs `parts` as they are now.
    attest::Evidence evidence() const;

    attest::TrustAnchor anchor() const;

    /// An unsigned receipt of this run with these parts; its decision is leaf 3 of a ledger of 5.
    attest::Receipt receipt() const;

    /// Replaces the decision's leaf, rebuilds its proof and signs the head.
    attest::Decision decide(const attest::DecisionLeaf& leaf) const;
    attest::DecisionLeaf leaf() const;

    /// Signs with the enclave key and encodes.
    std::string sign(const attest::Receipt& receipt) const;

    attest::ReceiptTrust trust() const;
};

/// A run at `now` that verifies, appraises and yields a receipt of level SIMULATED.
SampleRun make_sample_run(UnixSeconds now);

inline void SampleRun::set_log(const std::vector<std::pair<std::string_view, Bytes>>& entries)
{
    log.clear();
    for (const auto& [operation, payload] : entries) log.push_back(attest::make_entry(log.size(), operation, payload));
    parts.body.rtmr[attest::kLogRegister] = attest::replay(log);
}

inline attest::Evidence SampleRun::evidence() const
{
    return {parts.enclave ? attest::EvidenceKind::sgx : attest::EvidenceKind::tdx,
            simtee::encode_quote(parts, authority.pck_key, authority.attestation_key)};
}

inline attest::TrustAnchor SampleRun::anchor() const
{
    return sample_detail::must(attest::TrustAnchor::from_pem(authority.root.to_pem()));
}

inline attest::DecisionLeaf SampleRun::leaf() const
{
    const attest::Evidence signed_now = evidence();
    const auto quote = sample_detail::must(attest::parse_intel_quote(signed_now.bytes));
    return {.released = true,
            .reason = "released",
            .time = now,
            .chain_id = binding.chain_id,
            .hub = binding.hub,
            .deal = binding.deal,
            .task = binding.task,
            .datasets = {sample_detail::sample<eth::Address>(0x06)},
            .evidence = attest::evidence_id(quote),
            .mr_td = hex(quote.td()->mr_td.bytes()),
            .enclave = binding.enclave,
            .policies = {"owner-policy-1"}};
}

inline attest::Decision SampleRun::decide(const attest::DecisionLeaf& decided) const
{
    const Bytes bytes = attest::encode_leaf(decided);
    crypto::MerkleTree tree;
    for (std::uint64_t i = 0; i < sample_detail::kLedgerSize; ++i)
        tree.append(
            crypto::merkle_leaf_hash(i == sample_detail::kLeafIndex ? ByteView(bytes) : as_bytes("another decision")));
    const auto timestamp = static_cast<std::uint64_t>(now.time_since_epoch().count());
    const Hash256 digest = attest::tree_head_digest(binding.chain_id, tree.size(), tree.root(), timestamp);
    return {.leaf = bytes,
            .index = sample_detail::kLeafIndex,
            .tree_head = {tree.size(), tree.root(), timestamp, ledger.sign(digest)},
            .inclusion = sample_detail::must(tree.inclusion_proof(sample_detail::kLeafIndex, tree.size()))};
}

inline attest::Receipt SampleRun::receipt() const
{
    return {.simulated = true,
            .chain_id = binding.chain_id,
            .hub = binding.hub,
            .deal = {.id = binding.deal,
                     .app = sample_detail::sample<eth::Address>(0x11),
                     .workerpool = sample_detail::sample<eth::Address>(0x12),
                     .requester = sample_detail::sample<eth::Address>(0x13),
                     .beneficiary = sample_detail::sample<eth::Address>(0x14),
                     .callback = eth::Address::zero(),
                     .tag = sample_detail::sample<Hash256>(0x15)},
            .task = binding.task,
            .task_index = 0,
            .orders = {.app = sample_detail::sample<Hash256>(0x21),
                       .dataset = sample_detail::sample<Hash256>(0x22),
                       .workerpool = sample_detail::sample<Hash256>(0x23),
                       .request = sample_detail::sample<Hash256>(0x24)},
            .image_reference = "registry.local:5000/health@sha256:" + hex(sample_detail::sample<Hash256>(0x1a).bytes()),
            .image_digest = sample_detail::sample<Hash256>(0x1a),
            .manifest_digest = crypto::sha256(as_bytes(R"({"schema":"iapp-manifest/1"})")),
            .datasets = {{.position = 0,
                          .address = sample_detail::sample<eth::Address>(0x06),
                          .checksum = sample_detail::sample<Hash256>(0x31),
                          .refused = std::nullopt}},
            .params_sha256 = sample_detail::sample<Hash256>(0x32),
            .result = {.files = {{"computed.json", 61, sample_detail::sample<Hash256>(0x33)},
                                 {"result.txt", 5, sample_detail::sample<Hash256>(0x34)}},
                       .deterministic_digest = sample_detail::sample<Hash256>(0x35),
                       .sealing = "age",
                       .cid = "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG",
                       .ciphertext_sha256 = sample_detail::sample<Hash256>(0x36)},
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

inline std::string SampleRun::sign(const attest::Receipt& receipt) const
{
    return sample_detail::must(
        attest::encode_receipt({receipt, enclave.sign(sample_detail::must(attest::receipt_digest(receipt)))}));
}

inline attest::ReceiptTrust SampleRun::trust() const
{
    return {.anchors = {anchor()}, .ledger_signer = ledger.address(), .policy = policy};
}

inline SampleRun make_sample_run(UnixSeconds now)
{
    simtee::Authority authority = sample_detail::must(simtee::create_authority(simtee::CertificateWindows::for_time(now)));
    attest::Collateral collateral =
        sample_detail::must(simtee::issue_collateral(authority, {now - std::chrono::hours(1), now + std::chrono::days(30)}));
    eth::Wallet enclave = eth::Wallet::generate();
    const attest::Binding binding = sample_detail::sample_binding(enclave.address());
    const Hash384 mr_td = crypto::sha384(as_bytes("sample agent"));
    const Hash384 zero = Hash384::zero();
    const Bytes auth = simtee::simulated_qe_auth();
    simtee::QuoteParts parts{.body = simtee::simulated_body(mr_td, {zero, zero, zero, zero}, attest::report_data(binding)),
                             .qe_report = simtee::simulated_qe_report(authority.attestation_key.public_key(), auth),
                             .qe_auth = auth,
                             .pck_chain_pem = authority.pck_chain()};
    attest::AppraisalPolicy policy;
    policy.accepted = {attest::tdx_reference(mr_td)};
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
    run.set_log(sample_detail::sample_entries(binding));
    return run;
}

}  // namespace iapp::test
