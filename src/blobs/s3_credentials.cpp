#include "blobs/s3_credentials.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace iapp::blobs {
namespace {

constexpr std::size_t kMaxFileBytes = 64 * 1024;
constexpr std::string_view kReason = "blobs.s3_credentials";

std::unexpected<Error> wrong(std::size_t line, std::string_view what)
{
    return fail(ErrorKind::invalid_input, kReason,
                "line " + std::to_string(line) + " of the credentials: " + std::string(what));
}

std::string_view trim(std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r");
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

/// What may stand in a header: visible ASCII without blanks.
bool is_value(std::string_view text)
{
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// Takes one "name = value". The place of a name is filled once.
Status take(S3Credentials& out, std::string_view line, std::size_t number)
{
    const std::size_t equals = line.find('=');
    if (equals == line.npos) return wrong(number, "it is no \"name = value\"");
    const std::string_view name = trim(line.substr(0, equals));
    const std::string_view value = trim(line.substr(equals + 1));
    if (!is_value(value)) return wrong(number, "the value is empty or has blanks in it");
    if (name == "aws_secret_access_key" && out.secret_key.empty()) {
        out.secret_key = crypto::SecretBytes::copy_of(as_bytes(value));
        return {};
    }
    std::string* const place = name == "aws_access_key_id" ? &out.access_key : &out.session_token;
    if ((name != "aws_access_key_id" && name != "aws_session_token") || !place->empty())
        return wrong(number, "the name is unknown or stands there twice");
    *place = value;
    return {};
}

struct File {
    int descriptor;
    explicit File(const std::filesystem::path& path) : descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    ~File()
    {
        if (descriptor >= 0) ::close(descriptor);
    }
    File(File&&) = delete;
};

}  // namespace

Result<S3Credentials> parse_s3_credentials(std::string_view text)
{
    S3Credentials out;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(text.size(), end + 1));
        if (line.empty() || line.starts_with('#')) continue;
        if (line.starts_with('[')) {
            if (line != "[default]") return wrong(number, "only the section [default] is read");
            continue;
        }
        TRY_OK(take(out, line, number));
    }
    if (out.access_key.empty() || out.secret_key.empty())
        return fail(ErrorKind::invalid_input, kReason, "the credentials need aws_access_key_id and aws_secret_access_key");
    return out;
}

Result<S3Credentials> load_s3_credentials(const std::filesystem::path& path)
{
    const File file(path);
    struct stat info {};
    if (file.descriptor < 0 || ::fstat(file.descriptor, &info) != 0)
        return fail(ErrorKind::not_found, kReason, "cannot read " + path.string());
    if ((info.st_mode & 077) != 0)
        return fail(ErrorKind::permission_denied, kReason,
                    path.string() + " can be read by others; chmod 600 " + path.string());
    crypto::SecretBytes text(kMaxFileBytes);
    const ssize_t count = ::read(file.descriptor, text.writable(crypto::SecretAccess{}).data(), text.size());
    if (count < 0) return fail(ErrorKind::not_found, kReason, "cannot read " + path.string());
    return parse_s3_credentials(as_text(text.reveal(crypto::SecretAccess{}).first(static_cast<std::size_t>(count))));
}

}  // namespace iapp::blobs
