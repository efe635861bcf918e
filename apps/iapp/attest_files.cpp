#include "attest_files.hpp"

#include <filesystem>

#include "endorse/bundle.hpp"
#include "endorse/needs.hpp"

namespace iapp::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 64;  ///< of a folder; collateral is some ten

/// A file, or every file directly in a folder, by name.
Status add_files(const std::string& path, std::vector<Bytes>& out)
{
    std::vector<std::string> names;
    if (fs::is_directory(path)) {
        for (const auto& entry : fs::directory_iterator(path))
            if (entry.is_regular_file()) names.push_back(entry.path().string());
        std::ranges::sort(names);
    } else {
        names.push_back(path);
    }
    if (names.size() > kMaxFiles)
        return fail(ErrorKind::invalid_input, "cli.file", path + " holds more than 64 files: name a folder of collateral");
    for (const std::string& name : names) {
        TRY(Bytes bytes, read_bytes(name));
        const auto bundle = endorse::parse_bundle(as_text(bytes));
        if (!bundle) out.push_back(std::move(bytes));
        else
            for (const endorse::Entry& entry : *bundle)
                for (Bytes& file : endorse::files_of(entry)) out.push_back(std::move(file));
    }
    return {};
}

/// "2026-04-01T01:00:00Z" or seconds since 1970.
Result<UnixSeconds> parse_time(const std::string& text)
{
    const bool number = !text.empty() && text.size() <= 11 && text.find_first_not_of("0123456789") == std::string::npos;
    if (number) return UnixSeconds(std::chrono::seconds(std::stoll(text)));
    if (auto time = parse_iso8601(text)) return time;
    return fail(ErrorKind::invalid_input, "cli.time", "\"" + text + "\" is neither 2026-04-01T01:00:00Z nor unix seconds");
}

Result<Bytes> parse_digits(std::string_view text, std::string_view option)
{
    auto bytes = parse_hex(text.substr(text.starts_with("0x") ? 2 : 0));
    if (bytes && !bytes->empty()) return *std::move(bytes);
    return fail(ErrorKind::invalid_input, "cli.hex", std::string(option) + " wants an even number of hex digits");
}

/// The policy of --policy, or the waivers of a look at evidence that nobody acts on.
Result<attest::PolicyDocument> read_policy(const Arguments& arguments)
{
    const auto file = arguments.find("--policy");
    if (file) {
        TRY(const std::string text, read_file(*file));
        return attest::parse_policy(text);
    }
    attest::PolicyDocument out{attest::authenticity_only(), Hash256::zero()};
    out.policy.dangerous_any_report_data = !arguments.has("--report-data");
    return out;
}

}  // namespace

Result<attest::Trust> read_trust(const Arguments& arguments)
{
    attest::Trust out;
    if (const auto file = arguments.find("--root")) {
        TRY(const std::string pem, read_file(*file));
        TRY(out, attest::trust_roots(pem));
    }
    if (const auto file = arguments.find("--ak")) {
        TRY(const std::string pem, read_file(*file));
        auto key = crypto::PublicKey::from_spki_pem(pem);
        if (!key) return fail(ErrorKind::invalid_input, "cli.key", *file + " is not a public key in PEM");
        out.aks.spki_sha256 = {crypto::sha256(key->spki_der())};
        out.loose_ak = *std::move(key);
    }
    return out;
}

namespace {

/// A TPM quote in separate files, as tpm2-tools write them: the values of the selected registers, one after the other.
Result<std::optional<attest::TpmEvidence>> read_loose_tpm(const Arguments& arguments, const Bytes& attest,
                                                          const std::optional<crypto::PublicKey>& ak)
{
    const auto signature_file = arguments.find("--signature");
    const auto pcrs_file = arguments.find("--pcrs");
    if (!signature_file && !pcrs_file) return std::optional<attest::TpmEvidence>{};
    if (!signature_file || !pcrs_file || !ak)
        return fail(ErrorKind::invalid_input, "cli.usage", "a TPM quote in files needs --ak, --signature and --pcrs");
    TRY(const Bytes signature, read_bytes(*signature_file));
    TRY(const Bytes values, read_bytes(*pcrs_file));
    return attest::loose_tpm_evidence(attest, signature, *ak, values);
}

/// The file an option names, if it was given.
Result<std::optional<Bytes>> find_bytes(const Arguments& arguments, std::string_view option)
{
    const auto file = arguments.find(option);
    if (!file) return std::optional<Bytes>{};
    TRY(Bytes bytes, read_bytes(*file));
    return std::optional(std::move(bytes));
}

}  // namespace

Result<Bytes> read_bytes(const std::string& path)
{
    TRY(const std::string text, read_file(path));
    return to_bytes(text);
}

Result<AttestRequest> read_attest_request(const Arguments& arguments, UnixSeconds now)
{
    AttestRequest out{.submission = {}, .trust = {}, .policy = {{}, Hash256::zero()}, .challenge = std::nullopt, .at = now};
    TRY(out.submission.evidence, read_bytes(arguments.get("FILE")));
    for (const std::string_view option : {"--collateral", "--cert-chain"})
        for (const std::string& path : arguments.all(option)) TRY_OK(add_files(path, out.submission.endorsements));
    for (const std::string& path : arguments.all("--crl")) {
        TRY(Bytes list, read_bytes(path));
        out.submission.revocation_lists.push_back(std::move(list));
    }
    TRY(out.submission.vek, find_bytes(arguments, "--vcek"));
    TRY(out.submission.log, find_bytes(arguments, "--event-log"));
    TRY(out.trust, read_trust(arguments));
    TRY(out.submission.loose_tpm, read_loose_tpm(arguments, out.submission.evidence, out.trust.loose_ak));
    TRY(out.policy, read_policy(arguments));
    if (arguments.has("--allow-simulated")) out.policy.policy.dangerous_allow_simulated = true;
    if (const auto text = arguments.find("--report-data")) {
        TRY(out.challenge, parse_digits(*text, "--report-data"));
    }
    if (const auto text = arguments.find("--at")) {
        TRY(out.at, parse_time(*text));
    }
    return out;
}

}  // namespace iapp::cli
