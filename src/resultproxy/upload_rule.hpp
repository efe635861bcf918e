#pragma once
// Who may get a token, and whose upload is taken: the checks of iExec's result proxy, in its order. Pure.
#include <string_view>

#include "poco/deal.hpp"
#include "resultproxy/result_model.hpp"
#include "wire/workerpool_authorization.hpp"

namespace iapp::resultproxy {

struct TokenFacts {
    bool is_signed_by_worker;  ///< the request, over the authorization's hash
    poco::Task task;           ///< as the hub answers; ask exists()
    poco::Deal deal;
    UnixSeconds now;
};

/// Why no token is given, as a reason id of static storage; nothing when one is.
std::optional<std::string_view> token_refusal(const TokenFacts& facts, const wire::WorkerpoolAuthorization& authorization);

struct UploadFacts {
    eth::Address wallet;  ///< of the token
    poco::Task task;
    poco::Deal deal;
    /// The enclave that the pool's owner authorised this wallet to work with; absent: no authorization is stored.
    std::optional<eth::Address> enclave;
    poco::Contribution contribution;         ///< of the wallet; for tasks without a TEE
    std::optional<Hash256> computed_digest;  ///< of what is in the zip; for tasks without a TEE
};

/// Why the upload is not allowed; nothing when it is.
std::optional<std::string_view> upload_refusal(const UploadFacts& facts, const ResultModel& result);

/// The result's digest as a worker computes it from the files: computed.json names a file or folder below /iexec_out.
/// Errors: those of codec::ZipReader and poco; invalid_input "result_model.output" (no such file or folder).
Result<Hash256> digest_of_zip(ByteView zip);

}  // namespace iapp::resultproxy
