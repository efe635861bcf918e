// Writing and probing secrets, exactly as the npm clients do it: fixed messages, fixed statuses, 204 without a body.
// A message that was superseded by a later value is never accepted again, so a recorded PUT cannot roll a value back.
#include <algorithm>
#include <array>

#include "codec/utf8.hpp"
#include "poco/legacy_message.hpp"
#include "sms/internal/patience.hpp"
#include "sms/internal/routes.hpp"
#include "wire/sms_api.hpp"

namespace iapp::sms::internal {
namespace {

using net::CallContext;
using net::Request;
using net::Response;

/// What the four kinds do differently.
struct Style {
    bool json_errors;  ///< {"error":["..."]} instead of an empty body
    int too_large_status;
};
constexpr Style kSecretsStyle{false, 413};
constexpr Style kAppStyle{true, 413};
constexpr Style kRequesterStyle{true, 400};

constexpr std::string_view kInvalidAuthorization = "Invalid authorization";
constexpr std::string_view kTooLarge = "Secret size should not exceed 4 Kb";
constexpr std::string_view kExists = "Secret already exists";
constexpr std::string_view kNotFound = "Secret not found";
constexpr std::string_view kBadKey = "Secret key should contain at most 64 characters from [0-9A-Za-z-_]";

/// One write: which secret, what its writer signed, who has to be that writer.
struct Write {
    SecretKey key;
    Hash256 message;
    Style style;
};

struct Refused {
    Response answer;
    bool may_pass = false;  ///< what was asked for may be there in a moment
};

/// What may be written, or why not.
using Checked = std::expected<Write, Refused>;

Response status_only(const Style& style, int status, std::string_view message)
{
    if (!style.json_errors) return net::empty_response(status);
    return net::json_response(status, R"({"error":[")" + std::string(message) + R"("]})");
}

Response bad_request(std::string_view message)
{
    return net::json_response(400, R"({"error":[")" + std::string(message) + R"("]})");
}

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

/// Any case, no checksum demanded: the clients send what their user typed.
std::optional<eth::Address> address_of(std::optional<std::string_view> text)
{
    if (!text) return std::nullopt;
    const auto address = eth::Address::from_hex(*text);
    return address ? std::optional(*address) : std::nullopt;
}

class SecretHandlers {
public:
    explicit SecretHandlers(const Parts& parts) : parts_(parts) {}

    Response probe_web3(const Request& request) const
    {
        const auto address = address_of(request.query.find("secretAddress"));
        if (!address) return net::empty_response(400);
        return probe({SecretKind::web3, *address, ""}, kSecretsStyle);
    }

    Response probe_web2(const Request& request) const
    {
        const auto owner = address_of(request.query.find("ownerAddress"));
        const auto secret = request.query.find("secretName");
        if (!owner || !secret || secret->empty()) return net::empty_response(400);
        return probe({SecretKind::web2, *owner, lower(*secret)}, kSecretsStyle);
    }

    Response probe_app(const Request& request) const
    {
        const auto app = address_of(request.param("app"));
        if (!app) return net::empty_response(400);
        return probe({SecretKind::app, *app, "1"}, kAppStyle);
    }

    Response probe_requester(const Request& request) const
    {
        const auto requester = address_of(request.param("address"));
        if (!requester || !wire::is_requester_secret_key(request.param("key"))) return net::empty_response(400);
        return probe({SecretKind::requester, *requester, std::string(request.param("key"))}, kRequesterStyle);
    }

    Checked check_web3(const Request& request, const CallContext& context) const
    {
        const auto address = address_of(request.query.find("secretAddress"));
        if (!address) return refused(bad_request("secretAddress is not an address"));
        if (auto answer = incomplete(request)) return refused(*std::move(answer));
        const Write write{
            {SecretKind::web3, *address, ""}, poco::web3_secret_message(*address, request.body), kSecretsStyle};
        return check_owner(request, write, context);
    }

    Checked check_web2(const Request& request, const CallContext&) const
    {
        const auto owner = address_of(request.query.find("ownerAddress"));
        const auto secret = request.query.find("secretName");
        if (!owner || !secret || secret->empty()) return refused(bad_request("ownerAddress or secretName is missing"));
        if (auto answer = incomplete(request)) return refused(*std::move(answer));
        const Write write{{SecretKind::web2, *owner, lower(*secret)},
                          poco::web2_secret_message(*owner, *secret, request.body),
                          kSecretsStyle};
        if (signer_of(request, write.message) != *owner) return refused(write.style, 401, kInvalidAuthorization);
        return check_size(request, write);
    }

    Checked check_app(const Request& request, const CallContext& context) const
    {
        const auto app = address_of(request.param("app"));
        if (!app) return refused(bad_request("not an app address"));
        if (auto answer = incomplete(request)) return refused(*std::move(answer));
        const Write write{{SecretKind::app, *app, "1"}, poco::app_secret_message(*app, request.body), kAppStyle};
        return check_owner(request, write, context);
    }

    Checked check_requester(const Request& request, const CallContext&) const
    {
        const auto requester = address_of(request.param("address"));
        if (!requester) return refused(bad_request("not a requester address"));
        if (auto answer = incomplete(request)) return refused(*std::move(answer));
        const std::string key(request.param("key"));
        const Write write{{SecretKind::requester, *requester, key},
                          poco::requester_secret_message(*requester, key, request.body),
                          kRequesterStyle};
        if (signer_of(request, write.message) != *requester) return refused(write.style, 401, kInvalidAuthorization);
        if (!wire::is_requester_secret_key(key) || is_reserved(key)) return refused(write.style, 400, kBadKey);
        return check_size(request, write);
    }

    using Check = Checked (SecretHandlers::*)(const Request&, const CallContext&) const;
    using Act = void (SecretHandlers::*)(net::Pending, Write) const;

    void handle(net::Pending pending, Check check, Act act) const
    {
        Checked checked = (this->*check)(pending.request(), pending.context());
        if (checked || !checked.error().may_pass) return finish(std::move(pending), std::move(checked), act);
        const auto kept = std::make_shared<net::Pending>(std::move(pending));
        const bool waits = patience_.take([this, kept, check, act](bool is_last) {
            CallContext context = kept->context();
            context.deadline = std::min(context.deadline, net::deadline_in(Patience::kLongest));
            Checked again = (this->*check)(kept->request(), context);
            if (!again && again.error().may_pass && !is_last) return false;
            finish(std::move(*kept), std::move(again), act);
            return true;
        });
        if (!waits) finish(std::move(*kept), std::move(checked), act);
    }

    /// A secret that must not be there yet.
    void insert(net::Pending pending, Write write) const
    {
        const auto posted = std::make_shared<Posted>(parts_, std::move(write), std::move(pending));
        auto work = [posted](store::Transaction& transaction) -> Status {
            const auto& [parts, wanted, request] = *posted;
            return parts.release.secrets.insert(transaction, wanted.key, as_bytes(request.request().body), wanted.message);
        };
        auto done = [posted](const Status& status) {
            if (status) ++posted->parts.counters.added.at(static_cast<std::size_t>(posted->write.key.kind));
            posted->answer(status);
        };
        parts_.release.committer.post({std::move(work), std::move(done)});
    }

    /// A new value of a secret that is there.
    void replace(net::Pending pending, Write write) const
    {
        const auto posted = std::make_shared<Posted>(parts_, std::move(write), std::move(pending));
        auto work = [posted](store::Transaction& transaction) -> Status {
            const auto& [parts, wanted, request] = *posted;
            return parts.release.secrets.replace(transaction, wanted.key, as_bytes(request.request().body), wanted.message);
        };
        auto done = [posted](const Status& status) { posted->answer(status); };
        parts_.release.committer.post({std::move(work), std::move(done)});
    }

private:
    /// A write on its way to the disk. It may outlive the handlers, not the service.
    struct Posted {
        Parts parts;
        Write write;
        net::Pending pending;

        void answer(const Status& status) { std::move(pending).answer(outcome(write.style, status)); }
    };

    /// Requester and web2 messages have one form. Keeping the reserved web2 names out of requester keys means that
    /// no requester secret can be replayed as a result key or recipient.
    static bool is_reserved(std::string_view key)
    {
        const std::string name = lower(key);
        return name == wire::kResultKeySecret || name == wire::kResultRecipientSecret;
    }

    static std::optional<Response> incomplete(const Request& request)
    {
        if (!request.headers.has("authorization")) return bad_request("the Authorization header is missing");
        if (request.body.empty()) return bad_request("the body is empty");
        if (!codec::is_utf8(request.body)) return bad_request("the body is not UTF-8");
        return std::nullopt;
    }

    Response probe(const SecretKey& key, const Style& style) const
    {
        const auto found = [&]() -> Result<bool> {
            TRY(store::Transaction transaction, parts_.release.database.read());
            return parts_.release.secrets.has(transaction, key);
        }();
        if (!found) return net::error_response(found.error());
        return *found ? net::empty_response(204) : status_only(style, 404, kNotFound);
    }

    void finish(net::Pending pending, Checked checked, Act act) const
    {
        if (checked) (this->*act)(std::move(pending), *std::move(checked));
        else std::move(pending).answer(std::move(checked).error().answer);
    }

    static std::unexpected<Refused> refused(Response answer) { return std::unexpected(Refused{std::move(answer)}); }
    static std::unexpected<Refused> refused(const Style& style, int status, std::string_view message)
    {
        return refused(status_only(style, status, message));
    }

    /// Whoever owns the contract now may write its secret. A node that does not answer is an outage, not a refusal. The
    /// clients push a secret right after the contract was deployed, and a node, or a witness, may be a block behind theirs.
    Checked check_owner(const Request& request, const Write& write, const CallContext& context) const
    {
        const auto signer = signer_of(request, write.message);
        if (!signer) return refused(write.style, 401, kInvalidAuthorization);
        const auto owner = parts_.release.chain.owner_of(write.key.holder, context);
        if (!owner && is_outage(owner.error())) return refused(net::error_response(public_chain_error(owner.error())));
        const bool may_pass =
            !owner && (owner.error().kind == ErrorKind::not_found || owner.error().reason == kChainDisagrees);
        if (!owner || *owner != *signer || owner->is_zero())
            return std::unexpected(Refused{status_only(write.style, 401, kInvalidAuthorization), may_pass});
        return check_size(request, write);
    }

    static Checked check_size(const Request& request, const Write& write)
    {
        if (request.body.size() <= wire::kMaxSecretBytes) return write;
        return refused(write.style, write.style.too_large_status, kTooLarge);
    }

    static Response outcome(const Style& style, const Status& done)
    {
        if (done) return net::empty_response(204);
        switch (done.error().kind) {
            case ErrorKind::conflict:
                return status_only(style, 409, kExists);
            case ErrorKind::not_found:
                return status_only(style, 404, kNotFound);
            case ErrorKind::unauthenticated:
                return status_only(style, 401, kInvalidAuthorization);
            default:
                return net::error_response(done.error());
        }
    }

    Parts parts_;
    mutable Patience patience_;  ///< last: its thread uses the others
};

}  // namespace

void add_secret_routes(net::HttpServer& server, const Parts& parts)
{
    const auto handlers = std::make_shared<const SecretHandlers>(parts);
    server.route("HEAD", "/secrets/web3",
                 [handlers](const Request& r, const CallContext&) { return handlers->probe_web3(r); });
    server.route("HEAD", "/secrets/web2",
                 [handlers](const Request& r, const CallContext&) { return handlers->probe_web2(r); });
    server.route("HEAD", "/apps/{app}/secrets",
                 [handlers](const Request& r, const CallContext&) { return handlers->probe_app(r); });
    server.route("HEAD", "/requesters/{address}/secrets/{key}",
                 [handlers](const Request& r, const CallContext&) { return handlers->probe_requester(r); });
    const auto write = [&](std::string_view method, std::string_view pattern, SecretHandlers::Check check,
                           SecretHandlers::Act act) {
        server.route_late(method, pattern, [handlers, check, act](net::Pending pending) {
            handlers->handle(std::move(pending), check, act);
        });
    };
    using H = SecretHandlers;
    write("POST", "/secrets/web3", &H::check_web3, &H::insert);
    write("POST", "/secrets/web2", &H::check_web2, &H::insert);
    write("PUT", "/secrets/web2", &H::check_web2, &H::replace);
    write("POST", "/apps/{app}/secrets", &H::check_app, &H::insert);
    write("POST", "/requesters/{address}/secrets/{key}", &H::check_requester, &H::insert);
}

}  // namespace iapp::sms::internal
