/* iapp-attest: appraises attestation evidence (Intel SGX and TDX, AMD SEV-SNP, TPM 2.0, Azure's confidential machines).
 * The whole public interface: a C ABI, and below it a thin layer for C++17. docs/attest-library.md
 *
 * Verification is a pure function: no network, no files, no clock. The caller brings evidence, the vendor's endorsements,
 * a policy and the time.
 *
 * Rules of every function
 *   Returns     0 only when everything asked for was done and, for iapp_attest_verify(), the evidence was accepted.
 *   Ownership   inputs are borrowed for the call and never kept. What a function hands out through a pointer belongs to the
 *               caller and has its own *_free(); what an accessor returns lives as long as the object it was asked of.
 *   NULL        never crashes: a missing argument is IAPP_ATTEST_BAD_ARGUMENT, an accessor of NULL answers "nothing", and
 *               every *_free(NULL) does nothing. An `error` may always be NULL.
 *   Threads     a verifier and a result may be used by any number of threads at once; only *_free() must come last.
 *   Exceptions  none leaves the library.
 */
#ifndef IAPP_ATTEST_H
#define IAPP_ATTEST_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define IAPP_ATTEST_API __attribute__((visibility("default")))
#define IAPP_ATTEST_CHECKED IAPP_ATTEST_API __attribute__((warn_unused_result))
#else
#define IAPP_ATTEST_API
#define IAPP_ATTEST_CHECKED
#endif

#ifdef __cplusplus
#define IAPP_ATTEST_NOEXCEPT noexcept
extern "C" {
#else
#define IAPP_ATTEST_NOEXCEPT
#endif

/* What a call came to. The first four are also fit as exit codes: they are those of `iapp attest verify`. */
#define IAPP_ATTEST_OK 0           /* done; of iapp_attest_verify(): accepted */
#define IAPP_ATTEST_FAILED 1       /* a defect of the library or its environment; nothing is known about the evidence */
#define IAPP_ATTEST_BAD_ARGUMENT 2 /* the caller's: NULL, a size, a time, a policy or a root that cannot be read */
#define IAPP_ATTEST_REFUSED 6      /* the evidence was not accepted; the result names the check */
#define IAPP_ATTEST_NO_MEMORY 12   /* nothing is known about the evidence */

/* Borrowed bytes. `data` NULL means "not given" (and wants size 0), which is not the same as given and empty. */
typedef struct iapp_attest_bytes {
    const void* data;
    size_t size;
} iapp_attest_bytes;

/* Why a call was not done. Both texts end in NUL and may have been cut. This struct never grows. */
typedef struct iapp_attest_error {
    char reason[64];  /* stable id: "attest.policy_format", "abi.argument"; "" after success */
    char detail[448]; /* for people: what was wrong */
} iapp_attest_error;

/* The version of the library that is linked, "0.1.0". Static storage. */
IAPP_ATTEST_API const char* iapp_attest_version(void) IAPP_ATTEST_NOEXCEPT;

/* ---- Verifier: whom to believe and what to accept. Immutable once made; keeps what it need not check twice. ---- */

typedef struct iapp_attest_verifier iapp_attest_verifier;

/* Set everything to zero, then struct_size, then what you need. Members will be added at the end only; a member that an
 * older library does not know must be zero. */
typedef struct iapp_attest_options {
    size_t struct_size;                /* sizeof(iapp_attest_options) */
    iapp_attest_bytes policy;          /* JSON document, schema "iapp-appraisal-policy/1"; required */
    const iapp_attest_bytes* tpm_keys; /* TPMs' attestation keys, public, PEM: nothing else vouches for plain TPM evidence */
    size_t tpm_key_count;              /* at most 64 */
} iapp_attest_options;

/* A verifier that believes the roots of Intel and AMD, which are built in. Errors: BAD_ARGUMENT with "attest.policy_format",
 * "attest.ak" (a TPM key) or "abi.argument"; *verifier is then NULL. */
IAPP_ATTEST_CHECKED int32_t iapp_attest_verifier_new(const iapp_attest_options* options, iapp_attest_verifier** verifier,
                                                     iapp_attest_error* error) IAPP_ATTEST_NOEXCEPT;

/* As above, but believes the root certificates in `roots_pem` in place of their vendor's: for simulators and tests. Whatever
 * is not a vendor's key makes evidence count as simulated, which the policy has to allow by name too. Further errors:
 * BAD_ARGUMENT with "attest.root". */
IAPP_ATTEST_CHECKED int32_t iapp_attest_verifier_new_dangerous_roots(const iapp_attest_options* options,
                                                                     iapp_attest_bytes roots_pem,
                                                                     iapp_attest_verifier** verifier,
                                                                     iapp_attest_error* error) IAPP_ATTEST_NOEXCEPT;

IAPP_ATTEST_API void iapp_attest_verifier_free(iapp_attest_verifier* verifier) IAPP_ATTEST_NOEXCEPT;

/* ---- Verification ---- */

typedef struct iapp_attest_result iapp_attest_result;

/* Set everything to zero, then struct_size, then what you have; grows as iapp_attest_options does. Nothing in here is
 * trusted but `now` and `report_data`. */
typedef struct iapp_attest_request {
    size_t struct_size;            /* sizeof(iapp_attest_request) */
    int64_t now;                   /* verifier's time, seconds since 1970 UTC: 1 to 253402300799 (year 9999) */
    iapp_attest_bytes evidence;    /* raw, hex, base64 or JSON, at most 4 MiB; required */
    iapp_attest_bytes report_data; /* the challenge, compared whole; not given only counts under the policy's waiver */
    const iapp_attest_bytes* endorsements; /* files as the vendor serves them, in any order, told apart by content */
    size_t endorsement_count;              /* at most 64, each at most 4 MiB */
    iapp_attest_bytes vek;                 /* AMD: this VCEK or VLEK instead of choosing one; DER or PEM */
    iapp_attest_bytes log;                 /* event log, runtime log or boot log that explains registers; at most 4 MiB */
} iapp_attest_request;

/* Verifies and appraises. OK: accepted. REFUSED: not, and the result says why. Otherwise nothing was judged.
 * `result`  may be NULL; else it receives a result exactly when the call returns OK or REFUSED, and NULL otherwise. */
IAPP_ATTEST_CHECKED int32_t iapp_attest_verify(const iapp_attest_verifier* verifier, const iapp_attest_request* request,
                                               iapp_attest_result** result, iapp_attest_error* error) IAPP_ATTEST_NOEXCEPT;

IAPP_ATTEST_API void iapp_attest_result_free(iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* OK or REFUSED, as iapp_attest_verify() returned it; BAD_ARGUMENT of NULL. */
IAPP_ATTEST_API int32_t iapp_attest_result_status(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* 1 when accepted, else 0. */
IAPP_ATTEST_API int iapp_attest_result_accepted(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* The check that refused: "attest.report_data". "" when accepted. */
IAPP_ATTEST_API const char* iapp_attest_result_reason(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* The document of `iapp attest verify --json`: verdict, tee, simulated, tcb_status, advisories, measurements, policy,
 * checks, at, reason, report_data, evidence_id. Compact, UTF-8. `size` (may be NULL) receives its length without the NUL. */
IAPP_ATTEST_API const char* iapp_attest_result_json(const iapp_attest_result* result, size_t* size) IAPP_ATTEST_NOEXCEPT;

/* The same for people: printable ASCII, lines. */
IAPP_ATTEST_API const char* iapp_attest_result_text(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* What the evidence says, for code that acts on it: of an accepted result only, otherwise nothing (0, "", no bytes). */

/* 1 when the evidence is under a root that is no vendor's: no hardware protects what it describes. */
IAPP_ATTEST_API int iapp_attest_result_simulated(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* "tdx" "sgx" "snp" "tpm" "azure-snp" "azure-tdx" */
IAPP_ATTEST_API const char* iapp_attest_result_tee(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* The first time, seconds since 1970 UTC, at which something this result rests on has expired; INT64_MAX of plain TPM
 * evidence, which rests on a pinned key alone. */
IAPP_ATTEST_API int64_t iapp_attest_result_valid_until(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* 32 bytes that name this evidence, whatever spelling its signature has. */
IAPP_ATTEST_API iapp_attest_bytes iapp_attest_result_evidence_id(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* 64 bytes of a TEE, or the extraData of a TPM. */
IAPP_ATTEST_API iapp_attest_bytes iapp_attest_result_report_data(const iapp_attest_result* result) IAPP_ATTEST_NOEXCEPT;

/* A register by name: "mrtd", "rtmr3", "mrenclave", "measurement", "pcr07"; no bytes when there is none. */
IAPP_ATTEST_API iapp_attest_bytes iapp_attest_result_measurement(const iapp_attest_result* result,
                                                                 const char* name) IAPP_ATTEST_NOEXCEPT;

/* ---- Looking, without trust ---- */

/* What a file says (evidence, log, certificate, list, collateral), unverified: {"format", "verified":false, "content"} in a
 * new string. Errors: BAD_ARGUMENT with the reason of the parser. */
IAPP_ATTEST_CHECKED int32_t iapp_attest_inspect(iapp_attest_bytes file, char** json,
                                                iapp_attest_error* error) IAPP_ATTEST_NOEXCEPT;

/* What a policy leaves open: {"policy", "sha256", "findings":[{"level","text"}]} in a new string. Errors: BAD_ARGUMENT with
 * "attest.policy_format". */
IAPP_ATTEST_CHECKED int32_t iapp_attest_lint_policy(iapp_attest_bytes policy, char** json,
                                                    iapp_attest_error* error) IAPP_ATTEST_NOEXCEPT;

IAPP_ATTEST_API void iapp_attest_string_free(char* string) IAPP_ATTEST_NOEXCEPT;

#ifdef __cplusplus
} /* extern "C" */

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// The same for C++17: owners and views, nothing else. Header only, so the ABI is the one above. Where the ABI returns a
/// status that is neither accepted nor refused, these functions throw Failure.
namespace iapp_attest {

/// Something was not done: nothing is known about the evidence.
class Failure : public std::runtime_error {
public:
    Failure(std::int32_t status, const iapp_attest_error& error)
        : std::runtime_error(std::string(error.reason) + ": " + error.detail), status_(status), reason_(error.reason)
    {
    }
    std::int32_t status() const noexcept { return status_; }
    const std::string& reason() const noexcept { return reason_; }

private:
    std::int32_t status_;
    std::string reason_;
};

/// A view of bytes in any contiguous container, string literals without their NUL. Default: not given.
class Bytes {
public:
    Bytes() = default;
    Bytes(const void* data, std::size_t size) : data_(size == 0 && data == nullptr ? "" : data), size_(size) {}
    Bytes(std::string_view text) : Bytes(text.data(), text.size()) {}
    Bytes(const std::string& text) : Bytes(text.data(), text.size()) {}
    Bytes(const char* text) : Bytes(std::string_view(text)) {}
    Bytes(const std::vector<std::uint8_t>& bytes) : Bytes(bytes.data(), bytes.size()) {}

    bool given() const noexcept { return data_ != nullptr; }
    const std::uint8_t* data() const noexcept { return static_cast<const std::uint8_t*>(data_); }
    std::size_t size() const noexcept { return size_; }
    iapp_attest_bytes raw() const noexcept { return {data_, size_}; }

private:
    const void* data_ = nullptr;
    std::size_t size_ = 0;
};

struct Options {
    Bytes policy{};
    std::vector<Bytes> tpm_keys{};
};

struct Request {
    std::int64_t now = 0;
    Bytes evidence{};
    Bytes report_data{};
    std::vector<Bytes> endorsements{};
    Bytes vek{};
    Bytes log{};
};

namespace detail {

struct Free {
    void operator()(iapp_attest_verifier* verifier) const noexcept { iapp_attest_verifier_free(verifier); }
    void operator()(iapp_attest_result* result) const noexcept { iapp_attest_result_free(result); }
    void operator()(char* string) const noexcept { iapp_attest_string_free(string); }
};

inline void must(std::int32_t status, const iapp_attest_error& error)
{
    if (status != IAPP_ATTEST_OK) throw Failure(status, error);
}

inline std::vector<iapp_attest_bytes> raw(const std::vector<Bytes>& all)
{
    std::vector<iapp_attest_bytes> out;
    out.reserve(all.size());
    for (const Bytes& one : all) out.push_back(one.raw());
    return out;
}

inline Bytes view(iapp_attest_bytes bytes) { return bytes.data == nullptr ? Bytes() : Bytes(bytes.data, bytes.size); }

}  // namespace detail

/// Views live as long as the result.
class [[nodiscard]] Result {
public:
    bool accepted() const noexcept { return iapp_attest_result_accepted(result_.get()) == 1; }
    explicit operator bool() const noexcept { return accepted(); }
    std::int32_t status() const noexcept { return iapp_attest_result_status(result_.get()); }
    std::string_view reason() const noexcept { return iapp_attest_result_reason(result_.get()); }
    std::string_view json() const noexcept
    {
        std::size_t size = 0;
        const char* text = iapp_attest_result_json(result_.get(), &size);
        return {text, size};
    }
    std::string_view text() const noexcept { return iapp_attest_result_text(result_.get()); }

    bool simulated() const noexcept { return iapp_attest_result_simulated(result_.get()) == 1; }
    std::string_view tee() const noexcept { return iapp_attest_result_tee(result_.get()); }
    std::int64_t valid_until() const noexcept { return iapp_attest_result_valid_until(result_.get()); }
    Bytes evidence_id() const noexcept { return detail::view(iapp_attest_result_evidence_id(result_.get())); }
    Bytes report_data() const noexcept { return detail::view(iapp_attest_result_report_data(result_.get())); }
    Bytes measurement(const std::string& name) const noexcept
    {
        return detail::view(iapp_attest_result_measurement(result_.get(), name.c_str()));
    }

private:
    friend class Verifier;
    explicit Result(iapp_attest_result* result) : result_(result) {}
    std::unique_ptr<iapp_attest_result, detail::Free> result_;
};

class Verifier {
public:
    explicit Verifier(const Options& options) { make(options, nullptr); }

    static Verifier dangerous_roots(const Options& options, Bytes roots_pem)
    {
        Verifier out;
        out.make(options, &roots_pem);
        return out;
    }

    Result verify(const Request& request) const
    {
        const std::vector<iapp_attest_bytes> files = detail::raw(request.endorsements);
        iapp_attest_request raw{};
        raw.struct_size = sizeof raw;
        raw.now = request.now;
        raw.evidence = request.evidence.raw();
        raw.report_data = request.report_data.raw();
        raw.endorsements = files.data();
        raw.endorsement_count = files.size();
        raw.vek = request.vek.raw();
        raw.log = request.log.raw();
        iapp_attest_result* result = nullptr;
        iapp_attest_error error{};
        const std::int32_t status = iapp_attest_verify(verifier_.get(), &raw, &result, &error);
        if (status != IAPP_ATTEST_REFUSED) detail::must(status, error);
        return Result(result);
    }

private:
    Verifier() = default;

    void make(const Options& options, const Bytes* roots)
    {
        const std::vector<iapp_attest_bytes> keys = detail::raw(options.tpm_keys);
        iapp_attest_options raw{};
        raw.struct_size = sizeof raw;
        raw.policy = options.policy.raw();
        raw.tpm_keys = keys.data();
        raw.tpm_key_count = keys.size();
        iapp_attest_verifier* verifier = nullptr;
        iapp_attest_error error{};
        detail::must(roots == nullptr ? iapp_attest_verifier_new(&raw, &verifier, &error)
                                      : iapp_attest_verifier_new_dangerous_roots(&raw, roots->raw(), &verifier, &error),
                     error);
        verifier_.reset(verifier);
    }

    std::unique_ptr<iapp_attest_verifier, detail::Free> verifier_;
};

inline std::string inspect(Bytes file)
{
    char* json = nullptr;
    iapp_attest_error error{};
    detail::must(iapp_attest_inspect(file.raw(), &json, &error), error);
    const std::unique_ptr<char, detail::Free> owner(json);
    return owner.get();
}

inline std::string lint_policy(Bytes policy)
{
    char* json = nullptr;
    iapp_attest_error error{};
    detail::must(iapp_attest_lint_policy(policy.raw(), &json, &error), error);
    const std::unique_ptr<char, detail::Free> owner(json);
    return owner.get();
}

}  // namespace iapp_attest
#endif /* __cplusplus */

#endif /* IAPP_ATTEST_H */
