#include "wire/agent_api.hpp"

#include "codec/base64.hpp"
#include "crypto/hash.hpp"
#include "eth/eip712.hpp"
#include "wire/internal/json_pieces.hpp"

namespace iapp::wire {
namespace {

constexpr json::Limits kSmall{.max_bytes = 4096, .max_depth = 4};
constexpr json::Limits kRequestLimits{.max_bytes = kMaxReleaseRequestBytes, .max_depth = 8};
constexpr json::Limits kReplyLimits{.max_bytes = 16U << 20U, .max_depth = 4};
constexpr std::size_t kHpkeEncBytes = 32;
constexpr std::uint64_t kMaxChainId = (1ULL << 53U) - 1;  ///< what a ledger leaf can say; EIP-2294 allows no more

json::Object evidence_object(const attest::Evidence& evidence)
{
    return {{"kind", attest::name(evidence.kind)}, {"quote", codec::base64(evidence.bytes)}};
}

Result<attest::Evidence> read_evidence(const json::ObjectReader& in)
{
    TRY_OK(in.only({"kind", "quote"}));
    TRY(const std::string_view kind_text, in.text("kind"));
    TRY(const attest::EvidenceKind kind, attest::parse_evidence_kind(kind_text));
    TRY(Bytes quote, in.bytes_base64("quote"));
    return attest::Evidence{kind, std::move(quote)};
}

Result<ReleaseRequest> read_release_request(const json::ObjectReader& in)
{
    TRY(const std::uint64_t chain_id, in.u64("chainId", kMaxChainId));
    TRY(const auto hub, in.id<eth::Address>("hub"));
    TRY(const auto deal, in.id<poco::DealId>("dealId"));
    TRY(const auto task, in.id<poco::TaskId>("taskId"));
    TRY(const std::uint64_t index, in.u64("index"));
    TRY(const auto worker, in.id<eth::Address>("worker"));
    TRY(const auto nonce, in.id<ReleaseNonce>("nonce"));
    TRY(const auto key, in.id<crypto::HpkePublicKey>("hpkePublicKey"));
    TRY(const auto enclave, in.id<eth::Address>("enclaveAddress"));
    TRY(const json::ObjectReader evidence_in, in.object("evidence"));
    TRY(attest::Evidence evidence, read_evidence(evidence_in));
    TRY(const std::string log_text, internal::read_nested(in, "eventLog"));
    TRY(attest::EventLog log, attest::parse_event_log(log_text));
    return ReleaseRequest{chain_id,      hub, deal, task, index, worker, nonce, key, enclave, std::move(evidence),
                          std::move(log)};
}

}  // namespace

std::string encode(const NonceRequest& request) { return json::print(json::Object{{"taskId", request.task.hex()}}); }

std::string encode(const NonceReply& reply)
{
    return json::print(json::Object{{"nonce", reply.nonce.hex()}, {"expiresAt", iso8601(reply.expires_at)}});
}

Result<NonceRequest> parse_nonce_request(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kSmall));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"taskId"}));
    TRY(const auto task, in.id<poco::TaskId>("taskId"));
    return NonceRequest{task};
}

Result<NonceReply> parse_nonce_reply(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kSmall));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"nonce", "expiresAt"}));
    TRY(const auto nonce, in.id<ReleaseNonce>("nonce"));
    TRY(const std::string_view time_text, in.text("expiresAt"));
    TRY(const UnixSeconds expires_at, parse_iso8601(time_text));
    return NonceReply{nonce, expires_at};
}

std::string encode(const ReleaseRequest& request)
{
    return json::print(json::Object{{"schema", kReleaseRequestSchema},
                                    {"chainId", request.chain_id},
                                    {"hub", eth::to_checksum(request.hub)},
                                    {"dealId", request.deal.hex()},
                                    {"taskId", request.task.hex()},
                                    {"index", request.index},
                                    {"worker", eth::to_checksum(request.worker)},
                                    {"nonce", request.nonce.hex()},
                                    {"hpkePublicKey", request.hpke_public_key.hex()},
                                    {"enclaveAddress", eth::to_checksum(request.enclave_address)},
                                    {"evidence", evidence_object(request.evidence)},
                                    {"eventLog", internal::nest(attest::encode_event_log(request.event_log))}});
}

Result<ReleaseRequest> parse_release_request(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kRequestLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"schema", "chainId", "hub", "dealId", "taskId", "index", "worker", "nonce", "hpkePublicKey",
                    "enclaveAddress", "evidence", "eventLog"}));
    TRY(const std::string_view schema, in.text("schema"));
    if (schema != kReleaseRequestSchema)
        return fail(ErrorKind::invalid_input, "release.schema", "schema is not " + std::string(kReleaseRequestSchema));
    return read_release_request(in);
}

Bytes key_release_info(const poco::TaskId& task)
{
    Bytes info = to_bytes(kKeyReleaseInfo);
    append(info, task.bytes());
    return info;
}

Hash256 reply_digest(std::uint64_t chain_id, const eth::Address& hub, std::string_view request_body, ByteView enc,
                     ByteView ciphertext)
{
    static const Hash256 type = eth::type_hash("KeyRelease(bytes32 request,bytes32 enc,bytes32 ciphertext)");
    return eth::typed_digest(eth::domain_separator({"iapp-sms", "1", chain_id, hub}),
                             eth::StructHash{type}
                                 .bytes32(crypto::sha256(as_bytes(request_body)))
                                 .bytes32(crypto::sha256(enc))
                                 .bytes32(crypto::sha256(ciphertext))
                                 .finish());
}

std::string encode(const SealedReply& reply)
{
    return json::print(json::Object{
        {"enc", hex0x(reply.enc)}, {"ciphertext", codec::base64(reply.ciphertext)}, {"signature", reply.signature.hex()}});
}

Result<SealedReply> parse_sealed_reply(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, kReplyLimits));
    TRY(const json::ObjectReader in, json::ObjectReader::of(value));
    TRY_OK(in.only({"enc", "ciphertext", "signature"}));
    TRY(Bytes enc, in.bytes_hex("enc"));
    if (enc.size() != kHpkeEncBytes) return fail(ErrorKind::invalid_input, "json.text", "$.enc is not 32 bytes");
    TRY(Bytes ciphertext, in.bytes_base64("ciphertext"));
    TRY(const auto signature, internal::read_signature(in, "signature"));
    return SealedReply{std::move(enc), std::move(ciphertext), signature};
}

}  // namespace iapp::wire
