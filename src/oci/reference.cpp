#include "oci/reference.hpp"

#include <algorithm>

namespace iapp::oci {
namespace {

constexpr std::size_t kMaxReference = 512;
constexpr std::size_t kMaxTag = 128;

bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool alphanumeric(char c) { return lower(c) || digit(c) || (c >= 'A' && c <= 'Z'); }

std::unexpected<Error> invalid(std::string_view reason, std::string detail)
{
    return fail(ErrorKind::invalid_input, reason, std::move(detail));
}

/// Labels of letters, digits and inner hyphens, joined by single dots.
bool host_name(std::string_view host)
{
    while (true) {
        const std::size_t dot = host.find('.');
        const std::string_view label = host.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        if (!std::ranges::all_of(label, [](char c) { return alphanumeric(c) || c == '-'; })) return false;
        if (dot == std::string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

/// "" (no port) or ":" and 1..65535 without a leading zero.
bool port_suffix(std::string_view text)
{
    if (text.empty()) return true;
    text.remove_prefix(1);
    if (text.empty() || text.size() > 5 || text.front() == '0' || !std::ranges::all_of(text, digit)) return false;
    return std::stoul(std::string(text)) <= 65'535;
}

/// The first part names a registry when it could not be a Docker Hub user: it has a dot or a port, or is "localhost".
Status check_registry(std::string_view registry)
{
    const std::size_t colon = registry.find(':');
    const std::string_view host = registry.substr(0, colon);
    const bool named = colon != std::string_view::npos || host.find('.') != std::string_view::npos || host == "localhost";
    if (!named || !host_name(host) || !port_suffix(registry.substr(host.size())))
        return invalid("oci.reference_host",
                       "the reference must begin with its registry, for instance docker.io/library/NAME:TAG");
    return {};
}

/// [a-z0-9]+ joined by ".", "_", "__" or hyphens (distribution-spec, path-component).
bool path_component(std::string_view part)
{
    for (std::size_t at = 0;;) {
        const std::size_t word = at;
        while (at < part.size() && (lower(part[at]) || digit(part[at]))) ++at;
        if (at == word) return false;
        if (at == part.size()) return true;
        const std::size_t separator = at;
        while (at < part.size() && part[at] == part[separator] && (part[at] == '-' || part[at] == '_' || part[at] == '.'))
            ++at;
        const std::size_t length = at - separator;
        const std::size_t most = part[separator] == '-' ? part.size() : part[separator] == '_' ? 2 : 1;
        if (length == 0 || length > most) return false;
    }
}

Status check_repository(std::string_view repository)
{
    for (std::string_view rest = repository;;) {
        const std::size_t slash = rest.find('/');
        if (!path_component(rest.substr(0, slash)))
            return invalid("oci.reference_name", "an image name is lower-case words joined by '.', '_', '-' and '/'");
        if (slash == std::string_view::npos) return {};
        rest.remove_prefix(slash + 1);
    }
}

Status check_tag(std::string_view tag)
{
    const auto allowed = [](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
    if (tag.empty() || tag.size() > kMaxTag || tag.front() == '.' || tag.front() == '-' ||
        !std::ranges::all_of(tag, allowed))
        return invalid("oci.reference_tag",
                       "a tag is up to 128 letters, digits, '_', '.' and '-', and does not begin with '.' or '-'");
    return {};
}

}  // namespace

Result<ImageReference> parse_reference(std::string_view text)
{
    if (text.size() > kMaxReference) return invalid("oci.reference_length", "an image reference is at most 512 characters");
    ImageReference out;
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        TRY(out.digest, Digest::parse(text.substr(at + 1)));
        text = text.substr(0, at);
    }
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos)
        return invalid("oci.reference_host",
                       "the reference must begin with its registry, for instance docker.io/library/NAME:TAG");
    out.registry = text.substr(0, slash);
    TRY_OK(check_registry(out.registry));
    text.remove_prefix(slash + 1);
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
        out.tag = text.substr(colon + 1);
        TRY_OK(check_tag(*out.tag));
        text = text.substr(0, colon);
    }
    out.repository = text;
    TRY_OK(check_repository(out.repository));
    if (!out.tag && !out.digest)
        return invalid("oci.reference_version", "the reference needs a tag or, better, a digest: NAME@sha256:...");
    return out;
}

std::string ImageReference::text() const
{
    std::string out = registry + '/' + repository;
    if (tag) out += ':' + *tag;
    if (digest) out += '@' + digest->text();
    return out;
}

std::string ImageReference::version() const { return digest ? digest->text() : tag.value_or(""); }

}  // namespace iapp::oci
