#pragma once
// The secret management service: keeps keys and secrets, and releases them to attested agents only. docs/key-release.md
// npm-compatible routes (/secrets, /apps, /requesters, /tee) and ours (/v1/agent, /v1/grants, /v1/ledger).
// It never holds an enclave's private key, and it never sends a secret in clear.
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "net/client.hpp"
#include "net/server.hpp"
#include "sms/chain_facts.hpp"
#include "wire/network.hpp"

namespace iapp::sms {

/// Makes the service's directory (0700) with a fresh master key and a fresh ledger key (0600 each).
/// Answers the ledger signer's address, which goes into the network document.
/// Errors: conflict "sms.directory_exists"; unavailable "sms.io".
Result<eth::Address> create_directory(const std::filesystem::path& directory);

/// The ledger signer of an existing directory. Errors: as Service::open().
Result<eth::Address> ledger_signer(const std::filesystem::path& directory);

/// Encrypts every record under a fresh master key. The service must not be running. Safe to kill and to run again.
/// Errors: precondition_failed "sms.locked", and those of Service::open().
Status rekey(const std::filesystem::path& directory);

class Service {
public:
    /// Opens the state in `directory` and talks to the network's nodes and gateway through `http`.
    /// Errors: precondition_failed "sms.mode" (directory or key file open to others), "sms.locked" (another process has it),
    ///         "sms.ledger_signer" (the network document names another signer); corrupt "sms.key_file", "sms.ledger";
    ///         store.*
    static Result<std::unique_ptr<Service>> open(const std::filesystem::path& directory, const wire::Network& network,
                                                 const net::HttpClient& http, const Clock& clock);

    /// As above with other sources of facts. All references must outlive the service.
    static Result<std::unique_ptr<Service>> open(const std::filesystem::path& directory, const wire::Network& network,
                                                 ChainFacts& chain, BlobSource& blobs, const Clock& clock);

    ~Service();
    Service(Service&&) = delete;

    /// Adds every route. The server must be stopped before the service is destroyed; it wants ServerOptions::cors.
    void add_routes(net::HttpServer& server);

private:
    struct Impl;
    explicit Service(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace iapp::sms
