#include "sms/internal/schema.hpp"

namespace iapp::sms::internal {
namespace {

constexpr store::Migration kMigrations[] = {
    {"secrets, ledger, nonces, grants",
     R"(CREATE TABLE secrets (
            kind TEXT NOT NULL, holder BLOB NOT NULL, name TEXT NOT NULL,
            version INTEGER NOT NULL, message BLOB NOT NULL,
            key_id BLOB NOT NULL, nonce BLOB NOT NULL, sealed BLOB NOT NULL,
            PRIMARY KEY (kind, holder, name)) STRICT;
        CREATE TABLE superseded (message BLOB PRIMARY KEY) STRICT;
        CREATE TABLE ledger_leaves (position INTEGER PRIMARY KEY, leaf BLOB NOT NULL) STRICT;
        CREATE TABLE ledger_nodes (level INTEGER NOT NULL, position INTEGER NOT NULL, hash BLOB NOT NULL,
            PRIMARY KEY (level, position)) STRICT, WITHOUT ROWID;
        CREATE TABLE ledger_heads (size INTEGER PRIMARY KEY, root BLOB NOT NULL, timestamp INTEGER NOT NULL,
            signature BLOB NOT NULL) STRICT;
        CREATE TABLE used_nonces (nonce BLOB PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT;
        CREATE INDEX used_nonces_by_end ON used_nonces (expires_at);
        CREATE TABLE grant_policies (
            order_hash BLOB NOT NULL, dataset BLOB NOT NULL,
            not_after INTEGER NOT NULL, max_releases INTEGER NOT NULL, issued_at INTEGER NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (order_hash, dataset)) STRICT;
        CREATE TABLE grant_revocations (
            order_hash BLOB NOT NULL, dataset BLOB NOT NULL, issued_at INTEGER NOT NULL, signature BLOB NOT NULL,
            PRIMARY KEY (order_hash, dataset)) STRICT;
        CREATE TABLE releases (
            order_hash BLOB NOT NULL, dataset BLOB NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (order_hash, dataset)) STRICT;
        CREATE TABLE enclaves (
            task BLOB NOT NULL, address BLOB NOT NULL, leaf INTEGER NOT NULL,
            PRIMARY KEY (task, address)) STRICT;)"},
};

}  // namespace

std::span<const store::Migration> migrations() { return kMigrations; }

}  // namespace iapp::sms::internal
