#include "sms/internal/secret_store.hpp"

#include <algorithm>

#include "crypto/aead.hpp"
#include "crypto/kdf.hpp"
#include "crypto/random.hpp"

namespace iapp::sms::internal {
namespace {

using RecordNonce = FixedBytes<crypto::kAeadNonceSize, struct RecordNonceTag>;

constexpr std::array<std::string_view, kSecretKinds> kNames{"web3", "web2", "app", "requester"};
constexpr std::string_view kTable = "secrets";

void append_u64(Bytes& out, std::uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<std::uint8_t>(number >> shift));
}

void append_field(Bytes& out, ByteView field)
{
    append_u64(out, field.size());
    append(out, field);
}

/// table || key || version, each field with its length.
Bytes associated_data(const SecretKey& key, std::uint64_t version, const KeyId& key_id)
{
    Bytes out;
    out.reserve(128 + key.name.size());
    append_field(out, as_bytes(kTable));
    append_field(out, as_bytes(name(key.kind)));
    append_field(out, key.holder.bytes());
    append_field(out, as_bytes(key.name));
    append_field(out, key_id.bytes());
    append_u64(out, version);
    return out;
}

Result<crypto::SecretBytes> record_key(const MasterKey& master)
{
    return crypto::hkdf_sha256(master.key, {}, as_bytes("iapp-sms/records/1"), crypto::kAeadKeySize);
}

Result<bool> is_superseded(store::Transaction& transaction, const Hash256& message)
{
    TRY(store::Rows rows, transaction.query("SELECT 1 FROM superseded WHERE message = ?", message));
    return rows.next();
}

std::unexpected<Error> no_secret() { return fail(ErrorKind::not_found, "sms.no_secret", "no such secret is stored"); }

}  // namespace

std::string_view name(SecretKind kind) { return kNames.at(static_cast<std::size_t>(kind)); }

Result<SecretStore> SecretStore::open(std::vector<MasterKey> keys)
{
    std::vector<RecordKey> record_keys;
    for (const MasterKey& master : keys) {
        TRY(crypto::SecretBytes key, record_key(master));
        record_keys.push_back({master.id, std::move(key)});
    }
    TRY(auto newest, crypto::AeadContext::aes_256_gcm(record_keys.back().key));
    return SecretStore(std::move(keys), std::move(record_keys), std::move(newest));
}

/// Under the newest key.
Result<Bytes> SecretStore::seal(crypto::AeadNonce nonce, ByteView identity, ByteView value) const
{
    Bytes out(value.size() + crypto::kAeadTagSize);
    const std::lock_guard lock(sealer_->mutex);
    TRY_OK(sealer_->context.seal(nonce, identity, value, out));
    return out;
}

Result<const SecretStore::RecordKey*> SecretStore::find(const KeyId& id) const
{
    const auto found = std::ranges::find(record_keys_, id, &RecordKey::id);
    if (found == record_keys_.end())
        return fail(ErrorKind::corrupt, "sms.sealed_record", "a record is sealed under a key that master.key lacks");
    return &*found;
}

Result<bool> SecretStore::has(store::Transaction& transaction, const SecretKey& key) const
{
    TRY(store::Rows rows, transaction.query("SELECT 1 FROM secrets WHERE kind = ? AND holder = ? AND name = ?",
                                            internal::name(key.kind), key.holder, key.name));
    return rows.next();
}

Result<crypto::SecretBytes> SecretStore::open_row(store::Rows& rows, const SecretKey& key) const
{
    const auto version = static_cast<std::uint64_t>(rows.integer(0));
    TRY(const KeyId key_id, rows.id<KeyId>(1));
    TRY(const RecordNonce nonce, rows.id<RecordNonce>(2));
    TRY(const RecordKey* record_key, find(key_id));
    auto value =
        crypto::aes_256_gcm_open(record_key->key, nonce.bytes(), associated_data(key, version, key_id), rows.blob(3));
    if (!value)
        return fail(ErrorKind::corrupt, "sms.sealed_record", "a record does not open: wrong master key or changed bytes");
    return value;
}

Result<crypto::SecretBytes> SecretStore::get(store::Transaction& transaction, const SecretKey& key) const
{
    TRY(store::Rows rows,
        transaction.query("SELECT version, key_id, nonce, sealed FROM secrets WHERE kind = ? AND holder = ? AND name = ?",
                          internal::name(key.kind), key.holder, key.name));
    TRY(const bool found, rows.next());
    if (!found) return no_secret();
    return open_row(rows, key);
}

Result<std::optional<SecretStore::Record>> SecretStore::find_record(store::Transaction& transaction,
                                                                    const SecretKey& key) const
{
    TRY(store::Rows rows,
        transaction.query("SELECT version, message FROM secrets WHERE kind = ? AND holder = ? AND name = ?",
                          internal::name(key.kind), key.holder, key.name));
    TRY(const bool found, rows.next());
    if (!found) return std::optional<Record>{};
    TRY(const auto message, rows.id<Hash256>(1));
    return std::optional(Record{static_cast<std::uint64_t>(rows.integer(0)), message});
}

Result<bool> SecretStore::write(store::Transaction& transaction, const SecretKey& key, const Record& record, ByteView value,
                                IfThere if_there) const
{
    constexpr std::string_view kKeep =
        "INSERT INTO secrets (kind, holder, name, version, message, key_id, nonce, sealed) VALUES (?,?,?,?,?,?,?,?) "
        "ON CONFLICT (kind, holder, name) DO NOTHING";
    constexpr std::string_view kReplace =
        "INSERT OR REPLACE INTO secrets (kind, holder, name, version, message, key_id, nonce, sealed) VALUES "
        "(?,?,?,?,?,?,?,?)";
    const KeyId& key_id = record_keys_.back().id;
    const auto nonce = crypto::random_fixed<RecordNonce>();
    TRY(const Bytes sealed, seal(nonce.bytes(), associated_data(key, record.version, key_id), value));
    TRY(const std::int64_t written,
        transaction.run(if_there == IfThere::keep ? kKeep : kReplace, internal::name(key.kind), key.holder, key.name,
                        record.version, record.message, key_id, nonce, sealed));
    return written > 0;
}

Status SecretStore::insert(store::Transaction& transaction, const SecretKey& key, ByteView value,
                           const Hash256& message) const
{
    TRY(const bool is_new, write(transaction, key, {1, message}, value, IfThere::keep));
    if (is_new) return {};
    return fail(ErrorKind::conflict, "sms.secret_exists", "the secret is stored already and cannot be changed");
}

Status SecretStore::replace(store::Transaction& transaction, const SecretKey& key, ByteView value,
                            const Hash256& message) const
{
    TRY(const std::optional<Record> old, find_record(transaction, key));
    if (!old) return no_secret();
    if (old->message == message) return {};  // the value that is there already
    TRY(const bool replayed, is_superseded(transaction, message));
    if (replayed)
        return fail(ErrorKind::unauthenticated, "sms.replayed",
                    "this value was replaced before and cannot come back; use another value");
    TRY_OK(transaction.run("INSERT OR IGNORE INTO superseded (message) VALUES (?)", old->message));
    TRY_OK(write(transaction, key, {old->version + 1, message}, value, IfThere::replace));
    return {};
}

Result<std::uint64_t> SecretStore::count(store::Transaction& transaction, SecretKind kind) const
{
    TRY(store::Rows rows, transaction.query("SELECT count(*) FROM secrets WHERE kind = ?", internal::name(kind)));
    TRY_OK(rows.next());
    return static_cast<std::uint64_t>(rows.integer(0));
}

Result<std::uint64_t> SecretStore::reseal_some(store::Transaction& transaction, std::uint64_t limit) const
{
    struct Row {
        SecretKey key;
        Record record;
        crypto::SecretBytes value;
    };
    std::vector<Row> found;
    {
        TRY(store::Rows rows,
            transaction.query("SELECT version, key_id, nonce, sealed, kind, holder, name, message FROM secrets "
                              "WHERE key_id <> ? LIMIT ?",
                              keys_.back().id, limit));
        while (true) {
            TRY(const bool more, rows.next());
            if (!more) break;
            const auto kind = std::ranges::find(kNames, rows.text(4));
            if (kind == kNames.end()) return fail(ErrorKind::corrupt, "sms.sealed_record", "a record has an unknown kind");
            TRY(const auto holder, rows.id<eth::Address>(5));
            SecretKey key{static_cast<SecretKind>(kind - kNames.begin()), holder, rows.text(6)};
            TRY(crypto::SecretBytes value, open_row(rows, key));
            TRY(const auto message, rows.id<Hash256>(7));
            found.push_back({std::move(key), {static_cast<std::uint64_t>(rows.integer(0)), message}, std::move(value)});
        }
    }
    for (const Row& row : found)
        TRY_OK(write(transaction, row.key, row.record, row.value.reveal(crypto::SecretAccess{}), IfThere::replace));
    return found.size();
}

}  // namespace iapp::sms::internal
