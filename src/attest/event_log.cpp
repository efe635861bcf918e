#include "attest/event_log.hpp"

#include <algorithm>

#include "attest/internal/big_endian.hpp"
#include "attest/internal/cursor.hpp"
#include "attest/internal/json_text.hpp"
#include "attest/json_forms.hpp"
#include "codec/base64.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMaxEntries = 64;
constexpr std::size_t kMaxName = 64;  ///< of a domain or an operation; far below what its u16 length can say
constexpr std::size_t kMaxLogBytes = 256 * 1024;
constexpr std::array kOrder{op::kAgentConfig, op::kAppImage, op::kAppManifest, op::kDeal, op::kTask, op::kReady};
constexpr std::string_view kImagePrefix = "sha256:";

std::size_t position(std::string_view operation)
{
    return static_cast<std::size_t>(std::ranges::find(kOrder, operation) - kOrder.begin());
}

std::string at(const LogEntry& entry) { return "entry " + std::to_string(entry.seq) + " (" + entry.op + ")"; }

/// Every digest is the hash of what its entry says, positions count from zero, and the whole replays to the register.
Status check_replay(const EventLog& log, const Hash384& rtmr3, CheckLog& checks)
{
    for (std::size_t i = 0; i < log.size(); ++i) {
        const LogEntry& entry = log[i];
        if (entry.seq != i)
            return checks.fail(CheckId::event_log_replay, at(entry) + " stands at position " + std::to_string(i));
        if (entry.digest != entry_digest(entry.seq, entry.domain, entry.op, entry.payload))
            return checks.fail(CheckId::event_log_replay, at(entry) + ": the digest is not the hash of the entry");
    }
    return checks.require(CheckId::event_log_replay, replay(log) == rtmr3,
                          "the log does not replay to the RTMR3 of the quote");
}

Status check_known(const EventLog& log, CheckLog& checks)
{
    for (const LogEntry& entry : log)
        if (entry.domain != kLogDomain || position(entry.op) == kOrder.size())
            return checks.fail(CheckId::event_log_unknown, at(entry) + " is not an operation of domain iapp");
    checks.pass(CheckId::event_log_unknown);
    return {};
}

Status check_unique(const EventLog& log, CheckLog& checks)
{
    std::array<bool, kOrder.size()> seen{};
    for (const LogEntry& entry : log) {
        bool& mine = seen[position(entry.op)];
        if (mine) return checks.fail(CheckId::event_log_duplicate, at(entry) + " appears a second time");
        mine = true;
    }
    checks.pass(CheckId::event_log_duplicate);
    return {};
}

Status check_sentinel(const EventLog& log, CheckLog& checks)
{
    const auto ready = std::ranges::find(log, op::kReady, &LogEntry::op);
    if (ready != log.end() && ready + 1 != log.end())
        return checks.fail(CheckId::event_log_after_ready, at(*(ready + 1)) + " follows ready");
    checks.pass(CheckId::event_log_after_ready);
    return {};
}

Status check_order(const EventLog& log, CheckLog& checks)
{
    return checks.require(CheckId::event_log_order,
                          std::ranges::is_sorted(log, {}, [](const LogEntry& e) { return position(e.op); }),
                          "the operations are not in the order agent-config, app-image, app-manifest, deal, task, ready");
}

Status check_complete(const EventLog& log, CheckLog& checks)
{
    for (const std::string_view operation : kOrder)
        if (std::ranges::find(log, operation, &LogEntry::op) == log.end())
            return checks.fail(CheckId::event_log_missing, "no entry " + std::string(operation));
    checks.pass(CheckId::event_log_missing);
    return {};
}

Result<Hash256> read_image(ByteView payload)
{
    const std::string_view text = as_text(payload);
    if (!text.starts_with(kImagePrefix) || has_upper_case_digit(text))
        return fail(ErrorKind::invalid_input, "attest.event_log_payload",
                    "app-image is not sha256:<64 lower-case hex digits>");
    return Hash256::from_hex("0x" + std::string(text.substr(kImagePrefix.size())));
}

/// Reads the payloads of a log that already has exactly the six operations in order.
Result<RunIdentity> read_identity(const EventLog& log, CheckLog& checks)
{
    const auto image = read_image(log[1].payload);
    if (!image) return checks.fail(CheckId::event_log_payload, at(log[1]) + ": not sha256:<64 lower-case hex digits>");

    ByteView deal = log[3].payload;
    if (deal.size() != 8 + 20 + 32) return checks.fail(CheckId::event_log_payload, at(log[3]) + ": not 60 bytes");
    std::uint64_t chain_id = 0;
    for (const std::uint8_t byte : deal.first(8)) chain_id = chain_id << 8 | byte;
    Cursor rest(deal.subspan(8));
    const auto hub = rest.id<eth::Address>();
    const auto deal_id = rest.id<Hash256>();

    const auto task = Hash256::from_bytes(log[4].payload);
    if (!task) return checks.fail(CheckId::event_log_payload, at(log[4]) + ": not 32 bytes");
    if (!log[5].payload.empty()) return checks.fail(CheckId::event_log_payload, at(log[5]) + ": not empty");
    checks.pass(CheckId::event_log_payload);
    return RunIdentity{.agent_config = log[0].payload,
                       .image_digest = *image,
                       .app_manifest = log[2].payload,
                       .chain_id = chain_id,
                       .hub = hub,
                       .deal = deal_id,
                       .task = *task};
}

Result<LogEntry> parse_entry(const json::ObjectReader& entry)
{
    TRY_OK(entry.only({"seq", "domain", "op", "digest", "payload"}));
    TRY(const std::uint64_t seq, entry.u64("seq"));
    TRY(const std::string_view domain, entry.text("domain"));
    TRY(const std::string_view operation, entry.text("op"));
    TRY(const std::string_view digits, entry.text("digest"));
    if (domain.size() > kMaxName || operation.size() > kMaxName || has_upper_case_digit(digits))
        return fail(ErrorKind::invalid_input, "json.range",
                    entry.path() + ": a name is too long, or a digest has upper-case digits");
    TRY(const Hash384 digest, parse_digits<Hash384>(digits));
    TRY(Bytes payload, entry.bytes_base64("payload"));
    return LogEntry{seq, std::string(domain), std::string(operation), digest, std::move(payload)};
}

Result<EventLog> parse_entries(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, {.max_bytes = kMaxLogBytes, .max_depth = 4}));
    return event_log_from_json(value);
}

}  // namespace

Result<EventLog> event_log_from_json(const json::Value& value)
{
    TRY(const json::ArrayReader array, json::ArrayReader::of(value));
    if (array.size() > kMaxEntries) return fail(ErrorKind::invalid_input, "attest.event_log_format", "more than 64 entries");
    EventLog log;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader entry, array.object(i));
        TRY(LogEntry parsed, parse_entry(entry));
        log.push_back(std::move(parsed));
    }
    return log;
}

json::Value to_json(const EventLog& log)
{
    json::Array array;
    for (const LogEntry& entry : log)
        array.push_back(json::Object{{"seq", entry.seq},
                                     {"domain", entry.domain},
                                     {"op", entry.op},
                                     {"digest", hex(entry.digest.bytes())},
                                     {"payload", codec::base64(entry.payload)}});
    return array;
}

Hash384 entry_digest(std::uint64_t seq, std::string_view domain, std::string_view op, ByteView payload)
{
    Bytes text = to_bytes("iapp-rt/1");
    append_u64le(text, seq);
    append_prefixed(text, as_bytes(domain));
    append_prefixed(text, as_bytes(op));
    append(text, crypto::sha384(payload).bytes());
    return crypto::sha384(text);
}

LogEntry make_entry(std::uint64_t seq, std::string_view op, Bytes payload)
{
    const Hash384 digest = entry_digest(seq, kLogDomain, op, payload);
    return {seq, std::string(kLogDomain), std::string(op), digest, std::move(payload)};
}

Hash384 extend(const Hash384& rtmr, const Hash384& digest)
{
    return crypto::Sha384().update(rtmr.bytes()).update(digest.bytes()).finish();
}

Hash384 replay(const EventLog& log)
{
    Hash384 rtmr = Hash384::zero();
    for (const LogEntry& entry : log) rtmr = extend(rtmr, entry.digest);
    return rtmr;
}

Bytes deal_payload(std::uint64_t chain_id, const eth::Address& hub, const Hash256& deal)
{
    Bytes out;
    append_u64be(out, chain_id);
    append(out, hub.bytes());
    append(out, deal.bytes());
    return out;
}

Bytes image_payload(const Hash256& manifest_digest)
{
    return to_bytes(std::string(kImagePrefix) + hex(manifest_digest.bytes()));
}

std::string encode_event_log(const EventLog& log) { return json::print(to_json(log)); }

Result<EventLog> parse_event_log(std::string_view text)
{
    auto log = parse_entries(text);
    if (!log) return fail(ErrorKind::invalid_input, "attest.event_log_format", explain(log.error()));
    return log;
}

Result<RunIdentity> appraise_event_log(const EventLog& log, const Hash384& rtmr3, CheckLog& checks)
{
    TRY_OK(check_replay(log, rtmr3, checks));
    TRY_OK(check_known(log, checks));
    TRY_OK(check_unique(log, checks));
    TRY_OK(check_sentinel(log, checks));
    TRY_OK(check_order(log, checks));
    TRY_OK(check_complete(log, checks));
    return read_identity(log, checks);
}

}  // namespace iapp::attest
