// Step 3: prove what this is and what it will do, and receive the keys. The evidence is made once, for one nonce, one key
// pair and one task; the answer opens only with the key that the evidence names.
#include <mutex>
#include <set>

#include "agent/internal/bundle_check.hpp"
#include "agent/internal/steps.hpp"
#include "attest/report_data.hpp"
#include "crypto/hash.hpp"
#include "eth/signature.hpp"
#include "tee/measured_log.hpp"
#include "wire/errors.hpp"

namespace iapp::agent {
namespace {

constexpr std::size_t kMaxReplyBytes = 8u << 20;

/// A refusal keeps the service's own id, so that a worker and a requester see "policy.revoked" and not "http 403".
/// Reason ids live for ever; there is at most a handful in the life of an agent.
std::string_view keep(const std::string& id)
{
    static std::mutex mutex;
    static std::set<std::string> ids;
    const bool plain = !id.empty() && id.size() <= 64 &&
                       id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string::npos;
    if (!plain) return "agent.refused";
    const std::lock_guard lock(mutex);
    return *ids.insert(id).first;
}

std::unexpected<Error> refused(const net::Response& answer)
{
    const auto kind = answer.status >= 500 ? ErrorKind::unavailable : ErrorKind::permission_denied;
    const auto body = wire::parse_error_body(answer.body);
    if (!body) return fail(kind, "agent.refused", "the secret service answered " + std::to_string(answer.status));
    return fail(kind, keep(body->id), body->message + (body->fix.empty() ? "" : "; " + body->fix));
}

Result<std::string> post(const net::HttpClient& http, const std::string& url, std::string body, const net::CallContext& call)
{
    TRY(auto answer,
        http.send(
            {.method = "POST", .target = url, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)},
            call));
    if (!answer.is_success()) return refused(answer);
    if (answer.body.size() > kMaxReplyBytes)
        return fail(ErrorKind::corrupt, "agent.refused", "the secret service's answer is too large");
    return std::move(answer.body);
}

attest::Binding binding(const Assignment& task, const EnclaveKeys& keys, const wire::ReleaseNonce& nonce)
{
    const auto& config = task.config;
    return {.nonce = nonce.array(),
            .hpke_public_key = keys.hpke.public_key().array(),
            .enclave = keys.wallet.address(),
            .chain_id = config.chain_id,
            .hub = config.hub,
            .deal = Hash256(config.deal.bytes()),
            .task = Hash256(config.task.bytes())};
}

wire::ReleaseRequest make_request(const Assignment& task, const EnclaveKeys& keys, const wire::ReleaseNonce& nonce,
                                  attest::Evidence evidence, attest::EventLog log)
{
    const auto& config = task.config;
    return {.chain_id = config.chain_id,
            .hub = config.hub,
            .deal = config.deal,
            .task = config.task,
            .index = config.index,
            .worker = config.worker,
            .nonce = nonce,
            .hpke_public_key = keys.hpke.public_key(),
            .enclave_address = keys.wallet.address(),
            .evidence = std::move(evidence),
            .event_log = std::move(log)};
}

/// Whoever carries our words could seal an answer to our public key: only the service's own counts. The service compared the
/// signer we were told with its own before it released anything, so the machine's owner cannot tell us another.
Status check_sender(const wire::SealedReply& reply, const std::string& request_body, const wire::AgentConfig& config)
{
    const Hash256 digest = wire::reply_digest(config.chain_id, config.hub, request_body, reply.enc, reply.ciphertext);
    if (eth::verify(digest, reply.signature.bytes(), config.ledger_signer)) return {};
    return fail(ErrorKind::permission_denied, "agent.reply_signer",
                "the release was not signed by " + eth::to_checksum(config.ledger_signer) +
                    "; the address asked is not the network's secret service");
}

Result<wire::ReleaseBundle> open_reply(std::string_view reply_json, const std::string& request_body, const Assignment& task,
                                       const EnclaveKeys& keys)
{
    TRY(const auto sealed, wire::parse_sealed_reply(reply_json));
    TRY_OK(check_sender(sealed, request_body, task.config));
    const Hash256 aad = crypto::sha256(as_bytes(request_body));
    TRY(const auto text,
        crypto::hpke_open(keys.hpke, sealed.enc, wire::key_release_info(task.config.task), aad.bytes(), sealed.ciphertext));
    return wire::parse_release_bundle(text.reveal(crypto::SecretAccess{}));
}

}  // namespace

Result<attest::EventLog> measure(const Assignment& task, const AppImage& app, tee::EvidenceSource& tee)
{
    tee::MeasuredLog log(tee);
    const auto& config = task.config;
    TRY_OK(log.record(attest::op::kAgentConfig, to_bytes(task.config_line)));
    TRY_OK(log.record(attest::op::kAppImage, attest::image_payload(task.image_digest.sha256())));
    TRY_OK(log.record(attest::op::kAppManifest, to_bytes(app.manifest_label)));
    TRY_OK(log.record(attest::op::kDeal, attest::deal_payload(config.chain_id, config.hub, Hash256(config.deal.bytes()))));
    TRY_OK(log.record(attest::op::kTask, to_bytes(config.task.bytes())));
    TRY_OK(log.record(attest::op::kReady, {}));
    return log.entries();
}

Result<Admission> request_release(const Assignment& task, const EnclaveKeys& keys, attest::EventLog measured,
                                  const World& world, const net::CallContext& call)
{
    const auto& sms = task.config.sms_url;
    TRY(const auto nonce_json,
        post(world.http, sms + std::string(wire::kNoncePath), encode(wire::NonceRequest{task.config.task}), call));
    TRY(const auto nonce, wire::parse_nonce_reply(nonce_json));
    TRY(auto quote, world.tee.quote(attest::report_data(binding(task, keys, nonce.nonce))));
    attest::Evidence evidence{world.tee.kind(), std::move(quote)};

    const std::string body = encode(make_request(task, keys, nonce.nonce, evidence, measured));
    TRY(const auto reply, post(world.http, sms + std::string(wire::kReleasePath), body, call));
    TRY(auto bundle, open_reply(reply, body, task, keys));
    auto params = poco::parse_params(bundle.deal.params);
    TRY_OK(check_bundle(bundle, params, task, keys.wallet.address()));
    return Admission{std::move(bundle), std::move(params), nonce.nonce, std::move(evidence), std::move(measured)};
}

}  // namespace iapp::agent
