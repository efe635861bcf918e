// The plaintext of a key release: encode and strict parse. Everything it allocates is wiped, because it carries keys.
#include <boost/json/serializer.hpp>
#include <charconv>

#include "codec/base64.hpp"
#include "wire/agent_api.hpp"
#include "wire/internal/deal_json.hpp"
#include "wire/internal/json_pieces.hpp"
#include "wire/internal/wiping_memory.hpp"

namespace iapp::wire {
namespace {

using boost::json::storage_ptr;
using crypto::SecretAccess;
using crypto::SecretBytes;

constexpr json::Limits kBundleLimits{.max_bytes = 8U << 20U, .max_depth = 16};

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

/// Secret text or base64 straight into wiped memory.
json::Value secret_text(const SecretBytes& secret, const storage_ptr& memory)
{
    return json::Value(boost::json::string(as_text(secret.reveal(SecretAccess{})), memory));
}

json::Value secret_base64(const SecretBytes& secret, const storage_ptr& memory)
{
    std::string text = codec::base64(secret.reveal(SecretAccess{}));
    json::Value value(boost::json::string(text, memory));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    return value;
}

json::Object dataset_object(const ReleasedDataset& dataset, const storage_ptr& memory)
{
    json::Object out({{"position", dataset.position},
                      {"address", eth::to_checksum(dataset.address)},
                      {"name", dataset.name},
                      {"url", dataset.url},
                      {"checksum", dataset.checksum.hex()}},
                     memory);
    out["key"] = secret_base64(dataset.key, memory);
    return out;
}

json::Object dataset_object(const RefusedDataset& dataset, const storage_ptr& memory)
{
    return json::Object({{"position", dataset.position},
                         {"address", eth::to_checksum(dataset.address)},
                         {"refused", {{"id", dataset.id}, {"message", dataset.message}}}},
                        memory);
}

json::Object result_object(const ResultMode& mode)
{
    return std::visit(Overloaded{[](const SealToNobody&) {
                                     return json::Object{{"mode", "none"}};
                                 },
                                 [](const SealToAge& age) {
                                     return json::Object{{"mode", "age"}, {"recipient", age.recipient}};
                                 },
                                 [](const SealToRsa& rsa) {
                                     return json::Object{{"mode", "rsa"}, {"publicKeyPem", rsa.public_key_pem}};
                                 }},
                      mode);
}

json::Object decision_object(const attest::Decision& decision)
{
    json::Array inclusion;
    for (const Hash256& hash : decision.inclusion) inclusion.emplace_back(hash.hex());
    return {{"leaf", codec::base64(decision.leaf)},
            {"index", decision.index},
            {"treeHead", internal::tree_head_object(decision.tree_head)},
            {"inclusion", std::move(inclusion)}};
}

json::Object orders_object(const OrderHashes& orders)
{
    return {{"app", orders.app.hex()},
            {"dataset", orders.dataset.hex()},
            {"workerpool", orders.workerpool.hex()},
            {"request", orders.request.hex()}};
}

json::Array verdict_array(const std::vector<attest::CheckOutcome>& verdict)
{
    json::Array out;
    for (const attest::CheckOutcome& check : verdict)
        out.push_back(json::Object{
            {"check", attest::info(check.id).reason}, {"outcome", attest::name(check.outcome)}, {"detail", check.detail}});
    return out;
}

json::Value bundle_value(const ReleaseBundle& bundle, const storage_ptr& memory)
{
    json::Object out(memory);
    out["schema"] = kReleaseSchema;
    out["deal"] = internal::deal_object(bundle.deal, bundle.category_time);
    out["taskId"] = bundle.task.hex();
    out["index"] = bundle.index;
    json::Array& datasets = out["datasets"].emplace_array();
    for (const BundleDataset& dataset : bundle.datasets)
        std::visit([&](const auto& one) { datasets.push_back(dataset_object(one, memory)); }, dataset);
    if (bundle.app_secret) out["appSecret"] = secret_text(*bundle.app_secret, memory);
    json::Object& secrets = out["requesterSecrets"].emplace_object();
    for (const auto& [number, secret] : bundle.requester_secrets)
        secrets[std::to_string(number)] = secret_text(secret, memory);
    out["result"] = result_object(bundle.result);
    out["decision"] = decision_object(bundle.decision);
    out["orders"] = orders_object(bundle.orders);
    out["collateral"] = internal::nest(attest::encode_collateral(bundle.collateral));
    out["verdict"] = verdict_array(bundle.verdict);
    return out;
}

/// Serializes without leaving pieces behind: a counting pass, then one buffer of the right size.
SecretBytes print_secret(const json::Value& value)
{
    std::array<char, 4096> chunk{};
    std::size_t size = 0;
    boost::json::serializer counter;
    for (counter.reset(&value); !counter.done();) size += counter.read(chunk.data(), chunk.size()).size();
    crypto::wipe({reinterpret_cast<std::uint8_t*>(chunk.data()), chunk.size()});

    SecretBytes out(size);
    boost::json::serializer writer;
    writer.reset(&value);
    writer.read(reinterpret_cast<char*>(out.writable(SecretAccess{}).data()), size);
    return out;
}

Result<BundleDataset> read_refused(const json::ObjectReader& in, std::uint64_t position, const eth::Address& address)
{
    TRY_OK(in.only({"position", "address", "refused"}));
    TRY(const json::ObjectReader refused, in.object("refused"));
    TRY_OK(refused.only({"id", "message"}));
    TRY(std::string id, internal::read_text(refused, "id"));
    TRY(std::string message, internal::read_text(refused, "message"));
    return BundleDataset{RefusedDataset{position, address, std::move(id), std::move(message)}};
}

Result<BundleDataset> read_dataset(const json::ObjectReader& in)
{
    TRY(const std::uint64_t position, in.u64("position"));
    TRY(const auto address, in.id<eth::Address>("address"));
    if (in.has("refused")) return read_refused(in, position, address);
    TRY_OK(in.only({"position", "address", "name", "url", "checksum", "key"}));
    TRY(std::string name, internal::read_text(in, "name"));
    TRY(std::string url, internal::read_text(in, "url"));
    TRY(const auto checksum, in.id<Hash256>("checksum"));
    TRY(Bytes key, in.bytes_base64("key"));
    return BundleDataset{
        ReleasedDataset{position, address, std::move(name), std::move(url), checksum, SecretBytes(std::move(key))}};
}

Result<std::vector<BundleDataset>> read_datasets(const json::ObjectReader& in)
{
    TRY(const json::ArrayReader array, in.array("datasets"));
    std::vector<BundleDataset> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader one, array.object(i));
        TRY(BundleDataset dataset, read_dataset(one));
        out.push_back(std::move(dataset));
    }
    return out;
}

Result<std::map<std::uint64_t, SecretBytes>> read_requester_secrets(const json::ObjectReader& in)
{
    TRY(const json::ObjectReader secrets, in.object("requesterSecrets"));
    std::map<std::uint64_t, SecretBytes> out;
    for (const auto& member : secrets.raw()) {
        const std::string_view digits = member.key();
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (error != std::errc{} || number == 0 || std::to_string(number) != digits)
            return fail(ErrorKind::invalid_input, "json.text", "$.requesterSecrets has a key that is not a positive number");
        TRY(const std::string_view text, secrets.text(digits));
        out.emplace(number, SecretBytes::copy_of(as_bytes(text)));
    }
    return out;
}

Result<ResultMode> read_result(const json::ObjectReader& bundle)
{
    TRY(const json::ObjectReader in, bundle.object("result"));
    TRY(const std::string_view mode, in.text("mode"));
    if (mode == "age") {
        TRY_OK(in.only({"mode", "recipient"}));
        TRY(std::string recipient, internal::read_text(in, "recipient"));
        return ResultMode{SealToAge{std::move(recipient)}};
    }
    if (mode == "rsa") {
        TRY_OK(in.only({"mode", "publicKeyPem"}));
        TRY(std::string pem, internal::read_text(in, "publicKeyPem"));
        return ResultMode{SealToRsa{std::move(pem)}};
    }
    TRY_OK(in.only({"mode"}));
    if (mode != "none") return fail(ErrorKind::invalid_input, "json.text", "$.result.mode is not age, rsa or none");
    return ResultMode{SealToNobody{}};
}

Result<attest::Decision> read_decision(const json::ObjectReader& bundle)
{
    TRY(const json::ObjectReader in, bundle.object("decision"));
    TRY_OK(in.only({"leaf", "index", "treeHead", "inclusion"}));
    TRY(Bytes leaf, in.bytes_base64("leaf"));
    TRY(const std::uint64_t index, in.u64("index"));
    TRY(const json::ObjectReader head_in, in.object("treeHead"));
    TRY(const attest::TreeHead head, internal::read_tree_head(head_in));
    TRY(const json::ArrayReader hashes, in.array("inclusion"));
    std::vector<Hash256> inclusion;
    for (std::size_t i = 0; i < hashes.size(); ++i) {
        TRY(const auto hash, hashes.id<Hash256>(i));
        inclusion.push_back(hash);
    }
    return attest::Decision{std::move(leaf), index, head, std::move(inclusion)};
}

Result<OrderHashes> read_orders(const json::ObjectReader& bundle)
{
    TRY(const json::ObjectReader in, bundle.object("orders"));
    TRY_OK(in.only({"app", "dataset", "workerpool", "request"}));
    TRY(const auto app, in.id<Hash256>("app"));
    TRY(const auto dataset, in.id<Hash256>("dataset"));
    TRY(const auto workerpool, in.id<Hash256>("workerpool"));
    TRY(const auto request, in.id<Hash256>("request"));
    return OrderHashes{app, dataset, workerpool, request};
}

Result<std::vector<attest::CheckOutcome>> read_verdict(const json::ObjectReader& bundle)
{
    TRY(const json::ArrayReader array, bundle.array("verdict"));
    std::vector<attest::CheckOutcome> out;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader in, array.object(i));
        TRY_OK(in.only({"check", "outcome", "detail"}));
        TRY(const std::string_view reason, in.text("check"));
        const auto check = attest::find_check(reason);
        if (!check) return fail(ErrorKind::invalid_input, "json.text", "$.verdict names an unknown check");
        TRY(const std::string_view outcome, in.text("outcome"));
        const auto known = attest::find_outcome(outcome);
        if (!known) return fail(ErrorKind::invalid_input, "json.text", "$.verdict has an outcome that is not one");
        TRY(std::string detail, internal::read_text(in, "detail"));
        out.push_back({check->id, *known, std::move(detail)});
    }
    return out;
}

Result<ReleaseBundle> read_bundle(const json::ObjectReader& in)
{
    TRY(const json::ObjectReader deal_in, in.object("deal"));
    TRY(internal::DealMember deal, internal::read_deal(deal_in));
    TRY(const auto task, in.id<poco::TaskId>("taskId"));
    TRY(const std::uint64_t index, in.u64("index"));
    TRY(auto datasets, read_datasets(in));
    std::optional<SecretBytes> app_secret;
    if (in.has("appSecret")) {
        TRY(const std::string_view text, in.text("appSecret"));
        app_secret = SecretBytes::copy_of(as_bytes(text));
    }
    TRY(auto requester_secrets, read_requester_secrets(in));
    TRY(ResultMode result, read_result(in));
    TRY(attest::Decision decision, read_decision(in));
    TRY(const OrderHashes orders, read_orders(in));
    TRY(const std::string collateral_text, internal::read_nested(in, "collateral"));
    TRY(attest::Collateral collateral, attest::parse_collateral(collateral_text));
    TRY(auto verdict, read_verdict(in));
    return ReleaseBundle{std::move(deal.deal),
                         deal.category_time,
                         task,
                         index,
                         std::move(datasets),
                         std::move(app_secret),
                         std::move(requester_secrets),
                         std::move(result),
                         std::move(decision),
                         orders,
                         std::move(collateral),
                         std::move(verdict)};
}

}  // namespace

SecretBytes encode(const ReleaseBundle& bundle)
{
    internal::WipingMemory memory;
    return print_secret(bundle_value(bundle, &memory));
}

Result<ReleaseBundle> parse_release_bundle(ByteView text)
{
    internal::WipingMemory memory;
    TRY(const json::Value value, json::parse(as_text(text), storage_ptr(&memory), kBundleLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"schema", "deal", "taskId", "index", "datasets", "appSecret", "requesterSecrets", "result", "decision",
                    "orders", "collateral", "verdict"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kReleaseSchema)
        return fail(ErrorKind::invalid_input, "release.schema", "schema is not " + std::string(kReleaseSchema));
    return read_bundle(in);
}

}  // namespace iapp::wire
