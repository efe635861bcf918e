#include "sms_client.hpp"

#include "poco/legacy_message.hpp"

namespace iapp::cli {
namespace {

net::HeaderMap signed_headers(const Session& session, const Hash256& message)
{
    return {{"Content-Type", "text/plain"}, {"Authorization", hex0x(session.wallet().sign_personal(message).bytes())}};
}

Status push(const Session& session, std::string method, const std::string& path, const Hash256& message, std::string value,
            const std::string& what)
{
    TRY(const auto response, session.send(std::move(method), session.network.services.sms + path,
                                          signed_headers(session, message), std::move(value)));
    if (response.is_success()) return {};
    if (response.status == 409)
        return fail(ErrorKind::conflict, "sms.exists", what + " is already set and cannot be changed");
    if (response.status == 401)
        return fail(ErrorKind::unauthenticated, "sms.refused",
                    eth::to_checksum(session.me()) + " may not set " + what + "; sign with its owner's wallet");
    return refusal(response, "storing " + what);
}

std::string own_secret_path(const eth::Address& owner, std::string_view name)
{
    return "/secrets/web2?ownerAddress=" + eth::to_checksum(owner) + "&secretName=" + net::percent_encode(name);
}

Status post_json(const Session& session, const std::string& path, std::string body)
{
    TRY(const auto response,
        session.send("POST", session.network.services.sms + path, {{"Content-Type", "application/json"}}, std::move(body)));
    if (!response.is_success()) return refusal(response, "POST " + path);
    return {};
}

Result<bool> exists_at(const Session& session, const std::string& path, const std::string& what)
{
    TRY(const auto response, session.send("HEAD", session.network.services.sms + path, {}, {}));
    if (response.is_success()) return true;
    if (response.status == 404) return false;
    return refusal(response, "asking for " + what);
}

Result<std::string> requester_secret_path(const Session& session, const std::string& key)
{
    if (wire::is_requester_secret_key(key)) return "/requesters/" + eth::to_checksum(session.me()) + "/secrets/" + key;
    return fail(ErrorKind::invalid_input, "secret.name", "a secret's name is 1 to 64 letters, digits, - or _");
}

}  // namespace

Status push_dataset_key(const Session& session, const eth::Address& dataset, const crypto::SecretBytes& base64_key)
{
    std::string value = to_text(base64_key.reveal(crypto::SecretAccess{}));
    const auto message = poco::web3_secret_message(dataset, value);
    return push(session, "POST", "/secrets/web3?secretAddress=" + eth::to_checksum(dataset), message, std::move(value),
                "the key of dataset " + eth::to_checksum(dataset));
}

Result<bool> has_own_secret(const Session& session, const eth::Address& owner, std::string_view name)
{
    return exists_at(session, own_secret_path(owner, name), std::string(name));
}

Status push_own_secret(const Session& session, std::string_view name, const std::string& value)
{
    TRY(const bool exists, has_own_secret(session, session.me(), name));
    return push(session, exists ? "PUT" : "POST", own_secret_path(session.me(), name),
                poco::web2_secret_message(session.me(), name, value), value, "secret " + std::string(name));
}

Status push_app_secret(const Session& session, const eth::Address& app, const std::string& value)
{
    return push(session, "POST", "/apps/" + eth::to_checksum(app) + "/secrets", poco::app_secret_message(app, value), value,
                "the app's secret");
}

Status push_requester_secret(const Session& session, const std::string& key, const std::string& value)
{
    TRY(const auto path, requester_secret_path(session, key));
    return push(session, "POST", path, poco::requester_secret_message(session.me(), key, value), value, "secret " + key);
}

Result<bool> has_requester_secret(const Session& session, const std::string& key)
{
    TRY(const auto path, requester_secret_path(session, key));
    return exists_at(session, path, "secret " + key);
}

Status send_grant_policy(const Session& session, const wire::GrantPolicy& policy)
{
    const auto signature = session.wallet().sign(wire::signing_digest(policy, session.network.chain_id));
    return post_json(session, "/v1/grants/policy", wire::encode(wire::Signed<wire::GrantPolicy>{policy, signature}));
}

Status send_revocation(const Session& session, const wire::RevokeGrant& revocation)
{
    const auto signature = session.wallet().sign(wire::signing_digest(revocation, session.network.chain_id));
    return post_json(session, "/v1/grants/revoke", wire::encode(wire::Signed<wire::RevokeGrant>{revocation, signature}));
}

}  // namespace iapp::cli
