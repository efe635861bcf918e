#include "attest/runtime_log.hpp"

#include "attest/internal/json_text.hpp"
#include "codec/json.hpp"
#include "codec/utf8.hpp"

namespace iapp::attest {
namespace {

constexpr std::size_t kMaxEvents = 1024;
constexpr std::size_t kMaxLogBytes = 1024 * 1024;
constexpr std::size_t kMaxName = 256;
constexpr std::uint32_t kRegisters = 4;

std::string at(const RuntimeEvent& event, std::size_t position)
{
    return "event " + std::to_string(position) + " (" + event.name + ")";
}

std::unexpected<Error> bad_event(std::string detail)
{
    return fail(ErrorKind::permission_denied, "attest.runtime_log_event", std::move(detail));
}

Result<Bytes> parse_lower_hex(std::string_view digits)
{
    if (has_upper_case_digit(digits)) return fail(ErrorKind::invalid_input, "hex.digit", "upper-case hexadecimal digits");
    return parse_hex(digits);
}

Result<std::optional<Hash384>> parse_digest(std::string_view digits)
{
    if (digits.empty()) return std::optional<Hash384>();
    TRY(const Bytes raw, parse_lower_hex(digits));
    TRY(const Hash384 digest, Hash384::from_bytes(raw));
    return std::optional(digest);
}

/// Newer senders call the member "hash_input", older ones "preimage".
Result<std::optional<Bytes>> parse_hash_input(const json::ObjectReader& entry)
{
    TRY(const auto newer, entry.find_text("hash_input"));
    TRY(const auto older, entry.find_text("preimage"));
    if (!newer && !older) return std::optional<Bytes>();
    if (newer && older) return fail(ErrorKind::invalid_input, "json.range", entry.path() + ": both hash_input and preimage");
    TRY(Bytes bytes, parse_lower_hex(newer ? *newer : *older));
    return std::optional(std::move(bytes));
}

Result<RuntimeEvent> parse_event(const json::ObjectReader& entry)
{
    TRY_OK(entry.only({"imr", "event_type", "digest", "event", "event_payload", "version", "preimage", "hash_input"}));
    TRY(const std::uint64_t imr, entry.u64("imr", kRegisters - 1));
    TRY(const std::uint64_t type, entry.u64("event_type", 0xffffffff));
    TRY(const std::string_view digest, entry.text("digest"));
    TRY(const std::string_view name, entry.text("event"));
    TRY(const std::string_view payload, entry.text("event_payload"));
    TRY(const std::optional<std::uint64_t> version, entry.find_u64("version", 2));
    if (name.size() > kMaxName || version == 0U)
        return fail(ErrorKind::invalid_input, "json.range", entry.path() + ": name or version out of range");
    RuntimeEvent event{static_cast<std::uint32_t>(imr),
                       static_cast<std::uint32_t>(type),
                       {},
                       std::string(name),
                       {},
                       version == 2U ? RuntimeDigestVersion::v2 : RuntimeDigestVersion::v1,
                       {}};
    TRY(event.digest, parse_digest(digest));
    TRY(event.payload, parse_lower_hex(payload));
    TRY(event.hash_input, parse_hash_input(entry));
    return event;
}

Result<RuntimeLog> parse_events(std::string_view text)
{
    TRY(const json::Value value, json::parse(text, {.max_bytes = kMaxLogBytes, .max_depth = 4}));
    TRY(const json::ArrayReader array, json::ArrayReader::of(value));
    if (array.size() > kMaxEvents) return fail(ErrorKind::invalid_input, "json.range", "more than 1024 events");
    RuntimeLog log;
    for (std::size_t i = 0; i < array.size(); ++i) {
        TRY(const json::ObjectReader entry, array.object(i));
        TRY(RuntimeEvent event, parse_event(entry));
        log.push_back(std::move(event));
    }
    return log;
}

json::Object to_json(const RuntimeEvent& event)
{
    json::Object entry;
    entry["imr"] = event.imr;
    entry["event_type"] = event.type;
    entry["digest"] = event.digest ? hex(event.digest->bytes()) : std::string();
    entry["event"] = event.name;
    entry["event_payload"] = hex(event.payload);
    if (event.version != RuntimeDigestVersion::v1) entry["version"] = static_cast<unsigned>(event.version);
    if (event.hash_input) entry["hash_input"] = hex(*event.hash_input);
    return entry;
}

/// Version 2: JSON by RFC 8785, so no byte can move between name and payload.
Result<Bytes> canonical_event(const RuntimeEvent& event)
{
    json::Object object;
    object["name"] = event.name;
    object["payload"] = hex(event.payload);
    object["type"] = kRuntimeEventType;
    const auto text = json::canonical(object);
    if (!text) return bad_event(explain(text.error()));
    return to_bytes(*text);
}

/// The digest that extended the register. An event of another type has no preimage here: only its own word for it.
Result<Hash384> digest_of(const RuntimeEvent& event, const std::string& where)
{
    const bool runtime = event.type == kRuntimeEventType;
    // A foreign type in RTMR3 would hide an event: its name would be gone while its digest still replays.
    if (runtime != (event.imr == kRuntimeRegister))
        return bad_event(where + ": runtime events, and nothing else, are in RTMR3");
    if (!runtime) {
        if (!event.digest || event.hash_input) return bad_event(where + ": a boot event has a digest and no hash input");
        return *event.digest;
    }
    const auto input = runtime_hash_input(event);
    if (!input) return bad_event(where + ": " + input.error().detail);
    if (event.hash_input && event.hash_input != *input)
        return bad_event(where + ": the hash input is not that of the event");
    const Hash384 digest = crypto::sha384(*input);
    if (event.digest && event.digest != digest) return bad_event(where + ": the digest is not the hash of the event");
    return digest;
}

Result<std::map<std::uint32_t, Bytes>> replay(const RuntimeLog& log)
{
    std::map<std::uint32_t, Bytes> values;
    for (std::uint32_t i = 0; i < kRegisters; ++i) values[i] = Bytes(Hash384::kSize, 0);
    for (std::size_t i = 0; i < log.size(); ++i) {
        TRY(const Hash384 digest, digest_of(log[i], at(log[i], i)));
        Bytes& value = values[log[i].imr];
        value = extend(HashAlgorithm::sha384, value, digest.bytes());
    }
    return values;
}

Status check_replay(const std::map<std::uint32_t, Bytes>& replayed, const MeasuredRegisters& registers, CheckLog& checks)
{
    if (registers.kind != RegisterKind::rtmr || !registers.values.contains(kRuntimeRegister))
        return checks.fail(CheckId::runtime_log_replay, "RTMR3 is not among the registers to replay to");
    for (const auto& [index, value] : registers.values) {
        const auto found = replayed.find(index);
        if (found == replayed.end() || found->second != value)
            return checks.fail(CheckId::runtime_log_replay, "the log does not replay to RTMR" + std::to_string(index));
    }
    checks.pass(CheckId::runtime_log_replay);
    return {};
}

Status check_unique(const std::vector<const RuntimeEvent*>& events, const RuntimeLogPolicy& policy, CheckLog& checks)
{
    const auto count = [&](std::string_view name) {
        return std::ranges::count_if(events, [&](const RuntimeEvent* e) { return e->name == name; });
    };
    for (const std::string& name : policy.identity)
        if (count(name) > 1) return checks.fail(CheckId::runtime_log_duplicate, name + " appears twice");
    if (count(policy.sentinel) > 1) return checks.fail(CheckId::runtime_log_duplicate, policy.sentinel + " appears twice");
    checks.pass(CheckId::runtime_log_duplicate);
    return {};
}

}  // namespace

Result<Bytes> runtime_hash_input(const RuntimeEvent& event)
{
    if (event.name.empty() || !codec::is_utf8(event.name)) return bad_event("the name is empty or not UTF-8");
    if (event.version == RuntimeDigestVersion::v2) return canonical_event(event);
    if (event.name.contains(':')) return bad_event("a name with ':' is ambiguous in version 1");
    Bytes out;
    for (unsigned i = 0; i < 4; ++i) out.push_back(static_cast<std::uint8_t>(kRuntimeEventType >> (8 * i)));
    out.push_back(':');
    append(out, as_bytes(event.name));
    out.push_back(':');
    append(out, event.payload);
    return out;
}

Result<RuntimeLog> parse_runtime_log(std::string_view text)
{
    auto log = parse_events(text);
    if (!log) return fail(ErrorKind::invalid_input, "attest.runtime_log_format", explain(log.error()));
    return log;
}

std::string encode_runtime_log(const RuntimeLog& log)
{
    json::Array out;
    for (const RuntimeEvent& event : log) out.emplace_back(to_json(event));
    return json::print(out);
}

const Bytes* RuntimeFacts::identity(std::string_view name) const
{
    if (std::ranges::find(identity_names_, name) == identity_names_.end()) return nullptr;
    const auto found = std::ranges::find(launch_, name, &Named::name);
    return found == launch_.end() ? nullptr : &found->payload;
}

Result<RuntimeFacts> appraise_runtime_log(const RuntimeLog& log, const MeasuredRegisters& registers,
                                          const RuntimeLogPolicy& policy, CheckLog& checks)
{
    const auto replayed = replay(log);
    if (!replayed) return checks.fail(CheckId::runtime_log_event, replayed.error().detail);
    checks.pass(CheckId::runtime_log_event);
    TRY_OK(check_replay(*replayed, registers, checks));

    std::vector<const RuntimeEvent*> events;
    for (const RuntimeEvent& event : log)
        if (event.imr == kRuntimeRegister) events.push_back(&event);
    TRY_OK(check_unique(events, policy, checks));

    const auto sentinel = std::ranges::find_if(events, [&](const RuntimeEvent* e) { return e->name == policy.sentinel; });
    if (sentinel == events.end()) return checks.fail(CheckId::runtime_log_sentinel, "no event " + policy.sentinel);
    const auto late = std::ranges::find_if(sentinel, events.end(), [&](const RuntimeEvent* e) {
        return std::ranges::find(policy.identity, e->name) != policy.identity.end();
    });
    if (late != events.end())
        return checks.fail(CheckId::runtime_log_sentinel, (*late)->name + " follows " + policy.sentinel);
    checks.pass(CheckId::runtime_log_sentinel);

    RuntimeFacts facts;
    facts.identity_names_ = policy.identity;
    for (auto event = events.begin(); event != sentinel; ++event)
        facts.launch_.push_back({(*event)->name, (*event)->payload});
    return facts;
}

}  // namespace iapp::attest
