#pragma once
// Blocking HTTP/1.1 client with deadlines and a keep-alive pool per origin. Safe to share between threads.
// Not a browser: no redirects, cookies, proxies or compression.
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/call_context.hpp"
#include "net/http.hpp"

namespace iapp::net {

/// Where a client may go. Judged by the address that is connected to, so no name, redirect or resolver leads around it.
enum class Reach : unsigned char {
    anywhere,
    public_internet  ///< not this machine, not its networks: for URLs that strangers chose
};

struct ClientOptions {
    Reach reach = Reach::anywhere;
    std::optional<std::string> ca_pem{};                  ///< trust these certificates instead of the system's store
    std::uint64_t max_response_bytes = 16 * 1024 * 1024;  ///< of send(); send_streaming() is bounded by its caller
    std::size_t max_header_bytes = 64 * 1024;
    std::size_t idle_per_origin = 8;
    std::chrono::milliseconds idle_timeout{30'000};     ///< a pooled connection older than this is not used again
    std::chrono::milliseconds connect_timeout{10'000};  ///< and never later than the call's deadline
    /// How long a peer that takes no connection is tried again, because it may be restarting. Nothing was sent to it, so
    /// this is safe for every request.
    std::chrono::milliseconds connect_patience{0};
    std::string user_agent = "iapp";
};

class HttpClient {
public:
    explicit HttpClient(ClientOptions options = {});
    ~HttpClient();
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) noexcept;

    /// Sends and waits for the whole answer. Any status is an answer, not an error.
    /// A request that finds its pooled connection closed is sent once more only if its method is idempotent.
    /// Errors: invalid_input "url.*", "http.header"; permission_denied "net.private_address"; unavailable "net.resolve",
    /// "net.connect", "net.tls", "net.closed";
    ///         deadline_exceeded "net.deadline"; cancelled "net.cancelled"; resource_exhausted "net.response_size";
    ///         corrupt "net.response".
    Result<Response> send(const Request& request, Deadline deadline) const;
    Result<Response> send(const Request& request, const CallContext& call) const;

    /// As send(), but a 2xx body goes to `sink` as it arrives; other bodies are returned as usual.
    /// An error of the sink ends the call and is returned.
    Result<Response> send_streaming(const Request& request, const BodySink& sink, const CallContext& call) const;

    Result<Response> get(std::string_view url, Deadline deadline) const;

    /// POST with Content-Type: application/json.
    Result<Response> post_json(std::string_view url, std::string json, Deadline deadline) const;

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Turns an answer that is not 2xx into an error: the id and message of an error body of ours go to the detail,
/// the kind follows the status. Errors: reason "net.status".
Result<Response> require_success(Result<Response> response);

}  // namespace iapp::net
