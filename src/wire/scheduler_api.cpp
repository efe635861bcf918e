#include "wire/scheduler_api.hpp"

#include <array>

#include "codec/json.hpp"
#include "codec/utf8.hpp"
#include "eth/signature.hpp"

namespace iapp::wire {
namespace {

constexpr json::Limits kLimits{.max_bytes = 64 * 1024, .max_depth = 4};
constexpr std::size_t kMaxReasonBytes = 128;
constexpr std::size_t kMaxDetailBytes = 4096;
constexpr std::array<std::string_view, 3> kStatusNames{"COMPUTED", "CONTRIBUTED", "FAILED"};

Result<UnixSeconds> read_time(const json::ObjectReader& body, std::string_view name)
{
    TRY(const std::string_view text, body.text(name));
    return parse_iso8601(text);
}

Result<std::string> read_text(const json::ObjectReader& body, std::string_view name)
{
    TRY(const std::string_view text, body.text(name));
    return std::string(text);
}

Result<std::optional<std::string>> find_text(const json::ObjectReader& body, std::string_view name, std::size_t most)
{
    TRY(const auto text, body.find_text(name));
    if (!text) return std::optional<std::string>{};
    return std::optional<std::string>(text->substr(0, most));
}

/// Parses an object with exactly the members `names` and hands it to `read`.
template <class Read>
auto parse_object(std::string_view text, std::initializer_list<std::string_view> names, Read read,
                  const json::Limits& limits = kLimits) -> decltype(read(std::declval<const json::ObjectReader&>()))
{
    TRY(const json::Value value, json::parse(text, limits));
    TRY(const json::ObjectReader body, json::ObjectReader::of(value));
    TRY_OK(body.only(names));
    return read(body);
}

Result<ReportStatus> parse_report_status(std::string_view text)
{
    for (std::size_t i = 0; i < kStatusNames.size(); ++i)
        if (text == kStatusNames[i]) return static_cast<ReportStatus>(i);
    return fail(ErrorKind::invalid_input, "json.text", "$.status is not COMPUTED, CONTRIBUTED or FAILED");
}

Result<Lease> read_lease(const json::ObjectReader& body)
{
    TRY(const auto task, body.id<poco::TaskId>("taskId"));
    TRY(const auto deal, body.id<poco::DealId>("dealId"));
    TRY(const std::uint64_t index, body.u64("index"));
    TRY(std::string lease_id, read_text(body, "leaseId"));
    TRY(const UnixSeconds lease_end, read_time(body, "leaseExpiresAt"));
    TRY(const UnixSeconds deadline, read_time(body, "contributionDeadline"));
    TRY(const std::uint64_t seconds, body.u64("categorySeconds"));
    TRY(const auto tag, body.id<Hash256>("tag"));
    TRY(std::string image, read_text(body, "image"));
    TRY(std::string digest, read_text(body, "imageDigest"));
    TRY(std::string sms_url, read_text(body, "smsUrl"));
    return Lease{task,
                 deal,
                 index,
                 std::move(lease_id),
                 lease_end,
                 deadline,
                 seconds,
                 tag,
                 std::move(image),
                 std::move(digest),
                 std::move(sms_url)};
}

Result<std::string> read_stream(const json::ObjectReader& log, std::string_view name)
{
    TRY(const std::string_view text, log.text(name));
    return std::string(codec::last_characters(text, kMaxLogCharacters));
}

Result<std::optional<RunLog>> find_log(const json::ObjectReader& body)
{
    TRY(const auto log, body.find_object("log"));
    if (!log) return std::optional<RunLog>{};
    TRY_OK(log->only({"stdout", "stderr", "exitCode"}));
    RunLog out;
    TRY(out.out, read_stream(*log, "stdout"));
    TRY(out.err, read_stream(*log, "stderr"));
    TRY(const auto exit_code, log->find_u64("exitCode", 255));
    if (exit_code) out.exit_code = static_cast<std::uint8_t>(*exit_code);
    return std::optional(std::move(out));
}

Result<Report> read_report(const json::ObjectReader& body)
{
    TRY(std::string lease_id, read_text(body, "leaseId"));
    TRY(const std::string_view status_text, body.text("status"));
    TRY(const ReportStatus status, parse_report_status(status_text));
    TRY(auto reason, find_text(body, "reason", kMaxReasonBytes));
    TRY(auto detail, find_text(body, "detail", kMaxDetailBytes));
    std::optional<Hash256> tx_hash;
    if (body.has("txHash")) {
        TRY(tx_hash, body.id<Hash256>("txHash"));
    }
    TRY(auto log, find_log(body));
    return Report{std::move(lease_id), status, std::move(reason), std::move(detail), tx_hash, std::move(log)};
}

json::Object object_of(const RunLog& log)
{
    json::Object out{{"stdout", log.out}, {"stderr", log.err}};
    if (log.exit_code) out["exitCode"] = *log.exit_code;
    return out;
}

}  // namespace

std::string_view name(ReportStatus status) { return kStatusNames.at(static_cast<std::size_t>(status)); }

std::string encode(const Lease& lease)
{
    return json::print(json::Object{{"taskId", lease.task.hex()},
                                    {"dealId", lease.deal.hex()},
                                    {"index", lease.index},
                                    {"leaseId", lease.lease_id},
                                    {"leaseExpiresAt", iso8601(lease.lease_expires_at)},
                                    {"contributionDeadline", iso8601(lease.contribution_deadline)},
                                    {"categorySeconds", lease.category_seconds},
                                    {"tag", lease.tag.hex()},
                                    {"image", lease.image},
                                    {"imageDigest", lease.image_digest},
                                    {"smsUrl", lease.sms_url}});
}

std::string encode(const RenewRequest& request) { return json::print(json::Object{{"leaseId", request.lease_id}}); }

std::string encode(const RenewReply& reply)
{
    return json::print(json::Object{{"leaseExpiresAt", iso8601(reply.lease_expires_at)}});
}

std::string encode(const AuthorizeRequest& request)
{
    return json::print(
        json::Object{{"leaseId", request.lease_id}, {"enclaveAddress", eth::to_checksum(request.enclave_address)}});
}

std::string encode(const AuthorizeReply& reply) { return json::print(json::Object{{"signature", reply.signature.hex()}}); }

std::string encode(const Report& report)
{
    json::Object body{{"leaseId", report.lease_id}, {"status", name(report.status)}};
    if (report.reason) body["reason"] = *report.reason;
    if (report.detail) body["detail"] = *report.detail;
    if (report.tx_hash) body["txHash"] = report.tx_hash->hex();
    if (report.log) body["log"] = object_of(*report.log);
    return json::print(body);
}

Result<Lease> parse_lease(std::string_view text)
{
    return parse_object(text,
                        {"taskId", "dealId", "index", "leaseId", "leaseExpiresAt", "contributionDeadline", "categorySeconds",
                         "tag", "image", "imageDigest", "smsUrl"},
                        read_lease);
}

Result<RenewRequest> parse_renew_request(std::string_view text)
{
    return parse_object(text, {"leaseId"}, [](const json::ObjectReader& body) -> Result<RenewRequest> {
        TRY(std::string id, read_text(body, "leaseId"));
        return RenewRequest{std::move(id)};
    });
}

Result<RenewReply> parse_renew_reply(std::string_view text)
{
    return parse_object(text, {"leaseExpiresAt"}, [](const json::ObjectReader& body) -> Result<RenewReply> {
        TRY(const UnixSeconds end, read_time(body, "leaseExpiresAt"));
        return RenewReply{end};
    });
}

Result<AuthorizeRequest> parse_authorize_request(std::string_view text)
{
    return parse_object(text, {"leaseId", "enclaveAddress"}, [](const json::ObjectReader& body) -> Result<AuthorizeRequest> {
        TRY(std::string id, read_text(body, "leaseId"));
        TRY(const auto enclave, body.id<eth::Address>("enclaveAddress"));
        return AuthorizeRequest{std::move(id), enclave};
    });
}

Result<AuthorizeReply> parse_authorize_reply(std::string_view text)
{
    return parse_object(text, {"signature"}, [](const json::ObjectReader& body) -> Result<AuthorizeReply> {
        TRY(const std::string_view hex, body.text("signature"));
        TRY(const crypto::Signature65 signature, eth::parse_signature_hex(hex));
        return AuthorizeReply{signature};
    });
}

Result<Report> parse_report(std::string_view text)
{
    return parse_object(text, {"leaseId", "status", "reason", "detail", "txHash", "log"}, read_report,
                        {.max_bytes = kMaxReportBytes, .max_depth = 4});
}

}  // namespace iapp::wire
