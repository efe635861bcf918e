#include "tee/internal/tsm_request.hpp"

#include <unistd.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/hex.hpp"
#include "base/log.hpp"
#include "crypto/random.hpp"
#include "tee/internal/attempts.hpp"

namespace iapp::tee::internal {
namespace {

constexpr std::size_t kMaxLine = 64;
constexpr int kNamesToTry = 4;
constexpr int kRemovals = 4;

struct Provider {
    std::string_view name;
    attest::EvidenceKind kind;
};
constexpr std::array kProviders{Provider{"tdx_guest", attest::EvidenceKind::tdx},
                                Provider{"sev_guest", attest::EvidenceKind::snp}};

std::string unused_name()
{
    std::array<std::uint8_t, 16> random;
    crypto::random_fill(random);
    return "iapp-" + std::to_string(::getpid()) + "-" + hex(random);
}

/// An attribute of text is one line: exactly one newline is the kernel's, everything else is the value.
std::string_view line_of(const Bytes& bytes)
{
    std::string_view text = as_text(bytes);
    if (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

/// Codes of mkdir that mean: this machine has no such interface, or no provider behind it.
bool is_absence(std::errc code)
{
    return code == std::errc::no_such_file_or_directory || code == std::errc::not_a_directory ||
           code == std::errc::no_such_device_or_address || code == std::errc::no_such_device ||
           code == std::errc::permission_denied || code == std::errc::operation_not_permitted ||
           code == std::errc::read_only_file_system;
}

std::unexpected<Error> absent(const std::string& root, std::errc code)
{
    return fail(ErrorKind::unavailable, "tee.unavailable",
                "cannot make a report request below " + root + " (" + words(code) +
                    "); evidence needs a confidential VM with Linux 6.7 or newer, configfs mounted, the tdx_guest or "
                    "sev_guest driver loaded, and the right to write there");
}

}  // namespace

Result<TsmRequest> TsmRequest::create(PseudoFiles& files, const std::string& root, const RetryPolicy& retry)
{
    for (int i = 0; i < kNamesToTry; ++i) {
        std::string dir = root + "/" + unused_name();
        const auto made = try_repeatedly(retry, [&]() -> Status {
            const auto outcome = files.make_directory(dir);
            if (outcome) return {};
            if (outcome.error() == std::errc::file_exists) return fail(ErrorKind::conflict, "tee.exists");
            if (is_absence(outcome.error())) return absent(root, outcome.error());
            return system_failure(outcome.error(), "cannot make a report request");
        });
        if (made) return TsmRequest(files, std::move(dir));
        if (made.error().reason != "tee.exists") return std::unexpected(made.error());
    }
    return fail(ErrorKind::unavailable, kBusy, "every name for a report request is taken: something is wrong below " + root);
}

TsmRequest::TsmRequest(TsmRequest&& other) noexcept : files_(other.files_), dir_(std::exchange(other.dir_, {})) {}

TsmRequest::~TsmRequest()
{
    if (dir_.empty()) return;
    for (int i = 0; i < kRemovals; ++i)
        if (files_->remove_directory(dir_)) return;
    log::warning("a report request stays behind", {{"directory", dir_}});
}

Result<Bytes> TsmRequest::read(std::string_view attribute, std::size_t max_bytes) const
{
    auto bytes = files_->read(dir_ + "/" + std::string(attribute), max_bytes);
    if (!bytes) return system_failure(bytes.error(), "cannot read " + std::string(attribute));
    return *std::move(bytes);
}

Status TsmRequest::write(std::string_view attribute, ByteView bytes) const
{
    const auto written = files_->write(dir_ + "/" + std::string(attribute), bytes);
    if (!written) return system_failure(written.error(), "cannot write " + std::string(attribute));
    return {};
}

Result<std::uint64_t> TsmRequest::read_number(std::string_view attribute) const
{
    TRY(const Bytes bytes, read(attribute, kMaxLine));
    const std::string_view text = line_of(bytes);
    std::uint64_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || code != std::errc{} || end != text.data() + text.size())
        return fail(ErrorKind::corrupt, "tee.generation", std::string(attribute) + " does not read as one decimal number");
    return value;
}

Result<attest::EvidenceKind> TsmRequest::provider() const
{
    TRY(const Bytes bytes, read("provider", kMaxLine));
    const std::string_view name = line_of(bytes);
    for (const Provider& known : kProviders)
        if (name == known.name) return known.kind;
    return fail(ErrorKind::permission_denied, "tee.provider",
                "the kernel's report provider is '" + std::string(name) + "', and only tdx_guest and sev_guest are known");
}

Status TsmRequest::choose_privilege(unsigned level) const
{
    TRY(const std::uint64_t floor, read_number("privlevel_floor"));
    if (level < floor || level > 3)
        return fail(ErrorKind::invalid_input, "tee.privilege_level",
                    "privilege level " + std::to_string(level) + " is not between this guest's floor, " +
                        std::to_string(floor) + ", and 3");
    return write("privlevel", as_bytes(std::to_string(level)));
}

Result<TsmReport> TsmRequest::attempt(attest::EvidenceKind kind, const attest::ReportData& report_data) const
{
    TRY(const std::uint64_t before, read_number("generation"));
    // configfs acts on a binary attribute when it is closed and drops the error of that: only the generation tells.
    TRY_OK(write("inblob", report_data.bytes()));
    TRY(Bytes evidence, read("outblob", kMaxTsmBlob));
    Bytes table;
    if (kind == attest::EvidenceKind::snp) {
        TRY(table, read("auxblob", kMaxTsmBlob));
    }
    TRY(const std::uint64_t after, read_number("generation"));
    if (after != before + 1)
        return fail(ErrorKind::unavailable, kRaced,
                    "the request's generation went from " + std::to_string(before) + " to " + std::to_string(after) +
                        ": somebody else uses it, or our input did not arrive");
    return TsmReport{{kind, std::move(evidence)}, std::move(table)};
}

}  // namespace iapp::tee::internal
