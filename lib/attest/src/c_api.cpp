// rooms: attest
// The C ABI over attest::judge(). Borrowed bytes become values here, exceptions become statuses, and nothing is decided.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "attest/describe.hpp"
#include "attest/detect.hpp"
#include "attest/judge.hpp"
#include "attest/result_documents.hpp"
#include "iapp/attest.h"

using namespace iapp;

struct iapp_attest_verifier {
    attest::Trust trust;
    attest::PolicyDocument policy;
    mutable attest::JudgeMemory memory{};
};

struct iapp_attest_result {
    bool accepted;
    std::string reason;
    std::string json;
    std::string text;
    std::optional<attest::Claims> claims;  ///< of an accepted result only
};

namespace {

constexpr std::size_t kMostFiles = 64;
constexpr std::size_t kMostStructBytes = 4096;
constexpr std::int64_t kMostTime = 253'402'300'799;  ///< the end of year 9999
constexpr std::string_view kArgument = "abi.argument";

/// What the first release knew of each struct; a caller that names less was not built with this header.
constexpr std::size_t kLeastOptions = offsetof(iapp_attest_options, tpm_key_count) + sizeof(std::size_t);
constexpr std::size_t kLeastRequest = offsetof(iapp_attest_request, log) + sizeof(iapp_attest_bytes);

void put_text(std::span<char> out, std::string_view text)
{
    text = text.substr(0, out.size() - 1);
    std::ranges::copy(text, out.begin());
    out[text.size()] = '\0';
}

std::int32_t report(iapp_attest_error* error, std::int32_t status, std::string_view reason, std::string_view detail)
{
    if (error != nullptr) {
        put_text(error->reason, reason);
        put_text(error->detail, detail);
    }
    return status;
}

std::int32_t report(iapp_attest_error* error, const Error& why)
{
    return report(error, IAPP_ATTEST_BAD_ARGUMENT, why.reason, why.detail);
}

std::unexpected<Error> bad(std::string detail) { return fail(ErrorKind::invalid_input, kArgument, std::move(detail)); }

/// Runs `work` and keeps its exceptions inside.
template <class Work>
std::int32_t guarded(iapp_attest_error* error, Work work) noexcept
{
    report(error, IAPP_ATTEST_OK, "", "");
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return report(error, IAPP_ATTEST_NO_MEMORY, "abi.memory", "out of memory");
    } catch (const std::exception& defect) {
        return report(error, IAPP_ATTEST_FAILED, "abi.internal", defect.what());
    } catch (...) {
        return report(error, IAPP_ATTEST_FAILED, "abi.internal", "an exception of unknown kind");
    }
}

/// A caller's struct, which may be newer than this library as long as it asks for nothing that is unknown here.
template <class T>
Result<T> read_struct(const T* in, std::size_t least, std::string_view name)
{
    if (in == nullptr) return bad(std::string(name) + " is NULL");
    const std::size_t size = in->struct_size;
    if (size < least || size > kMostStructBytes)
        return bad(std::string(name) + ".struct_size is " + std::to_string(size) + ", not sizeof the struct");
    const ByteView bytes(reinterpret_cast<const std::uint8_t*>(in), size);
    if (size > sizeof(T) && std::ranges::any_of(bytes.subspan(sizeof(T)), [](std::uint8_t b) { return b != 0; }))
        return bad(std::string(name) + " uses members that this version does not know");
    T out{};
    std::memcpy(&out, in, std::min(size, sizeof(T)));
    return out;
}

/// Bytes that may not be given.
Result<std::optional<Bytes>> find_bytes(iapp_attest_bytes in, std::string_view name, std::size_t most)
{
    if (in.data == nullptr && in.size != 0) return bad(std::string(name) + " has a size and no data");
    if (in.size > most) return bad(std::string(name) + " is larger than " + std::to_string(most) + " bytes");
    if (in.data == nullptr) return std::optional<Bytes>{};
    const auto* first = static_cast<const std::uint8_t*>(in.data);
    return std::optional(Bytes(first, first + in.size));
}

Result<Bytes> get_bytes(iapp_attest_bytes in, std::string_view name, std::size_t most)
{
    TRY(auto bytes, find_bytes(in, name, most));
    if (!bytes) return bad(std::string(name) + " is not given");
    return *std::move(bytes);
}

Result<std::vector<Bytes>> get_list(const iapp_attest_bytes* in, std::size_t count, std::string_view name)
{
    if (count > kMostFiles) return bad(std::string(name) + " are more than " + std::to_string(kMostFiles));
    if (in == nullptr && count != 0) return bad(std::string(name) + " have a count and no data");
    std::vector<Bytes> out;
    out.reserve(count);
    for (const iapp_attest_bytes& one : std::span(in, count)) {
        TRY(Bytes bytes, get_bytes(one, name, attest::kMaxEvidenceFile));
        out.push_back(std::move(bytes));
    }
    return out;
}

Result<attest::PolicyDocument> read_policy(iapp_attest_bytes in)
{
    TRY(const Bytes text, get_bytes(in, "policy", attest::kMaxPolicyBytes));
    return attest::parse_policy(as_text(text));
}

Result<attest::PinnedAks> read_tpm_keys(const iapp_attest_options& in)
{
    TRY(const std::vector<Bytes> files, get_list(in.tpm_keys, in.tpm_key_count, "tpm_keys"));
    attest::PinnedAks out;
    for (const Bytes& pem : files) {
        const auto key = crypto::PublicKey::from_spki_pem(as_text(pem));
        if (!key) return fail(ErrorKind::invalid_input, "attest.ak", "a TPM key is not a public key in PEM");
        out.spki_sha256.push_back(crypto::sha256(key->spki_der()));
    }
    return out;
}

Result<attest::Trust> read_roots(const iapp_attest_bytes* roots)
{
    if (roots == nullptr) return attest::Trust{};
    TRY(const Bytes pem, get_bytes(*roots, "roots_pem", attest::kMaxEvidenceFile));
    return attest::trust_roots(as_text(pem));
}

Result<std::unique_ptr<iapp_attest_verifier>> make_verifier(const iapp_attest_options* in, const iapp_attest_bytes* roots)
{
    TRY(const iapp_attest_options options, read_struct(in, kLeastOptions, "options"));
    TRY(attest::Trust trust, read_roots(roots));
    TRY(trust.aks, read_tpm_keys(options));
    TRY(attest::PolicyDocument policy, read_policy(options.policy));
    return std::unique_ptr<iapp_attest_verifier>(
        new iapp_attest_verifier{.trust = std::move(trust), .policy = std::move(policy)});
}

std::int32_t new_verifier(const iapp_attest_options* options, const iapp_attest_bytes* roots, iapp_attest_verifier** out,
                          iapp_attest_error* error) noexcept
{
    if (out != nullptr) *out = nullptr;
    return guarded(error, [&] {
        if (out == nullptr) return report(error, IAPP_ATTEST_BAD_ARGUMENT, kArgument, "verifier is NULL");
        auto made = make_verifier(options, roots);
        if (!made) return report(error, made.error());
        *out = made->release();
        return IAPP_ATTEST_OK;
    });
}

struct Question {
    attest::Submission submission;
    std::optional<Bytes> challenge;
    UnixSeconds now;
};

Result<Question> read_request(const iapp_attest_request* in)
{
    TRY(const iapp_attest_request request, read_struct(in, kLeastRequest, "request"));
    if (request.now < 1 || request.now > kMostTime) return bad("now is not a time between 1970 and 9999");
    Question out{.submission = {}, .challenge = {}, .now = UnixSeconds(std::chrono::seconds(request.now))};
    TRY(out.submission.evidence, get_bytes(request.evidence, "evidence", attest::kMaxEvidenceFile));
    TRY(out.challenge, find_bytes(request.report_data, "report_data", attest::kMaxEvidenceFile));
    TRY(out.submission.endorsements, get_list(request.endorsements, request.endorsement_count, "endorsements"));
    TRY(out.submission.vek, find_bytes(request.vek, "vek", attest::kMaxEvidenceFile));
    TRY(out.submission.log, find_bytes(request.log, "log", attest::kMaxEvidenceFile));
    return out;
}

std::unique_ptr<iapp_attest_result> make_result(attest::Appraisal appraisal)
{
    const attest::CheckOutcome* failed = attest::failed_check(appraisal);
    auto out = std::make_unique<iapp_attest_result>(
        iapp_attest_result{.accepted = appraisal.accepted,
                           .reason = std::string(failed == nullptr ? "" : attest::info(failed->id).reason),
                           .json = json::print(attest::result_document(appraisal)),
                           .text = attest::describe(appraisal),
                           .claims = std::nullopt});
    if (appraisal.accepted) out->claims = std::move(appraisal.claims);
    return out;
}

/// What an accepted result claims, or null.
const attest::Claims* claims_of(const iapp_attest_result* result)
{
    return result != nullptr && result->claims ? &*result->claims : nullptr;
}

iapp_attest_bytes lend(ByteView bytes) { return {bytes.data(), bytes.size()}; }

/// Hands out `text` as a string of its own. Errors: std::bad_alloc.
std::int32_t give(const std::string& text, char** out)
{
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, text.c_str(), text.size() + 1);
    *out = copy;
    return IAPP_ATTEST_OK;
}

/// One document in, one JSON document out.
template <class Make>
std::int32_t answer_json(char** json, iapp_attest_error* error, Make make) noexcept
{
    if (json != nullptr) *json = nullptr;
    return guarded(error, [&] {
        if (json == nullptr) return report(error, IAPP_ATTEST_BAD_ARGUMENT, kArgument, "json is NULL");
        const Result<json::Object> made = make();
        return made ? give(json::print(*made), json) : report(error, made.error());
    });
}

}  // namespace

const char* iapp_attest_version() noexcept { return IAPP_ATTEST_VERSION; }

std::int32_t iapp_attest_verifier_new(const iapp_attest_options* options, iapp_attest_verifier** verifier,
                                      iapp_attest_error* error) noexcept
{
    return new_verifier(options, nullptr, verifier, error);
}

std::int32_t iapp_attest_verifier_new_dangerous_roots(const iapp_attest_options* options, iapp_attest_bytes roots_pem,
                                                      iapp_attest_verifier** verifier, iapp_attest_error* error) noexcept
{
    return new_verifier(options, &roots_pem, verifier, error);
}

void iapp_attest_verifier_free(iapp_attest_verifier* verifier) noexcept { delete verifier; }

std::int32_t iapp_attest_verify(const iapp_attest_verifier* verifier, const iapp_attest_request* request,
                                iapp_attest_result** result, iapp_attest_error* error) noexcept
{
    if (result != nullptr) *result = nullptr;
    return guarded(error, [&] {
        if (verifier == nullptr) return report(error, IAPP_ATTEST_BAD_ARGUMENT, kArgument, "verifier is NULL");
        const auto question = read_request(request);
        if (!question) return report(error, question.error());
        attest::Appraisal appraisal = attest::judge(question->submission, verifier->trust, verifier->policy,
                                                    question->challenge, question->now, &verifier->memory);
        const bool accepted = appraisal.accepted;
        if (result != nullptr) *result = make_result(std::move(appraisal)).release();
        return accepted ? IAPP_ATTEST_OK : IAPP_ATTEST_REFUSED;
    });
}

void iapp_attest_result_free(iapp_attest_result* result) noexcept { delete result; }

std::int32_t iapp_attest_result_status(const iapp_attest_result* result) noexcept
{
    if (result == nullptr) return IAPP_ATTEST_BAD_ARGUMENT;
    return result->accepted ? IAPP_ATTEST_OK : IAPP_ATTEST_REFUSED;
}

int iapp_attest_result_accepted(const iapp_attest_result* result) noexcept
{
    return result != nullptr && result->accepted ? 1 : 0;
}

const char* iapp_attest_result_reason(const iapp_attest_result* result) noexcept
{
    return result == nullptr ? "" : result->reason.c_str();
}

const char* iapp_attest_result_json(const iapp_attest_result* result, std::size_t* size) noexcept
{
    if (size != nullptr) *size = result == nullptr ? 0 : result->json.size();
    return result == nullptr ? "" : result->json.c_str();
}

const char* iapp_attest_result_text(const iapp_attest_result* result) noexcept
{
    return result == nullptr ? "" : result->text.c_str();
}

int iapp_attest_result_simulated(const iapp_attest_result* result) noexcept
{
    const attest::Claims* claims = claims_of(result);
    return claims != nullptr && claims->simulated ? 1 : 0;
}

const char* iapp_attest_result_tee(const iapp_attest_result* result) noexcept
{
    const attest::Claims* claims = claims_of(result);
    return claims == nullptr ? "" : attest::name(claims->kind).data();  // names are literals
}

std::int64_t iapp_attest_result_valid_until(const iapp_attest_result* result) noexcept
{
    const attest::Claims* claims = claims_of(result);
    return claims == nullptr ? 0 : claims->valid_until.time_since_epoch().count();
}

iapp_attest_bytes iapp_attest_result_evidence_id(const iapp_attest_result* result) noexcept
{
    const attest::Claims* claims = claims_of(result);
    return claims == nullptr ? iapp_attest_bytes{} : lend(claims->evidence_id.bytes());
}

iapp_attest_bytes iapp_attest_result_report_data(const iapp_attest_result* result) noexcept
{
    const attest::Claims* claims = claims_of(result);
    return claims == nullptr ? iapp_attest_bytes{} : lend(claims->report_data);
}

iapp_attest_bytes iapp_attest_result_measurement(const iapp_attest_result* result, const char* name) noexcept
{
    const attest::Claims* claims = claims_of(result);
    if (claims == nullptr || name == nullptr) return {};
    const Bytes* value = attest::find_register(claims->registers, name);
    return value == nullptr ? iapp_attest_bytes{} : lend(*value);
}

std::int32_t iapp_attest_inspect(iapp_attest_bytes file, char** json, iapp_attest_error* error) noexcept
{
    return answer_json(json, error, [&]() -> Result<json::Object> {
        TRY(const Bytes bytes, get_bytes(file, "file", attest::kMaxEvidenceFile));
        TRY(const attest::Field tree, attest::inspect(bytes));
        return attest::result_document(tree);
    });
}

std::int32_t iapp_attest_lint_policy(iapp_attest_bytes policy, char** json, iapp_attest_error* error) noexcept
{
    return answer_json(json, error, [&]() -> Result<json::Object> {
        TRY(const attest::PolicyDocument document, read_policy(policy));
        return attest::lint_document(document);
    });
}

void iapp_attest_string_free(char* string) noexcept { std::free(string); }
