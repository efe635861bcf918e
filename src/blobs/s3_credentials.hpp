#pragma once
// The keys of an S3 account, from a file in the form the AWS tools use. Never from arguments or the environment.
#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace iapp::blobs {

struct S3Credentials {
    std::string access_key;
    crypto::SecretBytes secret_key;
    std::string session_token;  ///< empty for long-lived keys
};

/// "aws_access_key_id = ...", "aws_secret_access_key = ...", and maybe "aws_session_token = ...", each once, in the section
/// [default] or in none; blank lines and lines that begin with # are skipped.
/// Errors: invalid_input "blobs.s3_credentials"; the detail never holds a value.
Result<S3Credentials> parse_s3_credentials(std::string_view text);

/// Errors: as parse_s3_credentials; not_found "blobs.s3_credentials"; permission_denied "blobs.s3_credentials" when the file
/// can be read by others than its owner.
Result<S3Credentials> load_s3_credentials(const std::filesystem::path& file);

}  // namespace iapp::blobs
