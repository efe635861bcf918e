#pragma once
// The directory that holds everything secret: modes are checked before anything in it is read, one process owns it at a
// time. master.key: one line per key, "iapp-master-key/1 <id> <64 hex>"; two lines while a rekey is under way, the new key
// last.
#include <filesystem>
#include <vector>

#include "base/fixed_bytes.hpp"
#include "crypto/secret.hpp"
#include "eth/wallet.hpp"

namespace iapp::sms::internal {

using KeyId = FixedBytes<8, struct KeyIdTag>;

struct MasterKey {
    KeyId id;
    crypto::SecretBytes key;  ///< 32 bytes
};

MasterKey generate_master_key();

class StateDirectory {
public:
    /// Makes the directory and its two key files. Errors: conflict "sms.directory_exists"; unavailable "sms.io".
    static Status create(const std::filesystem::path& path);

    /// Checks owner and mode of the directory. Errors: precondition_failed "sms.mode"; unavailable "sms.io".
    static Status check(const std::filesystem::path& path);

    /// Checks the directory and takes the lock. Errors: precondition_failed "sms.mode", "sms.locked"; unavailable "sms.io".
    static Result<StateDirectory> open(const std::filesystem::path& path);

    StateDirectory(StateDirectory&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
    StateDirectory& operator=(StateDirectory&&) = delete;
    ~StateDirectory();

    /// One key, or two while a rekey is under way. Errors: corrupt "sms.key_file"; precondition_failed "sms.mode";
    /// unavailable "sms.io".
    Result<std::vector<MasterKey>> load_master_keys() const;
    /// Replaces the file at once: a crash leaves the old one or the new one. Errors: unavailable "sms.io".
    Status save_master_keys(const std::vector<MasterKey>& keys) const;

    /// Needs no lock. Errors: as load_master_keys().
    static Result<eth::Wallet> load_ledger_wallet(const std::filesystem::path& path);

    std::filesystem::path database() const { return path_ / "sms.db"; }
    static std::filesystem::path chain_database(const std::filesystem::path& path) { return path / "chain.db"; }

private:
    StateDirectory(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

    std::filesystem::path path_;
    int lock_;
};

}  // namespace iapp::sms::internal
