// Rekey: write the new key beside the old one, seal every record anew, drop the old key. Each step is durable before the
// next begins, and each can be run again, so a kill at any moment leaves a state that opens and that rekey() finishes.
#include "sms/internal/schema.hpp"
#include "sms/internal/secret_store.hpp"
#include "sms/internal/state_directory.hpp"
#include "sms/service.hpp"

namespace iapp::sms {
namespace {

constexpr std::uint64_t kRecordsPerTransaction = 64;

Result<std::vector<internal::MasterKey>> two_keys(const internal::StateDirectory& directory)
{
    TRY(std::vector<internal::MasterKey> keys, directory.load_master_keys());
    if (keys.size() == 2) return keys;  // an earlier rekey was interrupted: go on with its key
    keys.push_back(internal::generate_master_key());
    TRY_OK(directory.save_master_keys(keys));
    return keys;
}

Status reseal_all(store::Database& database, const internal::SecretStore& secrets)
{
    while (true) {
        TRY(store::Transaction transaction, database.begin());
        TRY(const std::uint64_t done, secrets.reseal_some(transaction, kRecordsPerTransaction));
        TRY_OK(transaction.commit());
        if (done == 0) return {};
    }
}

}  // namespace

Status rekey(const std::filesystem::path& path)
{
    TRY(const internal::StateDirectory directory, internal::StateDirectory::open(path));
    TRY(std::vector<internal::MasterKey> keys, two_keys(directory));
    TRY(store::Database database, store::Database::open(directory.database(), internal::migrations()));
    TRY(const internal::SecretStore secrets, internal::SecretStore::open(std::move(keys)));
    TRY_OK(reseal_all(database, secrets));

    TRY(std::vector<internal::MasterKey> both, directory.load_master_keys());
    both.erase(both.begin());
    return directory.save_master_keys(both);
}

}  // namespace iapp::sms
