#pragma once
// One conversation with one repository of a registry: base URL, token, redirects, and statuses turned into errors.
#include "net/client.hpp"
#include "oci/reference.hpp"

namespace iapp::runtime {

class RegistrySession {
public:
    /// `http` must outlive the session.
    RegistrySession(const net::HttpClient& http, oci::ImageReference reference, net::CallContext call);

    /// "http://127.0.0.1:5000/v2/team/app" + `path`; plain HTTP only for loopback.
    std::string url(std::string_view path) const;

    /// `location` of an answer, absolute or on the same registry. Errors: corrupt "image.redirect".
    Result<std::string> follow(std::string_view location) const;

    /// Sends to this repository with its token, asking for one when told to. Any status but 401 is an answer.
    Result<net::Response> send(net::Request request, const net::BodySink* sink = nullptr);

    /// GET with redirects followed (registries send blobs from elsewhere). The token stays with the registry's own origin.
    /// A 2xx answer, or an error: not_found "image.unknown", permission_denied "image.denied", unavailable "image.registry".
    Result<net::Response> get(const std::string& url, net::HeaderMap headers, const net::BodySink* sink = nullptr);

private:
    Result<net::Response> send_once(net::Request& request, const net::BodySink* sink) const;
    Status fetch_token(const net::Response& refusal);
    bool is_ours(std::string_view url) const { return url.starts_with(origin_ + '/'); }

    const net::HttpClient& http_;
    oci::ImageReference reference_;
    net::CallContext call_;
    std::string origin_;
    std::string token_;
};

/// The error behind a status that is not 2xx.
std::unexpected<Error> refusal(const oci::ImageReference& reference, int status);

}  // namespace iapp::runtime
