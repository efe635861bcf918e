#pragma once
// The upload of a result as post-compute stages send it. Foreign bytes, and large: the zip is never held twice.
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/secp256k1.hpp"
#include "poco/ids.hpp"

namespace iapp::resultproxy {

struct ResultModel {
    poco::TaskId task = poco::TaskId::zero();
    Bytes zip;                                               ///< never empty
    std::optional<Hash256> digest;                           ///< deterministHash: what the worker contributed, or will
    std::optional<crypto::Signature65> enclave_signature{};  ///< over poco::enclave_message()
};

/// `zip` is base64 text (Java workers) or an array of byte numbers (Rust ones). Members with other names are skipped.
/// Errors: invalid_input "result_model.json" (syntax, a member twice, nested deeper than 32), "result_model.member" (of the
/// wrong type or malformed), "result_model.missing" (no chainTaskId, or no zip).
Result<ResultModel> parse_result_model(std::string_view json);

}  // namespace iapp::resultproxy
