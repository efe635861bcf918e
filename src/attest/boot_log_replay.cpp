#include "attest/boot_log.hpp"
#include "attest/internal/cursor.hpp"

namespace iapp::attest {
namespace {

constexpr std::uint32_t kRegistersOfTd = 4;
constexpr std::uint32_t kRegistersOfTpm = 24;
constexpr std::string_view kStartupLocality{"StartupLocality\0", 16};
constexpr std::string_view kGrubPrefixes[] = {"grub_cmd: ", "grub_cmd ", "kernel_cmdline: ", "grub_kernel_cmdline "};
constexpr std::uint32_t kApplicationLogTag = 0x4141454c;  // "AAEL", read as a big-endian number

std::unexpected<Error> bad(std::string detail)
{
    return fail(ErrorKind::invalid_input, "attest.boot_log_format", std::move(detail));
}

std::string at(const BootEvent& event, std::size_t position)
{
    return "event " + std::to_string(position) + " (index " + std::to_string(event.index) + ", type " +
           std::to_string(event.type) + ")";
}

/// The register an event extends: CC logs count MRTD as 0, and nothing extends MRTD.
std::optional<std::uint32_t> register_of(const BootEvent& event, RegisterKind kind)
{
    if (kind == RegisterKind::pcr) return event.index < kRegistersOfTpm ? std::optional(event.index) : std::nullopt;
    return event.index >= 1 && event.index <= kRegistersOfTd ? std::optional(event.index - 1) : std::nullopt;
}

const Bytes* digest_of(const BootEvent& event, HashAlgorithm bank)
{
    const auto found = std::ranges::find(event.digests, bank, &BootEventDigest::algorithm);
    return found == event.digests.end() ? nullptr : &found->value;
}

/// PCR17..22 belong to the dynamic root of trust: a boot without one leaves them at all ones (PC Client Platform TPM
/// Profile, table of PCR attributes).
Bytes start_value(RegisterKind kind, std::uint32_t index, HashAlgorithm bank)
{
    const bool dynamic = kind == RegisterKind::pcr && index >= 17 && index <= 22;
    return Bytes(digest_size(bank), dynamic ? 0xff : 0x00);
}

bool is_startup_locality(const BootEvent& event)
{
    return event.type == boot_event::kNoAction && as_text(event.data).starts_with(kStartupLocality);
}

using Values = std::map<std::uint32_t, Bytes>;

/// TPM2_Startup from locality 3 or after an H-CRTM (4) leaves that number in PCR0.
Status apply_startup_locality(const BootEvent& event, bool pcr0_moved, Values& values)
{
    if (event.index != 0 || event.data.size() != kStartupLocality.size() + 1 || pcr0_moved)
        return bad("the startup locality is malformed, repeated, or follows an extension of PCR0");
    const std::uint8_t locality = event.data.back();
    if (locality != 0 && locality != 3 && locality != 4)
        return bad("no TPM starts from locality " + std::to_string(locality));
    values[0].back() = locality;
    return {};
}

/// The whole of the data, or that part of it which this type hashes; nothing when neither hashes to the digest.
std::optional<ByteView> authenticated_part(const BootEvent& event, ByteView expected, HashAlgorithm bank);

/// UEFI_VARIABLE_DATA: GUID, UnicodeNameLength, VariableDataLength, name, data.
std::optional<ByteView> variable_data(ByteView data)
{
    Cursor in(data);
    in.take(16);
    const std::uint64_t name_characters = in.u64();
    const std::uint64_t size = in.u64();
    if (!in.ok() || name_characters > in.remaining() / 2) return std::nullopt;
    in.take(2 * static_cast<std::size_t>(name_characters));
    if (size != in.remaining()) return std::nullopt;
    return in.rest();
}

/// What the types with a choice may have hashed instead of the whole.
std::vector<ByteView> candidates(const BootEvent& event)
{
    const ByteView data = event.data;
    std::vector<ByteView> out{data};
    if (event.type == boot_event::kEfiVariableBoot)
        if (const auto part = variable_data(data)) out.push_back(*part);
    if (event.type == boot_event::kIpl) {
        const std::string_view text = as_text(data).substr(0, as_text(data).find('\0'));
        out.push_back(as_bytes(text));
        for (const std::string_view prefix : kGrubPrefixes)
            if (text.starts_with(prefix)) out.push_back(as_bytes(text.substr(prefix.size())));
    }
    return out;
}

/// Types whose digest may be the hash of (a part of) the data. For every other type equality would be chance.
bool may_cover_data(std::uint32_t type)
{
    using namespace boot_event;
    constexpr std::array kTypes{
        kSeparator,   kEventTag,  kCrtmVersion,         kIpl, kNonHostInfo, kEfiVariableDriverConfig, kEfiVariableBoot,
        kEfiGptEvent, kEfiAction, kEfiVariableAuthority};
    return std::ranges::find(kTypes, type) != kTypes.end();
}

/// Types whose digest is the hash of the data in every firmware: anything else means the text was replaced.
bool must_cover_data(std::uint32_t type)
{
    using namespace boot_event;
    return type == kSeparator || type == kEfiVariableDriverConfig || type == kEfiAction;
}

std::optional<ByteView> authenticated_part(const BootEvent& event, ByteView expected, HashAlgorithm bank)
{
    if (!may_cover_data(event.type)) return std::nullopt;
    for (const ByteView part : candidates(event))
        if (std::ranges::equal(digest(bank, part), expected)) return part;
    return std::nullopt;
}

/// Every register in question has the value the log leads to.
Status check_replay(const Values& replayed, const MeasuredRegisters& registers, CheckLog& checks)
{
    if (registers.values.empty()) return checks.fail(CheckId::boot_log_replay, "no register to replay to");
    for (const auto& [index, value] : registers.values) {
        const auto found = replayed.find(index);
        if (found == replayed.end() || found->second != value)
            return checks.fail(CheckId::boot_log_replay, "the log does not replay to register " + std::to_string(index));
    }
    checks.pass(CheckId::boot_log_replay);
    return {};
}

}  // namespace

Result<std::map<std::uint32_t, Bytes>> replay(const BootLog& log, RegisterKind kind, HashAlgorithm bank)
{
    if (!is_strong(bank) || std::ranges::find(log.algorithms, bank) == log.algorithms.end())
        return bad("the log has no digests of " + std::string(name(bank)) + ", or they are too weak");
    Values values;
    for (std::uint32_t i = 0; i < (kind == RegisterKind::pcr ? kRegistersOfTpm : kRegistersOfTd); ++i)
        values[i] = start_value(kind, i, bank);
    bool pcr0_moved = false;
    for (std::size_t i = 0; i < log.events.size(); ++i) {
        const BootEvent& event = log.events[i];
        if (event.type == boot_event::kNoAction) {
            if (kind == RegisterKind::pcr && is_startup_locality(event)) {
                TRY_OK(apply_startup_locality(event, pcr0_moved, values));
                pcr0_moved = true;
            }
            continue;
        }
        const auto index = register_of(event, kind);
        const Bytes* digest = digest_of(event, bank);
        if (!index || digest == nullptr) return bad(at(event, i) + " extends no register of this kind");
        values[*index] = extend(bank, values[*index], *digest);
        pcr0_moved = pcr0_moved || *index == 0;
    }
    return values;
}

Result<AppraisedBootLog> appraise_boot_log(const BootLog& log, const MeasuredRegisters& registers, CheckLog& checks)
{
    const auto replayed = replay(log, registers.kind, registers.bank);
    if (!replayed) return checks.fail(CheckId::boot_log_format, replayed.error().detail);
    checks.pass(CheckId::boot_log_format);
    TRY_OK(check_replay(*replayed, registers, checks));

    AppraisedBootLog out;
    for (std::size_t i = 0; i < log.events.size(); ++i) {
        const BootEvent& event = log.events[i];
        const auto index = register_of(event, registers.kind);
        if (event.type == boot_event::kNoAction || !index || !registers.values.contains(*index)) continue;
        const Bytes& expected = *digest_of(event, registers.bank);
        if (const auto part = authenticated_part(event, expected, registers.bank))
            out.authenticated_.push_back({*index, event.type, to_bytes(*part)});
        else if (must_cover_data(event.type))
            return checks.fail(CheckId::boot_log_event, at(event, i) + ": the data do not hash to the digest");
        else out.unauthenticated_.push_back({*index, event.type, expected, event.data});
    }
    checks.pass(CheckId::boot_log_event);
    return out;
}

Result<std::vector<ApplicationEvent>> application_events(const AppraisedBootLog& log)
{
    std::vector<ApplicationEvent> out;
    for (const AuthenticatedEvent& event : log.authenticated()) {
        if (event.type != boot_event::kEventTag) continue;
        Cursor in(event.data);
        if (in.u32() != kApplicationLogTag) continue;
        const std::uint32_t size = in.u32();
        if (!in.ok() || size != in.remaining()) return bad("the size of an application event is wrong");
        const std::string_view text = as_text(in.rest());
        const std::size_t first = text.find(' ');
        const std::size_t second = first == text.npos ? text.npos : text.find(' ', first + 1);
        if (second == text.npos) return bad("an application event is not \"domain operation content\"");
        out.push_back({event.index, std::string(text.substr(0, first)),
                       std::string(text.substr(first + 1, second - first - 1)), std::string(text.substr(second + 1))});
    }
    return out;
}

}  // namespace iapp::attest
