#pragma once
// The result of a task: a ZIP of the app's output files, and its two sealings.
// Native: the age format (age.hpp). iExec: an outer ZIP with the archive under AES-256-CBC and the key under RSA PKCS#1
// v1.5. Pure: whoever calls walks the output directory; docs/formats/result.md
#include <string>
#include <vector>

#include "codec/byte_stream.hpp"
#include "codec/zip.hpp"
#include "crypto/secret.hpp"

namespace iapp::seal {

/// One regular file of the output. Directories, links and devices are not results.
struct ResultFile {
    std::string path;  ///< relative to the output directory, '/'-separated
    std::uint64_t size_bytes;
    codec::ByteSource content;
};

inline constexpr std::size_t kMaxResultNameBytes = 31;
inline constexpr std::size_t kMaxResultFiles = 10'000;

/// Each file's own name (last segment) is at most 31 bytes, as iExec's post-compute demands; paths are safe to unpack.
/// Errors: invalid_input "seal.result_name", "zip.path".
Status check_result_path(std::string_view path);

/// Writes the archive, DEFLATE, files sorted by path. Errors: as check_result_path; invalid_input "zip.duplicate",
/// "zip.source_size"; resource_exhausted "seal.result_files".
Status write_result(std::vector<ResultFile> files, const codec::ByteSink& sink);

/// Seals an archive for an iExec beneficiary. `public_key_pem` is the SPKI PEM of the RSA key.
/// Errors: those of crypto::rsa_pkcs1_encrypt, source and sink.
Status seal_result_rsa(const codec::RandomSource& archive, std::string_view public_key_pem, const codec::ByteSink& sink);

/// Opens what seal_result_rsa or iExec's post-compute made; gives back the inner archive. On an error discard what the sink
/// got: AES-CBC is not authenticated. Errors: as ZipReader; not_found "seal.result_entry"; corrupt "seal.result_key",
/// "seal.v1_padding".
Status open_result_rsa(const codec::RandomSource& sealed, const crypto::SecretBytes& private_key_pem,
                       const codec::ByteSink& sink);

}  // namespace iapp::seal
