#pragma once
// Making Field trees. Private to inspect.hpp's implementation, one file for each family of formats.
#include "attest/inspect.hpp"
#include "base/clock.hpp"

namespace iapp::attest::fields {

inline Field text(std::string name, std::string_view value) { return {std::move(name), std::string(value), {}}; }
inline Field number(std::string name, std::uint64_t value) { return {std::move(name), std::to_string(value), {}}; }
inline Field flag(std::string name, bool value) { return {std::move(name), value ? "true" : "false", {}}; }
inline Field time(std::string name, UnixSeconds value) { return {std::move(name), iso8601(value), {}}; }
inline Field group(std::string name, std::vector<Field> below) { return {std::move(name), {}, std::move(below)}; }
inline Field group(std::string name, std::string value, std::vector<Field> below)
{
    return {std::move(name), std::move(value), std::move(below)};
}

/// Digits of bytes, or of any fixed-size value.
template <class T>
Field digits(std::string name, const T& value)
{
    if constexpr (requires { value.bytes(); }) return {std::move(name), hex(value.bytes()), {}};
    else return {std::move(name), hex(value), {}};
}

/// "0x" and the digits of a mask.
Field mask(std::string name, std::uint64_t value);

// One for each family; each reads `bytes` as unwrap_text() gave them.
Result<Field> intel_quote(ByteView bytes);
Result<Field> snp_report(ByteView bytes);
Result<Field> snp_cert_table(ByteView bytes);
Result<Field> tpm_attest(ByteView bytes);
Result<Field> tpm_document(ByteView bytes);
Result<Field> hcl_report(ByteView bytes);
Result<Field> azure_evidence(ByteView bytes, EvidenceKind kind);
Result<Field> boot_log(ByteView bytes);
Result<Field> certificates(ByteView pem);
Result<Field> certificate_der(ByteView der);
Result<Field> revocation_list(ByteView der);
Result<Field> json_document(ByteView text);

}  // namespace iapp::attest::fields
