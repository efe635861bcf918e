#include "attest/receipt.hpp"

#include "attest/internal/json_text.hpp"
#include "attest/json_forms.hpp"
#include "codec/base64.hpp"
#include "eth/eip712.hpp"

namespace iapp::attest {
namespace {

constexpr std::string_view kSchema = "iapp-receipt/1";
constexpr std::string_view kOciPrefix = "sha256:";
constexpr std::uint64_t kMaxInteger = (1ULL << 53U) - 1;
constexpr std::uint64_t kMaxTime = 253'402'300'799;  ///< the last second of year 9999
constexpr json::Limits kLimits{.max_bytes = kMaxReceiptBytes, .max_depth = 8};

std::string_view tee_name(bool simulated) { return simulated ? "simulated" : "tdx"; }

std::int64_t seconds(UnixSeconds time) { return time.time_since_epoch().count(); }

// --- writing
// ---------------------------------------------------------------------------------------------------------------

json::Value to_json(const ReceiptDeal& deal)
{
    return json::Object{{"app", deal.app.hex()},
                        {"beneficiary", deal.beneficiary.hex()},
                        {"callback", deal.callback.hex()},
                        {"id", deal.id.hex()},
                        {"requester", deal.requester.hex()},
                        {"tag", deal.tag.hex()},
                        {"workerpool", deal.workerpool.hex()}};
}

json::Value to_json(const ReceiptOrders& orders)
{
    json::Object out{{"app", orders.app.hex()}, {"request", orders.request.hex()}, {"workerpool", orders.workerpool.hex()}};
    if (orders.dataset) out["dataset"] = orders.dataset->hex();
    return out;
}

json::Value to_json(const std::vector<ReceiptDataset>& datasets)
{
    json::Array out;
    for (const ReceiptDataset& dataset : datasets) {
        json::Object entry{
            {"address", dataset.address.hex()}, {"checksum", dataset.checksum.hex()}, {"position", dataset.position}};
        if (dataset.refused) entry["refused"] = *dataset.refused;
        out.push_back(std::move(entry));
    }
    return out;
}

json::Value to_json(const ReceiptResult& result)
{
    json::Array files;
    for (const ReceiptFile& file : result.files)
        files.push_back(json::Object{{"path", file.path}, {"sha256", file.sha256.hex()}, {"size", file.size}});
    return json::Object{{"ciphertextSha256", result.ciphertext_sha256.hex()},
                        {"cid", result.cid},
                        {"deterministicDigest", result.deterministic_digest.hex()},
                        {"files", std::move(files)},
                        {"sealing", result.sealing}};
}

json::Object body_json(const Receipt& r)
{
    return json::Object{
        {"chain", json::Object{{"chainId", r.chain_id}, {"hub", r.hub.hex()}}},
        {"collateral", to_json(r.collateral)},
        {"datasets", to_json(r.datasets)},
        {"deal", to_json(r.deal)},
        {"decision", to_json(r.decision)},
        {"enclaveAddress", r.enclave.hex()},
        {"eventLog", to_json(r.event_log)},
        {"evidence", json::Object{{"kind", name(r.evidence.kind)}, {"quote", codec::base64(r.evidence.bytes)}}},
        {"exitCode", r.exit_code},
        {"hpkePublicKey", hex0x(r.hpke_public_key)},
        {"image", json::Object{{"manifestDigest", std::string(kOciPrefix) + hex(r.image_digest.bytes())},
                               {"reference", r.image_reference}}},
        {"manifestDigest", r.manifest_digest.hex()},
        {"nonce", hex0x(r.nonce)},
        {"orders", to_json(r.orders)},
        {"paramsSha256", r.params_sha256.hex()},
        {"result", to_json(r.result)},
        {"schema", kSchema},
        {"task", r.task.hex()},
        {"taskIndex", r.task_index},
        {"tee", tee_name(r.simulated)},
        {"times", json::Object{{"finished", seconds(r.finished_at)}, {"started", seconds(r.started_at)}}},
    };
}

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.receipt_format", std::move(detail));
}

Result<std::string> print(const json::Object& object)
{
    auto text = json::canonical(object);
    if (!text) return bad(explain(text.error()));
    return text;
}

// --- reading
// ---------------------------------------------------------------------------------------------------------------

Result<UnixSeconds> time(const json::ObjectReader& in, std::string_view member)
{
    TRY(const std::uint64_t value, in.u64(member, kMaxTime));
    return UnixSeconds(std::chrono::seconds(value));
}

Result<std::string> text(const json::ObjectReader& in, std::string_view member)
{
    TRY(const std::string_view value, in.text(member));
    return std::string(value);
}

Result<ReceiptDeal> read_deal(const json::ObjectReader& in)
{
    TRY_OK(in.only({"app", "beneficiary", "callback", "id", "requester", "tag", "workerpool"}));
    TRY(const auto id, in.id<Hash256>("id"));
    TRY(const auto app, in.id<eth::Address>("app"));
    TRY(const auto workerpool, in.id<eth::Address>("workerpool"));
    TRY(const auto requester, in.id<eth::Address>("requester"));
    TRY(const auto beneficiary, in.id<eth::Address>("beneficiary"));
    TRY(const auto callback, in.id<eth::Address>("callback"));
    TRY(const auto tag, in.id<Hash256>("tag"));
    return ReceiptDeal{id, app, workerpool, requester, beneficiary, callback, tag};
}

Result<ReceiptOrders> read_orders(const json::ObjectReader& in)
{
    TRY_OK(in.only({"app", "dataset", "request", "workerpool"}));
    TRY(const auto app, in.id<Hash256>("app"));
    std::optional<Hash256> dataset;
    if (in.has("dataset")) {
        TRY(dataset, in.id<Hash256>("dataset"));
    }
    TRY(const auto workerpool, in.id<Hash256>("workerpool"));
    TRY(const auto request, in.id<Hash256>("request"));
    return ReceiptOrders{app, dataset, workerpool, request};
}

Result<ReceiptDataset> read_dataset(const json::ObjectReader& in)
{
    TRY_OK(in.only({"address", "checksum", "position", "refused"}));
    TRY(const std::uint64_t position, in.u64("position", UINT32_MAX));
    TRY(const auto address, in.id<eth::Address>("address"));
    TRY(const auto checksum, in.id<Hash256>("checksum"));
    TRY(const std::optional<std::string_view> refused, in.find_text("refused"));
    return ReceiptDataset{static_cast<std::uint32_t>(position), address, checksum,
                          refused ? std::optional<std::string>(*refused) : std::nullopt};
}

Result<ReceiptFile> read_file(const json::ObjectReader& in)
{
    TRY_OK(in.only({"path", "sha256", "size"}));
    TRY(std::string path, text(in, "path"));
    TRY(const std::uint64_t size, in.u64("size", kMaxInteger));
    TRY(const auto sha256, in.id<Hash256>("sha256"));
    return ReceiptFile{std::move(path), size, sha256};
}

template <class T>
Result<std::vector<T>> read_all(const json::ArrayReader& array, Result<T> (*read)(const json::ObjectReader&))
{
    std::vector<T> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader entry, array.object(i));
        TRY(T value, read(entry));
        out.push_back(std::move(value));
    }
    return out;
}

Result<ReceiptResult> read_result(const json::ObjectReader& in)
{
    TRY_OK(in.only({"ciphertextSha256", "cid", "deterministicDigest", "files", "sealing"}));
    TRY(const json::ArrayReader files_in, in.array("files"));
    TRY(std::vector<ReceiptFile> files, read_all(files_in, read_file));
    TRY(const auto digest, in.id<Hash256>("deterministicDigest"));
    TRY(std::string sealing, text(in, "sealing"));
    if (sealing != "age" && sealing != "rsa" && sealing != "none") return bad("$.result.sealing is not age, rsa or none");
    TRY(std::string cid, text(in, "cid"));
    TRY(const auto ciphertext, in.id<Hash256>("ciphertextSha256"));
    return ReceiptResult{std::move(files), digest, std::move(sealing), std::move(cid), ciphertext};
}

Result<Hash256> read_image_digest(const json::ObjectReader& in)
{
    TRY(const std::string_view digest, in.text("manifestDigest"));
    if (!digest.starts_with(kOciPrefix)) return bad("$.image.manifestDigest does not start with sha256:");
    return parse_digits<Hash256>(digest.substr(kOciPrefix.size()));
}

Result<Evidence> read_evidence(const json::ObjectReader& in)
{
    TRY_OK(in.only({"kind", "quote"}));
    TRY(const std::string_view kind_text, in.text("kind"));
    TRY(const EvidenceKind kind, parse_evidence_kind(kind_text));
    TRY(Bytes quote, in.bytes_base64("quote"));
    return Evidence{kind, std::move(quote)};
}

Result<bool> read_tee(const json::ObjectReader& in)
{
    TRY(const std::string_view tee, in.text("tee"));
    if (tee != tee_name(true) && tee != tee_name(false)) return bad("$.tee is not simulated or tdx");
    return tee == tee_name(true);
}

/// Members that are documents of their own.
struct Proofs {
    Evidence evidence;
    EventLog event_log;
    Collateral collateral;
    Decision decision;
};

Result<Proofs> read_proofs(const json::ObjectReader& in)
{
    TRY(const json::ObjectReader evidence_in, in.object("evidence"));
    TRY(Evidence evidence, read_evidence(evidence_in));
    TRY(const json::Value* log_in, in.value("eventLog"));
    TRY(EventLog log, event_log_from_json(*log_in));
    TRY(const json::Value* collateral_in, in.value("collateral"));
    TRY(Collateral collateral, collateral_from_json(*collateral_in));
    TRY(const json::Value* decision_in, in.value("decision"));
    TRY(Decision decision, decision_from_json(*decision_in));
    return Proofs{std::move(evidence), std::move(log), std::move(collateral), std::move(decision)};
}

Result<Receipt> read_receipt(const json::ObjectReader& in)
{
    TRY(const bool simulated, read_tee(in));
    TRY(const json::ObjectReader chain, in.object("chain"));
    TRY_OK(chain.only({"chainId", "hub"}));
    TRY(const std::uint64_t chain_id, chain.u64("chainId", kMaxInteger));
    TRY(const auto hub, chain.id<eth::Address>("hub"));
    TRY(const json::ObjectReader deal_in, in.object("deal"));
    TRY(const ReceiptDeal deal, read_deal(deal_in));
    TRY(const auto task, in.id<Hash256>("task"));
    TRY(const std::uint64_t task_index, in.u64("taskIndex", UINT32_MAX));
    TRY(const json::ObjectReader orders_in, in.object("orders"));
    TRY(const ReceiptOrders orders, read_orders(orders_in));
    TRY(const json::ObjectReader image, in.object("image"));
    TRY_OK(image.only({"manifestDigest", "reference"}));
    TRY(std::string reference, text(image, "reference"));
    TRY(const Hash256 image_digest, read_image_digest(image));
    TRY(const auto manifest_digest, in.id<Hash256>("manifestDigest"));
    TRY(const json::ArrayReader datasets_in, in.array("datasets"));
    TRY(std::vector<ReceiptDataset> datasets, read_all(datasets_in, read_dataset));
    TRY(const auto params, in.id<Hash256>("paramsSha256"));
    TRY(const json::ObjectReader result_in, in.object("result"));
    TRY(ReceiptResult result, read_result(result_in));
    TRY(const std::uint64_t exit_code, in.u64("exitCode", 255));
    TRY(Proofs proofs, read_proofs(in));
    TRY(const auto nonce, in.id<Hash256>("nonce"));
    TRY(const auto hpke_public_key, in.id<Hash256>("hpkePublicKey"));
    TRY(const auto enclave, in.id<eth::Address>("enclaveAddress"));
    TRY(const json::ObjectReader times, in.object("times"));
    TRY_OK(times.only({"finished", "started"}));
    TRY(const UnixSeconds started, time(times, "started"));
    TRY(const UnixSeconds finished, time(times, "finished"));

    return Receipt{.simulated = simulated,
                   .chain_id = chain_id,
                   .hub = hub,
                   .deal = deal,
                   .task = task,
                   .task_index = static_cast<std::uint32_t>(task_index),
                   .orders = orders,
                   .image_reference = std::move(reference),
                   .image_digest = image_digest,
                   .manifest_digest = manifest_digest,
                   .datasets = std::move(datasets),
                   .params_sha256 = params,
                   .result = std::move(result),
                   .exit_code = static_cast<std::uint8_t>(exit_code),
                   .evidence = std::move(proofs.evidence),
                   .event_log = std::move(proofs.event_log),
                   .collateral = std::move(proofs.collateral),
                   .nonce = nonce.array(),
                   .hpke_public_key = hpke_public_key.array(),
                   .enclave = enclave,
                   .decision = std::move(proofs.decision),
                   .started_at = started,
                   .finished_at = finished};
}

Result<SignedReceipt> read_signed(std::string_view document)
{
    TRY(const json::Value value, json::parse(document, kLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"chain",    "collateral", "datasets",     "deal",          "decision", "enclaveAddress",
                    "eventLog", "evidence",   "exitCode",     "hpkePublicKey", "image",    "manifestDigest",
                    "nonce",    "orders",     "paramsSha256", "result",        "schema",   "signature",
                    "task",     "taskIndex",  "tee",          "times"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kSchema) return bad("$.schema is not " + std::string(kSchema));
    TRY(Receipt receipt, read_receipt(in));
    TRY(const auto signature, in.id<crypto::Signature65>("signature"));
    return SignedReceipt{std::move(receipt), signature};
}

}  // namespace

Result<Hash256> receipt_digest(const Receipt& receipt)
{
    static const Hash256 type = eth::type_hash("Receipt(bytes32 bodySha256)");
    TRY(const std::string body, print(body_json(receipt)));
    const Hash256 domain = eth::domain_separator(
        {.name = "iapp-receipt", .version = "1", .chain_id = receipt.chain_id, .verifying_contract = receipt.hub});
    return eth::typed_digest(domain, eth::StructHash(type).bytes32(crypto::sha256(as_bytes(body))).finish());
}

Result<std::string> encode_receipt(const SignedReceipt& receipt)
{
    json::Object document = body_json(receipt.receipt);
    document["signature"] = receipt.signature.hex();
    return print(document);
}

Result<SignedReceipt> parse_receipt(std::string_view json)
{
    auto parsed = read_signed(json);
    if (!parsed) return bad(explain(parsed.error()));
    const auto again = encode_receipt(*parsed);
    if (!again || *again != json) return bad("the document is not in canonical form");
    return parsed;
}

}  // namespace iapp::attest
