#include "session.hpp"

#include <mutex>
#include <set>

#include "codec/json.hpp"
#include "wire/errors.hpp"

namespace iapp::cli {
namespace {

ErrorKind kind_of(int status)
{
    switch (status) {
        case 400:
            return ErrorKind::invalid_input;
        case 401:
            return ErrorKind::unauthenticated;
        case 403:
            return ErrorKind::permission_denied;
        case 404:
            return ErrorKind::not_found;
        case 409:
            return ErrorKind::conflict;
        case 412:
            return ErrorKind::precondition_failed;
        case 413:
        case 429:
            return ErrorKind::resource_exhausted;
        default:
            return ErrorKind::unavailable;
    }
}

/// Reasons that arrive from a service get static storage: an Error's reason never dangles.
std::string_view interned(const std::string& reason)
{
    static std::mutex mutex;
    static std::set<std::string> kept;
    const std::lock_guard lock(mutex);
    return *kept.insert(reason).first;
}

/// The order book's and iExec's services say {"error":"text"} or {"error":["text"]}.
std::string legacy_message(const std::string& body)
{
    const auto value = json::parse(body);
    if (!value || !value->is_object()) return "";
    const json::Value* error = value->as_object().if_contains("error");
    if (error && error->is_array() && !error->as_array().empty()) error = &error->as_array().front();
    return error && error->is_string() ? std::string(error->as_string()) : "";
}

}  // namespace

Session::Session(wire::Network document)
    : network(std::move(document)),
      rpc(http, {network.rpc_url}),
      hub(rpc, network.chain_id, network.contracts.hub),
      blobs(http, network.services.ipfs_api, network.services.ipfs_gateway)
{
}

Result<std::unique_ptr<Session>> Session::open(Context& context)
{
    TRY(auto network, context.network());
    return std::unique_ptr<Session>(new Session(std::move(network)));
}

Result<std::unique_ptr<Session>> Session::open_signed(Context& context)
{
    TRY(auto network, context.network());
    TRY(auto wallet, context.wallet());
    return with(std::move(network), std::move(wallet));
}

std::unique_ptr<Session> Session::with(wire::Network document, eth::Wallet wallet)
{
    std::unique_ptr<Session> session(new Session(std::move(document)));
    session->wallet_.emplace(std::move(wallet));
    session->sender_.emplace(session->rpc, *session->wallet_, chain::SenderOptions{.chain_id = session->network.chain_id});
    return session;
}

Result<std::string> Session::scheduler() const
{
    if (network.services.core || !network.services.compass) return wire::get_core(network);
    if (scheduler_) return *scheduler_;
    TRY(const auto body, get(*network.services.compass + "/" + std::to_string(network.chain_id) + "/workerpools/" +
                             eth::to_checksum(network.workerpool)));
    TRY(const auto value, json::parse(body));
    TRY(const auto answer, json::ObjectReader::of(value));
    TRY(const auto url, answer.text("apiUrl"));
    TRY(const auto parsed, net::parse_url(std::string(url)));  // a path is dropped, as the npm clients do
    std::string origin = parsed.origin();
    TRY_OK(wire::check_origin(origin));
    scheduler_ = std::move(origin);
    return *scheduler_;
}

Result<net::Response> Session::send(std::string method, std::string url, net::HeaderMap headers, std::string body) const
{
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(url);
    request.headers = std::move(headers);
    request.body = std::move(body);
    return http.send(request, call());
}

Result<std::string> Session::get(const std::string& url) const
{
    TRY(auto response, http.get(url, net::deadline_in(std::chrono::seconds(30))));
    if (response.status != 200) return refusal(response, "GET " + url);
    return std::move(response.body);
}

std::unexpected<Error> refusal(const net::Response& response, const std::string& what)
{
    const ErrorKind kind = kind_of(response.status);
    if (const auto body = wire::parse_error_body(response.body))
        return fail(kind, interned(body->id), body->message + (body->fix.empty() ? "" : "; " + body->fix));
    const std::string said = legacy_message(response.body);
    return fail(kind, "service.refused",
                what + " was answered " + std::to_string(response.status) + (said.empty() ? "" : ": " + said));
}

}  // namespace iapp::cli
