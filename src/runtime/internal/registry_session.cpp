#include "runtime/internal/registry_session.hpp"

#include "runtime/internal/bearer.hpp"

namespace iapp::runtime {
namespace {

constexpr int kMaxRedirects = 5;

std::string origin_of(std::string_view registry)
{
    const auto colon = registry.rfind(':');
    const bool has_port = colon != std::string_view::npos && registry.find(']', colon) == std::string_view::npos;
    const auto host = has_port ? registry.substr(0, colon) : registry;
    if (registry == "docker.io") return "https://registry-1.docker.io";  // the one registry that answers under another name
    return (is_loopback(host) ? "http://" : "https://") + std::string(registry);
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

std::unexpected<Error> refusal(const oci::ImageReference& reference, int status)
{
    const std::string what = reference.text() + ": the registry answered " + std::to_string(status);
    if (status == 404) return fail(ErrorKind::not_found, "image.unknown", what + "; check the name and the digest");
    if (status == 401 || status == 403)
        return fail(ErrorKind::permission_denied, "image.denied", what + "; the image must be readable without a password");
    return fail(ErrorKind::unavailable, "image.registry", what);
}

RegistrySession::RegistrySession(const net::HttpClient& http, oci::ImageReference reference, net::CallContext call)
    : http_(http), reference_(std::move(reference)), call_(std::move(call)), origin_(origin_of(reference_.registry))
{
}

std::string RegistrySession::url(std::string_view path) const
{
    return origin_ + "/v2/" + reference_.repository + std::string(path);
}

Result<std::string> RegistrySession::follow(std::string_view location) const
{
    std::string target = location.starts_with('/') ? origin_ + std::string(location) : std::string(location);
    const auto parsed = net::parse_url(target);
    if (!parsed || (!parsed->is_tls() && !is_loopback(parsed->host)))
        return fail(ErrorKind::corrupt, "image.redirect", "the registry redirects to something that is not an https URL");
    return target;
}

Result<net::Response> RegistrySession::send_once(net::Request& request, const net::BodySink* sink) const
{
    if (!token_.empty() && is_ours(request.target)) request.headers.set("Authorization", "Bearer " + token_);
    else request.headers.erase("Authorization");
    return sink != nullptr ? http_.send_streaming(request, *sink, call_) : http_.send(request, call_);
}

Status RegistrySession::fetch_token(const net::Response& refused)
{
    const auto header = refused.headers.find("WWW-Authenticate");
    if (!header) return refusal(reference_, refused.status);
    TRY(const auto challenge, parse_bearer_challenge(*header));
    TRY(const auto url, token_url(challenge));
    TRY(const auto answer, http_.send({.method = "GET", .target = url}, call_));
    if (!answer.is_success()) return refusal(reference_, answer.status);
    TRY(token_, parse_token(answer.body));
    return {};
}

Result<net::Response> RegistrySession::send(net::Request request, const net::BodySink* sink)
{
    TRY(auto answer, send_once(request, sink));
    if (answer.status != 401 || !is_ours(request.target) || !token_.empty()) return answer;
    TRY_OK(fetch_token(answer));
    return send_once(request, sink);
}

Result<net::Response> RegistrySession::get(const std::string& url, net::HeaderMap headers, const net::BodySink* sink)
{
    net::Request request{.method = "GET", .target = url, .headers = std::move(headers)};
    for (int hops = 0; hops <= kMaxRedirects; ++hops) {
        TRY(auto answer, send(request, sink));
        const auto location = answer.headers.find("Location");
        if (answer.is_success()) return answer;
        if (!is_redirect(answer.status) || !location) return refusal(reference_, answer.status);
        TRY(request.target, follow(*location));
    }
    return fail(ErrorKind::unavailable, "image.registry", "the registry redirects in circles");
}

}  // namespace iapp::runtime
