#pragma once
// Secrets at rest: AES-256-GCM under the master key, one fresh nonce per record, and the record's identity as AAD,
// so that a sealed value cannot be moved to another row, kind or version. Works inside the caller's transaction.
#include <memory>
#include <mutex>

#include "crypto/aead.hpp"
#include "crypto/secret.hpp"
#include "eth/address.hpp"
#include "sms/internal/state_directory.hpp"
#include "store/database.hpp"

namespace iapp::sms::internal {

enum class SecretKind : unsigned char { web3, web2, app, requester };
inline constexpr std::size_t kSecretKinds = 4;
std::string_view name(SecretKind kind);

/// Names one secret. Web2 names are compared without case: the caller hands them in lower case.
struct SecretKey {
    SecretKind kind;
    eth::Address holder;
    std::string name;  ///< "" for web3, "1" for app
};

class SecretStore {
public:
    /// `keys` newest last; records are written under the newest and read under any.
    /// Errors: those of crypto::hkdf_sha256.
    static Result<SecretStore> open(std::vector<MasterKey> keys);

    Result<bool> has(store::Transaction& transaction, const SecretKey& key) const;
    /// Errors: not_found "sms.no_secret"; corrupt "sms.sealed_record".
    Result<crypto::SecretBytes> get(store::Transaction& transaction, const SecretKey& key) const;
    /// `message` is what the writer signed. Errors: conflict "sms.secret_exists".
    Status insert(store::Transaction& transaction, const SecretKey& key, ByteView value, const Hash256& message) const;
    /// The message that set the old value is never accepted again: it has no expiry, so a recorded one could roll the value
    /// back. Errors: not_found "sms.no_secret"; unauthenticated "sms.replayed".
    Status replace(store::Transaction& transaction, const SecretKey& key, ByteView value, const Hash256& message) const;
    Result<std::uint64_t> count(store::Transaction& transaction, SecretKind kind) const;

    /// Seals up to `limit` records anew that are not under the newest key; answers how many it did.
    Result<std::uint64_t> reseal_some(store::Transaction& transaction, std::uint64_t limit) const;

    const crypto::SecretBytes& newest_key() const { return keys_.back().key; }

private:
    /// Records have their own key, so that nothing else derived from the master key meets the same cipher.
    struct RecordKey {
        KeyId id;
        crypto::SecretBytes key;
    };
    /// The newest record key, expanded once.
    struct Sealer {
        std::mutex mutex;
        crypto::AeadContext context;
        explicit Sealer(crypto::AeadContext c) : context(std::move(c)) {}
    };
    SecretStore(std::vector<MasterKey> keys, std::vector<RecordKey> record_keys, crypto::AeadContext newest)
        : keys_(std::move(keys)), record_keys_(std::move(record_keys)), sealer_(std::make_unique<Sealer>(std::move(newest)))
    {
    }
    Result<const RecordKey*> find(const KeyId& id) const;
    struct Record {
        std::uint64_t version;
        Hash256 message;
    };
    Result<std::optional<Record>> find_record(store::Transaction& transaction, const SecretKey& key) const;
    enum class IfThere : unsigned char { keep, replace };
    /// False when one is there and stays.
    Result<bool> write(store::Transaction& transaction, const SecretKey& key, const Record& record, ByteView value,
                       IfThere if_there) const;
    Result<crypto::SecretBytes> open_row(store::Rows& rows, const SecretKey& key) const;
    Result<Bytes> seal(crypto::AeadNonce nonce, ByteView identity, ByteView value) const;

    std::vector<MasterKey> keys_;
    std::vector<RecordKey> record_keys_;  ///< of each, in the same order
    std::unique_ptr<Sealer> sealer_;
};

}  // namespace iapp::sms::internal
