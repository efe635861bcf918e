// rooms: blobs
// A credentials file and an S3 error document: read or refused, and what is read can stand in a header.
#include <algorithm>
#include <cstdlib>

#include "blobs/internal/s3_error.hpp"
#include "blobs/s3_credentials.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = iapp::as_text({data, size});
    const auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
    if (const auto read = iapp::blobs::parse_s3_credentials(text)) {
        if (read->access_key.empty() || read->secret_key.empty()) std::abort();
        if (!std::ranges::all_of(read->access_key + read->session_token, is_visible)) std::abort();
    }
    if (!std::ranges::all_of(iapp::blobs::internal::s3_error_code(text), is_visible)) std::abort();
    return 0;
}
