#include "sms/service.hpp"

#include "sms/hub_facts.hpp"
#include "sms/internal/routes.hpp"
#include "sms/internal/schema.hpp"

namespace iapp::sms {
namespace {

Status check_signer(const wire::NetworkTrust& trust, const internal::Ledger& ledger)
{
    if (trust.ledger_signer == ledger.signer()) return {};
    return fail(ErrorKind::precondition_failed, "sms.ledger_signer",
                "the network document names ledger signer " + eth::to_checksum(trust.ledger_signer) +
                    ", this directory signs as " + eth::to_checksum(ledger.signer()));
}

Status check_ledger(store::Database& database, const internal::Ledger& ledger)
{
    TRY(store::Transaction transaction, database.read());
    return ledger.verify(transaction);
}

}  // namespace

struct Service::Impl {
    Impl(internal::StateDirectory owned, store::Database opened, internal::SecretStore secret_store,
         internal::Nonces nonce_maker, internal::Ledger log, internal::Appraiser evidence, const wire::Network& network,
         ChainFacts& facts, BlobSource& source, const Clock& time)
        : directory(std::move(owned)),
          database(std::move(opened)),
          secrets(std::move(secret_store)),
          nonces(std::move(nonce_maker)),
          ledger(std::move(log)),
          appraiser(std::move(evidence)),
          committer(database),
          parts{{{network.chain_id, network.contracts.hub, network.trust->dangerous_allow_simulated_tee, ledger.signer()},
                 facts,
                 source,
                 time,
                 database,
                 committer,
                 secrets,
                 nonces,
                 ledger,
                 appraiser,
                 refusals},
                counters,
                network.trust->agent_measurements.front()}
    {
    }

    Status count_secrets()
    {
        TRY(store::Transaction transaction, database.read());
        for (std::size_t i = 0; i < internal::kSecretKinds; ++i) {
            TRY(counters.initial.at(i), secrets.count(transaction, static_cast<internal::SecretKind>(i)));
        }
        return {};
    }

    internal::StateDirectory directory;
    std::unique_ptr<ChainFacts> own_chain;  ///< set when the service made its own
    std::unique_ptr<BlobSource> own_blobs;
    store::Database database;
    internal::SecretStore secrets;
    internal::Nonces nonces;
    internal::Ledger ledger;
    internal::Appraiser appraiser;
    internal::RefusalBudget refusals{};
    store::GroupCommitter committer;
    internal::Counters counters;
    internal::Parts parts;
};

Result<eth::Address> create_directory(const std::filesystem::path& directory)
{
    TRY_OK(internal::StateDirectory::create(directory));
    return ledger_signer(directory);
}

Result<eth::Address> ledger_signer(const std::filesystem::path& directory)
{
    TRY(const eth::Wallet wallet, internal::StateDirectory::load_ledger_wallet(directory));
    return wallet.address();
}

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& path, const wire::Network& network,
                                               ChainFacts& chain, BlobSource& blobs, const Clock& clock)
{
    TRY(const wire::NetworkTrust trust, wire::get_trust(network));
    TRY(internal::StateDirectory directory, internal::StateDirectory::open(path));
    TRY(eth::Wallet signer, internal::StateDirectory::load_ledger_wallet(path));
    TRY(std::vector<internal::MasterKey> keys, directory.load_master_keys());
    TRY(internal::SecretStore secrets, internal::SecretStore::open(std::move(keys)));
    TRY(internal::Nonces nonces, internal::Nonces::open(secrets.newest_key()));
    internal::Ledger ledger(std::move(signer), network.chain_id);
    TRY_OK(check_signer(trust, ledger));
    TRY(internal::Appraiser appraiser, internal::Appraiser::open(trust));
    TRY(store::Database database, store::Database::open(directory.database(), internal::migrations()));
    TRY_OK(check_ledger(database, ledger));
    auto impl = std::make_unique<Impl>(std::move(directory), std::move(database), std::move(secrets), std::move(nonces),
                                       std::move(ledger), std::move(appraiser), network, chain, blobs, clock);
    TRY_OK(impl->count_secrets());
    return std::unique_ptr<Service>(new Service(std::move(impl)));
}

Result<std::unique_ptr<Service>> Service::open(const std::filesystem::path& path, const wire::Network& network,
                                               const net::HttpClient& http, const Clock& clock)
{
    TRY_OK(internal::StateDirectory::check(path));
    TRY(auto chain, open_hub_facts(http, network, internal::StateDirectory::chain_database(path), clock));
    auto blobs = open_gateway_blobs(http, network.services);
    TRY(auto service, open(path, network, *chain, *blobs, clock));
    service->impl_->own_chain = std::move(chain);
    service->impl_->own_blobs = std::move(blobs);
    return service;
}

Service::Service(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Service::~Service() = default;

void Service::add_routes(net::HttpServer& server)
{
    internal::add_secret_routes(server, impl_->parts);
    internal::add_agent_routes(server, impl_->parts);
    internal::add_tee_routes(server, impl_->parts);
    internal::add_grant_routes(server, impl_->parts);
    internal::add_read_routes(server, impl_->parts);
}

}  // namespace iapp::sms
