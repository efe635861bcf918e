// Step 8: the receipt. Everything a stranger needs to check this run without us, signed by the key the evidence names.
#include "attest/receipt.hpp"

#include "agent/internal/steps.hpp"
#include "blobs/client.hpp"
#include "crypto/hash.hpp"
#include "seal/age.hpp"

namespace iapp::agent {
namespace {

attest::ReceiptDeal deal_of(const Assignment& task, const poco::Deal& deal)
{
    return {Hash256(task.config.deal.bytes()),
            deal.app.pointer,
            deal.workerpool.pointer,
            deal.requester,
            deal.beneficiary,
            deal.callback,
            Hash256(deal.tag.bytes())};
}

attest::ReceiptOrders orders_of(const wire::OrderHashes& orders)
{
    return {orders.app, orders.dataset.is_zero() ? std::nullopt : std::optional(orders.dataset), orders.workerpool,
            orders.request};
}

std::vector<attest::ReceiptDataset> datasets_of(const wire::ReleaseBundle& bundle)
{
    std::vector<attest::ReceiptDataset> out;
    for (const auto& dataset : bundle.datasets) {
        if (const auto* released = std::get_if<wire::ReleasedDataset>(&dataset))
            out.push_back(
                {static_cast<std::uint32_t>(released->position), released->address, released->checksum, std::nullopt});
        else if (const auto* refused = std::get_if<wire::RefusedDataset>(&dataset))
            out.push_back({static_cast<std::uint32_t>(refused->position), refused->address, Hash256::zero(), refused->id});
    }
    return out;
}

/// A receipt beside an RSA-sealed result is public: names, sizes and hashes of what was sealed do not belong there. The hash
/// of the sealed bytes binds them all the same.
attest::ReceiptResult result_of(const Output& output, const StoredResult& stored, const wire::ResultMode& mode)
{
    std::vector<attest::ReceiptFile> files;
    if (!std::holds_alternative<wire::SealToRsa>(mode))
        for (const auto& file : output.files) files.push_back({file.path, file.size_bytes, file.sha256});
    return {std::move(files), output.digest, stored.sealing, stored.cid, stored.sha256};
}

attest::Receipt make_receipt(const Assignment& task, const AppImage& app, const Admission& admission,
                             const EnclaveKeys& keys, const Output& output, const StoredResult& stored,
                             const RunTimes& times, bool simulated)
{
    const auto& bundle = admission.bundle;
    return {.simulated = simulated,
            .chain_id = task.config.chain_id,
            .hub = task.config.hub,
            .deal = deal_of(task, bundle.deal),
            .task = Hash256(task.config.task.bytes()),
            .task_index = static_cast<std::uint32_t>(task.config.index),
            .orders = orders_of(bundle.orders),
            .image_reference = task.config.image,
            .image_digest = task.image_digest.sha256(),
            .manifest_digest = crypto::sha256(as_bytes(app.manifest_label)),
            .datasets = datasets_of(bundle),
            .params_sha256 = crypto::sha256(as_bytes(bundle.deal.params)),
            .result = result_of(output, stored, bundle.result),
            .exit_code = static_cast<std::uint8_t>(output.exit_code),
            .evidence = admission.evidence,
            .event_log = admission.event_log,
            .collateral = bundle.collateral,
            .nonce = admission.nonce.array(),
            .hpke_public_key = keys.hpke.public_key().array(),
            .enclave = keys.wallet.address(),
            .decision = bundle.decision,
            .started_at = times.started,
            .finished_at = times.finished};
}

Result<Bytes> sealed_for(const wire::ResultMode& mode, const std::string& text)
{
    const auto* age = std::get_if<wire::SealToAge>(&mode);
    if (age == nullptr) return to_bytes(text);
    TRY(const auto recipient, seal::AgeRecipient::parse(age->recipient));
    Bytes out;
    TRY_OK(seal::seal_age(codec::byte_source(as_bytes(text)), {recipient},
                          codec::append_to(out, attest::kMaxReceiptBytes + (1u << 20))));
    return out;
}

}  // namespace

Result<std::string> store_receipt(const Assignment& task, const AppImage& app, const Admission& admission,
                                  const EnclaveKeys& keys, const Output& output, const StoredResult& stored,
                                  const RunTimes& times, bool simulated, const net::HttpClient& http,
                                  const net::CallContext& call)
{
    const auto receipt = make_receipt(task, app, admission, keys, output, stored, times, simulated);
    TRY(const auto digest, attest::receipt_digest(receipt));
    TRY(const auto text, attest::encode_receipt({receipt, keys.wallet.sign(digest)}));
    TRY(const auto bytes, sealed_for(admission.bundle.result, text));
    return blobs::BlobClient(http, task.config.ipfs_api_url, task.config.ipfs_gateway_url).add(ByteView(bytes), call);
}

}  // namespace iapp::agent
