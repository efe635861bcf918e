#pragma once
// tpm2-tss with owners: a context, handles that flush themselves, memory that frees itself. Included by this room's .cpp
// only.
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tctildr.h>

#include <memory>
#include <utility>

#include "attest/digest.hpp"
#include "base/result.hpp"
#include "tpm2/tpm.hpp"

namespace iapp::tpm2::internal {

/// unavailable "tpm2.command" with the library's words; `what` starts the sentence.
std::unexpected<Error> command_failure(TSS2_RC rc, const std::string& what);

/// Is this the TPM's answer to a hash that it does not know? (TPM_RC_HASH, about whatever parameter)
bool is_unknown_hash(TSS2_RC rc);

/// Status of one call into the library.
Status check(TSS2_RC rc, const std::string& what);

/// Transport and ESAPI state. Closed in the right order.
class Context {
public:
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context();

    /// Errors: unavailable "tpm2.unavailable".
    static Result<std::shared_ptr<Context>> open(const std::string& tcti);

    ESYS_CONTEXT* get() const { return esys_; }

private:
    Context() = default;
    TSS2_TCTI_CONTEXT* tcti_ = nullptr;
    ESYS_CONTEXT* esys_ = nullptr;
};

/// A transient object or session in the TPM: flushed when it goes, whatever path led there.
class Handle {
public:
    Handle(std::shared_ptr<Context> context, ESYS_TR value) : context_(std::move(context)), value_(value) {}
    Handle(Handle&& other) noexcept : context_(std::move(other.context_)), value_(std::exchange(other.value_, ESYS_TR_NONE))
    {
    }
    Handle& operator=(Handle&&) = delete;
    ~Handle();

    ESYS_TR get() const { return value_; }

private:
    std::shared_ptr<Context> context_;
    ESYS_TR value_;
};

struct LoadedKey {
    Handle handle;
    Bytes public_area;
    Bytes name;
};

/// Where the library puts what it allocated: `Esys_X(..., out.put())`.
template <class T>
class Out {
public:
    Out() = default;
    Out(const Out&) = delete;
    Out& operator=(const Out&) = delete;
    ~Out() { Esys_Free(value_); }

    T** put() { return &value_; }
    const T& operator*() const { return *value_; }
    const T* operator->() const { return value_; }

private:
    T* value_ = nullptr;
};

/// Copies into a TPM2B: a size and an array named `buffer` or alike. False when there is no room.
template <class Array>
bool fill(UINT16& size, Array& array, ByteView bytes)
{
    if (bytes.size() > std::size(array)) return false;
    size = static_cast<UINT16>(bytes.size());
    copy_bytes(bytes, array);
    return true;
}

/// Marshals a structure of the library.
template <class T>
Result<Bytes> marshal(const T& value, TSS2_RC (*function)(const T*, std::uint8_t*, std::size_t, std::size_t*))
{
    Bytes out(sizeof(T) + 64);
    std::size_t size = 0;
    TRY_OK(check(function(&value, out.data(), out.size(), &size), "cannot encode a structure"));
    out.resize(size);
    return out;
}

/// The opposite; every byte must be used. Errors: "tpm2.command".
template <class T>
Result<T> unmarshal(ByteView bytes, TSS2_RC (*function)(const std::uint8_t*, std::size_t, std::size_t*, T*))
{
    T value = {};
    std::size_t used = 0;
    TRY_OK(check(function(bytes.data(), bytes.size(), &used, &value), "cannot read a structure"));
    if (used != bytes.size()) return fail(ErrorKind::unavailable, "tpm2.command", "a structure has bytes left over");
    return value;
}

/// TCG EK Credential Profile, annex B: templates L-1 (RSA 2048) and L-2 (ECC NIST P-256).
TPM2B_PUBLIC ek_template(KeyType type);
/// A restricted signing key, RSASSA or ECDSA with SHA-256.
TPM2B_PUBLIC ak_template(KeyType type);

TPM2_ALG_ID alg_id(attest::HashAlgorithm algorithm);

/// The one-bank selection. Errors: invalid_input "tpm2.selection".
Result<TPML_PCR_SELECTION> to_tpm(const attest::PcrSelection& selection);

}  // namespace iapp::tpm2::internal
